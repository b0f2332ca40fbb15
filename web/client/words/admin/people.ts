// What the pages about those with mail here say: accounts, masked addresses; and who did what: sign-ins, the audit log.
import { around, many, say } from "../phrase";

/** Accounts. */
export const accounts = {
  ofRoom: (size: string, room: string) => say`${size} of ${room}`, off: "switched off", removed: "Removed",
  removedHint: "Nobody gets their names, addresses and mail meanwhile.", keptUntil: "Kept until",
  bringBackThis: (name: string) => say`Bring back ${name}`, isBack: (name: string) => say`${name} is back.`,
  forgetThis: (name: string) => say`Remove for good ${name}`,
  forgetting: (count: number, name: string) => many(count, {
    one: say`The only message of ${name} will be lost for good. Masked addresses are never given again.`,
    other: say`All ${count} messages of ${name} will be lost for good. Masked addresses are never given again.`,
  }),
  forget: "Remove for good", addOne: "Add an account", name: "Account name",
  nameHint: "What one signs in with; any address of the account does as well.", fullName: "Full name", firstAddress: "First address",
  makeUp: "Make one up",
  holds: (count: number, size: string, since: string) => many(count, { one: say`${count} message, ${size}; since ${since}`, other: say`${count} messages, ${size}; since ${since}` }),
  enabled: "May sign in and send", enabledHint: "Mail for it is taken and kept in any case.", room: "Room for mail, MB", roomHint: "Empty: no limit.",
  perDay: "Messages it may send in 24 hours", perDayHint: "Empty: as many as the server lets everybody send.", firstTime: "New recipients in 24 hours",
  firstTimeHint: "People it has never written to. Empty: as everybody.", removingAddress: (address: string) => say`${address} will no longer be known.`,
  noAddresses: "No addresses: nobody can write to this account.", oneMore: "One more", guard: "Signing in and sending",
  removing: (name: string) => say`Nobody can sign in as ${name} or write to it any more. It is kept for 30 days, and can be brought back on the page of accounts.`,
  removeIt: "Remove the account", removeThis: "Remove this account", freezeExample: "the laptop was stolen",
  // --- signing in and sending
  cannotSend: "It cannot send", frozen: <T>(what: T, since: string, why: string) => around<T>`${what} since ${since}: ${why}.`,
  waiting: (count: number) => many(count, { one: say`${count} recipient waits in the queue.`, other: say`${count} recipients wait in the queue.` }),
  unfreeze: "Let it send again", freeze: "Stop it from sending, because", stopIt: "Stop it",
  factorOn: (count: number) => many(count, { one: say`Two-factor sign-in is on; ${count} recovery code is left.`, other: say`Two-factor sign-in is on; ${count} recovery codes are left.` }),
  factorOffAsk: (name: string) => say`Only if you know that it is ${name} who asks: the password alone will sign in.`, switchOff: "Switch off",
  switchItOff: "Switch it off", factorOff: "Two-factor sign-in is off.", appPassword: "App password", goodFor: "Good for", expired: "nothing: expired",
  usedFrom: <T>(when: T, from: string) => around<T>`${when} from ${from}`, revokeThis: (label: string) => say`Revoke the app password ${label}`,
  revoking: (label: string, name: string) => say`What uses the app password “${label}” of ${name} can no longer sign in.`, revoke: "Revoke",
  noAppPasswords: "No app passwords.", latest: "Latest sign-ins",
};

/** The audit log. */
export const audit = {
  example: "ann domain_add 192.0.2.", from: "From", with: "With", done: "done", begun: "begun, and never ended", nothing: "Nothing.",
  title: "Audit log",
  meaning: "Every change that was made on these pages, on those of accounts, by programs and on the command line, kept for a year. Secrets are left out.",
};

/** Masked addresses. */
export const masks = {
  usual: "as everybody", meaning: "People make addresses for single sites on the page of their account, at domains where they have an address.",
  has: "Has", mayHave: "May have",
};

/** The administrator's password, and who signs in. */
export const security = {
  browser: "Browser", from: "From", administrator: "administrator", this: "this one", nobody: "Nobody.", title: "Security",
  password: "Administrator's password", factor: "Two-factor sign-in", signedIn: "Signed in", signIns: "Sign-ins",
  signOutThis: (who: string, ip: string, browser: string) => say`Sign out ${who} at ${ip}, ${browser}`,
  searchExample: "account, IP address or program", all: "all", onlyFailed: "only failed ones", onlyGood: "only successful ones",
};
