// What can be typed into the search box, to help who types it; mta/store/query.py is what reads it.
import { t } from "../words/reading";

/** What completion knows. */
export interface Known {
  people: string[];
  labels: string[];
  mailboxes: string[];
}

/** One proposal: what to put in place of the last word, and what it means. */
export interface Proposal {
  word: string;
  meaning: string;
}

const NAMES = Object.entries(t.terms);
const MOST = 8;

/** The word that is being typed, and where it begins. */
export function lastWord(text: string): { start: number; word: string } {
  const found = /(?:^|\s)(-?(?:[a-z]+:)?(?:"[^"]*|[^\s"]*))$/i.exec(text);
  const word = found?.[1] ?? "";
  return { start: text.length - word.length, word };
}

/** The beginning of a person's name or address that is being typed; "" where none is. */
export function whose(text: string): string {
  return /^-?(?:from|to):"?(.+)$/i.exec(lastWord(text).word)?.[1] ?? "";
}

/** A value as it has to be typed. */
export function quoted(value: string): string {
  return /[\s":]/.test(value) ? `"${value.replaceAll('"', "")}"` : value;
}

/** What could be meant with what was typed so far. */
export function proposals(text: string, known: Known): Proposal[] {
  const { word } = lastWord(text);
  const minus = word.startsWith("-") ? "-" : "";
  const plain = word.slice(minus.length).toLowerCase();
  const colon = plain.indexOf(":");
  if (!plain) return [];
  if (colon < 0) return NAMES.filter(([name]) => name.startsWith(plain) && name !== plain).map(([name, meaning]) => ({ word: minus + name, meaning })).slice(0, MOST);
  const [name, start] = [plain.slice(0, colon), plain.slice(colon + 1).replace('"', "")];
  const values: Record<string, string[]> = {
    from: known.people, to: known.people, label: known.labels, in: known.mailboxes,
    is: NAMES.filter(([one]) => one.startsWith("is:")).map(([one]) => one.slice(3)), has: ["attachment"], larger: ["100k", "1M", "10M"], smaller: ["10k", "100k", "1M"],
  };
  return (values[name] ?? []).filter((value) => value.toLowerCase().includes(start) && value.toLowerCase() !== start)
    .sort((one, other) => Number(other.toLowerCase().startsWith(start)) - Number(one.toLowerCase().startsWith(start)))
    .slice(0, MOST).map((value) => ({ word: `${minus}${name}:${quoted(value)}`, meaning: "" }));
}

/** Put a proposal in place of the last word; what is not complete yet waits for its value. */
export function completed(text: string, proposal: Proposal): string {
  return text.slice(0, lastWord(text).start) + proposal.word + (proposal.word.endsWith(":") ? "" : " ");
}

/** The fields of the form. */
export interface Form {
  words?: string;
  phrase?: string;
  without?: string;
  from?: string;
  to?: string;
  subject?: string;
  label?: string;
  in?: string;
  after?: string;
  before?: string;
  larger?: string;
  attachment?: boolean;
  unread?: boolean;
  flagged?: boolean;
}

/** The form as a query. */
export function fromForm(form: Form): string {
  const parts: string[] = [];
  const words = (text: string | undefined): string[] => (text ?? "").split(/\s+/).filter(Boolean);
  parts.push(...words(form.words));
  if (form.phrase?.trim()) parts.push(`"${form.phrase.trim().replaceAll('"', "")}"`);
  parts.push(...words(form.without).map((word) => `-${quoted(word)}`));
  for (const name of ["from", "to", "subject", "label", "in", "after", "before", "larger"] as const) {
    const value = form[name]?.trim();
    if (value) parts.push(`${name}:${quoted(value)}`);
  }
  if (form.attachment) parts.push("has:attachment");
  if (form.unread) parts.push("is:unread");
  if (form.flagged) parts.push("is:flagged");
  return parts.join(" ");
}
