// From an empty server to a first letter out and in: each stage, what is left of it, and a look again by itself until all is done.
import { admin, type DnsCheck, type RecordState, type Setup, type SetupStage, type SurveyLine } from "../api";
import { attempt, field, fill, h, notice } from "../dom";
import { second } from "../format";
import { reading, typed } from "../programs";
import { draw as drawCheck } from "./dns";
import { recordStates } from "./records";
import { setup as t } from "../words/admin/domains";
import { p } from "../words/pages";
import { s } from "../words/shared";

/** Seconds until the cheap state is asked for again, and from which to which pause the network is. */
const OFTEN = 3;
const PAUSES: [number, number] = [15, 300];

const MARKS: Record<SetupStage["state"], string> = { done: "good", waiting: "quiet", wrong: "bad" };

export async function setup(main: HTMLElement, name: string): Promise<() => void> {
  const walk = new Walk(main, name);
  await walk.begin();
  return () => walk.end();
}

/** One walk for one domain; its sections stay, what is in them is drawn anew only when it has changed. */
class Walk {
  private over = false;
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();
  private readonly status = h("p", { class: "walk-status", role: "status", "aria-live": "polite" });
  private readonly sections = new Map<string, { box: HTMLElement; mark: HTMLElement; said: HTMLElement; body: HTMLElement; shown: string }>();
  private pause = PAUSES[0];

  constructor(private readonly main: HTMLElement, private name: string) {}

  async begin(): Promise<void> {
    const found = await admin.setup({ domain: this.name });
    if (!this.name) {
      fill(this.main, h("h1", null, t.title), this.choice(found));
      return;
    }
    const programs = await admin.domain_programs({ name: this.name });
    fill(this.main, h("h1", null, t.titleOf(this.name)),
      h("p", { class: "quiet" }, t.meaning(this.name)),
      this.status,
      h("ol", { class: "walk" }, ...(["machine", "domain", "account", "dns", "certificate", "outgoing", "incoming", "programs"] as const).map((key) => this.section(key))));
    const said = this.sections.get("programs")!;
    fill(said.body, reading(programs), typed(programs, t.wholeAddress(this.name)));
    this.mark("programs", "done", [t.programs], "");
    this.forms();
    this.draw(found);
    void this.network();
    void this.machine();
    this.later(OFTEN, () => void this.look());
  }

  end(): void {
    this.over = true;
    this.timers.forEach(clearTimeout);
  }

  private later(seconds: number, what: () => void): void {
    if (this.over) return;
    const timer = setTimeout(() => { this.timers.delete(timer); if (document.hidden) this.later(seconds, what); else what(); }, seconds * 1000);
    this.timers.add(timer);
  }

  private section(key: keyof typeof t.stages): HTMLElement {
    const mark = h("span", { class: "quiet" }, "…");
    const said = h("div", { class: "said" });
    const body = h("div", { class: "doing" });
    const box = h("li", { id: `walk-${key}`, class: "stage" }, h("h2", null, t.stages[key], " ", mark), said, body);
    this.sections.set(key, { box, mark, said, body, shown: "" });
    return box;
  }

  /** What a stage is like; `content` says when its body has to be drawn anew. */
  private mark(key: string, state: SetupStage["state"], sentences: string[], content: string): boolean {
    const part = this.sections.get(key)!;
    const kind = MARKS[state], word = t.marks[state];
    part.box.dataset["state"] = state;
    part.mark.className = kind;
    if (part.mark.textContent !== word) part.mark.textContent = word;
    const text = sentences.join("\n");
    if (part.said.dataset["text"] !== text) {
      part.said.dataset["text"] = text;
      fill(part.said, ...sentences.map((one) => h("p", null, one)));
    }
    const changed = part.shown !== content;
    part.shown = content;
    return changed;
  }

  private draw(found: Setup): void {
    for (const stage of found.stages) this.mark(stage.key, stage.state, stage.sentences, this.sections.get(stage.key)!.shown);
    const left = found.stages.filter((stage) => stage.state !== "done");
    const text = left.length === 0 ? t.done(this.name) : `${t.next(t.stages[left[0]!.key])} ${t.left(left.length)}`;
    if (this.status.textContent !== text) fill(this.status, text);
    this.status.className = left.length === 0 ? "walk-status good" : "walk-status";
    if (found.arrived) {
      const arrived = found.arrived;
      const part = this.sections.get("incoming")!;
      const shown = JSON.stringify(arrived);
      if (part.shown !== shown) {
        part.shown = shown;
        fill(part.body, h("dl", { class: "facts" }, h("dt", null, p.subject), h("dd", null, arrived.subject), h("dt", null, p.when), h("dd", null, second(arrived.at)),
          h("dt", null, t.author), h("dd", null, arrived.verdict || t.unchecked)));
      }
    }
    const sent = found.sent;
    const part = this.sections.get("outgoing")!;
    const trace = part.body.querySelector<HTMLElement>(".sent");
    if (sent && trace && trace.dataset["trace"] !== sent.trace) {
      trace.dataset["trace"] = sent.trace;
      fill(trace, ...t.sent(second(sent.at), h("a", { href: `#steps/${encodeURIComponent(sent.trace)}` }, t.eachStep)));
    }
    const writers = part.body.querySelector<HTMLSelectElement>("select");
    if (writers && writers.dataset["names"] !== found.writers.join("\n")) {
      writers.dataset["names"] = found.writers.join("\n");
      fill(writers, ...found.writers.map((one) => h("option", { value: one }, one)));
    }
    this.sections.get("account")!.body.hidden = found.writers.length > 0;
    this.sections.get("outgoing")!.body.hidden = found.writers.length === 0;
  }

  /** The cheap state, often. */
  private async look(): Promise<void> {
    try {
      const found = await admin.setup({ domain: this.name });
      if (this.over) return;
      this.draw(found);
      if (found.done) return;
    } catch { /* the next time will tell */ }
    this.later(OFTEN, () => void this.look());
  }

  /** What the DNS and the servers say: ever more seldom, until it is right. */
  private async network(): Promise<void> {
    const part = this.sections.get("dns")!;
    if (!part.body.childNodes.length) fill(part.body, h("p", { class: "quiet" }, t.asking));
    let records: RecordState[] | null = null;
    let found: DnsCheck | null = null;
    try { records = await admin.domain_records({ name: this.name }); } catch { /* what was known stays */ }
    if (this.over) return;
    if (records) this.drawRecords(records, null);
    try { found = await admin.domain_check({ name: this.name }); } catch { /* what was known stays */ }
    if (this.over) return;
    if (records && found) this.drawRecords(records, found);
    try { this.draw(await admin.setup({ domain: this.name })); } catch { /* as before */ }
    if (this.over) return;
    const wrong = found === null || found.sections.some((one) => one.errors.length > 0);
    if (!wrong) return;
    this.later(this.pause, () => void this.network());
    this.pause = Math.min(PAUSES[1], this.pause * 1.5);
  }

  private again(): void {
    this.pause = PAUSES[0];
    this.timers.forEach(clearTimeout);
    this.timers.clear();
    void this.look();
    void this.network();
    void this.machine();
  }

  private drawRecords(records: RecordState[], found: DnsCheck | null): void {
    const part = this.sections.get("dns")!;
    const content = JSON.stringify([records, found ? found.sections : null]);
    if (part.shown === content || part.body.contains(document.activeElement) && part.shown !== "" && found === null) return;
    part.shown = content;
    const opened = new Set([...part.body.querySelectorAll("details[open]")].map((one) => one.className));
    const focused = part.body.contains(document.activeElement) ? document.activeElement?.getAttribute("aria-label") : null;
    const check = found ? h("div", { class: "dns-check" }) : part.body.querySelector<HTMLElement>(".dns-check") ?? h("div", { class: "dns-check" });
    if (found) drawCheck(check, found);
    fill(part.body,
      h("p", { class: "quiet" }, t.recordsHint),
      h("details", { class: "zone-file all" }, h("summary", null, t.zoneFile), h("pre", { class: "zone-text" }, records.filter((one) => !one.record.optional).map((one) => `${one.record.name} ${one.record.kind} ${one.record.value}`).join("\n"))),
      recordStates(records),
      h("h3", null, t.serversSay), check,
      h("button", { type: "button", class: "button", onclick: () => this.again() }, t.look));
    part.body.querySelectorAll<HTMLDetailsElement>("details").forEach((one) => { if (opened.has(one.className)) one.open = true; });
    if (focused) [...part.body.querySelectorAll<HTMLElement>("[aria-label]")].find((one) => one.getAttribute("aria-label") === focused)?.focus({ preventScroll: true });
  }

  private async machine(): Promise<void> {
    const part = this.sections.get("machine");
    let lines: SurveyLine[];
    try { lines = await admin.setup_machine({ domain: this.name }); } catch (problem) {
      if (part) this.mark("machine", "waiting", [problem instanceof Error ? problem.message : String(problem)], "");
      return;
    }
    if (this.over || !part) return;
    const wrong = lines.filter((line) => !line.well);
    const content = JSON.stringify(lines);
    const state = wrong.length ? "waiting" : "done";
    const drawn = this.mark("machine", state, wrong.length ? [] : [t.machineGood], content);
    if (wrong.length) { part.mark.className = "fair"; part.mark.textContent = t.worthALook; }
    if (drawn) {
      const good = lines.filter((line) => line.well);
      fill(part.body,
        wrong.length > 0 && h("ul", { class: "survey" }, ...wrong.map((line) => h("li", { class: "warn" }, h("strong", null, line.about), ": ", line.what, line.mend && h("span", { class: "mend" }, " ", line.mend)))),
        good.length > 0 && h("details", { class: "right" }, h("summary", null, t.inOrder([...new Set(good.map((line) => line.about))].join(", "))), h("ul", { class: "survey" }, ...good.map((line) => h("li", null, h("strong", null, line.about), ": ", line.what)))));
    }
    if (wrong.length) this.later(PAUSES[1], () => void this.machine());
  }

  /** Forms are made once, so that nothing that is typed is lost when the state is drawn anew. */
  private forms(): void {
    const localpart = h("input", { required: true, autocomplete: "off", placeholder: t.localpartExample });
    const fullName = h("input", { autocomplete: "off", placeholder: t.fullNameExample });
    const password = h("input", { type: "password", required: true, minLength: 8, autocomplete: "new-password" });
    fill(this.sections.get("account")!.body, h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => {
          const login = localpart.value.trim();
          await admin.account_add({ name: login, password: password.value, full_name: fullName.value.trim(), address: `${login}@${this.name}`, quota: 0 });
          this.draw(await admin.setup({ domain: this.name }));
          notice(t.added(`${login}@${this.name}`));
        });
      },
    }, field(t.localpart(this.name), localpart, t.localpartHint), field(t.person, fullName),
      field(s.signIn.password, password), h("button", { class: "button primary" }, t.addAccount)),
      h("p", { class: "quiet" }, ...t.orGive(h("a", { href: "#accounts" }, p.accounts))));
    const from = h("select", null);
    const to = h("input", { type: "email", required: true, placeholder: t.elsewhereExample, autocomplete: "email" });
    fill(this.sections.get("outgoing")!.body, h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => { this.draw(await admin.setup_send({ domain: this.name, account: from.value, to: to.value })); });
      },
    }, field(t.from, from), field(t.elsewhere, to, t.elsewhereHint), h("button", { class: "button primary" }, t.sendLetter)),
      h("p", { class: "sent" }));
    fill(this.sections.get("incoming")!.body, h("p", { class: "quiet" }, t.answer));
  }

  private choice(found: Setup): HTMLElement {
    const name = h("input", { placeholder: p.examples.domain, required: true, autocomplete: "off" });
    return h("div", null,
      h("p", null, t.chooseDomain),
      found.domains.length > 0 && h("ul", null, ...found.domains.map((one) => h("li", null, h("a", { href: `#setup/${encodeURIComponent(one)}` }, one)))),
      h("form", {
        class: "filters",
        onsubmit: (event: Event) => {
          event.preventDefault();
          void attempt(async () => { location.hash = `#setup/${encodeURIComponent((await admin.domain_add({ name: name.value.trim() })).line.name)}`; });
        },
      }, field(t.newDomain, name), h("button", { class: "button primary" }, p.add)));
  }
}
