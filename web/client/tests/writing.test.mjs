// What writing does without a page: checks before sending, mailto:, addresses as they are typed, quoting.
import assert from "node:assert/strict";
import { test } from "node:test";
import { canRequire, lacksAttachment, outside, ownWords } from "../webmail/checks";
import { wish } from "../webmail/mailto";
import { htmlOf } from "../webmail/quoted";
import { completed, isWhole, piece, written } from "../webmail/typed";

test("a forgotten attachment is noticed in what the author wrote, and nowhere else", () => {
  for (const [subject, text, files, lacks] of [
    ["", "See the attached file.", 0, true], ["", "See the attached file.", 1, false], ["Plan attached", "", 0, true],
    ["Re: Plan attached", "Thanks!", 0, false], ["", "Im Anhang der Plan", 0, true], ["", "Anbei alles", 0, true], ["", "Ci-joint le plan", 0, true],
    ["", "Thanks!\n> I have attached it\n", 0, false], ["", "Hello\n-- \nAttachments welcome", 0, false], ["", "I am detached", 0, false],
    ["", "x\n---------- Forwarded message ----------\nsee attached", 0, false], ["", "", 0, false],
  ]) assert.equal(lacksAttachment(subject, text, files), lacks, `${subject}|${text}`);
  assert.equal(ownWords("a\n> b\nc\n-- \nd"), "a\nc");
});

test("who is outside", () => {
  assert.deepEqual(outside(["a@Here.example", "b@there.example", "\"x@y\"@here.example"], ["me@here.example"]), ["b@there.example"]);
});

test("protection is required by itself only where that is safe", () => {
  const proven = { way: "verified", requiretls: true, bars: [true, true, false, false, true] };
  const dane = { way: "verified", requiretls: true, bars: [true, false, true, true, true] };
  const here = { way: "here", requiretls: true, bars: [null, null, null, null, null] };
  const other = { way: "verified", requiretls: true, bars: [true, null, true, null, true] };
  for (const [ways, inList, wanted] of [
    [[proven], false, true], [[proven, dane, here], false, true], [[proven], true, false], [[proven, other], false, false],
    [[here], false, false], [[], false, false], [[{ ...proven, requiretls: false }], false, false],
  ]) assert.equal(canRequire(ways, inList), wanted);
});

test("links to addresses", () => {
  const empty = { to: "", cc: "", bcc: "", subject: "", text: "" };
  for (const [link, wanted] of [
    ["mailto:a@b.example", { to: "a@b.example" }], ["MAILTO:a@b.example,c@d.example?cc=e%40f.example", { to: "a@b.example, c@d.example", cc: "e@f.example" }],
    ["mailto:?to=a@b.example&subject=Gr%C3%BC%C3%9Fe&body=one%0D%0Atwo", { to: "a@b.example", subject: "Grüße", text: "one\ntwo" }],
    ["mailto:a@b.example?subject=x%0D%0ABcc:%20evil@c.example", { to: "a@b.example", subject: "x Bcc: evil@c.example" }],
    ["mailto:a@b.example?BCC=c@d.example&amp;Subject=x", { to: "a@b.example", bcc: "c@d.example", subject: "x" }],
    ["mailto:gorby%25kremvax@b.example", { to: "gorby%kremvax@b.example" }], ["mailto:%22not%40me%22@b.example", { to: "\"not@me\"@b.example" }],
    ["mailto:a%2Cb@c.example", { to: "\"a,b\"@c.example" }], ["mailto:a+b@c.example?subject=1+1", { to: "a+b@c.example", subject: "1+1" }],
    ["mailto:a@b.example?attach=/etc/passwd&from=x@y.example&in-reply-to=%3Cx%3E", { to: "a@b.example" }], ["mailto:a@b.example?body=%E0%A4%A", { to: "a@b.example", text: "%E0%A4%A" }],
    ["mailto:?", {}],
  ]) assert.deepEqual(wish(link), { ...empty, ...wanted }, link);
  assert.equal(wish("javascript:alert(1)"), null);
});

test("the recipient that is being typed", () => {
  for (const [text, word] of [
    ["ann", "ann"], ["ann@b.example, bo", "bo"], ['"Night, Carla" <c@d.example>, bo', "bo"], ['"Night, Ca', '"Night, Ca'], ["a; b", "b"], ["a, ", ""], ["x (a, b) y", "x (a, b) y"],
    ["a\nb", "b"], ['"a\\", b', '"a\\", b'],
  ]) assert.equal(piece(text, text.length).word, word, text);
  assert.equal(piece("ann, bob, carl", 7).word, "bob");
});

test("a suggestion in its place", () => {
  const bob = { name: "Bob", address: "bob@b.example" };
  for (const [text, cursor, wanted] of [
    ["bo", 2, "Bob <bob@b.example>, "], ["ann@a.example, bo", 17, "ann@a.example, Bob <bob@b.example>, "], ["bo, carl@c.example", 2, "Bob <bob@b.example>, carl@c.example"],
  ]) {
    const done = completed(text, piece(text, cursor), bob);
    assert.equal(done.text, wanted);
    assert.equal(done.text.slice(0, done.cursor).endsWith("Bob <bob@b.example>, "), true);
  }
  assert.equal(written({ name: 'Night, "C"', address: "c@d.example" }), '"Night, \\"C\\"" <c@d.example>');
  assert.equal(written({ name: "", address: "c@d.example" }), "c@d.example");
  assert.deepEqual(["a@b.example", "A <a@b.example>", "a@b", "a@", "ann"].map(isWhole), [true, true, false, false, false]);
});

test("text as HTML says the same", () => {
  for (const [text, html] of [
    ["a\n\nb", "<div>a</div><div><br></div><div>b</div>"], ["> a\n>> b\n> c\nd", "<blockquote><div>a</div><blockquote><div>b</div></blockquote><div>c</div></blockquote><div>d</div>"],
    ["<script>alert(1)</script>", "<div>&lt;script&gt;alert(1)&lt;/script&gt;</div>"], ["a  b", "<div>a\u00a0 b</div>"],
    ['see https://a.example/?x=1&y="2".', '<div>see <a href="https://a.example/?x=1&amp;y=">https://a.example/?x=1&amp;y=</a>&quot;2&quot;.</div>'],
    ["(https://a.example/b).", '<div>(<a href="https://a.example/b">https://a.example/b</a>).</div>'], ["javascript:x", "<div>javascript:x</div>"],
  ]) assert.equal(htmlOf(text), html, text);
});
