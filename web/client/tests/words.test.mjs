// Words with values: numbers, plurals, and names that are written from the other side.
import assert from "node:assert/strict";
import { test } from "node:test";
import { backups, inside } from "../words/admin/backups";
import { queue } from "../words/admin/queue";
import { forwarding, masks } from "../words/account/mail";
import { around, isolated, many, say } from "../words/phrase";
import { t } from "../words/reading";
import { r } from "../words/rules";
import { s } from "../words/shared";
import { w } from "../words/writing";

test("plurals and numbers", () => {
  assert.deepEqual([0, 1, 2, 1_000].map(s.messages), ["0 messages", "1 message", "2 messages", `${(1_000).toLocaleString()} messages`]);
  assert.equal(many(1, { other: "so many" }), "so many");
  assert.equal(t.blocked(1).startsWith("One thing from elsewhere"), true);
  assert.equal(t.removed(1), "1 message removed.");
  assert.equal(t.moved("Archive")(2), "2 messages moved to Archive.");
  assert.equal(w.external(["a@b.example"], 0), "This goes outside of your own domains, to a@b.example.");
  assert.equal(w.external(["a@b.example", "c@d.example"], 3), "This goes outside of your own domains, to a@b.example, c@d.example and 3 more.");
  assert.equal(w.contact.imported(1, 2, 0, ""), "1 new, 2 replaced.");
  assert.deepEqual([0, 1, 2].map((count) => r.tried(count, 10).split(".")[0]), ["None of the newest 10 messages fit", "1 of the newest 10 messages fits", "2 of the newest 10 messages fit"]);
});

test("a name keeps its direction, and the words around it theirs", () => {
  assert.equal(say`Write to ${"Ann"}`, "Write to Ann");
  assert.equal(say`Write to ${"\u05d3\u05e0\u05d4"}.`, "Write to \u2068\u05d3\u05e0\u05d4\u2069.");
  // Neither can it turn them around, nor end its isolation.
  assert.equal(isolated("a\u202egpj.exe"), "\u2068agpj.exe\u2069");
  assert.equal(isolated("a\u2069\u202eb"), "\u2068ab\u2069");
});

test("words around things of the page", () => {
  const time = { called: "time" };
  assert.deepEqual(around`since ${time} by ${1_000} of ${"\u05d3\u05e0\u05d4"}.`, ["since ", time, " by ", (1_000).toLocaleString(), " of ", "\u2068\u05d3\u05e0\u05d4\u2069", "."]);
  assert.deepEqual(around`${time}`, [time]);
  assert.deepEqual(forwarding.counts(3, time, 1, "it was too large"), ["3", " forwarded, the last one ", time, "; ", "1 kept here only, the last one because it was too large."]);
  assert.deepEqual(forwarding.counts(0, null, 0, ""), ["0 forwarded; ", "0 kept here only."]);
  assert.deepEqual(masks.sinceLast("2026-03-01", "2 received", time), ["made ", "2026-03-01", ", ", "2 received", ", last ", time]);
});

test("one and many", () => {
  assert.deepEqual([1, 2].map((count) => backups.cameBack(count)), ["One message came back", "2 messages came back"]);
  assert.equal(backups.cameBackOf(1, 4), "One message came back, 4 were still there");
  assert.equal(inside.giving(2, "ann", "2026-03-01 10:00"), "2 messages of ann as on 2026-03-01 10:00.");
  assert.deepEqual([1, 2].map(queue.dropSome), ["One recipient will never get the message.", "2 recipients will never get the message."]);
});
