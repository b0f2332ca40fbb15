// When a message goes: a time that somebody chooses, what waits for its time, and having it back.
import { webmail, type Delayed, type Draft } from "../api";
import { attempt, button, dialog, field, h, icon } from "../dom";
import { longDate } from "../format";
import { shown } from "../shown";
import { s } from "../words/shared";
import { w } from "../words/writing";

/** Times that people often mean, seen from now. */
export function usualTimes(now: Date): [string, Date][] {
  const at = (days: number, hour: number): Date => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
  const monday = ((8 - now.getDay()) % 7) || 7;
  return [[w.times.hour, new Date(now.getTime() + 3_600_000)], ...(now.getHours() < 17 ? [[w.times.evening, at(0, 19)] as [string, Date]] : []),
    [w.times.tomorrow, at(1, 8)], [w.times.monday, at(monday, 8)]];
}

/** Ask for a time; seconds since 1970, or null. */
export function askTime(): Promise<number | null> {
  const now = new Date();
  const local = (date: Date): string => new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  const input = h("input", { type: "datetime-local", min: local(now), value: local(usualTimes(now)[1]![1]), required: true });
  return dialog<number>(w.sendLater, (close) => [
    h("div", { class: "choices" }, ...usualTimes(now).map(([name, date]) => h("button", { type: "button", onclick: () => close(date.getTime() / 1000) },
      icon("clock"), h("span", null, name, h("small", null, longDate(date.getTime() / 1000)))))),
    h("form", { onsubmit: (event: Event) => { event.preventDefault(); close(new Date(input.value).getTime() / 1000); } },
      field(w.orAt, input), h("footer", null, h("button", { class: "button primary" }, w.sendThen)))]);
}

/** Show what waits; `back` goes on writing what was had back. */
export async function waiting(back: (make: () => Promise<Draft>) => void): Promise<void> {
  let found: Delayed[] = [];
  if (!(await attempt(async () => { found = await webmail.delayed(); }))) return;
  await dialog<void>(w.waiting, (close) => [
    !found.length && h("p", { class: "quiet" }, w.nothingWaits),
    h("ul", { class: "delayed" }, ...found.map((one) => h("li", null,
      h("div", null, h("strong", { dir: "auto" }, ...shown(one.subject || s.noSubject)), h("span", { class: "quiet" }, w.goesTo(one.to)), h("span", null, longDate(one.at))),
      button("back", w.takeBack, () => { close(null); back(() => webmail.take_back({ id: one.id })); }, true))))], "wide");
}
