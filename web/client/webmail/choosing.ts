// The dialog "View": layout, conversations, order, what a line of the list shows, keys, and whose pictures are loaded.
import { webmail } from "../api";
import { attempt, button, dialog, field, fill, h } from "../dom";
import { shown } from "../shown";
import { t } from "../words/reading";
import { COLUMNS, LAYOUTS, ORDERS, THREADINGS, type Display } from "./display";

/** Let the reader choose; `changed` is called with each choice, and told whether the list has to be read anew. */
export async function chooseView(display: Display, changed: (anew: boolean) => void): Promise<void> {
  const select = <T extends string>(key: "layout" | "threads" | "order", values: readonly T[], words: Record<T, string>): HTMLSelectElement =>
    h("select", {
      onchange: (event: Event) => {
        display.change({ [key]: (event.target as HTMLSelectElement).value });
        changed(key !== "layout");
      },
    }, ...values.map((value) => h("option", { value, selected: display.choices[key] === value }, words[value])));
  const senders = h("div", null);
  void attempt(async () => drawSenders(senders, await webmail.outside_senders()));
  await dialog<void>(t.view, () => [
    field(t.layout, select("layout", LAYOUTS, t.layouts)),
    field(t.threads, select("threads", THREADINGS, t.threadings)),
    field(t.order, select("order", ORDERS, t.orders)),
    h("fieldset", { class: "columns" }, h("legend", null, t.columns), ...COLUMNS.map((name) => field(t.columnNames[name], h("input", {
      type: "checkbox", checked: display.choices.columns.includes(name),
      onchange: (event: Event) => {
        const on = (event.target as HTMLInputElement).checked;
        display.change({ columns: COLUMNS.filter((one) => (one === name ? on : display.choices.columns.includes(one))) });
        changed(false);
      },
    })))),
    field(t.singleKeys, h("input", {
      type: "checkbox", checked: display.choices.keys, onchange: (event: Event) => display.change({ keys: (event.target as HTMLInputElement).checked }),
    }), t.singleKeysHint),
    senders]);
}

/** Who may load pictures from elsewhere without asking; each can be taken off. */
function drawSenders(place: HTMLElement, known: string[]): void {
  const forget = (one: string): void => void attempt(async () => drawSenders(place, await webmail.outside_choose({ sender: one, allowed: false })));
  fill(place, known.length > 0 && h("h3", null, t.loadedFor),
    known.length > 0 && h("ul", { class: "saved plain" }, ...known.map((one) => h("li", null, h("bdi", null, ...shown(one)), button("close", t.loadNoneFor(one), () => forget(one))))));
}
