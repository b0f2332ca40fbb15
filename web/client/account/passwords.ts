// Passwords: the account's own, the second factor, and app passwords for programs.
import { account, type AppPassword } from "../api";
import { attempt, dialog, field, fill, h, notice, sure } from "../dom";
import { minute, utcDay } from "../format";
import { form, secondFactor } from "../secondfactor";
import { copyable, table } from "../table";

export async function passwords(main: HTMLElement): Promise<void> {
  const factor = h("div", null), list = h("div", null);
  fill(main, h("h1", null, "Passwords"),
    h("section", null, h("h2", null, "Your password"), h("p", { class: "quiet" }, "It opens these pages. Mail programs are better off with an app password each."), own()),
    h("section", null, h("h2", null, "Two-factor sign-in"), h("p", { class: "quiet" }, "Signing in then takes your telephone as well, and mail programs take app passwords only."), factor),
    h("section", null, h("h2", null, "App passwords"), h("p", { class: "quiet" }, "One for each program or telephone: when that is lost, you revoke its password and nothing else changes."), list));
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
        notice("The password was changed; all other browsers are signed out.");
        old.value = fresh.value = "";
      }
    },
  }, field("Password now", old), field("New password", fresh, "8 characters at least; a few words in a row are good."),
    h("button", { class: "button primary" }, "Change"));
}

type Scope = AppPassword["scopes"][number];
const NAMES: Record<Scope, string> = { imap: "Read mail (IMAP)", smtp: "Send mail (SMTP)", webmail: "Webmail" };
const SERVICES: Record<string, string> = { imap: "reading", smtp: "sending", web: "webmail" };

function draw(place: HTMLElement, known: AppPassword[]): void {
  fill(place, table(["For", "Good for", "Until", "Last used", ""], known.map((one) => [
    one.label, one.scopes.map((scope) => NAMES[scope]).join(", "),
    one.expires === null ? "you revoke it" : h("span", { class: one.expired ? "warn" : "" }, one.expired ? `expired ${utcDay(one.expires)}` : utcDay(one.expires - 1)),
    one.used === null ? "never" : h("span", null, minute(one.used), one.used_from && ` from ${one.used_from}, ${SERVICES[one.used_for] ?? one.used_for}`),
    h("button", { type: "button", class: "link nowrap", "aria-label": `Revoke the app password ${one.label}`, onclick: () => void sure(`What uses the app password “${one.label}” can no longer sign in.`, "Revoke").then((yes) => yes && attempt(async () => draw(place, await account.app_password_remove({ id: one.id })))) }, "Revoke")]), "None yet."),
  h("p", { class: "actions" }, h("button", { type: "button", class: "button primary", onclick: () => void add(place) }, "New app password")));
}

async function add(place: HTMLElement): Promise<void> {
  const label = h("input", { required: true, maxLength: 100, placeholder: "Thunderbird on the laptop" });
  const until = h("input", { type: "date" });
  const password = h("input", { type: "password", autocomplete: "current-password", required: true });
  const boxes = (Object.keys(NAMES) as Scope[]).map((scope) => ({ scope, box: h("input", { type: "checkbox", checked: scope !== "webmail" }) }));
  const made = await form("A new app password", "Make it", () => [
    field("What is it for?", label), h("fieldset", null, h("legend", null, "Good for"), ...boxes.map(({ scope, box }) => h("label", { class: "choice" }, box, " ", NAMES[scope]))),
    field("Last day", until, "Empty: until you revoke it."), field("Your password", password)],
  () => account.app_password_add({ label: label.value, scopes: boxes.filter(({ box }) => box.checked).map(({ scope }) => scope), until: until.value, password: password.value }));
  if (!made) return;
  draw(place, made.all);
  await dialog<boolean>("The new app password", (close) => [
    h("p", null, "Type or copy it into the program. It is shown now and never again."), h("p", { class: "secret" }, copyable(made.password)),
    h("footer", null, h("button", { type: "button", class: "button primary", onclick: () => close(true) }, "I have it"))]);
}
