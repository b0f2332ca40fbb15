// What the writing side of the webmail says: messages, their way, contacts.
import { many, say } from "./phrase";

export const w = {
  // --- the window
  write: "Write", form: "Write a message", new: "New message", contacts: "Contacts", waiting: "Waiting to be sent", account: "Account settings",
  to: "To", cc: "Cc", bcc: "Bcc", copies: "Cc and Bcc", from: "From", subject: "Subject", example: "Ann <ann@example.org>, bob@example.net",
  suggestionsFor: (field: string) => `Suggestions for ${field}`,
  suggestions: (count: number) => many(count, { one: say`${count} suggestion`, other: say`${count} suggestions` }),
  send: "Send", sendHint: "Send (Ctrl Enter)", sendArchive: "Send and archive", sendLater: "Send later", full: "Full screen", closing: "Save as draft and close (Esc)",
  attach: "Attach files", choices: "Choices for writing", discard: "Discard", formatted: "Formatted text",
  // --- what is kept, sent or lost
  stillSending: "Some files are still on their way; they will not be in the draft.", wait: "Some files are still on their way; wait a moment.",
  kept: "Saved in Drafts.", savedAt: (time: string) => `Saved at ${time}`, notSaved: "Not saved on the server yet; kept in this browser",
  left: (what: string) => say`Something that you wrote was not saved: ${what}`, goOn: "Go on writing",
  overtaken: (why: string) => `${why}. Nothing of yours is lost: it is here, and in this browser.`, both: "Keep both", apart: "Keep mine as a new draft", drop: "Let mine go",
  discarding: "What you wrote will be removed for good.",
  noConnection: "There is no connection to the server. Nothing is lost; send it again when there is one.",
  sent: "Sent.", sentAt: (time: string) => `It goes on ${time}.`, undo: "Undo",
  // --- questions before sending
  noSubject: "This message has no subject.", noAttachment: "You write of an attachment, but none is there.", anyway: "Send without",
  external: (first: string[], more: number) => (more ? say`This goes outside of your own domains, to ${first.join(", ")} and ${more} more.` : say`This goes outside of your own domains, to ${first.join(", ")}.`),
  // --- other ways to answer
  otherwise: "Answer or pass on",
  toList: "Reply to the list", toListHint: "To the list that it came by alone (L)", asFile: "Forward as an attachment", asFileHint: "The whole message with its header (F)",
  asNew: "Edit as new", asNewHint: "Write the same again, to the same people (E)",
  // --- attachments
  attachments: "Attachments", files: "Files to attach", sending: (name: string) => say`Sending ${name}`, stop: "Stop", remove: (name: string) => say`Remove ${name}`,
  tooLarge: (name: string, most: string) => say`${name} does not fit: a message can have ${most} of attachments.`, notAttached: (name: string) => say`${name} is not attached.`,
  // --- the editor
  message: "Message", formatting: "Formatting",
  tools: { bold: "Bold (Ctrl B)", italic: "Italic (Ctrl I)", bullets: "List", numbers: "Numbered list", quote: "Quotation", outdent: "Out of list or quotation", plain: "Take formatting away" },
  link: "Link", linkTool: "Link (Ctrl K)", linkAddress: "Address", linkHint: "Where does it lead? https://… or mailto:…",
  // --- later
  times: { hour: "In an hour", evening: "This evening", tomorrow: "Tomorrow morning", monday: "Monday morning" }, orAt: "Or at", sendThen: "Send then",
  nothingWaits: "Nothing waits. What you send later stands here until its time has come.", goesTo: (people: string) => say`to ${people}`, takeBack: "Take it back",
  // --- choices for writing
  chosen: {
    title: "Writing", saved: "Saved.", undo: "Seconds to undo sending", undoHint: "0 sends at once; at most 120.", html: "Begin formatted (HTML)", attachment: "Ask if an attachment seems to be forgotten",
    external: "Ask if it goes outside of my own domains", collect: "Remember whom I write to as contacts", mailto: "Open links to addresses (mailto:) here",
    asking: "Your browser asks you now, unless it knows already. You can change your mind in its settings.", cannot: "This browser cannot do that, or only with a certificate that it trusts.",
  },
  // --- contacts
  contact: {
    find: "Find contacts", findHint: "Name, address or group", file: "A file of contacts", new: "New contact", change: "Change contact", import: "Import", export: "Export", unnamed: "(no name)",
    collected: "remembered when you wrote there", writeTo: (name: string) => say`Write to ${name}`, changeThis: (name: string) => say`Change ${name}`,
    imported: (added: number, changed: number, refused: number, why: string) => `${say`${added} new, ${changed} replaced`}${refused ? say`, ${refused} could not be used (${why})` : ""}.`,
    none: "There are none yet. Whom you write to is remembered here.", noneLike: "None like that.",
    first: (shown: number, of: number) => say`The first ${shown} of ${of}; type to find others.`, of: (found: number, all: number) => say`${found} of ${all}`,
    addresses: "Addresses", addressesHint: "One in each line; the first is used when you write.", phones: "Telephone", organisation: "Organisation",
    groups: "Groups", groupsHint: "Divided by commas; who types a group's name is offered its people.", note: "Note",
    forgetting: (name: string) => say`${name} will be forgotten.`, forget: "Forget",
  },
  // --- how mail gets there
  way: {
    title: "How mail gets there", more: (count: number) => many(count, { one: say`${count} more domain`, other: say`${count} more domains` }),
    words: { here: "stays here", verified: "encrypted, verified", encrypted: "encrypted", clear: "not encrypted", unknown: "unknown" },
    meaning: {
      here: "The recipient is on this server: the message does not travel at all.",
      verified: "It went over an encrypted connection, and the server proved that it is the right one.",
      encrypted: "It went over an encrypted connection, to a server that did not prove who it is. Who listens reads nothing; who pretends to be that server might.",
      clear: "The server offers no encryption: everybody on the way could read the message.",
      unknown: "You have not written there lately, so nothing is known about the way. It is encrypted if that server can do it.",
    },
    /** Of each bar: that it is so, and that it is not. */
    bars: [
      ["it encrypts connections", "it offers no encryption"],
      ["a policy demands encryption and a valid certificate", "no policy demands encryption"],
      ["the DNS signs where mail goes", "the DNS does not sign where mail goes"],
      ["the DNS promises its key, and it showed that key", "the DNS promises no key"],
      ["it promises to pass mail on protected", "it does not promise to pass mail on protected"],
    ] as [string, string][],
    nobodyKnows: "nobody knows", back: (word: string) => `${word}, would come back`,
    refused: "That server did not promise to require TLS as well: the message would come back to you.", seen: (time: string) => `Last seen on ${time}.`,
    require: "Require TLS", byItself: "Required by itself: every server that it goes to was seen to promise that, and to prove who it is.",
    choices: { default: "default", required: "required", "not-required": "allow insecure" },
    hints: {
      default: "", required: "Every server on the way must be a proven one and promise the same for the rest of it, or you get the message back.",
      "not-required": "The message is delivered even where its recipient's rules for protection cannot be kept, unencrypted if need be.",
    },
  },
};
