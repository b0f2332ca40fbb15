// A notice of new mail: what the server sends, what is shown of it, and where a click on it leads.
//
// Pure, and shared by the service worker and its tests.

import { news as t } from "../words";

/** What the server sends (mta.flow.notifying); without sender and subject where the account wants it so. */
export interface News {
  account: string;
  message: number;
  mailbox: number;
  others: number;
  unread: number;
  from: string;
  subject: string;
  proven: boolean;
  test: boolean;
}

/** What is asked of the browser; `data` comes back with the click. */
export interface Shown {
  title: string;
  options: { body: string; tag: string; icon: string; data: { hash: string } };
}

/** The news in what was sent; what is missing or of another kind is as if nothing were said, since a notice must be shown all the same. */
export function read(text: string): News {
  let given: Record<string, unknown> = {};
  try {
    const found: unknown = JSON.parse(text);
    if (found && typeof found === "object") given = found as Record<string, unknown>;
  } catch {
    // Nothing is known but that there is something new.
  }
  const words = (name: string): string => (typeof given[name] === "string" ? (given[name] as string).slice(0, 500) : "");
  const count = (name: string): number => (Number.isSafeInteger(given[name]) && (given[name] as number) > 0 ? (given[name] as number) : 0);
  return {
    account: words("account"), message: count("message"), mailbox: count("mailbox"), others: count("others"), unread: count("unread"),
    from: words("from"), subject: words("subject"), proven: given["proven"] === true, test: given["test"] === true,
  };
}

/** How it is shown: a line with the sender, one with the subject, one with what else there is. */
export function shownAs(news: News): Shown {
  if (news.test) return { title: t.testTitle, options: { body: t.testBody(news.account), tag: "test", icon: ICON, data: { hash: "" } } };
  const detailed = news.from !== "" || news.subject !== "";
  const lines = [detailed && (news.subject || t.noSubject), detailed && !news.proven && t.unproven, news.others > 0 && t.others(news.others),
    !detailed && news.unread > 0 && t.unread(news.unread), news.account && t.account(news.account)];
  return {
    title: detailed ? news.from || t.nobody : t.title,
    // One for each message: the same sent twice is shown once, and none hides another.
    options: { body: lines.filter(Boolean).join("\n"), tag: `mail-${news.message}`, icon: ICON, data: { hash: news.message && news.mailbox ? `#box/${news.mailbox}/${news.message}` : "" } },
  };
}

const ICON = "/static/icon.png";
const PLACE = /^#box\/\d{1,15}\/\d{1,15}$/;

/** The place in the webmail that a click leads to; "" for whatever is none. */
export function placeOf(data: unknown): string {
  const hash = (data as { hash?: unknown } | null)?.hash;
  return typeof hash === "string" && PLACE.test(hash) ? hash : "";
}

/** The octets of base64url, as a subscription wants a key. */
export function octets(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

/** And back. */
export function base64url(given: ArrayBuffer | null): string {
  const binary = [...new Uint8Array(given ?? new ArrayBuffer(0))].map((octet) => String.fromCharCode(octet)).join("");
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
