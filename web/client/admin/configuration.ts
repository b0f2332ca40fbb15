// Every setting in force, and where its value comes from.
import { admin, type SettingLine } from "../api";
import { field, fill, h } from "../dom";
import { table } from "../table";

const SOURCES = { default: "default", file: "file", localserve: "localserve", database: "made in the browser" };

/** The settings, all or those that are not as by default, or that have a word in them. */
export async function configuration(main: HTMLElement): Promise<void> {
  const known = await admin.configuration();
  const word = h("input", { type: "search", placeholder: "dnsbl", oninput: () => show() });
  const changed = h("input", { type: "checkbox", onchange: () => show() });
  const place = h("div", null);
  const show = (): void => fill(place, table(["Setting", "Value", "From", "Meaning"], known.filter((one) => fits(one, word.value, changed.checked)).map((one) => [
    h("code", null, one.name), h("code", null, one.value || "not set"), one.line ? `line ${one.line} of the file` : SOURCES[one.source], one.help]), "No such setting."));
  show();
  fill(main, h("h1", null, "Configuration"),
    h("p", { class: "quiet" }, "This is what the running server goes by. Change it in the configuration file, then: pillarbox check && pillarbox reload."),
    h("div", { class: "filters" }, field("Search", word), h("label", { class: "check" }, changed, " Only what is not as by default")), place);
}

function fits(one: SettingLine, word: string, changed: boolean): boolean {
  return (!changed || one.changed) && `${one.name} ${one.value} ${one.help}`.toLowerCase().includes(word.trim().toLowerCase());
}
