// Rules for mail that comes in: their order, what they say, and what they would have done.
import { account, webmail, type Mailbox, type Rule } from "../api";
import { attempt, button, fill, h, sure } from "../dom";
import { EMPTY, actions, conditions, editRule, found } from "../rule";
import { rules as t } from "../words/account/mail";
import { p } from "../words/pages";
import { r } from "../words/rules";

export async function rules(main: HTMLElement): Promise<void> {
  const [known, mailboxes] = await Promise.all([account.rules(), webmail.mailboxes()]);
  draw(main, known, mailboxes);
}

function draw(main: HTMLElement, known: Rule[], mailboxes: Mailbox[]): void {
  const trial = h("div", { class: "trial" });
  const again = (what: () => Promise<Rule[]>): Promise<boolean> => attempt(async () => draw(main, await what(), mailboxes));
  const edit = async (rule: Rule): Promise<void> => {
    let now = known;
    const save = async (written: Rule): Promise<void> => { now = await (written.id ? account.rule_change({ rule: written }) : account.rule_add({ rule: written })); };
    if (await editRule(rule.id ? t.rule : r.new, rule, mailboxes, save)) draw(main, now, mailboxes);
  };
  const place = (shape: string, label: string, rule: Rule, to: number, count: number): HTMLButtonElement => {
    const made = button(shape, label, () => void again(() => account.rule_move({ id: rule.id, place: to })));
    made.disabled = to < 1 || to > count;
    return made;
  };
  const item = (rule: Rule, at: number): HTMLElement => h("li", { class: rule.enabled ? "" : "off" },
    h("div", { class: "what" },
      h("button", { type: "button", class: "link", onclick: () => void edit(rule) }, rule.name), !rule.enabled && h("span", { class: "tag" }, t.unused),
      rule.lost_mailbox !== "" && h("span", { class: "tag" }, t.lost),
      h("p", null, ...t.sentence(h("span", null, t.all(conditions(rule))), h("span", null, actions(rule, mailboxes).join(", ")))
        .map((part) => (typeof part === "string" ? h("span", { class: "quiet" }, part) : part)))),
    h("div", { class: "tools" },
      place("up", t.earlier(rule.name), rule, at, known.length), place("down", t.later(rule.name), rule, at + 2, known.length),
      button("trash", t.removeThis(rule.name), () => void sure(t.removing(rule.name), p.remove).then((yes) => yes && again(() => account.rule_remove({ id: rule.id }))))));
  fill(main, h("h1", null, t.title),
    h("p", { class: "quiet" }, t.meaning),
    known.length ? h("ol", { class: "rules" }, ...known.map(item)) : h("p", { class: "empty" }, t.none),
    h("p", { class: "actions" }, button("write", r.new, () => void edit(EMPTY), true, "primary"),
      known.length > 0 && h("button", { type: "button", class: "button", onclick: () => void attempt(async () => fill(trial, h("h2", null, t.tried), ...found(await account.rule_try(), true))) }, t.try)),
    trial);
}
