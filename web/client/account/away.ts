// The answer while one is away: when, what it says, how it looks, and whom it would have answered.
import { account, type VacationAnswer } from "../api";
import { attempt, edited, field, fill, h, notice } from "../dom";
import { everyone, shortDate } from "../format";
import { table } from "../table";

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
  if (!now.enabled) return "Nothing is answered now.";
  if (now.active) return now.last_day ? `Mail is answered until the end of ${now.last_day}.` : "Mail is answered until you switch this off.";
  return now.first_day && now.last_day ? `It is on for ${now.first_day} to ${now.last_day}, and answers nothing today.` : `It begins on ${now.first_day || "another day"}.`;
}

function draw(main: HTMLElement, now: VacationAnswer, zones: string[]): void {
  const enabled = h("input", { type: "checkbox", checked: now.enabled });
  const first = h("input", { type: "date", value: now.first_day }), last = h("input", { type: "date", value: now.last_day });
  const chosen = now.text || now.enabled ? now.zone : here(zones);
  const zone = h("select", null, ...zones.map((one) => h("option", { selected: one === chosen }, one)));
  const subject = h("input", { value: now.subject, placeholder: "Auto: and the subject of the message", maxLength: 200 });
  const text = h("textarea", { rows: 8, value: now.text, placeholder: "I am away until the 14th and read no mail. If it is urgent, …", dir: "auto" });
  const shown = h("div", { class: "trial", "aria-live": "polite" });
  const written = (): VacationAnswer => ({
    enabled: enabled.checked, first_day: first.value, last_day: last.value, zone: zone.value, subject: subject.value, text: text.value, active: false, version: now.version });
  fill(main, h("h1", null, "Away"),
    h("p", { role: "status", class: now.active ? "good" : "quiet" }, standing(now)),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void edited(async () => { draw(main, await account.away_change({ answer: written() }), zones); notice("Saved."); }, () => away(main));
      },
    },
      field("Answer mail while I am away", enabled),
      h("div", { class: "pairs" }, field("First day", first, "Empty: at once."), field("Last day", last, "That day as well. Empty: until it is switched off."),
        field("Time zone", zone, "Where these days begin and end.")),
      field("Subject", subject), field("Text", text, "Plain text, for everybody who writes to you."),
      h("p", { class: "actions" }, h("button", { class: "button primary" }, "Save"),
        h("button", { type: "button", class: "button", onclick: () => void attempt(async () => preview(shown, await account.away_preview({ answer: written() }))) }, "Show the message"),
        h("button", { type: "button", class: "button", onclick: () => void attempt(async () => tried(shown, await account.away_try())) }, "Try it on stored mail"))),
    shown,
    h("h2", null, "Who gets no answer"),
    h("ul", { class: "quiet" }, ...["Whoever had one less than seven days ago.", "Mailing lists, newsletters, notices of servers and other programs.",
      "Mail that names you neither in To nor in Cc, and what came by a masked address.", "Junk, and what may not be from whom it says (DMARC).", "You yourself."].map((one) => h("li", null, one))));
}

function preview(place: HTMLElement, message: string): void {
  fill(place, h("h2", null, "What somebody would get"), h("pre", { class: "source", tabIndex: 0 }, message));
}

function tried(place: HTMLElement, found: Awaited<ReturnType<typeof account.away_try>>): void {
  const answered = found.filter((one) => !one.why).length;
  fill(place, h("h2", null, "Tried on stored mail"),
    h("p", null, `${answered || "None"} of the newest ${found.length} messages would have had an answer. Nothing was sent.`),
    table(["When", "From", "Subject", "Answer"], found.map(({ message, why, doubt }) => [
      h("time", { class: "nowrap" }, shortDate(message.received)), everyone(message.from), message.subject || "(no subject)",
      why ? h("span", { class: "quiet" }, `no: ${why}`) : h("span", null, h("strong", null, "yes"), doubt && h("small", { class: "quiet" }, ` (${doubt})`))]), "There is no mail yet."));
}
