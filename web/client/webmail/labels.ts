// Labels: keywords of messages, each in a colour of its own that is always the same.
import { webmail, type Summary } from "../api";
import { attempt, dialog, fill, h, type Child } from "../dom";
import { shown } from "../shown";
import { t } from "../words/reading";

/** The colour of a label, as an angle. */
export function hue(name: string): number {
  let sum = 7;
  for (const letter of name.toLowerCase()) sum = (sum * 31 + letter.codePointAt(0)!) % 997;
  return Math.round((sum * 137.5) % 360);
}

/** Keywords that programs set for themselves are no labels. */
export function isLabel(keyword: string): boolean {
  return !/^[$\\]/.test(keyword) || /^\$label\d$/i.test(keyword);
}

/** The labels of a message; those beyond `most` are counted. */
export function tags(keywords: string[], most = Infinity): Child[] {
  const names = keywords.filter(isLabel);
  const left = names.length > most ? names.slice(most - 1) : [];
  return [...names.slice(0, names.length - left.length).map((name) => {
    const tag = h("span", { class: "tag", dir: "auto" }, ...shown(name));
    tag.style.setProperty("--hue", String(hue(name)));
    return tag;
  }), left.length > 0 && h("span", { class: "tag rest", title: left.join(", ") }, t.moreLabels(left.length))];
}

/** Let the reader choose labels for messages; `set` gets each as it is chosen. */
export async function chooseLabels(messages: Summary[], set: (name: string, on: boolean) => Promise<void>): Promise<void> {
  const known = (await webmail.labels()).filter(isLabel);
  const has = (name: string): boolean => messages.some((one) => one.keywords.some((other) => other.toLowerCase() === name.toLowerCase()));
  const list = h("div", { class: "choices" });
  const line = (name: string, on: boolean): HTMLElement => h("label", { class: "check" },
    h("input", { type: "checkbox", checked: on, onchange: (event: Event) => void attempt(() => set(name, (event.target as HTMLInputElement).checked)) }), ...tags([name]));
  fill(list, ...known.map((name) => line(name, has(name))));
  const name = h("input", { "aria-label": t.newLabel, placeholder: t.newLabel, dir: "auto", maxLength: 50 });
  await dialog<void>(t.labels, () => [list, h("form", {
    class: "filters",
    onsubmit: (event: Event) => {
      event.preventDefault();
      const wanted = name.value.trim();
      if (wanted) void attempt(async () => { await set(wanted, true); list.append(line(wanted, true)); name.value = ""; });
    },
  }, h("div", { class: "field" }, name, h("small", null, t.labelHint)), h("button", { class: "button" }, t.add))]);
}
