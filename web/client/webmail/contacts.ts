// Contacts: looked for, written, taken from a file and written to one.
import { webmail, type Contact, type Draft } from "../api";
import { attempt, button, dialog, field, fill, h, icon, notice, sure } from "../dom";
import { shown } from "../shown";
import { s } from "../words/shared";
import { w } from "../words/writing";
import { written } from "./typed";

/** Contacts that are shown; who looks for one types some of the name. */
const SHOWN = 200;
const c = w.contact;
const NEW: Contact = { id: 0, name: "", addresses: [], phones: [], organisation: "", note: "", groups: [], collected: false };

export interface ContactsHandlers {
  write(make: () => Promise<Draft>): void;
}

/** Show them. */
export async function contacts(handlers: ContactsHandlers): Promise<void> {
  let known: Contact[] = [];
  if (!(await attempt(async () => { known = await webmail.contacts(); }))) return;
  const search = h("input", { type: "search", placeholder: c.findHint, "aria-label": c.find, dir: "auto", oninput: () => draw() });
  const list = h("ul", { class: "contacts" });
  const count = h("p", { class: "quiet", role: "status" });
  const again = async (): Promise<void> => { known = await webmail.contacts(); draw(); };
  const chooser = h("input", { type: "file", accept: ".vcf,text/vcard", hidden: true, "aria-label": c.file, onchange: () => {
    const file = chooser.files?.[0];
    chooser.value = "";
    if (file) void attempt(async () => {
      const done = await webmail.contacts_import({ text: await file.text() });
      notice(c.imported(done.added, done.changed, done.refused, done.why), done.refused ? "error" : "");
      await again();
    });
  } });
  let leave: () => void = () => undefined;
  const draw = (): void => {
    const word = search.value.trim().toLowerCase();
    const found = known.filter((one) => !word || [one.name, one.organisation, ...one.addresses, ...one.groups].some((text) => text.toLowerCase().includes(word)));
    fill(list, ...found.slice(0, SHOWN).map((one) => row(one, {
      edit: () => void edit(one).then((saved) => saved && attempt(again)),
      write: () => { leave(); handlers.write(async () => ({ ...await webmail.compose(), to: `${written({ name: one.name, address: one.addresses[0]! })}, ` })); },
    })));
    count.textContent = !known.length ? c.none : !found.length ? c.noneLike
      : found.length > SHOWN ? c.first(SHOWN, found.length) : c.of(found.length, known.length);
  };
  draw();
  await dialog<void>(w.contacts, (close) => {
    leave = () => close(null);
    return [
      h("div", { class: "actions" }, button("write", c.new, () => void edit(NEW).then((saved) => saved && attempt(again)), true),
        button("up", c.import, () => chooser.click(), true), chooser, button("download", c.export, () => void attempt(save), true)),
      search, count, list];
  }, "wide");
}

function row(one: Contact, act: { edit(): void; write(): void }): HTMLElement {
  const more = [one.organisation, ...one.groups].filter(Boolean).join(" · ");
  const name = one.name || one.addresses[0] || c.unnamed;
  return h("li", null,
    h("div", null, h("strong", { dir: "auto" }, ...shown(name)), one.name && one.addresses.length > 0 && h("span", null, ...shown(one.addresses.join(", "))),
      (more || one.collected) && h("small", null, [more, one.collected && c.collected].filter(Boolean).join(" · "))),
    one.addresses.length > 0 && button("unread", c.writeTo(name), act.write), button("drafts", c.changeThis(name), act.edit));
}

/** Change one or make one; true if something is different now. */
async function edit(one: Contact): Promise<boolean> {
  const several = (lines: string[]): HTMLTextAreaElement => h("textarea", { rows: Math.max(2, lines.length), value: lines.join("\n"), spellcheck: false });
  const name = h("input", { value: one.name, dir: "auto" }), organisation = h("input", { value: one.organisation, dir: "auto" });
  const addresses = several(one.addresses), phones = several(one.phones), groups = h("input", { value: one.groups.join(", "), dir: "auto" });
  const note = h("textarea", { rows: 3, value: one.note, dir: "auto" });
  const lines = (text: string, divider: string | RegExp): string[] => text.split(divider).map((part) => part.trim()).filter(Boolean);
  return await dialog<boolean>(one.id ? c.change : c.new, (close) => [h("form", {
    onsubmit: (event: Event) => {
      event.preventDefault();
      void attempt(async () => {
        await webmail.contact_save({ contact: {
          ...one, name: name.value, addresses: lines(addresses.value, "\n"), phones: lines(phones.value, "\n"), organisation: organisation.value,
          note: note.value, groups: lines(groups.value, ","), collected: false,
        } });
        close(true);
      });
    },
  },
    field(s.name, name), field(c.addresses, addresses, c.addressesHint), field(c.phones, phones), field(c.organisation, organisation),
    field(c.groups, groups, c.groupsHint), field(c.note, note),
    h("footer", null,
      one.id !== 0 && h("button", { type: "button", class: "button danger", onclick: () => void sure(c.forgetting(one.name || one.addresses[0]!), c.forget).then((yes) => yes
        && attempt(async () => { await webmail.contacts_remove({ ids: [one.id] }); close(true); })) }, icon("trash"), c.forget),
      h("button", { class: "button primary" }, s.save)))]) === true;
}

async function save(): Promise<void> {
  const place = URL.createObjectURL(new Blob([await webmail.contacts_export({ version: "4.0" })], { type: "text/vcard" }));
  h("a", { href: place, download: "contacts.vcf" }).click();
  setTimeout(() => URL.revokeObjectURL(place), 10_000);
}
