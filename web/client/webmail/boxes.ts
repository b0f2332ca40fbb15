// What is done with mailboxes: made, named, emptied, read, given a role, removed.
import { account, webmail, type Mailbox, type Role } from "../api";
import { attempt, complain, dialog, field, h, icon, notice, sure } from "../dom";
import { t } from "../words/reading";
import { s } from "../words/shared";

const EMPTIED = ["trash", "junk", "rejects"];
const ROLES = ["sent", "drafts", "archive", "junk", "trash"] as const;

/** What the rest of the page does about it. */
export interface BoxHandlers {
  /** Where mailboxes are filled by rules. */
  rules: boolean;
  added(mailbox: Mailbox): void;
}

/** A new mailbox, perhaps below another. */
export async function addMailbox(handlers: BoxHandlers, above = ""): Promise<void> {
  const name = await ask(t.mailbox.new, t.mailbox.newHint, above ? `${above}/` : "");
  if (name) await attempt(async () => handlers.added(await webmail.mailbox_add({ name })));
}

/** Everything that can be done with a mailbox, as a menu. */
export async function mailboxMenu(mailbox: Mailbox, handlers: BoxHandlers): Promise<void> {
  const words = t.mailbox;
  const chosen = await dialog<() => Promise<unknown>>(words.about(mailbox.name), (close) => {
    const entry = (shape: string, label: string, run: () => Promise<unknown>): HTMLElement => h("button", { type: "button", onclick: () => close(run) }, icon(shape), label);
    return [h("div", { class: "choices" },
      mailbox.unread > 0 && entry("unread", words.read, () => readAll(mailbox)),
      entry("folder", words.below, () => addMailbox(handlers, mailbox.name)),
      mailbox.role !== "inbox" && entry("drafts", words.rename, () => rename(mailbox)),
      mailbox.total > 0 && entry("junk", words.empty, () => empty(mailbox)),
      !mailbox.role && entry("trash", words.remove, () => remove(mailbox, handlers))),
      mailbox.role !== "inbox" && mailbox.role !== "rejects" && field(words.role, h("select", {
        onchange: (event: Event) => {
          const role = ((event.target as HTMLSelectElement).value || null) as Role | null;
          close(() => webmail.mailbox_role({ id: mailbox.id, role }));
        },
      }, h("option", { value: "", selected: !mailbox.role }, words.none), ...ROLES.map((role) => h("option", { value: role, selected: mailbox.role === role }, t.roles[role]))))];
  });
  if (chosen) await attempt(chosen);
}

/** Remove everything in a mailbox: for good where things lie that were thrown away, else to Trash. */
export async function empty(mailbox: Mailbox): Promise<void> {
  if (EMPTIED.includes(mailbox.role ?? "")) {
    if (await sure(t.mailbox.emptying(mailbox.name), t.removeDeed)) notice(t.removed(await webmail.mailbox_empty({ id: mailbox.id })));
    return;
  }
  if (!(await sure(t.mailbox.discarding(mailbox.name), t.mailbox.discard))) return;
  let before = null;
  let done = 0;
  do {
    const step: Awaited<ReturnType<typeof webmail.act_on_all>> = await webmail.act_on_all({ action: "delete", mailbox_id: mailbox.id, before });
    done += step.found;
    before = step.next;
  } while (before);
  notice(t.deleted(done));
}

async function readAll(mailbox: Mailbox): Promise<void> {
  notice(t.markedRead(await webmail.mailbox_read({ id: mailbox.id })));
}

async function rename(mailbox: Mailbox): Promise<void> {
  const name = await ask(t.mailbox.renaming(mailbox.name), t.mailbox.renameHint, mailbox.name);
  if (name && name !== mailbox.name) await webmail.mailbox_rename({ id: mailbox.id, name });
}

/** Put a mailbox below another, or at the top, with all that are below it. */
export async function putBelow(mailbox: Mailbox, above: Mailbox | null): Promise<void> {
  const last = mailbox.name.split("/").pop()!;
  const name = above ? `${above.name}/${last}` : last;
  if (above?.id === mailbox.id || name === mailbox.name) return;
  await attempt(async () => {
    await webmail.mailbox_rename({ id: mailbox.id, name });
    notice(t.mailbox.moved(last, above?.name ?? ""), "", { label: t.undo, hint: t.withKey(t.undo, "z"), run: () => void attempt(() => webmail.mailbox_rename({ id: mailbox.id, name: mailbox.name })) });
  });
}

async function remove(mailbox: Mailbox, handlers: BoxHandlers): Promise<void> {
  const rules = handlers.rules ? await account.rules() : [];
  const filing = rules.filter((rule) => rule.mailbox_id === mailbox.id).map((rule) => rule.name);
  const asked = [t.mailbox.removing(mailbox.name), ...(filing.length ? [t.mailbox.orphans(filing)] : [])].join(" ");
  if (await sure(asked, t.removeDeed)) await webmail.mailbox_remove({ id: mailbox.id });
}

function ask(title: string, label: string, value: string): Promise<string | null> {
  const input = h("input", { value, dir: "auto", "aria-label": label });
  const answer = dialog<string>(title, (close) => [h("form", {
    onsubmit: (event: Event) => { event.preventDefault(); close(input.value.trim()); },
  }, h("p", { class: "quiet" }, label), input, h("footer", null, h("button", { class: "button primary" }, s.ok)))]);
  input.focus();
  input.setSelectionRange(value.endsWith("/") ? value.length : 0, value.length);
  return answer.catch((problem) => { complain(problem); return null; });
}
