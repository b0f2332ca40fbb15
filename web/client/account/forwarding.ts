// Forwarding: addresses, how they are confirmed, what becomes of the copy here.
import { account, type ForwardChoices, type ForwardTarget } from "../api";
import { attempt, edited, field, fill, h, notice, sure } from "../dom";
import { minute, number } from "../format";

const USUAL: ForwardChoices = { everything: true, keep: "inbox", seal: true, attach: false };

export async function forwarding(main: HTMLElement): Promise<void> {
  draw(main, await account.forwards());
}

function draw(main: HTMLElement, known: ForwardTarget[]): void {
  const again = (what: () => Promise<ForwardTarget[]>): Promise<boolean> => edited(async () => draw(main, await what()), () => forwarding(main));
  fill(main, h("h1", null, "Forwarding"),
    h("p", { class: "quiet" }, "Mail goes on to another address as it came, and a copy stays here. Junk is never forwarded. If the other server refuses something, you are told here; whoever wrote it is not."),
    ...known.map((one) => card(one, again)),
    h("section", null, h("h2", null, known.length ? "Another address" : "Forward to"), fresh(again)));
}

/** One address with all that can be done about it. */
function card(target: ForwardTarget, again: (what: () => Promise<ForwardTarget[]>) => Promise<boolean>): HTMLElement {
  const remove = h("button", { type: "button", class: "button danger", onclick: () => void sure(`Nothing more will be forwarded to ${target.address}.`, "Remove").then((yes) => yes && again(() => account.forward_remove({ id: target.id }))) }, "Remove");
  const title = h("h2", null, target.address, " ", h("span", { class: target.confirmed ? "tag" : "tag warn" }, target.confirmed ? "confirmed" : "not confirmed"));
  if (!target.confirmed) {
    const code = h("input", { required: true, autocomplete: "one-time-code", autocapitalize: "off", spellcheck: false, placeholder: "abcd-efgh" });
    return h("section", null, title,
      h("p", null, `A code was mailed to ${target.address}. Nothing is forwarded before you type it here.`),
      h("form", { onsubmit: (event: Event) => { event.preventDefault(); void again(() => account.forward_confirm({ id: target.id, code: code.value })); } },
        h("div", { class: "short" }, field("Code", code)),
        h("p", { class: "actions" }, h("button", { class: "button primary" }, "Confirm"),
          h("button", { type: "button", class: "button", onclick: () => void attempt(async () => { await account.forward_code({ id: target.id }); notice("Another code is on its way."); }) }, "Mail another code"), remove)));
  }
  const parts = choices(target.choices);
  return h("section", null, title,
    h("p", { class: "quiet" }, `${number(target.forwarded)} forwarded`, target.latest !== null && ", the last one ", target.latest !== null && minute(target.latest), "; ", `${number(target.kept)} kept here only`, target.kept_why && `, the last one because ${target.kept_why}`, "."),
    h("form", { onsubmit: (event: Event) => { event.preventDefault(); void again(async () => { const now = await account.forward_change({ id: target.id, choices: parts.value(), version: target.version }); notice("Saved."); return now; }); } },
      ...parts.fields, h("p", { class: "actions" }, h("button", { class: "button primary" }, "Save"), remove)));
}

/** The choices for an address as fields, and what they say. */
function choices(now: ForwardChoices): { fields: HTMLElement[]; value: () => ForwardChoices } {
  const everything = h("select", null, h("option", { value: "all", selected: now.everything }, "all mail but junk"), h("option", { value: "rules", selected: !now.everything }, "only what a rule forwards"));
  const keep = h("select", null, h("option", { value: "inbox", selected: now.keep === "inbox" }, "stays where it belongs"), h("option", { value: "archive", selected: now.keep === "archive" }, "goes to Archive, as read"));
  const attach = h("select", null, h("option", { value: "no", selected: !now.attach }, "stays here, with the reason"), h("option", { value: "yes", selected: now.attach }, "goes as an attachment of a message of yours"));
  const seal = h("input", { type: "checkbox", checked: now.seal });
  return {
    fields: [h("div", { class: "pairs" }, field("Forward", everything), field("The copy here", keep)),
      field("What the other server would refuse", attach, "Some domains forbid what forwarding does to their mail (DMARC). Such mail would be lost on the way."),
      field("Seal it (ARC)", seal, "Tells the other server what this one found out about the sender.")],
    value: () => ({ everything: everything.value === "all", keep: keep.value as ForwardChoices["keep"], seal: seal.checked, attach: attach.value === "yes" }),
  };
}

/** The form for a new address. */
function fresh(again: (what: () => Promise<ForwardTarget[]>) => Promise<boolean>): HTMLElement {
  const address = h("input", { type: "email", required: true, autocapitalize: "off", spellcheck: false, placeholder: "me@example.net" });
  const parts = choices(USUAL);
  return h("form", { onsubmit: (event: Event) => { event.preventDefault(); void again(() => account.forward_add({ address: address.value, choices: parts.value() })); } },
    field("Address", address, "A code is mailed there. Forwarding begins when you have typed it here."), ...parts.fields,
    h("p", { class: "actions" }, h("button", { class: "button primary" }, "Add")));
}
