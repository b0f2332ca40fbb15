// The block lists that are asked about senders: do they work, and are we on one.
import { admin, type WatchedList } from "../api";
import { attempt, button, fill, h } from "../dom";
import { minute } from "../format";
import { table } from "../table";

/** Each list with our own addresses. */
export async function blocklists(main: HTMLElement): Promise<void> {
  draw(main, await admin.watched_lists());
}

function draw(main: HTMLElement, lists: WatchedList[]): void {
  fill(main, h("h1", null, "Block lists"),
    h("p", { class: "quiet" }, "They are looked at every half hour. A list that does not work blocks nothing; one that has this server makes others refuse its mail."),
    table(["List", "Works", "Looked at", "This server on it"], lists.map((one) => [
      one.zone, one.problem === null ? "nobody has looked yet" : one.problem || "yes", one.at ? minute(one.at) : "",
      one.addresses.length ? h("span", null, ...one.addresses.map((each) => h("span", { class: each.listed ? "bad" : "" }, `${each.ip}: ${each.listed ? "LISTED" : "no"} `))) : "no public address known"]),
    "No block list is configured: name some in dnsbl of [judge] of the configuration file."),
    h("p", null, button("refresh", "Look now", () => void attempt(async () => draw(main, await admin.watched_lists_look())), true)));
}
