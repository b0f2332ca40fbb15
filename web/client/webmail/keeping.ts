// What is written is kept: in this browser at once, in Drafts a little later, and where two devices write the same draft, that is said.
import { ApiError, webmail, type Attached, type Draft } from "../api";
import { complain } from "../dom";
import { w } from "../words/writing";

const LOCAL_AFTER = 300, KEEP_AFTER = 4_000, AGAIN_AFTER = 15_000;
const PREFIX = "pillarbox.unsaved.", LOCK = "pillarbox.writing.";

/** What a page calls itself, so that the server can tell it from others. */
const WRITER = crypto.randomUUID?.() ?? String(Math.random());

export interface KeeperHandlers {
  current(): Draft;
  /** It was kept as this. */
  kept(sent: Draft, kept: Draft): void;
  say(text: string): void;
  /** Somebody else changed it ("changed"), or sent it or threw it away ("gone"). */
  overtaken(how: "changed" | "gone", text: string): void;
}

export class Keeper {
  private timer = 0;
  private localTimer = 0;
  private saved: string;
  private keeping: Promise<void> = Promise.resolve();
  private stopped = false;
  private conflict = false;
  private readonly release: () => void;

  constructor(private readonly account: number, private readonly handlers: KeeperHandlers, unsaved = false) {
    this.release = hold(handlers.current().lineage);
    this.saved = unsaved ? "" : this.text();
    if (unsaved) this.changed();
  }

  /** Whether something is written that the server does not have. */
  get pending(): boolean {
    return !this.stopped && this.text() !== this.saved;
  }

  /** Something was written. */
  changed(after = KEEP_AFTER): void {
    if (this.stopped) return;
    clearTimeout(this.localTimer);
    this.localTimer = window.setTimeout(() => this.keepHere(), LOCAL_AFTER);
    if (this.conflict) return;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.keep().catch((problem) => {
      if (this.conflict) return;
      this.handlers.say(w.notSaved);
      // Once is enough: the line above stays until it is saved.
      if (!(problem instanceof ApiError && problem.code === "server:unreachable") && after === KEEP_AFTER) complain(problem);
      this.changed(AGAIN_AFTER);
    }), after);
  }

  /** Keep it in Drafts now, whether it has changed or not if `always`. */
  keep(always = false): Promise<void> {
    clearTimeout(this.timer);
    // One at a time: the next one needs the id that this one gets.
    const next = this.keeping.catch(() => undefined).then(async () => {
      const current = this.handlers.current();
      const text = this.text();
      if (this.stopped || (text === this.saved && !(always && current.id === null))) return;
      try {
        const kept = await webmail.draft_save({ draft: { ...current, writer: WRITER } });
        this.handlers.kept(current, kept);
        this.saved = text;
        this.handlers.say(w.savedAt(new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })));
        if (this.pending) this.changed();
        else forget(this.account, current.lineage);
      } catch (problem) {
        this.overtaken(problem);
        throw problem;
      }
    });
    this.keeping = next;
    return next;
  }

  /** Tell of a conflict, if that is what it is. */
  overtaken(problem: unknown): boolean {
    if (!(problem instanceof ApiError) || problem.code !== "user:conflict" || !["draft.lineage", "draft.id"].includes(problem.place)) return false;
    this.conflict = true;
    clearTimeout(this.timer);
    this.keepHere();
    this.handlers.overtaken(problem.place === "draft.id" ? "gone" : "changed", problem.message);
    return true;
  }

  /** It goes on as a draft of its own. */
  apart(): void {
    this.conflict = false;
    this.saved = "";
    this.changed(0);
  }

  /** Nothing is to be kept any more; what this browser kept goes too. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.localTimer);
    forget(this.account, this.handlers.current().lineage);
    this.release();
  }

  /** The page goes, but this browser keeps what the server has not got. */
  leave(): void {
    this.keepHere();
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.localTimer);
    this.release();
  }

  /** What is on its way to the server has arrived, or not. */
  settled(): Promise<void> {
    return this.keeping.catch(() => undefined);
  }

  get writer(): string {
    return WRITER;
  }

  private text(): string {
    const { id: _, attachments, ...rest } = this.handlers.current();
    return JSON.stringify({ ...rest, attachments: attachments.map((one: Attached) => [one.name, one.content_id]) });
  }

  private keepHere(): void {
    if (!this.pending) return;
    try {
      const draft = this.handlers.current();
      localStorage.setItem(PREFIX + this.account + "." + draft.lineage, JSON.stringify({ at: Date.now(), draft }));
    } catch {
      // There is no room, or the browser keeps nothing: the server has it soon.
    }
  }
}

/** Say to other tabs that this one writes a draft, until the answer is called. */
function hold(lineage: string): () => void {
  let release: () => void = () => undefined;
  void navigator.locks?.request(LOCK + lineage, { mode: "shared" }, () => new Promise<void>((resolve) => { release = resolve; }));
  return () => release();
}

/** Drafts that this browser kept, no server got, and no tab is writing: of an account, oldest first. */
export async function leftOver(account: number): Promise<Draft[]> {
  const found: { at: number; draft: Draft }[] = [];
  const held = new Set((await navigator.locks?.query())?.held?.map((one) => one.name));
  for (let at = 0; at < localStorage.length; at += 1) {
    const key = localStorage.key(at)!;
    if (!key.startsWith(`${PREFIX}${account}.`)) continue;
    try {
      const one = JSON.parse(localStorage.getItem(key)!) as { at: number; draft: Draft };
      const whole = typeof one.draft.text === "string" && Array.isArray(one.draft.attachments);
      if (whole && !held.has(LOCK + one.draft.lineage)) found.push(one);
    } catch {
      localStorage.removeItem(key);
    }
  }
  return found.sort((one, other) => one.at - other.at).map((one) => one.draft);
}

/** The server has it, or nobody wants it. */
export function forget(account: number, lineage: string): void {
  localStorage.removeItem(`${PREFIX}${account}.${lineage}`);
}
