// The files of a message that is written: sent ahead with progress, listed, taken away again.
import { upload, type Attached } from "../api";
import { button, complain, fill, h, icon, notice } from "../dom";
import { size } from "../format";
import { shown } from "../shown";
import { s } from "../words/shared";
import { w } from "../words/writing";

/** Files on their way at the same time; other tabs want to send some too. */
const AT_ONCE = 2;

export class Files {
  readonly element = h("ul", { class: "attachments", "aria-label": w.attachments });
  readonly chooser: HTMLInputElement;
  /** How many are on their way. */
  waiting = 0;
  private running = 0;
  private readonly queue: (() => void)[] = [];
  private readonly local = new Map<string, string>();

  constructor(public files: Attached[], private readonly most: number, private readonly changed: () => void) {
    this.chooser = h("input", { type: "file", multiple: true, hidden: true, "aria-label": w.files, onchange: () => { this.add(this.chooser.files); this.chooser.value = ""; } });
    this.draw();
  }

  /** Send files ahead; one with a contentId is a picture within the text. */
  add(files: Iterable<File> | null, contentId = ""): void {
    for (const file of files ?? []) {
      const total = this.files.reduce((sum, one) => sum + one.size, 0) + file.size;
      // On its way it grows by a third; what is certainly too large is not sent first.
      if (total * 1.37 > this.most) {
        notice(w.tooLarge(file.name, size(this.most / 1.37)), "error");
        continue;
      }
      if (contentId) this.local.set(contentId, URL.createObjectURL(file));
      this.send(file, contentId);
    }
  }

  /** Where a picture within the text can be loaded from. */
  address(contentId: string): string | null {
    const here = this.local.get(contentId);
    if (here) return here;
    const one = this.files.find((file) => file.content_id === contentId);
    return one && one.message_id !== null ? `/webmail/message/${one.message_id}/part/${one.part}` : null;
  }

  /** What was kept comes back with other names; what was added or taken away meanwhile counts. */
  kept(sent: Attached[], kept: Attached[]): void {
    const here = this.files;
    const saved = kept.filter((_, at) => here.includes(sent[at]!));
    this.files = [...saved, ...here.filter((one) => !sent.includes(one))];
    this.draw();
  }

  draw(): void {
    const waiting = [...this.element.children].filter((item) => item.querySelector("progress"));
    fill(this.element, ...this.files.map((one) => this.item(one)), ...waiting);
    this.element.hidden = !this.element.children.length;
  }

  /** As many at a time as the server takes. */
  private async turn(stop: AbortSignal): Promise<void> {
    if (this.running >= AT_ONCE) await new Promise<void>((resolve) => this.queue.push(resolve));
    this.running += 1;
    if (stop.aborted) throw new DOMException(s.uploadStopped, "AbortError");
  }

  private send(file: File, contentId: string): void {
    const bar = h("progress", { max: 1, value: 0, "aria-label": w.sending(file.name) });
    const stop = new AbortController();
    const item = h("li", null, icon("clip"), h("span", { dir: "auto" }, ...shown(file.name)), bar, button("close", w.stop, () => stop.abort()));
    this.element.append(item);
    this.element.hidden = false;
    this.waiting += 1;
    this.turn(stop.signal).then(() => upload(file, (part) => { bar.value = part; }, stop.signal)).then((sent) => {
      this.files = [...this.files, { ...sent, message_id: null, part: "", content_id: contentId }];
      this.changed();
    }).catch((problem) => {
      complain(problem);
      if (!(problem instanceof DOMException)) this.again(file, contentId);
    }).finally(() => {
      this.waiting -= 1;
      this.running -= 1;
      this.queue.shift()?.();
      item.remove();
      this.draw();
    });
  }

  /** A file that did not arrive is not forgotten. */
  private again(file: File, contentId: string): void {
    notice(w.notAttached(file.name), "error", { label: s.again, run: () => this.send(file, contentId) });
  }

  private item(one: Attached): HTMLElement {
    return h("li", null, icon("clip"), h("span", { dir: "auto" }, ...shown(one.name)), h("small", null, size(one.size)),
      button("close", w.remove(one.name), () => {
        this.files = this.files.filter((other) => other !== one);
        this.draw();
        this.changed();
      }));
  }
}
