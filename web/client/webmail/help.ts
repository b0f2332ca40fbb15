// The page that lists keys and words of a search; and the key that is shown when its button was clicked.
import { dialog, h } from "../dom";
import { t } from "../words";

const KEYS: [string, [string, string][]][] = [
  ["Everywhere", [["c", "write"], ["/", "search"], ["i", "Inbox"], ["b", "contacts"], ["?", "this help"], ["Esc", "close, or clear the selection"]]],
  ["The list", [["j, ↓", "next message"], ["k, ↑", "previous message"], ["Page Down, Page Up", "a page on, back"], ["Home, End", "first, last message"],
    ["n, N", "next, previous unread"], ["x", "select"], ["Shift ↓ ↑", "select from here on"], ["S", "select the conversation"], ["*", "select all that are loaded"], ["C", "show the conversation, or its newest"]]],
  ["Messages", [["r", "reply"], ["a", "reply to all"], ["L", "reply to the list"], ["f", "forward"], ["F", "forward as an attachment"], ["E", "edit as new"], ["e", "archive"], ["#, Delete", "delete"], ["v", "move"], ["q", "junk, or not junk"], ["s", "flag"], ["l", "labels"],
    ["m", "read or unread"], ["u", "unread, and close"], ["t, T", "as plain text, as formatted"], ["A", "look at attachments"], ["p", "print"]]],
  ["Attachments", [["← →, h l", "previous, next"], ["d", "save"]]],
  ["Writing", [["Ctrl Enter", "send"], ["Ctrl B, I, K", "bold, italic, link, in formatted text"], ["Esc", "save as draft and close"]]],
];
const SEARCHES: [string, string][] = [["invoice march", "both words, anywhere"], ['"blue lorry"', "these words in this order"], ["invo*", "words that begin so"],
  ["-draft", "without this word; any of these may have a minus"], ["from:ann to:bob subject:plan", "where it is"], ["has:attachment is:unread is:flagged", "what it is like"],
  ["label:work", "with a label"], ["larger:2M smaller:10M", "how large it is"], ['in:archive in:"Clients/Blue"', "in which mailbox"], ["after:2025 before:2026-03-01 on:2026-02", "when it came"]];

/** Keys and searches. */
export function help(): Promise<unknown> {
  const list = (kind: "kbd" | "code", rows: [string, string][]): HTMLElement =>
    h("dl", { class: "keys" }, ...rows.flatMap(([key, what]) => [h("dt", null, h(kind, null, key)), h("dd", null, what)]));
  return dialog<void>("Help", () => [h("h3", null, "Searching"), list("code", SEARCHES),
    h("div", { class: "pairs" }, ...KEYS.map(([title, rows]) => h("section", null, h("h3", null, title), list("kbd", rows))))], "wide");
}

/** Show the key of each button within a page for a moment, when the button was clicked. */
export function teachKeys(root: HTMLElement): void {
  const sign = h("p", { class: "shortcut", "aria-hidden": "true", hidden: true });
  let timer = 0;
  root.addEventListener("click", (event) => {
    const clicked = (event.target as Element).closest<HTMLElement>("button, a");
    // A click by the keyboard has no place: who used the key knows it.
    if (!clicked || event.detail === 0) return;
    const key = clicked.dataset.key ?? /\((\S+)\)$/.exec(clicked.title)?.[1];
    if (!key) return;
    sign.textContent = t.shortcut(key);
    sign.hidden = false;
    clearTimeout(timer);
    timer = window.setTimeout(() => { sign.hidden = true; }, 2_000);
  });
  root.append(sign);
}
