// What the pages about the server itself say: certificates, policies, other domains, block lists, the log, the configuration.
import { around, say } from "../phrase";

/** Block lists that are asked about senders. */
export const blocklists = {
  title: "Block lists",
  meaning: "They are looked at every half hour. A list that does not work blocks nothing; one that has this server makes others refuse its mail.",
  works: "Works", onIt: "This server on it", unexamined: "nobody has looked yet", listed: "LISTED", noAddress: "no public address known",
  none: "No block list is configured: name some in dnsbl of [judge] of the configuration file.", look: "Look now",
};

/** Certificates, and the keys of the host. */
export const certificates = {
  states: { current: "in use", next: "next", old: "old" }, asking: "The authority is being asked; look again in a minute.", title: "Certificates",
  authority: (name: string, challenge: string) => say`The authority is ${name}; names are proven by ${challenge}.`,
  account: (name: string) => say`Account: ${name}`, noAccount: "There is no account yet.",
  noAuthority: "No authority is asked for certificates: set directory of [acme] in the configuration file.", renewAll: "Renew all now", keys: "Keys",
  hostKeys: "Keys of this host", record: "TLSA record", made: "Made", seen: "In the DNS since", unseen: "not seen there",
  noKeys: "There are no keys yet.", history: "History", certificate: "Certificate", cameFrom: "Came from", next: "Next", trouble: "Trouble",
  noneCame: (issuer: string) => say`none came from ${issuer}`, noTrouble: "none", noHistory: "No certificate was asked for yet.",
  switched: "The next keys are in use; certificates for them are being asked for.",
  switchAsk: (why: string) => say`${why}. Senders that go by DANE do not deliver here until the DNS has told them of the new keys.`,
  switchAnyway: "Switch all the same", switch: "Switch to the next keys", makeNext: "Make the next keys",
  // --- one certificate
  names: "Names", from: "From", selfSigned: "this server itself (self-signed)", key: "Key", holds: "Holds",
  span: (from: string, to: string) => say`${from} to ${to}`, noneYet: "there is none yet", renewed: "Renewed",
  about: (when: string) => say`about ${when}`, renewedElsewhere: "not by this server", ports: "At the ports", file: "File", order: "Order",
  ordered: (order: string) => say`${order}, under way`, failures: "Failures", failing: (count: number) => say`${count} in a row`,
  failingUntil: (count: number, again: string) => say`${count} in a row; again from ${again} on`,
  certificateOf: (label: string) => say`Certificate ${label}`, renewThis: (label: string) => say`Renew ${label} now`,
};

/** The configuration. */
export const configuration = {
  sources: { default: "default", file: "file", localserve: "localserve", database: "made in the browser" }, example: "dnsbl", setting: "Setting",
  value: "Value", from: "From", meaning: "Meaning", unset: "not set", line: (line: number) => say`line ${line} of the file`, none: "No such setting.",
  title: "Configuration",
  about: "This is what the running server goes by. Change it in the configuration file, then: pillarbox check && pillarbox reload.",
  changed: "Only what is not as by default",
};

/** What is logged. */
export const log = {
  title: "Log",
  meaning: "What is chosen here holds for an hour, in all processes; then it is again as log_level of the configuration says. Lines go where the server's log goes (journalctl -u pillarbox). The trace has everything in any case.",
  part: "Part", logged: "Logged", levelOf: (part: string) => say`Level of ${part}`, usual: "as configured",
  usualLevel: (level: string) => say`as configured (${level})`, level: (level: string) => say`${level} and graver`,
};

/** How other domains take mail. */
export const neighbours = {
  proven: { dane: "yes, by DANE", "mta-sts": "yes, by its policy", dnssec: "yes, DNSSEC names it", "": "no" } as Record<string, string>,
  example: "example", encrypted: "Encrypted", right: "Right server proven", seen: "Seen", noPolicy: "none known", unseen: "not yet",
  lookAgainAt: (domain: string) => say`Look again at ${domain}`, lookAgain: "Look again", notFound: "No domain is called so.",
  none: "Nothing is known yet: it is seen when mail goes to a domain.", more: (count: number) => say`${count} more; type part of a name above.`,
  title: "How they take mail",
  meaning: "What was seen when mail went to a domain last: the same that people see as bars beside a recipient while they write. TLSA records (DANE) are asked of the DNS for each delivery and kept as long as it says.",
  only: "Only domains with", servers: "Servers of a domain",
  serversHint: "Look at its DNS, its policy and its servers now, as a delivery would; nothing is sent.", look: "Look",
  mailFor: (domain: string) => say`Mail for ${domain}`, sendable: "Usual mail would be sent there.",
  unsendable: "Usual mail would not be sent there now; it would wait.",
};

/** Policies of other domains. */
export const policies = {
  title: "Policies of other domains",
  meaning: "Domains can ask that mail reaches them only over protected connections, to certain hosts (MTA-STS). What was fetched holds until it runs out, even if somebody hides it.",
  asksFor: "It asks for", hosts: "Hosts", fetched: "Fetched", trouble: "Last trouble", over: (mode: string) => say`${mode}, run out`,
  unknown: "nothing known", failing: <T>(problem: string, count: number, again: T) => around<T>`${problem} (${count} in a row; again from ${again})`,
  failed: (problem: string, count: number) => say`${problem} (${count} in a row)`, noTrouble: "none",
  fetchThis: (domain: string) => say`Fetch the policy of ${domain}`, fetch: "Fetch",
  forgetThis: (domain: string) => say`Forget the policy of ${domain}`,
  forgetting: (domain: string) => say`Until mail goes to ${domain} again, nothing is known of its policy; somebody who can hide it then could read that mail.`,
  none: "Nothing is known yet: policies are fetched when mail goes to a domain that has one.", policyOf: "Policy of a domain",
  policyOfHint: "Fetch its policy now, as the next delivery would.",
};
