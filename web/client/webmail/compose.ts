// Writing a message.  What is written is kept in Drafts while it is being written.
import { ApiError, upload, webmail, type Attached, type Draft, type Sent, type State } from "../api";
import { attempt, button, complain, field, fill, h, icon, notice, sure } from "../dom";
import { size } from "../format";
import { Choice, Ways } from "./travel";

const KEEP_AFTER = 4_000;
const AGAIN_AFTER = 15_000;
const NOT_SAVED = "Not saved yet";

export class Compose {
  readonly element: HTMLElement;
  private readonly from: HTMLSelectElement;
  private readonly to = line("to");
  private readonly cc = line("cc");
  private readonly bcc = line("bcc");
  private readonly subject = h("input", { name: "subject", autocomplete: "off", dir: "auto" });
  private readonly text = h("textarea", { name: "text", dir: "auto", "aria-label": "Message" });
  private readonly files = h("ul", { class: "attachments" });
  private readonly problem = h("p", { class: "problem", role: "alert" });
  private readonly saved = h("span", { class: "quiet", role: "status" });
  private readonly send: HTMLButtonElement;
  private readonly choice: Choice;
  private timer = 0;
  private kept: string;
  private keeping: Promise<void> = Promise.resolve();
  private uploads = 0;
  private gone = false;
  private signature = "";
  private readonly before = document.activeElement;

  constructor(private draft: Draft, state: State, private readonly done: (sent: Sent | null) => void) {
    const named = state.identities.map((one) => (one.name ? `${one.name} <${one.address}>` : one.address));
    const same = state.identities.findIndex((one) => draft.from === one.address || draft.from.endsWith(`<${one.address}>`));
    const chosen = named.includes(draft.from) ? named.indexOf(draft.from) : same;
    this.from = h("select", { name: "from" }, ...named.map((text, at) => h("option", { value: text, selected: at === chosen }, text)));
    this.to.value = draft.to;
    this.cc.value = draft.cc;
    this.bcc.value = draft.bcc;
    this.subject.value = draft.subject;
    this.text.value = draft.text;
    this.signature = this.signatureOf(this.from.value, state);
    this.from.addEventListener("change", () => this.sign(this.signatureOf(this.from.value, state)));
    this.choice = new Choice(draft.tls, () => ways.forEach((one) => one.draw()));
    const ways = [this.to, this.cc, this.bcc].map((one) => new Ways(one, () => this.choice.value));
    const [to, cc, bcc] = ways.map((one) => one.element);
    this.send = h("button", { class: "button primary" }, "Send");
    const chooser = h("input", { type: "file", multiple: true, hidden: true, onchange: () => { this.attach(chooser.files); chooser.value = ""; } });
    const more = h("button", { type: "button", class: "link", onclick: () => { copies.hidden = false; more.hidden = true; this.cc.focus(); } }, "Cc and Bcc");
    const copies = h("div", { hidden: !draft.cc && !draft.bcc }, field("Cc", this.cc), cc, field("Bcc", this.bcc), bcc);
    more.hidden = !copies.hidden;
    this.element = h("form", {
      class: "compose", "aria-label": "Write a message",
      onsubmit: (event: Event) => { event.preventDefault(); void this.leave(); },
      oninput: () => this.changed(),
      onkeydown: (event: KeyboardEvent) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); void this.leave(); }
        if (event.key === "Escape") { event.preventDefault(); void this.close(); }
      },
      ondragover: (event: DragEvent) => event.preventDefault(),
      ondrop: (event: DragEvent) => { event.preventDefault(); this.attach(event.dataTransfer?.files ?? null); },
    },
      h("header", null, h("h2", null, draft.subject || "New message"), this.saved, button("close", "Save as draft and close", () => void this.close())),
      state.identities.length > 1 && field("From", this.from),
      field("To", this.to), to, more, copies, field("Subject", this.subject),
      this.text, this.files, this.choice.hint, this.problem,
      h("footer", null, this.send, button("clip", "Attach files", () => chooser.click()), chooser, h("span", { class: "gap" }),
        this.choice.element,
        button("trash", "Discard", () => void this.discard())));
    this.kept = JSON.stringify(this.current());
    this.list();
    addEventListener("beforeunload", this.leaving);
  }

  private signatureOf(from: string, state: State): string {
    return state.identities.find((one) => from === one.address || from === `${one.name} <${one.address}>`)?.signature ?? "";
  }

  /** Put another signature where the one before stands, or under all that is there. */
  private sign(signature: string): void {
    const block = (text: string): string => (text ? `\n\n-- \n${text}` : "");
    const before = block(this.signature), at = before ? this.text.value.indexOf(before) : -1;
    if (at >= 0) this.text.value = this.text.value.slice(0, at) + block(signature) + this.text.value.slice(at + before.length);
    else if (!before || !this.text.value.includes("\n-- \n")) this.text.value += block(signature);
    this.signature = signature;
  }

  /** A page that is closed while something is not saved asks first. */
  private readonly leaving = (event: Event): void => {
    if (this.uploads || JSON.stringify(this.current()) !== this.kept) event.preventDefault();
  };

  /** Put the cursor where writing begins. */
  focus(): void {
    if (!this.to.value) this.to.focus();
    else {
      this.text.focus();
      this.text.setSelectionRange(0, 0);
    }
  }

  /** Keep what was written and go. */
  async close(): Promise<void> {
    if (this.uploads && !(await sure("Some files are still on their way; they will not be in the draft.", "Close"))) return;
    if (!(await attempt(() => this.keep()))) return;
    if (this.draft.id !== null && !this.gone) notice("Saved in Drafts.");
    this.end(null);
  }

  /** Go without asking anything. */
  end(sent: Sent | null = null): void {
    this.gone = true;
    clearTimeout(this.timer);
    removeEventListener("beforeunload", this.leaving);
    this.element.remove();
    if (this.before instanceof HTMLElement && this.before.isConnected) this.before.focus({ preventScroll: true });
    this.done(sent);
  }

  private current(): Draft {
    return {
      ...this.draft, from: this.from.value || this.draft.from, to: this.to.value, cc: this.cc.value, bcc: this.bcc.value,
      subject: this.subject.value, text: this.text.value, tls: this.choice.value,
    };
  }

  private changed(after = KEEP_AFTER): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.keep().catch((problem) => {
      if (this.saved.textContent !== NOT_SAVED) complain(problem);
      this.saved.textContent = NOT_SAVED;
      this.changed(AGAIN_AFTER);
    }), after);
  }

  private keep(): Promise<void> {
    // One at a time: the next one needs the id that this one gets.
    const next = this.keeping.catch(() => undefined).then(async () => {
      const current = this.current();
      const text = JSON.stringify(current);
      if (this.gone || text === this.kept) return;
      const kept = await webmail.draft_save({ draft: current });
      // What was typed, attached or removed meanwhile is not saved yet.
      const here = this.draft.attachments;
      const saved = kept.attachments.filter((_, at) => here.includes(current.attachments[at]!));
      this.draft = { ...this.draft, id: kept.id, attachments: [...saved, ...here.filter((one) => !current.attachments.includes(one))] };
      this.kept = JSON.stringify({ ...current, id: kept.id, attachments: kept.attachments });
      this.saved.textContent = `Saved at ${new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`;
      this.list();
    });
    this.keeping = next;
    return next;
  }

  private async leave(): Promise<void> {
    this.problem.textContent = "";
    if (this.uploads) {
      this.problem.textContent = "Some files are still on their way; wait a moment.";
      return;
    }
    if (!this.subject.value && !(await sure("This message has no subject.", "Send without"))) return;
    clearTimeout(this.timer);
    this.send.disabled = true;
    try {
      await this.keeping.catch(() => undefined);
      this.end(await webmail.send({ draft: this.current() }));
      notice("Sent.");
    } catch (problem) {
      this.problem.textContent = problem instanceof Error ? problem.message : String(problem);
      const place = problem instanceof ApiError ? problem.place.replace("draft.", "") : "";
      this.element.querySelector<HTMLElement>(`[name="${CSS.escape(place)}"]`)?.focus();
    } finally {
      this.send.disabled = false;
    }
  }

  private async discard(): Promise<void> {
    const written = this.text.value.trim() !== "" || this.draft.attachments.length > 0;
    if (written && !(await sure("What you wrote will be removed for good.", "Discard"))) return;
    this.gone = true;
    await attempt(async () => {
      await this.keeping.catch(() => undefined);
      if (this.draft.id !== null) await webmail.delete({ ids: [this.draft.id] });
    });
    this.end(null);
  }

  private attach(files: FileList | null): void {
    for (const file of files ?? []) {
      const bar = h("progress", { max: 1, value: 0 });
      const stop = new AbortController();
      const waiting = h("li", null, icon("clip"), h("span", null, file.name), bar, button("close", "Stop", () => stop.abort()));
      this.files.append(waiting);
      this.uploads += 1;
      upload(file, (part) => { bar.value = part; }, stop.signal).then((sent) => {
        this.draft.attachments = [...this.draft.attachments, { name: sent.name, kind: sent.kind, size: sent.size, upload: sent.upload, message_id: null, part: "" }];
        this.changed();
      }).catch(complain).finally(() => {
        this.uploads -= 1;
        waiting.remove();
        this.list();
      });
    }
  }

  private list(): void {
    const waiting = [...this.files.children].filter((item) => item.querySelector("progress"));
    fill(this.files, ...this.draft.attachments.map((one) => this.attached(one)), ...waiting);
  }

  private attached(one: Attached): HTMLElement {
    return h("li", null, icon("clip"), h("span", null, one.name), h("small", null, size(one.size)),
      button("close", `Remove ${one.name}`, () => {
        this.draft.attachments = this.draft.attachments.filter((other) => other !== one);
        this.list();
        this.changed();
      }));
  }
}

function line(name: string): HTMLInputElement {
  return h("input", { name, autocomplete: "off", autocapitalize: "off", spellcheck: false, placeholder: "Ann <ann@example.org>, bob@example.net" });
}
