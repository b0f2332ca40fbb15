// What others report: who sends as our domains, how connections to us did, single reports.
import { admin, type DmarcView, type MailSource, type PolicySeen, type Reporter, type ReportLine, type ReportsPage, type TlsView } from "../api";
import { columns, type Part } from "../chart";
import { attempt, dialog, field, fill, h, notice, sure, type Child } from "../dom";
import { minute, number, share, utcDay, utcMoment } from "../format";
import { copyable, table } from "../table";
import { reports as t } from "../words/admin/reports";
import { p } from "../words/pages";
import { s } from "../words/shared";

const PERIODS: [number, string][] = [[7, p.days(7)], [30, p.days(30)], [90, p.days(90)], [365, t.year]];
const FATES: Part[] = [{ name: t.fates.passed, kind: "passed" }, { name: t.fates.delivered, kind: "delivered" }, { name: t.fates.quarantined, kind: "quarantined" }, { name: t.fates.rejected, kind: "rejected" }];
const SESSIONS: Part[] = [{ name: t.succeeded, kind: "passed" }, { name: t.failed, kind: "rejected" }];
const KINDS: Record<ReportLine["kind"], string> = { dmarc: "DMARC", tls: "TLS", failure: t.oneMessage };
/** Names that are looked up at once; reports that a list begins with, and that it grows by. */
const MANY = 50;
const FIRST = 10;

let period = 30;

/** All domains, the host's address, the latest reports. */
export async function reports(main: HTMLElement): Promise<void> {
  await overview(main, await admin.reports({ days: period }));
}

async function overview(main: HTMLElement, page: ReportsPage): Promise<void> {
  const address = h("input", { type: "text", value: page.host_address, placeholder: p.nowhere, autocomplete: "off" });
  const list = h("div", null);
  const kind = h("select", null, h("option", { value: "" }, t.all), ...Object.entries(KINDS).map(([value, name]) => h("option", { value }, name)));
  const draw = (): Promise<void> => latest(list, { kind: (kind.value || null) as ReportLine["kind"] | null });
  kind.onchange = () => void attempt(draw);
  fill(main, h("h1", null, t.title),
    h("p", { class: "quiet" }, t.meaning, " ", h("a", { href: "#sent" }, t.toOthers), "."),
    periods(() => reports(main)),
    table([p.domain, t.mailInName, t.failedDmarc, t.connections, p.failed, t.lastReport], page.totals.map((one) => [
      one.domain || h("span", null, page.host, h("small", null, t.thisHost)),
      h("a", { href: `#dmarc/${encodeURIComponent(one.domain)}` }, number(one.messages)), part(one.failed, one.messages),
      h("a", { href: `#tls/${encodeURIComponent(one.domain)}` }, number(one.sessions)), part(one.failed_sessions, one.sessions),
      one.latest === null ? p.never : minute(one.latest)]), p.noDomain),
    h("h2", null, t.latest),
    h("div", { class: "filters period" }, field(t.about, kind)), list,
    h("h2", null, t.aboutHost),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => { const changed = await admin.report_host_address({ address: address.value.trim() }); notice(p.saved); await overview(main, changed); });
      },
    }, field(t.hostAddress, address, t.hostAddressHint),
      h("button", { class: "button primary" }, s.save)),
    page.records.length > 0 && table([s.name, t.type, t.value, t.whatFor], page.records.map((record) => [copyable(record.name), record.kind, copyable(record.value), record.why]), ""),
    h("p", { class: "quiet" }, t.kept(page.kept)));
  await draw();
}

/** Who sends as a domain. */
export async function dmarc(main: HTMLElement, domain: string): Promise<void> {
  const view = await admin.report_dmarc({ domain, days: period });
  const list = h("div", null);
  fill(main, above(), h("h1", null, domain ? t.mailOf(domain) : t.mailOfHost), periods(() => dmarc(main, domain)),
    ready(view), asking(domain, "DMARC"),
    view.days.length > 0 && columns(p.messages, FATES, view.days.map((day) => ({ day: day.day, values: [day.passed, day.delivered, day.quarantined, day.rejected] })), view.since, today()),
    h("h2", null, t.whoSends), sources(view),
    h("h2", null, t.reporters), reporters(view.reporters, p.messages),
    h("h2", null, p.reports), list);
  await latest(list, { kind: "dmarc", domain });
}

/** Whether the DNS asks for reports; asked when somebody wants to know. */
function asking(domain: string, kind: string): HTMLElement {
  const place = h("div", null);
  const look = h("button", { type: "button", class: "button", onclick: () => void attempt(async () => {
    const found = (await admin.report_asked({ domain })).filter((one) => one.kind === kind);
    fill(place, ...found.flatMap((one): Child[] => [
      ...one.problems.map((text) => h("p", { class: "hint" }, text)),
      !one.problems.length && h("p", { class: "hint" }, one.wanted ? t.asked(one.wanted) : t.unwanted),
      one.record && h("pre", null, one.record)]), !found.length && h("p", { class: "hint" }, t.noSuch));
  }) }, t.ask);
  return h("div", { class: "asking" }, look, place);
}

function ready(view: DmarcView): HTMLElement {
  const state = view.safe === null ? "" : view.safe ? "safe" : "unsafe";
  return h("div", { class: `ready ${state}`, role: "note" }, h("p", null, view.sentence),
    view.policy && h("p", { class: "quiet" }, ...t.policyFound(h("code", null, view.policy))));
}

function sources(view: DmarcView): HTMLElement {
  const places = new Map<string, HTMLElement>();
  const rows = view.sources.map((one): Child[] => {
    const first = one.addresses[0] ?? "";
    const name = h("span", { class: "name" });
    places.set(first, name);
    return [
      h("div", { class: "source" }, name, h("span", { class: "exact" }, one.network), h("small", { title: one.addresses.join(", ") }, one.number === 1 ? first : t.addresses(one.number, first))),
      number(one.messages), part(one.spf, one.messages, false), part(one.dkim, one.messages, false),
      h("div", null, fates(one)),
      h("div", { class: "verdict" }, h("strong", { class: one.verdict }, t.verdicts[one.verdict]), h("small", null, one.why), mixed(one))];
  });
  const wanted = [...places.keys()];
  const more = h("button", { type: "button", class: "button" }, t.moreNames);
  const look = async (): Promise<void> => {
    const some = wanted.splice(0, MANY);
    more.hidden = !wanted.length;
    for (const found of some.length ? await admin.report_names({ ips: some }) : []) {
      const place = places.get(found.ip);
      if (place) fill(place, found.name);
      if (place && !found.name) place.title = found.problem;
    }
  };
  more.onclick = () => void attempt(look);
  more.hidden = wanted.length <= MANY;
  void attempt(look);
  return h("div", null, table([t.source, p.messages, "SPF", "DKIM", t.fate, t.verdict], rows, t.noSources),
    view.others > 0 && h("p", { class: "quiet" }, t.smaller(view.others)), more);
}

function fates(one: MailSource): string {
  const parts: [number, (count: number) => string][] = [[one.passed, t.fated.passed], [one.delivered, t.fated.delivered], [one.quarantined, t.fated.quarantined], [one.rejected, t.fated.rejected]];
  return parts.filter(([count]) => count).map(([count, said]) => said(count)).join(", ");
}

/** Verdicts of the part of a source that differs. */
function mixed(one: MailSource): Child {
  const others = Object.entries(one.opinions).filter(([verdict, count]) => verdict !== one.verdict && count);
  return others.length > 0 && h("small", null, t.also(others.map(([verdict, count]) => t.alsoCounted(count, t.verdicts[verdict as MailSource["verdict"]])).join(", ")));
}

/** How connections did. */
export async function tls(main: HTMLElement, domain: string): Promise<void> {
  const view = await admin.report_tls({ domain, days: period });
  const list = h("div", null);
  fill(main, above(), h("h1", null, domain ? t.connectionsOf(domain) : t.connectionsOfHost), periods(() => tls(main, domain)),
    said(view), asking(domain, "TLS"),
    view.days.length > 0 && columns(p.sessions, SESSIONS, view.days.map((day) => ({ day: day.day, values: [day.good, day.bad] })), view.since, today()),
    h("h2", null, t.failures),
    table([p.sessions, t.happened, t.remedy, t.details, t.toldBy], view.failures.map((one) => [
      number(one.sessions), h("div", null, one.meaning, h("small", null, h("code", null, one.result))), coded(one.remedy),
      h("div", null, one.host, one.reason && h("small", null, one.reason), one.information && h("small", null, one.information)),
      h("div", null, one.reporters.join(", "), h("small", null, one.first === one.last ? utcDay(one.last) : t.span(utcDay(one.first), utcDay(one.last))))]), t.noFailures),
    h("h2", null, t.policies),
    table([p.kind, t.policy, t.succeededHead, p.failed, t.lastSeen], view.policies.map((one) => [one.kind, h("pre", null, one.text || "-"), number(one.good), number(one.bad), utcDay(one.last)]), p.noReport),
    h("h2", null, t.reporters), reporters(view.reporters, p.sessions),
    h("h2", null, p.reports), list);
  await latest(list, { kind: "tls", domain });
}

function said(view: TlsView): HTMLElement {
  const good = view.days.reduce((sum, day) => sum + day.good, 0);
  const bad = view.days.reduce((sum, day) => sum + day.bad, 0);
  if (!good && !bad) return h("p", { class: "ready" }, t.silence);
  return h("p", { class: `ready ${bad ? "unsafe" : "safe"}` }, bad ? t.failedOf(bad, good + bad, share(bad, good + bad)) : t.allProtected(good));
}

/** One report. */
export async function oneReport(main: HTMLElement, id: string): Promise<void> {
  const { line, errors, problems, policies } = await admin.report_show({ id: Number(id) });
  const fact = (name: string, value: Child): HTMLElement[] => [h("dt", null, name), h("dd", null, value)];
  fill(main, above(), h("h1", null, t.reportOf(line.organization)),
    h("dl", null, ...fact(t.about, line.domains.join(", ")), ...fact(t.period, t.span(utcMoment(line.start), utcMoment(line.finish))), ...fact(p.received, utcMoment(line.received)),
      ...fact(t.vouched, line.sender), ...fact(t.contact, line.contact || "-"), ...fact(t.id, line.report_id)),
    ...errors.map((text) => h("p", { class: "hint" }, t.says(text))),
    ...problems.map((text) => h("p", { class: "hint" }, t.odd(text))),
    h("div", { class: "actions" },
      h("button", { type: "button", class: "button", disabled: !line.raw, title: line.raw ? "" : t.rawGone, onclick: () => void attempt(() => raw(line)) }, t.raw),
      h("button", { type: "button", class: "button danger", onclick: () => void sure(t.removing, p.remove).then((yes) => yes && attempt(async () => { await admin.report_remove({ id: line.id }); location.hash = "#reports"; })) }, p.remove)),
    ...policies.flatMap(policy));
}

function policy(one: PolicySeen): Child[] {
  return [
    h("h2", null, one.kind === "dmarc" ? t.counts(one.domain, one.good, one.bad) : t.countsOf(one.domain, one.kind, one.good, one.bad)), one.text && h("pre", null, one.text),
    one.records.length > 0 && table([p.address, p.messages, t.disposition, "SPF", "DKIM", t.from, t.checks], one.records.map((record) => [
      h("span", { class: "exact" }, record.ip), number(record.messages), record.disposition, yes(record.spf), yes(record.dkim),
      h("div", null, record.header_from, record.envelope_from !== null && h("small", null, t.sender(record.envelope_from || "<>")), record.envelope_to && h("small", null, t.toWhom(record.envelope_to))),
      h("div", null, ...record.results.map((check) => h("small", null, [check.kind === "reason" ? t.because : check.kind.toUpperCase(), check.domain, check.selector, check.result, check.text].filter(Boolean).join(" "))))]), ""),
    one.failures.length > 0 && table([t.failure, p.sessions, t.from, t.to, p.reason], one.failures.map((failure) => [
      failure.result, number(failure.sessions), failure.sending_ip, h("div", null, failure.mx_host || failure.mx_helo, h("small", null, failure.receiving_ip)),
      h("div", null, failure.reason, failure.information && h("small", null, failure.information))]), ""),
    one.messages.length > 0 && table([p.kind, p.address, p.messages, t.from, p.subject, t.fate, t.results], one.messages.map((message) => [
      h("div", null, message.kind, h("small", null, message.failures)), message.ip, number(message.incidents), h("div", null, message.header_from, h("small", null, message.mail_from)),
      h("div", { dir: "auto" }, message.subject, h("small", null, message.header_id)), message.delivery, h("small", null, message.results)]), ""),
    one.cut && h("p", { class: "quiet" }, t.cut)];
}

async function raw(line: ReportLine): Promise<void> {
  const found = await admin.report_raw({ id: line.id });
  const url = URL.createObjectURL(new Blob([found.text], { type: "application/octet-stream" }));
  await dialog<void>(found.name, () => [h("pre", { class: "raw", tabIndex: 0 }, found.text.slice(0, 200_000)),
    h("footer", null, found.cut && h("small", null, p.beginning), h("a", { class: "button primary", href: url, download: found.name }, t.saveFile))], "wide");
  URL.revokeObjectURL(url);
}

async function latest(place: HTMLElement, which: { kind?: ReportLine["kind"] | null; domain?: string | null }): Promise<void> {
  const known: ReportLine[] = [];
  const draw = async (): Promise<void> => {
    const limit = known.length ? MANY : FIRST;
    const more = await admin.report_list({ ...which, before: known.at(-1)?.id ?? null, limit });
    known.push(...more);
    fill(place, table([p.received, t.from, t.about, p.kind, t.period, t.good, t.bad], known.map((line) => [
      minute(line.received), h("a", { href: `#report/${line.id}` }, line.organization), line.domains.join(", "), KINDS[line.kind], utcDay((line.start + line.finish) / 2), number(line.good), line.bad ? h("span", { class: "bad" }, number(line.bad)) : "0"]), p.noReport),
      more.length === limit && h("button", { type: "button", class: "button", onclick: () => void attempt(draw) }, p.further));
  };
  await draw();
}

function reporters(known: Reporter[], what: string): HTMLElement {
  return table([t.reporter, p.reports, what], known.map((one) => [h("div", null, one.organization, h("small", null, one.sender)), number(one.reports), number(one.counted)]), t.nobody);
}

function periods(again: () => Promise<void>): HTMLElement {
  const chosen = h("select", null, ...PERIODS.map(([days, name]) => h("option", { value: String(days), selected: days === period }, name)));
  chosen.onchange = () => { period = Number(chosen.value); void attempt(again); };
  return h("div", { class: "filters period" }, field(t.ofLast, chosen));
}

function above(): HTMLElement {
  return h("p", null, h("a", { href: "#reports" }, p.reports));
}

function part(some: number, whole: number, bad = true): Child {
  if (!some) return whole ? "0" : "-";
  return h("span", { class: bad ? "bad nowrap" : "nowrap" }, `${number(some)} (${share(some, whole)})`);
}

/** Text with commands between backticks. */
function coded(text: string): HTMLElement {
  return h("span", null, ...text.split("`").map((piece, at) => (at % 2 ? h("code", null, piece) : piece)));
}

function yes(passed: boolean): HTMLElement {
  return passed ? h("span", { class: "good" }, t.pass) : h("span", { class: "bad" }, t.fail);
}

function today(): number {
  return Math.floor(Date.now() / 86_400_000) * 86_400;
}
