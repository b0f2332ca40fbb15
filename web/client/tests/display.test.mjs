// What was kept of the reader's choices, whatever it is.
import assert from "node:assert/strict";
import test from "node:test";
import { USUAL, understood } from "../webmail/display.ts";

test("nothing, or nonsense, is as usual", () => {
  for (const text of ["", "{", "null", "[]", "7", '{"layout": "upside down", "panes": {"x": "wide", "y": -1}, "searches": [null, {"name": 1}]}']) assert.deepEqual(understood(text), USUAL, text);
});

test("what was chosen stays", () => {
  const chosen = { layout: "below", threads: "unread", order: "largest", columns: ["size"], html: true, keys: false, panes: { "large-side": 300 }, searches: [{ name: "a", query: "b" }] };
  assert.deepEqual(understood(JSON.stringify(chosen)), chosen);
});
