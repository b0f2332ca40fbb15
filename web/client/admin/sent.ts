// What this server reports to others: what waits, what was sent to whom, and who gets none.
import { admin, type Evidence, type SendingPage, type SentReport, type SentTo, type Suppressed } from "../api";
import { attempt, dialog, field, fill, h, notice, sure, type Child } from "../dom";
import { minute, number, utcDay } from "../format";
import { table } from "../table";
import { sent as t } from "../words/admin/reports";
import { p } from "../words/pages";

type Kind = Evidence["kind"];

const KINDS: Record<Kind, string> = { dmarc: "DMARC", tls: "TLS" };
/** Reports that a list begins with, and that it grows by. */
const MANY = 25;

/** All about reports to others. */
export async function sent(main: HTMLElement): Promise<void> {
  await draw(main, await admin.sent_reports());
}

async function draw(main: HTMLElement, page: SendingPage): Promise<void> {
  const again = (): Promise<void> => sent(main);
  const lists: [Kind, HTMLElement][] = [["dmarc", h("div", null)], ["tls", h("div", null)]];
  fill(main, h("p", null, h("a", { href: "#reports" }, p.reports)), h("h1", null, t.title), h("p", { class: "quiet" }, ...said(page)),
    h("h2", null, t.waits), evidence(page.evidence, again),
    ...lists.flatMap(([kind, list]): Child[] => [h("h2", null, t.reportsOf(KINDS[kind])), list]),
    h("h2", null, t.suppressed), suppressed(page.suppressed, (changed) => draw(main, changed)));
  await Promise.all(lists.map(([kind, list]) => listing(list, kind)));
}

/** What is switched on, in whose name it is sent, and when next. */
function said(page: SendingPage): Child[] {
  const off = (["dmarc", "tls"] as const).filter((kind) => !page[kind]).map((kind) => KINDS[kind]);
  return [
    t.meaning, " ", page.submitter ? t.submitter(page.submitter) : t.noSubmitter, " ",
    ...(page.planned === null ? [] : [...t.planned(minute(page.planned)), " "]),
    off.length > 0 && t.off(off.join(", "))];
}

function evidence(waiting: Evidence[], again: () => Promise<void>): HTMLElement {
  return table([p.domain, p.kind, t.seen, p.since, ""], waiting.map((one) => [
    one.domain, KINDS[one.kind],
    h("div", null, t.counted[one.kind](one.counted), one.optional > 0 && h("small", null, one.optional === one.counted ? t.optionalAll : t.optional(one.optional))),
    utcDay(one.since),
    h("div", { class: "actions" },
      h("button", { type: "button", class: "button", onclick: () => void attempt(() => preview(one, again)) }, t.preview),
      h("button", { type: "button", class: "button danger", onclick: () => void sure(t.forgetting(one.domain), p.forget).then((yes) => yes && attempt(async () => { await admin.sent_report_forget({ kind: one.kind, domain: one.domain }); await again(); })) }, p.forget))]),
  t.nothing);
}

/** The report as it would leave now; it can be sent from here. */
async function preview(one: Evidence, again: () => Promise<void>): Promise<void> {
  const found = await admin.sent_report_preview({ kind: one.kind, domain: one.domain });
  const send = await dialog<boolean>(found.subject || t.about(found.domain), (close) => [
    h("p", null, found.to.length ? t.to(found.to.join(", ")) : t.toNobody),
    found.why_not && h("p", { class: "hint" }, t.inTheWay(found.why_not)),
    ...found.problems.map((text) => h("p", { class: "hint" }, text)),
    found.document && h("pre", { class: "raw", tabIndex: 0 }, found.document), found.cut && h("small", null, p.beginning),
    h("footer", null, h("button", { type: "button", class: "button primary", onclick: () => close(true) }, t.send))], "wide");
  if (!send) return;
  await admin.sent_report_send({ kind: one.kind, domain: one.domain });
  notice(t.willSend);
  await again();
}

/** Reports of one kind, the latest first. */
async function listing(place: HTMLElement, kind: Kind): Promise<void> {
  const known: SentReport[] = [];
  const grow = async (): Promise<void> => {
    const more = await admin.sent_report_list({ kind, before: known.at(-1)?.id ?? null, limit: MANY });
    known.push(...more);
    const remove = (one: SentReport): void => void sure(one.due === null ? t.removingSent : t.removing, p.remove).then((yes) => yes && attempt(async () => {
      await admin.sent_report_remove({ kind, id: one.id });
      await listing(place, kind);
    }));
    fill(place, table([t.aboutWhom, p.day, kind === "dmarc" ? p.messages : p.sessions, p.state, t.toWhom, ""], known.map((one) => [
      one.domain, utcDay(one.start), one.settled === null ? "-" : number(one.counted), state(one), h("div", null, ...one.to.map(fate)),
      h("button", { type: "button", class: "button danger", onclick: () => remove(one) }, p.remove)]), p.noReport),
      more.length === MANY && h("button", { type: "button", class: "button", onclick: () => void attempt(grow) }, p.further));
  };
  await grow();
}

function state(one: SentReport): HTMLElement {
  const when = one.due === null ? one.settled : one.due;
  return h("div", null, h("span", { class: one.state === "unsent" ? "bad" : "" }, t.states[one.state]), when !== null && h("small", null, ...(one.due !== null && one.attempts > 0 ? t.again(minute(when)) : [minute(when)])), one.text && h("small", null, one.text));
}

function fate(one: SentTo): HTMLElement {
  const bad = one.fate === "failed" || one.fate === "refused";
  return h("div", null, one.uri, h("small", { class: bad ? "bad" : "", title: one.said }, t.fates[one.fate], bad && one.said && `: ${one.said}`));
}

function suppressed(known: Suppressed[], show: (changed: SendingPage) => Promise<void>): HTMLElement {
  const address = h("input", { type: "text", autocomplete: "off", required: true });
  const days = h("input", { type: "number", min: "1", max: "3650", placeholder: t.forGood });
  const reason = h("input", { type: "text", autocomplete: "off" });
  return h("div", null,
    table([p.address, p.until, p.reason, ""], known.map((one) => [
      one.address, one.until === null ? t.forGood : minute(one.until), one.reason,
      h("button", { type: "button", class: "button", onclick: () => void attempt(async () => show(await admin.sent_report_allow({ address: one.address }))) }, t.allow)]), t.noneSuppressed),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => show(await admin.sent_report_suppress({ address: address.value, days: days.value ? Number(days.value) : null, reason: reason.value })));
      },
    }, field(t.suppressAddress, address, t.suppressAddressHint), field(t.suppressDays, days), field(p.reason, reason, p.ownNote),
      h("button", { class: "button" }, t.suppress)));
}
