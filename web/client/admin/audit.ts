// The audit log: who changed what, from where.
import { admin, type AuditEntry } from "../api";
import { attempt, field, fill, h } from "../dom";
import { minute } from "../format";
import { table } from "../table";

export async function audit(main: HTMLElement): Promise<void> {
  const text = h("input", { type: "search", placeholder: "ann domain_add 192.0.2." });
  const shown = h("div", null);
  const draw = (rows: AuditEntry[]): void => {
    const last = rows.at(-1);
    fill(shown, table(["When", "Who", "From", "What", "With", "Outcome"], rows.map((one) => [
      minute(one.at), one.who, one.origin, h("code", null, one.function), h("span", { class: "wrap" }, one.arguments),
      one.outcome === "ok" ? "done" : h("span", { class: "warn" }, one.outcome === "begun" ? "begun, and never ended" : one.outcome)]), "Nothing."),
    rows.length > 0 && rows.length % 100 === 0 && last !== undefined && h("p", { class: "actions" },
      h("button", { type: "button", class: "button", onclick: () => void attempt(async () => draw([...rows, ...await admin.audit_log({ text: text.value, before: last.id })])) }, "Older ones")));
  };
  fill(main, h("h1", null, "Audit log"),
    h("p", { class: "quiet" }, "Every change that was made on these pages, on those of accounts, by programs and on the command line, kept for a year. Secrets are left out."),
    h("form", { class: "filters", onsubmit: (event: Event) => { event.preventDefault(); void attempt(async () => draw(await admin.audit_log({ text: text.value }))); } },
      field("Search", text), h("button", { class: "button" }, "Show")), shown);
  draw(await admin.audit_log());
}
