// How much of each part of the program is logged.
import { admin, type ModuleLogLevel } from "../api";
import { attempt, fill, h } from "../dom";
import { minute } from "../format";
import { table } from "../table";

const LEVELS = ["debug", "info", "notice", "error"] as const;

/** A choice for each part; it ends by itself. */
export async function log(main: HTMLElement): Promise<void> {
  draw(main, await admin.log_levels());
}

function draw(main: HTMLElement, known: ModuleLogLevel[]): void {
  fill(main, h("h1", null, "Log"),
    h("p", { class: "quiet" }, "What is chosen here holds for an hour, in all processes; then it is again as log_level of the configuration says. Lines go where the server's log goes (journalctl -u pillarbox). The trace has everything in any case."),
    table(["Part", "Logged", "Until"], known.map((one) => {
      const choice = h("select", { "aria-label": `Level of ${one.module}`, onchange: () => void attempt(async () => draw(main, await admin.log_level_set({ module: one.module, level: choice.value as ModuleLogLevel["level"] }))) },
        h("option", { value: "" }, one.until ? "as configured" : `as configured (${one.level})`), ...LEVELS.map((level) => h("option", { value: level }, `${level} and graver`)));
      choice.value = one.until ? one.level : "";
      return [one.module, choice, one.until ? minute(one.until) : ""];
    }), ""));
}
