// A chart of stacked columns, one a day, drawn as SVG; what it shows is there as a table too.
import { h } from "./dom";
import { number, utcDate, utcDay } from "./format";
import { table } from "./table";
import { chart as t } from "./words/pages";
import { p } from "./words/pages";

/** One part of each column: its name, and the class that gives it its colour. */
export interface Part {
  name: string;
  kind: string;
}

/** A column: the day's beginning (seconds since 1970) and a number for each part, from the bottom up. */
export interface Column {
  day: number;
  values: number[];
}

const DAY = 86_400;
const HEIGHT = 220;
const LEFT = 52;
const BOTTOM = 24;
const TOP = 10;

/** Columns from the day `since` until today, with a legend; `what` says what is counted. */
export function columns(what: string, parts: Part[], known: Column[], since: number, until: number): HTMLElement {
  const days = Math.max(1, Math.round((until - since) / DAY) + 1);
  const sums = parts.map((_, at) => known.reduce((sum, column) => sum + (column.values[at] ?? 0), 0));
  const said = t.said(what, utcDay(since), utcDay(until), parts.map((part, at) => `${part.name} ${number(sums[at] ?? 0)}`).join(", "));
  return h("figure", { class: "chart" }, drawing(said, parts, known, since, days),
    h("figcaption", null, ...parts.map((part, at) => h("span", { class: `key ${part.kind}` }, `${part.name} ${number(sums[at] ?? 0)}`))),
    h("details", null, h("summary", null, t.asTable),
      table([p.day, ...parts.map((part) => part.name)], [...known].reverse().map((column) => [utcDay(column.day), ...column.values.map(number)]), t.nothing)));
}

function drawing(said: string, parts: Part[], known: Column[], since: number, days: number): SVGElement {
  const width = Math.max(320, Math.min(1_180, document.documentElement.clientWidth - 40));
  const top = nice(Math.max(1, ...known.map((column) => column.values.reduce((sum, value) => sum + value, 0))));
  const step = (width - LEFT) / days;
  const y = (value: number): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": said });
  for (let line = 0; line <= 4; line += 1) {
    const value = (top * line) / 4;
    svg.append(shape("line", { class: "grid", x1: LEFT, x2: width, y1: y(value), y2: y(value) }));
    if (Number.isInteger(value)) svg.append(words(LEFT - 6, y(value) + 4, short(value), "end"));
  }
  for (const column of known) {
    const x = LEFT + Math.round((column.day - since) / DAY) * step;
    const whole = shape("g", {}, shape("title", {}, `${utcDay(column.day)}: ${parts.map((part, at) => `${part.name} ${number(column.values[at] ?? 0)}`).join(", ")}`));
    let below = 0;
    column.values.forEach((value, at) => {
      if (!value) return;
      // Something is to be seen of few messages among many.
      const tall = Math.max(1.5, y(below) - y(below + value));
      whole.append(shape("rect", { class: parts[at]!.kind, x: x + step * 0.12, width: Math.max(1, step * 0.76), y: y(below) - tall, height: tall }));
      below += value;
    });
    svg.append(whole);
  }
  const every = Math.max(1, Math.ceil(90 / step));
  for (let day = 0; day < days; day += every) {
    const at = LEFT + (day + 0.5) * step;
    if (at < width - 34) svg.append(words(at, HEIGHT - 6, utcDate(since + day * DAY), day ? "middle" : "start"));
  }
  return svg;
}

/** The next number above that reads well, and whose quarters do. */
function nice(value: number): number {
  if (value <= 4) return 4;
  const unit = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 8, 10].find((factor) => factor * unit >= value) ?? 10) * unit;
}

function short(value: number): string {
  if (value >= 1e9) return `${value / 1e9}G`;
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 10_000 ? `${value / 1e3}k` : number(value);
}

function words(x: number, y: number, text: string, anchor: string): SVGElement {
  return shape("text", { x, y, "text-anchor": anchor }, text);
}

function shape(tag: string, attributes: Record<string, string | number>, ...children: (SVGElement | string)[]): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, typeof value === "number" ? String(Math.round(value * 100) / 100) : value);
  made.append(...children);
  return made;
}
