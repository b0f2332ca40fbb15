// What one writes: one message at a time, begun from nothing, from a message, from a link, or from what this browser kept.
import { webmail, type Draft, type State } from "../api";
import { attempt, dialog, h, icon, notice } from "../dom";
import { s } from "../words/shared";
import { w } from "../words/writing";
import { choices, forgetChoices } from "./choices";
import { Compose } from "./compose";
import { leftOver } from "./keeping";
import { wish } from "./mailto";

/** Characters of a selection that are quoted alone. */
const SELECTED = 20_000;

export class Writing {
  /** Something to write is on its way: keys mean text already. */
  opening = false;
  private compose: Compose | null = null;

  constructor(private state: State, private readonly begun: () => void) {}

  /** Whether something is being written. */
  get busy(): boolean {
    return this.compose !== null;
  }

  begin(): void {
    this.write(() => webmail.compose());
  }

  takeUp(id: number): void {
    this.write(() => webmail.draft({ id }));
  }

  /** Answer a message; what is selected of its text is quoted alone. */
  reply(id: number, whom: "author" | "everybody" | "list"): void {
    const selection = getSelection();
    const chosen = selection?.anchorNode?.parentElement?.closest(".view .text") ? selection.toString() : "";
    this.write(async () => webmail.reply({ id, whom, only: chosen.slice(0, SELECTED), formatted: (await choices()).write_html }));
  }

  forward(id: number, attached = false): void {
    this.write(async () => webmail.forward({ id, attached, formatted: (await choices()).write_html }));
  }

  /** Ask how. */
  async otherwise(id: number): Promise<void> {
    const ways: [string, string, string, () => void][] = [
      ["reply", w.toList, w.toListHint, () => this.reply(id, "list")],
      ["clip", w.asFile, w.asFileHint, () => this.forward(id, true)],
      ["drafts", w.asNew, w.asNewHint, () => this.write(() => webmail.write_again({ id }))]];
    const chosen = await dialog<() => void>(w.otherwise, (close) => [h("div", { class: "choices" }, ...ways.map(([shape, name, hint, run]) =>
      h("button", { type: "button", onclick: () => close(run) }, icon(shape), h("span", null, name, h("small", null, hint)))))]);
    chosen?.();
  }

  /** The keys of all that, for the message that is open. */
  keys(current: () => number | null): Record<string, () => void> {
    const withIt = (what: (id: number) => void) => (): void => { const id = current(); if (id !== null) what(id); };
    return {
      c: () => this.begin(), r: withIt((id) => this.reply(id, "author")), a: withIt((id) => this.reply(id, "everybody")), L: withIt((id) => this.reply(id, "list")),
      f: withIt((id) => this.forward(id)), F: withIt((id) => this.forward(id, true)), E: withIt((id) => this.write(() => webmail.write_again({ id }))),
    };
  }

  /** Write this; what is being written is kept first. */
  readonly write = (make: () => Promise<Draft>, unsaved = false): void => {
    // Who presses r and goes on typing means the answer, not commands.
    this.opening = true;
    this.begun();
    void attempt(async () => {
      if (!(await this.close())) return;
      const [draft, chosen] = await Promise.all([make(), choices()]);
      const compose = new Compose(draft, this.state, chosen, { done: () => { if (this.compose === compose) this.compose = null; }, write: this.write }, unsaved);
      this.compose = compose;
      document.body.append(compose.element);
      compose.focus();
    }).finally(() => { this.opening = false; });
  };

  /** Write what a link to an address asks for. */
  follow(link: string): void {
    const wanted = wish(link);
    if (wanted) this.write(async () => {
      const draft = await webmail.compose();
      return { ...draft, ...wanted, text: wanted.text + draft.text };
    });
  }

  /** The page is there: a link may have led to it, and something may be left from the last time. */
  arrived(): void {
    const asked = new URLSearchParams(location.search).get("mailto");
    if (asked !== null) {
      history.replaceState(null, "", location.pathname + location.hash);
      this.follow(asked);
    }
    void leftOver(this.state.account_id).then((drafts) => drafts.forEach((draft) =>
      notice(w.left(draft.subject || draft.text.trim().slice(0, 60) || s.noSubject), "",
        { label: w.goOn, run: () => this.write(() => Promise.resolve(draft), true) }, 30)));
  }

  /** Keep what is written and close it; false if that cannot be. */
  async close(): Promise<boolean> {
    await this.compose?.close();
    return !this.compose;
  }

  show(state: State): void {
    this.state = state;
    if (this.compose) this.compose.element.hidden = false;
  }

  hide(): void {
    if (this.compose) this.compose.element.hidden = true;
  }

  /** Somebody else signs in here. */
  end(): void {
    forgetChoices();
    this.compose?.leave();
  }
}
