// How other domains take our mail: what was seen of them, and looking again.
import { admin, type NeighbourDomain, type NeighbourLook } from "../api";
import { attempt, dialog, field, fill, h, type Child } from "../dom";
import { minute } from "../format";
import { table } from "../table";
import { neighbours as t } from "../words/admin/server";
import { p } from "../words/pages";
import { s } from "../words/shared";

/** Rows that are shown before somebody types which ones are meant. */
const SHOWN = 100;

/** A section with a table of domains and a form that looks at any. */
export function neighbours(known: NeighbourDomain[]): HTMLElement {
  const rows = h("div", null);
  const wanted = h("input", { type: "search", placeholder: t.example, autocapitalize: "off", spellcheck: false, oninput: () => draw() });
  const domain = h("input", { required: true, placeholder: p.examples.other, autocapitalize: "off", spellcheck: false });
  const look = (name: string): Promise<boolean> => attempt(async () => {
    const found = await admin.neighbour_look({ domain: name });
    known = found.domains;
    draw();
    await shown(name, found);
  });
  const draw = (): void => {
    const some = known.filter((one) => one.domain.includes(wanted.value.trim().toLowerCase()));
    fill(rows, table([p.domain, t.encrypted, t.right, "MTA-STS", "DNSSEC", "DANE", "REQUIRETLS", t.seen, ""], some.slice(0, SHOWN).map((one) => [
      one.domain, word(one.starttls), one.at === null ? "" : t.proven[one.verified] ?? one.verified, one.mtasts || (one.at === null ? "" : t.noPolicy),
      word(one.dnssec), word(one.dane), word(one.requiretls), one.at === null ? t.unseen : minute(one.at),
      h("button", { type: "button", class: "link", "aria-label": t.lookAgainAt(one.domain), onclick: (event: Event) => waiting(event, look(one.domain)) }, t.lookAgain)]),
    known.length ? t.notFound : t.none),
    some.length > SHOWN && h("p", { class: "quiet" }, t.more(some.length - SHOWN)));
  };
  draw();
  return h("section", { "aria-label": t.title }, h("h2", null, t.title),
    h("p", { class: "quiet" }, t.meaning),
    known.length > 5 && field(t.only, wanted), rows,
    h("form", { onsubmit: (event: Event) => { event.preventDefault(); waiting(event, look(domain.value)); } },
      field(t.servers, domain, t.serversHint), h("button", { class: "button" }, t.look)));
}

/** Nobody clicks twice while the answer is on its way, which may take half a minute. */
function waiting(event: Event, work: Promise<boolean>): void {
  const pressed = event instanceof SubmitEvent ? event.submitter : event.currentTarget;
  if (!(pressed instanceof HTMLButtonElement)) return;
  pressed.disabled = true;
  pressed.setAttribute("aria-busy", "true");
  void work.finally(() => { pressed.disabled = false; pressed.removeAttribute("aria-busy"); });
}

function word(value: boolean | null): string {
  return value === null ? "" : value ? p.yes : p.no;
}

async function shown(name: string, found: NeighbourLook): Promise<void> {
  const hosts = [...new Set(found.findings.map((one) => one.host))];
  await dialog<null>(t.mailFor(name), (close) => [
    h("p", { class: found.usable ? "good" : "bad" }, found.usable ? t.sendable : t.unsendable),
    ...hosts.flatMap((host): Child[] => [h("h3", null, host), h("ul", null, ...found.findings.filter((one) => one.host === host).map((one) =>
      h("li", { class: one.verdict === "wrong" ? "bad" : one.verdict === "good" ? null : "quiet" }, one.what, one.mend && h("p", { class: "hint" }, one.mend))))]),
    h("footer", null, h("button", { type: "button", class: "button primary", onclick: () => close(null) }, s.close))]);
}
