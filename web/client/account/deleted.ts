// What was removed for good lately, and how to have it back.
import { account, type DeletedMessage } from "../api";
import { attempt, fill, h, notice, sure } from "../dom";
import { minute, number, size } from "../format";
import { table } from "../table";

export async function deleted(main: HTMLElement): Promise<void> {
  const now = await account.deleted({});
  const shown = [...now.messages];
  const list = h("div", null);
  const chosen = new Set<number>();
  const back = h("button", { type: "button", class: "button primary", disabled: true, onclick: () => void attempt(async () => { const where = await account.undelete_messages({ ids: [...chosen] }); await deleted(main); notice(`Back in ${where.join(", ")}.`); }) }, "Bring back");
  const gone = h("button", { type: "button", class: "button", disabled: true, onclick: () => void sure(`${number(chosen.size)} messages will be gone for good, now.`, "Remove").then((yes) => yes && attempt(async () => { await account.deleted_forget({ ids: [...chosen] }); await deleted(main); })) }, "Remove now");
  const choose = (): void => { back.disabled = gone.disabled = !chosen.size; };
  const draw = (): void => fill(list, table(["", "Subject", "From", "Was in", "Removed", "Kept for", "Size"], shown.map((one) => [
    box(one, chosen, choose), one.subject || h("span", { class: "quiet" }, "(no subject)"), one.sender, one.mailbox, one.deleted === null ? "just now" : minute(one.deleted), one.days_left === 1 ? "1 day" : `${one.days_left} days`, size(one.size)]),
    "Nothing was removed lately."),
  shown.length < now.total && h("p", { class: "actions" }, h("button", { type: "button", class: "button", onclick: () => void attempt(async () => {
    const last = shown[shown.length - 1]!;
    const more = (await account.deleted({ before: last.deleted, before_id: last.id })).messages;
    if (!more.length) now.total = shown.length;
    shown.push(...more);
    draw();
  }) }, "Show more")));
  draw();
  fill(main, h("h1", null, "Recently deleted"),
    h("p", { class: "quiet" }, `What left Trash, Junk or Drafts, or went with a folder, is kept here for ${now.days} days. `,
      now.quota ? `It does not count for your room of ${size(now.quota)}. At most that much is kept here, and the oldest goes first. What you bring back counts again.` : "It takes none of your room."),
    h("p", null, now.total ? `${number(now.total)} messages, ${size(now.size)}` : ""),
    now.total > 0 && h("p", { class: "actions" }, back, gone,
      h("button", { type: "button", class: "button danger", onclick: () => void sure(`All ${number(now.total)} messages will be gone for good, now.`, "Remove all").then((yes) => yes && attempt(async () => { await account.deleted_forget({}); await deleted(main); })) }, "Remove all now")),
    list);
}

function box(one: DeletedMessage, chosen: Set<number>, choose: () => void): HTMLElement {
  return h("input", { type: "checkbox", "aria-label": `Choose ${one.subject || "the message without a subject"}`, onchange: (event: Event) => {
    if ((event.target as HTMLInputElement).checked) chosen.add(one.id); else chosen.delete(one.id);
    choose();
  } });
}
