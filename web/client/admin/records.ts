// The records of a domain beside what the DNS has of them, with the words that differ marked.
import type { RecordState } from "../api";
import { h, type Child } from "../dom";
import { copyable } from "../table";
import { records as t } from "../words/admin/domains";

const KINDS: Record<RecordState["state"], string> = { right: "good", missing: "bad", differs: "bad", unknown: "quiet" };

/** All records: what is missing first, what is right folded away. */
export function recordStates(found: RecordState[]): HTMLElement {
  const needed = found.filter((one) => !one.record.optional);
  const left = needed.filter((one) => one.state !== "right");
  const right = needed.filter((one) => one.state === "right");
  const optional = found.filter((one) => one.record.optional);
  const wrong = left.map((one) => line(one.record));
  return h("div", { class: "records" },
    h("p", { class: "quiet" }, t.there(right.length, needed.length)),
    ...left.map(card),
    wrong.length > 1 && h("details", { class: "zone-file" }, h("summary", null, t.left), copyable(wrong.join("\n"))),
    right.length > 0 && h("details", { class: "right" }, h("summary", null, t.right(right.length)), ...right.map(card)),
    optional.length > 0 && h("details", { class: "right" }, h("summary", null, t.optional), ...optional.map(card)));
}

function line(record: RecordState["record"]): string {
  return `${record.name} ${record.kind} ${record.value}`;
}

function card(one: RecordState): HTMLElement {
  const kind = KINDS[one.state], state = t.states[one.state];
  const wanted = one.record.value;
  return h("section", { class: `record ${one.state}`, "aria-label": `${one.record.kind} ${one.record.name} ${state}` },
    h("header", null, h("strong", null, one.record.kind), " ", copyable(one.record.name), " ", h("span", { class: kind }, state)),
    one.state === "differs"
      ? h("dl", { class: "diff" },
        ...one.there.flatMap((text) => [h("dt", null, t.now), h("dd", { class: "minus" }, ...marked(text, wanted, "del"))]),
        h("dt", null, t.wanted), h("dd", { class: "plus" }, h("code", null, ...marked(wanted, one.there.join(" "), "ins")), " ", copying(wanted)))
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
