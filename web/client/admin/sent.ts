// What this server reports to others: what waits, what was sent to whom, and who gets none.
import { admin, type Evidence, type SendingPage, type SentReport, type SentTo, type Suppressed } from "../api";
import { attempt, dialog, field, fill, h, notice, sure, type Child } from "../dom";
import { minute, number, utcDay } from "../format";
import { table } from "../table";

type Kind = Evidence["kind"];

const KINDS: Record<Kind, string> = { dmarc: "DMARC", tls: "TLS" };
const COUNTED: Record<Kind, string> = { dmarc: "messages", tls: "sessions" };
const STATES: Record<SentReport["state"], string> = { due: "is to be sent", sent: "sent", needless: "not needed", unsent: "not sent" };
const FATES: Record<SentTo["fate"], string> = {
  waiting: "in the queue", delivered: "delivered", failed: "came back", dropped: "dropped", posted: "posted", suppressed: "suppressed", refused: "refused",
};
/** Reports that a list begins with, and that it grows by. */
const MANY = 25;

/** All about reports to others. */
export async function sent(main: HTMLElement): Promise<void> {
  await draw(main, await admin.sent_reports());
}

async function draw(main: HTMLElement, page: SendingPage): Promise<void> {
  const again = (): Promise<void> => sent(main);
  const lists: [Kind, HTMLElement][] = [["dmarc", h("div", null)], ["tls", h("div", null)]];
  fill(main, h("p", null, h("a", { href: "#reports" }, "Reports")), h("h1", null, "Reports to others"), h("p", { class: "quiet" }, ...said(page)),
    h("h2", null, "What waits"), evidence(page.evidence, again),
    ...lists.flatMap(([kind, list]): Child[] => [h("h2", null, `${KINDS[kind]} reports`), list]),
    h("h2", null, "Who gets none"), suppressed(page.suppressed, (changed) => draw(main, changed)));
  await Promise.all(lists.map(([kind, list]) => listing(list, kind)));
}

/** What is switched on, in whose name it is sent, and when next. */
function said(page: SendingPage): Child[] {
  const off = (["dmarc", "tls"] as const).filter((kind) => !page[kind]).map((kind) => KINDS[kind]);
  return [
    "Domains that ask for it are told once a day what mail came in their names (DMARC) and how connections to their servers were protected (TLS). ",
    page.submitter ? `Reports come from postmaster@${page.submitter}. ` : "No DKIM key signs for this host, so no report leaves. ",
    ...(page.planned === null ? [] : ["What waits is looked through next: ", minute(page.planned), ". "]),
    off.length > 0 && `Switched off in the configuration: ${off.join(", ")}.`];
}

function evidence(waiting: Evidence[], again: () => Promise<void>): HTMLElement {
  return table(["Domain", "Kind", "Seen", "Since", ""], waiting.map((one) => [
    one.domain, KINDS[one.kind],
    h("div", null, `${number(one.counted)} ${COUNTED[one.kind]}`, one.optional > 0 && h("small", null, one.optional === one.counted ? "all by reports or notices, no reason to write" : `${number(one.optional)} by reports or notices`)),
    utcDay(one.since),
    h("div", { class: "actions" },
      h("button", { type: "button", class: "button", onclick: () => void attempt(() => preview(one, again)) }, "Preview…"),
      h("button", { type: "button", class: "button danger", onclick: () => void sure(`What was seen of ${one.domain} will be told to nobody.`, "Forget").then((yes) => yes && attempt(async () => { await admin.sent_report_forget({ kind: one.kind, domain: one.domain }); await again(); })) }, "Forget"))]),
  "Nothing waits to be reported.");
}

/** The report as it would leave now; it can be sent from here. */
async function preview(one: Evidence, again: () => Promise<void>): Promise<void> {
  const found = await admin.sent_report_preview({ kind: one.kind, domain: one.domain });
  const send = await dialog<boolean>(found.subject || `Report about ${found.domain}`, (close) => [
    h("p", null, found.to.length ? `To ${found.to.join(", ")}` : "Nobody would get it."),
    found.why_not && h("p", { class: "hint" }, `In the way: ${found.why_not}.`),
    ...found.problems.map((text) => h("p", { class: "hint" }, text)),
    found.document && h("pre", { class: "raw", tabIndex: 0 }, found.document), found.cut && h("small", null, "This is only its beginning."),
    h("footer", null, h("button", { type: "button", class: "button primary", onclick: () => close(true) }, "Send now"))], "wide");
  if (!send) return;
  await admin.sent_report_send({ kind: one.kind, domain: one.domain });
  notice("It will be sent within a minute.");
  await again();
}

/** Reports of one kind, the latest first. */
async function listing(place: HTMLElement, kind: Kind): Promise<void> {
  const known: SentReport[] = [];
  const grow = async (): Promise<void> => {
    const more = await admin.sent_report_list({ kind, before: known.at(-1)?.id ?? null, limit: MANY });
    known.push(...more);
    const remove = (one: SentReport): void => void sure(one.due === null ? "Its row will be removed here; what was sent is sent." : "It will not be sent, and what it tells is told to nobody.", "Remove").then((yes) => yes && attempt(async () => {
      await admin.sent_report_remove({ kind, id: one.id });
      await listing(place, kind);
    }));
    fill(place, table(["About", "Day", COUNTED[kind] === "messages" ? "Messages" : "Sessions", "State", "To", ""], known.map((one) => [
      one.domain, utcDay(one.start), one.settled === null ? "-" : number(one.counted), state(one), h("div", null, ...one.to.map(fate)),
      h("button", { type: "button", class: "button danger", onclick: () => remove(one) }, "Remove")]), "No report yet."),
      more.length === MANY && h("button", { type: "button", class: "button", onclick: () => void attempt(grow) }, "More"));
  };
  await grow();
}

function state(one: SentReport): HTMLElement {
  const when = one.due === null ? one.settled : one.due;
  return h("div", null, h("span", { class: one.state === "unsent" ? "bad" : "" }, STATES[one.state]), when !== null && h("small", null, one.due !== null && one.attempts > 0 && "again: ", minute(when)), one.text && h("small", null, one.text));
}

function fate(one: SentTo): HTMLElement {
  const bad = one.fate === "failed" || one.fate === "refused";
  return h("div", null, one.uri, h("small", { class: bad ? "bad" : "", title: one.said }, FATES[one.fate], bad && one.said && `: ${one.said}`));
}

function suppressed(known: Suppressed[], show: (changed: SendingPage) => Promise<void>): HTMLElement {
  const address = h("input", { type: "text", autocomplete: "off", required: true });
  const days = h("input", { type: "number", min: "1", max: "3650", placeholder: "for good" });
  const reason = h("input", { type: "text", autocomplete: "off" });
  return h("div", null,
    table(["Address", "Until", "Reason", ""], known.map((one) => [
      one.address, one.until === null ? "for good" : minute(one.until), one.reason,
      h("button", { type: "button", class: "button", onclick: () => void attempt(async () => show(await admin.sent_report_allow({ address: one.address }))) }, "Allow again")]), "Everybody who asks gets reports."),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => show(await admin.sent_report_suppress({ address: address.value, days: days.value ? Number(days.value) : null, reason: reason.value })));
      },
    }, field("Send no reports to", address, "A mail address, or the https URL that reports are posted to."), field("For so many days", days), field("Reason", reason, "A note for yourself."),
      h("button", { class: "button" }, "Suppress")));
}
