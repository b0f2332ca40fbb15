// How mail does at other servers, why they refuse it, and what a reply means.
import { admin, type Destination, type Meaning, type RefusalReason } from "../api";
import { columns } from "../chart";
import { attempt, field, fill, h, type Child } from "../dom";
import { minute, number } from "../format";
import { table } from "../table";
import { destinations as t } from "../words/admin/queue";
import { p } from "../words/pages";

const PARTS = [{ name: t.parts.sent, kind: "passed" }, { name: t.parts.deferred, kind: "quarantined" }, { name: t.parts.refused, kind: "rejected" }];

/** What a reply means, with the next step. */
export function meaning(told: Meaning): HTMLElement {
  return h("section", { class: "meaning" },
    h("p", null, told.title && h("strong", null, told.title, ". "), told.what),
    h("p", null, h("strong", null, t.step, " "), told.step, " ",
      told.link && h("a", { href: told.link, target: "_blank", rel: "noreferrer noopener" }, new URL(told.link).hostname)),
    h("p", { class: "quiet" }, t.sides[told.side]));
}

export async function destinations(main: HTMLElement, argument: string): Promise<void> {
  if (argument) {
    await one(main, argument === "-" ? "" : argument);
    return;
  }
  const search = h("input", { type: "search", placeholder: t.example });
  const days = h("select", null, ...[[30, p.days(30)], [7, p.days(7)], [1, t.today]].map(([value, name]) => h("option", { value }, name)));
  const found = h("div", null);
  const draw = async (): Promise<void> => {
    const known = await admin.destinations({ search: search.value.trim(), days: Number(days.value) });
    fill(found, table([t.destination, t.sent, t.deferred, t.refused, p.why], known.map((one) => [
      h("a", { href: `#destinations/${encodeURIComponent(one.operator || "-")}` }, one.name), number(one.sent), number(one.deferred),
      one.refused ? h("span", { class: "bad" }, number(one.refused)) : "0", why(one.reasons)]),
    t.nothing));
  };
  fill(main, h("h1", null, t.title),
    h("p", { class: "quiet" }, t.meaning),
    h("form", { class: "filters", onsubmit: (event: Event) => { event.preventDefault(); void attempt(draw); } },
      field(p.search, search), field(t.time, days), h("button", { class: "button" }, p.search)),
    found, h("h2", null, t.asking), asking());
  await draw();
}

function why(reasons: RefusalReason[]): Child {
  if (!reasons.length) return "";
  return h("ul", { class: "plain" }, ...reasons.slice(0, 3).map((reason) => h("li", null,
    `${reason.meaning.title || t.another} (${number(reason.attempts)})`)));
}

/** A form that explains a reply. */
function asking(): HTMLElement {
  const reply = h("textarea", { rows: 3, required: true, placeholder: t.replyExample });
  const host = h("input", { placeholder: t.hostExample, autocapitalize: "off", spellcheck: false });
  const told = h("div", { role: "status", "aria-live": "polite" });
  return h("div", null, h("form", {
    onsubmit: (event: Event) => {
      event.preventDefault();
      void attempt(async () => fill(told, meaning(await admin.explain({ reply: reply.value, host: host.value.trim() }))));
    },
  }, field(t.reply, reply, t.replyHint), field(t.host, host, t.hostHint),
  h("button", { class: "button primary" }, t.explain)), told);
}

async function one(main: HTMLElement, operator: string): Promise<void> {
  const [found, history] = await Promise.all([admin.destinations({ search: operator, days: 30 }), admin.destination_history({ operator })]);
  const mine: Destination | undefined = found.find((each) => each.operator === operator);
  const ends = history.map((day) => day.day);
  fill(main, h("p", null, h("a", { href: "#destinations" }, t.title)), h("h1", null, mine?.name ?? operator),
    operator && h("p", { class: "quiet" }, t.hosts(operator)),
    columns(t.attempts, PARTS, history.filter((day) => day.sent + day.deferred + day.refused > 0).map((day) => ({ day: day.day, values: [day.sent, day.deferred, day.refused] })),
      Math.min(...ends), Math.max(...ends)),
    h("h2", null, t.reasons),
    ...(mine?.reasons.length ? mine.reasons.map(reason) : [h("p", { class: "quiet" }, t.allTaken)]),
    h("h2", null, t.domains),
    table([p.domain, t.sent, t.deferred, t.refused], (mine?.domains ?? []).map((part) => [
      part.domain || t.others, number(part.sent), number(part.deferred), number(part.refused)]), t.none));
}

function reason(known: RefusalReason): HTMLElement {
  return h("article", { class: "reason" },
    h("h3", null, (known.outcome === "refused" ? t.refusedTimes : t.deferredTimes)(known.attempts)),
    meaning(known.meaning),
    h("p", { class: "answer" }, h("span", { class: "quiet" }, ...t.lastReply(minute(known.latest))), " ", h("q", { dir: "auto" }, known.reply)));
}
