// Backups: what there is, whether they are as they were made, one more at a click, and what is being brought back.
import { admin, type BackupJob, type BackupLine, type Backups } from "../api";
import { attempt, fill, h, lookAgain, notice, type Child } from "../dom";
import { minute, moment, number, size, utcDay } from "../format";
import { copyable, table } from "../table";
import { backups as t } from "../words/admin/backups";
import { p } from "../words/pages";

const EVERY = 3_000;

export async function backups(main: HTMLElement): Promise<() => void> {
  draw(main, await admin.backups());
  return lookAgain(main, EVERY, async () => {
    const now = await admin.backups();
    return () => draw(main, now);
  });
}

function draw(main: HTMLElement, now: Backups): void {
  const again = (what: () => Promise<Backups>, said: string): void => void attempt(async () => { draw(main, await what()); notice(said); });
  fill(main, h("h1", null, t.title), ...(now.place ? made(now, again) : [
    h("p", { class: "hint" }, t.unset),
    h("pre", null, "[backup]\nto = \"/mnt/backup/pillarbox\""),
    h("p", null, ...t.atOnce(copyable("pillarbox backup /mnt/backup/pillarbox")))]));
}

function made(now: Backups, again: (what: () => Promise<Backups>, said: string) => void): Child[] {
  return [
    h("p", null, (now.encrypted ? t.dailyEncrypted : t.daily)(`${String(now.hour).padStart(2, "0")}:00`), " ",
      ...(now.keep_weekly ? t.keptWeeks(now.keep_daily, now.keep_weekly, size(now.free), copyable(now.place)) : t.kept(now.keep_daily, size(now.free), copyable(now.place)))),
    now.problems.length > 0 && h("ul", { class: "bad", role: "alert" }, ...now.problems.map((one) => h("li", null, one))),
    h("dl", { class: "diff" },
      h("dt", null, t.next), h("dd", null, now.running ? t.making : now.next === null ? t.unplanned : minute(now.next)),
      h("dt", null, t.lastTrial), h("dd", null, now.tested === null ? t.noTrial : h("span", { class: now.unfit.length ? "bad" : "good" }, (now.unfit.length ? t.unfit : t.fit)(now.tested_name)), now.tested !== null && ", ", now.tested !== null && minute(now.tested))),
    h("p", { class: "actions" },
      h("button", { type: "button", class: "button primary", onclick: () => again(() => admin.backup_run(), t.willMake) }, t.make),
      h("button", { type: "button", class: "button", disabled: !now.backups.length, onclick: () => again(() => admin.backup_try(), t.willTry) }, t.try)),
    ...jobs(now, again),
    table([t.made, p.messages, p.accounts, p.size, t.new, t.compared, ""], now.backups.map((one) => [
      h("a", { href: `#backup/${one.name}` }, minute(one.made)), number(one.messages), number(one.accounts), size(one.size), size(one.new), checked(one),
      h("span", { class: "deeds" },
        h("button", { type: "button", class: "link", "aria-label": t.compareThis(moment(one.made)), onclick: () => again(() => admin.backup_verify({ name: one.name }), t.willCompare) }, t.compare),
        one.encrypted && h("small", null, " ", t.encrypted),
        one.trouble.length + one.notes.length > 0 && h("ul", { class: one.trouble.length ? "bad" : "quiet" }, ...[...one.trouble, ...one.notes].map((said) => h("li", null, said))))]), t.none),
    h("h2", null, t.restoring),
    h("p", null, ...t.some(copyable(`pillarbox restore ${now.place} --account NAME`))),
    h("p", null, ...t.everything(copyable(`pillarbox restore ${now.place}`)))];
}

/** Whether a backup is as it was made, as far as somebody looked. */
function checked(one: BackupLine): Child {
  if (one.checked === null) return t.unchecked;
  return h("span", { class: one.wrong.length ? "bad" : null }, ...(one.wrong.length ? t.wrong : t.good)(minute(one.checked)),
    one.wrong.length > 0 && h("ul", null, ...one.wrong.map((said) => h("li", null, said))));
}

/** What is being done with backups, and what was lately. */
function jobs(now: Backups, again: (what: () => Promise<Backups>, said: string) => void): Child[] {
  const some = now.jobs.filter((one, at) => one.state === "waiting" || one.state === "running" || at < 5);
  if (!some.length) return [];
  return [h("section", { "aria-label": t.work }, h("h2", null, t.work), table([p.what, t.asked, t.howFar], some.map((one) => [
    words(one), h("span", null, minute(one.created), h("br", null), h("small", null, one.by)), far(one, again)]), ""))];
}

/** How far a job has come, or what came of it. */
function far(one: BackupJob, again: (what: () => Promise<Backups>, said: string) => void): Child {
  const open = one.state === "running" || one.state === "waiting";
  return h("span", { class: one.state === "failed" ? "bad" : null },
    one.state === "running" && h("progress", { max: Math.max(1, one.total), value: one.done, "aria-label": t.howFarThis(words(one)) }), one.state === "running" && " ",
    open ? one.state === "waiting" ? t.waits : t.doneOf(one.done, one.total) : outcome(one), open ? " " : one.ended !== null && ", ", one.ended !== null && minute(one.ended),
    open && h("button", { type: "button", class: "link", "aria-label": t.stopThis(words(one)), onclick: () => again(() => admin.backup_stop({ id: one.id }), t.stopped) }, p.stop),
    one.problems.length > 0 && h("ul", null, ...one.problems.map((said) => h("li", null, said))));
}

function words(one: BackupJob): string {
  const made = utcDay(Date.parse(one.backup.slice(0, 10)) / 1000);
  if (one.kind === "verify") return t.compareMade(made);
  const what = one.chosen ? t.messagesOf(one.chosen, one.account) : one.mailbox ? t.folderOf(one.mailbox, one.account) : one.account;
  return one.target ? t.bringFor(what, made, one.target) : t.bring(what, made);
}

function outcome(one: BackupJob): string {
  if (one.state === "stopped") return t.ended;
  if (one.kind === "verify") return one.state === "done" ? t.same(one.total) : t.different;
  const there = one.done - one.added - one.problems.length;
  return there > 0 ? t.cameBackOf(one.added, there) : t.cameBack(one.added);
}
