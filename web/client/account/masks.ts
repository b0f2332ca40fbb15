// Masked addresses: a new one at a click, what came through each, and keys for password managers.
import { account, type Mask, type Masks } from "../api";
import { attempt, button, dialog, field, fill, h, sure, type Child } from "../dom";
import { minute, number, utcDay } from "../format";
import { copyable, table } from "../table";
import { masks as t } from "../words/account/mail";
import { p } from "../words/pages";
import { s } from "../words/shared";

export async function masks(main: HTMLElement): Promise<void> {
  draw(main, await account.masks());
}

function draw(main: HTMLElement, now: Masks, made: Child = null): void {
  const again = (what: () => Promise<Masks>): Promise<boolean> => attempt(async () => draw(main, await what()));
  const site = h("input", { placeholder: t.siteExample, autocapitalize: "off", spellcheck: false });
  const domain = h("select", null, ...now.domains.map((one) => h("option", null, one)));
  fill(main, h("h1", null, t.title),
    h("p", { class: "quiet" }, t.meaning),
    now.domains.length ? h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => {
          const fresh = await account.mask_add({ site: site.value, domain: domain.value });
          draw(main, fresh.all, h("p", { class: "hint", role: "status" }, ...t.made(copyable(fresh.address))));
        });
      },
    },
      h("div", { class: "pairs" }, field(t.site, site, t.siteHint), now.domains.length > 1 && field(p.domain, domain)),
      h("p", { class: "actions" }, h("button", { class: "button primary" }, t.new)), made) : h("p", { class: "hint" }, t.noDomain),
    h("h2", null, t.yours(now.masks.length, now.most)),
    now.masks.length ? h("ul", { class: "rules masks" }, ...now.masks.map((one) => item(one, again))) : h("p", { class: "quiet" }, p.none),
    h("h2", null, t.managers), keys(main, now, again));
}

/** One address: what it is for, what came, and what can be done about it. */
function item(mask: Mask, again: (what: () => Promise<Masks>) => Promise<boolean>): HTMLElement {
  const leak = mask.senders.filter((one) => one.stranger);
  const count = mask.sent ? t.both(mask.received, mask.sent) : t.received(mask.received), since = utcDay(mask.created);
  return h("li", { class: mask.on ? "" : "off" },
    h("div", { class: "what" }, copyable(mask.address), " ", !mask.on && h("span", { class: "tag" }, t.off),
      h("p", null, mask.site && h("strong", null, mask.site, " "), mask.note && `${mask.note} `,
        h("span", { class: "quiet" }, ...(mask.latest === null ? [t.since(since, count)] : t.sinceLast(since, count, minute(mask.latest))))),
      mask.senders.length > 0 && h("details", null,
        h("summary", null, leak.length ? t.others(mask.site, `${leak.slice(0, 3).map((one) => one.domain).join(", ")}${leak.length > 3 ? " …" : ""}`) : t.writers(mask.senders.slice(0, 3).map((one) => one.domain).join(", "))),
        table([p.domain, p.first, p.last, p.messages], mask.senders.map((one) => [
          h("span", { class: one.stranger ? "warn" : "" }, one.domain, ...(one.proven ? [] : [" ", h("span", { class: "quiet" }, t.unproven)])), minute(one.first), minute(one.latest), number(one.messages)]), ""))),
    h("div", { class: "tools" },
      h("button", { type: "button", class: "button", onclick: () => void again(() => account.mask_change({ id: mask.id, on: !mask.on })), "aria-label": mask.on ? t.switchThisOff(mask.address) : t.switchThisOn(mask.address) }, mask.on ? t.switchOff : t.switchOn),
      button("settings", t.noteThis(mask.address), () => void note(mask, again)),
      button("trash", t.removeThis(mask.address), () => void sure(t.removing(mask.address), p.remove).then((yes) => yes && again(() => account.mask_remove({ id: mask.id }))))));
}

async function note(mask: Mask, again: (what: () => Promise<Masks>) => Promise<boolean>): Promise<void> {
  const site = h("input", { value: mask.site, maxLength: 250 }), text = h("input", { value: mask.note, maxLength: 250 });
  const said = await dialog<boolean>(mask.address, (close) => [
    h("form", { onsubmit: (event: Event) => { event.preventDefault(); close(true); } }, field(t.site, site), field(p.note, text),
      h("footer", null, h("button", { class: "button primary" }, s.save)))]);
  if (said) await again(() => account.mask_change({ id: mask.id, site: site.value, note: text.value }));
}

/** Keys, and how a password manager is told of this server. */
function keys(main: HTMLElement, now: Masks, again: (what: () => Promise<Masks>) => Promise<boolean>): HTMLElement {
  const label = h("input", { placeholder: t.keyExample, maxLength: 250 });
  return h("div", null,
    now.server !== ""
      ? h("p", null, ...t.choose(copyable(now.server)))
      : h("p", { class: "hint" }, t.unreachable),
    now.keys.length > 0 && table([t.key, t.keyMade, p.lastUsed, ""], now.keys.map((one) => [one.label, minute(one.created), one.used === null ? p.never : minute(one.used),
      h("button", { type: "button", class: "link nowrap", "aria-label": t.removeKey(one.label), onclick: () => void sure(t.removingKey(one.label), p.remove).then((yes) => yes && again(() => account.mask_key_remove({ id: one.id }))) }, p.remove)]), ""),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => {
          const fresh = await account.mask_key_add({ label: label.value });
          draw(main, fresh.all);
          await dialog<boolean>(t.aNewKey, (close) => [
            h("p", null, t.keyMeaning), h("p", null, copyable(fresh.secret)),
            h("footer", null, h("button", { type: "button", class: "button primary", onclick: () => close(true) }, p.haveIt))]);
        });
      },
    }, h("div", { class: "short" }, field(t.keyFor, label)), h("p", { class: "actions" }, h("button", { class: "button" }, t.newKey))));
}
