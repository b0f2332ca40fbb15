// What was removed for good lately, and how to have it back.
import { account, type DeletedMessage } from "../api";
import { attempt, fill, h, notice, sure } from "../dom";
import { minute, size } from "../format";
import { table } from "../table";
import { deleted as t } from "../words/account/mail";
import { p } from "../words/pages";
import { s } from "../words/shared";

export async function deleted(main: HTMLElement): Promise<void> {
  const now = await account.deleted({});
  const shown = [...now.messages];
  const list = h("div", null);
  const chosen = new Set<number>();
  const back = h("button", { type: "button", class: "button primary", disabled: true, onclick: () => void attempt(async () => { const where = await account.undelete_messages({ ids: [...chosen] }); await deleted(main); notice(t.back(where.join(", "))); }) }, t.bring);
  const gone = h("button", { type: "button", class: "button", disabled: true, onclick: () => void sure(t.gone(chosen.size), p.remove).then((yes) => yes && attempt(async () => { await account.deleted_forget({ ids: [...chosen] }); await deleted(main); })) }, t.removeNow);
  const choose = (): void => { back.disabled = gone.disabled = !chosen.size; };
  const draw = (): void => fill(list, table(["", p.subject, t.from, t.wasIn, t.removed, t.keptFor, p.size], shown.map((one) => [
    box(one, chosen, choose), one.subject || h("span", { class: "quiet" }, s.noSubject), one.sender, one.mailbox, one.deleted === null ? t.justNow : minute(one.deleted), t.days(one.days_left), size(one.size)]),
    t.none),
  shown.length < now.total && h("p", { class: "actions" }, h("button", { type: "button", class: "button", onclick: () => void attempt(async () => {
    const last = shown[shown.length - 1]!;
    const more = (await account.deleted({ before: last.deleted, before_id: last.id })).messages;
    if (!more.length) now.total = shown.length;
    shown.push(...more);
    draw();
  }) }, p.more)));
  draw();
  fill(main, h("h1", null, t.title),
    h("p", { class: "quiet" }, t.kept(now.days), " ",
      now.quota ? t.room(size(now.quota)) : t.noRoom),
    h("p", null, now.total ? t.total(now.total, size(now.size)) : ""),
    now.total > 0 && h("p", { class: "actions" }, back, gone,
      h("button", { type: "button", class: "button danger", onclick: () => void sure(t.allGone(now.total), t.removeAll).then((yes) => yes && attempt(async () => { await account.deleted_forget({}); await deleted(main); })) }, t.removeAllNow)),
    list);
}

function box(one: DeletedMessage, chosen: Set<number>, choose: () => void): HTMLElement {
  return h("input", { type: "checkbox", "aria-label": one.subject ? t.choose(one.subject) : t.chooseNameless, onchange: (event: Event) => {
    if ((event.target as HTMLInputElement).checked) chosen.add(one.id); else chosen.delete(one.id);
    choose();
  } });
}
