// How things are written for people.
import type { Person } from "./api";
import { h } from "./dom";
import { isolated } from "./words/phrase";
import { s } from "./words/shared";

const DAY = 86_400;

/** Making one of these takes a hundred times as long as using it, and lists use thousands. */
const made = new Map<string, Intl.DateTimeFormat>();

function written(date: Date, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options);
  let format = made.get(key);
  if (!format) made.set(key, format = new Intl.DateTimeFormat([], options));
  return format.format(date);
}

/** A time in a list: today the hour, this year the day, else the date. */
export function shortDate(seconds: number): string {
  const date = new Date(seconds * 1000);
  const now = new Date();
  if (date.toDateString() === now.toDateString()) return written(date, { hour: "2-digit", minute: "2-digit" });
  if (date.getFullYear() === now.getFullYear()) return written(date, { day: "numeric", month: "short" });
  return written(date, { day: "numeric", month: "short", year: "numeric" });
}

/** A time in full. */
export function longDate(seconds: number): string {
  return written(new Date(seconds * 1000), { dateStyle: "full", timeStyle: "short" });
}

/** A time to the minute, as short as the language has it. */
export function fullDate(seconds: number): string {
  return written(new Date(seconds * 1000), { dateStyle: "short", timeStyle: "short" });
}

/** A time to the thousandth as logs write it, which is the same everywhere. */
export function exactDate(seconds: number): string {
  const date = new Date(seconds * 1000);
  const pad = (number: number, width = 2): string => String(number).padStart(width, "0");
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

/** A time to the minute. */
export function moment(seconds: number): string {
  return written(new Date(seconds * 1000), { dateStyle: "medium", timeStyle: "short" });
}

/** A time to the second. */
export function second(seconds: number): string {
  return written(new Date(seconds * 1000), { dateStyle: "medium", timeStyle: "medium" });
}

/** The time of today to the second, of other days with the day. */
export function sinceToday(seconds: number): string {
  const date = new Date(seconds * 1000);
  return date.toDateString() === new Date().toDateString() ? written(date, { timeStyle: "medium" }) : moment(seconds);
}

/** A time to the minute, for tables; it does not break. */
export function minute(seconds: number): HTMLElement {
  return h("time", { class: "nowrap", dateTime: new Date(seconds * 1000).toISOString() }, moment(seconds));
}

/** A day. */
export function day(seconds: number): string {
  return written(new Date(seconds * 1000), { dateStyle: "medium" });
}

/** A day of UTC by its beginning, as reports count them. */
export function utcDay(seconds: number): string {
  return written(new Date(seconds * 1000), { dateStyle: "medium", timeZone: "UTC" });
}

/** The same without the year. */
export function utcDate(seconds: number): string {
  return written(new Date(seconds * 1000), { day: "numeric", month: "short", timeZone: "UTC" });
}

/** A moment as others say it, by UTC. */
export function utcMoment(seconds: number): string {
  return written(new Date(seconds * 1000), { dateStyle: "medium", timeStyle: "long", timeZone: "UTC" });
}

/** A number with its thousands apart. */
export function number(count: number): string {
  return count.toLocaleString();
}

/** A number with so many digits behind the point, or what stands for it. */
export function decimal(value: number, digits: number): string {
  return value.toLocaleString([], { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A part of a whole in percent. */
export function share(part: number, whole: number): string {
  return whole ? `${decimal((100 * part) / whole, part && part < whole ? 1 : 0)} %` : "-";
}

/** Octets with a unit. */
export function size(octets: number): string {
  const units = s.octets;
  let at = 0;
  while (octets >= 1000 && at < units.length - 1) {
    octets /= 1000;
    at += 1;
  }
  return `${decimal(octets, at && octets < 10 ? 1 : 0)} ${units[at]}`;
}

/** Seconds as the two largest units. */
export function duration(seconds: number): string {
  const parts: [number, string][] = [[DAY, s.spans.days], [3600, s.spans.hours], [60, s.spans.minutes], [1, s.spans.seconds]];
  const said: string[] = [];
  let left = Math.max(0, Math.round(seconds));
  for (const [length, unit] of parts) {
    if (left >= length) {
      said.push(`${Math.floor(left / length)} ${unit}`);
      left %= length;
    }
  }
  return said.slice(0, 2).join(" ") || `0 ${s.spans.seconds}`;
}

/** A browser by what it calls itself: "Firefox on Linux". */
export function browser(agent: string): string {
  const find = (known: [string, string][]): string => known.find(([mark]) => agent.includes(mark))?.[1] ?? "";
  const name = find([["Firefox", "Firefox"], ["Edg", "Edge"], ["OPR", "Opera"], ["Chrome", "Chrome"], ["Safari", "Safari"], ["curl", "curl"]]);
  const system = find([["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Linux", "Linux"]]);
  return name && system ? s.browserOn(name, system) : name || system || agent || s.unknown;
}

/** A person by name, or by address. */
export function who(person: Person): string {
  return person.name || person.address || s.unknown;
}

/** People in a few words. */
export function everyone(people: Person[]): string {
  return people.map((one) => isolated(who(one))).join(", ");
}

/** A person in full. */
export function inFull(person: Person): string {
  if (!person.address) return isolated(person.name);
  return person.name ? `${isolated(person.name)} <${person.address}>` : person.address;
}
