// How mail gets to the recipients of a message, in a word beside each; and what the message may ask of its way.
import { webmail, type Draft, type Travel } from "../api";
import { fill, h, notice, type Child } from "../dom";
import { longDate } from "../format";

type Protection = Draft["tls"];

const PAUSE = 600;

const WORDS: Record<Travel["way"], string> = {
  here: "stays here", verified: "encrypted, verified", encrypted: "encrypted", clear: "not encrypted", unknown: "unknown",
};
const MEANING: Record<Travel["way"], string> = {
  here: "The recipient is on this server: the message does not travel at all.",
  verified: "It went over an encrypted connection, and the server proved that it is the right one.",
  encrypted: "It went over an encrypted connection, to a server that did not prove who it is. Who listens reads nothing; who pretends to be that server might.",
  clear: "The server offers no encryption: everybody on the way could read the message.",
  unknown: "You have not written there lately, so nothing is known about the way. It is encrypted if that server can do it.",
};
const CHOICES: Record<Protection, { name: string; hint: string }> = {
  default: { name: "default", hint: "" },
  required: { name: "required", hint: "Every server on the way must be a proven one and promise the same for the rest of it, or you get the message back." },
  "not-required": { name: "not required", hint: "The message is delivered even where its recipient's rules for protection cannot be kept, unencrypted if need be." },
};

/** The choice "Require TLS"; `hint` explains what was chosen. */
export class Choice {
  readonly element: HTMLElement;
  readonly hint = h("p", { class: "ways", role: "status" });
  private readonly select: HTMLSelectElement;

  constructor(chosen: Protection, private readonly changed: () => void) {
    this.select = h("select", { name: "tls", onchange: () => { this.explain(); this.changed(); } },
      ...Object.entries(CHOICES).map(([value, { name }]) => h("option", { value, selected: value === chosen }, name)));
    this.element = h("label", { class: "quiet" }, "Require TLS ", this.select);
    this.explain();
  }

  get value(): Protection {
    return this.select.value as Protection;
  }

  private explain(): void {
    this.hint.textContent = CHOICES[this.value].hint;
    this.hint.hidden = !this.hint.textContent;
  }
}

/** The words beside the recipients of one field. */
export class Ways {
  readonly element = h("p", { class: "ways", hidden: true });
  private timer = 0;
  private asked = "";
  private found: Travel[] = [];

  constructor(private readonly field: HTMLInputElement, private readonly choice: () => Protection) {
    field.addEventListener("input", () => this.soon(PAUSE));
    this.soon(0);
  }

  /** The choice has changed, and what is worth saying with it. */
  draw(): void {
    fill(this.element, ...this.found.flatMap((one, at): Child[] => [
      at > 0 && ", ", this.found.length > 1 && h("span", { dir: "auto" }, one.address, " "), this.word(one)]));
    this.element.hidden = !this.found.length;
  }

  private soon(pause: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), pause);
  }

  private async ask(): Promise<void> {
    const typed = this.field.value.trim();
    if (typed === this.asked) return;
    this.asked = typed;
    // Nobody waits for this word: where it cannot be had, there is none.
    const found = typed ? await webmail.travel({ recipients: typed }).catch(() => []) : [];
    if (typed !== this.asked) return;
    this.found = found;
    this.draw();
  }

  private word(one: Travel): HTMLElement {
    const refused = this.choice() === "required" && one.way !== "here" && one.way !== "unknown" && !one.requiretls;
    const text = [
      MEANING[one.way], one.at !== null && `That was on ${longDate(one.at)}.`,
      refused && "That server did not promise to require TLS as well: the message would come back to you.",
      one.requiretls && one.way !== "here" && "That server promises to require TLS too.",
    ].filter(Boolean).join(" ");
    return h("button", { type: "button", class: refused ? "word warn" : "word", title: text, onclick: () => notice(text) },
      refused ? `${WORDS[one.way]}, would come back` : WORDS[one.way]);
  }
}
