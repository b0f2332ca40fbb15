// Lists that change while they are shown: order, conversations, and when they have to be read again.
import assert from "node:assert/strict";
import test from "node:test";
import { Rows } from "../webmail/rows.ts";

const message = (id, thread = id, flags = []) => ({ id, mailbox_id: 1, thread_id: thread, received: id, flags, keywords: [], from: [], to: [], subject: "", preview: "", date: null, size: 1, attachments: 0 });
const added = (one) => ({ type: "message_added", modseq: 1, message: one });
const ids = (rows) => rows.rows.map((row) => row?.id);

test("a message takes its place by time", () => {
  const rows = new Rows({ mailbox: 1 });
  for (const id of [3, 1, 2]) assert.ok(rows.apply(added(message(id))));
  assert.deepEqual(ids(rows), [3, 2, 1]);
  assert.ok(rows.apply({ type: "message_removed", modseq: 2, mailbox_id: 1, message_id: 2 }));
  assert.deepEqual(ids(rows), [3, 1]);
  assert.ok(rows.apply({ type: "message_removed", modseq: 2, mailbox_id: 9, message_id: 3 }));
  assert.deepEqual(ids(rows), [3, 1]);
});

test("in another order a new message has to be looked up", () => {
  assert.equal(new Rows({ mailbox: 1 }, { order: "largest", threads: "off" }).apply(added(message(1))), false);
});

test("a conversation has one line, with counts", () => {
  const rows = new Rows({ mailbox: 1 }, { order: "newest", threads: "on" });
  for (const one of [message(1, 7), message(2), message(3, 7, ["\\Seen"])]) assert.ok(rows.apply(added(one)));
  assert.deepEqual(ids(rows), [3, 2]);
  assert.deepEqual(rows.heads.get(7), { total: 2, unread: 1 });
  assert.ok(rows.apply(added(message(0, 7))), "an older one changes the counts only");
  assert.deepEqual(ids(rows), [3, 2]);
  assert.deepEqual(rows.heads.get(7), { total: 3, unread: 2 });
});

test("a conversation whose newest goes is read again; one that is empty is not", () => {
  const rows = new Rows({ mailbox: 1 }, { order: "newest", threads: "on" });
  for (const one of [message(1, 7), message(2), message(3, 7)]) rows.apply(added(one));
  assert.ok(rows.apply({ type: "message_removed", modseq: 2, mailbox_id: 1, message_id: 2 }));
  assert.equal(rows.apply({ type: "message_removed", modseq: 2, mailbox_id: 1, message_id: 3 }), false);
});

test("flags of a line that is shown are counted; of another the list is read again", () => {
  const rows = new Rows({ mailbox: 1 }, { order: "newest", threads: "on" });
  rows.apply(added(message(1, 7)));
  const seen = { type: "message_flags", modseq: 2, mailbox_id: 1, message_id: 1, flags: ["\\Seen"], keywords: [] };
  assert.ok(rows.apply(seen));
  assert.deepEqual(rows.heads.get(7), { total: 1, unread: 0 });
  assert.equal(rows.apply({ ...seen, message_id: 99 }), false);
});
