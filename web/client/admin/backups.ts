// Backups: what there is, whether they are as they were made, one more at a click, and what is being brought back.
import { admin, type BackupJob, type BackupLine, type Backups } from "../api";
import { attempt, complain, fill, h, notice, type Child } from "../dom";
import { exactDate, minute, number, size } from "../format";
import { copyable, table } from "../table";

const EVERY = 3_000;

export async function backups(main: HTMLElement): Promise<() => void> {
  const look = async (): Promise<void> => draw(main, await admin.backups());
  await look();
  const timer = setInterval(() => { if (!document.hidden && getSelection()?.isCollapsed !== false) void look().catch(complain); }, EVERY);
  return () => clearInterval(timer);
}

function draw(main: HTMLElement, now: Backups): void {
  const again = (what: () => Promise<Backups>, said: string): void => void attempt(async () => { draw(main, await what()); notice(said); });
  fill(main, h("h1", null, "Backups"), ...(now.place ? made(now, again) : [
    h("p", { class: "hint" }, "This server makes no backups by itself. Name a directory in its configuration, best on another disk, and reload it:"),
    h("pre", null, "[backup]\nto = \"/mnt/backup/pillarbox\""),
    h("p", null, "At once, and without that: ", copyable("pillarbox backup /mnt/backup/pillarbox"))]));
}

function made(now: Backups, again: (what: () => Promise<Backups>, said: string) => void): Child[] {
  return [
    h("p", null, `Once a day at ${String(now.hour).padStart(2, "0")}:00 UTC${now.encrypted ? ", encrypted" : ""}. The newest of each of ${now.keep_daily} days${now.keep_weekly ? ` and ${now.keep_weekly} weeks` : ""} is kept; ${size(now.free)} are free in `, copyable(now.place)),
    now.problems.length > 0 && h("ul", { class: "bad", role: "alert" }, ...now.problems.map((one) => h("li", null, one))),
    h("dl", { class: "diff" },
      h("dt", null, "Next"), h("dd", null, now.running ? "one is being made" : now.next === null ? "not planned yet" : minute(now.next)),
      h("dt", null, "Last trial"), h("dd", null, now.tested === null ? "none yet: each week the newest is restored aside and compared" : h("span", { class: now.unfit.length ? "bad" : "good" }, `${now.tested_name} ${now.unfit.length ? "is not as it should be" : "is good"}`), now.tested !== null && ", ", now.tested !== null && minute(now.tested))),
    h("p", { class: "actions" },
      h("button", { type: "button", class: "button primary", onclick: () => again(() => admin.backup_run(), "A backup will be made within a minute.") }, "Back up now"),
      h("button", { type: "button", class: "button", disabled: !now.backups.length, onclick: () => again(() => admin.backup_try(), "The newest backup will be tried within a minute.") }, "Try the newest")),
    ...jobs(now, again),
    table(["Made", "Messages", "Accounts", "Size", "New in it", "Compared", ""], now.backups.map((one) => [
      h("a", { href: `#backup/${one.name}` }, minute(one.made)), number(one.messages), number(one.accounts), size(one.size), size(one.new), checked(one),
      h("span", { class: "deeds" },
        h("button", { type: "button", class: "link", "aria-label": `Compare now: the backup of ${exactDate(one.made).slice(0, 16)}`, onclick: () => again(() => admin.backup_verify({ name: one.name }), "It will be compared within a minute.") }, "Compare now"),
        one.encrypted && h("small", null, " encrypted"),
        one.trouble.length + one.notes.length > 0 && h("ul", { class: one.trouble.length ? "bad" : "quiet" }, ...[...one.trouble, ...one.notes].map((said) => h("li", null, said))))]), "No backup yet."),
    h("h2", null, "To get something back"),
    h("p", null, "Click on a backup to look into it: an account, a folder or single messages come back while the server runs, and nothing that is there is touched. The same at the command line: ", copyable(`pillarbox restore ${now.place} --account NAME`)),
    h("p", null, "Everything, with the server stopped: ", copyable(`pillarbox restore ${now.place}`))];
}

/** Whether a backup is as it was made, as far as somebody looked. */
function checked(one: BackupLine): Child {
  if (one.checked === null) return "not yet";
  return h("span", { class: one.wrong.length ? "bad" : null }, one.wrong.length ? "not as it was, " : "good, ", minute(one.checked),
    one.wrong.length > 0 && h("ul", null, ...one.wrong.map((said) => h("li", null, said))));
}

/** What is being done with backups, and what was lately. */
function jobs(now: Backups, again: (what: () => Promise<Backups>, said: string) => void): Child[] {
  const some = now.jobs.filter((one, at) => one.state === "waiting" || one.state === "running" || at < 5);
  if (!some.length) return [];
  return [h("section", { "aria-label": "Work on backups" }, h("h2", null, "Work on backups"), table(["What", "Asked", "How far"], some.map((one) => [
    words(one), h("span", null, minute(one.created), h("br", null), h("small", null, one.by)), far(one, again)]), ""))];
}

/** How far a job has come, or what came of it. */
function far(one: BackupJob, again: (what: () => Promise<Backups>, said: string) => void): Child {
  const open = one.state === "running" || one.state === "waiting";
  return h("span", { class: one.state === "failed" ? "bad" : null },
    one.state === "running" && h("progress", { max: Math.max(1, one.total), value: one.done, "aria-label": `How far ${words(one)} has come` }), one.state === "running" && " ",
    open ? one.state === "waiting" ? "waits for its turn " : `${number(one.done)} of ${number(one.total)} ` : outcome(one), one.ended !== null && minute(one.ended),
    open && h("button", { type: "button", class: "link", "aria-label": `Stop: ${words(one)}`, onclick: () => again(() => admin.backup_stop({ id: one.id }), "It is stopped.") }, "Stop"),
    one.problems.length > 0 && h("ul", null, ...one.problems.map((said) => h("li", null, said))));
}

function words(one: BackupJob): string {
  const made = one.backup.slice(0, 10);
  if (one.kind === "verify") return `Compare the backup of ${made}`;
  const some = one.chosen ? `${one.chosen === 1 ? "one message" : `${one.chosen} messages`} of ` : one.mailbox ? `${one.mailbox} of ` : "";
  return `Bring back ${some}${one.account} from ${made}${one.target ? `, for ${one.target}` : ""}`;
}

function outcome(one: BackupJob): string {
  if (one.state === "stopped") return "Stopped, ";
  if (one.kind === "verify") return one.state === "done" ? `All ${number(one.total)} files are as they were, ` : "It is not as it was, ";
  const there = one.done - one.added - one.problems.length;
  return `${one.added === 1 ? "One message" : `${number(one.added)} messages`} came back${there > 0 ? `, ${number(there)} were still there` : ""}, `;
}
