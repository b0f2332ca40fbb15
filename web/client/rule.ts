// A rule for mail that comes in, in words and in a form; the same on the account's page and in the webmail.
import { account, type Mailbox, type Rule, type RuleTrial } from "./api";
import { attempt, complain, dialog, field, fill, h, type Child } from "./dom";
import { everyone, shortDate } from "./format";
import { table } from "./table";
import { r } from "./words/rules";
import { s } from "./words/shared";

/** Messages that a trial shows. */
const FEW = 20;
const FLAGGED = "\\Flagged";
/** Stands for the mailbox that a rule filed into, if that is gone. */
const LOST = "lost";
const SEEN = "\\Seen";

/** A rule that asks for nothing yet. */
export const EMPTY: Rule = {
  id: 0, name: "", enabled: true, last: true, author: "", sender: "", recipient: "", verified: "", network: "", list_id: "", headers: [],
  mailbox_id: null, lost_mailbox: "", marks: [], accept: false, forwarder: false, mailing_list: false, forward: "", reply: "", version: "",
};

/** What must hold. */
export function conditions(rule: Rule): string[] {
  const asked: [(what: string) => string, string][] = [[r.is.author, rule.author], [r.is.recipient, rule.recipient], [r.is.list, rule.list_id],
    [r.is.sender, rule.sender], [r.is.verified, rule.verified], [r.is.network, rule.network]];
  return [...asked.filter(([, what]) => what).map(([said, what]) => said(what)), ...rule.headers.map((one) => r.is.header(one.name, one.pattern))];
}

/** What then happens. */
export function actions(rule: Rule, mailboxes: Mailbox[]): string[] {
  const target = mailboxes.find((one) => one.id === rule.mailbox_id);
  const keywords = rule.marks.filter((mark) => mark !== FLAGGED && mark !== SEEN);
  const said = [
    target && r.does.file(target.name), rule.lost_mailbox !== "" && r.does.lost(rule.lost_mailbox), rule.marks.includes(FLAGGED) && r.does.flag, rule.marks.includes(SEEN) && r.does.read,
    keywords.length > 0 && r.does.mark(keywords.join(", ")), rule.accept && r.does.accept,
    rule.forward !== "" && r.does.forward(rule.forward), rule.reply !== "" && r.does.answer,
    rule.forwarder && r.does.forwarder, rule.mailing_list && r.does.list].filter((one) => typeof one === "string");
  if (!said.length) said.push(r.does.nothing);
  if (!rule.last) said.push(r.does.more);
  return said;
}

/** What a trial found, as a table. */
export function found(trial: RuleTrial, several: boolean): Child[] {
  const rows = trial.messages.slice(0, FEW).map((one) => [
    h("time", { class: "nowrap" }, shortDate(one.message.received)), everyone(one.message.from), one.message.subject || s.noSubject, one.mailbox,
    ...(several ? [one.rules.join(", ")] : [])]);
  return [
    h("p", { role: "status" }, r.tried(trial.fitting, trial.examined)),
    trial.fitting > 0 && table([r.found.when, r.found.from, r.found.subject, r.found.mailbox, ...(several ? [r.found.rules] : [])], rows, ""),
    trial.fitting > rows.length && h("p", { class: "quiet" }, r.newest(rows.length))];
}

/** A form for a rule in a dialog; `save` keeps it and rejects with what is wrong.  Resolves with whether it was kept. */
export async function editRule(title: string, rule: Rule, mailboxes: Mailbox[], save: (rule: Rule) => Promise<unknown>): Promise<boolean> {
  const text = (value: string, placeholder = ""): HTMLInputElement => h("input", { value, placeholder, autocapitalize: "off", spellcheck: false });
  const box = (checked: boolean): HTMLInputElement => h("input", { type: "checkbox", checked });
  const name = text(rule.name, r.nameHint);
  const author = text(rule.author, r.examples.author), recipient = text(rule.recipient, r.examples.recipient), list = text(rule.list_id, r.examples.list);
  const verified = text(rule.verified, r.examples.verified), sender = text(rule.sender, r.examples.sender), network = text(rule.network, "192.0.2.0/24");
  const headers = h("textarea", { rows: 2, value: rule.headers.map((one) => `${one.name}: ${one.pattern}`).join("\n"), placeholder: r.headersExample, spellcheck: false });
  const mailbox = h("select", null, h("option", { value: "" }, r.anyway),
    rule.lost_mailbox !== "" && h("option", { value: LOST, selected: true }, r.gone(rule.lost_mailbox)), ...mailboxes.filter((one) => one.role !== "rejects").map((one) =>
    h("option", { value: String(one.id), selected: one.id === rule.mailbox_id }, one.name)));
  const flagged = box(rule.marks.includes(FLAGGED)), seen = box(rule.marks.includes(SEEN));
  const keywords = text(rule.marks.filter((mark) => mark !== FLAGGED && mark !== SEEN).join(" "));
  const targets = (await account.forwards().catch(() => [])).filter((one) => one.confirmed).map((one) => one.address);
  const forward = h("select", null, h("option", { value: "" }, r.nowhere),
    ...(rule.forward && !targets.includes(rule.forward) ? [rule.forward, ...targets] : targets).map((one) => h("option", { value: one, selected: one === rule.forward }, one)));
  const reply = h("textarea", { rows: 3, value: rule.reply, dir: "auto" });
  const accept = box(rule.accept), more = box(!rule.last), enabled = box(rule.enabled);
  const kind = h("select", null, ...Object.entries(r.kinds).map(([value, words]) =>
    h("option", { value, selected: value === (rule.forwarder ? "forwarder" : rule.mailing_list ? "mailing_list" : "") }, words)));
  const warning = h("p", { class: "hint", hidden: true }, r.acceptWarning);
  const problem = h("p", { class: "problem", role: "alert" });
  const trial = h("div", { class: "trial" });

  const written = (): Rule => ({
    id: rule.id, version: rule.version, name: name.value.trim(), enabled: enabled.checked, last: !more.checked, author: author.value.trim(), sender: sender.value.trim(),
    recipient: recipient.value.trim(), verified: verified.value.trim(), network: network.value.trim(), list_id: list.value.trim(),
    headers: headers.value.split("\n").filter((line) => line.trim()).map((line) => {
      const colon = line.indexOf(":");
      return colon < 0 ? { name: line.trim(), pattern: "*" } : { name: line.slice(0, colon).trim(), pattern: line.slice(colon + 1).trim() };
    }),
    mailbox_id: mailbox.value && mailbox.value !== LOST ? Number(mailbox.value) : null, lost_mailbox: mailbox.value === LOST ? rule.lost_mailbox : "",
    marks: [...(flagged.checked ? [FLAGGED] : []), ...(seen.checked ? [SEEN] : []), ...keywords.value.split(/\s+/).filter(Boolean)],
    accept: accept.checked, forwarder: kind.value === "forwarder", mailing_list: kind.value === "mailing_list",
    forward: forward.value, reply: reply.value.trim(),
  });
  const warn = (): void => { warning.hidden = !accept.checked || !!verified.value.trim() || !!network.value.trim(); };
  const says = async (what: () => Promise<unknown>): Promise<boolean> => {
    problem.textContent = "";
    try {
      await what();
      return true;
    } catch (reason) {
      if ((reason as { code?: string }).code === "user:signedOut") complain(reason);
      problem.textContent = reason instanceof Error ? reason.message : String(reason);
      problem.scrollIntoView({ block: "nearest" });
      return false;
    }
  };

  const kept = await dialog<boolean>(title, (close) => {
    const form = h("form", {
      class: "rule",
      oninput: warn,
      onsubmit: async (event: Event) => {
        event.preventDefault();
        if (await says(() => save(written()))) close(true);
      },
    },
      h("h3", null, r.conditions), h("p", { class: "quiet" }, r.conditionsHint),
      h("div", { class: "pairs" }, field(r.author, author), field(r.recipient, recipient), field(r.list, list),
        field(r.verified, verified, r.verifiedHint)),
      h("details", { open: !!(rule.sender || rule.network || rule.headers.length) }, h("summary", null, r.more),
        h("div", { class: "pairs" }, field(r.sender, sender, r.senderHint),
          field(r.network, network, r.networkHint)),
        field(r.headers, headers, r.headersHint)),
      h("h3", null, r.then),
      h("div", { class: "pairs" }, field(r.mailbox, mailbox), field(r.keywords, keywords), field(r.flag, flagged), field(r.read, seen)),
      field(r.forward, forward, targets.length ? r.copy : r.targets),
      field(r.reply, reply, r.replyHint),
      field(r.accept, accept, r.acceptHint), warning,
      field(r.kind, kind, r.kindHint),
      field(r.below, more), field(r.enabled, enabled), field(s.name, name),
      problem, trial,
      h("footer", null,
        h("button", { type: "button", class: "button", onclick: () => void says(async () => {
          fill(trial, ...found(await account.rule_try({ rule: { ...written(), name: name.value.trim() || r.untitled } }), false));
          trial.scrollIntoView({ block: "nearest" });
        }) }, r.try),
        h("button", { class: "button primary" }, s.save)));
    warn();
    return [form];
  }, "wide");
  return kept === true;
}

/** Ask which rule one wants after a message, then for its details. */
export async function ruleFrom(message: number, mailboxes: Mailbox[]): Promise<boolean> {
  let suggested: Rule[] = [];
  if (!(await attempt(async () => { suggested = await account.rule_suggestions({ message_id: message }); }))) return false;
  const chosen = suggested.length < 2 ? suggested[0] ?? EMPTY : await dialog<Rule>(r.likeThis, (close) => [
    h("div", { class: "choices" }, ...suggested.map((one) => h("button", { type: "button", onclick: () => close(one) },
      h("span", null, one.name, h("small", null, one.verified ? r.proven(one.verified) : r.anybody)))))]);
  return chosen !== null && editRule(r.new, chosen, mailboxes, (rule) => account.rule_add({ rule }));
}
