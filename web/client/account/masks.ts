// Masked addresses: a new one at a click, what came through each, and keys for password managers.
import { account, type Mask, type Masks } from "../api";
import { attempt, button, dialog, field, fill, h, sure, type Child } from "../dom";
import { minute, number, utcDay } from "../format";
import { copyable, table } from "../table";

export async function masks(main: HTMLElement): Promise<void> {
  draw(main, await account.masks());
}

function draw(main: HTMLElement, now: Masks, made: Child = null): void {
  const again = (what: () => Promise<Masks>): Promise<boolean> => attempt(async () => draw(main, await what()));
  const site = h("input", { placeholder: "shop.example", autocapitalize: "off", spellcheck: false });
  const domain = h("select", null, ...now.domains.map((one) => h("option", null, one)));
  fill(main, h("h1", null, "Masked addresses"),
    h("p", { class: "quiet" }, "An address for one site that says nothing about you. You see who writes to it, and switch it off when somebody passed it on."),
    now.domains.length ? h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => {
          const fresh = await account.mask_add({ site: site.value, domain: domain.value });
          draw(main, fresh.all, h("p", { class: "hint", role: "status" }, "The new address: ", copyable(fresh.address)));
        });
      },
    },
      h("div", { class: "pairs" }, field("Site", site, "Whom the address is for; may be empty."), now.domains.length > 1 && field("Domain", domain)),
      h("p", { class: "actions" }, h("button", { class: "button primary" }, "New address")), made) : h("p", { class: "hint" }, "The account has no address at a domain where masked addresses are allowed."),
    h("h2", null, `Yours (${number(now.masks.length)} of ${number(now.most)})`),
    now.masks.length ? h("ul", { class: "rules masks" }, ...now.masks.map((one) => item(one, again))) : h("p", { class: "quiet" }, "None yet."),
    h("h2", null, "Password managers"), keys(main, now, again));
}

/** One address: what it is for, what came, and what can be done about it. */
function item(mask: Mask, again: (what: () => Promise<Masks>) => Promise<boolean>): HTMLElement {
  const leak = mask.senders.filter((one) => one.stranger);
  const count = `${number(mask.received)} received${mask.sent ? `, ${number(mask.sent)} sent` : ""}`;
  return h("li", { class: mask.on ? "" : "off" },
    h("div", { class: "what" }, copyable(mask.address), " ", !mask.on && h("span", { class: "tag" }, "off: mail is refused"),
      h("p", null, mask.site && h("strong", null, mask.site, " "), mask.note && `${mask.note} `,
        h("span", { class: "quiet" }, `made ${utcDay(mask.created)}, ${count}`, mask.latest !== null && ", last ", mask.latest !== null && minute(mask.latest))),
      mask.senders.length > 0 && h("details", null,
        h("summary", null, leak.length ? `Others than ${mask.site} wrote: ${leak.slice(0, 3).map((one) => one.domain).join(", ")}${leak.length > 3 ? " …" : ""}` : `Who wrote: ${mask.senders.slice(0, 3).map((one) => one.domain).join(", ")}`),
        table(["Domain", "First", "Last", "Messages"], mask.senders.map((one) => [
          h("span", { class: one.stranger ? "warn" : "" }, one.domain, !one.proven && h("span", { class: "quiet" }, " (says the message, unproven)")), minute(one.first), minute(one.latest), number(one.messages)]), ""))),
    h("div", { class: "tools" },
      h("button", { type: "button", class: "button", onclick: () => void again(() => account.mask_change({ id: mask.id, on: !mask.on })), "aria-label": `Switch ${mask.on ? "off" : "on"} ${mask.address}` }, mask.on ? "Switch off" : "Switch on"),
      button("settings", `Note something about ${mask.address}`, () => void note(mask, again)),
      button("trash", `Remove ${mask.address}`, () => void sure(`Mail to ${mask.address} will be refused for good, and nobody can ever have that address again.`, "Remove").then((yes) => yes && again(() => account.mask_remove({ id: mask.id }))))));
}

async function note(mask: Mask, again: (what: () => Promise<Masks>) => Promise<boolean>): Promise<void> {
  const site = h("input", { value: mask.site, maxLength: 250 }), text = h("input", { value: mask.note, maxLength: 250 });
  const said = await dialog<boolean>(mask.address, (close) => [
    h("form", { onsubmit: (event: Event) => { event.preventDefault(); close(true); } }, field("Site", site), field("Note", text),
      h("footer", null, h("button", { class: "button primary" }, "Save")))]);
  if (said) await again(() => account.mask_change({ id: mask.id, site: site.value, note: text.value }));
}

/** Keys, and how a password manager is told of this server. */
function keys(main: HTMLElement, now: Masks, again: (what: () => Promise<Masks>) => Promise<boolean>): HTMLElement {
  const label = h("input", { placeholder: "Bitwarden on the laptop", maxLength: 250 });
  return h("div", null,
    now.server !== ""
      ? h("p", null, "Bitwarden, Proton Pass and others make an address while you sign up somewhere. Choose SimpleLogin or addy.io there, as the server ", copyable(now.server), ", and a key from here as the API key.")
      : h("p", { class: "hint" }, "Password managers make an address while you sign up somewhere, but cannot reach this server: the page of accounts is offered on no listener for the outside. The administrator can change that (“web” of a listener)."),
    now.keys.length > 0 && table(["Key", "Made", "Last used", ""], now.keys.map((one) => [one.label, minute(one.created), one.used === null ? "never" : minute(one.used),
      h("button", { type: "button", class: "link nowrap", "aria-label": `Remove the key ${one.label}`, onclick: () => void sure(`What uses the key “${one.label}” can make no more addresses. Those there are stay.`, "Remove").then((yes) => yes && again(() => account.mask_key_remove({ id: one.id }))) }, "Remove")]), ""),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => {
          const fresh = await account.mask_key_add({ label: label.value });
          draw(main, fresh.all);
          await dialog<boolean>("A new key", (close) => [
            h("p", null, "This is the key. It is shown now and never again; it makes masked addresses and can do nothing else."), h("p", null, copyable(fresh.secret)),
            h("footer", null, h("button", { type: "button", class: "button primary", onclick: () => close(true) }, "I have it"))]);
        });
      },
    }, h("div", { class: "short" }, field("What the key is for", label)), h("p", { class: "actions" }, h("button", { class: "button" }, "New key"))));
}
