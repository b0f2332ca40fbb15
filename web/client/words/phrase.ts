// How words get their values: numbers as the reader's browser writes them, names that cannot turn the words around them, plurals.
//
// Everything that pages say is in this folder, as functions where something is put in: who translates it writes the
// same functions again, and the compiler sees whether one is missing or wants another value.

/** The language that the words of this folder are in. */
export const LANGUAGE = "en";
/** The direction that it is written in; "rtl" mirrors the pages. */
export const DIRECTION: "ltr" | "rtl" = "ltr";

const plurals = new Intl.PluralRules(LANGUAGE);
/** Letters that are written from right to left, and characters that turn the direction of what follows (UAX #9). */
const TURNING = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/** Text of others within words of ours: it keeps its direction, and they keep theirs. */
export function isolated(text: string): string {
  return TURNING.test(text) ? `\u2068${text.replace(CONTROLS, "")}\u2069` : text;
}

/** Words with values: say`Write to ${name}`. */
export function say(words: TemplateStringsArray, ...values: (string | number)[]): string {
  return words.reduce((said, part, at) => {
    const value = values[at - 1]!;
    return said + (typeof value === "number" ? value.toLocaleString() : isolated(value)) + part;
  });
}

/** The words for so many: which forms there are, the language says ("other" is always one of them). */
export function many(count: number, forms: { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>): string {
  return forms[plurals.select(count)] ?? forms.other;
}

/** Words around things of the page (times, links, buttons): around`since ${time}`; what an element holds. */
export function around<T>(words: TemplateStringsArray, ...things: (T | string | number)[]): (T | string)[] {
  return words.flatMap((part, at) => {
    const thing = things[at - 1]!;
    return [...(at ? [typeof thing === "number" ? thing.toLocaleString() : typeof thing === "string" ? isolated(thing) : thing] : []), ...(part ? [part] : [])];
  });
}
