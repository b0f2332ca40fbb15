// Certificates: what is served, how it stands with the authority, the host's keys.
import { admin, ApiError, type CertificatePage, type CertificatesPage } from "../api";
import { attempt, button, fill, h, notice, sure } from "../dom";
import { exactDate, minute } from "../format";
import { copyable, table } from "../table";

const STATES = { current: "in use", next: "next", old: "old" };

/** Every certificate, and the host's keys. */
export async function certificates(main: HTMLElement): Promise<void> {
  draw(main, await admin.certificates_page());
}

function draw(main: HTMLElement, known: CertificatesPage): void {
  const renew = (label: string): void => void attempt(async () => {
    draw(main, await admin.certificates_renew({ label }));
    notice("The authority is being asked; look again in a minute.");
  });
  fill(main, h("h1", null, "Certificates"),
    h("p", { class: "quiet" }, known.authority
      ? `The authority is ${known.authority}; names are proven by ${known.challenge}. ${known.account ? `Account: ${known.account}` : "There is no account yet."}`
      : "No authority is asked for certificates: set directory of [acme] in the configuration file."),
    ...known.certificates.map((one) => certificate(one, renew)),
    h("p", null, button("refresh", "Renew all now", () => renew(""), true)),
    h("section", { "aria-label": "Keys" }, h("h2", null, "Keys of this host"),
      table(["Kind", "State", "TLSA record", "Made", "In the DNS since"], known.keys.map((one) => [
        one.algorithm.toUpperCase(), STATES[one.state], copyable(one.record), minute(one.created), one.listed ? minute(one.listed) : "not seen there"]), "There are no keys yet."),
      known.advice && h("p", { class: "quiet" }, known.advice), known.advice && keyDeeds(main, known)),
    h("section", { "aria-label": "History" }, h("h2", null, "History"),
      table(["When", "Certificate", "Came from", "Holds until", "Next", "Trouble"], known.history.map((one) => [
        minute(one.at), one.label, one.until === null ? h("span", { class: "bad" }, `none came from ${one.issuer}`) : one.issuer, one.until === null ? "" : minute(one.until),
        one.next === null ? "" : minute(one.next), one.problem || "none"]), "No certificate was asked for yet.")));
}

/** The two steps of a change of the host's keys. */
function keyDeeds(main: HTMLElement, known: CertificatesPage): HTMLElement {
  const coming = known.keys.some((one) => one.state === "next");
  const change = async (now: boolean): Promise<void> => {
    draw(main, await admin.host_keys_switch({ now }));
    notice("The next keys are in use; certificates for them are being asked for.");
  };
  return h("p", { class: "actions" }, coming
    ? h("button", { type: "button", class: "button", onclick: () => void attempt(async () => {
      try {
        await change(false);
      } catch (problem) {
        if (!(problem instanceof ApiError) || problem.code !== "user:conflict") throw problem;
        if (await sure(`${problem.message.charAt(0).toUpperCase()}${problem.message.slice(1)}. Senders that go by DANE do not deliver here until the DNS has told them of the new keys.`, "Switch all the same")) await change(true);
      }
    }) }, "Switch to the next keys")
    : h("button", { type: "button", class: "button", onclick: () => void attempt(async () => draw(main, await admin.host_keys_next())) }, "Make the next keys"));
}

function certificate(one: CertificatePage, renew: (label: string) => void): HTMLElement {
  const facts: [string, string][] = [
    ["Names", one.names.join(", ")], ["From", one.self_signed ? "this server itself (self-signed)" : one.issuer], ["Key", one.key],
    ["Holds", one.since && one.until ? `${at(one.since)} to ${at(one.until)}` : "there is none yet"],
    ["Renewed", one.renew ? `about ${at(one.renew)}` : "not by this server"], ["At the ports", one.ports.join(", ")], ["File", one.file],
    ["Order", one.order && `${one.order}, under way`], ["Failures", one.failures ? `${one.failures} in a row${one.retry ? `; again from ${at(one.retry)} on` : ""}` : ""],
  ];
  return h("section", { "aria-label": `Certificate ${one.label}` }, h("h2", null, one.label), ...one.problems.map((text) => h("p", { class: "bad" }, text)),
    h("dl", null, ...facts.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", null, name), h("dd", null, value)])),
    one.asked && h("p", null, button("refresh", `Renew ${one.label} now`, () => renew(one.label), true)));
}

function at(seconds: number): string {
  return exactDate(seconds).slice(0, 16);
}
