// Notices of new mail: what is shown of what the server sent, where a click leads, and when a browser is told anew.
import assert from "node:assert/strict";
import test from "node:test";
import { base64url, octets, placeOf, read, shownAs } from "../webmail/news.ts";
import { step } from "../webmail/pushing.ts";

const NEWS = { account: "ann", message: 12, mailbox: 3, others: 0, unread: 4, from: "Carl", subject: "Hello", proven: true };
const shown = (given) => shownAs(read(JSON.stringify({ ...NEWS, ...given })));

test("sender, subject, and whose mail it is", () => {
  assert.deepEqual(shown({}), { title: "Carl", options: { body: "Hello\nfor ann", tag: "mail-12", icon: "/static/icon.png", data: { hash: "#box/3/12" } } });
  assert.equal(shown({ others: 1 }).options.body, "Hello\nand one more message\nfor ann");
  assert.equal(shown({ others: 2, proven: false, subject: "" }).options.body, "(no subject)\nThe sender is not proven.\nand 2 more messages\nfor ann");
  assert.equal(shown({ from: "" }).title, "(nobody)");
});

test("nothing of it where that was chosen", () => {
  const { title, options } = shownAs(read('{"account": "ann", "message": 12, "mailbox": 3, "others": 0, "unread": 1}'));
  assert.deepEqual([title, options.body, options.data.hash], ["New mail", "One unread message in the Inbox\nfor ann", "#box/3/12"]);
});

test("a trial", () => {
  assert.deepEqual(shownAs(read('{"account": "ann", "test": true}')), { title: "It works", options: { body: "New mail for ann will show like this.", tag: "test", icon: "/static/icon.png", data: { hash: "" } } });
});

test("whatever is sent, something is shown, since browsers want that", () => {
  for (const text of ["", "{", "null", "[]", "7", '"x"', '{"message": "<b>", "mailbox": -1, "unread": 1e99, "from": {}, "subject": [], "proven": "yes", "test": 1}']) {
    const { title, options } = shownAs(read(text));
    assert.deepEqual([title, options.body, options.data.hash], ["New mail", "", ""], text);
  }
  assert.ok(shown({ subject: "x".repeat(9_000) }).options.body.length < 600);
});

test("a click leads into the webmail or nowhere", () => {
  assert.equal(placeOf({ hash: "#box/3/12" }), "#box/3/12");
  for (const data of [null, undefined, 7, "#box/3/12", {}, { hash: 7 }, { hash: "https://evil.test/" }, { hash: "#box/3/12/../x" }, { hash: "#search/x" }, { hash: "#box/3/" + "1".repeat(99) }]) assert.equal(placeOf(data), "");
});

test("keys go there and back", () => {
  const key = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
  assert.equal(octets(key).length, 65);
  assert.equal(base64url(octets(key).buffer), key);
  assert.equal(base64url(null), "");
});

test("as it was chosen", () => {
  const kept = { account: 1, session: 100, endpoint: "https://push.test/a" };
  const facts = { kept, account: 1, session: 100, permission: "granted", endpoint: "https://push.test/a", known: true };
  const cases = [
    [{}, "nothing"], [{ kept: null }, "nothing"], [{ account: 2, known: false }, "nothing"],
    [{ permission: "denied" }, "end"], [{ permission: "default" }, "end"],
    [{ endpoint: "", known: false }, "subscribe"], [{ endpoint: "" }, "subscribe"],
    [{ endpoint: "https://push.test/b" }, "tell"],
    [{ known: false }, "end"],                      // switched off on another device
    [{ known: false, session: 200 }, "tell"],       // signed in anew
  ];
  for (const [given, wanted] of cases) assert.equal(step({ ...facts, ...given }), wanted, JSON.stringify(given));
});
