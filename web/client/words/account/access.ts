// What the pages about oneself say: the account, passwords, sign-ins, mail programs, addresses.
import { around, many, say } from "../phrase";

/** The pages, by what the menu calls them. */
export const pages = {
  you: "You", passwords: "Passwords", signIns: "Sign-ins", programs: "Mail programs", addresses: "Addresses", mail: "Your mail", rules: "Rules",
  away: "Away", forwarding: "Forwarding", masks: "Masked addresses", junk: "Junk", deleted: "Recently deleted", imports: "Import and export",
  webmail: "Webmail",
};

/** Who one is for others. */
export const identities = {
  title: "Addresses and identities", fullName: "Your name", fullNameHint: "Stands beside your addresses.", identities: "Identities",
  meaning: "Who you write as. The first one is the usual one; its signature is under what you write.",
  none: "None: you write as your name and your addresses.", new: "New identity", addresses: "Addresses", asAbove: "as above", place: "Its mail goes to",
  placeHint: "Unless a rule says otherwise.", saveFor: (address: string) => say`Save what is chosen for ${address}`,
  noAddress: "The account has no address yet; the administrator gives it one.", usual: "usual",
  answersTo: (address: string) => say`answers go to ${address}`, signed: (signature: string) => say`signature: ${signature}`, unsigned: "no signature",
  makeUsual: (who: string) => say`Make ${who} the usual one`, removeThis: (who: string) => say`Remove ${who}`,
  removing: (who: string) => say`The identity ${who} will be forgotten; its address stays.`, sameAddress: "the same address", identity: "Identity",
  replyTo: "Answers go to", signature: "Signature", signatureHint: "Plain text; stands under what you write, behind “-- ”.",
};

/** The account itself. */
export const own = {
  cannotSend: "You cannot send at the moment", frozen: <T>(what: T, since: string, why: string) => around<T>`${what} (since ${since}): ${why}.`,
  notYou: <T>(passwords: T, signIns: T) => around<T>`If that was not you: change your password and revoke your app passwords (${passwords}), and look who signed in (${signIns}). The administrator lets you send again; until then what you sent waits.`,
  title: "Your account", addresses: "Addresses", signedIn: "Signed in", browser: "Browser", from: "From", since: "Since", this: "this one",
  nobody: "Nobody.", others: "Sign out all others",
};

/** Passwords of the account and of programs. */
export const passwords = {
  title: "Passwords", own: "It opens these pages. Mail programs are better off with an app password each.",
  factor: "Signing in then takes your telephone as well, and mail programs take app passwords only.", app: "App passwords",
  appMeaning: "One for each program or telephone: when that is lost, you revoke its password and nothing else changes.",
  changed: "The password was changed; all other browsers are signed out.", now: "Password now", new: "New password",
  newHint: "8 characters at least; a few words in a row are good.", change: "Change",
  scopes: { imap: "Read mail (IMAP)", smtp: "Send mail (SMTP)", webmail: "Webmail" },
  services: { imap: "reading", smtp: "sending", web: "webmail" } as Record<string, string>, for: "For", goodFor: "Good for", until: "Until",
  untilRevoked: "you revoke it", expired: (day: string) => say`expired ${day}`,
  used: <T>(when: T, from: string, purpose: string) => around<T>`${when} from ${from}, ${purpose}`,
  revokeThis: (label: string) => say`Revoke the app password ${label}`,
  revoking: (label: string) => say`What uses the app password “${label}” can no longer sign in.`, revoke: "Revoke", newApp: "New app password",
  example: "Thunderbird on the laptop", aNewApp: "A new app password", make: "Make it", what: "What is it for?", last: "Last day",
  lastHint: "Empty: until you revoke it.", theNewApp: "The new app password",
  once: "Type or copy it into the program. It is shown now and never again.",
};

/** Setting up a mail program. */
export const programs = {
  noAddress: "the account has no address yet", title: "Set up a mail program",
  byThemselves: "Thunderbird, K-9 Mail, Outlook and others need only your address and your password: they find the rest by themselves.",
  what: "What to type", whatHint: "Where a program asks for more.", apple: "iPhone, iPad and Mac",
  noProfile: "A profile is for an address, and the account has none yet.",
  profile: "A profile sets up the mail program; it asks for your password when you install it.",
  signedBy: (signer: string) => say`It is signed by ${signer}.`,
  unsigned: "It is not signed, since nobody vouches for this server's certificate; the telephone says so before it installs it.",
  showCode: "Show a QR code", download: "Download here", code: (address: string) => say`QR code that leads to the profile for ${address}`,
  point: "Point the telephone's camera at it, or open this there:",
  once: (minutes: number) => many(minutes, { one: say`Works once, within ${minutes} minute, without signing in. It holds no password.`, other: say`Works once, within ${minutes} minutes, without signing in. It holds no password.` }),
  over: "That code has run out.",
};

/** Who signed in. */
export const signIns = {
  meaning: "Of the last 90 days. If one was not you: change your password, revoke the app password that was used, and sign out all others.",
};
