// Who a message is from and why it is where it is: one line, with everything behind it.
import { type Message, type Reason } from "../api";
import { h, icon } from "../dom";
import { decimal } from "../format";
import { explained, shown } from "../shown";
import { t } from "../words/reading";

/** What is suspicious about the sender, above everything else. */
export function warnings(message: Message): HTMLElement | null {
  if (!message.warnings.length) return null;
  return h("div", { class: "warning", role: "alert" }, h("strong", null, t.suspicious),
    ...message.warnings.map((one) => h("p", null, ...shown(one))));
}

/** The line "The sender is proven. Why is this here?" with reasons and checks behind it; `rule` makes a rule of it. */
export function why(message: Message, rule: (() => void) | null): HTMLElement | null {
  const { origin, reasons } = message;
  if (!origin && !reasons.length) return null;
  return h("details", { class: "why" },
    h("summary", null, origin && h("span", { class: origin.proven ? "good" : "warn" }, icon(origin.proven ? "proven" : "unproven"), " ",
      explained(origin.proven ? t.proven : t.unproven, origin.proven ? t.provenMeaning : t.unprovenMeaning)), h("span", null, t.why)),
    reasons.length > 0 && h("ul", { class: "reasons" }, ...reasons.map(reasonLine)),
    origin && h("h3", null, t.whoFrom),
    origin && h("ul", null, ...origin.sentences.map((one) => h("li", null, ...shown(one)))),
    origin && origin.checks.length > 0 && h("ul", { class: "checks", "aria-label": t.checks }, ...origin.checks.map((one) =>
      h("li", { class: one.outcome, title: one.about }, `${one.name} ${one.outcome}`, one.about && h("small", null, " ", ...shown(one.about))))),
    origin && rule && h("p", null, h("button", { type: "button", class: "link", onclick: rule }, t.makeRule)));
}

/** A reason, and how much it spoke for the message or against it. */
function reasonLine(reason: Reason): HTMLElement {
  const amount = decimal(Math.abs(reason.weight), 1);
  const weight = reason.weight === 0 ? h("span", { class: "weight" })
    : h("span", { class: `weight ${reason.weight > 0 ? "for" : "against"}`, title: t.weight[reason.weight > 0 ? "for" : "against"](amount) }, reason.weight > 0 ? `+${amount}` : `\u2212${amount}`);
  return h("li", null, weight, h("span", null, ...shown(reason.text)));
}
