// Made from the server's functions by `python -m web.typescript`.  Do not edit.

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

function outcome<T>(app: string, status: number, text: string): T {
  let answer: { result?: T & { csrf?: unknown }; error?: ErrorFacts };
  try {
    answer = JSON.parse(text);
  } catch {
    throw new ApiError(status, "server:unreachable", "The server gave no proper answer.", "");
  }
  if (answer.error) throw new ApiError(status, answer.error.code, answer.error.message, answer.error.place);
  const result = answer.result as T & { csrf?: unknown };
  if (result && typeof result === "object" && typeof result.csrf === "string") tokens[realm(app)] = result.csrf;
  return result;
}

/** Call a function of the server; rejects with ApiError. */
export async function call<T>(app: string, name: string, args: object = {}, signal?: AbortSignal): Promise<T> {
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
    throw new ApiError(0, "server:unreachable", "The server cannot be reached.", "");
  }
  return outcome<T>(app, response.status, text);
}

/** Send a file ahead, to be named in Draft.attachments; `progress` gets 0 to 1. */
export function upload(file: File, progress?: (part: number) => void, signal?: AbortSignal): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/webmail/upload?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.setRequestHeader("X-Pillarbox-Csrf", tokens[realm("webmail")] ?? "");
    request.upload.onprogress = (event) => event.lengthComputable && progress?.(event.loaded / event.total);
    request.onerror = () => reject(new ApiError(0, "server:unreachable", "The server cannot be reached.", ""));
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    request.onload = () => {
      try {
        resolve(outcome<Uploaded>("webmail", request.status, request.responseText));
      } catch (problem) {
        reject(problem);
      }
    };
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
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

/** Follow what happens in the account from `modseq` on (State.modseq, Page.modseq); the browser reconnects and resumes by itself. */
export function events(modseq: number, handlers: EventHandlers): { close(): void } {
  const source = new EventSource(`/webmail/events?since=${modseq}`);
  source.addEventListener("changes", (event) => handlers.changes(JSON.parse((event as MessageEvent<string>).data)));
  source.addEventListener("reset", (event) => handlers.reset(JSON.parse((event as MessageEvent<string>).data)));
  source.addEventListener("signed_out", (event) => {
    source.close();
    handlers.signedOut(JSON.parse((event as MessageEvent<string>).data));
  });
  source.onopen = () => handlers.connected?.(true);
  source.onerror = () => handlers.connected?.(false);
  return source;
}

/** Why a call did not succeed: code, a sentence for people, and the argument it is about (or ""). */
export interface ErrorFacts {
  code: string;
  message: string;
  place: string;
}

/** Event "changes": what happened, oldest first, up to and including `modseq`. */
export interface Changes {
  modseq: number;
  changes: (MessageAdded | MessageRemoved | MessageFlags | MessageThread | MailboxChanged | MailboxRemoved)[];
}

/** A message came into a mailbox (by mail, or by a move, which keeps its id). */
export interface MessageAdded {
  type: "message_added";
  modseq: number;
  message: Summary;
}

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

/** Someone in a header field: `name` may be "", `address` is "" if what was written is none. */
export interface Person {
  name: string;
  address: string;
}

/** A message left a mailbox (removed; or moved, then a message_added with the same id follows). */
export interface MessageRemoved {
  type: "message_removed";
  modseq: number;
  mailbox_id: number;
  message_id: number;
}

/** The flags of a message are now these. */
export interface MessageFlags {
  type: "message_flags";
  modseq: number;
  mailbox_id: number;
  message_id: number;
  flags: string[];
  keywords: string[];
}

/** A message belongs to another thread now. */
export interface MessageThread {
  type: "message_thread";
  modseq: number;
  mailbox_id: number;
  message_id: number;
  thread_id: number;
}

/** A mailbox is new, or its name, role or counts are now these. */
export interface MailboxChanged {
  type: "mailbox";
  modseq: number;
  mailbox: Mailbox;
}

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

/** A mailbox is gone with all that was in it. */
export interface MailboxRemoved {
  type: "mailbox_removed";
  modseq: number;
  mailbox_id: number;
}

/** Event "reset": too much happened to tell it all; read everything again, events go on from `modseq`. */
export interface Reset {
  modseq: number;
}

/** Event "signed_out": the session has ended; the stream is over. */
export interface SignedOut {
  reason: string;
}

/** A file that was sent ahead, to be named in a draft within a day. */
export interface Uploaded {
  upload: string;
  name: string;
  kind: string;
  size: number;
}

/**
 * Who is signed in.  Ask for it first; all but `signed_in`, `hostname` and `version` is empty if nobody is.
 *
 * `csrf` goes into the X-Pillarbox-Csrf header of every call (`call` does that).
 * `identities` are the addresses one may write from, the usual one first.
 * `modseq` is where an event stream may start (see /webmail/events).  `pages` are those that
 * are offered at this address: "webmail", "account", "admin".
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
}

/** An address one may write from: name may be "", address is as people read it (U-labels); signature stands under a message. */
export interface Identity {
  name: string;
  address: string;
  signature: string;
}

/** A place in a list that is sorted newest first: what comes after this message. */
export interface Cursor {
  received: number;
  id: number;
}

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

/** A check of who sent a message: its name ("SPF"), what it came to ("pass", "fail", …), whom it was about. */
export interface Check {
  name: string;
  outcome: string;
  about: string;
}

/** One field of the header, decoded for reading, in the order of the message. */
export interface HeaderLine {
  name: string;
  value: string;
}

/** Messages that went to a mailbox; those that were there already, or are gone, are not named. */
export interface Moved {
  ids: number[];
  mailbox_id: number;
}

/** What became of messages that were thrown away: moved to the mailbox `trash`, or removed for good. */
export interface Deleted {
  trashed: number[];
  removed: number[];
  trash: number;
}

/**
 * A message that is being written.
 *
 * `id` is the message in Drafts that this replaces, null for a new one.  `from` is an
 * address of one's own, `to`, `cc`, `bcc` are lists as people type them (`Ann <a@b.example>,
 * c@d.example`).  `answers` and `forwards` are the ids of the messages it came from.
 * `tls` is what it asks of the connections it travels over.
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
}

/**
 * A file that a draft carries: either an `upload`, or `part` of the message `message_id`.
 *
 * The other way's fields are "" and null.
 */
export interface Attached {
  name: string;
  kind: string;
  size: number;
  upload: string;
  message_id: number | null;
  part: string;
}

/**
 * How mail to `address` was last seen to travel, at `at`, when mail of this account went to its domain.
 *
 * "here": it does not leave this server; "verified": encrypted, to a server that proved who it
 * is; "encrypted": to whoever answered; "clear": not encrypted; "unknown": nothing was sent
 * there lately.  `requiretls`: the server promises to pass mail on over verified connections only.
 */
export interface Travel {
  address: string;
  way: "here" | "verified" | "encrypted" | "clear" | "unknown";
  requiretls: boolean;
  at: number | null;
}

/** A message that is on its way: the id of the copy in Sent (null if there is none), and the trace to look it up with. */
export interface Sent {
  id: number | null;
  trace: string;
  message_id: string;
}

/** A piece of a list of conversations, newest first; `next` is null at its end. */
export interface Conversations {
  conversations: Conversation[];
  next: Cursor | null;
  modseq: number;
}

/** The messages of a thread that are in the mailbox; `latest` is the newest of them. */
export interface Conversation {
  latest: Summary;
  total: number;
  unread: number;
}

/**
 * What one step of acting on a whole list did: how many messages it had, which of them moved from where.
 *
 * `next` is where the following step begins, null after the last.
 */
export interface Progress {
  found: number;
  moved: MovedFrom[];
  next: Cursor | null;
}

/** Messages that were in a mailbox before they were moved. */
export interface MovedFrom {
  mailbox_id: number;
  ids: number[];
}

/** What the HTML of a message would load from elsewhere: how many things; and how many pictures it names that are not in it. */
export interface Blocked {
  elsewhere: number;
  missing: number;
}

/** How to leave a mailing list: by one press at `host`, by a mail (`mailto:`), by visiting a page; "" where not. */
export interface Leaving {
  host: string;
  mail: string;
  page: string;
  list_id: string;
}

/** A calendar that came with a message: `method` is what it asks for ("REQUEST", "CANCEL", "REPLY", …). */
export interface Invitation {
  method: string;
  events: Invited[];
}

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

/** A time of an invitation, as it was written; `at` in seconds since 1970 if that is clear. */
export interface Moment {
  text: string;
  zone: string;
  at: number | null;
}

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

/** Where a program connects: `tls` "implicit" begins at once, "starttls" after a command. */
export interface ProgramService {
  protocol: "imap" | "smtp";
  host: string;
  port: number;
  tls: "implicit" | "starttls";
}

/** A link to a profile for one use within `seconds`, and the same as a QR code (SVG). */
export interface ProfileLink {
  url: string;
  code: string;
  seconds: number;
}

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
}

/** A header field, and what one of that name must say; * stands for anything. */
export interface FieldPattern {
  name: string;
  pattern: string;
}

/** How many of the newest messages were looked at, how many fit, and the newest of those (at most 200). */
export interface RuleTrial {
  examined: number;
  fitting: number;
  messages: TriedMessage[];
}

/** A message that rules fit: where it is now, and their names. */
export interface TriedMessage {
  message: Summary;
  mailbox: string;
  rules: string[];
}

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
}

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

/**
 * The answer of an account.
 *
 * `first_day` and `last_day` (both included) are like "2030-01-31" in `zone` (like
 * "Europe/Berlin"), "" for no bound.  `subject` "" is that of the message, with "Auto:"
 * in front.  `active`: mail that comes now is answered; it does not count when it is sent.
 */
export interface VacationAnswer {
  enabled: boolean;
  first_day: string;
  last_day: string;
  zone: string;
  subject: string;
  text: string;
  active: boolean;
}

/** A stored message, and why it would have had no answer; "" if it would have had one. */
export interface TriedAnswer {
  message: Summary;
  why: string;
}

/**
 * An address to forward to; nothing goes there before it is `confirmed`.
 *
 * `kept` counts what was not forwarded, `kept_why` says why the last one was not.
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
}

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

/** Who wrote to a mask; `proven`: the domain stood by that.  `stranger`: it is not the one the mask was made for. */
export interface MaskSender {
  domain: string;
  proven: boolean;
  first: number;
  latest: number;
  messages: number;
  stranger: boolean;
}

/** A key of a password manager. */
export interface MaskKey {
  id: number;
  label: string;
  created: number;
  used: number | null;
}

/** A mask that was just made, and all of them. */
export interface NewMask {
  address: string;
  all: Masks;
}

/** A key that was just made, which is never shown again, and everything else. */
export interface NewKey {
  secret: string;
  all: Masks;
}

/** Who the account is: its name, its identities (the usual one first), its addresses, and all addresses it may write from. */
export interface Persona {
  full_name: string;
  identities: OwnIdentity[];
  addresses: OwnAddress[];
  usable: string[];
}

/** A name and an address to write as, where answers go ("" = there), and the signature; `id` is 0 for a new one. */
export interface OwnIdentity {
  id: number;
  name: string;
  address: string;
  reply_to: string;
  signature: string;
}

/** An address of the account, its own name ("" = the account's), and the mailbox that its mail goes to (null = Inbox). */
export interface OwnAddress {
  address: string;
  display_name: string;
  mailbox_id: number | null;
}

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

/** Whether the administrator is signed in; `csrf` as in State. */
export interface AdminState {
  signed_in: boolean;
  csrf: string;
  hostname: string;
  version: string;
}

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

/** One event: `facts` are its fields as text, `sentence` says it for people. */
export interface TraceLine {
  at: number;
  role: string;
  trace: string;
  event: string;
  level: string;
  sentence: string;
  facts: Record<string, string>;
}

/** A configured DNS block list: `examined` when it was looked at last (null: not yet), `problem` what was wrong ("" if nothing). */
export interface BlockList {
  zone: string;
  problem: string;
  examined: number | null;
}

/** How one part of the server is: a summary, what is to be mended in sentences, and the page of the administration about it. */
export interface HealthLine {
  topic: string;
  state: "good" | "attention" | "bad";
  summary: string;
  todo: string[];
  page: string;
}

/** A domain in the list of domains. */
export interface DomainLine {
  name: string;
  description: string;
  enabled: boolean;
  addresses: number;
  aliases: number;
}

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
}

/** A key of a domain; `signing` says whether it is in use. */
export interface DkimKey {
  selector: string;
  algorithm: "rsa" | "ed25519";
  signing: boolean;
  created: number;
  record: DnsRecord;
}

/** A record that belongs into the DNS of a domain; `why` says what it is good for, and of an `optional` one who should have it. */
export interface DnsRecord {
  name: string;
  kind: string;
  value: string;
  why: string;
  optional: boolean;
}

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

/** An address and the account that gets its mail. */
export interface Address {
  address: string;
  account: string;
}

/** An address that passes on to others; `sendable` lets them write in its name, `post` says who may write to it. */
export interface Alias {
  address: string;
  members: string[];
  sendable: boolean;
  post: "everybody" | "members" | "domain";
}

/** The MTA-STS policy of a domain: `max_age` in seconds, `mx` its hosts besides this server, `id` that of the DNS record ("" if off). */
export interface DomainPolicy {
  mode: "off" | "none" | "testing" | "enforce";
  max_age: number;
  mx: string[];
  id: string;
}

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

/** How many things were wrong, and could be better, from `first` to `last` (seconds since 1970). */
export interface DnsChange {
  first: number;
  last: number;
  errors: number;
  warnings: number;
}

/** A sub-test of the mail test of internet.nl, and whether it would pass (null: that is not known). */
export interface DnsTest {
  part: string;
  about: string;
  passed: boolean | null;
}

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

/** One stage of the way: how it stands, in sentences. */
export interface SetupStage {
  key: "domain" | "account" | "dns" | "certificate" | "outgoing" | "incoming";
  state: "done" | "waiting" | "wrong";
  sentences: string[];
}

/** The test letter: to whom, when, its trace, what became of it and what the other server said. */
export interface TestLetter {
  to: string;
  at: number;
  trace: string;
  state: "waiting" | "delivered" | "failed";
  said: string;
}

/** The newest letter that another server brought to the domain; `verdict` is what is known of its author. */
export interface Arrival {
  author: string;
  subject: string;
  at: number;
  account: string;
  mailbox: string;
  verdict: string;
}

/** One thing about the machine: whether it is well, what it is like, and what to do if it is not. */
export interface SurveyLine {
  about: string;
  well: boolean;
  what: string;
  mend: string;
}

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

/** An account with its addresses; limits per 24 hours, 0 is the server's usual one. */
export interface AccountPage {
  line: AccountLine;
  messages_per_day: number;
  first_time_per_day: number;
  addresses: Address[];
}

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

/** A waiting recipient, what its last failure means (null before the first), and its steps. */
export interface QueueStory {
  line: QueueLine;
  meaning: Meaning | null;
  steps: TraceLine[];
}

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

/** What a step came to: how many recipients were changed, and where the next step begins (null: that was all). */
export interface QueueStep {
  changed: number;
  before: number | null;
}

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

/** A new rule, and how many waiting recipients it holds. */
export interface HoldAdded {
  rule: HoldRule;
  held: number;
}

/** What a search found, the latest first; `before` continues it, null at the end. */
export interface TraceResults {
  results: TraceSummary[];
  before: number | null;
}

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

/** Everything known about a trace: its steps, oldest first, who still waits, and what became of the others. */
export interface TraceStory {
  trace: string;
  steps: TraceLine[];
  waiting: QueueLine[];
  finished: Finished[];
}

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

/** Why attempts were put off or refused, how often, and the last reply that said so. */
export interface RefusalReason {
  outcome: "deferred" | "refused";
  meaning: Meaning;
  attempts: number;
  latest: number;
  reply: string;
}

/** Attempts for recipients of one domain ("" for all the others). */
export interface DestinationDomain {
  domain: string;
  sent: number;
  deferred: number;
  refused: number;
}

/** Attempts of one day (UTC) that begins at `day`. */
export interface DestinationDay {
  day: number;
  sent: number;
  deferred: number;
  refused: number;
}

/** All domains; `host_address` is where reports about the host are to be sent ("" nowhere), `kept` how many days they stay. */
export interface ReportsPage {
  totals: ReportTotal[];
  host: string;
  host_address: string;
  kept: number;
  records: DnsRecord[];
}

/** What was told of a domain of ours, or of the host ("") in some days: messages and those that failed DMARC, sessions alike. */
export interface ReportTotal {
  domain: string;
  messages: number;
  failed: number;
  sessions: number;
  failed_sessions: number;
  latest: number | null;
}

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

/** Messages of a day: passed DMARC, or failed and were delivered, quarantined, rejected. */
export interface DmarcDay {
  day: number;
  passed: number;
  delivered: number;
  quarantined: number;
  rejected: number;
}

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

/** Who reports: its name, the domain that vouches for the mail, reports, and messages or sessions they tell of. */
export interface Reporter {
  organization: string;
  sender: string;
  reports: number;
  counted: number;
}

/** How connections to a domain or the host ("") did, since a day. */
export interface TlsView {
  domain: string;
  since: number;
  days: TlsDay[];
  failures: TlsFailure[];
  policies: TlsPolicy[];
  reporters: Reporter[];
}

/** Sessions of a day. */
export interface TlsDay {
  day: number;
  good: number;
  bad: number;
}

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

/** A policy as reporters found it. */
export interface TlsPolicy {
  kind: string;
  text: string;
  good: number;
  bad: number;
  last: number;
}

/** The reverse name of an address, "" if it has none that leads back; `problem` says why. */
export interface SourceName {
  ip: string;
  name: string;
  problem: string;
}

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

/** A report with all that it tells: `errors` are what the reporter says went wrong, `problems` what was odd about the report. */
export interface Report {
  line: ReportLine;
  errors: string[];
  problems: string[];
  policies: PolicySeen[];
}

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

/** What a check came to, or (kind "reason") why another thing was done than the policy asks for. */
export interface CheckSeen {
  kind: "dkim" | "spf" | "reason";
  domain: string;
  selector: string;
  result: string;
  text: string;
}

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

/** The document as it came; `cut` says that only its beginning is here. */
export interface RawReport {
  name: string;
  text: string;
  cut: boolean;
}

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

/** What waits to be reported about a domain: messages or sessions, and how many of them are no reason to write. */
export interface Evidence {
  kind: "dmarc" | "tls";
  domain: string;
  counted: number;
  optional: number;
  since: number;
  until: number;
}

/** An address, or https URL, that gets no reports until a time, null: for good. */
export interface Suppressed {
  address: string;
  until: number | null;
  reason: string;
  created: number;
}

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

/** What became of a report at an address or URL; `said` is what the other side answered last. */
export interface SentTo {
  uri: string;
  fate: "waiting" | "delivered" | "failed" | "dropped" | "posted" | "suppressed" | "refused";
  at: number;
  said: string;
}

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

/** All domains, all accounts. */
export interface MaskRules {
  domains: MaskDomain[];
  accounts: MaskAccount[];
}

/** A domain, and whether masked addresses may be made there. */
export interface MaskDomain {
  domain: string;
  allowed: boolean;
}

/** How many an account has, and may have. */
export interface MaskAccount {
  account: string;
  used: number;
  most: number;
}

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
}

/**
 * A finished backup: `size` is all of it in octets, `new` what it took beside the one before.
 *
 * `trouble` is what was wrong in the data when it was made, `notes` what it lacks besides.
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
}

/** An account that was removed; it can be brought back until `until`. */
export interface RemovedAccount {
  name: string;
  full_name: string;
  messages: number;
  size: number;
  since: number;
  until: number;
}

/** One entry of an event "changes". */
export type Change = Changes["changes"][number];

/** What a mailbox may be for. */
export type Role = NonNullable<Mailbox["role"]>;

/** Webmail. */
export const webmail = {
  /** Who is signed in in this browser.  Works without a session and without a CSRF token. */
  state: (signal?: AbortSignal): Promise<State> =>
    call("webmail", "state", {}, signal),
  /**
   * Sign in with the name of an account or one of its addresses; sets the cookie, for webmail and account pages alike.
   *
   * user:notAllowed if name and password do not fit, user:tooMany after too many tries.
   */
  login: (args: { name: string; password: string }, signal?: AbortSignal): Promise<State> =>
    call("webmail", "login", args, signal),
  /** End this session. */
  logout: (signal?: AbortSignal): Promise<void> =>
    call("webmail", "logout", {}, signal),
  /** All mailboxes: those with a role first, Inbox at the top, then by name. */
  mailboxes: (signal?: AbortSignal): Promise<Mailbox[]> =>
    call("webmail", "mailboxes", {}, signal),
  /** Make a mailbox, with those above it where they are missing. */
  mailbox_add: (args: { name: string }, signal?: AbortSignal): Promise<Mailbox> =>
    call("webmail", "mailbox_add", args, signal),
  /** Give a mailbox another name, and all below it. */
  mailbox_rename: (args: { id: number; name: string }, signal?: AbortSignal): Promise<Mailbox> =>
    call("webmail", "mailbox_rename", args, signal),
  /** Remove a mailbox and all messages in it.  One with a role, or with others below it, stays: user:conflict. */
  mailbox_remove: (args: { id: number }, signal?: AbortSignal): Promise<void> =>
    call("webmail", "mailbox_remove", args, signal),
  /** Remove everything in Trash, Junk or Rejects for good; the answer is how many messages that were. */
  mailbox_empty: (args: { id: number }, signal?: AbortSignal): Promise<number> =>
    call("webmail", "mailbox_empty", args, signal),
  /**
   * Messages of a mailbox, newest first: `limit` (at most 200) that come after `before` and `skip` more.
   *
   * For a virtual list: follow `next` from page to page, or jump with `skip`.
   */
  page: (args: { mailbox_id: number; before?: Cursor | null; skip?: number; limit?: number }, signal?: AbortSignal): Promise<Page> =>
    call("webmail", "page", args, signal),
  /**
   * Messages that fit a query, newest first: in the whole account but Junk, Trash and Rejects, or in one mailbox.
   *
   * All words must be there; "quoted words" are a phrase, a word ending in * stands for all that begin so.
   * A page may be short, even empty, and still have a `next` one.
   */
  search: (args: { query: string; mailbox_id?: number | null; before?: Cursor | null; limit?: number }, signal?: AbortSignal): Promise<Page> =>
    call("webmail", "search", args, signal),
  /** These messages as a list shows them (at most 200); those that are gone are left out. */
  summaries: (args: { ids: number[] }, signal?: AbortSignal): Promise<Summary[]> =>
    call("webmail", "summaries", args, signal),
  /** The conversation: its messages, oldest first, the newest 500 of a very long one. */
  thread: (args: { thread_id: number }, signal?: AbortSignal): Promise<Summary[]> =>
    call("webmail", "thread", args, signal),
  /** A message to read; with mark_seen it counts as read from now on. */
  message: (args: { id: number; mark_seen?: boolean }, signal?: AbortSignal): Promise<Message> =>
    call("webmail", "message", args, signal),
  /** All header fields of a message. */
  headers: (args: { id: number }, signal?: AbortSignal): Promise<HeaderLine[]> =>
    call("webmail", "headers", args, signal),
  /** Set and clear flags and keywords on messages (at most 1,000). */
  flags: (args: { ids: number[]; add: string[]; remove: string[] }, signal?: AbortSignal): Promise<void> =>
    call("webmail", "flags", args, signal),
  /** Move messages (at most 1,000) to a mailbox; they keep their ids. */
  move: (args: { ids: number[]; mailbox_id: number }, signal?: AbortSignal): Promise<Moved> =>
    call("webmail", "move", args, signal),
  /** Move messages (at most 1,000) to Archive. */
  archive: (args: { ids: number[] }, signal?: AbortSignal): Promise<Moved> =>
    call("webmail", "archive", args, signal),
  /** Move messages (at most 1,000) to Trash; those that are in Trash, Junk, Rejects or Drafts are removed for good. */
  delete: (args: { ids: number[] }, signal?: AbortSignal): Promise<Deleted> =>
    call("webmail", "delete", args, signal),
  /** An empty draft, with the usual sender. */
  compose: (signal?: AbortSignal): Promise<Draft> =>
    call("webmail", "compose", {}, signal),
  /** A draft that answers a message: recipients, subject and quoted text are there. */
  reply: (args: { id: number; all?: boolean }, signal?: AbortSignal): Promise<Draft> =>
    call("webmail", "reply", args, signal),
  /** A draft that forwards a message with its text and attachments. */
  forward: (args: { id: number }, signal?: AbortSignal): Promise<Draft> =>
    call("webmail", "forward", args, signal),
  /** A message of Drafts, to go on writing. */
  draft: (args: { id: number }, signal?: AbortSignal): Promise<Draft> =>
    call("webmail", "draft", args, signal),
  /**
   * Keep what is written in Drafts; the answer has the new id, and attachments that refer to it.
   *
   * Recipients need not be complete.
   */
  draft_save: (args: { draft: Draft }, signal?: AbortSignal): Promise<Draft> =>
    call("webmail", "draft_save", args, signal),
  /**
   * How mail gets to recipients as people type them (the first 100), as seen when mail of this account went there last.
   *
   * What is no address is left out.
   */
  travel: (args: { recipients: string }, signal?: AbortSignal): Promise<Travel[]> =>
    call("webmail", "travel", args, signal),
  /**
   * Send a message and keep a copy in Sent; its draft goes, the message it answers is marked.
   *
   * user:error with `place` ("draft.to") says which field has to be changed.
   */
  send: (args: { draft: Draft }, signal?: AbortSignal): Promise<Sent> =>
    call("webmail", "send", args, signal),
  /** Messages of a mailbox in another order: `limit` (at most 200) after `skip`; `next` is always null. */
  sorted_page: (args: { mailbox_id: number; order: "newest" | "oldest" | "largest" | "smallest" | "sender" | "subject"; skip?: number; limit?: number }, signal?: AbortSignal): Promise<Page> =>
    call("webmail", "sorted_page", args, signal),
  /** The conversations of a mailbox by their newest messages, newest first; a piece may be short and still have a `next`. */
  conversations: (args: { mailbox_id: number; before?: Cursor | null; limit?: number }, signal?: AbortSignal): Promise<Conversations> =>
    call("webmail", "conversations", args, signal),
  /** One step (at most 200 messages) of doing something with all of a mailbox or search; call again with `next` until that is null. */
  act_on_all: (args: { action: "move" | "archive" | "delete" | "flags"; query?: string; mailbox_id?: number | null; before?: Cursor | null; target?: number | null; add?: string[]; remove?: string[] }, signal?: AbortSignal): Promise<Progress> =>
    call("webmail", "act_on_all", args, signal),
  /** Mark everything in a mailbox as read; the answer is how many messages were not. */
  mailbox_read: (args: { id: number }, signal?: AbortSignal): Promise<number> =>
    call("webmail", "mailbox_read", args, signal),
  /** Say what a mailbox is for; the one that was for it before is for nothing in particular then. */
  mailbox_role: (args: { id: number; role: "inbox" | "sent" | "drafts" | "archive" | "junk" | "trash" | "rejects" | null }, signal?: AbortSignal): Promise<Mailbox> =>
    call("webmail", "mailbox_role", args, signal),
  /** Every label (keyword) that messages of the account have or had. */
  labels: (signal?: AbortSignal): Promise<string[]> =>
    call("webmail", "labels", {}, signal),
  /** How the webmail is to look, as the page kept it: JSON, or "". */
  display_choices: (signal?: AbortSignal): Promise<string> =>
    call("webmail", "display_choices", {}, signal),
  /** Keep how the webmail is to look. */
  display_keep: (args: { choices: string }, signal?: AbortSignal): Promise<void> =>
    call("webmail", "display_keep", args, signal),
  /** What the HTML of a message would load from elsewhere. */
  blocked: (args: { id: number }, signal?: AbortSignal): Promise<Blocked> =>
    call("webmail", "blocked", args, signal),
  /** Whose mail may load pictures from elsewhere without asking, where it is proven to be theirs. */
  outside_senders: (signal?: AbortSignal): Promise<string[]> =>
    call("webmail", "outside_senders", {}, signal),
  /** Let mail of a sender load pictures from elsewhere, or not; all such senders are the answer. */
  outside_choose: (args: { sender: string; allowed: boolean }, signal?: AbortSignal): Promise<string[]> =>
    call("webmail", "outside_choose", args, signal),
  /** How to leave the mailing list that sent a message; null if it names no way. */
  leaving: (args: { id: number }, signal?: AbortSignal): Promise<Leaving | null> =>
    call("webmail", "leaving", args, signal),
  /** Leave a mailing list by one press (RFC 8058): the server tells the list's, whose name is the answer. */
  leave: (args: { id: number }, signal?: AbortSignal): Promise<string> =>
    call("webmail", "leave", args, signal),
  /** A part of a message that is a calendar, read. */
  invitation: (args: { id: number; part: string }, signal?: AbortSignal): Promise<Invitation> =>
    call("webmail", "invitation", args, signal),
};

/** Account. */
export const account = {
  /** Who is signed in in this browser.  Works without a session and without a CSRF token. */
  state: (signal?: AbortSignal): Promise<State> =>
    call("account", "state", {}, signal),
  /**
   * Sign in with the name of an account or one of its addresses; sets the cookie, for webmail and account pages alike.
   *
   * user:notAllowed if name and password do not fit, user:tooMany after too many tries.
   */
  login: (args: { name: string; password: string }, signal?: AbortSignal): Promise<State> =>
    call("account", "login", args, signal),
  /** End this session. */
  logout: (signal?: AbortSignal): Promise<void> =>
    call("account", "logout", {}, signal),
  /** Change the password; all other sessions of the account end, and this one gets a new token. */
  password: (args: { old: string; new: string }, signal?: AbortSignal): Promise<State> =>
    call("account", "password", args, signal),
  /** The browsers that are signed in to this account, the last used first. */
  sessions: (signal?: AbortSignal): Promise<SignedIn[]> =>
    call("account", "sessions", {}, signal),
  /** Sign one browser out. */
  session_end: (args: { id: number }, signal?: AbortSignal): Promise<void> =>
    call("account", "session_end", args, signal),
  /** Sign out every browser but this one. */
  sessions_end_others: (signal?: AbortSignal): Promise<void> =>
    call("account", "sessions_end_others", {}, signal),
  /** What to type into a mail program for this account. */
  programs: (signal?: AbortSignal): Promise<ProgramSettings> =>
    call("account", "programs", {}, signal),
  /** A link to the profile for one of one's addresses, for one use; user:notFound says why there is none. */
  profile_link: (args: { address: string }, signal?: AbortSignal): Promise<ProfileLink> =>
    call("account", "profile_link", args, signal),
  /** The rules of the account, in the order they are looked at. */
  rules: (signal?: AbortSignal): Promise<Rule[]> =>
    call("account", "rules", {}, signal),
  /** A new rule below all others; the answer is all of them.  user:error says what cannot be. */
  rule_add: (args: { rule: Rule }, signal?: AbortSignal): Promise<Rule[]> =>
    call("account", "rule_add", args, signal),
  /** Another meaning for the rule with that id; the answer is all of them. */
  rule_change: (args: { rule: Rule }, signal?: AbortSignal): Promise<Rule[]> =>
    call("account", "rule_change", args, signal),
  /** Forget a rule; the answer is those that are left. */
  rule_remove: (args: { id: number }, signal?: AbortSignal): Promise<Rule[]> =>
    call("account", "rule_remove", args, signal),
  /** Look at a rule as the first (1), second and so on; the answer is all of them. */
  rule_move: (args: { id: number; place: number }, signal?: AbortSignal): Promise<Rule[]> =>
    call("account", "rule_move", args, signal),
  /** Which of the newest messages (at most 1,000) fit a rule, stored or not; without one, what all rules would have said of each. */
  rule_try: (args: { rule?: Rule | null; last?: number } = {}, signal?: AbortSignal): Promise<RuleTrial> =>
    call("account", "rule_try", args, signal),
  /** Rules that one may want after a message, for its list, sender and sender's domain; nothing is stored. */
  rule_suggestions: (args: { message_id: number }, signal?: AbortSignal): Promise<Rule[]> =>
    call("account", "rule_suggestions", args, signal),
  /** What the account chose about mail that comes in. */
  preferences: (signal?: AbortSignal): Promise<Preferences> =>
    call("account", "preferences", {}, signal),
  /** Choose; the answer is what holds now.  user:error for numbers out of bounds. */
  preferences_change: (args: { preferences: Preferences }, signal?: AbortSignal): Promise<Preferences> =>
    call("account", "preferences_change", args, signal),
  /** What the junk filter has learned so far. */
  junk_lessons: (signal?: AbortSignal): Promise<JunkLessons> =>
    call("account", "junk_lessons", {}, signal),
  /** What the account answers while its owner is away. */
  away: (signal?: AbortSignal): Promise<VacationAnswer> =>
    call("account", "away", {}, signal),
  /** Answer like this from now on; the answer is what holds.  user:error says what cannot be. */
  away_change: (args: { answer: VacationAnswer }, signal?: AbortSignal): Promise<VacationAnswer> =>
    call("account", "away_change", args, signal),
  /** The message that a sender would get, as text; nothing is changed. */
  away_preview: (args: { answer: VacationAnswer }, signal?: AbortSignal): Promise<string> =>
    call("account", "away_preview", args, signal),
  /** The newest messages (at most 100), and which of them would have had an answer, had it been on all the time. */
  away_try: (args: { last?: number } = {}, signal?: AbortSignal): Promise<TriedAnswer[]> =>
    call("account", "away_try", args, signal),
  /** The names of all time zones. */
  time_zones: (signal?: AbortSignal): Promise<string[]> =>
    call("account", "time_zones", {}, signal),
  /** The addresses that the account forwards to, or may once they are confirmed. */
  forwards: (signal?: AbortSignal): Promise<ForwardTarget[]> =>
    call("account", "forwards", {}, signal),
  /** Forward to an address once it is confirmed by the code that is mailed there now; the answer is all of them. */
  forward_add: (args: { address: string; choices: ForwardChoices }, signal?: AbortSignal): Promise<ForwardTarget[]> =>
    call("account", "forward_add", args, signal),
  /** Mail another code; the earlier one is void.  user:notAllowed if there were many already. */
  forward_code: (args: { id: number }, signal?: AbortSignal): Promise<void> =>
    call("account", "forward_code", args, signal),
  /** Let forwarding begin with the code that was mailed; user:notAllowed if it is another one. */
  forward_confirm: (args: { id: number; code: string }, signal?: AbortSignal): Promise<ForwardTarget[]> =>
    call("account", "forward_confirm", args, signal),
  /** Other choices for an address; the answer is all of them. */
  forward_change: (args: { id: number; choices: ForwardChoices }, signal?: AbortSignal): Promise<ForwardTarget[]> =>
    call("account", "forward_change", args, signal),
  /** Forward there no longer; the answer is those that are left. */
  forward_remove: (args: { id: number }, signal?: AbortSignal): Promise<ForwardTarget[]> =>
    call("account", "forward_remove", args, signal),
  /** The masked addresses of the account, what came through them, and the keys that make more. */
  masks: (signal?: AbortSignal): Promise<Masks> =>
    call("account", "masks", {}, signal),
  /** A new address for a site; `domain` "" is the usual one.  user:error if there are too many. */
  mask_add: (args: { site?: string; note?: string; domain?: string } = {}, signal?: AbortSignal): Promise<NewMask> =>
    call("account", "mask_add", args, signal),
  /** Switch one on or off, or note something else about it. */
  mask_change: (args: { id: number; on?: boolean | null; site?: string | null; note?: string | null }, signal?: AbortSignal): Promise<Masks> =>
    call("account", "mask_change", args, signal),
  /** Refuse mail to it for good; nobody gets that address again. */
  mask_remove: (args: { id: number }, signal?: AbortSignal): Promise<Masks> =>
    call("account", "mask_remove", args, signal),
  /** A key for a password manager, which makes masks and can do nothing else. */
  mask_key_add: (args: { label: string }, signal?: AbortSignal): Promise<NewKey> =>
    call("account", "mask_key_add", args, signal),
  /** Let a key open nothing any more. */
  mask_key_remove: (args: { id: number }, signal?: AbortSignal): Promise<Masks> =>
    call("account", "mask_key_remove", args, signal),
  /** The account's name, its identities and addresses. */
  persona: (signal?: AbortSignal): Promise<Persona> =>
    call("account", "persona", {}, signal),
  /** The name that stands beside the account's addresses. */
  full_name_change: (args: { name: string }, signal?: AbortSignal): Promise<Persona> =>
    call("account", "full_name_change", args, signal),
  /** A new identity (`id` 0), or another meaning for one.  user:notAllowed for an address that is not the account's. */
  identity_save: (args: { identity: OwnIdentity }, signal?: AbortSignal): Promise<Persona> =>
    call("account", "identity_save", args, signal),
  /** Forget an identity; its address stays. */
  identity_remove: (args: { id: number }, signal?: AbortSignal): Promise<Persona> =>
    call("account", "identity_remove", args, signal),
  /** Write as this one unless another is chosen. */
  identity_usual: (args: { id: number }, signal?: AbortSignal): Promise<Persona> =>
    call("account", "identity_usual", args, signal),
  /** The name of an address ("" = the account's), and the mailbox that its mail goes to (null = Inbox). */
  address_change: (args: { address: string; display_name: string; mailbox_id: number | null }, signal?: AbortSignal): Promise<Persona> =>
    call("account", "address_change", args, signal),
  /** What was removed for good, the last first, 100 at a time; go on with `deleted` (null: as it is) and `id` of the last one. */
  deleted: (args: { before?: number | null; before_id?: number } = {}, signal?: AbortSignal): Promise<DeletedMessages> =>
    call("account", "deleted", args, signal),
  /** Bring messages back; gives the mailboxes they are in now.  user:notFound if one is gone, user:noRoom if the quota forbids. */
  undelete_messages: (args: { ids: number[] }, signal?: AbortSignal): Promise<string[]> =>
    call("account", "undelete_messages", args, signal),
  /** Remove some (null: all) for good at once; gives how many. */
  deleted_forget: (args: { ids?: number[] | null } = {}, signal?: AbortSignal): Promise<number> =>
    call("account", "deleted_forget", args, signal),
};

/** Administration. */
export const admin = {
  /** Whether the administrator is signed in in this browser.  Works without a session and without a CSRF token. */
  state: (signal?: AbortSignal): Promise<AdminState> =>
    call("admin", "state", {}, signal),
  /**
   * Sign in with the administrator's password; sets the cookie.
   *
   * user:notAllowed if it is wrong, user:tooMany after too many tries.
   */
  login: (args: { password: string }, signal?: AbortSignal): Promise<AdminState> =>
    call("admin", "login", args, signal),
  /** End this session. */
  logout: (signal?: AbortSignal): Promise<void> =>
    call("admin", "logout", {}, signal),
  /** The state of the server. */
  overview: (signal?: AbortSignal): Promise<Overview> =>
    call("admin", "overview", {}, signal),
  /** Change the administrator's password; the other administrator sessions end, and this one gets a new token. */
  password: (args: { old: string; new: string }, signal?: AbortSignal): Promise<AdminState> =>
    call("admin", "password", args, signal),
  /** All browsers that are signed in, to accounts and to the administration (account ""), the last used first. */
  sessions: (signal?: AbortSignal): Promise<SignedIn[]> =>
    call("admin", "sessions", {}, signal),
  /** Sign one browser out. */
  session_end: (args: { id: number }, signal?: AbortSignal): Promise<void> =>
    call("admin", "session_end", args, signal),
  /** All domains by name. */
  domains: (signal?: AbortSignal): Promise<DomainLine[]> =>
    call("admin", "domains", {}, signal),
  /** One domain with its keys, DNS records, addresses and aliases. */
  domain: (args: { name: string }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "domain", args, signal),
  /** Take mail for a domain; DKIM keys are made. */
  domain_add: (args: { name: string; description?: string }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "domain_add", args, signal),
  /** Change the settings of a domain; see DomainPage for what they mean, null leaves an address as it is. */
  domain_change: (args: { name: string; description: string; enabled: boolean; catchall: string; separator: string; case_sensitive: boolean; dmarc_reports?: string | null; tls_reports?: string | null }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "domain_change", args, signal),
  /** Change the MTA-STS policy of a domain; mx as people type hosts, divided by spaces.  Its DNS record changes too. */
  domain_policy: (args: { name: string; mode: "off" | "none" | "testing" | "enforce"; max_age: number; mx: string }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "domain_policy", args, signal),
  /** Forget a domain.  One that still has addresses or aliases stays: user:conflict. */
  domain_remove: (args: { name: string }, signal?: AbortSignal): Promise<void> =>
    call("admin", "domain_remove", args, signal),
  /** What was found when the DNS of a domain was looked at last, by the clock each night or by somebody. */
  domain_dns: (args: { name: string }, signal?: AbortSignal): Promise<DnsCheck> =>
    call("admin", "domain_dns", args, signal),
  /** Look at the DNS of a domain and its servers now, which takes half a minute at most.  What the DNS does not tell is a finding. */
  domain_check: (args: { name: string }, signal?: AbortSignal): Promise<DnsCheck> =>
    call("admin", "domain_check", args, signal),
  /** Each record that a domain should have, and what the DNS has of it now. */
  domain_records: (args: { name: string }, signal?: AbortSignal): Promise<RecordState[]> =>
    call("admin", "domain_records", args, signal),
  /** How far a domain has come; asks nobody, so that it may be called often. */
  setup: (args: { domain?: string } = {}, signal?: AbortSignal): Promise<Setup> =>
    call("admin", "setup", args, signal),
  /** What the machine is like, and what the network says of it: each in order, or what to do.  Takes a quarter of a minute at most. */
  setup_machine: (args: { domain?: string } = {}, signal?: AbortSignal): Promise<SurveyLine[]> =>
    call("admin", "setup_machine", args, signal),
  /** Write the test letter from an account's address at the domain to an address elsewhere. */
  setup_send: (args: { domain: string; account: string; to: string }, signal?: AbortSignal): Promise<Setup> =>
    call("admin", "setup_send", args, signal),
  /** Sign with a key of a domain from now on, or no longer. */
  dkim_signing: (args: { domain: string; selector: string; signing: boolean }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "dkim_signing", args, signal),
  /** Make a key that takes the place of the one that signs, once the DNS has its record everywhere; named by the date unless given. */
  dkim_rotate: (args: { domain: string; algorithm: "rsa" | "ed25519"; selector?: string }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "dkim_rotate", args, signal),
  /** Ask the domain's name servers now how far they are with new and old keys, and take the next step where they are. */
  dkim_look: (args: { domain: string }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "dkim_look", args, signal),
  /** Forget a new key that does not sign yet. */
  dkim_give_up: (args: { domain: string; selector: string }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "dkim_give_up", args, signal),
  /** Forget a key for good.  user:conflict while it signs, or mail that it signed may be on its way. */
  dkim_remove: (args: { domain: string; selector: string }, signal?: AbortSignal): Promise<DomainPage> =>
    call("admin", "dkim_remove", args, signal),
  /** All accounts by name. */
  accounts: (signal?: AbortSignal): Promise<AccountLine[]> =>
    call("admin", "accounts", {}, signal),
  /** One account with its addresses and limits. */
  account: (args: { name: string }, signal?: AbortSignal): Promise<AccountPage> =>
    call("admin", "account", args, signal),
  /** Make an account with its first address (none if ""). */
  account_add: (args: { name: string; password: string; full_name?: string; address?: string; quota?: number }, signal?: AbortSignal): Promise<AccountPage> =>
    call("admin", "account_add", args, signal),
  /** Change the settings of an account; disabling one ends its sessions. */
  account_change: (args: { name: string; full_name: string; enabled: boolean; quota: number; messages_per_day: number; first_time_per_day: number }, signal?: AbortSignal): Promise<AccountPage> =>
    call("admin", "account_change", args, signal),
  /** Remove an account with all its mail; `account_restore` brings it back for 30 days. */
  account_remove: (args: { name: string }, signal?: AbortSignal): Promise<void> =>
    call("admin", "account_remove", args, signal),
  /** Give an account a new password; its sessions end. */
  account_password: (args: { name: string; password: string }, signal?: AbortSignal): Promise<void> =>
    call("admin", "account_password", args, signal),
  /** Let an account get the mail of an address, at one of our domains. */
  address_add: (args: { account: string; address: string }, signal?: AbortSignal): Promise<AccountPage> =>
    call("admin", "address_add", args, signal),
  /** Take an address from its account. */
  address_remove: (args: { address: string }, signal?: AbortSignal): Promise<void> =>
    call("admin", "address_remove", args, signal),
  /** All aliases by address. */
  aliases: (signal?: AbortSignal): Promise<Alias[]> =>
    call("admin", "aliases", {}, signal),
  /**
   * Make an address that passes on to others, here or elsewhere; `sendable` lets those here write in its name.
   *
   * `post` says who may write to it: everybody, its members, or all people of its domain.
   */
  alias_add: (args: { address: string; members: string[]; sendable?: boolean; post?: "everybody" | "members" | "domain" }, signal?: AbortSignal): Promise<void> =>
    call("admin", "alias_add", args, signal),
  /** Change to whom an alias passes on, whether those here may write in its name, and who may write to it (null: as it is). */
  alias_change: (args: { address: string; members: string[]; sendable: boolean; post?: "everybody" | "members" | "domain" | null }, signal?: AbortSignal): Promise<void> =>
    call("admin", "alias_change", args, signal),
  /** Remove an alias. */
  alias_remove: (args: { address: string }, signal?: AbortSignal): Promise<void> =>
    call("admin", "alias_remove", args, signal),
  /** What the owner of an account types into a mail program. */
  account_programs: (args: { name: string }, signal?: AbortSignal): Promise<ProgramSettings> =>
    call("admin", "account_programs", args, signal),
  /** What everybody at a domain types into a mail program. */
  domain_programs: (args: { name: string }, signal?: AbortSignal): Promise<ProgramSettings> =>
    call("admin", "domain_programs", args, signal),
  /**
   * Waiting recipients, newest first, with ids below `before` (at most 1,000); `search` is part of a sender or recipient.
   *
   * `held` true shows only what is held, false only what is not; `account`, `next_hop` and `state` only theirs.
   */
  queue: (args: { search?: string; held?: boolean | null; before?: number | null; limit?: number; account?: string; next_hop?: string; state?: "" | "active" | "due" | "waiting" | "held" } = {}, signal?: AbortSignal): Promise<QueueLine[]> =>
    call("admin", "queue", args, signal),
  /** One waiting recipient: what its last failure means and what can be done, and the steps of its message. */
  queue_show: (args: { id: number }, signal?: AbortSignal): Promise<QueueStory> =>
    call("admin", "queue_show", args, signal),
  /** The names of the transports in the configuration, for queue_transport. */
  transports: (signal?: AbortSignal): Promise<string[]> =>
    call("admin", "transports", {}, signal),
  /** Try waiting recipients now, held or not; the answer is how many there were. */
  queue_retry: (args: { ids: number[] }, signal?: AbortSignal): Promise<number> =>
    call("admin", "queue_retry", args, signal),
  /** Do not try waiting recipients until they are released. */
  queue_hold: (args: { ids: number[] }, signal?: AbortSignal): Promise<number> =>
    call("admin", "queue_hold", args, signal),
  /** Release held recipients. */
  queue_release: (args: { ids: number[] }, signal?: AbortSignal): Promise<number> =>
    call("admin", "queue_release", args, signal),
  /**
   * Forget waiting recipients; nobody is told, or with `tell` their senders are.
   *
   * user:conflict if all of them are being tried at this moment.
   */
  queue_drop: (args: { ids: number[]; tell?: boolean }, signal?: AbortSignal): Promise<number> =>
    call("admin", "queue_drop", args, signal),
  /** Send waiting recipients by another transport, tried at once ("direct" is none, "" is by the routes). */
  queue_transport: (args: { ids: number[]; transport: string }, signal?: AbortSignal): Promise<number> =>
    call("admin", "queue_transport", args, signal),
  /**
   * Change what waiting messages ask of the connections they travel over, for all recipients of each, from the next attempt on.
   *
   * The answer is how many messages; user:conflict if all are being tried at this moment.
   */
  queue_tls: (args: { ids: number[]; tls: "default" | "required" | "not-required" }, signal?: AbortSignal): Promise<number> =>
    call("admin", "queue_tls", args, signal),
  /** Try waiting recipients next at that time (seconds since 1970, at most 30 days from now), not before. */
  queue_schedule: (args: { ids: number[]; at: number }, signal?: AbortSignal): Promise<number> =>
    call("admin", "queue_schedule", args, signal),
  /**
   * Do something to the next 200 waiting recipients that `queue` would show; call it again with the `before` it gives until that is null.
   *
   * `value` is the name of a transport, what TLS to ask for, or when to try ("schedule", seconds since 1970).
   * "drop" tells nobody, "fail" tells the senders; what is being tried at this moment is passed over by both.
   */
  queue_all: (args: { action: "retry" | "hold" | "release" | "drop" | "fail" | "transport" | "tls" | "schedule"; value?: string; search?: string; held?: boolean | null; account?: string; next_hop?: string; state?: "" | "active" | "due" | "waiting" | "held"; before?: number | null }, signal?: AbortSignal): Promise<QueueStep> =>
    call("admin", "queue_all", args, signal),
  /** The rules that hold mail in the queue, the oldest first. */
  hold_rules: (signal?: AbortSignal): Promise<HoldRule[]> =>
    call("admin", "hold_rules", {}, signal),
  /**
   * Hold mail that fits all that is named, what waits already and what comes, until it is released.
   *
   * `host` is a mail host or the end of its name (outlook.com).
   */
  hold_rule_add: (args: { account?: string; sender_domain?: string; recipient_domain?: string; host?: string; reason?: string } = {}, signal?: AbortSignal): Promise<HoldAdded> =>
    call("admin", "hold_rule_add", args, signal),
  /** Forget a rule; what it held waits until it is released. */
  hold_rule_remove: (args: { id: number }, signal?: AbortSignal): Promise<void> =>
    call("admin", "hold_rule_remove", args, signal),
  /**
   * Messages and sessions that `text` names, the latest first.
   *
   * An address, a domain, a Message-ID, an IP address or its beginning, a trace id or its beginning; without text, all.
   * `level` ("debug", "info", "notice", "error") asks for those in which something at least that grave happened.
   */
  trace_search: (args: { text?: string; since?: number | null; until?: number | null; level?: string; before?: number | null; limit?: number } = {}, signal?: AbortSignal): Promise<TraceResults> =>
    call("admin", "trace_search", args, signal),
  /** Every step of a message ("k3v9x0a2bc.1") or session ("k3v9x0a2bc"); no steps if nothing is known (any more). */
  trace: (args: { id: string }, signal?: AbortSignal): Promise<TraceStory> =>
    call("admin", "trace", args, signal),
  /** What a reply of another server means, as it was copied from a notice or log; `host` is the server that gave it, if that is known. */
  explain: (args: { reply: string; host?: string }, signal?: AbortSignal): Promise<Meaning> =>
    call("admin", "explain", args, signal),
  /** How mail did at other servers in the last `days` (31 at most), those with the most trouble first; `search` is part of a name. */
  destinations: (args: { search?: string; days?: number } = {}, signal?: AbortSignal): Promise<Destination[]> =>
    call("admin", "destinations", args, signal),
  /** What came of attempts at one operator, day by day, the oldest first. */
  destination_history: (args: { operator: string; days?: number }, signal?: AbortSignal): Promise<DestinationDay[]> =>
    call("admin", "destination_history", args, signal),
  /** What was told of each domain in the last days, and where reports about the host go. */
  reports: (args: { days?: number } = {}, signal?: AbortSignal): Promise<ReportsPage> =>
    call("admin", "reports", args, signal),
  /** Have reports about TLS to the host sent to an address of ours, or nowhere (""). */
  report_host_address: (args: { address: string }, signal?: AbortSignal): Promise<ReportsPage> =>
    call("admin", "report_host_address", args, signal),
  /** Who sends in the name of a domain ("" is the host), and whether its policy may be stricter. */
  report_dmarc: (args: { domain: string; days?: number }, signal?: AbortSignal): Promise<DmarcView> =>
    call("admin", "report_dmarc", args, signal),
  /** How connections to a domain, or to the host (""), were protected. */
  report_tls: (args: { domain: string; days?: number }, signal?: AbortSignal): Promise<TlsView> =>
    call("admin", "report_tls", args, signal),
  /** The reverse names of addresses (at most 50), as far as they can be found within some seconds. */
  report_names: (args: { ips: string[] }, signal?: AbortSignal): Promise<SourceName[]> =>
    call("admin", "report_names", args, signal),
  /** Whether the DNS asks others to report on a domain, or on the host (""), as was chosen here; what the DNS does not say is told too. */
  report_asked: (args: { domain: string }, signal?: AbortSignal): Promise<ReportsAsked[]> =>
    call("admin", "report_asked", args, signal),
  /** Reports, the latest first, with ids below `before`; `domain` "" is the host, null all. */
  report_list: (args: { kind?: "dmarc" | "tls" | "failure" | null; domain?: string | null; before?: number | null; limit?: number } = {}, signal?: AbortSignal): Promise<ReportLine[]> =>
    call("admin", "report_list", args, signal),
  /** One report with all that it tells. */
  report_show: (args: { id: number }, signal?: AbortSignal): Promise<Report> =>
    call("admin", "report_show", args, signal),
  /** The document of a report as it came; user:notFound if its mail has been removed. */
  report_raw: (args: { id: number }, signal?: AbortSignal): Promise<RawReport> =>
    call("admin", "report_raw", args, signal),
  /** Forget a report; its mail goes too, if it is still where it was filed. */
  report_remove: (args: { id: number }, signal?: AbortSignal): Promise<void> =>
    call("admin", "report_remove", args, signal),
  /** What waits to be reported to others, and who gets no reports. */
  sent_reports: (signal?: AbortSignal): Promise<SendingPage> =>
    call("admin", "sent_reports", {}, signal),
  /** Reports to others, sent or planned, the latest first, with ids below `before`; `domain` null is all. */
  sent_report_list: (args: { kind: "dmarc" | "tls"; domain?: string | null; before?: number | null; limit?: number }, signal?: AbortSignal): Promise<SentReport[]> =>
    call("admin", "sent_report_list", args, signal),
  /** What would be sent about a domain now, and to whom; changes nothing.  user:notFound if nothing waits. */
  sent_report_preview: (args: { kind: "dmarc" | "tls"; domain: string }, signal?: AbortSignal): Promise<ReportPreview> =>
    call("admin", "sent_report_preview", args, signal),
  /** Have what waits about a domain sent now; the id of the report.  user:notFound, user:conflict if such reports are switched off. */
  sent_report_send: (args: { kind: "dmarc" | "tls"; domain: string }, signal?: AbortSignal): Promise<number> =>
    call("admin", "sent_report_send", args, signal),
  /** Forget what waits about a domain and is of no report yet; how many messages or sessions that were. */
  sent_report_forget: (args: { kind: "dmarc" | "tls"; domain: string }, signal?: AbortSignal): Promise<number> =>
    call("admin", "sent_report_forget", args, signal),
  /** Forget a report; if it has not been sent, it never is. */
  sent_report_remove: (args: { kind: "dmarc" | "tls"; id: number }, signal?: AbortSignal): Promise<void> =>
    call("admin", "sent_report_remove", args, signal),
  /** Send no reports to an address or https URL for some days (1 to 3,650), or for good (null). */
  sent_report_suppress: (args: { address: string; days?: number | null; reason?: string }, signal?: AbortSignal): Promise<SendingPage> =>
    call("admin", "sent_report_suppress", args, signal),
  /** Let an address have reports again. */
  sent_report_allow: (args: { address: string }, signal?: AbortSignal): Promise<SendingPage> =>
    call("admin", "sent_report_allow", args, signal),
  /** Each domain and each account, with what they may. */
  mask_rules: (signal?: AbortSignal): Promise<MaskRules> =>
    call("admin", "mask_rules", {}, signal),
  /** Let masked addresses be made at a domain, or not; those there stay. */
  mask_domain: (args: { domain: string; allowed: boolean }, signal?: AbortSignal): Promise<MaskRules> =>
    call("admin", "mask_domain", args, signal),
  /** How many an account may have; null: as everybody. */
  mask_limit: (args: { account: string; most: number | null }, signal?: AbortSignal): Promise<MaskRules> =>
    call("admin", "mask_limit", args, signal),
  /** The backups that the server makes, what became of the last ones, and when the next one is due. */
  backups: (signal?: AbortSignal): Promise<Backups> =>
    call("admin", "backups", {}, signal),
  /** Have a backup made at once.  user:error if the configuration names no place for it. */
  backup_run: (signal?: AbortSignal): Promise<Backups> =>
    call("admin", "backup_run", {}, signal),
  /** Have the newest backup restored aside and compared, as is done each week.  user:notFound if there is none. */
  backup_try: (signal?: AbortSignal): Promise<Backups> =>
    call("admin", "backup_try", {}, signal),
  /** Accounts that were removed and can be brought back, by name. */
  accounts_removed: (signal?: AbortSignal): Promise<RemovedAccount[]> =>
    call("admin", "accounts_removed", {}, signal),
  /** Bring a removed account back, with its mail, addresses and passwords.  user:notFound if it is gone for good. */
  account_restore: (args: { name: string }, signal?: AbortSignal): Promise<RemovedAccount[]> =>
    call("admin", "account_restore", args, signal),
  /** Remove an account that was removed for good, now; its name and addresses are free then, its masked addresses never. */
  account_forget: (args: { name: string }, signal?: AbortSignal): Promise<RemovedAccount[]> =>
    call("admin", "account_forget", args, signal),
};
