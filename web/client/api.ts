// Made from the server's functions by `python -m web.typescript`.  Do not edit.
import { s } from "./words/shared";

/** What a call that did not succeed is rejected with. */
export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly place: string) {
    super(message);
  }
}

const tokens: Record<string, string> = {};

/** Accounts and webmail share one session, the administration has its own. */
function realm(app: string): string {
  return app === "admin" ? "admin" : "account";
}

/** Whether a value from outside is what it should be; throws what is not. */
type Examine = (value: unknown, at: string) => void;

function wrong(at: string): never {
  throw new ApiError(0, "server:unexpected", s.notUnderstood(at), "");
}

const kind = (name: string): Examine => (value, at) => { if (typeof value !== name) wrong(at); };
const num = kind("number"), str = kind("string"), bool = kind("boolean");
const nil: Examine = (value, at) => { if (value !== null) wrong(at); };
const nothing: Examine = () => undefined;

function one(...known: unknown[]): Examine {
  return (value, at) => { if (!known.includes(value)) wrong(at); };
}

function list(item: Examine): Examine {
  return (value, at) => Array.isArray(value) ? value.forEach((each) => item(each, at)) : wrong(at);
}

function table(item: Examine): Examine {
  return (value, at) => value && typeof value === "object" ? Object.values(value).forEach((each) => item(each, at)) : wrong(at);
}

function either(...checks: Examine[]): Examine {
  return (value, at) => {
    for (const check of checks) {
      try {
        return check(value, at);
      } catch {
        // Perhaps it is the next.
      }
    }
    wrong(at);
  };
}

function struct(name: string, fields: () => Record<string, Examine>): Examine {
  let known: [string, Examine][] | undefined;
  return (value, at) => {
    if (!value || typeof value !== "object") wrong(`${at}: ${name}`);
    for (const [field, check] of known ??= Object.entries(fields())) check((value as Record<string, unknown>)[field], `${name}.${field}`);
  };
}

/** One of several structs, told apart by their tags. */
function tagged(checks: () => Record<string, Examine>): Examine {
  let known: Record<string, Examine> | undefined;
  return (value, at) => {
    const check = (known ??= checks())[String((value as { type?: unknown } | null)?.type)];
    if (check) check(value, at);
    else wrong(at);
  };
}

function outcome<T>(app: string, status: number, text: string, check: Examine): T {
  let answer: { result?: T & { csrf?: unknown }; error?: ErrorFacts };
  try {
    answer = JSON.parse(text);
  } catch {
    throw new ApiError(status, "server:unreachable", s.improper, "");
  }
  if (answer.error) $ErrorFacts(answer.error, app);
  if (answer.error) throw new ApiError(status, answer.error.code, answer.error.message, answer.error.place);
  const result = answer.result as T & { csrf?: unknown };
  check(result, app);
  if (result && typeof result === "object" && typeof result.csrf === "string") tokens[realm(app)] = result.csrf;
  return result;
}

/** Functions that may be called twice: they only read, or doing it again changes nothing. */
const AGAIN = new Set([
  "state", "page", "sorted_page", "conversations", "search", "summaries", "thread", "message", "headers", "mailboxes", "labels",
  "flags", "move", "archive", "blocked", "leaving", "invitation", "display_choices", "display_keep"]);
const PAUSES = [400, 1200];

/** Call a function of the server; over a bad line again, where that does no harm.  Rejects with ApiError. */
export async function call<T>(app: string, name: string, args: object, signal: AbortSignal | undefined, check: Examine): Promise<T> {
  for (const pause of AGAIN.has(name) ? PAUSES : []) {
    try {
      return await once<T>(app, name, args, signal, check);
    } catch (problem) {
      if (!(problem instanceof ApiError) || problem.code !== "server:unreachable" || problem.status !== 0) throw problem;
    }
    await new Promise((done) => setTimeout(done, pause));
    signal?.throwIfAborted();
  }
  return once<T>(app, name, args, signal, check);
}

async function once<T>(app: string, name: string, args: object, signal: AbortSignal | undefined, check: Examine): Promise<T> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`/api/${app}/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Pillarbox-Csrf": tokens[realm(app)] ?? "" },
      body: JSON.stringify(args),
      credentials: "same-origin",
      signal,
    });
    text = await response.text();
  } catch (problem) {
    if (signal?.aborted) throw problem;
    throw new ApiError(0, "server:unreachable", s.unreachable, "");
  }
  return outcome<T>(app, response.status, text, check);
}

/** Told how much was sent: 0 to 1. */
export type Uploading = (part: number) => void;

/** Send a file ahead, to be named in Draft.attachments; `progress` gets 0 to 1. */
export function upload(file: File, progress?: Uploading, signal?: AbortSignal): Promise<Uploaded> {
  return post<Uploaded>("webmail", `/webmail/upload?name=${encodeURIComponent(file.name)}`, file, $Uploaded, progress, signal);
}

/** Send a piece of the file of an import, which begins at offset. */
export function importPiece(id: number, offset: number, piece: Blob, signal?: AbortSignal): Promise<Import> {
  return post<Import>("account", `/account/import?id=${id}&offset=${offset}`, piece, $Import, undefined, signal);
}

function post<T>(app: string, address: string, body: Blob, check: Examine, progress?: Uploading, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Content-Type", body.type || "application/octet-stream");
    request.setRequestHeader("X-Pillarbox-Csrf", tokens[realm(app)] ?? "");
    request.upload.onprogress = (event) => event.lengthComputable && progress?.(event.loaded / event.total);
    request.onerror = () => reject(new ApiError(0, "server:unreachable", s.unreachable, ""));
    request.onabort = () => reject(new DOMException(s.uploadStopped, "AbortError"));
    request.onload = () => {
      try {
        resolve(outcome<T>(app, request.status, request.responseText, check));
      } catch (problem) {
        reject(problem);
      }
    };
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

/** What `events` tells. */
export interface EventHandlers {
  changes(event: Changes): void;
  reset(event: Reset): void;
  signedOut(event: SignedOut): void;
  /** true when the stream is open, false while the browser tries to open it again. */
  connected?(open: boolean): void;
}

/** Milliseconds after which a stream that was refused is tried again. */
const STREAM_PAUSE = 5_000;

/** Follow what happens in the account from `modseq` on (State.modseq, Page.modseq); what is cut off goes on where it was. */
export function events(modseq: number, handlers: EventHandlers): { close(): void } {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = <T>(event: Event, check: Examine): T => {
    const told: unknown = JSON.parse((event as MessageEvent<string>).data);
    check(told, event.type);
    return told as T;
  };
  const heard = <T extends { modseq: number }>(told: T): T => {
    modseq = told.modseq;
    return told;
  };
  const begin = (): void => {
    source = new EventSource(`/webmail/events?since=${modseq}`);
    source.addEventListener("changes", (event) => handlers.changes(heard(read<Changes>(event, $Changes))));
    source.addEventListener("reset", (event) => handlers.reset(heard(read<Reset>(event, $Reset))));
    source.addEventListener("signed_out", (event) => {
      source.close();
      handlers.signedOut(read(event, $SignedOut));
    });
    source.onopen = () => handlers.connected?.(true);
    source.onerror = () => {
      handlers.connected?.(false);
      // After an answer that is no stream (a proxy's 502 while we start) a browser does not try again.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(begin, STREAM_PAUSE);
    };
  };
  begin();
  return { close: () => { clearTimeout(timer); source.close(); } };
}

/** Why a call did not succeed: code, a sentence for people, and the argument it is about (or ""). */
export interface ErrorFacts {
  code: string;
  message: string;
  place: string;
}
const $ErrorFacts = /* @__PURE__ */ struct("ErrorFacts", () => ({ "code": str, "message": str, "place": str }));

/** Event "changes": what happened, oldest first, up to and including `modseq`. */
export interface Changes {
  modseq: number;
  changes: (MessageAdded | MessageRemoved | MessageFlags | MessageThread | MailboxChanged | MailboxRemoved)[];
}
const $Changes = /* @__PURE__ */ struct("Changes", () => ({ "modseq": num, "changes": list(tagged(() => ({ message_added: $MessageAdded, message_removed: $MessageRemoved, message_flags: $MessageFlags, message_thread: $MessageThread, mailbox: $MailboxChanged, mailbox_removed: $MailboxRemoved }))) }));

/** A message came into a mailbox (by mail, or by a move, which keeps its id). */
export interface MessageAdded {
  type: "message_added";
  modseq: number;
  message: Summary;
}
const $MessageAdded = /* @__PURE__ */ struct("MessageAdded", () => ({ "modseq": num, "message": $Summary }));

/**
 * One message as a list shows it.
 *
 * `flags` holds system flags ("\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft",
 * "$Forwarded", "$Junk", "$NotJunk", …), `keywords` the others.  `preview` is the start of
 * the text, on one line.  `date` is the Date field, `received` when it came here.
 */
export interface Summary {
  id: number;
  mailbox_id: number;
  thread_id: number;
  from: Person[];
  to: Person[];
  subject: string;
  preview: string;
  date: number | null;
  received: number;
  size: number;
  attachments: number;
  flags: string[];
  keywords: string[];
}
const $Summary = /* @__PURE__ */ struct("Summary", () => ({ "id": num, "mailbox_id": num, "thread_id": num, "from": list($Person), "to": list($Person), "subject": str, "preview": str, "date": either(num, nil), "received": num, "size": num, "attachments": num, "flags": list(str), "keywords": list(str) }));

/** Someone in a header field: `name` may be "", `address` is "" if what was written is none. */
export interface Person {
  name: string;
  address: string;
}
const $Person = /* @__PURE__ */ struct("Person", () => ({ "name": str, "address": str }));

/** A message left a mailbox (removed; or moved, then a message_added with the same id follows). */
export interface MessageRemoved {
  type: "message_removed";
  modseq: number;
  mailbox_id: number;
  message_id: number;
}
const $MessageRemoved = /* @__PURE__ */ struct("MessageRemoved", () => ({ "modseq": num, "mailbox_id": num, "message_id": num }));

/** The flags of a message are now these. */
export interface MessageFlags {
  type: "message_flags";
  modseq: number;
  mailbox_id: number;
  message_id: number;
  flags: string[];
  keywords: string[];
}
const $MessageFlags = /* @__PURE__ */ struct("MessageFlags", () => ({ "modseq": num, "mailbox_id": num, "message_id": num, "flags": list(str), "keywords": list(str) }));

/** A message belongs to another thread now. */
export interface MessageThread {
  type: "message_thread";
  modseq: number;
  mailbox_id: number;
  message_id: number;
  thread_id: number;
}
const $MessageThread = /* @__PURE__ */ struct("MessageThread", () => ({ "modseq": num, "mailbox_id": num, "message_id": num, "thread_id": num }));

/** A mailbox is new, or its name, role or counts are now these. */
export interface MailboxChanged {
  type: "mailbox";
  modseq: number;
  mailbox: Mailbox;
}
const $MailboxChanged = /* @__PURE__ */ struct("MailboxChanged", () => ({ "modseq": num, "mailbox": $Mailbox }));

/**
 * A mailbox with its counts.
 *
 * Levels of `name` are separated by "/".  `total` and `unread` leave out messages that
 * are marked deleted; `size` counts everything.  `parent` is the name above, or "".
 */
export interface Mailbox {
  id: number;
  name: string;
  parent: string;
  role: "inbox" | "sent" | "drafts" | "archive" | "junk" | "trash" | "rejects" | null;
  total: number;
  unread: number;
  size: number;
}
const $Mailbox = /* @__PURE__ */ struct("Mailbox", () => ({ "id": num, "name": str, "parent": str, "role": either(one("inbox", "sent", "drafts", "archive", "junk", "trash", "rejects"), nil), "total": num, "unread": num, "size": num }));

/** A mailbox is gone with all that was in it. */
export interface MailboxRemoved {
  type: "mailbox_removed";
  modseq: number;
  mailbox_id: number;
}
const $MailboxRemoved = /* @__PURE__ */ struct("MailboxRemoved", () => ({ "modseq": num, "mailbox_id": num }));

/** Event "reset": too much happened to tell it all; read everything again, events go on from `modseq`. */
export interface Reset {
  modseq: number;
}
const $Reset = /* @__PURE__ */ struct("Reset", () => ({ "modseq": num }));

/** Event "signed_out": the session has ended; the stream is over. */
export interface SignedOut {
  reason: string;
}
const $SignedOut = /* @__PURE__ */ struct("SignedOut", () => ({ "reason": str }));

/** A file that was sent ahead, to be named in a draft within a day. */
export interface Uploaded {
  upload: string;
  name: string;
  kind: string;
  size: number;
}
const $Uploaded = /* @__PURE__ */ struct("Uploaded", () => ({ "upload": str, "name": str, "kind": str, "size": num }));

/**
 * Who is signed in.  Ask for it first; all but `signed_in`, `hostname` and `version` is empty if nobody is.
 *
 * `csrf` goes into the X-Pillarbox-Csrf header of every call (`call` does that).
 * `identities` are the addresses one may write from, the usual one first.
 * `modseq` is where an event stream may start (see /webmail/events).  `pages` are those that
 * are offered at this address: "webmail", "account", "admin".  `webmail_only`: it began with an
 * app password, which opens nothing else.
 */
export interface State {
  signed_in: boolean;
  csrf: string;
  account_id: number;
  account: string;
  full_name: string;
  identities: Identity[];
  modseq: number;
  hostname: string;
  version: string;
  message_octets: number;
  pages: string[];
  webmail_only: boolean;
}
const $State = /* @__PURE__ */ struct("State", () => ({ "signed_in": bool, "csrf": str, "account_id": num, "account": str, "full_name": str, "identities": list($Identity), "modseq": num, "hostname": str, "version": str, "message_octets": num, "pages": list(str), "webmail_only": bool }));

/** An address one may write from: name may be "", address is as people read it (U-labels); signature stands under a message. */
export interface Identity {
  name: string;
  address: string;
  signature: string;
}
const $Identity = /* @__PURE__ */ struct("Identity", () => ({ "name": str, "address": str, "signature": str }));

/** A place in a list that is sorted newest first: what comes after this message. */
export interface Cursor {
  received: number;
  id: number;
}
const $Cursor = /* @__PURE__ */ struct("Cursor", () => ({ "received": num, "id": num }));

/**
 * A piece of a list, newest first; `next` is null at its end.
 *
 * `total` counts the whole list (for the height of a virtual one; -1 where nobody
 * counted: search).  `modseq` is the account's state that this shows.
 */
export interface Page {
  messages: Summary[];
  total: number;
  next: Cursor | null;
  modseq: number;
}
const $Page = /* @__PURE__ */ struct("Page", () => ({ "messages": list($Summary), "total": num, "next": either($Cursor, nil), "modseq": num }));

/**
 * A message to read.
 *
 * `text` is the plain text, made from the HTML if there is none; `cut` says that more
 * of it was left out.  `html_url` is a document of its own for a sandboxed frame, or ""
 * if the message has no HTML; `outside_url` is the same with pictures from elsewhere, and
 * `outside` says that its sender may have them loaded without asking.  `raw_url` shows the
 * source, `download_url` saves it.  `warnings` say what is suspicious about its sender,
 * `defects` what is wrong with the message as it came; `origin` is null if it did
 * not come from outside.
 */
export interface Message {
  summary: Summary;
  mailbox: string;
  message_id: string;
  cc: Person[];
  bcc: Person[];
  reply_to: Person[];
  text: string;
  cut: boolean;
  html_url: string;
  raw_url: string;
  download_url: string;
  attachments: Attachment[];
  reasons: Reason[];
  trace: string;
  mail_from: string;
  rcpt_to: string;
  remote_ip: string;
  defects: string[];
  origin: Origin | null;
  warnings: string[];
  outside_url: string;
  outside: boolean;
}
const $Message = /* @__PURE__ */ struct("Message", () => ({ "summary": $Summary, "mailbox": str, "message_id": str, "cc": list($Person), "bcc": list($Person), "reply_to": list($Person), "text": str, "cut": bool, "html_url": str, "raw_url": str, "download_url": str, "attachments": list($Attachment), "reasons": list($Reason), "trace": str, "mail_from": str, "rcpt_to": str, "remote_ip": str, "defects": list(str), "origin": either($Origin, nil), "warnings": list(str), "outside_url": str, "outside": bool }));

/**
 * A part that can be downloaded from `url`; `inline` ones are shown within the HTML.
 *
 * `part` names it within its message ("2.1"); `kind` is what the sender says it is.
 */
export interface Attachment {
  part: string;
  name: string;
  kind: string;
  size: number;
  inline: boolean;
  url: string;
}
const $Attachment = /* @__PURE__ */ struct("Attachment", () => ({ "part": str, "name": str, "kind": str, "size": num, "inline": bool, "url": str }));

/**
 * Why a message is where it is: one finding of those who judged it, in words.
 *
 * `weight` is more than 0 if it spoke for the message, less if against it; `key` is a
 * short name that stays the same.
 */
export interface Reason {
  text: string;
  weight: number;
  key: string;
}
const $Reason = /* @__PURE__ */ struct("Reason", () => ({ "text": str, "weight": num, "key": str }));

/**
 * Who a message is from: `author` is the address in From ("" if that is not clear), `proven` whether its domain stands by it.
 *
 * `sentences` say that and by which way it came.
 */
export interface Origin {
  author: string;
  proven: boolean;
  sentences: string[];
  checks: Check[];
}
const $Origin = /* @__PURE__ */ struct("Origin", () => ({ "author": str, "proven": bool, "sentences": list(str), "checks": list($Check) }));

/** A check of who sent a message: its name ("SPF"), what it came to ("pass", "fail", …), whom it was about. */
export interface Check {
  name: string;
  outcome: string;
  about: string;
}
const $Check = /* @__PURE__ */ struct("Check", () => ({ "name": str, "outcome": str, "about": str }));

/** One field of the header, decoded for reading, in the order of the message. */
export interface HeaderLine {
  name: string;
  value: string;
}
const $HeaderLine = /* @__PURE__ */ struct("HeaderLine", () => ({ "name": str, "value": str }));

/** Messages that went to a mailbox; those that were there already, or are gone, are not named. */
export interface Moved {
  ids: number[];
  mailbox_id: number;
}
const $Moved = /* @__PURE__ */ struct("Moved", () => ({ "ids": list(num), "mailbox_id": num }));

/** What became of messages that were thrown away: moved to the mailbox `trash`, or removed for good. */
export interface Deleted {
  trashed: number[];
  removed: number[];
  trash: number;
}
const $Deleted = /* @__PURE__ */ struct("Deleted", () => ({ "trashed": list(num), "removed": list(num), "trash": num }));

/** A piece of a list of conversations, newest first; `next` is null at its end. */
export interface Conversations {
  conversations: Conversation[];
  next: Cursor | null;
  modseq: number;
}
const $Conversations = /* @__PURE__ */ struct("Conversations", () => ({ "conversations": list($Conversation), "next": either($Cursor, nil), "modseq": num }));

/** The messages of a thread that are in the mailbox; `latest` is the newest of them. */
export interface Conversation {
  latest: Summary;
  total: number;
  unread: number;
}
const $Conversation = /* @__PURE__ */ struct("Conversation", () => ({ "latest": $Summary, "total": num, "unread": num }));

/**
 * What one step of acting on a whole list did: how many messages it had, which of them moved from where.
 *
 * `next` is where the following step begins, null after the last.
 */
export interface ListStep {
  found: number;
  moved: MovedFrom[];
  next: Cursor | null;
}
const $ListStep = /* @__PURE__ */ struct("ListStep", () => ({ "found": num, "moved": list($MovedFrom), "next": either($Cursor, nil) }));

/** Messages that were in a mailbox before they were moved. */
export interface MovedFrom {
  mailbox_id: number;
  ids: number[];
}
const $MovedFrom = /* @__PURE__ */ struct("MovedFrom", () => ({ "mailbox_id": num, "ids": list(num) }));

/** What the HTML of a message would load from elsewhere: how many things; and how many pictures it names that are not in it. */
export interface Blocked {
  elsewhere: number;
  missing: number;
}
const $Blocked = /* @__PURE__ */ struct("Blocked", () => ({ "elsewhere": num, "missing": num }));

/** How to leave a mailing list: by one press at `host`, by a mail (`mailto:`), by visiting a page; "" where not. */
export interface Leaving {
  host: string;
  mail: string;
  page: string;
  list_id: string;
}
const $Leaving = /* @__PURE__ */ struct("Leaving", () => ({ "host": str, "mail": str, "page": str, "list_id": str }));

/** A calendar that came with a message: `method` is what it asks for ("REQUEST", "CANCEL", "REPLY", …). */
export interface Invitation {
  method: string;
  events: Invited[];
}
const $Invitation = /* @__PURE__ */ struct("Invitation", () => ({ "method": str, "events": list($Invited) }));

/** One event that a message invites to. */
export interface Invited {
  summary: string;
  location: string;
  description: string;
  organizer: string;
  attendees: string[];
  start: Moment | null;
  end: Moment | null;
  repeats: boolean;
  cancelled: boolean;
}
const $Invited = /* @__PURE__ */ struct("Invited", () => ({ "summary": str, "location": str, "description": str, "organizer": str, "attendees": list(str), "start": either($Moment, nil), "end": either($Moment, nil), "repeats": bool, "cancelled": bool }));

/** A time of an invitation, as it was written; `at` in seconds since 1970 if that is clear. */
export interface Moment {
  text: string;
  zone: string;
  at: number | null;
}
const $Moment = /* @__PURE__ */ struct("Moment", () => ({ "text": str, "zone": str, "at": either(num, nil) }));

/**
 * A message that is being written.
 *
 * `id` is the message in Drafts that this replaces, null for a new one.  `from` is an
 * address of one's own, `to`, `cc`, `bcc` are lists as people type them (`Ann <a@b.example>,
 * c@d.example`).  `answers` and `forwards` are the ids of the messages it came from.
 * `tls` is what it asks of the connections it travels over.  `html` is "" for plain text;
 * otherwise `text` is made from it.  `lineage` stays with all versions of a draft, and
 * `writer` is a name that a page makes up for itself: so it is noticed when two pages
 * change the same draft.  `in_list`: it answers mail of a list.
 */
export interface Draft {
  id: number | null;
  from: string;
  to: string;
  cc: string;
  bcc: string;
  subject: string;
  text: string;
  answers: number | null;
  forwards: number | null;
  attachments: Attached[];
  tls: "default" | "required" | "not-required";
  html: string;
  lineage: string;
  writer: string;
  in_list: boolean;
}
const $Draft = /* @__PURE__ */ struct("Draft", () => ({ "id": either(num, nil), "from": str, "to": str, "cc": str, "bcc": str, "subject": str, "text": str, "answers": either(num, nil), "forwards": either(num, nil), "attachments": list($Attached), "tls": one("default", "required", "not-required"), "html": str, "lineage": str, "writer": str, "in_list": bool }));

/**
 * A file that a draft carries: either an `upload`, or `part` of the message `message_id` ("" is all of it).
 *
 * The other way's fields are "" and null.  The HTML shows it as `cid:` and its `content_id`, if it has one.
 */
export interface Attached {
  name: string;
  kind: string;
  size: number;
  upload: string;
  message_id: number | null;
  part: string;
  content_id: string;
}
const $Attached = /* @__PURE__ */ struct("Attached", () => ({ "name": str, "kind": str, "size": num, "upload": str, "message_id": either(num, nil), "part": str, "content_id": str }));

/**
 * How mail to `address` was last seen to travel, at `at`, when mail of this account went to its domain.
 *
 * "here": it does not leave this server; "verified": encrypted, to a server that proved who it
 * is; "encrypted": to whoever answered; "clear": not encrypted; "unknown": nothing was sent
 * there lately.  `requiretls`: the server promises to pass mail on over verified connections only.
 * `bars` say for STARTTLS, MTA-STS, DNSSEC, DANE and REQUIRETLS whether the domain was seen to have it;
 * null: nobody knows.
 */
export interface Travel {
  address: string;
  way: "here" | "verified" | "encrypted" | "clear" | "unknown";
  requiretls: boolean;
  at: number | null;
  bars: (boolean | null)[];
}
const $Travel = /* @__PURE__ */ struct("Travel", () => ({ "address": str, "way": one("here", "verified", "encrypted", "clear", "unknown"), "requiretls": bool, "at": either(num, nil), "bars": list(either(bool, nil)) }));

/**
 * A message that is on its way: the id of the copy in Sent (null if there is none), and the trace to look it up with.
 *
 * `delayed` names it as long as it waits for its time (`delayed`, `take_back`); null if it went at once.
 */
export interface Sent {
  id: number | null;
  trace: string;
  message_id: string;
  delayed: number | null;
}
const $Sent = /* @__PURE__ */ struct("Sent", () => ({ "id": either(num, nil), "trace": str, "message_id": str, "delayed": either(num, nil) }));

/** A message that was sent and goes at a time; `copy` is its message in Sent, `to` the first of whom it goes to. */
export interface Delayed {
  id: number;
  at: number;
  copy: number | null;
  subject: string;
  to: string;
}
const $Delayed = /* @__PURE__ */ struct("Delayed", () => ({ "id": num, "at": num, "copy": either(num, nil), "subject": str, "to": str }));

/** One contact (`id` 0 for a new one); `collected`: nobody wrote it, it was remembered when mail was sent there. */
export interface Contact {
  id: number;
  name: string;
  addresses: string[];
  phones: string[];
  organisation: string;
  note: string;
  groups: string[];
  collected: boolean;
}
const $Contact = /* @__PURE__ */ struct("Contact", () => ({ "id": num, "name": str, "addresses": list(str), "phones": list(str), "organisation": str, "note": str, "groups": list(str), "collected": bool }));

/** What became of a file of contacts: how many are new, took the place of others, could not be used, and `why` the first could not. */
export interface Imported {
  added: number;
  changed: number;
  refused: number;
  why: string;
}
const $Imported = /* @__PURE__ */ struct("Imported", () => ({ "added": num, "changed": num, "refused": num, "why": str }));

/**
 * What an account chose about writing.
 *
 * `undo_seconds`: how long what was sent can be had back (0 to 120).  `write_html`: a new
 * message is formatted.  `warn_attachment`, `warn_external`: one is asked before sending if a
 * file seems to be missing, if a recipient is outside of one's own domains.  `collect_contacts`:
 * whom mail is sent to becomes a contact.
 */
export interface WritingChoices {
  undo_seconds: number;
  write_html: boolean;
  warn_attachment: boolean;
  warn_external: boolean;
  collect_contacts: boolean;
}
const $WritingChoices = /* @__PURE__ */ struct("WritingChoices", () => ({ "undo_seconds": num, "write_html": bool, "warn_attachment": bool, "warn_external": bool, "collect_contacts": bool }));

/**
 * Who is told of new mail, and how.
 *
 * `key` is the server's public key, base64url, for PushManager.subscribe.  `session` is when
 * this browser signed in: what was told in an earlier session has ended with it.
 * `details`: notices say who wrote and about what; `everywhere`: they tell of other mailboxes than the Inbox, too.
 */
export interface Push {
  key: string;
  session: number;
  details: boolean;
  everywhere: boolean;
  browsers: PushBrowser[];
}
const $Push = /* @__PURE__ */ struct("Push", () => ({ "key": str, "session": num, "details": bool, "everywhere": bool, "browsers": list($PushBrowser) }));

/**
 * A browser that is told of new mail; `agent` is what it calls itself, `service` the host of its push service.
 *
 * `used` is when that took a notice last, `failed` when it last did not, and `failure` why.
 */
export interface PushBrowser {
  id: number;
  agent: string;
  service: string;
  created: number;
  used: number | null;
  failed: number | null;
  failure: string;
  this: boolean;
}
const $PushBrowser = /* @__PURE__ */ struct("PushBrowser", () => ({ "id": num, "agent": str, "service": str, "created": num, "used": either(num, nil), "failed": either(num, nil), "failure": str, "this": bool }));

/** A browser that is signed in; `account` is "" for the administrator's own session. */
export interface SignedIn {
  id: number;
  account: string;
  created: number;
  used: number;
  ip: string;
  agent: string;
  this: boolean;
}
const $SignedIn = /* @__PURE__ */ struct("SignedIn", () => ({ "id": num, "account": str, "created": num, "used": num, "ip": str, "agent": str, "this": bool }));

/**
 * What is typed into a mail program, of each protocol the best first.
 *
 * `addresses` are the user names that work (of a domain: none, it is everybody's own
 * address).  `webmail` is its URL, "" if it is not offered to the outside.  `no_profile`
 * says why there are no profiles for Apple's programs, "" if there are; `signer` is the name
 * that they are signed with, "" if they are not.
 */
export interface ProgramSettings {
  addresses: string[];
  services: ProgramService[];
  webmail: string;
  imap: boolean;
  no_profile: string;
  signer: string;
}
const $ProgramSettings = /* @__PURE__ */ struct("ProgramSettings", () => ({ "addresses": list(str), "services": list($ProgramService), "webmail": str, "imap": bool, "no_profile": str, "signer": str }));

/** Where a program connects: `tls` "implicit" begins at once, "starttls" after a command. */
export interface ProgramService {
  protocol: "imap" | "smtp";
  host: string;
  port: number;
  tls: "implicit" | "starttls";
}
const $ProgramService = /* @__PURE__ */ struct("ProgramService", () => ({ "protocol": one("imap", "smtp"), "host": str, "port": num, "tls": one("implicit", "starttls") }));

/** A link to a profile for one use within `seconds`, and the same as a QR code (SVG). */
export interface ProfileLink {
  url: string;
  code: string;
  seconds: number;
}
const $ProfileLink = /* @__PURE__ */ struct("ProfileLink", () => ({ "url": str, "code": str, "seconds": num }));

/**
 * A rule for mail that comes in.
 *
 * All conditions must hold, "" and [] ask for nothing.  In `author` (the address in
 * From), `sender` (that of MAIL FROM), `recipient` (by which address it came) and
 * `list_id` * stands for anything.  `verified` is a domain that stands by the message,
 * `network` an address or 192.0.2.0/24.  The message goes to `mailbox_id` (null: where it
 * would go anyway) with `marks`, flags and keywords; `lost_mailbox` is the name of the one
 * that it filed into, if that is gone (sent back as it is, it is remembered).  `accept`: it is let in whatever else
 * is known of it.  `forwarder` and `mailing_list` pass mail on, so DMARC counts for
 * nothing; they need `verified` or `network`.  `last`: if it fits, the rules below it are
 * not looked at.  `forward` is a confirmed address to forward to, `reply` the text of an
 * automatic answer; "" for neither.  `id` is 0 for a new one.
 */
export interface Rule {
  id: number;
  name: string;
  enabled: boolean;
  last: boolean;
  author: string;
  sender: string;
  recipient: string;
  verified: string;
  network: string;
  list_id: string;
  headers: FieldPattern[];
  mailbox_id: number | null;
  lost_mailbox: string;
  marks: string[];
  accept: boolean;
  forwarder: boolean;
  mailing_list: boolean;
  forward: string;
  reply: string;
  version: string;
}
const $Rule = /* @__PURE__ */ struct("Rule", () => ({ "id": num, "name": str, "enabled": bool, "last": bool, "author": str, "sender": str, "recipient": str, "verified": str, "network": str, "list_id": str, "headers": list($FieldPattern), "mailbox_id": either(num, nil), "lost_mailbox": str, "marks": list(str), "accept": bool, "forwarder": bool, "mailing_list": bool, "forward": str, "reply": str, "version": str }));

/** A header field, and what one of that name must say; * stands for anything. */
export interface FieldPattern {
  name: string;
  pattern: string;
}
const $FieldPattern = /* @__PURE__ */ struct("FieldPattern", () => ({ "name": str, "pattern": str }));

/** How many of the newest messages were looked at, how many fit, and the newest of those (at most 200). */
export interface RuleTrial {
  examined: number;
  fitting: number;
  messages: TriedMessage[];
}
const $RuleTrial = /* @__PURE__ */ struct("RuleTrial", () => ({ "examined": num, "fitting": num, "messages": list($TriedMessage) }));

/** A message that rules fit: where it is now, and their names. */
export interface TriedMessage {
  message: Summary;
  mailbox: string;
  rules: string[];
}
const $TriedMessage = /* @__PURE__ */ struct("TriedMessage", () => ({ "message": $Summary, "mailbox": str, "rules": list(str) }));

/**
 * What an account chose.
 *
 * `junk_filter`: the words of mail count, and are learned; from `threshold` on (0.5 to
 * 0.999) they alone make junk.  `subject_pass`: a person who is refused may be offered a
 * word for the subject that lets the message in.  `reject_days`: how long refused mail is
 * kept in Rejects (0: not at all).  `slow_first_time`: strangers without good signs wait
 * some seconds.
 */
export interface Preferences {
  junk_filter: boolean;
  threshold: number;
  subject_pass: boolean;
  reject_days: number;
  slow_first_time: boolean;
  version: string;
}
const $Preferences = /* @__PURE__ */ struct("Preferences", () => ({ "junk_filter": bool, "threshold": num, "subject_pass": bool, "reject_days": num, "slow_first_time": bool, "version": str }));

/**
 * How many messages were called good and junk: by this account, and all together that count for it.
 *
 * While an account has called few, everybody's count for it.  The filter says nothing
 * (`enough` is false) before there are `least_good` and `least_junk`.
 */
export interface JunkLessons {
  own_good: number;
  own_junk: number;
  good: number;
  junk: number;
  least_good: number;
  least_junk: number;
  enough: boolean;
}
const $JunkLessons = /* @__PURE__ */ struct("JunkLessons", () => ({ "own_good": num, "own_junk": num, "good": num, "junk": num, "least_good": num, "least_junk": num, "enough": bool }));

/** An account cannot send since then; `waiting` of its recipients wait in the queue. */
export interface Frozen {
  since: number;
  reason: string;
  by: string;
  waiting: number;
}
const $Frozen = /* @__PURE__ */ struct("Frozen", () => ({ "since": num, "reason": str, "by": str, "waiting": num }));

/** A password of one program; `expires` null is never, `used` null not yet; `used_from` is an IP address. */
export interface AppPassword {
  id: number;
  label: string;
  scopes: ("imap" | "smtp" | "webmail")[];
  created: number;
  expires: number | null;
  expired: boolean;
  used: number | null;
  used_from: string;
  used_for: string;
}
const $AppPassword = /* @__PURE__ */ struct("AppPassword", () => ({ "id": num, "label": str, "scopes": list(one("imap", "smtp", "webmail")), "created": num, "expires": either(num, nil), "expired": bool, "used": either(num, nil), "used_from": str, "used_for": str }));

/** An app password that was just made, which is never shown again, and all of them. */
export interface NewAppPassword {
  password: string;
  all: AppPassword[];
}
const $NewAppPassword = /* @__PURE__ */ struct("NewAppPassword", () => ({ "password": str, "all": list($AppPassword) }));

/** Whether signing in takes a code, since when, and how many recovery codes are left. */
export interface TwoFactor {
  on: boolean;
  since: number | null;
  codes: number;
}
const $TwoFactor = /* @__PURE__ */ struct("TwoFactor", () => ({ "on": bool, "since": either(num, nil), "codes": num }));

/** What an authenticator needs: a QR code (SVG), or the same `secret` for people who type. */
export interface Enrolment {
  picture: string;
  secret: string;
}
const $Enrolment = /* @__PURE__ */ struct("Enrolment", () => ({ "picture": str, "secret": str }));

/**
 * Somebody signed in, or tried to: `outcome` is "ok" or why not; the same in an hour is `times` of one.
 *
 * `account` is "" for nobody of ours, `new_place`: the account had not signed in from this network
 * (`place`) before; `app_password` is the label of the one that was used.
 */
export interface SignIn {
  id: number;
  first: number;
  latest: number;
  times: number;
  account: string;
  name: string;
  outcome: string;
  service: string;
  ip: string;
  place: string;
  new_place: boolean;
  agent: string;
  app_password: string;
  trace: string;
}
const $SignIn = /* @__PURE__ */ struct("SignIn", () => ({ "id": num, "first": num, "latest": num, "times": num, "account": str, "name": str, "outcome": str, "service": str, "ip": str, "place": str, "new_place": bool, "agent": str, "app_password": str, "trace": str }));

/**
 * The answer of an account.
 *
 * `first_day` and `last_day` (both included) are like "2030-01-31" in `zone` (like
 * "Europe/Berlin"), "" for no bound.  `subject` "" is that of the message, with "Auto:"
 * in front.  `active`: mail that comes now is answered; it does not count when it is sent.
 * `version` "" overwrites what somebody else changed meanwhile.
 */
export interface VacationAnswer {
  enabled: boolean;
  first_day: string;
  last_day: string;
  zone: string;
  subject: string;
  text: string;
  active: boolean;
  version: string;
}
const $VacationAnswer = /* @__PURE__ */ struct("VacationAnswer", () => ({ "enabled": bool, "first_day": str, "last_day": str, "zone": str, "subject": str, "text": str, "active": bool, "version": str }));

/** A stored message, and why it would have had no answer; "" if it would have had one, and `doubt` is what could not be found out. */
export interface TriedAnswer {
  message: Summary;
  why: string;
  doubt: string;
}
const $TriedAnswer = /* @__PURE__ */ struct("TriedAnswer", () => ({ "message": $Summary, "why": str, "doubt": str }));

/**
 * An address to forward to; nothing goes there before it is `confirmed`.
 *
 * `kept` counts what was not forwarded, `kept_why` says why the last one was not.  `version` goes back with a change.
 */
export interface ForwardTarget {
  id: number;
  address: string;
  confirmed: boolean;
  choices: ForwardChoices;
  forwarded: number;
  kept: number;
  latest: number | null;
  kept_why: string;
  version: string;
}
const $ForwardTarget = /* @__PURE__ */ struct("ForwardTarget", () => ({ "id": num, "address": str, "confirmed": bool, "choices": $ForwardChoices, "forwarded": num, "kept": num, "latest": either(num, nil), "kept_why": str, "version": str }));

/**
 * What is chosen for an address.
 *
 * `everything`: all mail goes there, else only what a rule forwards.  `keep`: where the
 * copy here is.  `seal`: with an ARC seal, which says what we found out about the message.
 * `attach`: what the other server would refuse goes as an attachment, else it stays here.
 */
export interface ForwardChoices {
  everything: boolean;
  keep: "inbox" | "archive";
  seal: boolean;
  attach: boolean;
}
const $ForwardChoices = /* @__PURE__ */ struct("ForwardChoices", () => ({ "everything": bool, "keep": one("inbox", "archive"), "seal": bool, "attach": bool }));

/**
 * All masks of an account, how many it may have, at which `domains`, its keys, and the address that password managers are told.
 *
 * `server` is "" if the account's page, and with it what they call, cannot be reached from outside.
 */
export interface Masks {
  masks: Mask[];
  most: number;
  domains: string[];
  keys: MaskKey[];
  server: string;
}
const $Masks = /* @__PURE__ */ struct("Masks", () => ({ "masks": list($Mask), "most": num, "domains": list(str), "keys": list($MaskKey), "server": str }));

/** A masked address; mail to one that is not `on` is refused.  `received` and `sent` count messages. */
export interface Mask {
  id: number;
  address: string;
  site: string;
  note: string;
  created: number;
  on: boolean;
  received: number;
  sent: number;
  latest: number | null;
  senders: MaskSender[];
}
const $Mask = /* @__PURE__ */ struct("Mask", () => ({ "id": num, "address": str, "site": str, "note": str, "created": num, "on": bool, "received": num, "sent": num, "latest": either(num, nil), "senders": list($MaskSender) }));

/** Who wrote to a mask; `proven`: the domain stood by that.  `stranger`: it is not the one the mask was made for. */
export interface MaskSender {
  domain: string;
  proven: boolean;
  first: number;
  latest: number;
  messages: number;
  stranger: boolean;
}
const $MaskSender = /* @__PURE__ */ struct("MaskSender", () => ({ "domain": str, "proven": bool, "first": num, "latest": num, "messages": num, "stranger": bool }));

/** A key of a password manager. */
export interface MaskKey {
  id: number;
  label: string;
  created: number;
  used: number | null;
}
const $MaskKey = /* @__PURE__ */ struct("MaskKey", () => ({ "id": num, "label": str, "created": num, "used": either(num, nil) }));

/** A mask that was just made, and all of them. */
export interface NewMask {
  address: string;
  all: Masks;
}
const $NewMask = /* @__PURE__ */ struct("NewMask", () => ({ "address": str, "all": $Masks }));

/** A key that was just made, which is never shown again, and everything else. */
export interface NewKey {
  secret: string;
  all: Masks;
}
const $NewKey = /* @__PURE__ */ struct("NewKey", () => ({ "secret": str, "all": $Masks }));

/**
 * Who the account is: its name, its identities (the usual one first), its addresses, and all addresses it may write from.
 *
 * `version` is that of the name.
 */
export interface Persona {
  full_name: string;
  version: string;
  identities: OwnIdentity[];
  addresses: OwnAddress[];
  usable: string[];
}
const $Persona = /* @__PURE__ */ struct("Persona", () => ({ "full_name": str, "version": str, "identities": list($OwnIdentity), "addresses": list($OwnAddress), "usable": list(str) }));

/**
 * A name and an address to write as, where answers go ("" = there), and the signature; `id` is 0 for a new one.
 *
 * `version` goes back with a change ("" for a new one), as do the others.
 */
export interface OwnIdentity {
  id: number;
  name: string;
  address: string;
  reply_to: string;
  signature: string;
  version: string;
}
const $OwnIdentity = /* @__PURE__ */ struct("OwnIdentity", () => ({ "id": num, "name": str, "address": str, "reply_to": str, "signature": str, "version": str }));

/** An address of the account, its own name ("" = the account's), and the mailbox that its mail goes to (null = Inbox). */
export interface OwnAddress {
  address: string;
  display_name: string;
  mailbox_id: number | null;
  version: string;
}
const $OwnAddress = /* @__PURE__ */ struct("OwnAddress", () => ({ "address": str, "display_name": str, "mailbox_id": either(num, nil), "version": str }));

/**
 * Mail that is brought in from elsewhere.
 *
 * `kind`: a file that was uploaded, another server (IMAP), or a path that the administrator
 * named on the command line.  `state` is "coming" while the file is on its way: `octets` of
 * `size` are here.  `percent` tells how far the rest has come.  `added` are messages that
 * are new, `known` those that were here already, `changed` those among them whose flags
 * were brought up to date, `skipped` those that could not be taken (`import_skips`).
 */
export interface Import {
  id: number;
  kind: "upload" | "imap" | "path";
  source: string;
  mailbox: string;
  state: "coming" | "waiting" | "running" | "stopped" | "done";
  created: number;
  latest: number;
  octets: number;
  size: number;
  percent: number;
  added: number;
  known: number;
  changed: number;
  skipped: number;
  problem: string;
}
const $Import = /* @__PURE__ */ struct("Import", () => ({ "id": num, "kind": one("upload", "imap", "path"), "source": str, "mailbox": str, "state": one("coming", "waiting", "running", "stopped", "done"), "created": num, "latest": num, "octets": num, "size": num, "percent": num, "added": num, "known": num, "changed": num, "skipped": num, "problem": str }));

/** Something that could not be taken: where it stands, and why. */
export interface Skip {
  place: string;
  reason: string;
}
const $Skip = /* @__PURE__ */ struct("Skip", () => ({ "place": str, "reason": str }));

/**
 * What was removed for good and can be had back, the last first: `total` and `size` are of all, `quota` bounds them (0: nothing does).
 *
 * `days` is how long each is kept.
 */
export interface DeletedMessages {
  messages: DeletedMessage[];
  total: number;
  size: number;
  quota: number;
  days: number;
}
const $DeletedMessages = /* @__PURE__ */ struct("DeletedMessages", () => ({ "messages": list($DeletedMessage), "total": num, "size": num, "quota": num, "days": num }));

/** A message that was removed for good; `deleted` is null if that was within the last minute, `mailbox` where it was. */
export interface DeletedMessage {
  id: number;
  deleted: number | null;
  days_left: number;
  mailbox: string;
  received: number;
  sender: string;
  subject: string;
  size: number;
}
const $DeletedMessage = /* @__PURE__ */ struct("DeletedMessage", () => ({ "id": num, "deleted": either(num, nil), "days_left": num, "mailbox": str, "received": num, "sender": str, "subject": str, "size": num }));

/** Whether the administrator is signed in; `csrf` as in State. */
export interface AdminState {
  signed_in: boolean;
  csrf: string;
  hostname: string;
  version: string;
}
const $AdminState = /* @__PURE__ */ struct("AdminState", () => ({ "signed_in": bool, "csrf": str, "hostname": str, "version": str }));

/**
 * The state of the server at a glance; `warnings` are sentences about what to look at, `health` says it by part.
 *
 * `roles` is empty and `problem` says why if the supervisor does not answer.  A block
 * list counts only while it was found to work.
 */
export interface Overview {
  hostname: string;
  version: string;
  now: number;
  roles: RoleState[];
  problem: string;
  domains: number;
  accounts: number;
  queued: number;
  held: number;
  oldest_queued: number | null;
  warnings: string[];
  events: TraceLine[];
  block_lists: BlockList[];
  health: HealthLine[];
}
const $Overview = /* @__PURE__ */ struct("Overview", () => ({ "hostname": str, "version": str, "now": num, "roles": list($RoleState), "problem": str, "domains": num, "accounts": num, "queued": num, "held": num, "oldest_queued": either(num, nil), "warnings": list(str), "events": list($TraceLine), "block_lists": list($BlockList), "health": list($HealthLine) }));

/** A process of the server: `memory` is its proportional share (PSS) in octets, `uptime` in seconds. */
export interface RoleState {
  role: string;
  number: number;
  pid: number;
  ready: boolean;
  uptime: number;
  memory: number;
  restarts: number;
}
const $RoleState = /* @__PURE__ */ struct("RoleState", () => ({ "role": str, "number": num, "pid": num, "ready": bool, "uptime": num, "memory": num, "restarts": num }));

/**
 * One event: `facts` are its fields as text, `sentence` says it for people.
 *
 * `meaning` is what another server's refusal means, null of all other events.
 */
export interface TraceLine {
  at: number;
  role: string;
  trace: string;
  event: string;
  level: string;
  sentence: string;
  facts: Record<string, string>;
  meaning: Meaning | null;
}
const $TraceLine = /* @__PURE__ */ struct("TraceLine", () => ({ "at": num, "role": str, "trace": str, "event": str, "level": str, "sentence": str, "facts": table(str), "meaning": either($Meaning, nil) }));

/**
 * What a reply of another server means.
 *
 * `name` and `title` are of the known cause ("" if it is none), `side` says who can mend it,
 * `what` and `todo` are for the sender, `step` for the administrator, with a form or page at `link` ("" if there is none).
 */
export interface Meaning {
  name: string;
  title: string;
  side: "here" | "there" | "sender" | "nobody";
  what: string;
  todo: string;
  step: string;
  link: string;
}
const $Meaning = /* @__PURE__ */ struct("Meaning", () => ({ "name": str, "title": str, "side": one("here", "there", "sender", "nobody"), "what": str, "todo": str, "step": str, "link": str }));

/** A configured DNS block list: `examined` when it was looked at last (null: not yet), `problem` what was wrong ("" if nothing). */
export interface BlockList {
  zone: string;
  problem: string;
  examined: number | null;
}
const $BlockList = /* @__PURE__ */ struct("BlockList", () => ({ "zone": str, "problem": str, "examined": either(num, nil) }));

/** How one part of the server is: a summary, what is to be mended in sentences, and the page of the administration about it. */
export interface HealthLine {
  topic: string;
  state: "good" | "attention" | "bad";
  summary: string;
  todo: string[];
  page: string;
}
const $HealthLine = /* @__PURE__ */ struct("HealthLine", () => ({ "topic": str, "state": one("good", "attention", "bad"), "summary": str, "todo": list(str), "page": str }));

/** A domain in the list of domains. */
export interface DomainLine {
  name: string;
  description: string;
  enabled: boolean;
  addresses: number;
  aliases: number;
}
const $DomainLine = /* @__PURE__ */ struct("DomainLine", () => ({ "name": str, "description": str, "enabled": bool, "addresses": num, "aliases": num }));

/**
 * A domain with everything that belongs to it.
 *
 * `catchall` is the account that gets mail for unknown addresses, or ""; `separator`
 * cuts local parts (ann+shop is ann), "" cuts none.  Reports of others about the domain
 * are to be sent to `dmarc_reports` and `tls_reports`, nowhere if that is "".  `caution`
 * says what to mind with the records, if the DNS did not tell in time what is there.
 */
export interface DomainPage {
  line: DomainLine;
  catchall: string;
  separator: string;
  case_sensitive: boolean;
  dmarc_reports: string;
  tls_reports: string;
  keys: DkimKey[];
  changes: KeyChange[];
  records: DnsRecord[];
  caution: string;
  addresses: Address[];
  aliases: Alias[];
  policy: DomainPolicy;
  version: string;
}
const $DomainPage = /* @__PURE__ */ struct("DomainPage", () => ({ "line": $DomainLine, "catchall": str, "separator": str, "case_sensitive": bool, "dmarc_reports": str, "tls_reports": str, "keys": list($DkimKey), "changes": list($KeyChange), "records": list($DnsRecord), "caution": str, "addresses": list($Address), "aliases": list($Alias), "policy": $DomainPolicy, "version": str }));

/** A key of a domain; `signing` says whether it is in use. */
export interface DkimKey {
  selector: string;
  algorithm: "rsa" | "ed25519";
  signing: boolean;
  created: number;
  record: DnsRecord;
}
const $DkimKey = /* @__PURE__ */ struct("DkimKey", () => ({ "selector": str, "algorithm": one("rsa", "ed25519"), "signing": bool, "created": num, "record": $DnsRecord }));

/** A record that belongs into the DNS of a domain; `why` says what it is good for, and of an `optional` one who should have it. */
export interface DnsRecord {
  name: string;
  kind: string;
  value: string;
  why: string;
  optional: boolean;
}
const $DnsRecord = /* @__PURE__ */ struct("DnsRecord", () => ({ "name": str, "kind": str, "value": str, "why": str, "optional": bool }));

/**
 * A DKIM key that takes the place of another ("" if there was none of its kind).
 *
 * `stage` "publish": the DNS does not have the new record everywhere; "wait": the new key signs and the old
 * record stays until `until`; "remove": the old record can go.  `todo` says it in words; `looked` when the DNS was asked last.
 */
export interface KeyChange {
  new: string;
  old: string;
  stage: "publish" | "wait" | "remove";
  todo: string;
  until: number | null;
  looked: number | null;
}
const $KeyChange = /* @__PURE__ */ struct("KeyChange", () => ({ "new": str, "old": str, "stage": one("publish", "wait", "remove"), "todo": str, "until": either(num, nil), "looked": either(num, nil) }));

/** An address and the account that gets its mail. */
export interface Address {
  address: string;
  account: string;
}
const $Address = /* @__PURE__ */ struct("Address", () => ({ "address": str, "account": str }));

/**
 * An address that passes on to others; `sendable` lets them write in its name, `post` says who may write to it.
 *
 * `version` goes back with a change.
 */
export interface Alias {
  address: string;
  members: string[];
  sendable: boolean;
  post: "everybody" | "members" | "domain";
  version: string;
}
const $Alias = /* @__PURE__ */ struct("Alias", () => ({ "address": str, "members": list(str), "sendable": bool, "post": one("everybody", "members", "domain"), "version": str }));

/**
 * The MTA-STS policy of a domain: `max_age` in seconds, `mx` its hosts besides this server, `id` that of the DNS record ("" if off).
 *
 * `version` goes back with a change.
 */
export interface DomainPolicy {
  mode: "off" | "none" | "testing" | "enforce";
  max_age: number;
  mx: string[];
  id: string;
  version: string;
}
const $DomainPolicy = /* @__PURE__ */ struct("DomainPolicy", () => ({ "mode": one("off", "none", "testing", "enforce"), "max_age": num, "mx": list(str), "id": str, "version": str }));

/**
 * What was found when the DNS of a domain was looked at last (`at`, null: never), and before, the newest first.
 *
 * `score` is about the percentage that internet.nl would give, null if that is not known.
 */
export interface DnsCheck {
  at: number | null;
  sections: DnsSection[];
  history: DnsChange[];
  tests: DnsTest[];
  score: number | null;
}
const $DnsCheck = /* @__PURE__ */ struct("DnsCheck", () => ({ "at": either(num, nil), "sections": list($DnsSection), "history": list($DnsChange), "tests": list($DnsTest), "score": either(num, nil) }));

/** What a check found about one thing: `records` are lines of a zone file as they should be, `unknown` is what the DNS did not tell. */
export interface DnsSection {
  name: string;
  verdict: "good" | "could be better" | "wrong" | "not known";
  errors: string[];
  warnings: string[];
  unknown: string[];
  instructions: string[];
  records: string[];
}
const $DnsSection = /* @__PURE__ */ struct("DnsSection", () => ({ "name": str, "verdict": one("good", "could be better", "wrong", "not known"), "errors": list(str), "warnings": list(str), "unknown": list(str), "instructions": list(str), "records": list(str) }));

/** How many things were wrong, and could be better, from `first` to `last` (seconds since 1970). */
export interface DnsChange {
  first: number;
  last: number;
  errors: number;
  warnings: number;
}
const $DnsChange = /* @__PURE__ */ struct("DnsChange", () => ({ "first": num, "last": num, "errors": num, "warnings": num }));

/** A sub-test of the mail test of internet.nl, and whether it would pass (null: that is not known). */
export interface DnsTest {
  part: string;
  about: string;
  passed: boolean | null;
}
const $DnsTest = /* @__PURE__ */ struct("DnsTest", () => ({ "part": str, "about": str, "passed": either(bool, nil) }));

/**
 * A record that should be in the DNS, and what is there of its name and type.
 *
 * "right": it is there, and nothing that contradicts it.  `there` has what is to be
 * replaced, as lines of a zone file have it.  "unknown": the DNS does not tell, `said` says why.
 */
export interface RecordState {
  record: DnsRecord;
  state: "right" | "missing" | "differs" | "unknown";
  there: string[];
  said: string;
}
const $RecordState = /* @__PURE__ */ struct("RecordState", () => ({ "record": $DnsRecord, "state": one("right", "missing", "differs", "unknown"), "there": list(str), "said": str }));

/**
 * How far a domain has come; without a domain (`domain` is "") only what there is to choose from.
 *
 * `writers` are the accounts that have an address at the domain, with that address;
 * `postmaster` is the account that the configuration names for mail to postmaster, `accounts` all.
 */
export interface Setup {
  domain: string;
  hostname: string;
  domains: string[];
  accounts: string[];
  postmaster: string;
  writers: string[];
  stages: SetupStage[];
  sent: TestLetter | null;
  arrived: Arrival | null;
  done: boolean;
}
const $Setup = /* @__PURE__ */ struct("Setup", () => ({ "domain": str, "hostname": str, "domains": list(str), "accounts": list(str), "postmaster": str, "writers": list(str), "stages": list($SetupStage), "sent": either($TestLetter, nil), "arrived": either($Arrival, nil), "done": bool }));

/** One stage of the way: how it stands, in sentences. */
export interface SetupStage {
  key: "domain" | "account" | "dns" | "certificate" | "outgoing" | "incoming";
  state: "done" | "waiting" | "wrong";
  sentences: string[];
}
const $SetupStage = /* @__PURE__ */ struct("SetupStage", () => ({ "key": one("domain", "account", "dns", "certificate", "outgoing", "incoming"), "state": one("done", "waiting", "wrong"), "sentences": list(str) }));

/** The test letter: to whom, when, its trace, what became of it and what the other server said. */
export interface TestLetter {
  to: string;
  at: number;
  trace: string;
  state: "waiting" | "delivered" | "failed";
  said: string;
}
const $TestLetter = /* @__PURE__ */ struct("TestLetter", () => ({ "to": str, "at": num, "trace": str, "state": one("waiting", "delivered", "failed"), "said": str }));

/** The newest letter that another server brought to the domain; `verdict` is what is known of its author. */
export interface Arrival {
  author: string;
  subject: string;
  at: number;
  account: string;
  mailbox: string;
  verdict: string;
}
const $Arrival = /* @__PURE__ */ struct("Arrival", () => ({ "author": str, "subject": str, "at": num, "account": str, "mailbox": str, "verdict": str }));

/** One thing about the machine: whether it is well, what it is like, and what to do if it is not. */
export interface SurveyLine {
  about: string;
  well: boolean;
  what: string;
  mend: string;
}
const $SurveyLine = /* @__PURE__ */ struct("SurveyLine", () => ({ "about": str, "well": bool, "what": str, "mend": str }));

/** An account in the list of accounts; `quota` 0 is no limit. */
export interface AccountLine {
  name: string;
  full_name: string;
  enabled: boolean;
  created: number;
  size: number;
  messages: number;
  quota: number;
  addresses: string[];
}
const $AccountLine = /* @__PURE__ */ struct("AccountLine", () => ({ "name": str, "full_name": str, "enabled": bool, "created": num, "size": num, "messages": num, "quota": num, "addresses": list(str) }));

/**
 * An account with its addresses; limits per 24 hours, 0 is the server's usual one.
 *
 * `version` goes back with a change, so that nobody overwrites what somebody else has just changed.
 */
export interface AccountPage {
  line: AccountLine;
  messages_per_day: number;
  first_time_per_day: number;
  addresses: Address[];
  version: string;
}
const $AccountPage = /* @__PURE__ */ struct("AccountPage", () => ({ "line": $AccountLine, "messages_per_day": num, "first_time_per_day": num, "addresses": list($Address), "version": str }));

/**
 * A recipient of a waiting message; `id` is what the actions take.
 *
 * `last` is what the other side said last, "" before the first attempt, and `cause` the title of what
 * that means, if it is known.  `tls` is what the message asks of the connections it travels over.
 */
export interface QueueLine {
  id: number;
  message: number;
  sender: string;
  recipient: string;
  next_hop: string;
  transport: string;
  account: string;
  subject: string;
  message_id: string;
  kind: string;
  size: number;
  created: number;
  attempts: number;
  due: number;
  held: boolean;
  last: string;
  last_host: string;
  last_at: number | null;
  trace: string;
  tls: "default" | "required" | "not-required";
  cause: string;
}
const $QueueLine = /* @__PURE__ */ struct("QueueLine", () => ({ "id": num, "message": num, "sender": str, "recipient": str, "next_hop": str, "transport": str, "account": str, "subject": str, "message_id": str, "kind": str, "size": num, "created": num, "attempts": num, "due": num, "held": bool, "last": str, "last_host": str, "last_at": either(num, nil), "trace": str, "tls": one("default", "required", "not-required"), "cause": str }));

/** A waiting recipient, what its last failure means (null before the first), and its steps. */
export interface QueueStory {
  line: QueueLine;
  meaning: Meaning | null;
  steps: TraceLine[];
}
const $QueueStory = /* @__PURE__ */ struct("QueueStory", () => ({ "line": $QueueLine, "meaning": either($Meaning, nil), "steps": list($TraceLine) }));

/** A waiting message as it will be sent; `cut`: it is longer. */
export interface QueueSource {
  text: string;
  cut: boolean;
}
const $QueueSource = /* @__PURE__ */ struct("QueueSource", () => ({ "text": str, "cut": bool }));

/** What a step came to: how many recipients were changed, and where the next step begins (null: that was all). */
export interface QueueStep {
  changed: number;
  before: number | null;
}
const $QueueStep = /* @__PURE__ */ struct("QueueStep", () => ({ "changed": num, "before": either(num, nil) }));

/** A rule that holds mail that fits all it names ("" is any): `host` is a mail host or the end of its name. */
export interface HoldRule {
  id: number;
  account: string;
  sender_domain: string;
  recipient_domain: string;
  host: string;
  reason: string;
  created: number;
  by: string;
}
const $HoldRule = /* @__PURE__ */ struct("HoldRule", () => ({ "id": num, "account": str, "sender_domain": str, "recipient_domain": str, "host": str, "reason": str, "created": num, "by": str }));

/** A new rule, and how many waiting recipients it holds. */
export interface HoldAdded {
  rule: HoldRule;
  held: number;
}
const $HoldAdded = /* @__PURE__ */ struct("HoldAdded", () => ({ "rule": $HoldRule, "held": num }));

/** What a search found, the latest first; `before` continues it, null at the end. */
export interface TraceResults {
  results: TraceSummary[];
  before: number | null;
}
const $TraceResults = /* @__PURE__ */ struct("TraceResults", () => ({ "results": list($TraceSummary), "before": either(num, nil) }));

/**
 * A message, or a session without any, in a search: what `outcome` says is "accepted", "refused", "delivered", …
 *
 * `octets` is 0 where it is not known.
 */
export interface TraceSummary {
  trace: string;
  first: number;
  latest: number;
  ip: string;
  sender: string;
  recipients: string[];
  outcome: string;
  octets: number;
  message_id: string;
}
const $TraceSummary = /* @__PURE__ */ struct("TraceSummary", () => ({ "trace": str, "first": num, "latest": num, "ip": str, "sender": str, "recipients": list(str), "outcome": str, "octets": num, "message_id": str }));

/** Everything known about a trace: its steps, oldest first, who still waits, and what became of the others. */
export interface TraceStory {
  trace: string;
  steps: TraceLine[];
  waiting: QueueLine[];
  finished: Finished[];
}
const $TraceStory = /* @__PURE__ */ struct("TraceStory", () => ({ "trace": str, "steps": list($TraceLine), "waiting": list($QueueLine), "finished": list($Finished) }));

/**
 * What became of a recipient at another server: `outcome` is "delivered", "failed" or "dropped".
 *
 * `reply` is what that server said, `meaning` what that means if it refused.
 */
export interface Finished {
  recipient: string;
  outcome: string;
  reply: string;
  host: string;
  attempts: number;
  queued: number;
  finished: number;
  meaning: Meaning | null;
}
const $Finished = /* @__PURE__ */ struct("Finished", () => ({ "recipient": str, "outcome": str, "reply": str, "host": str, "attempts": num, "queued": num, "finished": num, "meaning": either($Meaning, nil) }));

/** An operator of mail hosts ("": no host was reached): attempts by what came of them, why, and for which domains, at most 100. */
export interface Destination {
  operator: string;
  name: string;
  sent: number;
  deferred: number;
  refused: number;
  reasons: RefusalReason[];
  domains: DestinationDomain[];
}
const $Destination = /* @__PURE__ */ struct("Destination", () => ({ "operator": str, "name": str, "sent": num, "deferred": num, "refused": num, "reasons": list($RefusalReason), "domains": list($DestinationDomain) }));

/** Why attempts were put off or refused, how often, and the last reply that said so. */
export interface RefusalReason {
  outcome: "deferred" | "refused";
  meaning: Meaning;
  attempts: number;
  latest: number;
  reply: string;
}
const $RefusalReason = /* @__PURE__ */ struct("RefusalReason", () => ({ "outcome": one("deferred", "refused"), "meaning": $Meaning, "attempts": num, "latest": num, "reply": str }));

/** Attempts for recipients of one domain ("" for all the others). */
export interface DestinationDomain {
  domain: string;
  sent: number;
  deferred: number;
  refused: number;
}
const $DestinationDomain = /* @__PURE__ */ struct("DestinationDomain", () => ({ "domain": str, "sent": num, "deferred": num, "refused": num }));

/** Attempts of one day (UTC) that begins at `day`. */
export interface DestinationDay {
  day: number;
  sent: number;
  deferred: number;
  refused: number;
}
const $DestinationDay = /* @__PURE__ */ struct("DestinationDay", () => ({ "day": num, "sent": num, "deferred": num, "refused": num }));

/** All domains; `host_address` is where reports about the host are to be sent ("" nowhere), `kept` how many days they stay. */
export interface ReportsPage {
  totals: ReportTotal[];
  host: string;
  host_address: string;
  kept: number;
  records: DnsRecord[];
}
const $ReportsPage = /* @__PURE__ */ struct("ReportsPage", () => ({ "totals": list($ReportTotal), "host": str, "host_address": str, "kept": num, "records": list($DnsRecord) }));

/** What was told of a domain of ours, or of the host ("") in some days: messages and those that failed DMARC, sessions alike. */
export interface ReportTotal {
  domain: string;
  messages: number;
  failed: number;
  sessions: number;
  failed_sessions: number;
  latest: number | null;
}
const $ReportTotal = /* @__PURE__ */ struct("ReportTotal", () => ({ "domain": str, "messages": num, "failed": num, "sessions": num, "failed_sessions": num, "latest": either(num, nil) }));

/**
 * Who sends in the name of a domain, since a day.
 *
 * `safe` says whether the policy may become `next` ("" if there is no stricter one), null
 * if too little is known; `others` are messages of sources that are not listed.
 */
export interface DmarcView {
  domain: string;
  since: number;
  days: DmarcDay[];
  sources: MailSource[];
  others: number;
  policy: string;
  now: string;
  next: string;
  safe: boolean | null;
  sentence: string;
  reporters: Reporter[];
}
const $DmarcView = /* @__PURE__ */ struct("DmarcView", () => ({ "domain": str, "since": num, "days": list($DmarcDay), "sources": list($MailSource), "others": num, "policy": str, "now": str, "next": str, "safe": either(bool, nil), "sentence": str, "reporters": list($Reporter) }));

/** Messages of a day: passed DMARC, or failed and were delivered, quarantined, rejected. */
export interface DmarcDay {
  day: number;
  passed: number;
  delivered: number;
  quarantined: number;
  rejected: number;
}
const $DmarcDay = /* @__PURE__ */ struct("DmarcDay", () => ({ "day": num, "passed": num, "delivered": num, "quarantined": num, "rejected": num }));

/**
 * A network that mail in the domain's name came from.
 *
 * `addresses` are the busiest of `number`; `dkim` and `spf` are messages that passed so
 * for the domain, `opinions` how many messages have each verdict.
 */
export interface MailSource {
  network: string;
  addresses: string[];
  number: number;
  messages: number;
  dkim: number;
  spf: number;
  passed: number;
  delivered: number;
  quarantined: number;
  rejected: number;
  verdict: "yours" | "forwarder" | "service" | "forged";
  why: string;
  opinions: Record<string, number>;
  passes_as: string[];
  first: number;
  last: number;
}
const $MailSource = /* @__PURE__ */ struct("MailSource", () => ({ "network": str, "addresses": list(str), "number": num, "messages": num, "dkim": num, "spf": num, "passed": num, "delivered": num, "quarantined": num, "rejected": num, "verdict": one("yours", "forwarder", "service", "forged"), "why": str, "opinions": table(num), "passes_as": list(str), "first": num, "last": num }));

/** Who reports: its name, the domain that vouches for the mail, reports, and messages or sessions they tell of. */
export interface Reporter {
  organization: string;
  sender: string;
  reports: number;
  counted: number;
}
const $Reporter = /* @__PURE__ */ struct("Reporter", () => ({ "organization": str, "sender": str, "reports": num, "counted": num }));

/** How connections to a domain or the host ("") did, since a day. */
export interface TlsView {
  domain: string;
  since: number;
  days: TlsDay[];
  failures: TlsFailure[];
  policies: TlsPolicy[];
  reporters: Reporter[];
}
const $TlsView = /* @__PURE__ */ struct("TlsView", () => ({ "domain": str, "since": num, "days": list($TlsDay), "failures": list($TlsFailure), "policies": list($TlsPolicy), "reporters": list($Reporter) }));

/** Sessions of a day. */
export interface TlsDay {
  day: number;
  good: number;
  bad: number;
}
const $TlsDay = /* @__PURE__ */ struct("TlsDay", () => ({ "day": num, "good": num, "bad": num }));

/** Sessions that failed in one way, what that means and what one can do. */
export interface TlsFailure {
  result: string;
  meaning: string;
  remedy: string;
  host: string;
  reason: string;
  information: string;
  sessions: number;
  reporters: string[];
  first: number;
  last: number;
}
const $TlsFailure = /* @__PURE__ */ struct("TlsFailure", () => ({ "result": str, "meaning": str, "remedy": str, "host": str, "reason": str, "information": str, "sessions": num, "reporters": list(str), "first": num, "last": num }));

/** A policy as reporters found it. */
export interface TlsPolicy {
  kind: string;
  text: string;
  good: number;
  bad: number;
  last: number;
}
const $TlsPolicy = /* @__PURE__ */ struct("TlsPolicy", () => ({ "kind": str, "text": str, "good": num, "bad": num, "last": num }));

/** The reverse name of an address, "" if it has none that leads back; `problem` says why. */
export interface SourceName {
  ip: string;
  name: string;
  problem: string;
}
const $SourceName = /* @__PURE__ */ struct("SourceName", () => ({ "ip": str, "name": str, "problem": str }));

/**
 * What the DNS says of one kind of reports: its record, the places it names, and what is wrong in sentences.
 *
 * `wanted` is the address that was chosen here, "" if none; without `problems` all is well.
 */
export interface ReportsAsked {
  kind: string;
  wanted: string;
  record: string;
  named: string[];
  problems: string[];
}
const $ReportsAsked = /* @__PURE__ */ struct("ReportsAsked", () => ({ "kind": str, "wanted": str, "record": str, "named": list(str), "problems": list(str) }));

/** A report in a list; `raw` says whether the document can still be shown. */
export interface ReportLine {
  id: number;
  kind: "dmarc" | "tls" | "failure";
  organization: string;
  sender: string;
  contact: string;
  report_id: string;
  domains: string[];
  start: number;
  finish: number;
  received: number;
  good: number;
  bad: number;
  raw: boolean;
}
const $ReportLine = /* @__PURE__ */ struct("ReportLine", () => ({ "id": num, "kind": one("dmarc", "tls", "failure"), "organization": str, "sender": str, "contact": str, "report_id": str, "domains": list(str), "start": num, "finish": num, "received": num, "good": num, "bad": num, "raw": bool }));

/** A report with all that it tells: `errors` are what the reporter says went wrong, `problems` what was odd about the report. */
export interface Report {
  line: ReportLine;
  errors: string[];
  problems: string[];
  policies: PolicySeen[];
}
const $Report = /* @__PURE__ */ struct("Report", () => ({ "line": $ReportLine, "errors": list(str), "problems": list(str), "policies": list($PolicySeen) }));

/** A policy in a report; `cut` says that there are more rows than these. */
export interface PolicySeen {
  domain: string;
  kind: string;
  text: string;
  good: number;
  bad: number;
  records: RecordSeen[];
  failures: FailureSeen[];
  messages: MessageSeen[];
  cut: boolean;
}
const $PolicySeen = /* @__PURE__ */ struct("PolicySeen", () => ({ "domain": str, "kind": str, "text": str, "good": num, "bad": num, "records": list($RecordSeen), "failures": list($FailureSeen), "messages": list($MessageSeen), "cut": bool }));

/** Messages of one kind. */
export interface RecordSeen {
  ip: string;
  messages: number;
  disposition: string;
  dkim: boolean;
  spf: boolean;
  header_from: string;
  envelope_from: string | null;
  envelope_to: string | null;
  results: CheckSeen[];
}
const $RecordSeen = /* @__PURE__ */ struct("RecordSeen", () => ({ "ip": str, "messages": num, "disposition": str, "dkim": bool, "spf": bool, "header_from": str, "envelope_from": either(str, nil), "envelope_to": either(str, nil), "results": list($CheckSeen) }));

/** What a check came to, or (kind "reason") why another thing was done than the policy asks for. */
export interface CheckSeen {
  kind: "dkim" | "spf" | "reason";
  domain: string;
  selector: string;
  result: string;
  text: string;
}
const $CheckSeen = /* @__PURE__ */ struct("CheckSeen", () => ({ "kind": one("dkim", "spf", "reason"), "domain": str, "selector": str, "result": str, "text": str }));

/** Sessions that failed in one way. */
export interface FailureSeen {
  result: string;
  sessions: number;
  sending_ip: string;
  mx_host: string;
  mx_helo: string;
  receiving_ip: string;
  reason: string;
  information: string;
}
const $FailureSeen = /* @__PURE__ */ struct("FailureSeen", () => ({ "result": str, "sessions": num, "sending_ip": str, "mx_host": str, "mx_helo": str, "receiving_ip": str, "reason": str, "information": str }));

/** The message that a failure report is about. */
export interface MessageSeen {
  kind: string;
  ip: string;
  arrival: number | null;
  incidents: number;
  failures: string;
  mail_from: string;
  header_from: string;
  subject: string;
  header_id: string;
  delivery: string;
  results: string;
}
const $MessageSeen = /* @__PURE__ */ struct("MessageSeen", () => ({ "kind": str, "ip": str, "arrival": either(num, nil), "incidents": num, "failures": str, "mail_from": str, "header_from": str, "subject": str, "header_id": str, "delivery": str, "results": str }));

/** The document as it came; `cut` says that only its beginning is here. */
export interface RawReport {
  name: string;
  text: string;
  cut: boolean;
}
const $RawReport = /* @__PURE__ */ struct("RawReport", () => ({ "name": str, "text": str, "cut": bool }));

/**
 * Reports to others: which kinds are sent, in whose name ("" if no key signs, and none leaves), what waits, and who gets none.
 *
 * `planned` is when what waits is looked through next, null if the server has not run yet.
 */
export interface SendingPage {
  dmarc: boolean;
  tls: boolean;
  submitter: string;
  planned: number | null;
  evidence: Evidence[];
  suppressed: Suppressed[];
}
const $SendingPage = /* @__PURE__ */ struct("SendingPage", () => ({ "dmarc": bool, "tls": bool, "submitter": str, "planned": either(num, nil), "evidence": list($Evidence), "suppressed": list($Suppressed) }));

/** What waits to be reported about a domain: messages or sessions, and how many of them are no reason to write. */
export interface Evidence {
  kind: "dmarc" | "tls";
  domain: string;
  counted: number;
  optional: number;
  since: number;
  until: number;
}
const $Evidence = /* @__PURE__ */ struct("Evidence", () => ({ "kind": one("dmarc", "tls"), "domain": str, "counted": num, "optional": num, "since": num, "until": num }));

/** An address, or https URL, that gets no reports until a time, null: for good. */
export interface Suppressed {
  address: string;
  until: number | null;
  reason: string;
  created: number;
}
const $Suppressed = /* @__PURE__ */ struct("Suppressed", () => ({ "address": str, "until": either(num, nil), "reason": str, "created": num }));

/**
 * A report that is planned (`due`: when it is made or tried again) or settled; `text` says why it was not sent, or not yet.
 *
 * `counted` are messages or sessions that it tells of, known when it is settled.
 */
export interface SentReport {
  id: number;
  kind: "dmarc" | "tls";
  domain: string;
  start: number;
  finish: number;
  state: "due" | "sent" | "needless" | "unsent";
  due: number | null;
  settled: number | null;
  attempts: number;
  counted: number;
  text: string;
  trace: string;
  to: SentTo[];
}
const $SentReport = /* @__PURE__ */ struct("SentReport", () => ({ "id": num, "kind": one("dmarc", "tls"), "domain": str, "start": num, "finish": num, "state": one("due", "sent", "needless", "unsent"), "due": either(num, nil), "settled": either(num, nil), "attempts": num, "counted": num, "text": str, "trace": str, "to": list($SentTo) }));

/** What became of a report at an address or URL; `said` is what the other side answered last. */
export interface SentTo {
  uri: string;
  fate: "waiting" | "delivered" | "failed" | "dropped" | "posted" | "suppressed" | "refused";
  at: number;
  said: string;
}
const $SentTo = /* @__PURE__ */ struct("SentTo", () => ({ "uri": str, "fate": one("waiting", "delivered", "failed", "dropped", "posted", "suppressed", "refused"), "at": num, "said": str }));

/**
 * A report as it would leave now: to whom, and why not to others, or not at all ("" if nothing is in the way).
 *
 * `document` is "" if nobody would get it; `cut` says that only its beginning is here.
 */
export interface ReportPreview {
  domain: string;
  counted: number;
  to: string[];
  problems: string[];
  why_not: string;
  subject: string;
  name: string;
  document: string;
  cut: boolean;
}
const $ReportPreview = /* @__PURE__ */ struct("ReportPreview", () => ({ "domain": str, "counted": num, "to": list(str), "problems": list(str), "why_not": str, "subject": str, "name": str, "document": str, "cut": bool }));

/** All domains, all accounts. */
export interface MaskRules {
  domains: MaskDomain[];
  accounts: MaskAccount[];
}
const $MaskRules = /* @__PURE__ */ struct("MaskRules", () => ({ "domains": list($MaskDomain), "accounts": list($MaskAccount) }));

/** A domain, and whether masked addresses may be made there. */
export interface MaskDomain {
  domain: string;
  allowed: boolean;
}
const $MaskDomain = /* @__PURE__ */ struct("MaskDomain", () => ({ "domain": str, "allowed": bool }));

/** How many an account has, and may have. */
export interface MaskAccount {
  account: string;
  used: number;
  most: number;
}
const $MaskAccount = /* @__PURE__ */ struct("MaskAccount", () => ({ "account": str, "used": num, "most": num }));

/** Everything that decides which way mail leaves; the first of the routes that fits wins, and without one mail goes direct. */
export interface WaysPage {
  transports: TransportPage[];
  routes: RoutePage[];
}
const $WaysPage = /* @__PURE__ */ struct("WaysPage", () => ({ "transports": list($TransportPage), "routes": list($RoutePage) }));

/**
 * A server that takes outgoing mail; `in_file`: it is in the configuration file and is changed there.
 *
 * The password is never told; `waiting` is how many deliveries wait for this transport.  `version` goes back with a change.
 */
export interface TransportPage {
  name: string;
  host: string;
  port: number;
  tls: "starttls" | "implicit" | "opportunistic" | "none";
  username: string;
  dkim: "none" | "rsa" | "all";
  in_file: boolean;
  waiting: number;
  version: string;
}
const $TransportPage = /* @__PURE__ */ struct("TransportPage", () => ({ "name": str, "host": str, "port": num, "tls": one("starttls", "implicit", "opportunistic", "none"), "username": str, "dkim": one("none", "rsa", "all"), "in_file": bool, "waiting": num, "version": str }));

/**
 * Which mail ("" is any) takes a transport, "direct" or "fail" (given up, the sender is told).
 *
 * `number` says which is looked at first, `id` is 0 for those of the configuration file.  `version` goes back with a change.
 */
export interface RoutePage {
  id: number;
  number: number;
  account: string;
  sender_domain: string;
  recipient_domain: string;
  attempts: number;
  transport: string;
  words: string;
  version: string;
}
const $RoutePage = /* @__PURE__ */ struct("RoutePage", () => ({ "id": num, "number": num, "account": str, "sender_domain": str, "recipient_domain": str, "attempts": num, "transport": str, "words": str, "version": str }));

/**
 * Which way a message would take: `way` is "here", "direct", "fail" or "transport".
 *
 * `route` is the number of the route that says so, null if none fits.
 */
export interface RouteTrial {
  way: "here" | "direct" | "fail" | "transport";
  transport: string;
  route: number | null;
  words: string;
}
const $RouteTrial = /* @__PURE__ */ struct("RouteTrial", () => ({ "way": one("here", "direct", "fail", "transport"), "transport": str, "route": either(num, nil), "words": str }));

/**
 * What is known of the MTA-STS policy of a domain that mail goes to; `mode` "" is none, only what went wrong.
 *
 * `live`: it has not run out.  `problem` is of the last attempt to fetch it, "" if that went well;
 * `again` is when it may be tried again.
 */
export interface StsPolicy {
  domain: string;
  mode: string;
  live: boolean;
  mx: string[];
  id: string;
  fetched: number | null;
  valid_until: number | null;
  used: number;
  failures: number;
  problem: string;
  again: number | null;
}
const $StsPolicy = /* @__PURE__ */ struct("StsPolicy", () => ({ "domain": str, "mode": str, "live": bool, "mx": list(str), "id": str, "fetched": either(num, nil), "valid_until": either(num, nil), "used": num, "failures": num, "problem": str, "again": either(num, nil) }));

/** What came of fetching a policy: `words` for people, and all that is known now. */
export interface StsFetched {
  words: string;
  policies: StsPolicy[];
}
const $StsFetched = /* @__PURE__ */ struct("StsFetched", () => ({ "words": str, "policies": list($StsPolicy) }));

/**
 * How a domain takes our mail: what was seen `at` that time (null: never), null where nobody knows.
 *
 * `verified` is how its server proved to be the right one: "dane", "mta-sts", "dnssec" or "" if it did not.  `mtasts`
 * is the mode of its policy, "" if it has none that is known.  `accounts` is how many have written there.
 */
export interface NeighbourDomain {
  domain: string;
  starttls: boolean | null;
  verified: string;
  mtasts: string;
  dnssec: boolean | null;
  dane: boolean | null;
  requiretls: boolean | null;
  at: number | null;
  accounts: number;
}
const $NeighbourDomain = /* @__PURE__ */ struct("NeighbourDomain", () => ({ "domain": str, "starttls": either(bool, nil), "verified": str, "mtasts": str, "dnssec": either(bool, nil), "dane": either(bool, nil), "requiretls": either(bool, nil), "at": either(num, nil), "accounts": num }));

/** What looking at a domain came to, and all that is known now; `usable`: usual mail would be sent there. */
export interface NeighbourLook {
  usable: boolean;
  findings: LookFinding[];
  domains: NeighbourDomain[];
}
const $NeighbourLook = /* @__PURE__ */ struct("NeighbourLook", () => ({ "usable": bool, "findings": list($LookFinding), "domains": list($NeighbourDomain) }));

/** One thing that was found when a domain's mail servers were looked at; `mend` is what its owner should do, "" for nothing. */
export interface LookFinding {
  host: string;
  about: string;
  verdict: "good" | "could be better" | "wrong" | "not known";
  what: string;
  mend: string;
}
const $LookFinding = /* @__PURE__ */ struct("LookFinding", () => ({ "host": str, "about": str, "verdict": one("good", "could be better", "wrong", "not known"), "what": str, "mend": str }));

/** A block list of the configuration as last examined, with our addresses; `problem` is "" if it works, null if nobody has looked. */
export interface WatchedList {
  zone: string;
  problem: string | null;
  at: number | null;
  addresses: ListedAddress[];
}
const $WatchedList = /* @__PURE__ */ struct("WatchedList", () => ({ "zone": str, "problem": either(str, nil), "at": either(num, nil), "addresses": list($ListedAddress) }));

/** What a block list said of an address that our mail leaves from. */
export interface ListedAddress {
  ip: string;
  listed: boolean;
}
const $ListedAddress = /* @__PURE__ */ struct("ListedAddress", () => ({ "ip": str, "listed": bool }));

/**
 * All about certificates; `authority` "" is none, `account` "" is not registered there yet; `advice` is about the host's keys.
 *
 * `history` has the last attempts, the newest first.
 */
export interface CertificatesPage {
  authority: string;
  account: string;
  challenge: string;
  certificates: CertificatePage[];
  keys: HostKeyPage[];
  advice: string;
  history: CertificateAttempt[];
}
const $CertificatesPage = /* @__PURE__ */ struct("CertificatesPage", () => ({ "authority": str, "account": str, "challenge": str, "certificates": list($CertificatePage), "keys": list($HostKeyPage), "advice": str, "history": list($CertificateAttempt) }));

/**
 * A certificate that is served or wanted; `until` is null if there is none yet, `renew` if the server does not renew it.
 *
 * `asked`: an authority gives it; `order` is under way there.  `retry` is when a failure is tried again.
 */
export interface CertificatePage {
  label: string;
  names: string[];
  issuer: string;
  self_signed: boolean;
  since: number | null;
  until: number | null;
  key: string;
  file: string;
  ports: number[];
  renew: number | null;
  asked: boolean;
  order: string;
  failures: number;
  retry: number | null;
  problems: string[];
}
const $CertificatePage = /* @__PURE__ */ struct("CertificatePage", () => ({ "label": str, "names": list(str), "issuer": str, "self_signed": bool, "since": either(num, nil), "until": either(num, nil), "key": str, "file": str, "ports": list(num), "renew": either(num, nil), "asked": bool, "order": str, "failures": num, "retry": either(num, nil), "problems": list(str) }));

/** A key of this host: what it is to its TLSA record, and since when the DNS has that (null: it does not). */
export interface HostKeyPage {
  algorithm: string;
  state: "next" | "current" | "old";
  record: string;
  created: number;
  listed: number | null;
}
const $HostKeyPage = /* @__PURE__ */ struct("HostKeyPage", () => ({ "algorithm": str, "state": one("next", "current", "old"), "record": str, "created": num, "listed": either(num, nil) }));

/**
 * An attempt to get a certificate: `issuer` gave it, or is the authority that was asked; `until` is its end, null if none came.
 *
 * `problem` says why none came, or which names it lacks; `next` is when it is renewed or tried again.
 */
export interface CertificateAttempt {
  at: number;
  label: string;
  issuer: string;
  names: string[];
  until: number | null;
  problem: string;
  next: number | null;
}
const $CertificateAttempt = /* @__PURE__ */ struct("CertificateAttempt", () => ({ "at": num, "label": str, "issuer": str, "names": list(str), "until": either(num, nil), "problem": str, "next": either(num, nil) }));

/** What is logged of a part of the program; `until` is null as long as it is what the configuration says. */
export interface ModuleLogLevel {
  module: string;
  level: "" | "debug" | "info" | "notice" | "error";
  until: number | null;
}
const $ModuleLogLevel = /* @__PURE__ */ struct("ModuleLogLevel", () => ({ "module": str, "level": one("", "debug", "info", "notice", "error"), "until": either(num, nil) }));

/** A setting in force: `source` says where its value comes from, `changed` whether it is another than the default. */
export interface SettingLine {
  name: string;
  value: string;
  source: "default" | "file" | "localserve" | "database";
  line: number;
  changed: boolean;
  help: string;
}
const $SettingLine = /* @__PURE__ */ struct("SettingLine", () => ({ "name": str, "value": str, "source": one("default", "file", "localserve", "database"), "line": num, "changed": bool, "help": str }));

/** How an account signs in, and whether it may send; `sign_ins` are the latest. */
export interface AccountGuard {
  frozen: Frozen | null;
  two_factor: TwoFactor;
  app_passwords: AppPassword[];
  sign_ins: SignIn[];
}
const $AccountGuard = /* @__PURE__ */ struct("AccountGuard", () => ({ "frozen": either($Frozen, nil), "two_factor": $TwoFactor, "app_passwords": list($AppPassword), "sign_ins": list($SignIn) }));

/**
 * A change: `who` is "admin", an account or a user of the machine, `origin` an IP address or "command line".
 *
 * `function` is a name of the API or the words of a verb, `arguments` are in short and without secrets;
 * `outcome` is "ok", the code of an error, or "begun" if the server ended in the middle of it.
 */
export interface AuditEntry {
  id: number;
  at: number;
  who: string;
  origin: string;
  function: string;
  arguments: string;
  outcome: string;
}
const $AuditEntry = /* @__PURE__ */ struct("AuditEntry", () => ({ "id": num, "at": num, "who": str, "origin": str, "function": str, "arguments": str, "outcome": str }));

/**
 * The backups that the server makes by itself.
 *
 * `place` is "" if none are made; `next` when the next one is due, `running` whether one is on its way.  `failed` and `problem` are of
 * the last attempt, if it came to nothing; `tested`, `tested_name` and `unfit` of the last trial.  `problems` says what to look at.
 */
export interface Backups {
  place: string;
  encrypted: boolean;
  hour: number;
  keep_daily: number;
  keep_weekly: number;
  free: number;
  next: number | null;
  running: boolean;
  failed: number | null;
  problem: string;
  tested: number | null;
  tested_name: string;
  unfit: string[];
  problems: string[];
  backups: BackupLine[];
  jobs: BackupJob[];
}
const $Backups = /* @__PURE__ */ struct("Backups", () => ({ "place": str, "encrypted": bool, "hour": num, "keep_daily": num, "keep_weekly": num, "free": num, "next": either(num, nil), "running": bool, "failed": either(num, nil), "problem": str, "tested": either(num, nil), "tested_name": str, "unfit": list(str), "problems": list(str), "backups": list($BackupLine), "jobs": list($BackupJob) }));

/**
 * A finished backup: `size` is all of it in octets, `new` what it took beside the one before.
 *
 * `trouble` is what was wrong in the data when it was made, `notes` what it lacks besides.  `checked` is when it was compared
 * with its hashes or tried last (null: never), `wrong` what was found then.  `path` is where it is.
 */
export interface BackupLine {
  name: string;
  made: number;
  messages: number;
  accounts: number;
  size: number;
  new: number;
  encrypted: boolean;
  trouble: string[];
  notes: string[];
  checked: number | null;
  wrong: string[];
  path: string;
}
const $BackupLine = /* @__PURE__ */ struct("BackupLine", () => ({ "name": str, "made": num, "messages": num, "accounts": num, "size": num, "new": num, "encrypted": bool, "trouble": list(str), "notes": list(str), "checked": either(num, nil), "wrong": list(str), "path": str }));

/**
 * Work on a backup: it is compared (`kind` "verify"), or mail of `account` comes back to `target`, of one `mailbox` or all ("").
 *
 * `done` of `total` files or messages were looked at, `added` messages came back, `chosen` is how many were named (0: all).
 */
export interface BackupJob {
  id: number;
  kind: "verify" | "restore";
  backup: string;
  account: string;
  mailbox: string;
  chosen: number;
  target: string;
  by: string;
  created: number;
  state: "waiting" | "running" | "stopped" | "done" | "failed";
  ended: number | null;
  done: number;
  total: number;
  added: number;
  problems: string[];
}
const $BackupJob = /* @__PURE__ */ struct("BackupJob", () => ({ "id": num, "kind": one("verify", "restore"), "backup": str, "account": str, "mailbox": str, "chosen": num, "target": str, "by": str, "created": num, "state": one("waiting", "running", "stopped", "done", "failed"), "ended": either(num, nil), "done": num, "total": num, "added": num, "problems": list(str) }));

/** An account in a backup, as it was then; `here`: there is one of that name now. */
export interface BackupAccount {
  name: string;
  full_name: string;
  messages: number;
  size: number;
  here: boolean;
}
const $BackupAccount = /* @__PURE__ */ struct("BackupAccount", () => ({ "name": str, "full_name": str, "messages": num, "size": num, "here": bool }));

/** A mailbox in a backup. */
export interface BackupFolder {
  name: string;
  messages: number;
  size: number;
}
const $BackupFolder = /* @__PURE__ */ struct("BackupFolder", () => ({ "name": str, "messages": num, "size": num }));

/** A message in a backup; `id` is what it is asked for by there. */
export interface BackupMessage {
  id: number;
  received: number;
  sender: string;
  subject: string;
  size: number;
}
const $BackupMessage = /* @__PURE__ */ struct("BackupMessage", () => ({ "id": num, "received": num, "sender": str, "subject": str, "size": num }));

/** An account that was removed; it can be brought back until `until`. */
export interface RemovedAccount {
  name: string;
  full_name: string;
  messages: number;
  size: number;
  since: number;
  until: number;
}
const $RemovedAccount = /* @__PURE__ */ struct("RemovedAccount", () => ({ "name": str, "full_name": str, "messages": num, "size": num, "since": num, "until": num }));

/** One entry of an event "changes". */
export type Change = Changes["changes"][number];

/** What a mailbox may be for. */
export type Role = NonNullable<Mailbox["role"]>;

/** Webmail. */
export const webmail = {
  /** Who is signed in in this browser.  Works without a session and without a CSRF token. */
  state: (signal?: AbortSignal): Promise<State> =>
    call("webmail", "state", {}, signal, $State),
  /**
   * Sign in with the name of an account or one of its addresses; sets the cookie, for webmail and account pages alike.
   *
   * user:notAllowed if name and password do not fit, user:tooMany after too many tries,
   * user:codeWanted if the account has two-factor sign-in: call again with the `code` of the
   * authenticator, or a recovery code.  An app password for webmail opens the webmail alone.
   */
  login: (args: { name: string; password: string; code?: string }, signal?: AbortSignal): Promise<State> =>
    call("webmail", "login", args, signal, $State),
  /** End this session. */
  logout: (signal?: AbortSignal): Promise<void> =>
    call("webmail", "logout", {}, signal, nothing),
  /** All mailboxes: those with a role first, Inbox at the top, then by name. */
  mailboxes: (signal?: AbortSignal): Promise<Mailbox[]> =>
    call("webmail", "mailboxes", {}, signal, list($Mailbox)),
  /** Make a mailbox, with those above it where they are missing. */
  mailbox_add: (args: { name: string }, signal?: AbortSignal): Promise<Mailbox> =>
    call("webmail", "mailbox_add", args, signal, $Mailbox),
  /** Give a mailbox another name, and all below it. */
  mailbox_rename: (args: { id: number; name: string }, signal?: AbortSignal): Promise<Mailbox> =>
    call("webmail", "mailbox_rename", args, signal, $Mailbox),
  /** Remove a mailbox and all messages in it.  One with a role, or with others below it, stays: user:conflict. */
  mailbox_remove: (args: { id: number }, signal?: AbortSignal): Promise<void> =>
    call("webmail", "mailbox_remove", args, signal, nothing),
  /** Remove everything in Trash, Junk or Rejects for good; the answer is how many messages that were. */
  mailbox_empty: (args: { id: number }, signal?: AbortSignal): Promise<number> =>
    call("webmail", "mailbox_empty", args, signal, num),
  /**
   * Messages of a mailbox, newest first: `limit` (at most 200) that come after `before` and `skip` more.
   *
   * For a virtual list: follow `next` from page to page, or jump with `skip`.
   */
  page: (args: { mailbox_id: number; before?: Cursor | null; skip?: number; limit?: number }, signal?: AbortSignal): Promise<Page> =>
    call("webmail", "page", args, signal, $Page),
  /**
   * Messages that fit a query, newest first: in the whole account but Junk, Trash and Rejects, or in one mailbox.
   *
   * All words must be there; "quoted words" are a phrase, a word ending in * stands for all that begin so.
   * A page may be short, even empty, and still have a `next` one.
   */
  search: (args: { query: string; mailbox_id?: number | null; before?: Cursor | null; limit?: number }, signal?: AbortSignal): Promise<Page> =>
    call("webmail", "search", args, signal, $Page),
  /** These messages as a list shows them (at most 200); those that are gone are left out. */
  summaries: (args: { ids: number[] }, signal?: AbortSignal): Promise<Summary[]> =>
    call("webmail", "summaries", args, signal, list($Summary)),
  /** The conversation: its messages, oldest first, the newest 500 of a very long one. */
  thread: (args: { thread_id: number }, signal?: AbortSignal): Promise<Summary[]> =>
    call("webmail", "thread", args, signal, list($Summary)),
  /** A message to read; with mark_seen it counts as read from now on. */
  message: (args: { id: number; mark_seen?: boolean }, signal?: AbortSignal): Promise<Message> =>
    call("webmail", "message", args, signal, $Message),
  /** All header fields of a message. */
  headers: (args: { id: number }, signal?: AbortSignal): Promise<HeaderLine[]> =>
    call("webmail", "headers", args, signal, list($HeaderLine)),
  /** Set and clear flags and keywords on messages (at most 1,000). */
  flags: (args: { ids: number[]; add: string[]; remove: string[] }, signal?: AbortSignal): Promise<void> =>
    call("webmail", "flags", args, signal, nothing),
  /** Move messages (at most 1,000) to a mailbox; they keep their ids. */
  move: (args: { ids: number[]; mailbox_id: number }, signal?: AbortSignal): Promise<Moved> =>
    call("webmail", "move", args, signal, $Moved),
  /** Move messages (at most 1,000) to Archive. */
  archive: (args: { ids: number[] }, signal?: AbortSignal): Promise<Moved> =>
    call("webmail", "archive", args, signal, $Moved),
  /** Move messages (at most 1,000) to Trash; those that are in Trash, Junk, Rejects or Drafts are removed for good. */
  delete: (args: { ids: number[] }, signal?: AbortSignal): Promise<Deleted> =>
    call("webmail", "delete", args, signal, $Deleted),
  /** Messages of a mailbox in another order: `limit` (at most 200) after `skip`; `next` is always null. */
  sorted_page: (args: { mailbox_id: number; order: "newest" | "oldest" | "largest" | "smallest" | "sender" | "subject"; skip?: number; limit?: number }, signal?: AbortSignal): Promise<Page> =>
    call("webmail", "sorted_page", args, signal, $Page),
  /** The conversations of a mailbox by their newest messages, newest first; a piece may be short and still have a `next`. */
  conversations: (args: { mailbox_id: number; before?: Cursor | null; limit?: number }, signal?: AbortSignal): Promise<Conversations> =>
    call("webmail", "conversations", args, signal, $Conversations),
  /** One step (at most 200 messages) of doing something with all of a mailbox or search; call again with `next` until that is null. */
  act_on_all: (args: { action: "move" | "archive" | "delete" | "flags"; query?: string; mailbox_id?: number | null; before?: Cursor | null; target?: number | null; add?: string[]; remove?: string[] }, signal?: AbortSignal): Promise<ListStep> =>
    call("webmail", "act_on_all", args, signal, $ListStep),
  /** Mark everything in a mailbox as read; the answer is how many messages were not. */
  mailbox_read: (args: { id: number }, signal?: AbortSignal): Promise<number> =>
    call("webmail", "mailbox_read", args, signal, num),
  /** Say what a mailbox is for; the one that was for it before is for nothing in particular then. */
  mailbox_role: (args: { id: number; role: "inbox" | "sent" | "drafts" | "archive" | "junk" | "trash" | "rejects" | null }, signal?: AbortSignal): Promise<Mailbox> =>
    call("webmail", "mailbox_role", args, signal, $Mailbox),
  /** Every label (keyword) that messages of the account have or had. */
  labels: (signal?: AbortSignal): Promise<string[]> =>
    call("webmail", "labels", {}, signal, list(str)),
  /** How the webmail is to look, as the page kept it: JSON, or "". */
  display_choices: (signal?: AbortSignal): Promise<string> =>
    call("webmail", "display_choices", {}, signal, str),
  /** Keep how the webmail is to look. */
  display_keep: (args: { choices: string }, signal?: AbortSignal): Promise<void> =>
    call("webmail", "display_keep", args, signal, nothing),
  /** What the HTML of a message would load from elsewhere. */
  blocked: (args: { id: number }, signal?: AbortSignal): Promise<Blocked> =>
    call("webmail", "blocked", args, signal, $Blocked),
  /** Whose mail may load pictures from elsewhere without asking, where it is proven to be theirs. */
  outside_senders: (signal?: AbortSignal): Promise<string[]> =>
    call("webmail", "outside_senders", {}, signal, list(str)),
  /** Let mail of a sender load pictures from elsewhere, or not; all such senders are the answer. */
  outside_choose: (args: { sender: string; allowed: boolean }, signal?: AbortSignal): Promise<string[]> =>
    call("webmail", "outside_choose", args, signal, list(str)),
  /** How to leave the mailing list that sent a message; null if it names no way. */
  leaving: (args: { id: number }, signal?: AbortSignal): Promise<Leaving | null> =>
    call("webmail", "leaving", args, signal, either($Leaving, nil)),
  /** Leave a mailing list by one press (RFC 8058): the server tells the list's, whose name is the answer. */
  leave: (args: { id: number }, signal?: AbortSignal): Promise<string> =>
    call("webmail", "leave", args, signal, str),
  /** A part of a message that is a calendar, read. */
  invitation: (args: { id: number; part: string }, signal?: AbortSignal): Promise<Invitation> =>
    call("webmail", "invitation", args, signal, $Invitation),
  /** An empty draft, with the usual sender. */
  compose: (signal?: AbortSignal): Promise<Draft> =>
    call("webmail", "compose", {}, signal, $Draft),
  /**
   * A draft that answers a message: recipients, subject and quoted text (only that, if it is given) are there.
   *
   * With `formatted` it quotes the message's HTML, cleaned as what one writes oneself, and has `html`; of a message without any it has not.
   */
  reply: (args: { id: number; whom?: "author" | "everybody" | "list"; only?: string; formatted?: boolean }, signal?: AbortSignal): Promise<Draft> =>
    call("webmail", "reply", args, signal, $Draft),
  /** A draft that forwards a message with its text (with `formatted` its HTML, in `html`) and attachments, or whole as an attachment. */
  forward: (args: { id: number; attached?: boolean; formatted?: boolean }, signal?: AbortSignal): Promise<Draft> =>
    call("webmail", "forward", args, signal, $Draft),
  /** A new draft with all that stands in a message. */
  write_again: (args: { id: number }, signal?: AbortSignal): Promise<Draft> =>
    call("webmail", "write_again", args, signal, $Draft),
  /** A message of Drafts, to go on writing. */
  draft: (args: { id: number }, signal?: AbortSignal): Promise<Draft> =>
    call("webmail", "draft", args, signal, $Draft),
  /**
   * Keep what is written in Drafts; the answer has the new id, and attachments that refer to it.
   *
   * Recipients need not be complete.  user:conflict if another page changed the draft (`place` is
   * "draft.lineage"), or sent it or threw it away ("draft.id").
   */
  draft_save: (args: { draft: Draft }, signal?: AbortSignal): Promise<Draft> =>
    call("webmail", "draft_save", args, signal, $Draft),
  /** What written HTML says as plain text. */
  as_text: (args: { html: string }, signal?: AbortSignal): Promise<string> =>
    call("webmail", "as_text", args, signal, str),
  /**
   * How mail gets to recipients as people type them (the first 100), as seen when mail of this account went there last.
   *
   * What is no address is left out.
   */
  travel: (args: { recipients: string }, signal?: AbortSignal): Promise<Travel[]> =>
    call("webmail", "travel", args, signal, list($Travel)),
  /**
   * Send a message and keep a copy in Sent; its draft goes, the message it answers is marked, and with `archive` archived.
   *
   * It goes `at` that time (seconds since 1970), or with `undo` as much later as the account chose:
   * until then it can be had back.  user:error with `place` ("draft.to") says which field has to
   * be changed; user:conflict as `draft_save`.
   */
  send: (args: { draft: Draft; at?: number | null; undo?: boolean; archive?: boolean }, signal?: AbortSignal): Promise<Sent> =>
    call("webmail", "send", args, signal, $Sent),
  /** What was sent and waits for its time, the next one first (at most 100). */
  delayed: (signal?: AbortSignal): Promise<Delayed[]> =>
    call("webmail", "delayed", {}, signal, list($Delayed)),
  /** Do not send what waits; it is a draft again.  user:conflict if it is on its way already. */
  take_back: (args: { id: number }, signal?: AbortSignal): Promise<Draft> =>
    call("webmail", "take_back", args, signal, $Draft),
  /** Whom somebody may mean who typed `start`: contacts, and those written to before; most likely first. */
  suggestions: (args: { start: string; limit?: number }, signal?: AbortSignal): Promise<Person[]> =>
    call("webmail", "suggestions", args, signal, list($Person)),
  /** All contacts, by name. */
  contacts: (signal?: AbortSignal): Promise<Contact[]> =>
    call("webmail", "contacts", {}, signal, list($Contact)),
  /** A new contact (`id` 0), or another meaning for one. */
  contact_save: (args: { contact: Contact }, signal?: AbortSignal): Promise<Contact> =>
    call("webmail", "contact_save", args, signal, $Contact),
  /** Forget contacts; the answer is how many that were. */
  contacts_remove: (args: { ids: number[] }, signal?: AbortSignal): Promise<number> =>
    call("webmail", "contacts_remove", args, signal, num),
  /** All contacts as a file of vCards. */
  contacts_export: (args: { version?: "3.0" | "4.0" } = {}, signal?: AbortSignal): Promise<string> =>
    call("webmail", "contacts_export", args, signal, str),
  /** Add the vCards of a file; one that is here already takes its place. */
  contacts_import: (args: { text: string }, signal?: AbortSignal): Promise<Imported> =>
    call("webmail", "contacts_import", args, signal, $Imported),
  /** What the account chose about writing. */
  writing: (signal?: AbortSignal): Promise<WritingChoices> =>
    call("webmail", "writing", {}, signal, $WritingChoices),
  /** Choose; the answer is what holds now. */
  writing_change: (args: { chosen: WritingChoices }, signal?: AbortSignal): Promise<WritingChoices> =>
    call("webmail", "writing_change", args, signal, $WritingChoices),
  /** The browsers that are told of new mail, what they are told, and the key that a browser needs to subscribe. */
  push: (signal?: AbortSignal): Promise<Push> =>
    call("webmail", "push", {}, signal, $Push),
  /**
   * Tell this browser of new mail from now on, until this session ends.
   *
   * All three are of its PushSubscription: the keys are `p256dh` and `auth`, base64url.
   */
  push_on: (args: { endpoint: string; key: string; secret: string }, signal?: AbortSignal): Promise<Push> =>
    call("webmail", "push_on", args, signal, $Push),
  /** This browser has another subscription now; `old` is the endpoint it had.  user:notFound if that is not of this session. */
  push_renew: (args: { old: string; endpoint: string; key: string; secret: string }, signal?: AbortSignal): Promise<void> =>
    call("webmail", "push_renew", args, signal, nothing),
  /** Tell one of the account's browsers nothing more. */
  push_off: (args: { id: number }, signal?: AbortSignal): Promise<Push> =>
    call("webmail", "push_off", args, signal, $Push),
  /** Tell a browser something now, to see whether it works; the push service that took it.  user:error says what it answered instead. */
  push_test: (args: { id: number }, signal?: AbortSignal): Promise<string> =>
    call("webmail", "push_test", args, signal, str),
  /** What notices say, and of which mailboxes; null leaves a choice as it is. */
  push_choose: (args: { details?: boolean | null; everywhere?: boolean | null } = {}, signal?: AbortSignal): Promise<Push> =>
    call("webmail", "push_choose", args, signal, $Push),
};

/** Account. */
export const account = {
  /** Who is signed in in this browser.  Works without a session and without a CSRF token. */
  state: (signal?: AbortSignal): Promise<State> =>
    call("account", "state", {}, signal, $State),
  /**
   * Sign in with the name of an account or one of its addresses; sets the cookie, for webmail and account pages alike.
   *
   * user:notAllowed if name and password do not fit, user:tooMany after too many tries,
   * user:codeWanted if the account has two-factor sign-in: call again with the `code` of the
   * authenticator, or a recovery code.  An app password for webmail opens the webmail alone.
   */
  login: (args: { name: string; password: string; code?: string }, signal?: AbortSignal): Promise<State> =>
    call("account", "login", args, signal, $State),
  /** End this session. */
  logout: (signal?: AbortSignal): Promise<void> =>
    call("account", "logout", {}, signal, nothing),
  /** Change the password; all other sessions of the account end, and this one gets a new token. */
  password: (args: { old: string; new: string }, signal?: AbortSignal): Promise<State> =>
    call("account", "password", args, signal, $State),
  /** The browsers that are signed in to this account, the last used first. */
  sessions: (signal?: AbortSignal): Promise<SignedIn[]> =>
    call("account", "sessions", {}, signal, list($SignedIn)),
  /** Sign one browser out. */
  session_end: (args: { id: number }, signal?: AbortSignal): Promise<void> =>
    call("account", "session_end", args, signal, nothing),
  /** Sign out every browser but this one. */
  sessions_end_others: (signal?: AbortSignal): Promise<void> =>
    call("account", "sessions_end_others", {}, signal, nothing),
  /** What to type into a mail program for this account. */
  programs: (signal?: AbortSignal): Promise<ProgramSettings> =>
    call("account", "programs", {}, signal, $ProgramSettings),
  /** A link to the profile for one of one's addresses, for one use; user:notFound says why there is none. */
  profile_link: (args: { address: string }, signal?: AbortSignal): Promise<ProfileLink> =>
    call("account", "profile_link", args, signal, $ProfileLink),
  /** The rules of the account, in the order they are looked at. */
  rules: (signal?: AbortSignal): Promise<Rule[]> =>
    call("account", "rules", {}, signal, list($Rule)),
  /** A new rule below all others; the answer is all of them.  user:error says what cannot be. */
  rule_add: (args: { rule: Rule }, signal?: AbortSignal): Promise<Rule[]> =>
    call("account", "rule_add", args, signal, list($Rule)),
  /** Another meaning for the rule with that id; the answer is all of them. */
  rule_change: (args: { rule: Rule }, signal?: AbortSignal): Promise<Rule[]> =>
    call("account", "rule_change", args, signal, list($Rule)),
  /** Forget a rule; the answer is those that are left. */
  rule_remove: (args: { id: number }, signal?: AbortSignal): Promise<Rule[]> =>
    call("account", "rule_remove", args, signal, list($Rule)),
  /** Look at a rule as the first (1), second and so on; the answer is all of them. */
  rule_move: (args: { id: number; place: number }, signal?: AbortSignal): Promise<Rule[]> =>
    call("account", "rule_move", args, signal, list($Rule)),
  /** Which of the newest messages (at most 1,000) fit a rule, stored or not; without one, what all rules would have said of each. */
  rule_try: (args: { rule?: Rule | null; last?: number } = {}, signal?: AbortSignal): Promise<RuleTrial> =>
    call("account", "rule_try", args, signal, $RuleTrial),
  /** Rules that one may want after a message, for its list, sender and sender's domain; nothing is stored. */
  rule_suggestions: (args: { message_id: number }, signal?: AbortSignal): Promise<Rule[]> =>
    call("account", "rule_suggestions", args, signal, list($Rule)),
  /** What the account chose about mail that comes in. */
  preferences: (signal?: AbortSignal): Promise<Preferences> =>
    call("account", "preferences", {}, signal, $Preferences),
  /** Choose; the answer is what holds now.  user:error for numbers out of bounds. */
  preferences_change: (args: { preferences: Preferences }, signal?: AbortSignal): Promise<Preferences> =>
    call("account", "preferences_change", args, signal, $Preferences),
  /** What the junk filter has learned so far. */
  junk_lessons: (signal?: AbortSignal): Promise<JunkLessons> =>
    call("account", "junk_lessons", {}, signal, $JunkLessons),
  /** Why the account cannot send at the moment; null if it can. */
  frozen: (signal?: AbortSignal): Promise<Frozen | null> =>
    call("account", "frozen", {}, signal, either($Frozen, nil)),
  /** The app passwords of the account, without the passwords. */
  app_passwords: (signal?: AbortSignal): Promise<AppPassword[]> =>
    call("account", "app_passwords", {}, signal, list($AppPassword)),
  /**
   * A new app password for one program, good until the end of a day like 2030-01-31 ("": for ever).
   *
   * `password` is the account's own: user:notAllowed if it is wrong.
   */
  app_password_add: (args: { password: string; label: string; scopes: ("imap" | "smtp" | "webmail")[]; until?: string }, signal?: AbortSignal): Promise<NewAppPassword> =>
    call("account", "app_password_add", args, signal, $NewAppPassword),
  /** Let an app password open nothing any more; webmail sessions that began with it end. */
  app_password_remove: (args: { id: number }, signal?: AbortSignal): Promise<AppPassword[]> =>
    call("account", "app_password_remove", args, signal, list($AppPassword)),
  /** Whether signing in takes a code. */
  two_factor: (signal?: AbortSignal): Promise<TwoFactor> =>
    call("account", "two_factor", {}, signal, $TwoFactor),
  /** A picture for an authenticator; it counts only after two_factor_confirm.  `password` is the account's own. */
  two_factor_begin: (args: { password: string }, signal?: AbortSignal): Promise<Enrolment> =>
    call("account", "two_factor_begin", args, signal, $Enrolment),
  /** Switch two-factor sign-in on with a code of the authenticator; the recovery codes, shown once.  Other browsers are signed out. */
  two_factor_confirm: (args: { code: string }, signal?: AbortSignal): Promise<string[]> =>
    call("account", "two_factor_confirm", args, signal, list(str)),
  /** New recovery codes in place of all there were; takes password and a code. */
  two_factor_codes: (args: { password: string; code: string }, signal?: AbortSignal): Promise<string[]> =>
    call("account", "two_factor_codes", args, signal, list(str)),
  /** Let the password alone sign in again; takes password and a code, or a recovery code. */
  two_factor_off: (args: { password: string; code: string }, signal?: AbortSignal): Promise<TwoFactor> =>
    call("account", "two_factor_off", args, signal, $TwoFactor),
  /** Who signed in to the account, and who tried to: the newest 100, or those before an id. */
  sign_ins: (args: { before?: number | null } = {}, signal?: AbortSignal): Promise<SignIn[]> =>
    call("account", "sign_ins", args, signal, list($SignIn)),
  /** What the account answers while its owner is away. */
  away: (signal?: AbortSignal): Promise<VacationAnswer> =>
    call("account", "away", {}, signal, $VacationAnswer),
  /** Answer like this from now on; the answer is what holds.  user:error says what cannot be. */
  away_change: (args: { answer: VacationAnswer }, signal?: AbortSignal): Promise<VacationAnswer> =>
    call("account", "away_change", args, signal, $VacationAnswer),
  /** The message that a sender would get, as text; nothing is changed. */
  away_preview: (args: { answer: VacationAnswer }, signal?: AbortSignal): Promise<string> =>
    call("account", "away_preview", args, signal, str),
  /** The newest messages (at most 100), and which of them would have had an answer, had it been on all the time. */
  away_try: (args: { last?: number } = {}, signal?: AbortSignal): Promise<TriedAnswer[]> =>
    call("account", "away_try", args, signal, list($TriedAnswer)),
  /** The names of all time zones. */
  time_zones: (signal?: AbortSignal): Promise<string[]> =>
    call("account", "time_zones", {}, signal, list(str)),
  /** The addresses that the account forwards to, or may once they are confirmed. */
  forwards: (signal?: AbortSignal): Promise<ForwardTarget[]> =>
    call("account", "forwards", {}, signal, list($ForwardTarget)),
  /** Forward to an address once it is confirmed by the code that is mailed there now; the answer is all of them. */
  forward_add: (args: { address: string; choices: ForwardChoices }, signal?: AbortSignal): Promise<ForwardTarget[]> =>
    call("account", "forward_add", args, signal, list($ForwardTarget)),
  /** Mail another code; the earlier one is void.  user:notAllowed if there were many already. */
  forward_code: (args: { id: number }, signal?: AbortSignal): Promise<void> =>
    call("account", "forward_code", args, signal, nothing),
  /** Let forwarding begin with the code that was mailed; user:notAllowed if it is another one. */
  forward_confirm: (args: { id: number; code: string }, signal?: AbortSignal): Promise<ForwardTarget[]> =>
    call("account", "forward_confirm", args, signal, list($ForwardTarget)),
  /**
   * Other choices for an address; the answer is all of them.
   *
   * With its `version`, what somebody else changed meanwhile is not overwritten: user:conflict at "version" says what.
   */
  forward_change: (args: { id: number; choices: ForwardChoices; version?: string | null }, signal?: AbortSignal): Promise<ForwardTarget[]> =>
    call("account", "forward_change", args, signal, list($ForwardTarget)),
  /** Forward there no longer; the answer is those that are left. */
  forward_remove: (args: { id: number }, signal?: AbortSignal): Promise<ForwardTarget[]> =>
    call("account", "forward_remove", args, signal, list($ForwardTarget)),
  /** The masked addresses of the account, what came through them, and the keys that make more. */
  masks: (signal?: AbortSignal): Promise<Masks> =>
    call("account", "masks", {}, signal, $Masks),
  /** A new address for a site; `domain` "" is the usual one.  user:error if there are too many. */
  mask_add: (args: { site?: string; note?: string; domain?: string } = {}, signal?: AbortSignal): Promise<NewMask> =>
    call("account", "mask_add", args, signal, $NewMask),
  /** Switch one on or off, or note something else about it. */
  mask_change: (args: { id: number; on?: boolean | null; site?: string | null; note?: string | null }, signal?: AbortSignal): Promise<Masks> =>
    call("account", "mask_change", args, signal, $Masks),
  /** Refuse mail to it for good; nobody gets that address again. */
  mask_remove: (args: { id: number }, signal?: AbortSignal): Promise<Masks> =>
    call("account", "mask_remove", args, signal, $Masks),
  /** A key for a password manager, which makes masks and can do nothing else. */
  mask_key_add: (args: { label: string }, signal?: AbortSignal): Promise<NewKey> =>
    call("account", "mask_key_add", args, signal, $NewKey),
  /** Let a key open nothing any more. */
  mask_key_remove: (args: { id: number }, signal?: AbortSignal): Promise<Masks> =>
    call("account", "mask_key_remove", args, signal, $Masks),
  /** The account's name, its identities and addresses. */
  persona: (signal?: AbortSignal): Promise<Persona> =>
    call("account", "persona", {}, signal, $Persona),
  /**
   * The name that stands beside the account's addresses.
   *
   * With the `version` of what was shown, here and below, what somebody else changed meanwhile is not overwritten: user:conflict
   * at "version" says what.
   */
  full_name_change: (args: { name: string; version?: string | null }, signal?: AbortSignal): Promise<Persona> =>
    call("account", "full_name_change", args, signal, $Persona),
  /** A new identity (`id` 0), or another meaning for one.  user:notAllowed for an address that is not the account's. */
  identity_save: (args: { identity: OwnIdentity }, signal?: AbortSignal): Promise<Persona> =>
    call("account", "identity_save", args, signal, $Persona),
  /** Forget an identity; its address stays. */
  identity_remove: (args: { id: number }, signal?: AbortSignal): Promise<Persona> =>
    call("account", "identity_remove", args, signal, $Persona),
  /** Write as this one unless another is chosen. */
  identity_usual: (args: { id: number }, signal?: AbortSignal): Promise<Persona> =>
    call("account", "identity_usual", args, signal, $Persona),
  /** The name of an address ("" = the account's), and the mailbox that its mail goes to (null = Inbox). */
  address_change: (args: { address: string; display_name: string; mailbox_id: number | null; version?: string | null }, signal?: AbortSignal): Promise<Persona> =>
    call("account", "address_change", args, signal, $Persona),
  /** The imports of the account, the newest first. */
  imports: (signal?: AbortSignal): Promise<Import[]> =>
    call("account", "imports", {}, signal, list($Import)),
  /** What an import could not take, the first 1,000. */
  import_skips: (args: { id: number }, signal?: AbortSignal): Promise<Skip[]> =>
    call("account", "import_skips", args, signal, list($Skip)),
  /**
   * Announce a file of `size` octets: mbox, or zip, tgz or tar of mbox files, Maildirs or Google Takeout.
   *
   * Then send it in pieces to /account/import?id=…&offset=….  All of it goes into `mailbox`,
   * or ("") where it belongs; `train` lets the junk filter learn from it.
   */
  import_file: (args: { name: string; size: number; mailbox?: string; train?: boolean }, signal?: AbortSignal): Promise<Import> =>
    call("account", "import_file", args, signal, $Import),
  /** Import from another server; once more later, what is new there.  The password is forgotten when the import ends. */
  import_imap: (args: { host: string; user: string; password: string; port?: number; security?: "tls" | "starttls"; mailbox?: string; train?: boolean }, signal?: AbortSignal): Promise<Import> =>
    call("account", "import_imap", args, signal, $Import),
  /** Take no more; what came stays. */
  import_stop: (args: { id: number }, signal?: AbortSignal): Promise<Import[]> =>
    call("account", "import_stop", args, signal, list($Import)),
  /** Let one that stopped go on, or ask a server again for what is new. */
  import_go_on: (args: { id: number; password?: string }, signal?: AbortSignal): Promise<Import[]> =>
    call("account", "import_go_on", args, signal, list($Import)),
  /** Forget an import; what came stays. */
  import_remove: (args: { id: number }, signal?: AbortSignal): Promise<Import[]> =>
    call("account", "import_remove", args, signal, list($Import)),
  /** What was removed for good, the last first, 100 at a time; go on with `deleted` (null: as it is) and `id` of the last one. */
  deleted: (args: { before?: number | null; before_id?: number } = {}, signal?: AbortSignal): Promise<DeletedMessages> =>
    call("account", "deleted", args, signal, $DeletedMessages),
  /** Bring messages back; gives the mailboxes they are in now.  user:notFound if one is gone, user:noRoom if the quota forbids. */
  undelete_messages: (args: { ids: number[] }, signal?: AbortSignal): Promise<string[]> =>
    call("account", "undelete_messages", args, signal, list(str)),
  /** Remove some (null: all) for good at once; gives how many. */
  deleted_forget: (args: { ids?: number[] | null } = {}, signal?: AbortSignal): Promise<number> =>
    call("account", "deleted_forget", args, signal, num),
};

/** Administration. */
export const admin = {
  /** Whether the administrator is signed in in this browser.  Works without a session and without a CSRF token. */
  state: (signal?: AbortSignal): Promise<AdminState> =>
    call("admin", "state", {}, signal, $AdminState),
  /**
   * Sign in with the administrator's password; sets the cookie.
   *
   * user:notAllowed if it is wrong, user:tooMany after too many tries, user:codeWanted if it takes
   * the `code` of an authenticator, or a recovery code, as well.
   */
  login: (args: { password: string; code?: string }, signal?: AbortSignal): Promise<AdminState> =>
    call("admin", "login", args, signal, $AdminState),
  /** End this session. */
  logout: (signal?: AbortSignal): Promise<void> =>
    call("admin", "logout", {}, signal, nothing),
  /** The state of the server. */
  overview: (signal?: AbortSignal): Promise<Overview> =>
    call("admin", "overview", {}, signal, $Overview),
  /** Change the administrator's password; the other administrator sessions end, and this one gets a new token. */
  password: (args: { old: string; new: string }, signal?: AbortSignal): Promise<AdminState> =>
    call("admin", "password", args, signal, $AdminState),
  /** All browsers that are signed in, to accounts and to the administration (account ""), the last used first. */
  sessions: (signal?: AbortSignal): Promise<SignedIn[]> =>
    call("admin", "sessions", {}, signal, list($SignedIn)),
  /** Sign one browser out. */
  session_end: (args: { id: number }, signal?: AbortSignal): Promise<void> =>
    call("admin", "session_end", args, signal, nothing),
  /** All domains by name. */
  domains: (signal?: AbortSignal): Promise<DomainLine[]> =>
    call("admin", "domains", {}, signal, list($DomainLine)),
  /** One domain with its keys, DNS records, addresses and aliases. */
  domain: (args: { name: string }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "domain", args, signal, $DomainPage),
  /** Take mail for a domain; DKIM keys are made. */
  domain_add: (args: { name: string; description?: string }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "domain_add", args, signal, $DomainPage),
  /**
   * Change the settings of a domain; see DomainPage for what they mean, null leaves an address as it is.
   *
   * With the `version` of the page, what somebody else changed meanwhile is not overwritten: user:conflict at "version" says what.
   */
  domain_change: (args: { name: string; description: string; enabled: boolean; catchall: string; separator: string; case_sensitive: boolean; dmarc_reports?: string | null; tls_reports?: string | null; version?: string | null }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "domain_change", args, signal, $DomainPage),
  /** Change the MTA-STS policy of a domain; mx as people type hosts, divided by spaces.  Its DNS record changes too. */
  domain_policy: (args: { name: string; mode: "off" | "none" | "testing" | "enforce"; max_age: number; mx: string; version?: string | null }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "domain_policy", args, signal, $DomainPage),
  /** Forget a domain.  One that still has addresses or aliases stays: user:conflict. */
  domain_remove: (args: { name: string }, signal?: AbortSignal): Promise<void> =>
    call("admin", "domain_remove", args, signal, nothing),
  /** What was found when the DNS of a domain was looked at last, by the clock each night or by somebody. */
  domain_dns: (args: { name: string }, signal?: AbortSignal): Promise<DnsCheck> =>
    call("admin", "domain_dns", args, signal, $DnsCheck),
  /** Look at the DNS of a domain and its servers now, which takes half a minute at most.  What the DNS does not tell is a finding. */
  domain_check: (args: { name: string }, signal?: AbortSignal): Promise<DnsCheck> =>
    call("admin", "domain_check", args, signal, $DnsCheck),
  /** Each record that a domain should have, and what the DNS has of it now. */
  domain_records: (args: { name: string }, signal?: AbortSignal): Promise<RecordState[]> =>
    call("admin", "domain_records", args, signal, list($RecordState)),
  /** How far a domain has come; asks nobody, so that it may be called often. */
  setup: (args: { domain?: string } = {}, signal?: AbortSignal): Promise<Setup> =>
    call("admin", "setup", args, signal, $Setup),
  /** What the machine is like, and what the network says of it: each in order, or what to do.  Takes a quarter of a minute at most. */
  setup_machine: (args: { domain?: string } = {}, signal?: AbortSignal): Promise<SurveyLine[]> =>
    call("admin", "setup_machine", args, signal, list($SurveyLine)),
  /** Write the test letter from an account's address at the domain to an address elsewhere. */
  setup_send: (args: { domain: string; account: string; to: string }, signal?: AbortSignal): Promise<Setup> =>
    call("admin", "setup_send", args, signal, $Setup),
  /** Sign with a key of a domain from now on, or no longer. */
  dkim_signing: (args: { domain: string; selector: string; signing: boolean }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "dkim_signing", args, signal, $DomainPage),
  /** Make a key that takes the place of the one that signs, once the DNS has its record everywhere; named by the date unless given. */
  dkim_rotate: (args: { domain: string; algorithm: "rsa" | "ed25519"; selector?: string }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "dkim_rotate", args, signal, $DomainPage),
  /** Ask the domain's name servers now how far they are with new and old keys, and take the next step where they are. */
  dkim_look: (args: { domain: string }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "dkim_look", args, signal, $DomainPage),
  /** Forget a new key that does not sign yet. */
  dkim_give_up: (args: { domain: string; selector: string }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "dkim_give_up", args, signal, $DomainPage),
  /** Forget a key for good.  user:conflict while it signs, or mail that it signed may be on its way. */
  dkim_remove: (args: { domain: string; selector: string }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "dkim_remove", args, signal, $DomainPage),
  /** All accounts by name. */
  accounts: (signal?: AbortSignal): Promise<AccountLine[]> =>
    call("admin", "accounts", {}, signal, list($AccountLine)),
  /** One account with its addresses and limits. */
  account: (args: { name: string }, signal?: AbortSignal): Promise<AccountPage> =>
    call("admin", "account", args, signal, $AccountPage),
  /** Make an account with its first address (none if ""). */
  account_add: (args: { name: string; password: string; full_name?: string; address?: string; quota?: number }, signal?: AbortSignal): Promise<AccountPage> =>
    call("admin", "account_add", args, signal, $AccountPage),
  /** Change the settings of an account; disabling one ends its sessions. */
  account_change: (args: { name: string; full_name: string; enabled: boolean; quota: number; messages_per_day: number; first_time_per_day: number; version?: string | null }, signal?: AbortSignal): Promise<AccountPage> =>
    call("admin", "account_change", args, signal, $AccountPage),
  /** Remove an account with all its mail; `account_restore` brings it back for 30 days. */
  account_remove: (args: { name: string }, signal?: AbortSignal): Promise<void> =>
    call("admin", "account_remove", args, signal, nothing),
  /** Give an account a new password; its sessions end. */
  account_password: (args: { name: string; password: string }, signal?: AbortSignal): Promise<void> =>
    call("admin", "account_password", args, signal, nothing),
  /** Let an account get the mail of an address, at one of our domains. */
  address_add: (args: { account: string; address: string }, signal?: AbortSignal): Promise<AccountPage> =>
    call("admin", "address_add", args, signal, $AccountPage),
  /** Take an address from its account. */
  address_remove: (args: { address: string }, signal?: AbortSignal): Promise<void> =>
    call("admin", "address_remove", args, signal, nothing),
  /** All aliases by address. */
  aliases: (signal?: AbortSignal): Promise<Alias[]> =>
    call("admin", "aliases", {}, signal, list($Alias)),
  /**
   * Make an address that passes on to others, here or elsewhere; `sendable` lets those here write in its name.
   *
   * `post` says who may write to it: everybody, its members, or all people of its domain.
   */
  alias_add: (args: { address: string; members: string[]; sendable?: boolean; post?: "everybody" | "members" | "domain" }, signal?: AbortSignal): Promise<void> =>
    call("admin", "alias_add", args, signal, nothing),
  /** Change to whom an alias passes on, whether those here may write in its name, and who may write to it (null: as it is). */
  alias_change: (args: { address: string; members: string[]; sendable: boolean; post?: "everybody" | "members" | "domain" | null; version?: string | null }, signal?: AbortSignal): Promise<void> =>
    call("admin", "alias_change", args, signal, nothing),
  /** Remove an alias. */
  alias_remove: (args: { address: string }, signal?: AbortSignal): Promise<void> =>
    call("admin", "alias_remove", args, signal, nothing),
  /** What the owner of an account types into a mail program. */
  account_programs: (args: { name: string }, signal?: AbortSignal): Promise<ProgramSettings> =>
    call("admin", "account_programs", args, signal, $ProgramSettings),
  /** What everybody at a domain types into a mail program. */
  domain_programs: (args: { name: string }, signal?: AbortSignal): Promise<ProgramSettings> =>
    call("admin", "domain_programs", args, signal, $ProgramSettings),
  /**
   * Waiting recipients, newest first, with ids below `before` (at most 1,000); `search` is part of a sender or recipient.
   *
   * `held` true shows only what is held, false only what is not; `account`, `next_hop` and `state` only theirs.
   */
  queue: (args: { search?: string; held?: boolean | null; before?: number | null; limit?: number; account?: string; next_hop?: string; state?: "" | "active" | "due" | "waiting" | "held" } = {}, signal?: AbortSignal): Promise<QueueLine[]> =>
    call("admin", "queue", args, signal, list($QueueLine)),
  /** One waiting recipient: what its last failure means and what can be done, and the steps of its message. */
  queue_show: (args: { id: number }, signal?: AbortSignal): Promise<QueueStory> =>
    call("admin", "queue_show", args, signal, $QueueStory),
  /** The message of a waiting recipient as it will be sent, its first 256 KiB. */
  queue_source: (args: { id: number }, signal?: AbortSignal): Promise<QueueSource> =>
    call("admin", "queue_source", args, signal, $QueueSource),
  /** The names of the transports in the configuration, for queue_transport. */
  transports: (signal?: AbortSignal): Promise<string[]> =>
    call("admin", "transports", {}, signal, list(str)),
  /** Try waiting recipients now, held or not; the answer is how many there were. */
  queue_retry: (args: { ids: number[] }, signal?: AbortSignal): Promise<number> =>
    call("admin", "queue_retry", args, signal, num),
  /** Do not try waiting recipients until they are released. */
  queue_hold: (args: { ids: number[] }, signal?: AbortSignal): Promise<number> =>
    call("admin", "queue_hold", args, signal, num),
  /** Release held recipients. */
  queue_release: (args: { ids: number[] }, signal?: AbortSignal): Promise<number> =>
    call("admin", "queue_release", args, signal, num),
  /**
   * Forget waiting recipients; nobody is told, or with `tell` their senders are.
   *
   * user:conflict if all of them are being tried at this moment.
   */
  queue_drop: (args: { ids: number[]; tell?: boolean }, signal?: AbortSignal): Promise<number> =>
    call("admin", "queue_drop", args, signal, num),
  /** Send waiting recipients by another transport, tried at once ("direct" is none, "" is by the routes). */
  queue_transport: (args: { ids: number[]; transport: string }, signal?: AbortSignal): Promise<number> =>
    call("admin", "queue_transport", args, signal, num),
  /**
   * Change what waiting messages ask of the connections they travel over, for all recipients of each, from the next attempt on.
   *
   * The answer is how many messages; user:conflict if all are being tried at this moment.
   */
  queue_tls: (args: { ids: number[]; tls: "default" | "required" | "not-required" }, signal?: AbortSignal): Promise<number> =>
    call("admin", "queue_tls", args, signal, num),
  /** Try waiting recipients next at that time (seconds since 1970, at most 30 days from now), not before. */
  queue_schedule: (args: { ids: number[]; at: number }, signal?: AbortSignal): Promise<number> =>
    call("admin", "queue_schedule", args, signal, num),
  /**
   * Do something to the next 200 waiting recipients that `queue` would show; call it again with the `before` it gives until that is null.
   *
   * `value` is the name of a transport, what TLS to ask for, or when to try ("schedule", seconds since 1970).
   * "drop" tells nobody, "fail" tells the senders; what is being tried at this moment is passed over by both.
   */
  queue_all: (args: { action: "retry" | "hold" | "release" | "drop" | "fail" | "transport" | "tls" | "schedule"; value?: string; search?: string; held?: boolean | null; account?: string; next_hop?: string; state?: "" | "active" | "due" | "waiting" | "held"; before?: number | null }, signal?: AbortSignal): Promise<QueueStep> =>
    call("admin", "queue_all", args, signal, $QueueStep),
  /** The rules that hold mail in the queue, the oldest first. */
  hold_rules: (signal?: AbortSignal): Promise<HoldRule[]> =>
    call("admin", "hold_rules", {}, signal, list($HoldRule)),
  /**
   * Hold mail that fits all that is named, what waits already and what comes, until it is released.
   *
   * `host` is a mail host or the end of its name (outlook.com).
   */
  hold_rule_add: (args: { account?: string; sender_domain?: string; recipient_domain?: string; host?: string; reason?: string } = {}, signal?: AbortSignal): Promise<HoldAdded> =>
    call("admin", "hold_rule_add", args, signal, $HoldAdded),
  /** Forget a rule; what it held waits until it is released. */
  hold_rule_remove: (args: { id: number }, signal?: AbortSignal): Promise<void> =>
    call("admin", "hold_rule_remove", args, signal, nothing),
  /**
   * Messages and sessions that `text` names, the latest first.
   *
   * An address, a domain, a Message-ID, an IP address or its beginning, a trace id or its beginning; without text, all.
   * `level` ("debug", "info", "notice", "error") asks for those in which something at least that grave happened.
   */
  trace_search: (args: { text?: string; since?: number | null; until?: number | null; level?: string; before?: number | null; limit?: number } = {}, signal?: AbortSignal): Promise<TraceResults> =>
    call("admin", "trace_search", args, signal, $TraceResults),
  /** Every step of a message ("k3v9x0a2bc.1") or session ("k3v9x0a2bc"); no steps if nothing is known (any more). */
  trace: (args: { id: string }, signal?: AbortSignal): Promise<TraceStory> =>
    call("admin", "trace", args, signal, $TraceStory),
  /** What a reply of another server means, as it was copied from a notice or log; `host` is the server that gave it, if that is known. */
  explain: (args: { reply: string; host?: string }, signal?: AbortSignal): Promise<Meaning> =>
    call("admin", "explain", args, signal, $Meaning),
  /** How mail did at other servers in the last `days` (31 at most), those with the most trouble first; `search` is part of a name. */
  destinations: (args: { search?: string; days?: number } = {}, signal?: AbortSignal): Promise<Destination[]> =>
    call("admin", "destinations", args, signal, list($Destination)),
  /** What came of attempts at one operator, day by day, the oldest first. */
  destination_history: (args: { operator: string; days?: number }, signal?: AbortSignal): Promise<DestinationDay[]> =>
    call("admin", "destination_history", args, signal, list($DestinationDay)),
  /** What was told of each domain in the last days, and where reports about the host go. */
  reports: (args: { days?: number } = {}, signal?: AbortSignal): Promise<ReportsPage> =>
    call("admin", "reports", args, signal, $ReportsPage),
  /** Have reports about TLS to the host sent to an address of ours, or nowhere (""). */
  report_host_address: (args: { address: string }, signal?: AbortSignal): Promise<ReportsPage> =>
    call("admin", "report_host_address", args, signal, $ReportsPage),
  /** Who sends in the name of a domain ("" is the host), and whether its policy may be stricter. */
  report_dmarc: (args: { domain: string; days?: number }, signal?: AbortSignal): Promise<DmarcView> =>
    call("admin", "report_dmarc", args, signal, $DmarcView),
  /** How connections to a domain, or to the host (""), were protected. */
  report_tls: (args: { domain: string; days?: number }, signal?: AbortSignal): Promise<TlsView> =>
    call("admin", "report_tls", args, signal, $TlsView),
  /** The reverse names of addresses (at most 50), as far as they can be found within some seconds. */
  report_names: (args: { ips: string[] }, signal?: AbortSignal): Promise<SourceName[]> =>
    call("admin", "report_names", args, signal, list($SourceName)),
  /** Whether the DNS asks others to report on a domain, or on the host (""), as was chosen here; what the DNS does not say is told too. */
  report_asked: (args: { domain: string }, signal?: AbortSignal): Promise<ReportsAsked[]> =>
    call("admin", "report_asked", args, signal, list($ReportsAsked)),
  /** Reports, the latest first, with ids below `before`; `domain` "" is the host, null all. */
  report_list: (args: { kind?: "dmarc" | "tls" | "failure" | null; domain?: string | null; before?: number | null; limit?: number } = {}, signal?: AbortSignal): Promise<ReportLine[]> =>
    call("admin", "report_list", args, signal, list($ReportLine)),
  /** One report with all that it tells. */
  report_show: (args: { id: number }, signal?: AbortSignal): Promise<Report> =>
    call("admin", "report_show", args, signal, $Report),
  /** The document of a report as it came; user:notFound if its mail has been removed. */
  report_raw: (args: { id: number }, signal?: AbortSignal): Promise<RawReport> =>
    call("admin", "report_raw", args, signal, $RawReport),
  /** Forget a report; its mail goes too, if it is still where it was filed. */
  report_remove: (args: { id: number }, signal?: AbortSignal): Promise<void> =>
    call("admin", "report_remove", args, signal, nothing),
  /** What waits to be reported to others, and who gets no reports. */
  sent_reports: (signal?: AbortSignal): Promise<SendingPage> =>
    call("admin", "sent_reports", {}, signal, $SendingPage),
  /** Reports to others, sent or planned, the latest first, with ids below `before`; `domain` null is all. */
  sent_report_list: (args: { kind: "dmarc" | "tls"; domain?: string | null; before?: number | null; limit?: number }, signal?: AbortSignal): Promise<SentReport[]> =>
    call("admin", "sent_report_list", args, signal, list($SentReport)),
  /** What would be sent about a domain now, and to whom; changes nothing.  user:notFound if nothing waits. */
  sent_report_preview: (args: { kind: "dmarc" | "tls"; domain: string }, signal?: AbortSignal): Promise<ReportPreview> =>
    call("admin", "sent_report_preview", args, signal, $ReportPreview),
  /** Have what waits about a domain sent now; the id of the report.  user:notFound, user:conflict if such reports are switched off. */
  sent_report_send: (args: { kind: "dmarc" | "tls"; domain: string }, signal?: AbortSignal): Promise<number> =>
    call("admin", "sent_report_send", args, signal, num),
  /** Forget what waits about a domain and is of no report yet; how many messages or sessions that were. */
  sent_report_forget: (args: { kind: "dmarc" | "tls"; domain: string }, signal?: AbortSignal): Promise<number> =>
    call("admin", "sent_report_forget", args, signal, num),
  /** Forget a report; if it has not been sent, it never is. */
  sent_report_remove: (args: { kind: "dmarc" | "tls"; id: number }, signal?: AbortSignal): Promise<void> =>
    call("admin", "sent_report_remove", args, signal, nothing),
  /** Send no reports to an address or https URL for some days (1 to 3,650), or for good (null). */
  sent_report_suppress: (args: { address: string; days?: number | null; reason?: string }, signal?: AbortSignal): Promise<SendingPage> =>
    call("admin", "sent_report_suppress", args, signal, $SendingPage),
  /** Let an address have reports again. */
  sent_report_allow: (args: { address: string }, signal?: AbortSignal): Promise<SendingPage> =>
    call("admin", "sent_report_allow", args, signal, $SendingPage),
  /** Each domain and each account, with what they may. */
  mask_rules: (signal?: AbortSignal): Promise<MaskRules> =>
    call("admin", "mask_rules", {}, signal, $MaskRules),
  /** Let masked addresses be made at a domain, or not; those there stay. */
  mask_domain: (args: { domain: string; allowed: boolean }, signal?: AbortSignal): Promise<MaskRules> =>
    call("admin", "mask_domain", args, signal, $MaskRules),
  /** How many an account may have; null: as everybody. */
  mask_limit: (args: { account: string; most: number | null }, signal?: AbortSignal): Promise<MaskRules> =>
    call("admin", "mask_limit", args, signal, $MaskRules),
  /** All transports and routes, those of the configuration file too. */
  mail_ways: (signal?: AbortSignal): Promise<WaysPage> =>
    call("admin", "mail_ways", {}, signal, $WaysPage),
  /** Another server that takes outgoing mail; it is used when a route or somebody in the queue says so. */
  transport_add: (args: { name: string; host: string; port: number; tls: "starttls" | "implicit" | "opportunistic" | "none"; username?: string; password?: string; dkim?: "none" | "rsa" | "all" }, signal?: AbortSignal): Promise<WaysPage> =>
    call("admin", "transport_add", args, signal, $WaysPage),
  /**
   * Change a transport; an empty password keeps the one it has.
   *
   * With its `version`, what somebody else changed meanwhile is not overwritten: user:conflict at "version" says what.
   */
  transport_change: (args: { name: string; host: string; port: number; tls: "starttls" | "implicit" | "opportunistic" | "none"; username: string; password: string; dkim: "none" | "rsa" | "all"; version?: string | null }, signal?: AbortSignal): Promise<WaysPage> =>
    call("admin", "transport_change", args, signal, $WaysPage),
  /** Forget a transport; user:conflict as long as a route or waiting mail uses it. */
  transport_remove: (args: { name: string }, signal?: AbortSignal): Promise<WaysPage> =>
    call("admin", "transport_remove", args, signal, $WaysPage),
  /**
   * Add a route (`id` 0) or change one; `position` 1 is looked at first, 0 last.  Mail that waits goes by it at once.
   *
   * `version` as for a transport.
   */
  route_save: (args: { transport: string; id?: number; account?: string; sender_domain?: string; recipient_domain?: string; attempts?: number; position?: number; version?: string | null }, signal?: AbortSignal): Promise<WaysPage> =>
    call("admin", "route_save", args, signal, $WaysPage),
  /** Forget a route; mail that waits goes by the others at once. */
  route_remove: (args: { id: number }, signal?: AbortSignal): Promise<WaysPage> =>
    call("admin", "route_remove", args, signal, $WaysPage),
  /** Which way a message would take; `sender` "" is the null sender, `attempts` how often it failed.  Nothing is sent. */
  route_trial: (args: { recipient: string; sender?: string; account?: string; attempts?: number }, signal?: AbortSignal): Promise<RouteTrial> =>
    call("admin", "route_trial", args, signal, $RouteTrial),
  /** What is remembered of the MTA-STS policies of other domains, by domain. */
  sts_policies: (signal?: AbortSignal): Promise<StsPolicy[]> =>
    call("admin", "sts_policies", {}, signal, list($StsPolicy)),
  /** Fetch the policy of a domain now; that it cannot be had is an answer too. */
  sts_fetch: (args: { domain: string }, signal?: AbortSignal): Promise<StsFetched> =>
    call("admin", "sts_fetch", args, signal, $StsFetched),
  /** Forget what is known of a policy; it is looked for again when mail goes there. */
  sts_forget: (args: { domain: string }, signal?: AbortSignal): Promise<StsPolicy[]> =>
    call("admin", "sts_forget", args, signal, list($StsPolicy)),
  /** How the domains took mail that mail went to, by name; only those with `text` in it. */
  neighbours: (args: { text?: string } = {}, signal?: AbortSignal): Promise<NeighbourDomain[]> =>
    call("admin", "neighbours", args, signal, list($NeighbourDomain)),
  /** Look again how a domain takes mail: its DNS, its policy, its servers' certificates.  Nothing is sent; what is found is remembered. */
  neighbour_look: (args: { domain: string }, signal?: AbortSignal): Promise<NeighbourLook> =>
    call("admin", "neighbour_look", args, signal, $NeighbourLook),
  /** The block lists of the configuration as they were last examined, and what they say of our own addresses. */
  watched_lists: (signal?: AbortSignal): Promise<WatchedList[]> =>
    call("admin", "watched_lists", {}, signal, list($WatchedList)),
  /** Examine them now. */
  watched_lists_look: (signal?: AbortSignal): Promise<WatchedList[]> =>
    call("admin", "watched_lists_look", {}, signal, list($WatchedList)),
  /** Every certificate, how it stands with the authority, and the host's keys with their TLSA records. */
  certificates_page: (signal?: AbortSignal): Promise<CertificatesPage> =>
    call("admin", "certificates_page", {}, signal, $CertificatesPage),
  /** Have certificates renewed now (all, or one), whatever their age; the page tells when it is done. */
  certificates_renew: (args: { label?: string } = {}, signal?: AbortSignal): Promise<CertificatesPage> =>
    call("admin", "certificates_renew", args, signal, $CertificatesPage),
  /** Make the keys that will follow those in use; their TLSA records belong into the DNS beside the others. */
  host_keys_next: (signal?: AbortSignal): Promise<CertificatesPage> =>
    call("admin", "host_keys_next", {}, signal, $CertificatesPage),
  /**
   * Use the next keys from now on.
   *
   * user:conflict, with the reason, while senders may not know them yet; `now` switches all the same.
   */
  host_keys_switch: (args: { now?: boolean } = {}, signal?: AbortSignal): Promise<CertificatesPage> =>
    call("admin", "host_keys_switch", args, signal, $CertificatesPage),
  /** What is logged of each part of the program. */
  log_levels: (signal?: AbortSignal): Promise<ModuleLogLevel[]> =>
    call("admin", "log_levels", {}, signal, list($ModuleLogLevel)),
  /** Log a part of the program from `level` on for a while, or with "" as the configuration says again. */
  log_level_set: (args: { module: string; level: "" | "debug" | "info" | "notice" | "error"; seconds?: number }, signal?: AbortSignal): Promise<ModuleLogLevel[]> =>
    call("admin", "log_level_set", args, signal, list($ModuleLogLevel)),
  /** Every setting in force with where its value comes from; secrets are files and are not shown. */
  configuration: (signal?: AbortSignal): Promise<SettingLine[]> =>
    call("admin", "configuration", {}, signal, list($SettingLine)),
  /** Whether the administrator's sign-in takes a code. */
  two_factor: (signal?: AbortSignal): Promise<TwoFactor> =>
    call("admin", "two_factor", {}, signal, $TwoFactor),
  /** A picture for the administrator's authenticator; it counts only after two_factor_confirm. */
  two_factor_begin: (args: { password: string }, signal?: AbortSignal): Promise<Enrolment> =>
    call("admin", "two_factor_begin", args, signal, $Enrolment),
  /** Switch it on with a code of the authenticator; the recovery codes, shown once.  The other administrator sessions end. */
  two_factor_confirm: (args: { code: string }, signal?: AbortSignal): Promise<string[]> =>
    call("admin", "two_factor_confirm", args, signal, list(str)),
  /** New recovery codes in place of all there were; takes password and a code. */
  two_factor_codes: (args: { password: string; code: string }, signal?: AbortSignal): Promise<string[]> =>
    call("admin", "two_factor_codes", args, signal, list(str)),
  /** Let the password alone sign the administrator in again; takes password and a code, or a recovery code. */
  two_factor_off: (args: { password: string; code: string }, signal?: AbortSignal): Promise<TwoFactor> =>
    call("admin", "two_factor_off", args, signal, $TwoFactor),
  /** How an account signs in: its second factor, app passwords and latest sign-ins. */
  account_guard: (args: { name: string }, signal?: AbortSignal): Promise<AccountGuard> =>
    call("admin", "account_guard", args, signal, $AccountGuard),
  /** Switch two-factor sign-in of an account off, for who has lost telephone and recovery codes. */
  account_two_factor_off: (args: { name: string }, signal?: AbortSignal): Promise<AccountGuard> =>
    call("admin", "account_two_factor_off", args, signal, $AccountGuard),
  /** Let an app password of an account open nothing any more. */
  account_app_password_remove: (args: { name: string; id: number }, signal?: AbortSignal): Promise<AccountGuard> =>
    call("admin", "account_app_password_remove", args, signal, $AccountGuard),
  /** Stop an account from sending; what it has in the queue waits, it still gets mail.  Its owner is told. */
  account_freeze: (args: { name: string; reason?: string }, signal?: AbortSignal): Promise<AccountGuard> =>
    call("admin", "account_freeze", args, signal, $AccountGuard),
  /** Let an account send again, and what waited goes. */
  account_unfreeze: (args: { name: string }, signal?: AbortSignal): Promise<AccountGuard> =>
    call("admin", "account_unfreeze", args, signal, $AccountGuard),
  /** Who signed in and who tried to, the newest 100; text is looked for in names, addresses and programs. */
  sign_ins: (args: { text?: string; failed?: boolean | null; before?: number | null } = {}, signal?: AbortSignal): Promise<SignIn[]> =>
    call("admin", "sign_ins", args, signal, list($SignIn)),
  /** Who changed what: the newest 100 in which all words of text are, or those before an id. */
  audit_log: (args: { text?: string; before?: number | null } = {}, signal?: AbortSignal): Promise<AuditEntry[]> =>
    call("admin", "audit_log", args, signal, list($AuditEntry)),
  /** The backups that the server makes, what became of the last ones, and when the next one is due. */
  backups: (signal?: AbortSignal): Promise<Backups> =>
    call("admin", "backups", {}, signal, $Backups),
  /** Have a backup made at once.  user:error if the configuration names no place for it. */
  backup_run: (signal?: AbortSignal): Promise<Backups> =>
    call("admin", "backup_run", {}, signal, $Backups),
  /** Have the newest backup restored aside and compared, as is done each week.  user:notFound if there is none. */
  backup_try: (signal?: AbortSignal): Promise<Backups> =>
    call("admin", "backup_try", {}, signal, $Backups),
  /** Have one backup compared with its hashes, file by file. */
  backup_verify: (args: { name: string }, signal?: AbortSignal): Promise<Backups> =>
    call("admin", "backup_verify", args, signal, $Backups),
  /** The accounts in a backup.  user:error if it is encrypted: its key is not here. */
  backup_accounts: (args: { name: string }, signal?: AbortSignal): Promise<BackupAccount[]> =>
    call("admin", "backup_accounts", args, signal, list($BackupAccount)),
  /** The mailboxes of an account in a backup. */
  backup_folders: (args: { name: string; account: string }, signal?: AbortSignal): Promise<BackupFolder[]> =>
    call("admin", "backup_folders", args, signal, list($BackupFolder)),
  /** The newest messages of a mailbox in a backup. */
  backup_messages: (args: { name: string; account: string; mailbox: string; limit?: number }, signal?: AbortSignal): Promise<BackupMessage[]> =>
    call("admin", "backup_messages", args, signal, list($BackupMessage)),
  /**
   * Have mail of an account brought back: all, of a `mailbox` and those below it, or some `messages` by their ids there.
   *
   * What the account still has is left as it is.  user:conflict says what would happen, and `sure` that it may: where the
   * account is gone and would be made anew, or where `target`, another account, gets the mail.
   */
  backup_restore: (args: { name: string; account: string; mailbox?: string; messages?: number[] | null; target?: string; sure?: boolean }, signal?: AbortSignal): Promise<Backups> =>
    call("admin", "backup_restore", args, signal, $Backups),
  /** Break off work on a backup; what came back stays. */
  backup_stop: (args: { id: number }, signal?: AbortSignal): Promise<Backups> =>
    call("admin", "backup_stop", args, signal, $Backups),
  /** Accounts that were removed and can be brought back, by name. */
  accounts_removed: (signal?: AbortSignal): Promise<RemovedAccount[]> =>
    call("admin", "accounts_removed", {}, signal, list($RemovedAccount)),
  /** Bring a removed account back, with its mail, addresses and passwords.  user:notFound if it is gone for good. */
  account_restore: (args: { name: string }, signal?: AbortSignal): Promise<RemovedAccount[]> =>
    call("admin", "account_restore", args, signal, list($RemovedAccount)),
  /** Remove an account that was removed for good, now; its name and addresses are free then, its masked addresses never. */
  account_forget: (args: { name: string }, signal?: AbortSignal): Promise<RemovedAccount[]> =>
    call("admin", "account_forget", args, signal, list($RemovedAccount)),
};
