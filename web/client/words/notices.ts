// What notices of new mail say, and the dialog about them.
import { many, say } from "./phrase";

/** What a notice of new mail says; the service worker shows it. */
export const news = {
  title: "New mail",
  nobody: "(nobody)",
  noSubject: "(no subject)",
  unproven: "The sender is not proven.",
  others: (count: number) => many(count, { one: "and one more message", other: say`and ${count} more messages` }),
  unread: (count: number) => many(count, { one: "One unread message in the Inbox", other: say`${count} unread messages in the Inbox` }),
  account: (name: string) => say`for ${name}`,
  testTitle: "It works",
  testBody: (name: string) => say`New mail for ${name} will show like this.`,
};

/** The dialog about these notices. */
export const notices = {
  title: "Notifications",
  own: "Notify this device of new mail",
  on: "This device is told of new mail, also while no page of the webmail is open, until you sign out here.",
  off: "This device is not told of new mail.",
  turning: "One moment…",
  blocked: "Your browser does not let this page show notifications. Allow them in the settings that it has for this site (mostly behind the sign left of the address), then open this again.",
  lacks: {
    unsupported: "This browser cannot be told of new mail.",
    homescreen: "Here this works once you have added the webmail to your home screen and opened it from there.",
    worker: "This works only over a connection whose certificate the browser trusts, and not in private windows.",
  },
  notSubscribed: "The browser has no push service now: it may be offline, or its maker's service is switched off or cannot be reached.",
  what: "What notifications tell",
  details: "Who wrote, and the subject",
  everywhere: "Mail in other mailboxes than the Inbox, too (never Junk)",
  devices: "Devices that are told",
  none: "None yet.",
  thisOne: "this one",
  used: (when: string, service: string) => say`Last told ${when}, by ${service}`,
  unused: (when: string, service: string) => say`Since ${when}, by ${service}`,
  failed: (when: string, why: string) => say`Not told ${when}: ${why}`,
  test: "Test",
  testOf: (name: string) => say`Send a test to ${name}`,
  removeOf: (name: string) => say`Tell ${name} nothing more`,
  taken: (service: string) => say`${service} took it; the notification should show in a moment.`,
};
