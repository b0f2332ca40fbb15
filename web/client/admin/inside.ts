// Inside of a backup: its accounts, their folders and messages, and how they come back.
import { admin, ApiError, type BackupFolder, type BackupLine, type BackupMessage } from "../api";
import { attempt, dialog, field, fill, h, notice, sure, type Child } from "../dom";
import { exactDate, minute, number, size } from "../format";
import { copyable, table } from "../table";

/** Messages that are listed at first, and how many more with each press. */
const SOME = 100;

/** What of a backup is to come back. */
interface Wanted { account: string; mailbox?: string; messages?: number[] }

/** The page of one backup ("NAME"), or of an account in it ("NAME/ACCOUNT"). */
export async function oneBackup(main: HTMLElement, argument: string): Promise<void> {
  const [name = "", account = ""] = argument.split("/");
  const one = (await admin.backups()).backups.find((each) => each.name === name);
  if (!one) {
    fill(main, h("h1", null, "Backup"), h("p", { class: "none" }, "There is no such backup (any more)."), h("p", null, h("a", { href: "#backups" }, "All backups")));
    return;
  }
  if (one.encrypted) {
    fill(main, heading(one), h("p", null, "This backup is encrypted, and the key that opens it is not on this server. Where the key is, as root:"),
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
    h("p", { class: "quiet" }, "What an account still has stays as it is; only what is gone comes back, to folders of the same names and with its flags."),
    table(["Account", "Name", "Messages", "Size", ""], accounts.map((each) => [
      h("a", { href: `#backup/${one.name}/${encodeURIComponent(each.name)}` }, each.name), each.full_name, number(each.messages), size(each.size),
      h("span", { class: "deeds" },
        h("button", { type: "button", class: "link", "aria-label": `Bring back ${each.name}`, onclick: () => restore({ account: each.name }) }, "Bring back"),
        !each.here && h("small", null, " (there is no such account now)"))]), "No accounts."),
    whole(one));
}

function heading(one: BackupLine): HTMLElement {
  return h("h1", null, `Backup of ${exactDate(one.made).slice(0, 16)}`);
}

/** The command that puts all of it back. */
function whole(one: BackupLine): HTMLElement {
  return h("section", { "aria-label": "All of it" }, h("h2", null, "All of it"),
    h("p", { class: "quiet" }, "Putting the whole server back to this state takes the place of everything that is there, so it is done on the server itself, as root, while it is stopped. What is there now is moved aside, not removed."),
    h("p", null, copyable(`systemctl stop pillarbox && pillarbox restore ${one.path}${one.encrypted ? " --key FILE" : ""} && systemctl start pillarbox`)));
}

async function folders(main: HTMLElement, one: BackupLine, account: string, restore: (wanted: Wanted) => void): Promise<void> {
  const found = await admin.backup_folders({ name: one.name, account });
  const list = h("div", null);
  const open = (folder: BackupFolder): void => void attempt(() => messages(list, one, account, folder, restore, SOME));
  fill(main, h("h1", null, `${account} on ${exactDate(one.made).slice(0, 16)}`), h("p", null, h("a", { href: `#backup/${one.name}` }, "All accounts of this backup")),
    table(["Folder", "Messages", "Size", ""], found.map((each) => [
      each.name, number(each.messages), size(each.size),
      each.messages > 0 ? h("span", { class: "deeds" },
        h("button", { type: "button", class: "link", "aria-label": `Messages of ${each.name}`, onclick: () => open(each) }, "Messages"), " ",
        h("button", { type: "button", class: "link", "aria-label": `Bring back ${each.name}`, onclick: () => restore({ account, mailbox: each.name }) }, "Bring back")) : ""]), "No folders."),
    list);
}

async function messages(list: HTMLElement, one: BackupLine, account: string, folder: BackupFolder, restore: (wanted: Wanted) => void, limit: number): Promise<void> {
  const found = await admin.backup_messages({ name: one.name, account, mailbox: folder.name, limit });
  const chosen = new Set<number>();
  const bring = h("button", { type: "button", class: "button primary", disabled: true, onclick: () => restore({ account, mailbox: folder.name, messages: [...chosen] }) }, "Bring back");
  const box = (each: BackupMessage): Child => h("input", {
    type: "checkbox", "aria-label": `Choose ${each.subject || "a message without subject"}`, onchange: (event: Event) => {
      if ((event.currentTarget as HTMLInputElement).checked) chosen.add(each.id); else chosen.delete(each.id);
      bring.disabled = !chosen.size;
      bring.textContent = chosen.size ? `Bring back ${chosen.size}` : "Bring back";
    },
  });
  fill(list, h("section", { "aria-label": `Messages of ${folder.name}` }, h("h2", { tabIndex: -1 }, folder.name),
    table(["", "Received", "From", "Subject", "Size"], found.map((each) => [box(each), minute(each.received), each.sender, each.subject || "(no subject)", size(each.size)]), "No messages."),
    h("p", { class: "actions" }, bring,
      found.length >= limit && h("button", { type: "button", class: "button", onclick: () => void attempt(() => messages(list, one, account, folder, restore, limit + SOME * 5)) }, "More"))));
  list.querySelector("h2")?.focus();
}

/** Ask who gets it, and have it done; what would surprise is asked once more. */
async function give(one: BackupLine, wanted: Wanted, here: string[]): Promise<void> {
  const what = wanted.messages ? `${wanted.messages.length === 1 ? "One message" : `${wanted.messages.length} messages`} of ${wanted.account}` : wanted.mailbox ? `The folder ${wanted.mailbox} of ${wanted.account}, with those below it,` : `All mail of ${wanted.account}`;
  const to = h("select", null, h("option", { value: "" }, `${wanted.account} itself`), ...here.filter((name) => name !== wanted.account).map((name) => h("option", { value: name }, name)));
  const done = await dialog<boolean>("Bring back", (close) => [h("form", {
    onsubmit: (event: Event) => {
      event.preventDefault();
      void attempt(() => asked({ name: one.name, target: to.value, ...wanted })).then((well) => well && close(true));
    },
  }, h("p", null, `${what} as on ${exactDate(one.made).slice(0, 16)}.`), field("Who gets it", to, "Another account can look through it first."),
  h("footer", null, h("button", { type: "button", class: "button", onclick: () => close(null) }, "Cancel"), h("button", { class: "button primary" }, "Bring back")))]);
  if (!done) return;
  notice("It is being brought back; the list shows how far it has come.");
  location.hash = "#backups";
}

async function asked(wanted: Parameters<typeof admin.backup_restore>[0]): Promise<void> {
  try {
    await admin.backup_restore(wanted);
  } catch (problem) {
    if (!(problem instanceof ApiError) || problem.code !== "user:conflict") throw problem;
    const said = problem.message;
    if (!await sure(`${said[0]!.toUpperCase()}${said.slice(1)}.`, "Bring it back")) throw new DOMException("", "AbortError");
    await admin.backup_restore({ ...wanted, sure: true });
  }
}
