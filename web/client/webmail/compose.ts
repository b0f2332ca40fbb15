// Writing a message: the window with its fields.  What is written is kept while it is being written (keeping.ts).
import { ApiError, webmail, type Draft, type Sent, type State, type WritingChoices } from "../api";
import { attempt, button, complain, field, fill, h, notice, sure } from "../dom";
import { regain, spot } from "../focus";
import { longDate } from "../format";
import { t } from "../words/reading";
import { s } from "../words/shared";
import { w } from "../words/writing";
import { Files } from "./attach";
import { lacksAttachment, outside } from "./checks";
import { choose } from "./choices";
import { Editor } from "./editor";
import { Keeper } from "./keeping";
import { askTime } from "./later";
import { htmlOf } from "./quoted";
import { Recipients } from "./recipients";
import { Choice } from "./travel";

const FULL = "pillarbox.compose.full";

export interface ComposeHandlers {
  done(sent: Sent | null): void;
  /** Write something else instead. */
  write(make: () => Promise<Draft>): void;
}

export class Compose {
  readonly element: HTMLElement;
  private readonly from: HTMLSelectElement;
  private readonly people: Recipients[];
  private readonly subject = h("input", { name: "subject", autocomplete: "off", dir: "auto", oninput: () => this.title() });
  private readonly heading = h("h2", { dir: "auto" });
  private readonly editor: Editor;
  private readonly files: Files;
  private readonly conflict = h("div", { class: "warning", role: "alert", hidden: true });
  private readonly problem = h("p", { class: "problem", role: "alert" });
  private readonly saved = h("span", { class: "quiet", role: "status" });
  private readonly sending: HTMLButtonElement[];
  private readonly format = button("format", w.formatted, () => void this.editor.toggle().then(() => this.drawFormat()));
  private readonly full: HTMLButtonElement;
  private readonly choice: Choice;
  private readonly keeper: Keeper;
  private signature = "";
  private readonly before = spot();

  constructor(private draft: Draft, private readonly state: State, private readonly chosen: WritingChoices, private readonly handlers: ComposeHandlers, unsaved = false) {
    // Without a lineage two answers to the first save could not be told apart.
    if (!draft.lineage) draft.lineage = crypto.randomUUID?.() ?? String(Math.random());
    this.from = this.senders(draft, state);
    this.choice = new Choice(draft.tls, draft.in_list, () => this.people.forEach((one) => one.ways.draw()));
    const told = (): void => this.choice.suggest(this.people.flatMap((one) => one.ways.found), this.people.every((one) => one.ways.settled));
    const line = (label: string, name: "to" | "cc" | "bcc"): Recipients => new Recipients(label, name, draft[name], () => this.choice.value, told);
    this.people = [line(w.to, "to"), line(w.cc, "cc"), line(w.bcc, "bcc")];
    const [to, cc, bcc] = this.people;
    this.subject.value = draft.subject;
    this.files = new Files(draft.attachments, state.message_octets, () => this.changed());
    const fresh = draft.id === null && !draft.html && chosen.write_html && !unsaved;
    this.editor = new Editor(draft.text, fresh ? htmlOf(draft.text) : draft.html, {
      changed: () => this.changed(), formatted: () => this.quoted(), address: (id) => this.files.address(id),
      picture: (file) => {
        const id = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}@${state.hostname}`;
        this.files.add([file], id);
        return id;
      },
    });
    this.signature = this.signatureOf(this.from.value);
    this.from.addEventListener("change", () => this.sign(this.signatureOf(this.from.value)));
    const send = h("button", { class: "button primary", title: w.sendHint }, w.send);
    const archive = button("archive", w.sendArchive, () => void this.send({ archive: true }));
    archive.hidden = draft.answers === null && draft.forwards === null;
    this.sending = [send, archive, button("clock", w.sendLater, () => void this.later())];
    this.full = button("full", w.full, () => this.size(!this.element.classList.contains("full")));
    const more = h("button", { type: "button", class: "link", onclick: () => { copies.hidden = false; more.hidden = true; cc!.input.focus(); } }, w.copies);
    const copies = h("div", { class: "copies", hidden: !draft.cc && !draft.bcc }, cc!.element, bcc!.element);
    more.hidden = !copies.hidden;
    this.element = h("form", {
      class: "compose", "aria-label": w.form,
      onsubmit: (event: Event) => { event.preventDefault(); void this.send({}); },
      oninput: () => this.changed(),
      onkeydown: (event: KeyboardEvent) => this.pressed(event),
      onclick: () => this.element.classList.remove("low", "aside"),
      onpaste: (event: ClipboardEvent) => this.dropped(event, event.clipboardData),
      ondragover: (event: DragEvent) => { if (event.dataTransfer?.types.includes("Files")) { event.preventDefault(); this.element.classList.add("target"); } },
      ondragleave: () => this.element.classList.remove("target"),
      ondrop: (event: DragEvent) => { this.element.classList.remove("target"); this.dropped(event, event.dataTransfer); },
    },
      h("header", null, this.heading, this.saved, this.full, button("close", w.closing, () => void this.close())),
      this.conflict,
      h("div", { class: "fields" }, state.identities.length > 1 && field(w.from, this.from), to!.element, more, copies, field(w.subject, this.subject)),
      this.editor.element, this.files.element, this.choice.hint, this.problem,
      h("footer", null, ...this.sending, button("clip", w.attach, () => this.files.chooser.click()), this.files.chooser, this.format, h("span", { class: "gap" }),
        this.choice.element, button("settings", w.choices, () => void attempt(choose)), button("trash", w.discard, () => void this.discard())));
    this.size(localStorage.getItem(FULL) === "1");
    this.title();
    this.drawFormat();
    this.keeper = new Keeper(state.account_id, {
      current: () => this.current(), say: (text) => { this.saved.textContent = text; },
      kept: (sent, kept) => { this.draft = { ...this.draft, id: kept.id, lineage: kept.lineage }; this.files.kept(sent.attachments, kept.attachments); },
      overtaken: (how, text) => this.overtaken(how, text),
    }, unsaved);
    addEventListener("beforeunload", this.leaving);
    addEventListener("online", this.back);
    document.addEventListener("focusin", this.covered);
  }

  /** What this answers or forwards, quoted as HTML; "" where that is more than was quoted in the beginning. */
  private async quoted(): Promise<string> {
    const { id, answers, forwards } = this.draft;
    if (id !== null) return "";
    const again = answers !== null ? await webmail.reply({ id: answers, formatted: true }) : forwards !== null ? await webmail.forward({ id: forwards, formatted: true }) : null;
    return again?.text === this.draft.text ? again.html : "";
  }

  /** Put the cursor where writing begins. */
  focus(): void {
    if (!this.people[0]!.value) this.people[0]!.input.focus();
    else this.editor.focus();
  }

  /** Keep what was written and go. */
  async close(): Promise<void> {
    if (this.files.waiting && !(await sure(w.stillSending, s.close))) return;
    if (!(await attempt(() => this.keeper.keep()))) return;
    if (this.draft.id !== null) notice(w.kept);
    this.end();
  }

  /** Go without asking anything, and without losing anything. */
  leave(): void {
    this.keeper.leave();
    this.gone(null);
  }

  /** Go: it was sent, saved, or is not wanted. */
  private end(sent: Sent | null = null): void {
    this.keeper.stop();
    this.gone(sent);
  }

  private gone(sent: Sent | null): void {
    removeEventListener("beforeunload", this.leaving);
    removeEventListener("online", this.back);
    document.removeEventListener("focusin", this.covered);
    this.element.remove();
    regain(this.before ?? { element: this.element, called: "", at: 0 });
    this.handlers.done(sent);
  }

  private senders(draft: Draft, state: State): HTMLSelectElement {
    const named = state.identities.map((one) => (one.name ? `${one.name} <${one.address}>` : one.address));
    const same = state.identities.findIndex((one) => draft.from === one.address || draft.from.endsWith(`<${one.address}>`));
    const chosen = named.includes(draft.from) ? named.indexOf(draft.from) : same;
    return h("select", { name: "from" }, ...named.map((text, at) => h("option", { value: text, selected: at === chosen }, text)));
  }

  private signatureOf(from: string): string {
    return this.state.identities.find((one) => from === one.address || from === `${one.name} <${one.address}>`)?.signature ?? "";
  }

  /** Put another signature where the one before stands, or under all that is there. */
  private sign(signature: string): void {
    if (!this.editor.isFormatted) {
      const block = (text: string): string => (text ? `\n\n-- \n${text}` : "");
      const text = this.editor.text, before = block(this.signature), at = before ? text.indexOf(before) : -1;
      if (at >= 0) this.editor.plain = text.slice(0, at) + block(signature) + text.slice(at + before.length);
      else if (!before || !text.includes("\n-- \n")) this.editor.plain = text + block(signature);
    } else this.editor.sign(this.signature, signature);
    this.signature = signature;
  }

  /** A page that is closed while something is not saved asks first. */
  private readonly leaving = (event: Event): void => {
    if (this.files.waiting || this.keeper.pending) event.preventDefault();
  };

  /** Where the keyboard goes to what this window hides, it makes room, until the keyboard comes back to it (WCAG 2.4.11). */
  private readonly covered = (event: FocusEvent): void => {
    const target = event.target as Element, { classList } = this.element;
    if (target.closest("dialog, .notices")) return;
    const rects = (): [DOMRect, DOMRect] => [target.getBoundingClientRect(), this.element.getBoundingClientRect()];
    const [one, mine] = rects();
    classList.remove("aside");
    if (this.element.contains(target)) classList.remove("low");
    else if (one.top >= mine.top && one.bottom <= mine.bottom && one.left >= mine.left && one.right <= mine.right) classList.add("low");
    if (!classList.contains("low")) return;
    const [there, bar] = rects();
    classList.toggle("aside", there.height < innerHeight / 2 && there.top < bar.bottom && there.bottom > bar.top && there.left < bar.right && there.right > bar.left);
  };

  private readonly back = (): void => {
    if (this.keeper.pending) this.keeper.changed(0);
  };

  private current(): Draft {
    const [to, cc, bcc] = this.people.map((one) => one.value);
    return {
      ...this.draft, from: this.from.value || this.draft.from, to: to!, cc: cc!, bcc: bcc!, subject: this.subject.value, text: this.editor.text,
      html: this.editor.html, attachments: this.files.files, tls: this.choice.value,
    };
  }

  private changed(): void {
    this.keeper.changed();
  }

  private title(): void {
    this.heading.textContent = this.subject.value || w.new;
  }

  private size(full: boolean): void {
    this.element.classList.toggle("full", full);
    this.full.setAttribute("aria-pressed", String(full));
    localStorage.setItem(FULL, full ? "1" : "0");
  }

  private drawFormat(): void {
    this.format.setAttribute("aria-pressed", String(this.editor.isFormatted));
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); void this.send({}); }
    if (event.key === "Escape") { event.preventDefault(); void this.close(); }
  }

  private dropped(event: Event, data: DataTransfer | null): void {
    // A cell copied from a table is text that brings a picture of itself along.
    if (event.defaultPrevented || !data?.files.length || (event.type === "paste" && data.types.includes("text/plain"))) return;
    event.preventDefault();
    this.files.add(data.files);
  }

  private overtaken(how: "changed" | "gone", text: string): void {
    const goOn = h("button", { type: "button", class: "button", onclick: () => {
      this.draft = { ...this.draft, id: null, lineage: crypto.randomUUID?.() ?? String(Math.random()) };
      this.conflict.hidden = true;
      this.keeper.apart();
    } }, how === "changed" ? w.both : w.apart);
    const drop = h("button", { type: "button", class: "button", onclick: () => this.end() }, w.drop);
    fill(this.conflict, h("p", null, w.overtaken(text)), h("p", null, goOn, drop));
    this.conflict.hidden = false;
  }

  /** Whether everything is as its author means it. */
  private async meant(): Promise<boolean> {
    const { subject } = this.current();
    if (!subject && !(await sure(w.noSubject, w.anyway))) return false;
    if (this.chosen.warn_attachment && lacksAttachment(subject, this.editor.text, this.files.files.length)
      && !(await sure(w.noAttachment, w.anyway))) return false;
    if (!this.chosen.warn_external) return true;
    const known = await Promise.all(this.people.filter((one) => one.value).map((one) => webmail.travel({ recipients: one.value })));
    const strangers = outside(known.flat().map((one) => one.address), this.state.identities.map((one) => one.address));
    return !strangers.length || sure(w.external(strangers.slice(0, 5), Math.max(0, strangers.length - 5)), w.send);
  }

  private async later(): Promise<void> {
    const at = await askTime();
    if (at !== null) await this.send({ at });
  }

  private async send(how: { at?: number; archive?: boolean }): Promise<void> {
    this.problem.textContent = "";
    if (this.files.waiting) {
      this.problem.textContent = w.wait;
      return;
    }
    if (this.sending.some((one) => one.disabled)) return;
    for (const one of this.sending) one.disabled = true;
    try {
      if (!(await this.meant())) return;
      // Kept first: so the server knows a message that it has sent already, if its answer gets lost and it is sent again.
      if (this.draft.id === null) await this.keeper.keep(true);
      await this.keeper.settled();
      const sent = await webmail.send({ draft: { ...this.current(), writer: this.keeper.writer }, at: how.at ?? null, undo: true, archive: how.archive ?? false });
      this.end(sent);
      this.tell(sent, how.at);
    } catch (problem) {
      if (this.keeper.overtaken(problem)) return;
      if (problem instanceof ApiError && problem.code === "user:signedOut") complain(problem);
      this.problem.textContent = problem instanceof ApiError && problem.code === "server:unreachable"
        ? w.noConnection : problem instanceof Error ? problem.message : String(problem);
      const place = problem instanceof ApiError ? problem.place.replace("draft.", "") : "";
      this.element.querySelector<HTMLElement>(`[name="${CSS.escape(place)}"]`)?.focus();
    } finally {
      for (const one of this.sending) one.disabled = false;
    }
  }

  private tell(sent: Sent, at?: number): void {
    const id = sent.delayed;
    const undo = id === null ? undefined : { label: w.undo, hint: t.withKey(w.undo, "z"), run: () => this.handlers.write(() => webmail.take_back({ id })) };
    if (at !== undefined) notice(w.sentAt(longDate(at)), "", undo);
    else notice(w.sent, "", undo, undo && this.chosen.undo_seconds);
  }

  private async discard(): Promise<void> {
    const written = this.editor.text.trim() !== "" || this.files.files.length > 0;
    if (written && !(await sure(w.discarding, w.discard))) return;
    this.keeper.stop();
    await attempt(async () => {
      await this.keeper.settled();
      if (this.draft.id !== null) await webmail.delete({ ids: [this.draft.id] });
    });
    this.end();
  }
}
