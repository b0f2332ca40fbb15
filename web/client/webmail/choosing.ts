// The dialog "View": layout, conversations, order, what a line of the list shows.
import { dialog, field, h } from "../dom";
import { t } from "../words/reading";
import { COLUMNS, LAYOUTS, ORDERS, THREADINGS, type Display } from "./display";

/** Let the reader choose; `changed` is called with each choice, and told whether the list has to be read anew. */
export function chooseView(display: Display, changed: (anew: boolean) => void): Promise<void | null> {
  const select = <T extends string>(key: "layout" | "threads" | "order", values: readonly T[], words: Record<T, string>): HTMLSelectElement =>
    h("select", {
      onchange: (event: Event) => {
        display.change({ [key]: (event.target as HTMLSelectElement).value });
        changed(key !== "layout");
      },
    }, ...values.map((value) => h("option", { value, selected: display.choices[key] === value }, words[value])));
  return dialog<void>(t.view, () => [
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
    }))))]);
}
