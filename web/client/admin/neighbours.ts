// How other domains take our mail: what was seen of them, and looking again.
import { admin, type NeighbourDomain, type NeighbourLook } from "../api";
import { attempt, dialog, field, fill, h, type Child } from "../dom";
import { minute } from "../format";
import { table } from "../table";

const PROVEN: Record<string, string> = { dane: "yes, by DANE", "mta-sts": "yes, by its policy", dnssec: "yes, DNSSEC names it", "": "no" };
/** Rows that are shown before somebody types which ones are meant. */
const SHOWN = 100;

/** A section with a table of domains and a form that looks at any. */
export function neighbours(known: NeighbourDomain[]): HTMLElement {
  const rows = h("div", null);
  const wanted = h("input", { type: "search", placeholder: "example", autocapitalize: "off", spellcheck: false, oninput: () => draw() });
  const domain = h("input", { required: true, placeholder: "example.net", autocapitalize: "off", spellcheck: false });
  const look = (name: string): Promise<boolean> => attempt(async () => {
    const found = await admin.neighbour_look({ domain: name });
    known = found.domains;
    draw();
    await shown(name, found);
  });
  const draw = (): void => {
    const some = known.filter((one) => one.domain.includes(wanted.value.trim().toLowerCase()));
    fill(rows, table(["Domain", "Encrypted", "Right server proven", "MTA-STS", "DNSSEC", "DANE", "REQUIRETLS", "Seen", ""], some.slice(0, SHOWN).map((one) => [
      one.domain, word(one.starttls), one.at === null ? "" : PROVEN[one.verified] ?? one.verified, one.mtasts || (one.at === null ? "" : "none known"),
      word(one.dnssec), word(one.dane), word(one.requiretls), one.at === null ? "not yet" : minute(one.at),
      h("button", { type: "button", class: "link", "aria-label": `Look again at ${one.domain}`, onclick: (event: Event) => waiting(event, look(one.domain)) }, "Look again")]),
    known.length ? "No domain is called so." : "Nothing is known yet: it is seen when mail goes to a domain."),
    some.length > SHOWN && h("p", { class: "quiet" }, `${some.length - SHOWN} more; type part of a name above.`));
  };
  draw();
  return h("section", { "aria-label": "How they take mail" }, h("h2", null, "How they take mail"),
    h("p", { class: "quiet" }, "What was seen when mail went to a domain last: the same that people see as bars beside a recipient while they write. TLSA records (DANE) are asked of the DNS for each delivery and kept as long as it says."),
    known.length > 5 && field("Only domains with", wanted), rows,
    h("form", { onsubmit: (event: Event) => { event.preventDefault(); waiting(event, look(domain.value)); } },
      field("Servers of a domain", domain, "Look at its DNS, its policy and its servers now, as a delivery would; nothing is sent."), h("button", { class: "button" }, "Look")));
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
  return value === null ? "" : value ? "yes" : "no";
}

async function shown(name: string, found: NeighbourLook): Promise<void> {
  const hosts = [...new Set(found.findings.map((one) => one.host))];
  await dialog<null>(`Mail for ${name}`, (close) => [
    h("p", { class: found.usable ? "good" : "bad" }, found.usable ? "Usual mail would be sent there." : "Usual mail would not be sent there now; it would wait."),
    ...hosts.flatMap((host): Child[] => [h("h3", null, host), h("ul", null, ...found.findings.filter((one) => one.host === host).map((one) =>
      h("li", { class: one.verdict === "wrong" ? "bad" : one.verdict === "good" ? null : "quiet" }, one.what, one.mend && h("p", { class: "hint" }, one.mend))))]),
    h("footer", null, h("button", { type: "button", class: "button primary", onclick: () => close(null) }, "Close"))]);
}
