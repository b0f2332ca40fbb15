// The state of the server at a glance; it keeps itself current.
import { admin, type HealthLine, type TraceLine } from "../api";
import { fill, h, lookAgain } from "../dom";
import { duration, exactDate, sinceToday, minute, size } from "../format";
import { table } from "../table";
import { overview as t } from "../words/admin/pages";
import { p } from "../words/pages";

const EVERY = 5_000;

/** Events that are shown at once; the trace has all of them. */
const EVENTS = 15;

export async function overview(main: HTMLElement): Promise<() => void> {
  let opened = false;
  const look = async (): Promise<() => void> => {
    const now = await admin.overview();
    const tile = (value: string | number, what: string, where: string): HTMLElement => h("a", { class: "tile", href: where }, h("strong", null, value), h("span", null, what));
    const ready = now.roles.filter((role) => role.ready).length;
    return () => fill(main, h("h1", null, now.hostname), h("p", { class: "quiet" }, t.version(now.version)),
      h("section", { "aria-label": t.health }, h("ul", { class: "health" }, ...now.health.map(part))),
      h("div", { class: "tiles" }, tile(now.domains, t.domains, "#domains"), tile(now.accounts, t.accounts, "#accounts"),
        tile(now.queued, now.held ? t.queuedHeld(now.held) : t.queued, "#queue"),
        tile(now.oldest_queued === null ? "-" : duration(now.now - now.oldest_queued), t.oldest, "#queue")),
      now.block_lists.length > 0 && h("h2", null, t.blocklists),
      now.block_lists.length > 0 && table([p.list, p.state, p.lookedAt], now.block_lists.map((one) => [
        one.zone, one.examined === null ? t.unexamined : one.problem ? h("span", { class: "bad" }, t.broken(one.problem)) : h("span", { class: "good" }, t.works),
        one.examined === null ? "" : minute(one.examined)]), ""),
      h("h2", null, t.events), lines(now.events.slice(0, EVENTS)), h("p", { class: "actions" }, h("a", { class: "button", href: "#trace" }, t.search)),
      h("h2", null, t.processes),
      h("details", { open: opened, ontoggle: (event: Event) => { opened = (event.target as HTMLDetailsElement).open; } },
        h("summary", null, now.roles.length ? t.ready(ready, now.roles.length) : t.silentSupervisor),
        table([t.process, p.state, t.up, t.memory, t.restarts, t.pid], now.roles.map((role) => [
          role.number ? `${role.role} ${role.number}` : role.role, role.ready ? t.isReady : h("span", { class: "bad" }, t.unready),
          duration(role.uptime), size(role.memory), role.restarts, role.pid]), t.noProcesses)));
  };
  (await look())();
  return lookAgain(main, EVERY, look);
}

/** How one part of the server is. */
function part(line: HealthLine): HTMLElement {
  return h("li", { class: line.state },
    h("a", { href: `#${line.page}` }, line.topic), h("span", { class: "state" }, t.states[line.state]),
    h("div", null, h("span", null, line.summary), line.todo.length > 0 && h("ul", null, ...line.todo.map((said) => h("li", null, said)))));
}

/** Events as a table; each leads to its trace. */
export function lines(events: TraceLine[]): HTMLElement {
  return table([p.when, p.what, p.trace], events.map((line) => [
    h("time", { class: "nowrap", title: exactDate(line.at) }, sinceToday(line.at)),
    h("div", { class: `happened ${line.level}` }, h("span", { title: line.event }, line.sentence), " ", ...facts(line)),
    line.trace && h("a", { class: "nowrap", href: `#steps/${encodeURIComponent(line.trace)}` }, line.trace)]), t.nothing);
}

/** The fields of an event. */
export function facts(line: TraceLine): HTMLElement[] {
  return Object.entries(line.facts).filter(([, value]) => value !== "").map(([name, value]) => h("span", { class: "fact" }, h("span", null, name.replaceAll("_", " ")), value));
}
