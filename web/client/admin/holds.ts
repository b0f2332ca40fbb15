// Rules that hold mail in the queue.
import { admin, type HoldRule } from "../api";
import { attempt, field, fill, h, notice, sure } from "../dom";
import { minute, number } from "../format";
import { table } from "../table";

/** The rules with a form for another one; `changed` is called when one was added. */
export async function holds(accounts: string[], changed: () => Promise<void>): Promise<HTMLElement> {
  const place = h("div", null);
  await draw(place, accounts, changed);
  return place;
}

async function draw(place: HTMLElement, accounts: string[], changed: () => Promise<void>): Promise<void> {
  const rules = await admin.hold_rules();
  const account = h("select", null, h("option", { value: "" }, "any"), ...accounts.map((name) => h("option", { value: name }, name)));
  const text = (placeholder: string): HTMLInputElement => h("input", { placeholder, autocapitalize: "off", spellcheck: false });
  const [sender, recipient, host, reason] = [text("example.org"), text("example.net"), text("outlook.com"), text("")];
  const again = (): Promise<void> => draw(place, accounts, changed);
  fill(place,
    h("p", { class: "quiet" }, "Mail that fits is held, what waits already too, until somebody releases it. Taking a rule away releases nothing."),
    table(["What is held", "Why", "Since", "By", ""], rules.map((rule) => [named(rule), rule.reason, minute(rule.created), rule.by,
      h("button", { type: "button", class: "link", "aria-label": `Remove the rule: ${named(rule)}`, onclick: () => void sure("Mail that it held goes on waiting until you release it.", "Remove the rule").then((yes) => yes && attempt(async () => {
        await admin.hold_rule_remove({ id: rule.id });
        await again();
      })) }, "Remove")]), "No rules: nothing is held but what you hold yourself."),
    h("details", null, h("summary", null, "Add a rule"), h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => {
          const made = await admin.hold_rule_add({
            account: account.value, sender_domain: sender.value.trim(), recipient_domain: recipient.value.trim(), host: host.value.trim(), reason: reason.value,
          });
          notice(`The rule holds; ${number(made.held)} that waited are held.`);
          await again();
          await changed();
        });
      },
    }, field("Of the account", account), field("From the domain", sender), field("To the domain", recipient),
    field("By way of the mail host", host, "A name or the end of one; known when a delivery is tried."), field("Why", reason, "A note for yourself."),
    h("button", { class: "button primary" }, "Hold"))));
}

function named(rule: HoldRule): string {
  const parts: [string, string][] = [["of", rule.account], ["from", rule.sender_domain], ["to", rule.recipient_domain], ["by way of", rule.host]];
  return parts.filter(([, value]) => value).map(([word, value]) => `${word} ${value}`).join(", ");
}
