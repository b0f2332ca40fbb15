// Accounts: who has mail here, with which addresses, password and limits.
import { admin, type AccountGuard, type AccountPage } from "../api";
import { attempt, edited, field, fill, h, notice, sure } from "../dom";
import { exactDate, minute, size } from "../format";
import { contents } from "../pages";
import { reading, typed } from "../programs";
import { signInTable } from "../signinlog";
import { copyable, table } from "../table";

export async function accounts(main: HTMLElement): Promise<void> {
  const [known, removed] = await Promise.all([admin.accounts(), admin.accounts_removed()]);
  const name = h("input", { required: true, autocapitalize: "off", spellcheck: false });
  const full = h("input", null);
  const address = h("input", { placeholder: "ann@example.org" });
  const password = h("input", { type: "password", autocomplete: "new-password", required: true, minLength: 8 });
  const secret = field("Password", password, "8 characters at least.");
  secret.append(h("p", null, madeUp(password)));
  fill(main, h("h1", null, "Accounts"),
    table(["Account", "Name", "Addresses", "Messages", "Size", ""], known.map((line) => [
      h("a", { href: `#account/${encodeURIComponent(line.name)}` }, line.name), line.full_name, line.addresses.join(", "), line.messages,
      line.quota ? `${size(line.size)} of ${size(line.quota)}` : size(line.size), line.enabled ? "" : h("span", { class: "tag" }, "switched off")]), "No account yet."),
    removed.length > 0 && h("h2", null, "Removed"),
    removed.length > 0 && h("p", { class: "quiet" }, "Nobody gets their names, addresses and mail meanwhile."),
    removed.length > 0 && table(["Account", "Name", "Messages", "Size", "Removed", "Kept until", ""], removed.map((one) => [
      one.name, one.full_name, one.messages, size(one.size), minute(one.since), minute(one.until), h("span", { class: "nowrap" },
        h("button", { type: "button", class: "link", "aria-label": `Bring back ${one.name}`, onclick: () => void attempt(async () => { await admin.account_restore({ name: one.name }); await accounts(main); notice(`${one.name} is back.`); }) }, "Bring back"), " ",
        h("button", { type: "button", class: "link", "aria-label": `Remove for good ${one.name}`, onclick: () => void sure(`All ${one.messages} messages of ${one.name} will be lost for good. Masked addresses are never given again.`, "Remove for good").then((yes) => yes && attempt(async () => { await admin.account_forget({ name: one.name }); await accounts(main); })) }, "Remove for good"))]), ""),
    h("h2", null, "Add an account"),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => {
          const made = await admin.account_add({ name: name.value.trim(), password: password.value, full_name: full.value.trim(), address: address.value.trim() });
          location.hash = `#account/${encodeURIComponent(made.line.name)}`;
        });
      },
    }, field("Account name", name, "What one signs in with; any address of the account does as well."), field("Full name", full), field("First address", address),
      secret, h("button", { class: "button primary" }, "Add")));
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
  }, "Make one up");
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
  const day = number(page.messages_per_day);
  const fresh = number(page.first_time_per_day);
  const address = h("input", { placeholder: "ann@example.org", required: true });
  const password = h("input", { type: "password", autocomplete: "new-password", required: true, minLength: 8 });
  const guard = h("div", null);
  drawGuard(guard, line.name, await admin.account_guard({ name: line.name }));
  fill(main, h("p", null, h("a", { href: "#accounts" }, "Accounts")), h("h1", null, line.name),
    h("p", { class: "quiet" }, `${line.messages} messages, ${size(line.size)}; since ${exactDate(line.created).slice(0, 10)}`),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void edited(async () => {
          await draw(main, await admin.account_change({
            name: line.name, full_name: full.value, enabled: enabled.checked, quota: value(quota) * 1e6, messages_per_day: value(day), first_time_per_day: value(fresh), version: page.version,
          }));
          notice("Saved.");
        }, () => oneAccount(main, line.name));
      },
    }, field("Full name", full), field("May sign in and send", enabled, "Mail for it is taken and kept in any case."), field("Room for mail, MB", quota, "Empty: no limit."),
      field("Messages it may send in 24 hours", day, "Empty: as many as the server lets everybody send."), field("New recipients in 24 hours", fresh, "People it has never written to. Empty: as everybody."),
      h("button", { class: "button primary" }, "Save")),
    h("h2", null, "Addresses"),
    table(["Address", ""], page.addresses.map((one) => [one.address, h("button", {
      type: "button", class: "link", "aria-label": `Remove ${one.address}`, onclick: () => void sure(`${one.address} will no longer be known.`, "Remove").then((yes) => yes && again(async () => { await admin.address_remove({ address: one.address }); return admin.account({ name: line.name }); })),
    }, "Remove")]), "No addresses: nobody can write to this account."),
    h("form", { class: "filters", onsubmit: (event: Event) => { event.preventDefault(); void again(() => admin.address_add({ account: line.name, address: address.value.trim() })); } },
      field("One more", address), h("button", { class: "button" }, "Add")),
    h("h2", null, "Mail programs"), reading(settings), typed(settings, settings.addresses.length ? copyable(settings.addresses[0]!) : "the account has no address yet"),
    h("h2", null, "Password"),
    h("form", {
      class: "filters",
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => { await admin.account_password({ name: line.name, password: password.value }); password.value = ""; notice("The password was changed."); });
      },
    }, field("New password", password), madeUp(password), h("button", { class: "button" }, "Change")),
    h("h2", null, "Signing in and sending"), guard,
    h("h2", null, "Remove"),
    h("button", { type: "button", class: "button danger", onclick: () => void sure(`Nobody can sign in as ${line.name} or write to it any more. It is kept for 30 days, and can be brought back on the page of accounts.`, "Remove the account").then((yes) => yes && attempt(async () => { await admin.account_remove({ name: line.name }); location.hash = "#accounts"; })) }, "Remove this account"));
  contents(main);
}

/** Second factor, app passwords and the latest sign-ins of an account. */
function drawGuard(place: HTMLElement, name: string, now: AccountGuard): void {
  const again = (what: () => Promise<AccountGuard>): void => void attempt(async () => drawGuard(place, name, await what()));
  const reason = h("input", { maxLength: 500, placeholder: "the laptop was stolen" });
  fill(place,
    now.frozen
      ? h("div", { class: "warning", role: "status" }, h("p", null, h("strong", null, "It cannot send"), ` since ${exactDate(now.frozen.since).slice(0, 16)}: ${now.frozen.reason}. ${now.frozen.waiting} recipients wait in the queue.`),
        h("p", { class: "actions" }, h("button", { type: "button", class: "button primary", onclick: () => again(() => admin.account_unfreeze({ name })) }, "Let it send again")))
      : h("form", { class: "filters", onsubmit: (event: Event) => { event.preventDefault(); again(() => admin.account_freeze({ name, reason: reason.value })); } },
        field("Stop it from sending, because", reason), h("button", { class: "button" }, "Stop it")),
    now.two_factor.on
      ? h("p", null, `Two-factor sign-in is on; ${now.two_factor.codes} recovery codes are left. `, h("button", { type: "button", class: "button", onclick: () => void sure(`Only if you know that it is ${name} who asks: the password alone will sign in.`, "Switch off").then((yes) => yes && again(() => admin.account_two_factor_off({ name }))) }, "Switch it off"))
      : h("p", null, "Two-factor sign-in is off."),
    table(["App password", "Good for", "Last used", ""], now.app_passwords.map((one) => [
      one.label, one.expired ? h("span", { class: "warn" }, "nothing: expired") : one.scopes.join(", "), one.used === null ? "never" : h("span", null, minute(one.used), one.used_from && ` from ${one.used_from}`),
      h("button", { type: "button", class: "link", "aria-label": `Revoke the app password ${one.label}`, onclick: () => void sure(`What uses the app password “${one.label}” of ${name} can no longer sign in.`, "Revoke").then((yes) => yes && again(() => admin.account_app_password_remove({ name, id: one.id }))) }, "Revoke")]), "No app passwords."),
    h("h3", null, "Latest sign-ins"), signInTable(now.sign_ins, false));
}

/** A number for which 0 is shown as empty. */
function number(value: number): HTMLInputElement {
  return h("input", { type: "number", min: "0", value: value ? String(value) : "" });
}

function value(input: HTMLInputElement): number {
  return Number(input.value);
}
