// The administration: one page for each thing, chosen by the address after #.
import { admin, type AdminState } from "../api";
import { attempt, button, complain, fill, h } from "../dom";
import { settled, signIn, starting } from "../signin";
import { accounts, oneAccount } from "./accounts";
import { domains, oneDomain } from "./domains";
import { overview } from "./overview";
import { oneQueued, queue } from "./queue";
import { security } from "./security";
import { oneTrace, trace } from "./trace";

/** A page draws itself into main and may return what has to be ended when it is left. */
export type Page = (main: HTMLElement, argument: string) => Promise<(() => void) | void>;

const PAGES: Record<string, { title: string; draw: Page; shown: boolean }> = {
  overview: { title: "Overview", draw: overview, shown: true },
  domains: { title: "Domains", draw: domains, shown: true },
  domain: { title: "Domain", draw: oneDomain, shown: false },
  accounts: { title: "Accounts", draw: accounts, shown: true },
  account: { title: "Account", draw: oneAccount, shown: false },
  queue: { title: "Queue", draw: queue, shown: true },
  queued: { title: "In the queue", draw: oneQueued, shown: false },
  trace: { title: "Message trace", draw: trace, shown: true },
  steps: { title: "Trace", draw: oneTrace, shown: false },
  security: { title: "Security", draw: security, shown: true },
};

/** Which entry of the menu a page without one belongs to. */
const ABOVE: Record<string, string> = { domain: "domains", account: "accounts", queued: "queue", steps: "trace" };

const place = document.getElementById("app")!;
let leave: (() => void) | void;
let turn = 0;

async function begin(): Promise<void> {
  const state = await admin.state();
  if (state.signed_in) return show(state);
  window.onhashchange = null;
  if (leave) leave();
  leave = undefined;
  signIn(place, "Administration", state.hostname, false, async (_, password) => {
    await admin.login({ password });
    await begin();
  });
}

function show(state: AdminState): void {
  settled(place);
  const main = h("main", { tabIndex: -1 });
  const links = Object.entries(PAGES).filter(([, page]) => page.shown).map(([name, page]) => h("a", { href: `#${name}` }, page.title));
  fill(place, h("div", { class: "pages" },
    h("header", { class: "masthead" }, h("img", { src: "/static/icon.svg", alt: "", width: 26, height: 26 }), h("strong", null, state.hostname),
      h("nav", { "aria-label": "Pages" }, ...links), h("span", { class: "gap" }),
      button("out", "Sign out", () => void attempt(async () => { await admin.logout(); await again(); }), true)),
    main));
  const routed = (): void => void draw(main, links);
  window.onhashchange = routed;
  routed();
}

async function draw(main: HTMLElement, links: HTMLAnchorElement[]): Promise<void> {
  const [name = "", ...rest] = location.hash.slice(1).split("/");
  const page = PAGES[name] ?? PAGES["overview"]!;
  const mine = ++turn;
  if (leave) leave();
  leave = undefined;
  for (const link of links) {
    const current = link.hash === `#${ABOVE[name] ?? (name || "overview")}`;
    if (current) {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ inline: "nearest", block: "nearest" });
    }
    else link.removeAttribute("aria-current");
  }
  document.title = `${page.title} - Pillarbox`;
  const fresh = h("div", null);
  fill(main, fresh);
  try {
    const end = await page.draw(fresh, decodeURIComponent(rest.join("/")));
    if (mine === turn) leave = end;
    else if (end) end();
  } catch (problem) {
    complain(problem);
    if (mine === turn && !fresh.childNodes.length) fill(fresh, h("p", { class: "problem" }, problem instanceof Error ? problem.message : String(problem)));
  }
}

const again = starting(place, begin);
