// One message to read: header, text, attachments, and why it is where it is.
import { webmail, type Mailbox, type Message, type Person, type Reason, type Summary } from "../api";
import { attempt, button, complain, dialog, fill, h, icon } from "../dom";
import { everyone, inFull, longDate, shortDate, size, who } from "../format";
import { links } from "./links";

export interface ViewHandlers {
  reply(id: number, all: boolean): void;
  forward(id: number): void;
  /** Ask for another way to answer or to pass it on. */
  answers(id: number): void;
  archive(ids: number[]): void;
  remove(ids: number[]): void;
  junk(ids: number[]): void;
  move(ids: number[]): void;
  unread(id: number): void;
  edit(id: number): void;
  open(message: Summary): void;
  close(): void;
  mailbox(id: number): Mailbox | undefined;
  /** Null where the account's own pages are not offered. */
  rule: ((id: number) => void) | null;
}

/** People of one field that are named at first. */
const FEW = 6;
const PREFERENCE = "pillarbox.html";

export class View {
  readonly element = h("section", { class: "view", tabIndex: 0, "aria-label": "Message" });
  private asking: AbortController | null = null;
  private message: Message | null = null;

  constructor(private readonly handlers: ViewHandlers) {
    this.nothing();
  }

  /** The message that is open, if it is here already. */
  get shown(): Summary | null {
    return this.message?.summary ?? null;
  }

  /** Show that no message is open. */
  nothing(): void {
    this.asking?.abort();
    this.message = null;
    fill(this.element, h("p", { class: "empty" }, "Choose a message to read it here."));
  }

  /** Open a message; what the list knows of it is there at once. */
  async show(summary: Summary): Promise<void> {
    this.asking?.abort();
    const asking = this.asking = new AbortController();
    if (this.message?.summary.id !== summary.id) fill(this.element, this.bar(summary), h("header", null, h("h2", { dir: "auto" }, summary.subject || "(no subject)")), h("div", { class: "body" }));
    try {
      const message = await webmail.message({ id: summary.id, mark_seen: true }, asking.signal);
      if (asking.signal.aborted) return;
      this.message = message;
      this.paint(message);
      const thread = await webmail.thread({ thread_id: message.summary.thread_id }, asking.signal);
      if (!asking.signal.aborted && thread.length > 1) this.element.querySelector(".thread")?.replaceWith(this.thread(thread, message.summary.id));
    } catch (problem) {
      complain(problem);
      const body = this.element.querySelector(".body");
      if (!asking.signal.aborted && body && this.message?.summary.id !== summary.id) {
        fill(body, h("p", { class: "problem" }, problem instanceof Error ? problem.message : String(problem)));
      }
    }
  }

  private bar(summary: Summary): HTMLElement {
    const { id } = summary;
    const role = this.handlers.mailbox(summary.mailbox_id)?.role;
    const act = this.handlers;
    return h("div", { class: "bar", role: "toolbar", "aria-label": "Message actions" },
      button("back", "Back to the list", () => act.close(), false, "narrow-only"),
      role === "drafts" && button("drafts", "Go on writing", () => act.edit(id), true, "primary"),
      button("reply", "Reply (r)", () => act.reply(id, false)),
      button("replyall", "Reply to all (a)", () => act.reply(id, true)),
      button("forward", "Forward (f)", () => act.forward(id)),
      button("down", "More ways to answer or pass on", () => act.answers(id)),
      h("span", { class: "gap" }),
      button("archive", "Archive (e)", () => act.archive([id])),
      button("junk", role === "junk" || role === "rejects" ? "Not junk" : "Junk", () => act.junk([id])),
      button("trash", "Delete (#)", () => act.remove([id])),
      button("move", "Move to…", () => act.move([id])),
      button("unread", "Mark as unread (u)", () => act.unread(id)),
      button("more", "Source and details", () => this.details()));
  }

  private paint(message: Message): void {
    const { summary } = message;
    const body = h("div", { class: "body" });
    const html = message.html_url !== "" && (localStorage.getItem(PREFERENCE) === "1");
    fill(this.element, this.bar(summary),
      h("header", null,
        h("h2", { dir: "auto" }, summary.subject || "(no subject)"),
        h("div", { class: "parties" },
          h("span", { class: "badge", "aria-hidden": "true" }, initial(summary)),
          h("div", null,
            h("div", null, h("strong", { title: summary.from.map(inFull).join(", ") }, everyone(summary.from) || "(nobody)"),
              summary.from[0]?.name ? h("span", { class: "quiet" }, ` ${summary.from[0].address}`) : null),
            this.recipients(message)),
          h("time", { class: "quiet" }, longDate(summary.date ?? summary.received))),
        this.why(message),
        message.defects.length > 0 && h("p", { class: "hint" }, `This message is not well formed: ${message.defects.join("; ")}`),
        h("div", { class: "thread" })),
      this.attachments(message), body);
    this.text(message, body, html);
    this.element.scrollTop = 0;
  }

  private recipients(message: Message): HTMLElement {
    const fields: [string, Person[]][] = [["to", message.summary.to], ["copy to", message.cc], ["blind copy to", message.bcc]];
    const named = fields.filter(([, people]) => people.length > 0);
    const place = h("div", { class: "quiet", title: named.flatMap(([, people]) => people.slice(0, 50).map(inFull)).join(", ") });
    const draw = (most: number): void => fill(place, named.map(([word, people]) => `${word} ${everyone(people.slice(0, most))}`).join(", ") || "to nobody named",
      named.some(([, people]) => people.length > most) && h("button", { type: "button", class: "link", onclick: () => draw(Infinity) },
        ` and ${named.reduce((sum, [, people]) => sum + Math.max(0, people.length - most), 0)} more`));
    draw(FEW);
    return place;
  }

  /** Who it is from, proven or not, and why it is in this mailbox. */
  private why(message: Message): HTMLElement | null {
    const { origin, reasons, summary } = message;
    if (!origin && !reasons.length) return null;
    const said = origin && (origin.proven ? "The sender is proven" : "The sender is not proven");
    return h("details", { class: "why" },
      h("summary", null, origin && h("span", { class: origin.proven ? "good" : "warn" }, icon(origin.proven ? "proven" : "unproven"), ` ${said}`), h("span", null, "Why is this here?")),
      reasons.length > 0 && h("ul", { class: "reasons" }, ...reasons.map(reasonLine)),
      origin && h("h3", null, "Who it is from"),
      origin && h("ul", null, ...origin.sentences.map((one) => h("li", null, one))),
      origin && origin.checks.length > 0 && h("ul", { class: "checks", "aria-label": "Checks" }, ...origin.checks.map((one) =>
        h("li", { class: one.outcome, title: one.about }, `${one.name} ${one.outcome}`, one.about && h("small", null, ` ${one.about}`)))),
      origin && this.handlers.rule && h("p", null, h("button", { type: "button", class: "link", onclick: () => this.handlers.rule?.(summary.id) }, "Make a rule from this message")));
  }

  private text(message: Message, body: HTMLElement, html: boolean): void {
    const choose = (wanted: boolean): void => {
      localStorage.setItem(PREFERENCE, wanted ? "1" : "0");
      this.text(message, body, wanted);
    };
    const toggle = message.html_url !== "" && h("p", { class: "toggle" }, html
      ? h("button", { type: "button", class: "link", onclick: () => choose(false) }, "Show as plain text")
      : h("button", { type: "button", class: "link", onclick: () => choose(true) }, "Show as formatted (HTML)"),
      html && h("span", { class: "quiet" }, " Nothing is loaded from outside."));
    if (html) {
      // The document is its own world: no scripts, no forms, no requests (the server's headers say so as well).
      const frame = h("iframe", { src: message.html_url, title: "Formatted message", referrerPolicy: "no-referrer" });
      frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
      fill(body, toggle, frame);
      return;
    }
    fill(body, toggle, h("pre", { class: "text" }, ...links(message.text)),
      message.cut && h("p", { class: "hint" }, "This message is very long; the rest is in its source. ", h("a", { href: message.download_url }, "Download")));
  }

  private attachments(message: Message): HTMLElement | null {
    const shown = message.attachments.filter((one) => !one.inline);
    if (!shown.length) return null;
    return h("ul", { class: "attachments", "aria-label": "Attachments" }, ...shown.map((one) =>
      h("li", null, h("a", { href: one.url, download: one.name || "attachment", title: `${one.kind}, ${size(one.size)}` },
        icon("clip"), h("span", null, one.name || one.kind), h("small", null, size(one.size))))));
  }

  private thread(messages: Summary[], current: number): HTMLElement {
    return h("div", { class: "thread" }, h("details", { open: messages.length <= 4 },
      h("summary", null, `Conversation of ${messages.length} messages`),
      ...messages.map((one) => h("button", {
        type: "button", class: one.id === current ? "open" : "", onclick: () => one.id !== current && this.handlers.open(one),
      }, h("span", null, one.from[0] ? who(one.from[0]) : "(nobody)"), h("span", { class: "quiet", dir: "auto" }, one.preview), h("time", { title: longDate(one.received) }, shortDate(one.received))))));
  }

  private details(): void {
    const message = this.message;
    if (!message) return;
    void attempt(async () => {
      const headers = await webmail.headers({ id: message.summary.id });
      await dialog<void>("About this message", () => [
        h("h3", null, "Envelope"),
        h("dl", null, h("dt", null, "Sender"), h("dd", null, message.mail_from || "(none)"), h("dt", null, "Recipient"), h("dd", null, message.rcpt_to),
          h("dt", null, "From the address"), h("dd", null, message.remote_ip || "(this server)"), h("dt", null, "Trace"), h("dd", null, message.trace),
          h("dt", null, "Mailbox"), h("dd", null, message.mailbox), h("dt", null, "Size"), h("dd", null, size(message.summary.size))),
        h("h3", null, "Header"),
        h("table", { class: "headers" }, h("tbody", null, ...headers.map((line) => h("tr", null, h("th", null, line.name), h("td", null, line.value))))),
        h("footer", null, h("a", { class: "button", href: message.raw_url, target: "_blank", rel: "noopener" }, "Show source"),
          h("a", { class: "button", href: message.download_url }, "Download")),
      ], "wide");
    });
  }
}

/** A reason, and how much it spoke for the message or against it. */
function reasonLine(reason: Reason): HTMLElement {
  const amount = Math.abs(reason.weight).toFixed(1);
  const weight = reason.weight === 0 ? h("span", { class: "weight" })
    : h("span", { class: `weight ${reason.weight > 0 ? "for" : "against"}`, title: `${reason.weight > 0 ? "Speaks for it" : "Speaks against it"}: ${amount}` }, reason.weight > 0 ? `+${amount}` : `\u2212${amount}`);
  return h("li", null, weight, h("span", null, reason.text));
}

function initial(summary: Summary): string {
  const person = summary.from[0];
  return person ? [...who(person)][0]!.toUpperCase() : "?";
}
