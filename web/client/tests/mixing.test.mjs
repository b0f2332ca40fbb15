// Words that mix scripts; tests/message/test_scripts.py promises the same of the server.
import assert from "node:assert/strict";
import test from "node:test";
import { mixes, pieces } from "../mixing.ts";

test("a letter of another script within a word", () => {
  for (const word of ["p\u0430ypal", "\u0440ay", "g\u03bfogle", "Янд\u0065кс"]) {
    assert.ok(mixes(word), word);
    assert.deepEqual(pieces(`see ${word}, now`), [["see ", false], [word, true], [", now", false]]);
  }
});

test("languages as they are written", () => {
  for (const text of ["plain words", "Größe naïve Čapek", "Привет мир", "日本語のカタカナ ひらがな", "한국어 漢字", "καλημέρα", "hello мир", "x² été", ""]) {
    assert.deepEqual(pieces(text), [[text, false]], text);
  }
});

test("nothing is lost", () => {
  for (const text of ["\u0430b", "x \u0430b", "\u0430b\u0430b \u0430", "a\u0301\u0430"]) assert.equal(pieces(text).map(([piece]) => piece).join(""), text);
});
