// What the pages about reports say: those of others, and those to others.
import { around, many, say } from "../phrase";

/** What others report. */
export const reports = {
  year: "a year", fates: { passed: "passed", delivered: "failed, delivered", quarantined: "quarantined", rejected: "rejected" }, succeeded: "succeeded",
  failed: "failed", verdicts: { yours: "yours", forwarder: "a forwarder", service: "a service to set up", forged: "forged" }, oneMessage: "one message",
  all: "all", title: "Reports of others",
  meaning: "Other mail servers report what mail came in the names of your domains (DMARC) and how their connections to this one were protected (TLS).",
  toOthers: "What this server reports to others", mailInName: "Mail in its name", failedDmarc: "Failed DMARC", connections: "Connections",
  lastReport: "Last report", thisHost: "this host", latest: "Latest reports", about: "About", aboutHost: "Reports about this host",
  hostAddress: "Reports about TLS to this host are to be sent to",
  hostAddressHint: "An address at one of your domains, or at the host. Those of a domain are set on its page.", type: "Type", value: "Value",
  whatFor: "What for", kept: (days: number) => say`Reports are kept for ${days} days.`,
  // --- who sends as a domain
  mailOf: (domain: string) => say`Mail in the name of ${domain}`, mailOfHost: "Mail in the name of this host", whoSends: "Who sends as you",
  reporters: "Reporters", asked: (address: string) => say`The DNS asks for reports to ${address}, as it should.`, unwanted: "No reports are wanted.",
  noSuch: "This host has no reports of that kind.", ask: "Does the DNS ask for reports?",
  policyFound: <T>(policy: T) => around<T>`The policy that others found last: ${policy}`,
  addresses: (count: number, first: string) => say`${count} addresses, ${first} …`, moreNames: "Look up more names", source: "Source",
  fate: "What became of it", verdict: "Verdict", noSources: "No report yet tells of mail in this name.",
  smaller: (count: number) => say`${count} more messages came from smaller sources.`,
  fated: { passed: (count: number) => say`${count} passed`, delivered: (count: number) => say`${count} failed, delivered`, quarantined: (count: number) => say`${count} quarantined`, rejected: (count: number) => say`${count} rejected` },
  also: (parts: string) => say`Also ${parts}.`, alsoCounted: (count: number, verdict: string) => say`${count} ${verdict}`,
  // --- how connections did
  connectionsOf: (domain: string) => say`Connections for ${domain}`, connectionsOfHost: "Connections to this host", failures: "What failed",
  happened: "What happened", remedy: "What to do", details: "Details", toldBy: "Told by",
  span: (first: string, last: string) => say`${first} to ${last}`, noFailures: "Nothing failed.", policies: "Policies that others found",
  policy: "Policy", succeededHead: "Succeeded", lastSeen: "Last seen",
  silence: "Nobody has reported yet; reports come a day after the connections, once the TLSRPT record asks for them.",
  failedOf: (count: number, all: number, share: string) => say`${count} of ${all} sessions failed (${share}).`,
  allProtected: (count: number) => say`All ${count} sessions were protected as your policies ask.`,
  // --- one report
  reportOf: (who: string) => say`Report of ${who}`, period: "Period", vouched: "Vouched for by", contact: "Contact", id: "Id",
  says: (text: string) => say`The reporter says: ${text}`, odd: (text: string) => say`Odd: ${text}`,
  rawGone: "The mail that brought it has been removed.", raw: "Raw report",
  removing: "The report and its mail will be removed; what it tells no longer counts.",
  counts: (domain: string, good: number, bad: number) => say`${domain}: ${good} good, ${bad} bad`,
  countsOf: (domain: string, kind: string, good: number, bad: number) => say`${domain} (${kind}): ${good} good, ${bad} bad`, disposition: "Disposition",
  from: "From", checks: "Checks", sender: (address: string) => say`sender ${address}`, toWhom: (address: string) => say`to ${address}`,
  because: "because", failure: "Failure", to: "To", results: "Results", cut: "There is more; the raw report has all of it.", saveFile: "Save as a file",
  good: "Good", bad: "Bad", reporter: "Reporter", nobody: "Nobody yet.", ofLast: "Of the last", pass: "pass", fail: "fail",
};

/** What is reported to others. */
export const sent = {
  counted: {
    dmarc: (count: number) => many(count, { one: say`${count} message`, other: say`${count} messages` }),
    tls: (count: number) => many(count, { one: say`${count} session`, other: say`${count} sessions` }),
  },
  states: { due: "is to be sent", sent: "sent", needless: "not needed", unsent: "not sent" },
  fates: { waiting: "in the queue", delivered: "delivered", failed: "came back", dropped: "dropped", posted: "posted", suppressed: "suppressed", refused: "refused" },
  title: "Reports to others", waits: "What waits", reportsOf: (kind: string) => say`${kind} reports`, suppressed: "Who gets none",
  meaning: "Domains that ask for it are told once a day what mail came in their names (DMARC) and how connections to their servers were protected (TLS).",
  submitter: (domain: string) => say`Reports come from postmaster@${domain}.`, noSubmitter: "No DKIM key signs for this host, so no report leaves.",
  planned: <T>(when: T) => around<T>`What waits is looked through next: ${when}.`,
  off: (kinds: string) => say`Switched off in the configuration: ${kinds}.`, seen: "Seen", optionalAll: "all by reports or notices, no reason to write",
  optional: (count: number) => say`${count} by reports or notices`, preview: "Preview…",
  forgetting: (domain: string) => say`What was seen of ${domain} will be told to nobody.`, nothing: "Nothing waits to be reported.",
  about: (domain: string) => say`Report about ${domain}`, to: (who: string) => say`To ${who}`, toNobody: "Nobody would get it.",
  inTheWay: (why: string) => say`In the way: ${why}.`, send: "Send now", willSend: "It will be sent within a minute.",
  removingSent: "Its row will be removed here; what was sent is sent.", removing: "It will not be sent, and what it tells is told to nobody.",
  aboutWhom: "About", toWhom: "To", again: <T>(when: T) => around<T>`again: ${when}`, forGood: "for good", allow: "Allow again",
  noneSuppressed: "Everybody who asks gets reports.", suppressAddress: "Send no reports to",
  suppressAddressHint: "A mail address, or the https URL that reports are posted to.", suppressDays: "For so many days", suppress: "Suppress",
};
