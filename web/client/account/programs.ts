// Setting up a mail program: what finds its settings by itself, what to type elsewhere, and profiles for Apple's.
import { account, type ProgramSettings } from "../api";
import { attempt, field, fill, h } from "../dom";
import { reading, typed } from "../programs";
import { copyable } from "../table";

export async function programs(main: HTMLElement): Promise<() => void> {
  const settings = await account.programs();
  const ended = new AbortController();
  const chosen = h("select", { onchange: () => show() }, ...settings.addresses.map((one) => h("option", null, one)));
  const values = h("div", null);
  const profile = h("div", { "aria-live": "polite" });
  const show = (): void => {
    fill(profile);
    fill(values, typed(settings, settings.addresses.length ? copyable(chosen.value) : "the account has no address yet"));
  };
  show();
  fill(main, h("h1", null, "Set up a mail program"), reading(settings),
    settings.imap && h("p", null, "Thunderbird, K-9 Mail, Outlook and others need only your address and your password: they find the rest by themselves."),
    settings.addresses.length > 1 && h("div", { class: "short" }, field("Address", chosen)),
    h("h2", null, "What to type"),
    settings.imap && h("p", { class: "quiet" }, "Where a program asks for more."), values,
    h("h2", null, "iPhone, iPad and Mac"), ...apple(settings, () => chosen.value, profile, ended.signal));
  return () => ended.abort();
}

function apple(settings: ProgramSettings, address: () => string, place: HTMLElement, ended: AbortSignal): HTMLElement[] {
  if (settings.no_profile) return [h("p", { class: "quiet" }, settings.no_profile)];
  if (!settings.addresses.length) return [h("p", { class: "quiet" }, "A profile is for an address, and the account has none yet.")];
  return [
    h("p", null, "A profile sets up the mail program; it asks for your password when you install it. ",
      settings.signer ? `It is signed by ${settings.signer}.` : "It is not signed, since nobody vouches for this server's certificate; the telephone says so before it installs it."),
    h("p", { class: "actions" },
      h("button", { type: "button", class: "button", onclick: () => void attempt(() => code(address(), place, ended)) }, "Show a QR code"),
      h("button", { type: "button", class: "button", onclick: () => void attempt(async () => location.assign((await account.profile_link({ address: address() })).url)) }, "Download here")),
    place];
}

/** Shows a fresh code until its time is over. */
async function code(address: string, place: HTMLElement, ended: AbortSignal): Promise<void> {
  const link = await account.profile_link({ address });
  const box = h("div", { class: "code" },
    h("img", { src: `data:image/svg+xml,${encodeURIComponent(link.code)}`, alt: `QR code that leads to the profile for ${address}` }),
    h("div", null, h("p", null, "Point the telephone's camera at it, or open this there:"), h("p", null, copyable(link.url)),
      h("p", { class: "quiet" }, `Works once, within ${Math.round(link.seconds / 60)} minutes, without signing in. It holds no password.`)));
  fill(place, box);
  const timer = setTimeout(() => { if (box.isConnected) fill(place, h("p", { class: "quiet" }, "That code has run out.")); }, link.seconds * 1000);
  ended.addEventListener("abort", () => clearTimeout(timer));
}
