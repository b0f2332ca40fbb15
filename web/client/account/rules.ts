// Rules for mail that comes in: their order, what they say, and what they would have done.
import { account, webmail, type Mailbox, type Rule } from "../api";
import { attempt, button, fill, h, sure } from "../dom";
import { EMPTY, actions, conditions, editRule, found } from "../rule";

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
    if (await editRule(rule.id ? "Rule" : "New rule", rule, mailboxes, save)) draw(main, now, mailboxes);
  };
  const place = (shape: string, label: string, rule: Rule, to: number, count: number): HTMLButtonElement => {
    const made = button(shape, label, () => void again(() => account.rule_move({ id: rule.id, place: to })));
    made.disabled = to < 1 || to > count;
    return made;
  };
  const item = (rule: Rule, at: number): HTMLElement => h("li", { class: rule.enabled ? "" : "off" },
    h("div", { class: "what" },
      h("button", { type: "button", class: "link", onclick: () => void edit(rule) }, rule.name), !rule.enabled && h("span", { class: "tag" }, "not used"),
      rule.lost_mailbox !== "" && h("span", { class: "tag" }, "its mailbox is gone"),
      h("p", null, h("span", { class: "quiet" }, "If "), conditions(rule).join(" and "), h("span", { class: "quiet" }, ": "), actions(rule, mailboxes).join(", "), ".")),
    h("div", { class: "tools" },
      place("up", `Look at ${rule.name} earlier`, rule, at, known.length), place("down", `Look at ${rule.name} later`, rule, at + 2, known.length),
      button("trash", `Remove ${rule.name}`, () => void sure(`The rule “${rule.name}” will be forgotten; mail stays where it is.`, "Remove").then((yes) => yes && again(() => account.rule_remove({ id: rule.id }))))));
  fill(main, h("h1", null, "Rules"),
    h("p", { class: "quiet" }, "For mail that comes in. They are looked at in this order, and the first that fits counts."),
    known.length ? h("ol", { class: "rules" }, ...known.map(item)) : h("p", { class: "empty" }, "No rule yet."),
    h("p", { class: "actions" }, button("write", "New rule", () => void edit(EMPTY), true, "primary"),
      known.length > 0 && h("button", { type: "button", class: "button", onclick: () => void attempt(async () => fill(trial, h("h2", null, "Tried on stored mail"), ...found(await account.rule_try(), true))) }, "Try them on stored mail")),
    trial);
}
