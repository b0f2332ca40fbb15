// The page that lists keys and words of a search; and the key that is shown when its button was clicked.
import { dialog, h } from "../dom";
import { t } from "../words/reading";

/** Keys and searches. */
export function help(): Promise<unknown> {
  const list = (kind: "kbd" | "code", rows: [string, string][]): HTMLElement =>
    h("dl", { class: "keys" }, ...rows.flatMap(([key, what]) => [h("dt", null, h(kind, null, key)), h("dd", null, what)]));
  return dialog<void>(t.help.title, () => [h("h3", null, t.help.searching), list("code", t.help.searches),
    h("div", { class: "pairs" }, ...t.help.keys.map(([title, rows]) => h("section", null, h("h3", null, title), list("kbd", rows))))], "wide");
}

/** Show the key of each button within a page for a moment, when the button was clicked. */
export function teachKeys(root: HTMLElement): void {
  const sign = h("p", { class: "shortcut", "aria-hidden": "true", hidden: true });
  let timer = 0;
  root.addEventListener("click", (event) => {
    const clicked = (event.target as Element).closest<HTMLElement>("button, a");
    // A click by the keyboard has no place: who used the key knows it.
    if (!clicked || event.detail === 0) return;
    const key = clicked.dataset.key ?? /\((\S+)\)$/.exec(clicked.title)?.[1];
    if (!key) return;
    sign.textContent = t.shortcut(key);
    sign.hidden = false;
    clearTimeout(timer);
    timer = window.setTimeout(() => { sign.hidden = true; }, 2_000);
  });
  root.append(sign);
}
