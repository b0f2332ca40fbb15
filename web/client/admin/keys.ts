// The DKIM keys of a domain, and how one takes the place of another.
import { admin, type DomainPage, type KeyChange } from "../api";
import { field, h, sure } from "../dom";
import { exactDate } from "../format";
import { copyable, table } from "../table";

type Again = (what: () => Promise<DomainPage>) => Promise<boolean>;

/** All keys, with the changes that are under way and a form to begin one. */
export function keys(page: DomainPage, again: Again): HTMLElement {
  const domain = page.line.name;
  const algorithm = h("select", null, h("option", { value: "rsa" }, "RSA"), h("option", { value: "ed25519" }, "Ed25519"));
  const selector = h("input", { placeholder: "made of the date", autocapitalize: "off", spellcheck: false });
  const moving = new Set(page.changes.map((one) => one.new));
  const leaving = new Set(page.changes.map((one) => one.old));
  return h("div", null,
    ...page.changes.map((one) => change(page, one, again)),
    table(["Selector", "Algorithm", "Signs", "Since", "DNS record", ""], page.keys.map((key) => [key.selector, key.algorithm,
      h("input", { type: "checkbox", checked: key.signing, "aria-label": `Sign with ${key.selector}`, onchange: (event: Event) => void again(() => admin.dkim_signing({ domain, selector: key.selector, signing: !key.signing })).then((done) => { if (!done) (event.target as HTMLInputElement).checked = key.signing; }) }),
      h("time", { class: "nowrap" }, exactDate(key.created).slice(0, 10)), copyable(key.record.value),
      !key.signing && !moving.has(key.selector) && !leaving.has(key.selector) && h("button", { type: "button", class: "link", "aria-label": `Remove ${key.selector}`, onclick: () => void sure(`The key ${key.selector} is lost for good; take its record out of the DNS.`, "Remove the key").then((yes) => yes && again(() => admin.dkim_remove({ domain, selector: key.selector }))) }, "Remove")]), "No keys."),
    h("details", null, h("summary", null, "Change a key"),
      h("p", { class: "quiet" }, "A new key is made. You publish its record; when all name servers of the domain have it the server signs with it, and tells you when the old record can go. No mail is lost or unsigned meanwhile."),
      h("form", {
        onsubmit: (event: Event) => {
          event.preventDefault();
          void again(() => admin.dkim_rotate({ domain, algorithm: algorithm.value as "rsa" | "ed25519", selector: selector.value.trim() }));
        },
      }, field("Kind", algorithm), field("Selector", selector), h("button", { class: "button primary" }, "Make a new key"))));
}

const STAGES: Record<KeyChange["stage"], string> = { publish: "1 of 3: publish the new record", wait: "2 of 3: old mail passes", remove: "3 of 3: take the old record out" };

function change(page: DomainPage, one: KeyChange, again: Again): HTMLElement {
  const domain = page.line.name;
  const shown = page.keys.find((key) => key.selector === (one.stage === "remove" ? one.old : one.new));
  return h("section", { class: "meaning", "aria-label": `Change to ${one.new}` },
    h("h3", null, STAGES[one.stage]), h("p", null, one.todo),
    one.stage !== "wait" && shown && h("p", null, copyable(shown.record.name), " TXT ", copyable(shown.record.value)),
    h("p", { class: "quiet" }, one.until !== null && one.stage === "wait" ? `Until ${exactDate(one.until).slice(0, 16)}. ` : "",
      one.looked === null ? "The DNS has not been asked yet; that is done every ten minutes." : `The DNS was asked at ${exactDate(one.looked).slice(0, 16)}.`),
    h("div", { class: "actions" },
      h("button", { type: "button", class: "button", onclick: () => void again(() => admin.dkim_look({ domain })) }, "Ask the DNS now"),
      one.stage === "publish" && h("button", { type: "button", class: "button", onclick: () => void again(() => admin.dkim_give_up({ domain, selector: one.new })) }, "Give up the new key"),
      one.stage === "remove" && one.old && h("button", { type: "button", class: "button", onclick: () => void again(() => admin.dkim_remove({ domain, selector: one.old })) }, "The record is gone")));
}
