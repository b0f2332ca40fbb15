// What is remembered of other domains: their MTA-STS policies, and how they took mail.
import { admin, type StsPolicy } from "../api";
import { attempt, field, fill, h, notice, sure } from "../dom";
import { minute } from "../format";
import { table } from "../table";
import { neighbours } from "./neighbours";
import { policies as t } from "../words/admin/server";
import { p } from "../words/pages";

/** The policies, each with what went wrong with it; a form that fetches one. */
export async function policies(main: HTMLElement): Promise<void> {
  const [known, met] = await Promise.all([admin.sts_policies(), admin.neighbours({})]);
  draw(main, known, neighbours(met));
}

function draw(main: HTMLElement, known: StsPolicy[], met: HTMLElement): void {
  const domain = h("input", { required: true, placeholder: p.examples.other, autocapitalize: "off", spellcheck: false });
  const fetchOne = (name: string): Promise<boolean> => attempt(async () => {
    const after = await admin.sts_fetch({ domain: name });
    notice(after.words, after.words.startsWith("Fetched") ? "" : "error");
    draw(main, after.policies, met);
  });
  fill(main, h("h1", null, t.title),
    h("p", { class: "quiet" }, t.meaning),
    table([p.domain, t.asksFor, t.hosts, p.holdsUntil, t.fetched, t.trouble, ""], known.map((one) => [
      one.domain, one.mode ? (one.live ? one.mode : t.over(one.mode)) : t.unknown, one.mx.join(" "), when(one.valid_until), when(one.fetched),
      one.problem ? h("span", null, ...(one.again ? t.failing(one.problem, one.failures, minute(one.again)) : [t.failed(one.problem, one.failures)])) : t.noTrouble,
      h("span", { class: "deeds" },
        h("button", { type: "button", class: "link", "aria-label": t.fetchThis(one.domain), onclick: () => void fetchOne(one.domain) }, t.fetch), " ",
        h("button", { type: "button", class: "link", "aria-label": t.forgetThis(one.domain), onclick: () => void sure(t.forgetting(one.domain), p.forget).then((yes) => yes && attempt(async () => draw(main, await admin.sts_forget({ domain: one.domain }), met))) }, p.forget))]),
    t.none),
    h("form", { onsubmit: (event: Event) => { event.preventDefault(); void fetchOne(domain.value); } },
      field(t.policyOf, domain, t.policyOfHint), h("button", { class: "button" }, t.fetch)),
    met);
}

function when(at: number | null): HTMLElement | string {
  return at ? minute(at) : "";
}
