// Lists that change while they are shown: order, conversations, and when they have to be read again.
import assert from "node:assert/strict";
import test from "node:test";
import { Rows } from "../webmail/rows.ts";
import { House } from "./house.mjs";

const message = (id, thread = id, flags = []) => ({ id, mailbox_id: 1, thread_id: thread, received: id, flags, keywords: [], from: [], to: [], subject: "", preview: "", date: null, size: 1, attachments: 0 });
let modseq = 0;
const next = (change) => ({ ...change, modseq: (modseq += 1) });
const added = (one) => next({ type: "message_added", message: one });
const removed = (id, mailbox_id = 1) => next({ type: "message_removed", mailbox_id, message_id: id });
/** A list of conversations that has been read to its end: nothing is in it yet. */
const conversations = async () => {
  const house = new House();
  house.modseq = 0;
  const rows = new Rows({ mailbox: 1 }, { order: "newest", threads: "on" });
  await rows.open();
  modseq = 0;
  return rows;
};
const ids = (rows) => rows.rows.map((row) => row?.id);

test("a message takes its place by time", () => {
  const rows = new Rows({ mailbox: 1 });
  for (const id of [3, 1, 2]) assert.ok(rows.apply(added(message(id))));
  assert.deepEqual(ids(rows), [3, 2, 1]);
  assert.ok(rows.apply(removed(2)));
  assert.deepEqual(ids(rows), [3, 1]);
  assert.ok(rows.apply(removed(3, 9)));
  assert.deepEqual(ids(rows), [3, 1]);
});

test("in another order a new message has to be looked up", () => {
  assert.equal(new Rows({ mailbox: 1 }, { order: "largest", threads: "off" }).apply(added(message(1))), false);
});

test("a conversation has one line, with counts", async () => {
  const rows = await conversations();
  for (const one of [message(1, 7), message(2), message(3, 7, ["\\Seen"])]) assert.ok(rows.apply(added(one)));
  assert.deepEqual(ids(rows), [3, 2]);
  assert.deepEqual(rows.heads.get(7), { total: 2, unread: 1 });
  assert.ok(rows.apply(added(message(0, 7))), "an older one changes the counts only");
  assert.deepEqual(ids(rows), [3, 2]);
  assert.deepEqual(rows.heads.get(7), { total: 3, unread: 2 });
});

test("a conversation whose newest goes is read again; one that is empty is not", async () => {
  const rows = await conversations();
  for (const one of [message(1, 7), message(2), message(3, 7)]) rows.apply(added(one));
  assert.ok(rows.apply(removed(2)));
  assert.equal(rows.apply(removed(3)), false);
});

test("flags of a line that is shown are counted; of another the list is read again", async () => {
  const rows = await conversations();
  rows.apply(added(message(1, 7)));
  const seen = next({ type: "message_flags", mailbox_id: 1, message_id: 1, flags: ["\\Seen"], keywords: [] });
  assert.ok(rows.apply(seen));
  assert.deepEqual(rows.heads.get(7), { total: 1, unread: 0 });
  assert.equal(rows.apply(next({ ...seen, message_id: 99 })), false);
});

test("a new message takes its place among conversations, not within an open one", async () => {
  const rows = await conversations();
  for (const one of [message(1, 7), message(6, 6), message(10, 7)]) rows.apply(added(one));
  await rows.toggle(7);
  assert.ok(rows.apply(added(message(3, 7))));
  assert.deepEqual(ids(rows), [10, 3, 6], "the conversation is open: what comes into it is shown");
  assert.ok(rows.apply(added(message(5))));
  assert.deepEqual(ids(rows), [10, 3, 6, 5]);
});

test("of a long list what is far away is forgotten, and its places stay", async () => {
  const house = new House();
  for (let left = 100_000; left > 0; left -= 1) house.add(1);
  house.untold = [];
  const rows = new Rows({ mailbox: 1 });
  await rows.open();
  for (let at = 0; at < 100_000; at += 40) await rows.need(at, at + 40);
  assert.equal(rows.length, 100_000);
  assert.ok(rows.count <= 2_100, `${rows.count} rows are kept`);
  await rows.need(50, 60);
  assert.equal(rows.rows[55].id, 100_000 - 55);
  assert.equal(rows.find(100_000 - 55), 55);
});

test("what comes and goes below what was read moves nothing that is shown, and asks for nothing", async () => {
  const house = new House();
  for (let left = 1_000; left > 0; left -= 1) house.add(1);
  house.untold = [];
  const rows = new Rows({ mailbox: 1 });
  await rows.open();
  const shown = ids(rows).slice(0, 100);
  house.add(1, 5.5);
  house.remove(7);
  house.remove(8);
  for (const change of house.told().changes) assert.ok(rows.apply(change));
  assert.equal(rows.length, 999);
  assert.deepEqual(ids(rows).slice(0, 100), shown);
  await rows.need(900, 998);
  assert.deepEqual(ids(rows).slice(900), house.list(1).slice(900).map((one) => one.id));
  assert.deepEqual(house.asked, ["page", "page"]);
});
