// The block lists that are asked about senders: do they work, and are we on one.
import { admin, type WatchedList } from "../api";
import { attempt, button, fill, h } from "../dom";
import { minute } from "../format";
import { table } from "../table";
import { blocklists as t } from "../words/admin/server";
import { p } from "../words/pages";

/** Each list with our own addresses. */
export async function blocklists(main: HTMLElement): Promise<void> {
  draw(main, await admin.watched_lists());
}

function draw(main: HTMLElement, lists: WatchedList[]): void {
  fill(main, h("h1", null, t.title),
    h("p", { class: "quiet" }, t.meaning),
    table([p.list, t.works, p.lookedAt, t.onIt], lists.map((one) => [
      one.zone, one.problem === null ? t.unexamined : one.problem || p.yes, one.at ? minute(one.at) : "",
      one.addresses.length ? h("span", null, ...one.addresses.map((each) => h("span", { class: each.listed ? "bad" : "" }, `${each.ip}: ${each.listed ? t.listed : p.no} `))) : t.noAddress]),
    t.none),
    h("p", null, button("refresh", t.look, () => void attempt(async () => draw(main, await admin.watched_lists_look())), true)));
}
