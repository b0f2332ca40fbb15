// What others report: who sends as our domains, how connections to us did, single reports.
import { admin, type DmarcView, type MailSource, type PolicySeen, type Reporter, type ReportLine, type ReportsPage, type TlsView } from "../api";
import { columns, type Part } from "../chart";
import { attempt, dialog, field, fill, h, notice, sure, type Child } from "../dom";
import { minute, number, share, utcDay } from "../format";
import { copyable, table } from "../table";

const PERIODS: [number, string][] = [[7, "7 days"], [30, "30 days"], [90, "90 days"], [365, "a year"]];
const FATES: Part[] = [{ name: "passed", kind: "passed" }, { name: "failed, delivered", kind: "delivered" }, { name: "quarantined", kind: "quarantined" }, { name: "rejected", kind: "rejected" }];
const SESSIONS: Part[] = [{ name: "succeeded", kind: "passed" }, { name: "failed", kind: "rejected" }];
const VERDICTS: Record<MailSource["verdict"], string> = { yours: "yours", forwarder: "a forwarder", service: "a service to set up", forged: "forged" };
const KINDS: Record<ReportLine["kind"], string> = { dmarc: "DMARC", tls: "TLS", failure: "one message" };
/** Names that are looked up at once; reports that a list begins with, and that it grows by. */
const MANY = 50;
const FIRST = 10;

let period = 30;

/** All domains, the host's address, the latest reports. */
export async function reports(main: HTMLElement): Promise<void> {
  await overview(main, await admin.reports({ days: period }));
}

async function overview(main: HTMLElement, page: ReportsPage): Promise<void> {
  const address = h("input", { type: "text", value: page.host_address, placeholder: "nowhere", autocomplete: "off" });
  const list = h("div", null);
  const kind = h("select", null, h("option", { value: "" }, "all"), ...Object.entries(KINDS).map(([value, name]) => h("option", { value }, name)));
  const draw = (): Promise<void> => latest(list, { kind: (kind.value || null) as ReportLine["kind"] | null });
  kind.onchange = () => void attempt(draw);
  fill(main, h("h1", null, "Reports of others"),
    h("p", { class: "quiet" }, "Other mail servers report what mail came in the names of your domains (DMARC) and how their connections to this one were protected (TLS). ", h("a", { href: "#sent" }, "What this server reports to others"), "."),
    periods(() => reports(main)),
    table(["Domain", "Mail in its name", "Failed DMARC", "Connections", "Failed", "Last report"], page.totals.map((one) => [
      one.domain || h("span", null, page.host, h("small", null, "this host")),
      h("a", { href: `#dmarc/${encodeURIComponent(one.domain)}` }, number(one.messages)), part(one.failed, one.messages),
      h("a", { href: `#tls/${encodeURIComponent(one.domain)}` }, number(one.sessions)), part(one.failed_sessions, one.sessions),
      one.latest === null ? "never" : minute(one.latest)]), "No domain yet."),
    h("h2", null, "Latest reports"),
    h("div", { class: "filters period" }, field("About", kind)), list,
    h("h2", null, "Reports about this host"),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => { const changed = await admin.report_host_address({ address: address.value.trim() }); notice("Saved."); await overview(main, changed); });
      },
    }, field("Reports about TLS to this host are to be sent to", address, "An address at one of your domains, or at the host. Those of a domain are set on its page."),
      h("button", { class: "button primary" }, "Save")),
    page.records.length > 0 && table(["Name", "Type", "Value", "What for"], page.records.map((record) => [copyable(record.name), record.kind, copyable(record.value), record.why]), ""),
    h("p", { class: "quiet" }, `Reports are kept for ${page.kept} days.`));
  await draw();
}

/** Who sends as a domain. */
export async function dmarc(main: HTMLElement, domain: string): Promise<void> {
  const view = await admin.report_dmarc({ domain, days: period });
  const list = h("div", null);
  fill(main, above(), h("h1", null, domain ? `Mail in the name of ${domain}` : "Mail in the name of this host"), periods(() => dmarc(main, domain)),
    ready(view), asking(domain, "DMARC"),
    view.days.length > 0 && columns("Messages", FATES, view.days.map((day) => ({ day: day.day, values: [day.passed, day.delivered, day.quarantined, day.rejected] })), view.since, today()),
    h("h2", null, "Who sends as you"), sources(view),
    h("h2", null, "Reporters"), reporters(view.reporters, "Messages"),
    h("h2", null, "Reports"), list);
  await latest(list, { kind: "dmarc", domain });
}

/** Whether the DNS asks for reports; asked when somebody wants to know. */
function asking(domain: string, kind: string): HTMLElement {
  const place = h("div", null);
  const look = h("button", { type: "button", class: "button", onclick: () => void attempt(async () => {
    const found = (await admin.report_asked({ domain })).filter((one) => one.kind === kind);
    fill(place, ...found.flatMap((one): Child[] => [
      ...one.problems.map((text) => h("p", { class: "hint" }, text)),
      !one.problems.length && h("p", { class: "hint" }, one.wanted ? `The DNS asks for reports to ${one.wanted}, as it should.` : "No reports are wanted."),
      one.record && h("pre", null, one.record)]), !found.length && h("p", { class: "hint" }, "This host has no reports of that kind."));
  }) }, "Does the DNS ask for reports?");
  return h("div", { class: "asking" }, look, place);
}

function ready(view: DmarcView): HTMLElement {
  const state = view.safe === null ? "" : view.safe ? "safe" : "unsafe";
  return h("div", { class: `ready ${state}`, role: "note" }, h("p", null, view.sentence),
    view.policy && h("p", { class: "quiet" }, "The policy that others found last: ", h("code", null, view.policy)));
}

function sources(view: DmarcView): HTMLElement {
  const places = new Map<string, HTMLElement>();
  const rows = view.sources.map((one): Child[] => {
    const first = one.addresses[0] ?? "";
    const name = h("span", { class: "name" });
    places.set(first, name);
    return [
      h("div", { class: "source" }, name, h("span", { class: "exact" }, one.network), h("small", { title: one.addresses.join(", ") }, one.number === 1 ? first : `${number(one.number)} addresses, ${first} …`)),
      number(one.messages), part(one.spf, one.messages, false), part(one.dkim, one.messages, false),
      h("div", null, fates(one)),
      h("div", { class: "verdict" }, h("strong", { class: one.verdict }, VERDICTS[one.verdict]), h("small", null, one.why), mixed(one))];
  });
  const wanted = [...places.keys()];
  const more = h("button", { type: "button", class: "button" }, "Look up more names");
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
  return h("div", null, table(["Source", "Messages", "SPF", "DKIM", "What became of it", "Verdict"], rows, "No report yet tells of mail in this name."),
    view.others > 0 && h("p", { class: "quiet" }, `${number(view.others)} more messages came from smaller sources.`), more);
}

function fates(one: MailSource): string {
  const parts: [number, string][] = [[one.passed, "passed"], [one.delivered, "failed, delivered"], [one.quarantined, "quarantined"], [one.rejected, "rejected"]];
  return parts.filter(([count]) => count).map(([count, name]) => `${number(count)} ${name}`).join(", ");
}

/** Verdicts of the part of a source that differs. */
function mixed(one: MailSource): Child {
  const others = Object.entries(one.opinions).filter(([verdict, count]) => verdict !== one.verdict && count);
  return others.length > 0 && h("small", null, `Also ${others.map(([verdict, count]) => `${number(count)} ${VERDICTS[verdict as MailSource["verdict"]]}`).join(", ")}.`);
}

/** How connections did. */
export async function tls(main: HTMLElement, domain: string): Promise<void> {
  const view = await admin.report_tls({ domain, days: period });
  const list = h("div", null);
  fill(main, above(), h("h1", null, domain ? `Connections for ${domain}` : "Connections to this host"), periods(() => tls(main, domain)),
    said(view), asking(domain, "TLS"),
    view.days.length > 0 && columns("Sessions", SESSIONS, view.days.map((day) => ({ day: day.day, values: [day.good, day.bad] })), view.since, today()),
    h("h2", null, "What failed"),
    table(["Sessions", "What happened", "What to do", "Details", "Told by"], view.failures.map((one) => [
      number(one.sessions), h("div", null, one.meaning, h("small", null, h("code", null, one.result))), coded(one.remedy),
      h("div", null, one.host, one.reason && h("small", null, one.reason), one.information && h("small", null, one.information)),
      h("div", null, one.reporters.join(", "), h("small", null, one.first === one.last ? utcDay(one.last) : `${utcDay(one.first)} to ${utcDay(one.last)}`))]), "Nothing failed."),
    h("h2", null, "Policies that others found"),
    table(["Kind", "Policy", "Succeeded", "Failed", "Last seen"], view.policies.map((one) => [one.kind, h("pre", null, one.text || "-"), number(one.good), number(one.bad), utcDay(one.last)]), "No report yet."),
    h("h2", null, "Reporters"), reporters(view.reporters, "Sessions"),
    h("h2", null, "Reports"), list);
  await latest(list, { kind: "tls", domain });
}

function said(view: TlsView): HTMLElement {
  const good = view.days.reduce((sum, day) => sum + day.good, 0);
  const bad = view.days.reduce((sum, day) => sum + day.bad, 0);
  if (!good && !bad) return h("p", { class: "ready" }, "Nobody has reported yet; reports come a day after the connections, once the TLSRPT record asks for them.");
  return h("p", { class: `ready ${bad ? "unsafe" : "safe"}` }, bad ? `${number(bad)} of ${number(good + bad)} sessions failed (${share(bad, good + bad)}).` : `All ${number(good)} sessions were protected as your policies ask.`);
}

/** One report. */
export async function oneReport(main: HTMLElement, id: string): Promise<void> {
  const { line, errors, problems, policies } = await admin.report_show({ id: Number(id) });
  const fact = (name: string, value: Child): HTMLElement[] => [h("dt", null, name), h("dd", null, value)];
  fill(main, above(), h("h1", null, `Report of ${line.organization}`),
    h("dl", null, ...fact("About", line.domains.join(", ")), ...fact("Period", `${instant(line.start)} to ${instant(line.finish)}`), ...fact("Received", instant(line.received)),
      ...fact("Vouched for by", line.sender), ...fact("Contact", line.contact || "-"), ...fact("Id", line.report_id)),
    ...errors.map((text) => h("p", { class: "hint" }, `The reporter says: ${text}`)),
    ...problems.map((text) => h("p", { class: "hint" }, `Odd: ${text}`)),
    h("div", { class: "actions" },
      h("button", { type: "button", class: "button", disabled: !line.raw, title: line.raw ? "" : "The mail that brought it has been removed.", onclick: () => void attempt(() => raw(line)) }, "Raw report"),
      h("button", { type: "button", class: "button danger", onclick: () => void sure("The report and its mail will be removed; what it tells no longer counts.", "Remove").then((yes) => yes && attempt(async () => { await admin.report_remove({ id: line.id }); location.hash = "#reports"; })) }, "Remove")),
    ...policies.flatMap(policy));
}

function policy(one: PolicySeen): Child[] {
  return [
    h("h2", null, `${one.domain}${one.kind === "dmarc" ? "" : ` (${one.kind})`}: ${number(one.good)} good, ${number(one.bad)} bad`), one.text && h("pre", null, one.text),
    one.records.length > 0 && table(["Address", "Messages", "Disposition", "SPF", "DKIM", "From", "Checks"], one.records.map((record) => [
      h("span", { class: "exact" }, record.ip), number(record.messages), record.disposition, yes(record.spf), yes(record.dkim),
      h("div", null, record.header_from, record.envelope_from !== null && h("small", null, `sender ${record.envelope_from || "<>"}`), record.envelope_to && h("small", null, `to ${record.envelope_to}`)),
      h("div", null, ...record.results.map((check) => h("small", null, [check.kind === "reason" ? "because" : check.kind.toUpperCase(), check.domain, check.selector, check.result, check.text].filter(Boolean).join(" "))))]), ""),
    one.failures.length > 0 && table(["Failure", "Sessions", "From", "To", "Reason"], one.failures.map((failure) => [
      failure.result, number(failure.sessions), failure.sending_ip, h("div", null, failure.mx_host || failure.mx_helo, h("small", null, failure.receiving_ip)),
      h("div", null, failure.reason, failure.information && h("small", null, failure.information))]), ""),
    one.messages.length > 0 && table(["Kind", "Address", "Messages", "From", "Subject", "What became of it", "Results"], one.messages.map((message) => [
      h("div", null, message.kind, h("small", null, message.failures)), message.ip, number(message.incidents), h("div", null, message.header_from, h("small", null, message.mail_from)),
      h("div", { dir: "auto" }, message.subject, h("small", null, message.header_id)), message.delivery, h("small", null, message.results)]), ""),
    one.cut && h("p", { class: "quiet" }, "There is more; the raw report has all of it.")];
}

async function raw(line: ReportLine): Promise<void> {
  const found = await admin.report_raw({ id: line.id });
  const url = URL.createObjectURL(new Blob([found.text], { type: "application/octet-stream" }));
  await dialog<void>(found.name, () => [h("pre", { class: "raw", tabIndex: 0 }, found.text.slice(0, 200_000)),
    h("footer", null, found.cut && h("small", null, "This is only its beginning."), h("a", { class: "button primary", href: url, download: found.name }, "Save as a file"))], "wide");
  URL.revokeObjectURL(url);
}

async function latest(place: HTMLElement, which: { kind?: ReportLine["kind"] | null; domain?: string | null }): Promise<void> {
  const known: ReportLine[] = [];
  const draw = async (): Promise<void> => {
    const limit = known.length ? MANY : FIRST;
    const more = await admin.report_list({ ...which, before: known.at(-1)?.id ?? null, limit });
    known.push(...more);
    fill(place, table(["Received", "From", "About", "Kind", "Period", "Good", "Bad"], known.map((line) => [
      minute(line.received), h("a", { href: `#report/${line.id}` }, line.organization), line.domains.join(", "), KINDS[line.kind], utcDay((line.start + line.finish) / 2), number(line.good), line.bad ? h("span", { class: "bad" }, number(line.bad)) : "0"]), "No report yet."),
      more.length === limit && h("button", { type: "button", class: "button", onclick: () => void attempt(draw) }, "More"));
  };
  await draw();
}

function reporters(known: Reporter[], what: string): HTMLElement {
  return table(["Reporter", "Reports", what], known.map((one) => [h("div", null, one.organization, h("small", null, one.sender)), number(one.reports), number(one.counted)]), "Nobody yet.");
}

function periods(again: () => Promise<void>): HTMLElement {
  const chosen = h("select", null, ...PERIODS.map(([days, name]) => h("option", { value: String(days), selected: days === period }, name)));
  chosen.onchange = () => { period = Number(chosen.value); void attempt(again); };
  return h("div", { class: "filters period" }, field("Of the last", chosen));
}

function above(): HTMLElement {
  return h("p", null, h("a", { href: "#reports" }, "Reports"));
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
  return passed ? h("span", { class: "good" }, "pass") : h("span", { class: "bad" }, "fail");
}

function instant(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function today(): number {
  return Math.floor(Date.now() / 86_400_000) * 86_400;
}
