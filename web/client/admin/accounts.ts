// Accounts: who has mail here, with which addresses, password and limits.
import { admin, type AccountGuard, type AccountPage } from "../api";
import { attempt, edited, field, fill, h, notice, sure } from "../dom";
import { day, minute, moment, size } from "../format";
import { contents } from "../pages";
import { reading, typed } from "../programs";
import { signInTable } from "../signinlog";
import { copyable, table } from "../table";
import { accounts as t } from "../words/admin/people";
import { p } from "../words/pages";
import { s } from "../words/shared";

export async function accounts(main: HTMLElement): Promise<void> {
  const [known, removed] = await Promise.all([admin.accounts(), admin.accounts_removed()]);
  const name = h("input", { required: true, autocapitalize: "off", spellcheck: false });
  const full = h("input", null);
  const address = h("input", { placeholder: p.examples.address });
  const password = h("input", { type: "password", autocomplete: "new-password", required: true, minLength: 8 });
  const secret = field(s.signIn.password, password, p.passwordLength);
  secret.append(h("p", null, madeUp(password)));
  fill(main, h("h1", null, p.accounts),
    table([p.account, s.name, p.addresses, p.messages, p.size, ""], known.map((line) => [
      h("a", { href: `#account/${encodeURIComponent(line.name)}` }, line.name), line.full_name, line.addresses.join(", "), line.messages,
      line.quota ? t.ofRoom(size(line.size), size(line.quota)) : size(line.size), line.enabled ? "" : h("span", { class: "tag" }, t.off)]), p.noAccount),
    removed.length > 0 && h("h2", null, t.removed),
    removed.length > 0 && h("p", { class: "quiet" }, t.removedHint),
    removed.length > 0 && table([p.account, s.name, p.messages, p.size, t.removed, t.keptUntil, ""], removed.map((one) => [
      one.name, one.full_name, one.messages, size(one.size), minute(one.since), minute(one.until), h("span", { class: "nowrap" },
        h("button", { type: "button", class: "link", "aria-label": t.bringBackThis(one.name), onclick: () => void attempt(async () => { await admin.account_restore({ name: one.name }); await accounts(main); notice(t.isBack(one.name)); }) }, p.bringBack), " ",
        h("button", { type: "button", class: "link", "aria-label": t.forgetThis(one.name), onclick: () => void sure(t.forgetting(one.messages, one.name), t.forget).then((yes) => yes && attempt(async () => { await admin.account_forget({ name: one.name }); await accounts(main); })) }, t.forget))]), ""),
    h("h2", null, t.addOne),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => {
          const made = await admin.account_add({ name: name.value.trim(), password: password.value, full_name: full.value.trim(), address: address.value.trim() });
          location.hash = `#account/${encodeURIComponent(made.line.name)}`;
        });
      },
    }, field(t.name, name, t.nameHint), field(t.fullName, full), field(t.firstAddress, address),
      secret, h("button", { class: "button primary" }, p.add)));
}

/** Letters and digits that nobody takes for each other. */
const PLAIN = "0123456789abcdefghjkmnpqrstvwxyz";

/** A button that makes a password up and shows it, so that it can be told to whom it is for. */
function madeUp(password: HTMLInputElement): HTMLElement {
  return h("button", {
    type: "button", class: "button", onclick: () => {
      password.value = [...crypto.getRandomValues(new Uint8Array(16))].map((octet) => PLAIN[octet % PLAIN.length]).join("");
      password.type = "text";
      password.select();
    },
  }, t.makeUp);
}

export async function oneAccount(main: HTMLElement, name: string): Promise<void> {
  await draw(main, await admin.account({ name }));
}

async function draw(main: HTMLElement, page: AccountPage): Promise<void> {
  const { line } = page;
  const settings = await admin.account_programs({ name: line.name });
  const again = (what: () => Promise<AccountPage>, said = ""): Promise<boolean> => attempt(async () => { await draw(main, await what()); if (said) notice(said); });
  const full = h("input", { value: line.full_name });
  const enabled = h("input", { type: "checkbox", checked: line.enabled });
  const quota = number(Math.round(line.quota / 1e6));
  const daily = number(page.messages_per_day);
  const fresh = number(page.first_time_per_day);
  const address = h("input", { placeholder: p.examples.address, required: true });
  const password = h("input", { type: "password", autocomplete: "new-password", required: true, minLength: 8 });
  const guard = h("div", null);
  drawGuard(guard, line.name, await admin.account_guard({ name: line.name }));
  fill(main, h("p", null, h("a", { href: "#accounts" }, p.accounts)), h("h1", null, line.name),
    h("p", { class: "quiet" }, t.holds(line.messages, size(line.size), day(line.created))),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void edited(async () => {
          await draw(main, await admin.account_change({
            name: line.name, full_name: full.value, enabled: enabled.checked, quota: value(quota) * 1e6, messages_per_day: value(daily), first_time_per_day: value(fresh), version: page.version,
          }));
          notice(p.saved);
        }, () => oneAccount(main, line.name));
      },
    }, field(t.fullName, full), field(t.enabled, enabled, t.enabledHint), field(t.room, quota, t.roomHint),
      field(t.perDay, daily, t.perDayHint), field(t.firstTime, fresh, t.firstTimeHint),
      h("button", { class: "button primary" }, s.save)),
    h("h2", null, p.addresses),
    table([p.address, ""], page.addresses.map((one) => [one.address, h("button", {
      type: "button", class: "link", "aria-label": p.removeThis(one.address), onclick: () => void sure(t.removingAddress(one.address), p.remove).then((yes) => yes && again(async () => { await admin.address_remove({ address: one.address }); return admin.account({ name: line.name }); })),
    }, p.remove)]), t.noAddresses),
    h("form", { class: "filters", onsubmit: (event: Event) => { event.preventDefault(); void again(() => admin.address_add({ account: line.name, address: address.value.trim() })); } },
      field(t.oneMore, address), h("button", { class: "button" }, p.add)),
    h("h2", null, p.programs), reading(settings), typed(settings, settings.addresses.length ? copyable(settings.addresses[0]!) : p.noAddress),
    h("h2", null, s.signIn.password),
    h("form", {
      class: "filters",
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => { await admin.account_password({ name: line.name, password: password.value }); password.value = ""; notice(p.passwordChanged); });
      },
    }, field(p.newPassword, password), madeUp(password), h("button", { class: "button" }, p.change)),
    h("h2", null, t.guard), guard,
    h("h2", null, p.remove),
    h("button", { type: "button", class: "button danger", onclick: () => void sure(t.removing(line.name), t.removeIt).then((yes) => yes && attempt(async () => { await admin.account_remove({ name: line.name }); location.hash = "#accounts"; })) }, t.removeThis));
  contents(main);
}

/** Second factor, app passwords and the latest sign-ins of an account. */
function drawGuard(place: HTMLElement, name: string, now: AccountGuard): void {
  const again = (what: () => Promise<AccountGuard>): void => void attempt(async () => drawGuard(place, name, await what()));
  const reason = h("input", { maxLength: 500, placeholder: t.freezeExample });
  fill(place,
    now.frozen
      ? h("div", { class: "warning", role: "status" }, h("p", null, ...t.frozen(h("strong", null, t.cannotSend), moment(now.frozen.since), now.frozen.reason), " ", t.waiting(now.frozen.waiting)),
        h("p", { class: "actions" }, h("button", { type: "button", class: "button primary", onclick: () => again(() => admin.account_unfreeze({ name })) }, t.unfreeze)))
      : h("form", { class: "filters", onsubmit: (event: Event) => { event.preventDefault(); again(() => admin.account_freeze({ name, reason: reason.value })); } },
        field(t.freeze, reason), h("button", { class: "button" }, t.stopIt)),
    now.two_factor.on
      ? h("p", null, t.factorOn(now.two_factor.codes), " ", h("button", { type: "button", class: "button", onclick: () => void sure(t.factorOffAsk(name), t.switchOff).then((yes) => yes && again(() => admin.account_two_factor_off({ name }))) }, t.switchItOff))
      : h("p", null, t.factorOff),
    table([t.appPassword, t.goodFor, p.lastUsed, ""], now.app_passwords.map((one) => [
      one.label, one.expired ? h("span", { class: "warn" }, t.expired) : one.scopes.join(", "), one.used === null ? p.never : h("span", null, ...(one.used_from ? t.usedFrom(minute(one.used), one.used_from) : [minute(one.used)])),
      h("button", { type: "button", class: "link", "aria-label": t.revokeThis(one.label), onclick: () => void sure(t.revoking(one.label, name), t.revoke).then((yes) => yes && again(() => admin.account_app_password_remove({ name, id: one.id }))) }, t.revoke)]), t.noAppPasswords),
    h("h3", null, t.latest), signInTable(now.sign_ins, false));
}

/** A number for which 0 is shown as empty. */
function number(value: number): HTMLInputElement {
  return h("input", { type: "number", min: "0", value: value ? String(value) : "" });
}

function value(input: HTMLInputElement): number {
  return Number(input.value);
}
