// The DKIM keys of a domain, and how one takes the place of another.
import { admin, type DomainPage, type KeyChange } from "../api";
import { field, h, sure } from "../dom";
import { day, moment } from "../format";
import { copyable, table } from "../table";
import { keys as t } from "../words/admin/domains";
import { p } from "../words/pages";

type Again = (what: () => Promise<DomainPage>) => Promise<boolean>;

/** All keys, with the changes that are under way and a form to begin one. */
export function keys(page: DomainPage, again: Again): HTMLElement {
  const domain = page.line.name;
  const algorithm = h("select", null, h("option", { value: "rsa" }, "RSA"), h("option", { value: "ed25519" }, "Ed25519"));
  const selector = h("input", { placeholder: t.selectorExample, autocapitalize: "off", spellcheck: false });
  const moving = new Set(page.changes.map((one) => one.new));
  const leaving = new Set(page.changes.map((one) => one.old));
  return h("div", null,
    ...page.changes.map((one) => change(page, one, again)),
    table([p.selector, t.algorithm, t.signs, p.since, t.record, ""], page.keys.map((key) => [key.selector, key.algorithm,
      h("input", { type: "checkbox", checked: key.signing, "aria-label": t.signWith(key.selector), onchange: (event: Event) => void again(() => admin.dkim_signing({ domain, selector: key.selector, signing: !key.signing })).then((done) => { if (!done) (event.target as HTMLInputElement).checked = key.signing; }) }),
      h("time", { class: "nowrap" }, day(key.created)), copyable(key.record.value),
      !key.signing && !moving.has(key.selector) && !leaving.has(key.selector) && h("button", { type: "button", class: "link", "aria-label": t.removeThis(key.selector), onclick: () => void sure(t.removing(key.selector), t.removeKey).then((yes) => yes && again(() => admin.dkim_remove({ domain, selector: key.selector }))) }, p.remove)]), t.none),
    h("details", null, h("summary", null, t.change),
      h("p", { class: "quiet" }, t.meaning),
      h("form", {
        onsubmit: (event: Event) => {
          event.preventDefault();
          void again(() => admin.dkim_rotate({ domain, algorithm: algorithm.value as "rsa" | "ed25519", selector: selector.value.trim() }));
        },
      }, field(p.kind, algorithm), field(p.selector, selector), h("button", { class: "button primary" }, t.make))));
}

function change(page: DomainPage, one: KeyChange, again: Again): HTMLElement {
  const domain = page.line.name;
  const shown = page.keys.find((key) => key.selector === (one.stage === "remove" ? one.old : one.new));
  return h("section", { class: "meaning", "aria-label": t.changeTo(one.new) },
    h("h3", null, t.stages[one.stage]), h("p", null, one.todo),
    one.stage !== "wait" && shown && h("p", null, copyable(shown.record.name), " TXT ", copyable(shown.record.value)),
    h("p", { class: "quiet" }, one.until !== null && one.stage === "wait" ? `${t.until(moment(one.until))} ` : "",
      one.looked === null ? t.unasked : t.asked(moment(one.looked))),
    h("div", { class: "actions" },
      h("button", { type: "button", class: "button", onclick: () => void again(() => admin.dkim_look({ domain })) }, t.ask),
      one.stage === "publish" && h("button", { type: "button", class: "button", onclick: () => void again(() => admin.dkim_give_up({ domain, selector: one.new })) }, t.giveUp),
      one.stage === "remove" && one.old && h("button", { type: "button", class: "button", onclick: () => void again(() => admin.dkim_remove({ domain, selector: one.old })) }, t.recordGone)));
}
