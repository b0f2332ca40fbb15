// Certificates: what is served, how it stands with the authority, the host's keys.
import { admin, ApiError, type CertificatePage, type CertificatesPage } from "../api";
import { attempt, button, fill, h, notice, sure } from "../dom";
import { minute, moment } from "../format";
import { copyable, table } from "../table";
import { certificates as t } from "../words/admin/server";
import { p } from "../words/pages";

/** Every certificate, and the host's keys. */
export async function certificates(main: HTMLElement): Promise<void> {
  draw(main, await admin.certificates_page());
}

function draw(main: HTMLElement, known: CertificatesPage): void {
  const renew = (label: string): void => void attempt(async () => {
    draw(main, await admin.certificates_renew({ label }));
    notice(t.asking);
  });
  fill(main, h("h1", null, t.title),
    h("p", { class: "quiet" }, known.authority
      ? `${t.authority(known.authority, known.challenge)} ${known.account ? t.account(known.account) : t.noAccount}`
      : t.noAuthority),
    ...known.certificates.map((one) => certificate(one, renew)),
    h("p", null, button("refresh", t.renewAll, () => renew(""), true)),
    h("section", { "aria-label": t.keys }, h("h2", null, t.hostKeys),
      table([p.kind, p.state, t.record, t.made, t.seen], known.keys.map((one) => [
        one.algorithm.toUpperCase(), t.states[one.state], copyable(one.record), minute(one.created), one.listed ? minute(one.listed) : t.unseen]), t.noKeys),
      known.advice && h("p", { class: "quiet" }, known.advice), known.advice && keyDeeds(main, known)),
    h("section", { "aria-label": t.history }, h("h2", null, t.history),
      table([p.when, t.certificate, t.cameFrom, p.holdsUntil, t.next, t.trouble], known.history.map((one) => [
        minute(one.at), one.label, one.until === null ? h("span", { class: "bad" }, t.noneCame(one.issuer)) : one.issuer, one.until === null ? "" : minute(one.until),
        one.next === null ? "" : minute(one.next), one.problem || t.noTrouble]), t.noHistory)));
}

/** The two steps of a change of the host's keys. */
function keyDeeds(main: HTMLElement, known: CertificatesPage): HTMLElement {
  const coming = known.keys.some((one) => one.state === "next");
  const change = async (now: boolean): Promise<void> => {
    draw(main, await admin.host_keys_switch({ now }));
    notice(t.switched);
  };
  return h("p", { class: "actions" }, coming
    ? h("button", { type: "button", class: "button", onclick: () => void attempt(async () => {
      try {
        await change(false);
      } catch (problem) {
        if (!(problem instanceof ApiError) || problem.code !== "user:conflict") throw problem;
        if (await sure(t.switchAsk(problem.message.charAt(0).toUpperCase() + problem.message.slice(1)), t.switchAnyway)) await change(true);
      }
    }) }, t.switch)
    : h("button", { type: "button", class: "button", onclick: () => void attempt(async () => draw(main, await admin.host_keys_next())) }, t.makeNext));
}

function certificate(one: CertificatePage, renew: (label: string) => void): HTMLElement {
  const facts: [string, string][] = [
    [t.names, one.names.join(", ")], [t.from, one.self_signed ? t.selfSigned : one.issuer], [t.key, one.key],
    [t.holds, one.since && one.until ? t.span(moment(one.since), moment(one.until)) : t.noneYet],
    [t.renewed, one.renew ? t.about(moment(one.renew)) : t.renewedElsewhere], [t.ports, one.ports.join(", ")], [t.file, one.file],
    [t.order, one.order && t.ordered(one.order)], [t.failures, one.failures ? one.retry ? t.failingUntil(one.failures, moment(one.retry)) : t.failing(one.failures) : ""],
  ];
  return h("section", { "aria-label": t.certificateOf(one.label) }, h("h2", null, one.label), ...one.problems.map((text) => h("p", { class: "bad" }, text)),
    h("dl", null, ...facts.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", null, name), h("dd", null, value)])),
    one.asked && h("p", null, button("refresh", t.renewThis(one.label), () => renew(one.label), true)));
}
