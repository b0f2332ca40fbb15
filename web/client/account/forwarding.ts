// Forwarding: addresses, how they are confirmed, what becomes of the copy here.
import { account, type ForwardChoices, type ForwardTarget } from "../api";
import { attempt, edited, field, fill, h, notice, sure } from "../dom";
import { minute } from "../format";
import { forwarding as t } from "../words/account/mail";
import { p } from "../words/pages";
import { s } from "../words/shared";

const USUAL: ForwardChoices = { everything: true, keep: "inbox", seal: true, attach: false };

export async function forwarding(main: HTMLElement): Promise<void> {
  draw(main, await account.forwards());
}

function draw(main: HTMLElement, known: ForwardTarget[]): void {
  const again = (what: () => Promise<ForwardTarget[]>): Promise<boolean> => edited(async () => draw(main, await what()), () => forwarding(main));
  fill(main, h("h1", null, t.title),
    h("p", { class: "quiet" }, t.meaning),
    ...known.map((one) => card(one, again)),
    h("section", null, h("h2", null, known.length ? t.another : t.to), fresh(again)));
}

/** One address with all that can be done about it. */
function card(target: ForwardTarget, again: (what: () => Promise<ForwardTarget[]>) => Promise<boolean>): HTMLElement {
  const remove = h("button", { type: "button", class: "button danger", onclick: () => void sure(t.removing(target.address), p.remove).then((yes) => yes && again(() => account.forward_remove({ id: target.id }))) }, p.remove);
  const title = h("h2", null, target.address, " ", h("span", { class: target.confirmed ? "tag" : "tag warn" }, target.confirmed ? t.confirmed : t.unconfirmed));
  if (!target.confirmed) {
    const code = h("input", { required: true, autocomplete: "one-time-code", autocapitalize: "off", spellcheck: false, placeholder: t.codeExample });
    return h("section", null, title,
      h("p", null, t.mailed(target.address)),
      h("form", { onsubmit: (event: Event) => { event.preventDefault(); void again(() => account.forward_confirm({ id: target.id, code: code.value })); } },
        h("div", { class: "short" }, field(s.signIn.code, code)),
        h("p", { class: "actions" }, h("button", { class: "button primary" }, t.confirm),
          h("button", { type: "button", class: "button", onclick: () => void attempt(async () => { await account.forward_code({ id: target.id }); notice(t.remailed); }) }, t.remail), remove)));
  }
  const parts = choices(target.choices);
  return h("section", null, title,
    h("p", { class: "quiet" }, ...t.counts(target.forwarded, target.latest === null ? null : minute(target.latest), target.kept, target.kept_why)),
    h("form", { onsubmit: (event: Event) => { event.preventDefault(); void again(async () => { const now = await account.forward_change({ id: target.id, choices: parts.value(), version: target.version }); notice(p.saved); return now; }); } },
      ...parts.fields, h("p", { class: "actions" }, h("button", { class: "button primary" }, s.save), remove)));
}

/** The choices for an address as fields, and what they say. */
function choices(now: ForwardChoices): { fields: HTMLElement[]; value: () => ForwardChoices } {
  const everything = h("select", null, h("option", { value: "all", selected: now.everything }, t.everything), h("option", { value: "rules", selected: !now.everything }, t.byRules));
  const keep = h("select", null, h("option", { value: "inbox", selected: now.keep === "inbox" }, t.keep), h("option", { value: "archive", selected: now.keep === "archive" }, t.archive));
  const attach = h("select", null, h("option", { value: "no", selected: !now.attach }, t.refusedStays), h("option", { value: "yes", selected: now.attach }, t.refusedAttached));
  const seal = h("input", { type: "checkbox", checked: now.seal });
  return {
    fields: [h("div", { class: "pairs" }, field(t.forward, everything), field(t.copy, keep)),
      field(t.refused, attach, t.refusedHint),
      field(t.seal, seal, t.sealHint)],
    value: () => ({ everything: everything.value === "all", keep: keep.value as ForwardChoices["keep"], seal: seal.checked, attach: attach.value === "yes" }),
  };
}

/** The form for a new address. */
function fresh(again: (what: () => Promise<ForwardTarget[]>) => Promise<boolean>): HTMLElement {
  const address = h("input", { type: "email", required: true, autocapitalize: "off", spellcheck: false, placeholder: t.example });
  const parts = choices(USUAL);
  return h("form", { onsubmit: (event: Event) => { event.preventDefault(); void again(() => account.forward_add({ address: address.value, choices: parts.value() })); } },
    field(p.address, address, t.addressHint), ...parts.fields,
    h("p", { class: "actions" }, h("button", { class: "button primary" }, p.add)));
}
