// Who one is for others: the name, addresses with where their mail goes, identities and signatures.
import { account, webmail, type Mailbox, type OwnIdentity, type Persona } from "../api";
import { button, dialog, edited, field, fill, h, notice, sure } from "../dom";
import { identities as t } from "../words/account/access";
import { p } from "../words/pages";
import { s } from "../words/shared";

/** Change something and draw what it is then; `reloaded` is told when somebody else was faster, and his is drawn. */
type Again = (what: () => Promise<Persona>, reloaded?: () => void) => Promise<boolean>;

export async function identities(main: HTMLElement): Promise<void> {
  const [now, mailboxes] = await Promise.all([account.persona(), webmail.mailboxes()]);
  draw(main, now, mailboxes);
}

function draw(main: HTMLElement, now: Persona, mailboxes: Mailbox[]): void {
  const again: Again = (what, reloaded) => edited(async () => draw(main, await what(), mailboxes), async () => { await identities(main); reloaded?.(); });
  const name = h("input", { value: now.full_name, autocomplete: "name", maxLength: 100 });
  const saved = async (what: Promise<Persona>): Promise<Persona> => { const result = await what; notice(p.saved); return result; };
  fill(main, h("h1", null, t.title),
    h("form", { onsubmit: (event: Event) => { event.preventDefault(); void again(() => saved(account.full_name_change({ name: name.value, version: now.version }))); } },
      h("div", { class: "short" }, field(t.fullName, name, t.fullNameHint)), h("p", { class: "actions" }, h("button", { class: "button primary" }, s.save))),
    h("h2", null, t.identities),
    h("p", { class: "quiet" }, t.meaning),
    now.identities.length ? h("ol", { class: "rules" }, ...now.identities.map((one, at) => identity(one, at, now, again))) : h("p", { class: "quiet" }, t.none),
    h("p", { class: "actions" }, button("write", t.new, () => void edit({ id: 0, name: now.full_name, address: now.usable[0] ?? "", reply_to: "", signature: "", version: "" }, now, again), true, "primary")),
    h("h2", null, t.addresses),
    ...(now.addresses.length ? now.addresses.map((one) => {
      const shown = h("input", { value: one.display_name, placeholder: now.full_name || t.asAbove, maxLength: 100 });
      const place = h("select", null, h("option", { value: "" }, p.inbox), ...mailboxes.filter((box) => !box.role || box.role === "archive").map((box) => h("option", { value: String(box.id), selected: box.id === one.mailbox_id }, box.name)));
      return h("form", {
        class: "card", "aria-label": one.address, onsubmit: (event: Event) => {
          event.preventDefault();
          void again(() => saved(account.address_change({ address: one.address, display_name: shown.value, mailbox_id: place.value ? Number(place.value) : null, version: one.version })));
        },
      }, h("h3", null, one.address), h("div", { class: "pairs" }, field(s.name, shown), field(t.place, place, t.placeHint)),
        h("p", { class: "actions" }, h("button", { class: "button", "aria-label": t.saveFor(one.address) }, s.save)));
    }) : [h("p", { class: "quiet" }, t.noAddress)]));
}

function identity(one: OwnIdentity, at: number, now: Persona, again: Again): HTMLElement {
  const called = one.name ? `${one.name} <${one.address}>` : one.address;
  return h("li", null,
    h("div", { class: "what" }, h("button", { type: "button", class: "link", onclick: () => void edit(one, now, again) }, called), at === 0 && h("span", { class: "tag" }, t.usual),
      h("p", { class: "quiet" }, [one.reply_to && t.answersTo(one.reply_to), one.signature ? t.signed(`${one.signature.split("\n")[0]}${one.signature.includes("\n") ? " …" : ""}`) : t.unsigned].filter(Boolean).join("; "))),
    h("div", { class: "tools" },
      at > 0 && button("up", t.makeUsual(called), () => void again(() => account.identity_usual({ id: one.id }))),
      button("trash", t.removeThis(called), () => void sure(t.removing(called), p.remove).then((yes) => yes && again(() => account.identity_remove({ id: one.id }))))));
}

async function edit(one: OwnIdentity, now: Persona, again: Again): Promise<void> {
  const name = h("input", { value: one.name, maxLength: 100 });
  const address = h("select", null, ...(now.usable.includes(one.address) || !one.address ? now.usable : [one.address, ...now.usable]).map((each) => h("option", { selected: each === one.address }, each)));
  const reply = h("input", { type: "email", value: one.reply_to, placeholder: t.sameAddress });
  const signature = h("textarea", { rows: 5, value: one.signature, dir: "auto" });
  await dialog<boolean>(one.id ? t.identity : t.new, (close) => [
    h("form", {
      onsubmit: async (event: Event) => {
        event.preventDefault();
        const written = { id: one.id, name: name.value, address: address.value, reply_to: reply.value, signature: signature.value, version: one.version };
        if (await again(() => account.identity_save({ identity: written }), () => close(null))) close(true);
      },
    }, field(s.name, name), field(p.address, address), field(t.replyTo, reply), field(t.signature, signature, t.signatureHint),
      h("footer", null, h("button", { class: "button primary" }, s.save)))]);
}
