// What the account's pages and the administrator's say both: common words, and what is drawn for either of them.
import { around, many, say } from "./phrase";

export const p = {
  saved: "Saved.", remove: "Remove", removeThis: (what: string) => say`Remove ${what}`, changeThis: (what: string) => say`Change ${what}`, none: "None yet.", never: "never", yes: "yes", no: "no", add: "Add", change: "Change", stop: "Stop", forget: "Forget", search: "Search", show: "Show",
  bringBack: "Bring back", more: "Show more", further: "More", older: "Older ones", haveIt: "I have it", beginning: "This is only its beginning.",
  days: (count: number) => many(count, { one: say`${count} day`, other: say`${count} days` }),
  // --- what columns and fields are called
  address: "Address", addresses: "Addresses", account: "Account", accounts: "Accounts", domain: "Domain", domains: "Domains", server: "Server", port: "Port", userName: "User name",
  subject: "Subject", messages: "Messages", sessions: "Sessions", inbox: "Inbox", list: "List", note: "Note", size: "Size", kind: "Kind", state: "State", outcome: "Outcome", reason: "Reason",
  what: "What", who: "Who", why: "Why", when: "When", where: "Where", first: "First", last: "Last", day: "Day", since: "Since", until: "Until", holdsUntil: "Holds until", lastUsed: "Last used",
  received: "Received", lookedAt: "Looked at", failed: "Failed", trace: "Trace", nextTry: "Next try", lastAnswer: "Last answer", selector: "Selector",
  masks: "Masked addresses", reports: "Reports", programs: "Mail programs", nowhere: "nowhere", ownNote: "A note for yourself.",
  noDomain: "No domain yet.", noAccount: "No account yet.", noReport: "No report yet.", noAddress: "the account has no address yet",
  // --- passwords
  yourPassword: "Your password", passwordNow: "Password now", newPassword: "New password", passwordLength: "8 characters at least.", passwordChanged: "The password was changed.",
  examples: { domain: "example.org", other: "example.net", address: "ann@example.org" },
};

/** A chart of what was counted on each day. */
export const chart = {
  said: (what: string, since: string, until: string, sums: string) => say`${what} by day, ${since} to ${until}: ${sums}`, asTable: "As a table",
  nothing: "Nothing yet.",
};

/** What people type into mail programs. */
export const programs = {
  purposes: { imap: "Reading (IMAP)", smtp: "Sending (SMTP)" }, other: "if the other one does not work", user: "User name",
  password: "an app password, or that of the account", method: "Sign-in method", methods: "normal password (or SCRAM-SHA-256, if the program knows it)",
  for: "For", port: "Port", security: "Security", none: "No listener takes mail from programs of the outside.", read: "Mail is read in the webmail.",
  readAt: <T>(link: T) => around<T>`Mail is read in the webmail: ${link}.`,
  noImap: "This server does not offer IMAP, so mail programs, scanners and scripts can send here, but not read. Thunderbird finds nothing by itself then: add the server below as an outgoing server in its account settings.",
};

/** Two-factor sign-in. */
export const secondFactor = {
  off: "Off: the password alone signs in.", setUp: "Set up two-factor sign-in", on: (since: string) => say`On since ${since}.`,
  left: (count: number) => many(count, { one: say`${count} recovery code is left.`, other: say`${count} recovery codes are left.` }),
  noneLeft: "No recovery code is left.", newCodes: "New recovery codes", makeCodes: "Make new codes",
  makingCodes: "The codes that you have open nothing afterwards.", switchingOff: "Switch two-factor sign-in off", switchOff: "Switch off",
  passwordAlone: "The password alone will sign in.", nowOff: "Two-factor sign-in is off.", title: "Two-factor sign-in", goOn: "Go on",
  needed: "You need a telephone with an authenticator, a program that shows a new code every half minute. Signing in then takes your password and such a code.",
  picture: "QR code for the authenticator; the same is written below it", switchOn: "Switch on",
  scan: "Let the authenticator see this picture, or type the key into it:", shown: "The code that it shows", digits: "Six digits.",
  codes: "Recovery codes",
  codesMeaning: "Each of these signs you in once, if the telephone is lost or broken. Print them or write them down, and keep them where the telephone is not: they are shown now and never again.",
  copyAll: "Copy all", haveThem: "I have them", proof: "Of the authenticator, or a recovery code.",
};

/** The log of sign-ins. */
export const signInLog = {
  services: { web: "these pages", smtp: "sending (SMTP)", imap: "reading (IMAP)" } as Record<string, string>, who: "Who", outcome: "What came of it",
  for: "For", from: "From", program: "Program", first: (when: string) => say`first ${when}`, times: (count: number) => say`(${count} times)`,
  nobodyHere: (name: string) => say`nobody here: ${name}`, newPlace: "new place", appPassword: (name: string) => say`app password “${name}”`,
  nobody: "Nobody yet.", signedIn: "signed in",
};
