// Backups: what there is, whether the last ones went well, and one more at a click.
import { admin, type Backups } from "../api";
import { attempt, complain, fill, h, notice, type Child } from "../dom";
import { minute, number, size } from "../format";
import { copyable, table } from "../table";

const EVERY = 3_000;

export async function backups(main: HTMLElement): Promise<() => void> {
  const look = async (): Promise<void> => draw(main, await admin.backups());
  await look();
  const timer = setInterval(() => { if (!document.hidden && getSelection()?.isCollapsed !== false && !main.contains(document.activeElement)) void look().catch(complain); }, EVERY);
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
    table(["Made", "Messages", "Accounts", "Size", "New in it", ""], now.backups.map((one) => [
      minute(one.made), number(one.messages), number(one.accounts), size(one.size), size(one.new),
      one.trouble.length + one.notes.length ? h("ul", { class: one.trouble.length ? "bad" : "quiet" }, ...[...one.trouble, ...one.notes].map((said) => h("li", null, said))) : one.encrypted ? "encrypted" : ""]), "No backup yet."),
    h("h2", null, "To get something back"),
    h("p", null, "Single mail, a mailbox or an account, while the server runs: ", copyable(`pillarbox restore ${now.place} --account NAME`)),
    h("p", null, "Everything, with the server stopped: ", copyable(`pillarbox restore ${now.place}`))];
}
