// Who one is for others: the name, addresses with where their mail goes, identities and signatures.
import { account, webmail, type Mailbox, type OwnIdentity, type Persona } from "../api";
import { button, dialog, edited, field, fill, h, notice, sure } from "../dom";

/** Change something and draw what it is then; `reloaded` is told when somebody else was faster, and his is drawn. */
type Again = (what: () => Promise<Persona>, reloaded?: () => void) => Promise<boolean>;

export async function identities(main: HTMLElement): Promise<void> {
  const [now, mailboxes] = await Promise.all([account.persona(), webmail.mailboxes()]);
  draw(main, now, mailboxes);
}

function draw(main: HTMLElement, now: Persona, mailboxes: Mailbox[]): void {
  const again: Again = (what, reloaded) => edited(async () => draw(main, await what(), mailboxes), async () => { await identities(main); reloaded?.(); });
  const name = h("input", { value: now.full_name, autocomplete: "name", maxLength: 100 });
  const saved = async (what: Promise<Persona>): Promise<Persona> => { const result = await what; notice("Saved."); return result; };
  fill(main, h("h1", null, "Addresses and identities"),
    h("form", { onsubmit: (event: Event) => { event.preventDefault(); void again(() => saved(account.full_name_change({ name: name.value, version: now.version }))); } },
      h("div", { class: "short" }, field("Your name", name, "Stands beside your addresses.")), h("p", { class: "actions" }, h("button", { class: "button primary" }, "Save"))),
    h("h2", null, "Identities"),
    h("p", { class: "quiet" }, "Who you write as. The first one is the usual one; its signature is under what you write."),
    now.identities.length ? h("ol", { class: "rules" }, ...now.identities.map((one, at) => identity(one, at, now, again))) : h("p", { class: "quiet" }, "None: you write as your name and your addresses."),
    h("p", { class: "actions" }, button("write", "New identity", () => void edit({ id: 0, name: now.full_name, address: now.usable[0] ?? "", reply_to: "", signature: "", version: "" }, now, again), true, "primary")),
    h("h2", null, "Addresses"),
    ...(now.addresses.length ? now.addresses.map((one) => {
      const shown = h("input", { value: one.display_name, placeholder: now.full_name || "as above", maxLength: 100 });
      const place = h("select", null, h("option", { value: "" }, "Inbox"), ...mailboxes.filter((box) => !box.role || box.role === "archive").map((box) => h("option", { value: String(box.id), selected: box.id === one.mailbox_id }, box.name)));
      return h("form", {
        class: "card", "aria-label": one.address, onsubmit: (event: Event) => {
          event.preventDefault();
          void again(() => saved(account.address_change({ address: one.address, display_name: shown.value, mailbox_id: place.value ? Number(place.value) : null, version: one.version })));
        },
      }, h("h3", null, one.address), h("div", { class: "pairs" }, field("Name", shown), field("Its mail goes to", place, "Unless a rule says otherwise.")),
        h("p", { class: "actions" }, h("button", { class: "button", "aria-label": `Save what is chosen for ${one.address}` }, "Save")));
    }) : [h("p", { class: "quiet" }, "The account has no address yet; the administrator gives it one.")]));
}

function identity(one: OwnIdentity, at: number, now: Persona, again: Again): HTMLElement {
  const called = one.name ? `${one.name} <${one.address}>` : one.address;
  return h("li", null,
    h("div", { class: "what" }, h("button", { type: "button", class: "link", onclick: () => void edit(one, now, again) }, called), at === 0 && h("span", { class: "tag" }, "usual"),
      h("p", { class: "quiet" }, [one.reply_to && `answers go to ${one.reply_to}`, one.signature ? `signature: ${one.signature.split("\n")[0]}${one.signature.includes("\n") ? " …" : ""}` : "no signature"].filter(Boolean).join("; "))),
    h("div", { class: "tools" },
      at > 0 && button("up", `Make ${called} the usual one`, () => void again(() => account.identity_usual({ id: one.id }))),
      button("trash", `Remove ${called}`, () => void sure(`The identity ${called} will be forgotten; its address stays.`, "Remove").then((yes) => yes && again(() => account.identity_remove({ id: one.id }))))));
}

async function edit(one: OwnIdentity, now: Persona, again: Again): Promise<void> {
  const name = h("input", { value: one.name, maxLength: 100 });
  const address = h("select", null, ...(now.usable.includes(one.address) || !one.address ? now.usable : [one.address, ...now.usable]).map((each) => h("option", { selected: each === one.address }, each)));
  const reply = h("input", { type: "email", value: one.reply_to, placeholder: "the same address" });
  const signature = h("textarea", { rows: 5, value: one.signature, dir: "auto" });
  await dialog<boolean>(one.id ? "Identity" : "New identity", (close) => [
    h("form", {
      onsubmit: async (event: Event) => {
        event.preventDefault();
        const written = { id: one.id, name: name.value, address: address.value, reply_to: reply.value, signature: signature.value, version: one.version };
        if (await again(() => account.identity_save({ identity: written }), () => close(null))) close(true);
      },
    }, field("Name", name), field("Address", address), field("Answers go to", reply), field("Signature", signature, "Plain text; stands under what you write, behind “-- ”."),
      h("footer", null, h("button", { class: "button primary" }, "Save")))]);
}
