// What the search box proposes, and what the form makes.
import assert from "node:assert/strict";
import test from "node:test";
import { completed, fromForm, lastWord, proposals, quoted, whose } from "../webmail/grammar.ts";

const known = { people: ["ann@example.org", "joanna@example.net"], labels: ["Work", "to do"], mailboxes: ["Inbox", "Clients/Blue Lorry"] };
const words = (text) => proposals(text, known).map((one) => one.word);

test("whose name is being typed", () => {
  assert.deepEqual(["from:an", '-to:"Blue Lo', "an", "from:", "in:an", "to:x done "].map(whose), ["an", "Blue Lo", "", "", "", ""]);
});

test("the word that is being typed", () => {
  assert.equal(lastWord('invoice from:an').word, "from:an");
  assert.equal(lastWord('in:"Blue Lo').word, 'in:"Blue Lo');
  assert.equal(lastWord("done ").word, "");
});

test("names, then values", () => {
  assert.deepEqual(words("x fr"), ["from:"]);
  assert.deepEqual(words("-fr"), ["-from:"]);
  assert.deepEqual(words("from:ann"), ["from:ann@example.org", "from:joanna@example.net"]);
  assert.deepEqual(words("in:blue"), ['in:"Clients/Blue Lorry"']);
  assert.deepEqual(words("-label:"), ["-label:Work", '-label:"to do"']);
  assert.deepEqual(words("is:unr"), ["is:unread"]);
  for (const nothing of ["", "x ", "nothing:x", "is:unread"]) assert.deepEqual(words(nothing), []);
});

test("a proposal takes the place of what was typed", () => {
  assert.equal(completed("march fr", { word: "from:", meaning: "" }), "march from:");
  assert.equal(completed("march from:a", { word: "from:ann@example.org", meaning: "" }), "march from:ann@example.org ");
});

test("the form as a query", () => {
  assert.equal(fromForm({}), "");
  assert.equal(
    fromForm({ words: "one two", phrase: "blue lorry", without: "draft", from: "ann", in: "Clients/Blue Lorry", larger: "2M", attachment: true, unread: true }),
    'one two "blue lorry" -draft from:ann in:"Clients/Blue Lorry" larger:2M has:attachment is:unread');
  assert.equal(quoted('a "b'), '"a b"');
});
