// The audit log: who changed what, from where.
import { admin, type AuditEntry } from "../api";
import { attempt, field, fill, h } from "../dom";
import { minute } from "../format";
import { table } from "../table";
import { audit as t } from "../words/admin/people";
import { p } from "../words/pages";

export async function audit(main: HTMLElement): Promise<void> {
  const text = h("input", { type: "search", placeholder: t.example });
  const shown = h("div", null);
  const draw = (rows: AuditEntry[]): void => {
    const last = rows.at(-1);
    fill(shown, table([p.when, p.who, t.from, p.what, t.with, p.outcome], rows.map((one) => [
      minute(one.at), one.who, one.origin, h("code", null, one.function), h("span", { class: "wrap" }, one.arguments),
      one.outcome === "ok" ? t.done : h("span", { class: "warn" }, one.outcome === "begun" ? t.begun : one.outcome)]), t.nothing),
    rows.length > 0 && rows.length % 100 === 0 && last !== undefined && h("p", { class: "actions" },
      h("button", { type: "button", class: "button", onclick: () => void attempt(async () => draw([...rows, ...await admin.audit_log({ text: text.value, before: last.id })])) }, p.older)));
  };
  fill(main, h("h1", null, t.title),
    h("p", { class: "quiet" }, t.meaning),
    h("form", { class: "filters", onsubmit: (event: Event) => { event.preventDefault(); void attempt(async () => draw(await admin.audit_log({ text: text.value }))); } },
      field(p.search, text), h("button", { class: "button" }, p.show)), shown);
  draw(await admin.audit_log());
}
