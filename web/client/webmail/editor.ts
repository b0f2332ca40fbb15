// The text of a message that is written: plain, or formatted with a small editor that makes clean HTML.
import { webmail } from "../api";
import { attempt, button, dialog, fill, h } from "../dom";
import { s } from "../words/shared";
import { w } from "../words/writing";
import { clean, forServer, shown } from "./markup";
import { htmlOf } from "./quoted";

export interface EditorHandlers {
  /** Something was written. */
  changed(): void;
  /** A picture was pasted: send it ahead; the answer is what the HTML calls it by. */
  picture(file: File): string;
  /** What stands in the beginning, as HTML that says more than its text; "" if there is none. */
  formatted(): Promise<string>;
  /** Where a picture of the message can be loaded from. */
  address(contentId: string): string | null;
}

/** Buttons by their shapes, each with the browser's command. */
const TOOLS: [keyof typeof w.tools, string, string?][] = [
  ["bold", "bold"], ["italic", "italic"], ["bullets", "insertUnorderedList"], ["numbers", "insertOrderedList"], ["quote", "formatBlock", "blockquote"], ["outdent", "outdent"],
  ["plain", "removeFormat"],
];

export class Editor {
  readonly element: HTMLElement;
  private readonly area = h("textarea", { name: "text", dir: "auto", "aria-label": w.message });
  private readonly page = h("div", { class: "page", contentEditable: "true", role: "textbox", "aria-multiline": "true", "aria-label": w.message, dir: "auto", tabIndex: 0 });
  private readonly tools = h("div", { class: "format", role: "toolbar", "aria-label": w.formatting });
  private formatted = false;
  private turning = false;
  private readonly begun: string;

  constructor(text: string, html: string, private readonly handlers: EditorHandlers) {
    fill(this.tools, ...TOOLS.map(([shape, command, value]) => button(shape, w.tools[shape], () => this.run(command, value))),
      button("link", w.linkTool, () => void this.link()));
    // A click on a tool must not take the cursor out of the text.
    this.tools.addEventListener("mousedown", (event) => event.preventDefault());
    this.page.addEventListener("input", () => this.handlers.changed());
    this.page.addEventListener("paste", (event) => this.pasted(event));
    this.page.addEventListener("drop", (event) => { if (!event.dataTransfer?.files.length) this.dropped(event); });
    this.page.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); void this.link(); }
    });
    this.element = h("div", { class: "writing" }, this.tools, this.area, this.page);
    this.area.value = this.begun = text;
    this.formatted = html !== "";
    if (this.formatted) this.page.innerHTML = shown(html, this.handlers.address);
    this.show();
  }

  /** Whether it is HTML now. */
  get isFormatted(): boolean {
    return this.formatted;
  }

  /** What is written, as plain text; of HTML only roughly. */
  get text(): string {
    return this.formatted ? this.page.innerText : this.area.value;
  }

  /** What is written as HTML; "" if it is plain text. */
  get html(): string {
    return this.formatted ? forServer(this.page) : "";
  }

  set plain(text: string) {
    this.area.value = text;
  }

  /** Another signature in place of the one before, or before what is quoted. */
  sign(before: string, after: string): void {
    const text = (block: Element | null | undefined): string => (block instanceof HTMLElement ? block.innerText.replace(/\u00a0/g, " ").trim() : "");
    const mark = [...this.page.children].find((one) => text(one) === "--");
    for (const line of mark && before ? before.split("\n") : []) if (text(mark!.nextElementSibling) === line.trim()) mark!.nextElementSibling!.remove();
    const lines = after ? after.split("\n").map((one) => h("div", null, one || h("br", null))) : [];
    if (mark) mark.after(...lines);
    else if (lines.length) this.page.append(h("div", null, h("br", null)), h("div", null, "-- "), ...lines);
    if (mark && !after) mark.remove();
  }

  focus(): void {
    if (!this.formatted) {
      this.area.focus();
      this.area.setSelectionRange(0, 0);
      this.area.scrollTop = 0;
      return;
    }
    this.page.focus();
    getSelection()?.collapse(this.page, 0);
    this.page.scrollTop = 0;
  }

  /** From one kind to the other; what formatting said beyond the words is lost on the way to text. */
  async toggle(): Promise<void> {
    if (this.turning) return;
    this.turning = true;
    const turned = await (this.formatted ? this.toPlain() : this.toFormatted()).finally(() => { this.turning = false; });
    if (!turned) return;
    this.show();
    this.focus();
    this.handlers.changed();
  }

  private async toPlain(): Promise<boolean> {
    let html: string;
    let text = "";
    do {
      ({ html } = this);
      if (!(await attempt(async () => { text = await webmail.as_text({ html }); }))) return false;
    } while (html !== this.html);    // the server takes its time, and people go on writing
    this.area.value = text;
    this.formatted = false;
    return true;
  }

  private async toFormatted(): Promise<boolean> {
    let html = "";
    // Nothing was written yet: what is quoted comes with its own formatting.
    if (this.area.value === this.begun) await attempt(async () => { html = await this.handlers.formatted(); });
    if (this.area.value !== this.begun) html = "";
    this.page.innerHTML = shown(html || htmlOf(this.area.value), this.handlers.address);
    this.formatted = true;
    return true;
  }

  private show(): void {
    this.tools.hidden = this.page.hidden = !this.formatted;
    this.area.hidden = this.formatted;
  }

  private run(command: string, value?: string): void {
    this.page.focus();
    document.execCommand("styleWithCSS", false, "false");
    document.execCommand(command, false, value);
  }

  private async link(): Promise<void> {
    const selection = getSelection();
    const range = selection?.rangeCount && this.page.contains(selection.anchorNode) ? selection.getRangeAt(0).cloneRange() : null;
    const chosen = range?.toString() ?? "";
    const input = h("input", { type: "url", value: /^https?:/.test(chosen) ? chosen : "https://", "aria-label": w.linkAddress, required: true });
    const answer = dialog<string>(w.link, (close) => [h("form", {
      onsubmit: (event: Event) => { event.preventDefault(); close(input.value.trim()); },
    }, h("p", { class: "quiet" }, w.linkHint), input, h("footer", null, h("button", { class: "button primary" }, s.ok)))]);
    input.select();
    const target = await answer;
    this.page.focus();
    if (range) { selection!.removeAllRanges(); selection!.addRange(range); }
    if (!target || !/^(https?|mailto|tel):/i.test(target)) return;
    if (chosen) this.run("createLink", target);
    else this.put(h("a", { href: target }, target));
  }

  private pasted(event: ClipboardEvent): void {
    const data = event.clipboardData;
    const pictures = [...data?.files ?? []].filter((one) => one.type.startsWith("image/"));
    if (pictures.length && !data!.types.includes("text/html")) {
      event.preventDefault();
      event.stopPropagation();
      for (const one of pictures) this.insertPicture(one);
    } else if (data?.types.includes("text/html")) {
      event.preventDefault();
      this.put(...clean(data.getData("text/html")));
    }
  }

  private dropped(event: DragEvent): void {
    const html = event.dataTransfer?.getData("text/html");
    if (!html) return;
    event.preventDefault();
    this.put(...clean(html));
  }

  private insertPicture(file: File): void {
    const id = this.handlers.picture(file);
    const image = h("img", { src: URL.createObjectURL(file), alt: file.name, "data-cid": id });
    this.put(image);
  }

  /** Put something where the cursor is; the browser's own command would add styles, which the page's policy forbids. */
  private put(...nodes: Node[]): void {
    const selection = getSelection();
    const range = selection?.rangeCount && this.page.contains(selection.anchorNode) ? selection.getRangeAt(0) : document.createRange();
    if (!this.page.contains(range.startContainer)) range.selectNodeContents(this.page);
    range.deleteContents();
    const piece = document.createDocumentFragment();
    piece.append(...nodes);
    const last = piece.lastChild;
    range.insertNode(piece);
    if (last) range.setStartAfter(last);
    range.collapse(true);
    selection?.removeAllRanges();
    selection?.addRange(range);
    this.handlers.changed();
  }
}
