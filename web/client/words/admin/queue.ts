// What the pages about mail to others say: what waits, what is held, routes, destinations, traces.
import { around, many, say } from "../phrase";

/** How mail does at other servers. */
export const destinations = {
  parts: { sent: "sent", deferred: "deferred", refused: "refused" },
  sides: { here: "To be mended here", there: "To be mended by the other side", sender: "To be mended by the sender", nobody: "It passes by itself" },
  step: "Next step:", example: "gmail.com", today: "today", destination: "Destination", sent: "Sent", deferred: "Deferred", refused: "Refused",
  nothing: "Nothing was sent to other servers in this time.", title: "Destinations",
  meaning: "What other servers said to attempts to deliver. Mail that is put off counts each time, and as sent when it arrives.", time: "Time",
  asking: "What did they mean?", another: "another reason", replyExample: "550 5.7.1 Unfortunately, messages from …", hostExample: "mx.example.org",
  reply: "Reply of another server", replyHint: "As a notice or a log has it.", host: "From the mail host",
  hostHint: "Helps with codes that mean different things at different providers.", explain: "Explain",
  hosts: (operator: string) => say`Mail hosts of ${operator}, 30 days`, attempts: "Attempts", reasons: "Why mail was not taken",
  allTaken: "All of it was.", domains: "Domains of the recipients", others: "(others)", none: "None.",
  refusedTimes: (count: number) => many(count, { one: say`Refused ${count} time`, other: say`Refused ${count} times` }),
  deferredTimes: (count: number) => many(count, { one: say`Put off ${count} time`, other: say`Put off ${count} times` }),
  lastReply: <T>(when: T) => around<T>`Last reply, ${when}:`,
};

/** Rules that hold mail. */
export const holds = {
  any: "any", meaning: "Mail that fits is held, what waits already too, until somebody releases it. Taking a rule away releases nothing.",
  held: "What is held", by: "By", removeThis: (rule: string) => say`Remove the rule: ${rule}`,
  removing: "Mail that it held goes on waiting until you release it.", removeRule: "Remove the rule",
  none: "No rules: nothing is held but what you hold yourself.", addRule: "Add a rule",
  added: (count: number) => say`The rule holds; ${count} that waited are held.`, account: "Of the account", from: "From the domain",
  to: "To the domain", host: "By way of the mail host", hostExample: "outlook.com", hostHint: "A name or the end of one; known when a delivery is tried.", hold: "Hold",
  is: { of: (account: string) => say`of ${account}`, from: (domain: string) => say`from ${domain}`, to: (domain: string) => say`to ${domain}`, by: (host: string) => say`by way of ${host}` },
};

/** What waits for other servers. */
export const queue = {
  protection: { default: "TLS as usual", required: "TLS required", "not-required": "TLS not required" },
  protectionMeaning: { default: "as the recipient's domain asks, else encrypted if that can be had", required: "over verified TLS only, to a server that promises the same (REQUIRETLS)", "not-required": "by all means, unprotected if need be (TLS-Required: No)" },
  states: { "": "all", due: "due now", waiting: "waiting", held: "held", active: "being tried" },
  // --- what can be done, and what is said when it is
  retry: "Try now", retried: (count: number) => say`${count} will be tried now.`, hold: "Hold", holding: (count: number) => say`${count} held.`,
  release: "Release", released: (count: number) => say`${count} released.`, schedule: "Try later…",
  scheduled: (count: number) => say`${count} put off.`, reroute: "Other way…", rerouted: (count: number) => say`${count} rerouted.`,
  require: "Require TLS…", required: (count: number) => many(count, { one: say`${count} message changed.`, other: say`${count} messages changed.` }), drop: "Drop…",
  dropped: (count: number) => say`${count} dropped.`, chooseFirst: "Choose something first, or tick the box for all that the filter shows.",
  doneToAll: (deed: string) => say`${deed}: this is done to all that the filter shows, on further pages too.`,
  soFar: (count: number) => say`${count} done so far…`, chosen: (count: number) => say`${count} chosen`,
  // --- the list
  searchExample: "sender or recipient", all: "all", title: "Queue", hop: "Goes to", chooseAll: "Choose all shown", whole: "All that the filter finds",
  holds: "Hold rules", message: "Message", to: "To", waits: "Waits", choose: (recipient: string) => say`Choose ${recipient}`,
  nullSender: "(null sender)", by: (transport: string) => say`by ${transport}`, isHeld: "held", now: "now", within: (time: string) => say`in ${time}`,
  attemptsMade: (count: number) => many(count, { one: say`${count} attempt`, other: say`${count} attempts` }),
  nothing: "Nothing waits: all mail has left, or there was none.",
  // --- one recipient
  from: "From", byWay: "By", protectionTitle: "Protection", attempts: "Attempts", id: "Message-ID", source: "Source",
  showSource: "Show the message as it will be sent", longer: "(It is longer.)",
  dropAll: "All recipients that the filter shows, on further pages too, will never get the message.",
  dropSome: (count: number) => many(count, { one: "One recipient will never get the message.", other: say`${count} recipients will never get the message.` }),
  dropTellNobody: "Drop, tell nobody", dropTellSender: "Drop and tell the sender", later: "Try later", notBefore: "Not before",
  notBeforeHint: "At most 30 days from now. When the time of the message is up it is given up as usual.", putOff: "Put off",
  requireTitle: "Require TLS",
  requireHint: "For all recipients of the message, from the next attempt on. What is being sent at this moment stays as it is.", otherWay: "Other way",
  ways: { "": "by the routes, as usual", direct: "direct, without a transport" } as Record<string, string>,
};

/** What happened to a message. */
export const trace = {
  searchExample: "address, Message-ID, IP address or trace id", levels: { debug: "everything", notice: "notices and errors", error: "errors" },
  older: "Older", title: "Message trace", from: "From", time: "Time", to: "To", nothing: "Nothing was found.",
  step: (when: string, after: string, process: string) => say`${when} (+${after} s) in ${process}`, waitsFor: "Waits for", held: "held",
  of: (id: string) => say`Trace ${id}`, everything: <T>(message: T) => around<T>`Everything known of ${message}`,
  unknown: "Nothing is known of this trace (any more).", answer: "Answer",
};

/** Routes and transports. */
export const ways = {
  tls: { starttls: "STARTTLS, verified certificate", implicit: "TLS from the start, verified certificate", opportunistic: "what it offers, unverified", none: "none" },
  dkim: { all: "all", rsa: "RSA only", none: "none: it signs by itself" }, title: "Routes",
  meaning: "Mail goes straight to the mail hosts of its recipients, unless a route says otherwise. The first route that fits decides; mail that waits follows a change at once.",
  rule: "Rule", noRoutes: "No routes: all mail goes direct.", addRoute: "Add a route", transports: "Transports",
  transportsHint: "Other servers that take your outgoing mail, like the relay of your provider. They are used where a route says so.",
  user: "Signs in as", waiting: "Waiting", at: (host: string, port: string) => say`${host}, port ${port}`, noTransports: "No transports.",
  addTransport: "Add a transport",
  // --- a route
  inFile: "in the configuration file", earlier: (number: number) => say`Look at route ${number} earlier`,
  changeRoute: (number: number) => say`Change route ${number}`, removeRoute: (number: number) => say`Remove route ${number}`,
  removingRoute: (route: string) => say`No longer: ${route}. Mail that waits goes by the other routes.`, removeTheRoute: "Remove the route",
  // --- a transport
  changeThis: (name: string) => say`Change ${name}`, removeThis: (name: string) => say`Remove ${name}`,
  removingTransport: (host: string) => say`The server forgets ${host} and its password.`, removeTheTransport: "Remove the transport",
  nameExample: "relay", hostExample: "smtp.relay.example", transport: (name: string) => say`Transport ${name}`, nameHint: "What routes call it.",
  portHint: "Mostly 587; 465 for TLS from the start.", tlsTitle: "TLS", userHint: "Empty: it asks for none.",
  passwordHint: "Empty: the one it has stays.", dkimTitle: "DKIM signatures", dkimHint: "Some relays stumble over two signatures.", any: "any",
  by: (transport: string) => say`by ${transport}`, direct: "direct", fail: "nowhere: give it up and tell the sender",
  route: (number: number) => say`Route ${number}`, account: "Sent by the account", fromDomain: "From the domain", anyDomain: "Empty: any.",
  toDomain: "To the domain", attempts: "After failed attempts", attemptsHint: "Only mail that failed this often before; 0 is all.", goes: "Goes",
  place: "Place in the list", placeHint: "1 is looked at first, 0 is the end.",
  // --- the trial
  recipientExample: "bob@example.net", trial: "Trial", trialTitle: "Which way would a message take?", to: "To", from: "From",
  fromHint: "Empty: a notice of the mail system.", noAccount: "none", attemptsSoFar: "Failed attempts so far", tell: "Tell",
};
