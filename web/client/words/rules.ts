// What rules for mail that comes in are called; on the account's page and in the webmail.
import { many, say } from "./phrase";

export const r = {
  is: {
    author: (what: string) => say`From is ${what}`, recipient: (what: string) => say`it came to ${what}`, list: (what: string) => say`its list is ${what}`,
    sender: (what: string) => say`it was sent by ${what}`, verified: (what: string) => say`it is verified for ${what}`, network: (what: string) => say`it came over ${what}`,
    header: (name: string, pattern: string) => say`${name} is ${pattern}`,
  },
  does: {
    file: (mailbox: string) => say`file into ${mailbox}`, lost: (mailbox: string) => say`leave it where it goes, since the mailbox ${mailbox} is gone`,
    flag: "flag it", read: "mark it as read", mark: (keywords: string) => say`mark it ${keywords}`, accept: "always accept it",
    forward: (address: string) => say`forward it to ${address}`, answer: "answer it", forwarder: "its sender forwards my mail", list: "its sender is a mailing list",
    nothing: "leave it where it goes", more: "look at the rules below too",
  },
  tried: (fitting: number, examined: number) => (fitting === 0 ? say`None of the newest ${examined} messages fit. Nothing was changed.`
    : many(fitting, { one: say`${fitting} of the newest ${examined} messages fits. Nothing was changed.`, other: say`${fitting} of the newest ${examined} messages fit. Nothing was changed.` })),
  newest: (count: number) => say`These are the newest ${count}.`,
  found: { when: "When", from: "From", subject: "Subject", mailbox: "Is in", rules: "Rules" },
  // --- the form
  new: "New rule", likeThis: "Make a rule for mail like this", proven: (domain: string) => say`if ${domain} stands by it`, anybody: "whoever wrote that name",
  conditions: "If all of this holds", conditionsHint: "* stands for anything; what is empty is not asked for.", more: "More conditions", then: "Then",
  author: "From", recipient: "It came to", list: "Mailing list",
  verified: "Verified domain", verifiedHint: "Stands by the message: as its proven author, signer or sender.",
  sender: "Sent by", senderHint: "The address that the sending server names (Return-Path).", network: "Came over", networkHint: "An IP address or a network.",
  examples: { author: "*@example.org", recipient: "ann+shop@*", list: "talk.lists.example.org", verified: "example.org", sender: "bounces@example.org" },
  headers: "Header fields", headersHint: "One on each line.", headersExample: "Subject: *invoice*",
  mailbox: "File into", anyway: "where it goes anyway", gone: (mailbox: string) => say`${mailbox} (is gone)`,
  keywords: "Keywords", flag: "Flag it", read: "Mark it as read",
  forward: "Forward it to", nowhere: "nowhere", copy: "A copy stays here.", targets: "Addresses that mail may be forwarded to are added and confirmed under Forwarding.",
  reply: "Answer with this text", replyHint: "Once in seven days to each sender; never to lists and programs. Empty: no answer.",
  accept: "Always accept it", acceptHint: "It is never junk, and never refused.",
  acceptWarning: "Anybody may write such names into a message. To let in only those who are meant, give a verified domain as well.",
  kind: "Who sends it is", kinds: { "": "somebody who writes", forwarder: "a server that forwards my mail", mailing_list: "a mailing list" } as Record<string, string>,
  kindHint: "Forwarders and lists break what proves the author (DMARC), which then counts for nothing. They need a verified domain or a network.",
  below: "Look at the rules below as well", enabled: "Use this rule", nameHint: "as its first condition", untitled: "this",
  try: "Try it on stored mail",
};
