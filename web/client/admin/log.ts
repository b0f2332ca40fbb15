// How much of each part of the program is logged.
import { admin, type ModuleLogLevel } from "../api";
import { attempt, fill, h } from "../dom";
import { minute } from "../format";
import { table } from "../table";
import { log as t } from "../words/admin/server";
import { p } from "../words/pages";

const LEVELS = ["debug", "info", "notice", "error"] as const;

/** A choice for each part; it ends by itself. */
export async function log(main: HTMLElement): Promise<void> {
  draw(main, await admin.log_levels());
}

function draw(main: HTMLElement, known: ModuleLogLevel[]): void {
  fill(main, h("h1", null, t.title),
    h("p", { class: "quiet" }, t.meaning),
    table([t.part, t.logged, p.until], known.map((one) => {
      const choice = h("select", { "aria-label": t.levelOf(one.module), onchange: () => void attempt(async () => draw(main, await admin.log_level_set({ module: one.module, level: choice.value as ModuleLogLevel["level"] }))) },
        h("option", { value: "" }, one.until ? t.usual : t.usualLevel(one.level)), ...LEVELS.map((level) => h("option", { value: level }, t.level(level))));
      choice.value = one.until ? one.level : "";
      return [one.module, choice, one.until ? minute(one.until) : ""];
    }), ""));
}
