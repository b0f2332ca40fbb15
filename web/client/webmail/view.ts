// One message to read: header, text, attachments, and why it is where it is.
import { webmail, type Mailbox, type Message, type Person, type Summary } from "../api";
import { attempt, button, dialog, fault, fill, h, notice, type Child } from "../dom";
import { inFull, longDate, shortDate, size, who } from "../format";
import { people, shown } from "../shown";
import { t } from "../words/reading";
import { s } from "../words/shared";
import { drawBody } from "./bodytext";
import type { Display } from "./display";
import { extras } from "./extras";
import { tags } from "./labels";
import { warnings, why } from "./origin";
import { attachments, look, manner } from "./viewer";

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
  label(messages: Summary[]): void;
  /** Write to a mailto: address. */
  write(mailto: string): void;
  open(message: Summary): void;
  close(): void;
  mailbox(id: number): Mailbox | undefined;
  /** Null where the account's own pages are not offered. */
  rule: ((id: number) => void) | null;
}

/** People of one field that are named at first. */
const FEW = 6;

export class View {
  readonly element = h("section", { class: "view", tabIndex: 0, "aria-label": t.message });
  private asking: AbortController | null = null;
  /** The message that was asked for is here when this is over. */
  private coming: Promise<void> = Promise.resolve();
  private message: Message | null = null;
  /** The buttons of the message, and what they depend on. */
  private tools: { of: string; bar: HTMLElement } | null = null;

  constructor(private readonly handlers: ViewHandlers, private readonly display: Display) {
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
    fill(this.element, h("p", { class: "empty" }, t.chooseMessage));
  }

  /** Open a message; what the list knows of it is there at once. */
  show(summary: Summary): Promise<void> {
    return this.coming = this.load(summary);
  }

  private async load(summary: Summary): Promise<void> {
    this.asking?.abort();
    const asking = this.asking = new AbortController();
    if (this.message?.summary.id !== summary.id) fill(this.element, this.bar(summary), h("header", null, h("h2", { dir: "auto" }, ...shown(summary.subject || s.noSubject))), h("div", { class: "body" }));
    try {
      const message = await webmail.message({ id: summary.id, mark_seen: true }, asking.signal);
      if (asking.signal.aborted) return;
      this.message = message;
      this.paint(message);
      const thread = await webmail.thread({ thread_id: message.summary.thread_id }, asking.signal);
      if (!asking.signal.aborted && thread.length > 1) this.element.querySelector(".thread")?.replaceWith(this.thread(thread, message.summary.id));
    } catch (problem) {
      const body = this.element.querySelector(".body"), text = fault(problem);
      if (text === null || asking.signal.aborted) return;
      // Where there is room for it, it is said there, and not twice.
      if (!body || this.message?.summary.id === summary.id) notice(text, "error");
      else fill(body, h("p", { class: "problem", role: "alert" }, text));
    }
  }

  /** The buttons; once they are there they stay while the rest of the message comes, or a press on one that goes would be lost. */
  private bar(summary: Summary): HTMLElement {
    const role = this.handlers.mailbox(summary.mailbox_id)?.role;
    const of = `${summary.id} ${role}`;
    if (this.tools?.of !== of) this.tools = { of, bar: this.buttons(summary, role) };
    return this.tools.bar;
  }

  private buttons(summary: Summary, role: Mailbox["role"] | undefined): HTMLElement {
    const { id } = summary;
    const act = this.handlers;
    return h("div", { class: "bar", role: "toolbar", "aria-label": t.messageTools },
      button("back", t.back, () => act.close(), false, "narrow-only"),
      role === "drafts" && button("drafts", t.goOn, () => act.edit(id), true, "primary"),
      button("reply", t.reply, () => act.reply(id, false)),
      button("replyall", t.replyAll, () => act.reply(id, true)),
      button("forward", t.forward, () => act.forward(id)),
      button("down", t.otherwise, () => act.answers(id)),
      h("span", { class: "gap" }),
      button("archive", t.archive, () => act.archive([id])),
      button("junk", role === "junk" || role === "rejects" ? t.notJunk : t.junk, () => act.junk([id])),
      button("trash", t.remove, () => act.remove([id])),
      button("move", t.move, () => act.move([id])),
      button("unread", t.unseen, () => act.unread(id)),
      button("label", t.withKey(t.labels, "l"), () => act.label([this.shown?.id === id ? this.shown : summary])),
      button("print", t.withKey(t.print, "p"), () => print(), false, "roomy-only"),
      button("more", t.headers, () => this.details()));
  }

  private paint(message: Message): void {
    const { summary } = message;
    const body = h("div", { class: "body" });
    const act = this.handlers;
    fill(this.element, this.bar(summary),
      h("header", null,
        h("h2", { dir: "auto" }, ...shown(summary.subject || s.noSubject), " ", ...tags(summary.keywords)),
        warnings(message),
        h("div", { class: "parties" },
          h("span", { class: "badge", "aria-hidden": "true" }, initial(summary)),
          h("div", null,
            h("div", null, h("strong", { title: summary.from.map(inFull).join(", ") }, ...(summary.from.length ? people(summary.from) : [t.nobody])),
              summary.from[0]?.name ? h("span", { class: "quiet" }, " ", h("bdi", null, ...shown(summary.from[0].address))) : null),
            this.recipients(message)),
          h("time", { class: "quiet" }, longDate(summary.date ?? summary.received))),
        why(message, act.rule && (() => act.rule?.(summary.id))),
        extras(message, (mailto) => act.write(mailto), this.asking!.signal),
        message.defects.length > 0 && h("p", { class: "hint" }, t.malformed(message.defects.join("; "))),
        h("div", { class: "thread" })),
      attachments(message), body);
    drawBody(message, body, this.display);
    this.element.scrollTop = 0;
  }

  /** Show the open message as text, or as its HTML. */
  form(html: boolean): void {
    const body = this.element.querySelector<HTMLElement>(".body");
    if (!this.message || !body) return;
    this.display.change({ html });
    drawBody(this.message, body, this.display, html);
  }

  /** Look at the attachments of the open message. */
  look(): void {
    const files = this.message?.attachments.filter((one) => !one.inline) ?? [];
    const first = files.findIndex((one) => manner(one.kind));
    if (first >= 0) look(files, first);
  }

  /** Keywords of the open message have changed. */
  labelled(id: number, keywords: string[]): void {
    if (this.message?.summary.id !== id) return;
    this.message.summary.keywords = keywords;
    for (const tag of this.element.querySelectorAll("h2 > .tag")) tag.remove();
    this.element.querySelector("h2")?.append(...(tags(keywords).filter(Boolean) as Node[]));
  }

  private recipients(message: Message): HTMLElement {
    const fields: [string, Person[]][] = [[t.recipients.to, message.summary.to], [t.recipients.cc, message.cc], [t.recipients.bcc, message.bcc]];
    const named = fields.filter(([, some]) => some.length > 0);
    const place = h("div", { class: "quiet", title: named.flatMap(([, some]) => some.slice(0, 50).map(inFull)).join(", ") });
    const draw = (most: number): void => fill(place, ...(named.length ? named.flatMap(([word, some], at): Child[] => [at > 0 && ", ", `${word} `, ...people(some.slice(0, most))]) : [t.recipients.nobody]),
      named.some(([, some]) => some.length > most) && " ", named.some(([, some]) => some.length > most) && h("button", { type: "button", class: "link", onclick: () => draw(Infinity) },
        t.recipients.more(named.reduce((sum, [, some]) => sum + Math.max(0, some.length - most), 0))));
    draw(FEW);
    return place;
  }

  private thread(messages: Summary[], current: number): HTMLElement {
    return h("div", { class: "thread" }, h("details", { open: messages.length <= 4 },
      h("summary", null, t.conversation(messages.length)),
      ...messages.map((one) => h("button", {
        type: "button", class: one.id === current ? "open" : "", onclick: () => one.id !== current && this.handlers.open(one),
      }, h("span", { dir: "auto" }, ...shown(one.from[0] ? who(one.from[0]) : t.nobody)), h("span", { class: "quiet", dir: "auto" }, ...shown(one.preview)), h("time", { title: longDate(one.received) }, shortDate(one.received))))));
  }

  private details(): void {
    void attempt(async () => {
      await this.coming;
      const { message } = this;
      if (!message) return;
      const headers = await webmail.headers({ id: message.summary.id });
      await dialog<void>(t.details.title, () => [
        h("h3", null, t.details.envelope),
        h("dl", null, h("dt", null, t.details.sender), h("dd", null, message.mail_from || t.details.none), h("dt", null, t.details.recipient), h("dd", null, message.rcpt_to),
          h("dt", null, t.details.ip), h("dd", null, message.remote_ip || t.details.here), h("dt", null, t.details.trace), h("dd", null, message.trace),
          h("dt", null, t.details.mailbox), h("dd", null, message.mailbox), h("dt", null, t.details.size), h("dd", null, size(message.summary.size))),
        h("h3", null, t.details.header),
        h("table", { class: "headers" }, h("tbody", null, ...headers.map((line) => h("tr", null, h("th", null, line.name), h("td", { dir: "auto" }, ...shown(line.value)))))),
        h("footer", null, h("a", { class: "button", href: message.raw_url, target: "_blank", rel: "noopener" }, t.details.source),
          h("a", { class: "button", href: message.download_url }, t.download)),
      ], "wide");
    });
  }
}

function initial(summary: Summary): string {
  const person = summary.from[0];
  return person ? [...who(person)][0]!.toUpperCase() : "?";
}
