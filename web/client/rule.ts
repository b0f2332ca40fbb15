// A rule for mail that comes in, in words and in a form; the same on the account's page and in the webmail.
import { account, type Mailbox, type Rule, type RuleTrial } from "./api";
import { attempt, complain, dialog, field, fill, h, type Child } from "./dom";
import { everyone, shortDate } from "./format";
import { table } from "./table";

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
  const asked: [string, string][] = [["From is", rule.author], ["it came to", rule.recipient], ["its list is", rule.list_id],
    ["it was sent by", rule.sender], ["it is verified for", rule.verified], ["it came over", rule.network]];
  return [...asked.filter(([, what]) => what).map(([words, what]) => `${words} ${what}`),
    ...rule.headers.map((one) => `${one.name} is ${one.pattern}`)];
}

/** What then happens. */
export function actions(rule: Rule, mailboxes: Mailbox[]): string[] {
  const target = mailboxes.find((one) => one.id === rule.mailbox_id);
  const keywords = rule.marks.filter((mark) => mark !== FLAGGED && mark !== SEEN);
  const said = [
    target && `file into ${target.name}`, rule.lost_mailbox !== "" && `leave it where it goes, since the mailbox ${rule.lost_mailbox} is gone`, rule.marks.includes(FLAGGED) && "flag it", rule.marks.includes(SEEN) && "mark it as read",
    keywords.length > 0 && `mark it ${keywords.join(", ")}`, rule.accept && "always accept it",
    rule.forward !== "" && `forward it to ${rule.forward}`, rule.reply !== "" && "answer it",
    rule.forwarder && "its sender forwards my mail", rule.mailing_list && "its sender is a mailing list"].filter((one) => typeof one === "string");
  if (!said.length) said.push("leave it where it goes");
  if (!rule.last) said.push("look at the rules below too");
  return said;
}

/** What a trial found, as a table. */
export function found(trial: RuleTrial, several: boolean): Child[] {
  const rows = trial.messages.slice(0, FEW).map((one) => [
    h("time", { class: "nowrap" }, shortDate(one.message.received)), everyone(one.message.from), one.message.subject || "(no subject)", one.mailbox,
    ...(several ? [one.rules.join(", ")] : [])]);
  const fit = trial.fitting === 0 ? "None" : trial.fitting.toLocaleString();
  return [
    h("p", { role: "status" }, `${fit} of the newest ${trial.examined.toLocaleString()} messages ${trial.fitting === 1 ? "fits" : "fit"}. Nothing was changed.`),
    trial.fitting > 0 && table(["When", "From", "Subject", "Is in", ...(several ? ["Rules"] : [])], rows, ""),
    trial.fitting > rows.length && h("p", { class: "quiet" }, `These are the newest ${rows.length}.`)];
}

/** A form for a rule in a dialog; `save` keeps it and rejects with what is wrong.  Resolves with whether it was kept. */
export async function editRule(title: string, rule: Rule, mailboxes: Mailbox[], save: (rule: Rule) => Promise<unknown>): Promise<boolean> {
  const text = (value: string, placeholder = ""): HTMLInputElement => h("input", { value, placeholder, autocapitalize: "off", spellcheck: false });
  const box = (checked: boolean): HTMLInputElement => h("input", { type: "checkbox", checked });
  const name = text(rule.name, "as its first condition");
  const author = text(rule.author, "*@example.org"), recipient = text(rule.recipient, "ann+shop@*"), list = text(rule.list_id, "talk.lists.example.org");
  const verified = text(rule.verified, "example.org"), sender = text(rule.sender, "bounces@example.org"), network = text(rule.network, "192.0.2.0/24");
  const headers = h("textarea", { rows: 2, value: rule.headers.map((one) => `${one.name}: ${one.pattern}`).join("\n"), placeholder: "Subject: *invoice*", spellcheck: false });
  const mailbox = h("select", null, h("option", { value: "" }, "where it goes anyway"),
    rule.lost_mailbox !== "" && h("option", { value: LOST, selected: true }, `${rule.lost_mailbox} (is gone)`), ...mailboxes.filter((one) => one.role !== "rejects").map((one) =>
    h("option", { value: String(one.id), selected: one.id === rule.mailbox_id }, one.name)));
  const flagged = box(rule.marks.includes(FLAGGED)), seen = box(rule.marks.includes(SEEN));
  const keywords = text(rule.marks.filter((mark) => mark !== FLAGGED && mark !== SEEN).join(" "));
  const targets = (await account.forwards().catch(() => [])).filter((one) => one.confirmed).map((one) => one.address);
  const forward = h("select", null, h("option", { value: "" }, "nowhere"),
    ...(rule.forward && !targets.includes(rule.forward) ? [rule.forward, ...targets] : targets).map((one) => h("option", { value: one, selected: one === rule.forward }, one)));
  const reply = h("textarea", { rows: 3, value: rule.reply, dir: "auto" });
  const accept = box(rule.accept), more = box(!rule.last), enabled = box(rule.enabled);
  const kind = h("select", null, ...[["", "somebody who writes"], ["forwarder", "a server that forwards my mail"], ["mailing_list", "a mailing list"]].map(([value, words]) =>
    h("option", { value, selected: value === (rule.forwarder ? "forwarder" : rule.mailing_list ? "mailing_list" : "") }, words)));
  const warning = h("p", { class: "hint", hidden: true }, "Anybody may write such names into a message. To let in only those who are meant, give a verified domain as well.");
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
      h("h3", null, "If all of this holds"), h("p", { class: "quiet" }, "* stands for anything; what is empty is not asked for."),
      h("div", { class: "pairs" }, field("From", author), field("It came to", recipient), field("Mailing list", list),
        field("Verified domain", verified, "Stands by the message: as its proven author, signer or sender.")),
      h("details", { open: !!(rule.sender || rule.network || rule.headers.length) }, h("summary", null, "More conditions"),
        h("div", { class: "pairs" }, field("Sent by", sender, "The address that the sending server names (Return-Path)."),
          field("Came over", network, "An IP address or a network.")),
        field("Header fields", headers, "One on each line.")),
      h("h3", null, "Then"),
      h("div", { class: "pairs" }, field("File into", mailbox), field("Keywords", keywords), field("Flag it", flagged), field("Mark it as read", seen)),
      field("Forward it to", forward, targets.length ? "A copy stays here." : "Addresses that mail may be forwarded to are added and confirmed under Forwarding."),
      field("Answer with this text", reply, "Once in seven days to each sender; never to lists and programs. Empty: no answer."),
      field("Always accept it", accept, "It is never junk, and never refused."), warning,
      field("Who sends it is", kind, "Forwarders and lists break what proves the author (DMARC), which then counts for nothing. They need a verified domain or a network."),
      field("Look at the rules below as well", more), field("Use this rule", enabled), field("Name", name),
      problem, trial,
      h("footer", null,
        h("button", { type: "button", class: "button", onclick: () => void says(async () => {
          fill(trial, ...found(await account.rule_try({ rule: { ...written(), name: name.value.trim() || "this" } }), false));
          trial.scrollIntoView({ block: "nearest" });
        }) }, "Try it on stored mail"),
        h("button", { class: "button primary" }, "Save")));
    warn();
    return [form];
  }, "wide");
  return kept === true;
}

/** Ask which rule one wants after a message, then for its details. */
export async function ruleFrom(message: number, mailboxes: Mailbox[]): Promise<boolean> {
  let suggested: Rule[] = [];
  if (!(await attempt(async () => { suggested = await account.rule_suggestions({ message_id: message }); }))) return false;
  const chosen = suggested.length < 2 ? suggested[0] ?? EMPTY : await dialog<Rule>("Make a rule for mail like this", (close) => [
    h("div", { class: "choices" }, ...suggested.map((one) => h("button", { type: "button", onclick: () => close(one) },
      h("span", null, one.name, h("small", null, one.verified ? `if ${one.verified} stands by it` : "whoever wrote that name")))))]);
  return chosen !== null && editRule("New rule", chosen, mailboxes, (rule) => account.rule_add({ rule }));
}
