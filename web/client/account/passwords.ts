// Passwords: the account's own, the second factor, and app passwords for programs.
import { account, type AppPassword } from "../api";
import { attempt, dialog, field, fill, h, notice, sure } from "../dom";
import { minute, utcDay } from "../format";
import { form, secondFactor } from "../secondfactor";
import { copyable, table } from "../table";
import { passwords as t } from "../words/account/access";
import { p } from "../words/pages";
import { secondFactor as factorWords } from "../words/pages";

export async function passwords(main: HTMLElement): Promise<void> {
  const factor = h("div", null), list = h("div", null);
  fill(main, h("h1", null, t.title),
    h("section", null, h("h2", null, p.yourPassword), h("p", { class: "quiet" }, t.own), own()),
    h("section", null, h("h2", null, factorWords.title), h("p", { class: "quiet" }, t.factor), factor),
    h("section", null, h("h2", null, t.app), h("p", { class: "quiet" }, t.appMeaning), list));
  await secondFactor(factor, account);
  draw(list, await account.app_passwords());
}

function own(): HTMLElement {
  const old = h("input", { type: "password", autocomplete: "current-password", required: true });
  const fresh = h("input", { type: "password", autocomplete: "new-password", minLength: 8, required: true });
  return h("form", {
    onsubmit: async (event: Event) => {
      event.preventDefault();
      if (await attempt(() => account.password({ old: old.value, new: fresh.value }))) {
        notice(t.changed);
        old.value = fresh.value = "";
      }
    },
  }, field(t.now, old), field(t.new, fresh, t.newHint),
    h("button", { class: "button primary" }, t.change));
}

type Scope = AppPassword["scopes"][number];

function draw(place: HTMLElement, known: AppPassword[]): void {
  fill(place, table([t.for, t.goodFor, t.until, p.lastUsed, ""], known.map((one) => [
    one.label, one.scopes.map((scope) => t.scopes[scope]).join(", "),
    one.expires === null ? t.untilRevoked : h("span", { class: one.expired ? "warn" : "" }, one.expired ? t.expired(utcDay(one.expires)) : utcDay(one.expires - 1)),
    one.used === null ? p.never : h("span", null, ...(one.used_from ? t.used(minute(one.used), one.used_from, t.services[one.used_for] ?? one.used_for) : [minute(one.used)])),
    h("button", { type: "button", class: "link nowrap", "aria-label": t.revokeThis(one.label), onclick: () => void sure(t.revoking(one.label), t.revoke).then((yes) => yes && attempt(async () => draw(place, await account.app_password_remove({ id: one.id })))) }, t.revoke)]), p.none),
  h("p", { class: "actions" }, h("button", { type: "button", class: "button primary", onclick: () => void add(place) }, t.newApp)));
}

async function add(place: HTMLElement): Promise<void> {
  const label = h("input", { required: true, maxLength: 100, placeholder: t.example });
  const until = h("input", { type: "date" });
  const password = h("input", { type: "password", autocomplete: "current-password", required: true });
  const boxes = (Object.keys(t.scopes) as Scope[]).map((scope) => ({ scope, box: h("input", { type: "checkbox", checked: scope !== "webmail" }) }));
  const made = await form(t.aNewApp, t.make, () => [
    field(t.what, label), h("fieldset", null, h("legend", null, t.goodFor), ...boxes.map(({ scope, box }) => h("label", { class: "choice" }, box, " ", t.scopes[scope]))),
    field(t.last, until, t.lastHint), field(p.yourPassword, password)],
  () => account.app_password_add({ label: label.value, scopes: boxes.filter(({ box }) => box.checked).map(({ scope }) => scope), until: until.value, password: password.value }));
  if (!made) return;
  draw(place, made.all);
  await dialog<boolean>(t.theNewApp, (close) => [
    h("p", null, t.once), h("p", { class: "secret" }, copyable(made.password)),
    h("footer", null, h("button", { type: "button", class: "button primary", onclick: () => close(true) }, p.haveIt))]);
}
