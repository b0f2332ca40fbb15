// What the pages about backups say.
import { around, many, say } from "../phrase";

/** The backups that there are, and what is done with them. */
export const backups = {
  title: "Backups", unset: "This server makes no backups by itself. Name a directory in its configuration, best on another disk, and reload it:",
  atOnce: <T>(command: T) => around<T>`At once, and without that: ${command}`, daily: (time: string) => say`Once a day at ${time} UTC.`,
  dailyEncrypted: (time: string) => say`Once a day at ${time} UTC, encrypted.`,
  kept: <T>(days: number, free: string, place: T) => around<T>`The newest of each of ${days} days is kept; ${free} are free in ${place}`,
  keptWeeks: <T>(days: number, weeks: number, free: string, place: T) => around<T>`The newest of each of ${days} days and ${weeks} weeks is kept; ${free} are free in ${place}`,
  next: "Next", making: "one is being made", unplanned: "not planned yet", lastTrial: "Last trial",
  noTrial: "none yet: each week the newest is restored aside and compared", fit: (name: string) => say`${name} is good`,
  unfit: (name: string) => say`${name} is not as it should be`, willMake: "A backup will be made within a minute.", make: "Back up now",
  willTry: "The newest backup will be tried within a minute.", try: "Try the newest", made: "Made", new: "New in it", compared: "Compared",
  compareThis: (when: string) => say`Compare now: the backup of ${when}`, willCompare: "It will be compared within a minute.", compare: "Compare now",
  encrypted: "encrypted", none: "No backup yet.", restoring: "To get something back",
  some: <T>(command: T) => around<T>`Click on a backup to look into it: an account, a folder or single messages come back while the server runs, and nothing that is there is touched. The same at the command line: ${command}`,
  everything: <T>(command: T) => around<T>`Everything, with the server stopped: ${command}`, unchecked: "not yet",
  wrong: <T>(when: T) => around<T>`not as it was, ${when}`, good: <T>(when: T) => around<T>`good, ${when}`,
  // --- work on them
  work: "Work on backups", asked: "Asked", howFar: "How far", howFarThis: (what: string) => say`How far ${what} has come`, waits: "waits for its turn",
  doneOf: (done: number, all: number) => say`${done} of ${all}`, stopThis: (what: string) => say`Stop: ${what}`, stopped: "It is stopped.",
  compareMade: (made: string) => say`Compare the backup of ${made}`,
  messagesOf: (count: number, account: string) => many(count, { one: say`one message of ${account}`, other: say`${count} messages of ${account}` }),
  folderOf: (folder: string, account: string) => say`${folder} of ${account}`,
  bring: (what: string, made: string) => say`Bring back ${what} from ${made}`,
  bringFor: (what: string, made: string, whom: string) => say`Bring back ${what} from ${made}, for ${whom}`, ended: "Stopped",
  same: (count: number) => say`All ${count} files are as they were`, different: "It is not as it was",
  cameBack: (count: number) => many(count, { one: "One message came back", other: say`${count} messages came back` }),
  cameBackOf: (count: number, there: number) => many(count, { one: say`One message came back, ${there} were still there`, other: say`${count} messages came back, ${there} were still there` }),
};

/** One backup, and what is in it. */
export const inside = {
  title: "Backup", gone: "There is no such backup (any more).", all: "All backups",
  encrypted: "This backup is encrypted, and the key that opens it is not on this server. Where the key is, as root:",
  meaning: "What an account still has stays as it is; only what is gone comes back, to folders of the same names and with its flags.",
  bringBackThis: (name: string) => say`Bring back ${name}`, notHere: "(there is no such account now)", noAccounts: "No accounts.",
  of: (when: string) => say`Backup of ${when}`, whole: "All of it",
  wholeHint: "Putting the whole server back to this state takes the place of everything that is there, so it is done on the server itself, as root, while it is stopped. What is there now is moved aside, not removed.",
  accountOn: (account: string, when: string) => say`${account} on ${when}`, allAccounts: "All accounts of this backup", folder: "Folder",
  messagesOf: (folder: string) => say`Messages of ${folder}`, noFolders: "No folders.", choose: (subject: string) => say`Choose ${subject}`,
  chooseNameless: "Choose a message without subject", bringBackSome: (count: number) => say`Bring back ${count}`, from: "From",
  noMessages: "No messages.",
  // --- bringing it back
  giving: (count: number, account: string, when: string) => many(count, { one: say`One message of ${account} as on ${when}.`, other: say`${count} messages of ${account} as on ${when}.` }),
  givingFolder: (folder: string, account: string, when: string) => say`The folder ${folder} of ${account}, with those below it, as on ${when}.`,
  givingAll: (account: string, when: string) => say`All mail of ${account} as on ${when}.`, itself: (account: string) => say`${account} itself`,
  whom: "Who gets it", whomHint: "Another account can look through it first.", begun: "It is being brought back; the list shows how far it has come.",
  bringItBack: "Bring it back",
};
