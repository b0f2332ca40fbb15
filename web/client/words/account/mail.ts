// What the pages about one's mail say: rules, answers while away, forwarding, masked addresses, junk, what was removed.
import { around, many, say } from "../phrase";

/** The answer while one is away. */
export const away = {
  off: "Nothing is answered now.", until: (last: string) => say`Mail is answered until the end of ${last}.`,
  on: "Mail is answered until you switch this off.",
  outside: (first: string, last: string) => say`It is on for ${first} to ${last}, and answers nothing today.`,
  begins: (first: string) => say`It begins on ${first}.`, beginsLater: "It begins on another day.",
  subjectExample: "Auto: and the subject of the message", textExample: "I am away until the 14th and read no mail. If it is urgent, …", title: "Away",
  enabled: "Answer mail while I am away", first: "First day", firstHint: "Empty: at once.", last: "Last day",
  lastHint: "That day as well. Empty: until it is switched off.", zone: "Time zone", zoneHint: "Where these days begin and end.", text: "Text",
  textHint: "Plain text, for everybody who writes to you.", show: "Show the message", try: "Try it on stored mail", unanswered: "Who gets no answer",
  without: ["Whoever had one less than seven days ago.", "Mailing lists, newsletters, notices of servers and other programs.", "Mail that names you neither in To nor in Cc, and what came by a masked address.", "Junk, and what may not be from whom it says (DMARC).", "You yourself."],
  preview: "What somebody would get", tried: "Tried on stored mail",
  answered: (count: number, all: number) => (count ? say`${count} of the newest ${all} messages would have had an answer. Nothing was sent.` : say`None of the newest ${all} messages would have had an answer. Nothing was sent.`),
  from: "From", answer: "Answer", no: (why: string) => say`no: ${why}`, yes: "yes", noMail: "There is no mail yet.",
};

/** What was removed lately. */
export const deleted = {
  back: (where: string) => say`Back in ${where}.`, bring: "Bring back",
  gone: (count: number) => many(count, { one: say`${count} message will be gone for good, now.`, other: say`${count} messages will be gone for good, now.` }),
  removeNow: "Remove now", from: "From", wasIn: "Was in", removed: "Removed", keptFor: "Kept for", justNow: "just now",
  days: (count: number) => many(count, { one: say`${count} day`, other: say`${count} days` }), none: "Nothing was removed lately.",
  title: "Recently deleted",
  kept: (days: number) => many(days, { one: say`What left Trash, Junk or Drafts, or went with a folder, is kept here for ${days} day.`, other: say`What left Trash, Junk or Drafts, or went with a folder, is kept here for ${days} days.` }),
  room: (size: string) => say`It does not count for your room of ${size}. At most that much is kept here, and the oldest goes first. What you bring back counts again.`,
  noRoom: "It takes none of your room.",
  total: (count: number, size: string) => many(count, { one: say`${count} message, ${size}`, other: say`${count} messages, ${size}` }),
  allGone: (count: number) => many(count, { one: "The only message will be gone for good, now.", other: say`All ${count} messages will be gone for good, now.` }),
  removeAll: "Remove all", removeAllNow: "Remove all now", choose: (subject: string) => say`Choose ${subject}`,
  chooseNameless: "Choose the message without a subject",
};

/** Forwarding to other addresses. */
export const forwarding = {
  title: "Forwarding",
  meaning: "Mail goes on to another address as it came, and a copy stays here. Junk is never forwarded. If the other server refuses something, you are told here; whoever wrote it is not.",
  another: "Another address", to: "Forward to", removing: (address: string) => say`Nothing more will be forwarded to ${address}.`,
  confirmed: "confirmed", unconfirmed: "not confirmed", codeExample: "abcd-efgh",
  mailed: (address: string) => say`A code was mailed to ${address}. Nothing is forwarded before you type it here.`, confirm: "Confirm",
  remailed: "Another code is on its way.", remail: "Mail another code",
  counts: <T>(forwarded: number, latest: T | null, kept: number, why: string) => [...(latest === null ? [say`${forwarded} forwarded; `] : around<T>`${forwarded} forwarded, the last one ${latest}; `), why ? say`${kept} kept here only, the last one because ${why}.` : say`${kept} kept here only.`],
  everything: "all mail but junk", byRules: "only what a rule forwards", keep: "stays where it belongs", archive: "goes to Archive, as read",
  refusedStays: "stays here, with the reason", refusedAttached: "goes as an attachment of a message of yours", forward: "Forward",
  copy: "The copy here", refused: "What the other server would refuse",
  refusedHint: "Some domains forbid what forwarding does to their mail (DMARC). Such mail would be lost on the way.", seal: "Seal it (ARC)",
  sealHint: "Tells the other server what this one found out about the sender.", example: "me@example.net",
  addressHint: "A code is mailed there. Forwarding begins when you have typed it here.",
};

/** The junk filter. */
export const junk = {
  ownJunk: "called junk by you", ownGood: "called good by you", junk: "called junk by everybody here", good: "called good by everybody here",
  enough: "That is enough to judge mail by its words.",
  few: (junk: number, good: number) => say`Too few yet to judge mail by its words: that takes ${junk} junk and ${good} good messages.`,
  how: "Moving to Junk says junk; moving out of it, answering, archiving, or reading and keeping in the Inbox says good. Throwing away says nothing.",
  title: "Junk", learned: "What the filter has learned", chosen: "What you chose", filter: "Judge mail by its words",
  filterHint: "And learn them from what you move to Junk and out of it.", threshold: "Words make junk from, %",
  thresholdHint: "How sure the filter must be. Usual is 90; less finds more junk, and takes more good mail for it.",
  pass: "Let refused people in by their subject", passHint: "A person whose mail was refused is told a word to put into the subject.",
  days: "Days that refused mail is kept in Rejects", daysHint: "So that a lost sign-up mail can be found; 0 keeps none.", slow: "Let strangers wait",
  slowHint: "Senders that nothing is known of and nothing speaks for wait some seconds; who sends junk often does not.",
};

/** Masked addresses, and keys for password managers. */
export const masks = {
  siteExample: "shop.example", title: "Masked addresses",
  meaning: "An address for one site that says nothing about you. You see who writes to it, and switch it off when somebody passed it on.",
  made: <T>(address: T) => around<T>`The new address: ${address}`, site: "Site", siteHint: "Whom the address is for; may be empty.", new: "New address",
  noDomain: "The account has no address at a domain where masked addresses are allowed.",
  yours: (count: number, most: number) => say`Yours (${count} of ${most})`, managers: "Password managers",
  received: (count: number) => say`${count} received`, both: (received: number, sent: number) => say`${received} received, ${sent} sent`,
  off: "off: mail is refused", since: (day: string, count: string) => say`made ${day}, ${count}`,
  sinceLast: <T>(day: string, count: string, last: T) => around<T>`made ${day}, ${count}, last ${last}`,
  others: (site: string, who: string) => say`Others than ${site} wrote: ${who}`, writers: (who: string) => say`Who wrote: ${who}`,
  unproven: "(says the message, unproven)", switchThisOff: (address: string) => say`Switch off ${address}`,
  switchThisOn: (address: string) => say`Switch on ${address}`, switchOff: "Switch off", switchOn: "Switch on",
  noteThis: (address: string) => say`Note something about ${address}`, removeThis: (address: string) => say`Remove ${address}`,
  removing: (address: string) => say`Mail to ${address} will be refused for good, and nobody can ever have that address again.`,
  // --- keys
  keyExample: "Bitwarden on the laptop",
  choose: <T>(server: T) => around<T>`Bitwarden, Proton Pass and others make an address while you sign up somewhere. Choose SimpleLogin or addy.io there, as the server ${server}, and a key from here as the API key.`,
  unreachable: "Password managers make an address while you sign up somewhere, but cannot reach this server: the page of accounts is offered on no listener for the outside. The administrator can change that (“web” of a listener).",
  key: "Key", keyMade: "Made", removeKey: (label: string) => say`Remove the key ${label}`,
  removingKey: (label: string) => say`What uses the key “${label}” can make no more addresses. Those there are stay.`, aNewKey: "A new key",
  keyMeaning: "This is the key. It is shown now and never again; it makes masked addresses and can do nothing else.", keyFor: "What the key is for",
  newKey: "New key",
};

/** Rules for mail that comes in. */
export const rules = {
  rule: "Rule", unused: "not used", lost: "its mailbox is gone", sentence: <T>(fitting: T, doing: T) => around<T>`If ${fitting}: ${doing}.`,
  all: (conditions: string[]) => conditions.join(" and "), earlier: (rule: string) => say`Look at ${rule} earlier`,
  later: (rule: string) => say`Look at ${rule} later`, removeThis: (rule: string) => say`Remove ${rule}`,
  removing: (rule: string) => say`The rule “${rule}” will be forgotten; mail stays where it is.`, title: "Rules",
  meaning: "For mail that comes in. They are looked at in this order, and the first that fits counts.", none: "No rule yet.",
  tried: "Tried on stored mail", try: "Try them on stored mail",
};
