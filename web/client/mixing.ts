// Words that switch from one script to another within, as a disguise does; mta/message/scripts.py says the same.

/** Scripts that are looked for; those of one entry are written side by side in one language. */
const SCRIPTS = ["Latin", "Cyrillic", "Greek", "Armenian", "Hebrew", "Arabic", "Devanagari", "Bengali", "Thai", "Georgian", "Cherokee", "Coptic",
  "Ethiopic", "Tamil", "Telugu", "Khmer", "Lao", "Myanmar", "Tibetan", "Mongolian", "Lisu", "Vai", "Tifinagh"]
  .map((name) => new RegExp(`\\p{Script=${name}}`, "u")).concat(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u);
const WORD = /[\p{L}\p{M}]+/gu;
const PLAIN = /^[\0-\u024f]*$/;

/** Whether letters of more than one script are in a word. */
export function mixes(word: string): boolean {
  let known = -1;
  for (const letter of word) {
    const script = SCRIPTS.findIndex((one) => one.test(letter));
    if (script < 0) continue;
    if (known >= 0 && known !== script) return true;
    known = script;
  }
  return false;
}

/** Text in pieces, each with whether it is a word that mixes scripts. */
export function pieces(text: string): [string, boolean][] {
  if (PLAIN.test(text)) return [[text, false]];
  const found: [string, boolean][] = [];
  let at = 0;
  for (const word of text.matchAll(WORD)) {
    if (!mixes(word[0])) continue;
    if (word.index > at) found.push([text.slice(at, word.index), false]);
    found.push([word[0], true]);
    at = word.index + word[0].length;
  }
  if (at < text.length || !found.length) found.push([text.slice(at), false]);
  return found;
}
