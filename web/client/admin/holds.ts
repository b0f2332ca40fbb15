// Rules that hold mail in the queue.
import { admin, type HoldRule } from "../api";
import { attempt, field, fill, h, notice, sure } from "../dom";
import { minute } from "../format";
import { table } from "../table";
import { holds as t } from "../words/admin/queue";
import { p } from "../words/pages";

/** The rules with a form for another one; `changed` is called when one was added. */
export async function holds(accounts: string[], changed: () => Promise<void>): Promise<HTMLElement> {
  const place = h("div", null);
  await draw(place, accounts, changed);
  return place;
}

async function draw(place: HTMLElement, accounts: string[], changed: () => Promise<void>): Promise<void> {
  const rules = await admin.hold_rules();
  const account = h("select", null, h("option", { value: "" }, t.any), ...accounts.map((name) => h("option", { value: name }, name)));
  const text = (placeholder: string): HTMLInputElement => h("input", { placeholder, autocapitalize: "off", spellcheck: false });
  const [sender, recipient, host, reason] = [text(p.examples.domain), text(p.examples.other), text(t.hostExample), text("")];
  const again = (): Promise<void> => draw(place, accounts, changed);
  fill(place,
    h("p", { class: "quiet" }, t.meaning),
    table([t.held, p.why, p.since, t.by, ""], rules.map((rule) => [named(rule), rule.reason, minute(rule.created), rule.by,
      h("button", { type: "button", class: "link", "aria-label": t.removeThis(named(rule)), onclick: () => void sure(t.removing, t.removeRule).then((yes) => yes && attempt(async () => {
        await admin.hold_rule_remove({ id: rule.id });
        await again();
      })) }, p.remove)]), t.none),
    h("details", null, h("summary", null, t.addRule), h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => {
          const made = await admin.hold_rule_add({
            account: account.value, sender_domain: sender.value.trim(), recipient_domain: recipient.value.trim(), host: host.value.trim(), reason: reason.value,
          });
          notice(t.added(made.held));
          await again();
          await changed();
        });
      },
    }, field(t.account, account), field(t.from, sender), field(t.to, recipient),
    field(t.host, host, t.hostHint), field(p.why, reason, p.ownNote),
    h("button", { class: "button primary" }, t.hold))));
}

function named(rule: HoldRule): string {
  const parts: [(value: string) => string, string][] = [[t.is.of, rule.account], [t.is.from, rule.sender_domain], [t.is.to, rule.recipient_domain], [t.is.by, rule.host]];
  return parts.filter(([, value]) => value).map(([said, value]) => said(value)).join(", ");
}
