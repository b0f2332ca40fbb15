// The pages about the server itself: where they are.
import { h, fill } from "../dom";
import { server as t, pages } from "../words/admin/pages";
import { p } from "../words/pages";

const PAGES: [string, string, string][] = [
  ["certificates", pages.certificates, t.certificates],
  ["policies", pages.policies, t.policies],
  ["blocklists", pages.blocklists, t.blocklists],
  ["log", pages.log, t.log],
  ["configuration", pages.configuration, t.configuration],
];

/** A list of links. */
export async function server(main: HTMLElement): Promise<void> {
  fill(main, h("h1", null, p.server), ...PAGES.map(([key, title, what]) => h("section", { "aria-label": title }, h("h2", null, h("a", { href: `#${key}` }, title)), h("p", { class: "quiet" }, what))));
}
