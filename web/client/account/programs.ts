// Setting up a mail program: what finds its settings by itself, what to type elsewhere, and profiles for Apple's.
import { account, type ProgramSettings } from "../api";
import { attempt, field, fill, h } from "../dom";
import { reading, typed } from "../programs";
import { copyable } from "../table";
import { programs as t } from "../words/account/access";
import { p } from "../words/pages";

export async function programs(main: HTMLElement): Promise<() => void> {
  const settings = await account.programs();
  const ended = new AbortController();
  const chosen = h("select", { onchange: () => show() }, ...settings.addresses.map((one) => h("option", null, one)));
  const values = h("div", null);
  const profile = h("div", { "aria-live": "polite" });
  const show = (): void => {
    fill(profile);
    fill(values, typed(settings, settings.addresses.length ? copyable(chosen.value) : t.noAddress));
  };
  show();
  fill(main, h("h1", null, t.title), reading(settings),
    settings.imap && h("p", null, t.byThemselves),
    settings.addresses.length > 1 && h("div", { class: "short" }, field(p.address, chosen)),
    h("h2", null, t.what),
    settings.imap && h("p", { class: "quiet" }, t.whatHint), values,
    h("h2", null, t.apple), ...apple(settings, () => chosen.value, profile, ended.signal));
  return () => ended.abort();
}

function apple(settings: ProgramSettings, address: () => string, place: HTMLElement, ended: AbortSignal): HTMLElement[] {
  if (settings.no_profile) return [h("p", { class: "quiet" }, settings.no_profile)];
  if (!settings.addresses.length) return [h("p", { class: "quiet" }, t.noProfile)];
  return [
    h("p", null, t.profile, " ",
      settings.signer ? t.signedBy(settings.signer) : t.unsigned),
    h("p", { class: "actions" },
      h("button", { type: "button", class: "button", onclick: () => void attempt(() => code(address(), place, ended)) }, t.showCode),
      h("button", { type: "button", class: "button", onclick: () => void attempt(async () => location.assign((await account.profile_link({ address: address() })).url)) }, t.download)),
    place];
}

/** Shows a fresh code until its time is over. */
async function code(address: string, place: HTMLElement, ended: AbortSignal): Promise<void> {
  const link = await account.profile_link({ address });
  const box = h("div", { class: "code" },
    h("img", { src: `data:image/svg+xml,${encodeURIComponent(link.code)}`, alt: t.code(address) }),
    h("div", null, h("p", null, t.point), h("p", null, copyable(link.url)),
      h("p", { class: "quiet" }, t.once(Math.round(link.seconds / 60)))));
  fill(place, box);
  const timer = setTimeout(() => { if (box.isConnected) fill(place, h("p", { class: "quiet" }, t.over)); }, link.seconds * 1000);
  ended.addEventListener("abort", () => clearTimeout(timer));
}
