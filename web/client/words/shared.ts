// What all pages say: dialogs, sign-in, tables, and why a call did not succeed.
import { many, say } from "./phrase";

export const s = {
  mixed: "Letters of different scripts in one word: it may not be what it looks like",
  turned: "Here is a character that turns around what follows; it is not obeyed",
  noSubject: "(no subject)",
  unknown: "(unknown)",
  messages: (count: number) => many(count, { one: say`${count} message`, other: say`${count} messages` }),
  octets: ["B", "kB", "MB", "GB", "TB"], spans: { days: "d", hours: "h", minutes: "min", seconds: "s" },
  // --- dialogs and notices
  close: "Close", cancel: "Cancel", save: "Save", ok: "OK", dismiss: "Dismiss", again: "Try again", name: "Name",
  sure: "Are you sure?",
  faster: { title: "Somebody else was faster", hint: "Nothing of yours was saved.", mine: "Look at mine once more", load: "Load it again" },
  // --- tables
  copy: "Copy", copied: "Copied", copyThis: (what: string) => say`Copy ${what}`, copiedThis: (what: string) => say`Copied ${what}`,
  // --- signing in, and from page to page
  signIn: { name: "Account or address", password: "Password", code: "Code", codeHint: "Of your authenticator, or one of your recovery codes.", enter: "Sign in" },
  title: (page: string) => say`${page} - Pillarbox`, signOut: "Sign out", menu: "Menu", pages: "Pages", contents: "On this page",
  browserOn: (browser: string, system: string) => `${browser} on ${system}`,
  // --- calls
  unreachable: "The server cannot be reached.",
  improper: "The server gave no proper answer.",
  notUnderstood: (at: string) => `The server gave an answer that this page does not understand (${at}). Load the page again.`,
  uploadStopped: "The upload was stopped.",
};
