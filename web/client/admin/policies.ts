// What is remembered of other domains: their MTA-STS policies, and how they took mail.
import { admin, type StsPolicy } from "../api";
import { attempt, field, fill, h, notice, sure } from "../dom";
import { minute } from "../format";
import { table } from "../table";
import { neighbours } from "./neighbours";

/** The policies, each with what went wrong with it; a form that fetches one. */
export async function policies(main: HTMLElement): Promise<void> {
  const [known, met] = await Promise.all([admin.sts_policies(), admin.neighbours({})]);
  draw(main, known, neighbours(met));
}

function draw(main: HTMLElement, known: StsPolicy[], met: HTMLElement): void {
  const domain = h("input", { required: true, placeholder: "example.net", autocapitalize: "off", spellcheck: false });
  const fetchOne = (name: string): Promise<boolean> => attempt(async () => {
    const after = await admin.sts_fetch({ domain: name });
    notice(after.words, after.words.startsWith("Fetched") ? "" : "error");
    draw(main, after.policies, met);
  });
  fill(main, h("h1", null, "Policies of other domains"),
    h("p", { class: "quiet" }, "Domains can ask that mail reaches them only over protected connections, to certain hosts (MTA-STS). What was fetched holds until it runs out, even if somebody hides it."),
    table(["Domain", "It asks for", "Hosts", "Holds until", "Fetched", "Last trouble", ""], known.map((one) => [
      one.domain, one.mode ? (one.live ? one.mode : `${one.mode}, run out`) : "nothing known", one.mx.join(" "), when(one.valid_until), when(one.fetched),
      one.problem ? h("span", null, `${one.problem} (${one.failures} in a row`, one.again && "; again from ", one.again && minute(one.again), ")") : "none",
      h("span", { class: "deeds" },
        h("button", { type: "button", class: "link", "aria-label": `Fetch the policy of ${one.domain}`, onclick: () => void fetchOne(one.domain) }, "Fetch"), " ",
        h("button", { type: "button", class: "link", "aria-label": `Forget the policy of ${one.domain}`, onclick: () => void sure(`Until mail goes to ${one.domain} again, nothing is known of its policy; somebody who can hide it then could read that mail.`, "Forget").then((yes) => yes && attempt(async () => draw(main, await admin.sts_forget({ domain: one.domain }), met))) }, "Forget"))]),
    "Nothing is known yet: policies are fetched when mail goes to a domain that has one."),
    h("form", { onsubmit: (event: Event) => { event.preventDefault(); void fetchOne(domain.value); } },
      field("Policy of a domain", domain, "Fetch its policy now, as the next delivery would."), h("button", { class: "button" }, "Fetch")),
    met);
}

function when(at: number | null): HTMLElement | string {
  return at ? minute(at) : "";
}
