// The pages about the server itself: where they are.
import { h, fill } from "../dom";

const PAGES: [string, string, string][] = [
  ["certificates", "Certificates", "What this server shows of itself: names, ends, renewal, keys and their TLSA records."],
  ["policies", "Policies of other domains", "What others ask for when mail goes to them (MTA-STS), and how protected it got there (DANE, DNSSEC, REQUIRETLS)."],
  ["blocklists", "Block lists", "Whether the lists work that are asked about senders, and whether this server is on one."],
  ["log", "Log", "What is logged of each part of the program, for an hour more or less than usual."],
  ["configuration", "Configuration", "Every setting in force, and where its value comes from."],
];

/** A list of links. */
export async function server(main: HTMLElement): Promise<void> {
  fill(main, h("h1", null, "Server"), ...PAGES.map(([key, title, what]) => h("section", { "aria-label": title }, h("h2", null, h("a", { href: `#${key}` }, title)), h("p", { class: "quiet" }, what))));
}
