// Inside of a backup: its accounts, their folders and messages, and how they come back.
import { admin, ApiError, type BackupFolder, type BackupLine, type BackupMessage } from "../api";
import { attempt, dialog, field, fill, h, notice, sure, type Child } from "../dom";
import { minute, moment, number, size } from "../format";
import { copyable, table } from "../table";
import { inside as t } from "../words/admin/backups";
import { p } from "../words/pages";
import { s } from "../words/shared";

/** Messages that are listed at first, and how many more with each press. */
const SOME = 100;

/** What of a backup is to come back. */
interface Wanted { account: string; mailbox?: string; messages?: number[] }

/** The page of one backup ("NAME"), or of an account in it ("NAME/ACCOUNT"). */
export async function oneBackup(main: HTMLElement, argument: string): Promise<void> {
  const [name = "", account = ""] = argument.split("/");
  const one = (await admin.backups()).backups.find((each) => each.name === name);
  if (!one) {
    fill(main, h("h1", null, t.title), h("p", { class: "none" }, t.gone), h("p", null, h("a", { href: "#backups" }, t.all)));
    return;
  }
  if (one.encrypted) {
    fill(main, heading(one), h("p", null, t.encrypted),
      h("p", null, copyable(`pillarbox restore ${one.path} --account NAME --key FILE`)), whole(one));
    return;
  }
  const accounts = await admin.backup_accounts({ name });
  const here = accounts.filter((each) => each.here).map((each) => each.name);
  const restore = (wanted: Wanted): void => void give(one, wanted, here);
  if (account) {
    await folders(main, one, account, restore);
    return;
  }
  fill(main, heading(one),
    h("p", { class: "quiet" }, t.meaning),
    table([p.account, s.name, p.messages, p.size, ""], accounts.map((each) => [
      h("a", { href: `#backup/${one.name}/${encodeURIComponent(each.name)}` }, each.name), each.full_name, number(each.messages), size(each.size),
      h("span", { class: "deeds" },
        h("button", { type: "button", class: "link", "aria-label": t.bringBackThis(each.name), onclick: () => restore({ account: each.name }) }, p.bringBack),
        !each.here && h("small", null, " ", t.notHere))]), t.noAccounts),
    whole(one));
}

function heading(one: BackupLine): HTMLElement {
  return h("h1", null, t.of(moment(one.made)));
}

/** The command that puts all of it back. */
function whole(one: BackupLine): HTMLElement {
  return h("section", { "aria-label": t.whole }, h("h2", null, t.whole),
    h("p", { class: "quiet" }, t.wholeHint),
    h("p", null, copyable(`systemctl stop pillarbox && pillarbox restore ${one.path}${one.encrypted ? " --key FILE" : ""} && systemctl start pillarbox`)));
}

async function folders(main: HTMLElement, one: BackupLine, account: string, restore: (wanted: Wanted) => void): Promise<void> {
  const found = await admin.backup_folders({ name: one.name, account });
  const list = h("div", null);
  const open = (folder: BackupFolder): void => void attempt(() => messages(list, one, account, folder, restore, SOME));
  fill(main, h("h1", null, t.accountOn(account, moment(one.made))), h("p", null, h("a", { href: `#backup/${one.name}` }, t.allAccounts)),
    table([t.folder, p.messages, p.size, ""], found.map((each) => [
      each.name, number(each.messages), size(each.size),
      each.messages > 0 ? h("span", { class: "deeds" },
        h("button", { type: "button", class: "link", "aria-label": t.messagesOf(each.name), onclick: () => open(each) }, p.messages), " ",
        h("button", { type: "button", class: "link", "aria-label": t.bringBackThis(each.name), onclick: () => restore({ account, mailbox: each.name }) }, p.bringBack)) : ""]), t.noFolders),
    list);
}

async function messages(list: HTMLElement, one: BackupLine, account: string, folder: BackupFolder, restore: (wanted: Wanted) => void, limit: number): Promise<void> {
  const found = await admin.backup_messages({ name: one.name, account, mailbox: folder.name, limit });
  const chosen = new Set<number>();
  const bring = h("button", { type: "button", class: "button primary", disabled: true, onclick: () => restore({ account, mailbox: folder.name, messages: [...chosen] }) }, p.bringBack);
  const box = (each: BackupMessage): Child => h("input", {
    type: "checkbox", "aria-label": each.subject ? t.choose(each.subject) : t.chooseNameless, onchange: (event: Event) => {
      if ((event.currentTarget as HTMLInputElement).checked) chosen.add(each.id); else chosen.delete(each.id);
      bring.disabled = !chosen.size;
      bring.textContent = chosen.size ? t.bringBackSome(chosen.size) : p.bringBack;
    },
  });
  fill(list, h("section", { "aria-label": t.messagesOf(folder.name) }, h("h2", { tabIndex: -1 }, folder.name),
    table(["", p.received, t.from, p.subject, p.size], found.map((each) => [box(each), minute(each.received), each.sender, each.subject || s.noSubject, size(each.size)]), t.noMessages),
    h("p", { class: "actions" }, bring,
      found.length >= limit && h("button", { type: "button", class: "button", onclick: () => void attempt(() => messages(list, one, account, folder, restore, limit + SOME * 5)) }, p.further))));
  list.querySelector("h2")?.focus();
}

/** Ask who gets it, and have it done; what would surprise is asked once more. */
async function give(one: BackupLine, wanted: Wanted, here: string[]): Promise<void> {
  const when = moment(one.made);
  const what = wanted.messages ? t.giving(wanted.messages.length, wanted.account, when) : wanted.mailbox ? t.givingFolder(wanted.mailbox, wanted.account, when) : t.givingAll(wanted.account, when);
  const to = h("select", null, h("option", { value: "" }, t.itself(wanted.account)), ...here.filter((name) => name !== wanted.account).map((name) => h("option", { value: name }, name)));
  const done = await dialog<boolean>(p.bringBack, (close) => [h("form", {
    onsubmit: (event: Event) => {
      event.preventDefault();
      void attempt(() => asked({ name: one.name, target: to.value, ...wanted })).then((well) => well && close(true));
    },
  }, h("p", null, what), field(t.whom, to, t.whomHint),
  h("footer", null, h("button", { type: "button", class: "button", onclick: () => close(null) }, s.cancel), h("button", { class: "button primary" }, p.bringBack)))]);
  if (!done) return;
  notice(t.begun);
  location.hash = "#backups";
}

async function asked(wanted: Parameters<typeof admin.backup_restore>[0]): Promise<void> {
  try {
    await admin.backup_restore(wanted);
  } catch (problem) {
    if (!(problem instanceof ApiError) || problem.code !== "user:conflict") throw problem;
    const said = problem.message;
    if (!await sure(`${said[0]!.toUpperCase()}${said.slice(1)}.`, t.bringItBack)) throw new DOMException("", "AbortError");
    await admin.backup_restore({ ...wanted, sure: true });
  }
}
