// What the pages about domains say: settings, aliases, DKIM keys, what is in the DNS, setting up step by step.
import { around, many, say } from "../phrase";

/** What a check of a domain's DNS found. */
export const dns = {
  check: "Check now", checking: "Name servers, mail hosts and web servers are asked; that takes half a minute at most.",
  unexamined: "Nobody has looked yet; it is done each night, too.", looked: <T>(when: T) => around<T>`Looked at ${when}.`,
  allGood: "All is as it should be.", good: (parts: string) => say`Good: ${parts}.`,
  score: (score: number) => say`internet.nl would give about ${score} %`, part: "Part", tested: "What is tested", unknown: "not known",
  passes: "passes", fails: "fails", history: "How it was before", from: "From", wrong: "Wrong", better: "Could be better",
  oneRecord: "This record should be there:", records: "These records should be there:",
};

/** Domains: their settings, addresses and aliases. */
export const domains = {
  description: "Description", aliases: "Aliases", off: "switched off", addOne: "Add a domain", refuse: "nobody: refuse it",
  asking: "The DNS is asked what is there…", enabled: "Takes mail",
  enabledHint: "While it does not, others are told to try again later; nothing is removed.", catchall: "Mail to unknown addresses goes to",
  separator: "Separator", separatorHint: "With + mail to ann+shop goes to ann; empty switches this off.", sensitive: "Upper and lower case differ",
  sensitiveHint: "Ann@ and ann@ are then two addresses; nobody expects that.", dmarcReports: "DMARC reports go to",
  dmarcReportsHint: "Where others are to report mail in the domain's name: an address at any of your domains. The records below ask for it.",
  tlsReports: "TLS reports go to", tlsReportsHint: "Where others are to report how connections were protected.",
  removingAddress: (address: string) => say`${address} will no longer be known.`, noAddresses: "No addresses.", alias: "Alias", members: "Passes on to",
  memberSends: "Members write as it", writers: "Who may write to it", removingAlias: (address: string) => say`The alias ${address} will be removed.`,
  noAliases: "No aliases.", addAlias: "Add an alias", records: "DNS records",
  recordsHint: "Put these where the DNS of the domain is managed. What others have to keep was taken into account: each replaces what is shown beside it.",
  stepByStep: "Set up step by step", zoneFile: "As text for a zone file", check: "Is the DNS as it should be?", keys: "DKIM keys",
  policy: "Protected transport (MTA-STS)", reports: "Reports of others", whoSends: "Who sends as this domain", connections: "How connections did",
  wholeAddress: (domain: string) => say`the whole address, like somebody@${domain}`,
  removing: (domain: string) => say`Mail to ${domain} will no longer be taken.`, removeIt: "Remove the domain", removeThis: "Remove this domain",
  // --- the policy for protected transport
  modes: { off: "no policy", none: "ends an earlier policy", testing: "use TLS, report what fails", enforce: "no mail without verified TLS" },
  hostsExample: "mx2.example.org *.example.net", policySaved: "Saved. Look at the DNS records: they belong together.",
  mode: "What other servers are told", modeHint: "Begin with testing. To end a policy choose none, and off when it has run out everywhere.",
  days: "They keep it for so many days", hosts: "Hosts besides this one", hostsHint: "A * in front stands for one label.",
  // --- aliases
  posts: { everybody: "everybody", members: "its members", domain: "people at its domain" },
  posting: "Of others, the message has to be proven to come from its author (DKIM, SPF).", sendable: "Accounts here among them may write in its name",
  membersHere: "Addresses, one a line", newAlias: "New alias", newMembers: "Passes on to, one address a line",
};

/** The DKIM keys of a domain. */
export const keys = {
  selectorExample: "made of the date", algorithm: "Algorithm", signs: "Signs", record: "DNS record",
  signWith: (selector: string) => say`Sign with ${selector}`, removeThis: (selector: string) => say`Remove ${selector}`,
  removing: (selector: string) => say`The key ${selector} is lost for good; take its record out of the DNS.`, removeKey: "Remove the key",
  none: "No keys.", change: "Change a key",
  meaning: "A new key is made. You publish its record; when all name servers of the domain have it the server signs with it, and tells you when the old record can go. No mail is lost or unsigned meanwhile.",
  make: "Make a new key",
  // --- a change of keys
  stages: { publish: "1 of 3: publish the new record", wait: "2 of 3: old mail passes", remove: "3 of 3: take the old record out" },
  changeTo: (selector: string) => say`Change to ${selector}`, until: (when: string) => say`Until ${when}.`,
  unasked: "The DNS has not been asked yet; that is done every ten minutes.", asked: (when: string) => say`The DNS was asked at ${when}.`,
  ask: "Ask the DNS now", giveUp: "Give up the new key", recordGone: "The record is gone",
};

/** The records of a domain. */
export const records = {
  states: { right: "is there", missing: "is missing", differs: "is different", unknown: "not known" },
  there: (count: number, all: number) => say`${count} of ${all} records are there.`, left: "What is left, as text",
  right: (count: number) => many(count, { one: say`${count} record that is there`, other: say`${count} records that are there` }),
  optional: "Optional records", now: "there now", wanted: "should be",
};

/** Setting up, step by step. */
export const setup = {
  stages: { machine: "The machine", domain: "The domain", account: "An account", dns: "DNS records", certificate: "A certificate", outgoing: "A letter to somebody elsewhere", incoming: "A letter from somebody elsewhere", programs: "Mail programs" },
  marks: { done: "done", waiting: "to do", wrong: "not right yet" }, title: "Set up", titleOf: (domain: string) => say`Set up ${domain}`,
  meaning: (domain: string) => say`Each part says what is left to do. This page looks again by itself, until a letter from ${domain} has arrived elsewhere and one from elsewhere has arrived here.`,
  wholeAddress: (domain: string) => say`the whole address, like somebody@${domain}`,
  programs: "What to type into a mail program; most find it by themselves.", done: (domain: string) => say`All is done: ${domain} sends and receives.`,
  next: (stage: string) => say`Next: ${stage}.`,
  left: (count: number) => many(count, { one: say`${count} part is left.`, other: say`${count} parts are left.` }), author: "Author",
  unchecked: "Nothing was checked.",
  sent: <T>(when: string, steps: T) => around<T>`Sent ${when}; ${steps}. Look there whether it came into the inbox, or among the junk.`,
  eachStep: "each step of it", asking: "The name servers are asked; that takes half a minute at most.",
  recordsHint: "Put these where the DNS of the domain is managed. What others have to keep was taken into account: each replaces what is shown beside it.",
  zoneFile: "All of them, as text for a zone file", serversSay: "What the servers say", look: "Look now", machineGood: "It is as it should be.",
  worthALook: "worth a look", inOrder: (parts: string) => say`What is in order: ${parts}`,
  // --- its forms
  localpartExample: "ann", fullNameExample: "Ann Example", added: (address: string) => say`${address} is there.`,
  localpart: (domain: string) => say`Address before @${domain}`,
  localpartHint: "The account has the same name. What comes to postmaster goes to the account that the configuration names.",
  person: "Name of the person", addAccount: "Add the account",
  orGive: <T>(accounts: T) => around<T>`Or give an account that is there an address: ${accounts}.`, elsewhereExample: "you@elsewhere.example",
  from: "From", elsewhere: "To an address of yours elsewhere", elsewhereHint: "Best at one of the large providers: they are strict.",
  sendLetter: "Send a test letter", answer: "Answer the letter, or write one from elsewhere. It is seen here as soon as it has come.",
  chooseDomain: "A mail server needs a domain. Choose the one whose mail is to come to this machine.", newDomain: "A new domain",
};
