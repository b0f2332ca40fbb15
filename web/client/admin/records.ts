// The records of a domain beside what the DNS has of them, with the words that differ marked.
import type { RecordState } from "../api";
import { h, type Child } from "../dom";
import { copyable } from "../table";

const WORDS: Record<RecordState["state"], [string, string]> = {
  right: ["good", "is there"], missing: ["bad", "is missing"], differs: ["bad", "is different"], unknown: ["quiet", "not known"],
};

/** All records: what is missing first, what is right folded away. */
export function recordStates(found: RecordState[]): HTMLElement {
  const needed = found.filter((one) => !one.record.optional);
  const left = needed.filter((one) => one.state !== "right");
  const right = needed.filter((one) => one.state === "right");
  const optional = found.filter((one) => one.record.optional);
  const wrong = left.map((one) => line(one.record));
  return h("div", { class: "records" },
    h("p", { class: "quiet" }, `${right.length} of ${needed.length} records are there.`),
    ...left.map(card),
    wrong.length > 1 && h("details", { class: "zone-file" }, h("summary", null, "What is left, as text"), copyable(wrong.join("\n"))),
    right.length > 0 && h("details", { class: "right" }, h("summary", null, right.length === 1 ? "1 record that is there" : `${right.length} records that are there`), ...right.map(card)),
    optional.length > 0 && h("details", { class: "right" }, h("summary", null, "Optional records"), ...optional.map(card)));
}

function line(record: RecordState["record"]): string {
  return `${record.name} ${record.kind} ${record.value}`;
}

function card(one: RecordState): HTMLElement {
  const [kind, words] = WORDS[one.state];
  const wanted = one.record.value;
  return h("section", { class: `record ${one.state}`, "aria-label": `${one.record.kind} ${one.record.name} ${words}` },
    h("header", null, h("strong", null, one.record.kind), " ", copyable(one.record.name), " ", h("span", { class: kind }, words)),
    one.state === "differs"
      ? h("dl", { class: "diff" },
        ...one.there.flatMap((text) => [h("dt", null, "there now"), h("dd", { class: "minus" }, ...marked(text, wanted, "del"))]),
        h("dt", null, "should be"), h("dd", { class: "plus" }, h("code", null, ...marked(wanted, one.there.join(" "), "ins")), " ", copying(wanted)))
      : h("div", { class: "line" }, copyable(wanted)),
    one.said && h("p", { class: "quiet" }, one.said),
    h("p", { class: "quiet" }, one.record.why));
}

function copying(text: string): HTMLElement {
  return copyable(text).querySelector("button")!;
}

/** The words of a text; those that the other has not are marked. */
function marked(text: string, other: string, tag: "ins" | "del"): Child[] {
  const known = new Set(words(other));
  return words(text).map((word) => (/^\s*$/.test(word) || known.has(word) ? word : h(tag, null, word)));
}

/** Words and what is between them: a text cut at spaces, semicolons, commas and quotes. */
export function words(text: string): string[] {
  return text.split(/([\s;,"]+)/).filter((word) => word !== "");
}
