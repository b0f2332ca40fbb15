// Answers are checked as they come in; a bad line is tried again where that does no harm.
import assert from "node:assert/strict";
import test from "node:test";
import { webmail } from "../api.ts";

const answers = (...given) => {
  const asked = [];
  globalThis.fetch = async (path) => {
    asked.push(path);
    const next = given.shift();
    if (next === undefined) throw new TypeError("no line");
    return new Response(JSON.stringify(next), { status: next.error ? 400 : 200 });
  };
  return asked;
};

test("what is not as agreed is refused, and said where", async () => {
  answers({ result: [{ id: "1" }] });
  await assert.rejects(webmail.mailboxes(), { code: "server:unexpected", message: /Mailbox\.id/ });
  answers({ result: "x" });
  await assert.rejects(webmail.mailboxes(), { code: "server:unexpected" });
  answers({ result: [] });
  assert.deepEqual(await webmail.mailboxes(), []);
});

test("errors are passed on", async () => {
  answers({ error: { code: "user:notFound", message: "gone", place: "" } });
  await assert.rejects(webmail.message({ id: 1 }), { code: "user:notFound", message: "gone" });
});

test("reading is tried again, sending is not", async () => {
  const asked = answers(undefined, { result: [] });
  assert.deepEqual(await webmail.mailboxes(), []);
  assert.equal(asked.length, 2);
  const sent = answers();
  await assert.rejects(webmail.mailbox_add({ name: "x" }), { code: "server:unreachable" });
  assert.equal(sent.length, 1);
});
