// The answer while one is away: when, what it says, how it looks, and whom it would have answered.
import { account, type VacationAnswer } from "../api";
import { attempt, edited, field, fill, h, notice } from "../dom";
import { everyone, shortDate } from "../format";
import { table } from "../table";
import { away as t } from "../words/account/mail";
import { p } from "../words/pages";
import { s } from "../words/shared";

export async function away(main: HTMLElement): Promise<void> {
  const [now, zones] = await Promise.all([account.away(), account.time_zones()]);
  draw(main, now, zones);
}

/** Where this browser is, if the server knows that place. */
function here(zones: string[]): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zones.includes(zone) ? zone : "UTC";
}

/** Whether mail that comes now is answered, in a sentence. */
function standing(now: VacationAnswer): string {
  if (!now.enabled) return t.off;
  if (now.active) return now.last_day ? t.until(now.last_day) : t.on;
  return now.first_day && now.last_day ? t.outside(now.first_day, now.last_day) : now.first_day ? t.begins(now.first_day) : t.beginsLater;
}

function draw(main: HTMLElement, now: VacationAnswer, zones: string[]): void {
  const enabled = h("input", { type: "checkbox", checked: now.enabled });
  const first = h("input", { type: "date", value: now.first_day }), last = h("input", { type: "date", value: now.last_day });
  const chosen = now.text || now.enabled ? now.zone : here(zones);
  const zone = h("select", null, ...zones.map((one) => h("option", { selected: one === chosen }, one)));
  const subject = h("input", { value: now.subject, placeholder: t.subjectExample, maxLength: 200 });
  const text = h("textarea", { rows: 8, value: now.text, placeholder: t.textExample, dir: "auto" });
  const shown = h("div", { class: "trial", "aria-live": "polite" });
  const written = (): VacationAnswer => ({
    enabled: enabled.checked, first_day: first.value, last_day: last.value, zone: zone.value, subject: subject.value, text: text.value, active: false, version: now.version });
  fill(main, h("h1", null, t.title),
    h("p", { role: "status", class: now.active ? "good" : "quiet" }, standing(now)),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void edited(async () => { draw(main, await account.away_change({ answer: written() }), zones); notice(p.saved); }, () => away(main));
      },
    },
      field(t.enabled, enabled),
      h("div", { class: "pairs" }, field(t.first, first, t.firstHint), field(t.last, last, t.lastHint),
        field(t.zone, zone, t.zoneHint)),
      field(p.subject, subject), field(t.text, text, t.textHint),
      h("p", { class: "actions" }, h("button", { class: "button primary" }, s.save),
        h("button", { type: "button", class: "button", onclick: () => void attempt(async () => preview(shown, await account.away_preview({ answer: written() }))) }, t.show),
        h("button", { type: "button", class: "button", onclick: () => void attempt(async () => tried(shown, await account.away_try())) }, t.try))),
    shown,
    h("h2", null, t.unanswered),
    h("ul", { class: "quiet" }, ...t.without.map((one) => h("li", null, one))));
}

function preview(place: HTMLElement, message: string): void {
  fill(place, h("h2", null, t.preview), h("pre", { class: "source", tabIndex: 0 }, message));
}

function tried(place: HTMLElement, found: Awaited<ReturnType<typeof account.away_try>>): void {
  const answered = found.filter((one) => !one.why).length;
  fill(place, h("h2", null, t.tried),
    h("p", null, t.answered(answered, found.length)),
    table([p.when, t.from, p.subject, t.answer], found.map(({ message, why, doubt }) => [
      h("time", { class: "nowrap" }, shortDate(message.received)), everyone(message.from), message.subject || s.noSubject,
      why ? h("span", { class: "quiet" }, t.no(why)) : h("span", null, h("strong", null, t.yes), doubt && h("small", { class: "quiet" }, ` (${doubt})`))]), t.noMail));
}
