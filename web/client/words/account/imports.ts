// What the page says that brings mail in from elsewhere, and out.
import { around, say } from "../phrase";

export const imports = {
  otherFile: (size: string, begun: string) => say`That is another file: it has ${size}, and the one that was begun ${begun}.`,
  title: "Import and export",
  meaning: "Bring the mail of years along. What is here already is known by its content and never comes twice, so you may import again and again until the move is done. Nothing is answered, no rule is asked, nobody hears of it.",
  imports: "Imports", belongs: "Where it belongs", fromFile: "From a file", file: "File",
  fileHint: "Google Takeout as it comes, an mbox file, or a zip or tgz of mbox files (Thunderbird, Apple Mail) or of a Maildir.", into: "Into",
  intoHint: "Folders and labels become mailboxes here; a mail with several labels comes once.", importFile: "Import the file",
  hostExample: "imap.example.net", userExample: "you@example.net", tls: "TLS (port 993)", starttls: "STARTTLS (port 143)",
  fromServer: "From another server",
  fromServerHint: "All mailboxes are read over IMAP, with flags; nothing changes there. Ask again later for what is new since.",
  encryption: "Encryption", user: "Name there", password: "Password there",
  passwordHint: "Often an app password. It is kept sealed while the import runs, and forgotten then.", port: "Port",
  portHint: "Only if it is an unusual one.", importServer: "Import from the server",
  train: "Let the junk filter learn from it: what lies in Junk is junk, the rest is good",
  // --- what becomes of an import
  states: { coming: "not all of it is here yet", waiting: "waits for its turn", running: "runs", stopped: "stopped", done: "done" },
  sending: (sent: string, all: string) => say`is being sent: ${sent} of ${all}`,
  intoMailbox: <T>(source: T, mailbox: string) => around<T>`${source} into ${mailbox}`, howFar: (source: string) => say`How far ${source} has come`,
  begun: <T>(when: T) => around<T>`begun ${when}`, commanded: <T>(when: T) => around<T>`begun on the command line ${when}`,
  chooseAgain: "Choose the file again", passedOver: "What was passed over", stopThis: (source: string) => say`Stop ${source}`, goOn: "Go on",
  askAgain: "Ask for what is new", forgetThis: (source: string) => say`Forget ${source}`,
  forgetting: (source: string) => say`The import of ${source} is forgotten. The mail that came stays.`, forget: "Forget",
  added: (count: number) => say`${count} new`, known: (count: number) => say`${count} here already`,
  changed: (count: number) => say`flags of ${count} brought up to date`, skipped: (count: number) => say`${count} passed over`,
  passwordGone: "It was forgotten when the import ended.", import: "Import",
  firstOf: (shown: number, all: number) => say`The first ${shown} of ${all}.`, allCame: "All the rest came.",
  // --- export
  maildirTgz: "Maildir, tgz", maildirZip: "Maildir, zip", mboxZip: "mbox, zip", allMail: "All mail", export: "Export",
  exportHint: "An archive with every message, its flags and keywords, which other programs read too. Imported again it gives the same mail.",
  what: "What", as: "As",
};
