// Every setting in force, and where its value comes from.
import { admin, type SettingLine } from "../api";
import { field, fill, h } from "../dom";
import { table } from "../table";
import { configuration as t } from "../words/admin/server";
import { p } from "../words/pages";

/** The settings, all or those that are not as by default, or that have a word in them. */
export async function configuration(main: HTMLElement): Promise<void> {
  const known = await admin.configuration();
  const word = h("input", { type: "search", placeholder: t.example, oninput: () => show() });
  const changed = h("input", { type: "checkbox", onchange: () => show() });
  const place = h("div", null);
  const show = (): void => fill(place, table([t.setting, t.value, t.from, t.meaning], known.filter((one) => fits(one, word.value, changed.checked)).map((one) => [
    h("code", null, one.name), h("code", null, one.value || t.unset), one.line ? t.line(one.line) : t.sources[one.source], one.help]), t.none));
  show();
  fill(main, h("h1", null, t.title),
    h("p", { class: "quiet" }, t.about),
    h("div", { class: "filters" }, field(p.search, word), h("label", { class: "check" }, changed, " ", t.changed)), place);
}

function fits(one: SettingLine, word: string, changed: boolean): boolean {
  return (!changed || one.changed) && `${one.name} ${one.value} ${one.help}`.toLowerCase().includes(word.trim().toLowerCase());
}
