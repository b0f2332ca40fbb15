// How mail does at other servers, why they refuse it, and what a reply means.
import { admin, type Destination, type Meaning, type RefusalReason } from "../api";
import { columns } from "../chart";
import { attempt, field, fill, h, type Child } from "../dom";
import { minute, number } from "../format";
import { table } from "../table";

const PARTS = [{ name: "sent", kind: "passed" }, { name: "deferred", kind: "quarantined" }, { name: "refused", kind: "rejected" }];
const SIDES: Record<Meaning["side"], string> = {
  here: "To be mended here", there: "To be mended by the other side", sender: "To be mended by the sender", nobody: "It passes by itself",
};

/** What a reply means, with the next step. */
export function meaning(told: Meaning): HTMLElement {
  return h("section", { class: "meaning" },
    h("p", null, told.title && h("strong", null, told.title, ". "), told.what),
    h("p", null, h("strong", null, "Next step: "), told.step, " ",
      told.link && h("a", { href: told.link, target: "_blank", rel: "noreferrer noopener" }, new URL(told.link).hostname)),
    h("p", { class: "quiet" }, SIDES[told.side]));
}

export async function destinations(main: HTMLElement, argument: string): Promise<void> {
  if (argument) {
    await one(main, argument === "-" ? "" : argument);
    return;
  }
  const search = h("input", { type: "search", placeholder: "gmail.com" });
  const days = h("select", null, ...[[30, "30 days"], [7, "7 days"], [1, "today"]].map(([value, name]) => h("option", { value }, name)));
  const found = h("div", null);
  const draw = async (): Promise<void> => {
    const known = await admin.destinations({ search: search.value.trim(), days: Number(days.value) });
    fill(found, table(["Destination", "Sent", "Deferred", "Refused", "Why"], known.map((one) => [
      h("a", { href: `#destinations/${encodeURIComponent(one.operator || "-")}` }, one.name), number(one.sent), number(one.deferred),
      one.refused ? h("span", { class: "bad" }, number(one.refused)) : "0", why(one.reasons)]),
    "Nothing was sent to other servers in this time."));
  };
  fill(main, h("h1", null, "Destinations"),
    h("p", { class: "quiet" }, "What other servers said to attempts to deliver. Mail that is put off counts each time, and as sent when it arrives."),
    h("form", { class: "filters", onsubmit: (event: Event) => { event.preventDefault(); void attempt(draw); } },
      field("Search", search), field("Time", days), h("button", { class: "button" }, "Search")),
    found, h("h2", null, "What did they mean?"), asking());
  await draw();
}

function why(reasons: RefusalReason[]): Child {
  if (!reasons.length) return "";
  return h("ul", { class: "plain" }, ...reasons.slice(0, 3).map((reason) => h("li", null,
    `${reason.meaning.title || "another reason"} (${number(reason.attempts)})`)));
}

/** A form that explains a reply. */
function asking(): HTMLElement {
  const reply = h("textarea", { rows: 3, required: true, placeholder: "550 5.7.1 Unfortunately, messages from …" });
  const host = h("input", { placeholder: "mx.example.org", autocapitalize: "off", spellcheck: false });
  const told = h("div", { role: "status", "aria-live": "polite" });
  return h("div", null, h("form", {
    onsubmit: (event: Event) => {
      event.preventDefault();
      void attempt(async () => fill(told, meaning(await admin.explain({ reply: reply.value, host: host.value.trim() }))));
    },
  }, field("Reply of another server", reply, "As a notice or a log has it."), field("From the mail host", host, "Helps with codes that mean different things at different providers."),
  h("button", { class: "button primary" }, "Explain")), told);
}

async function one(main: HTMLElement, operator: string): Promise<void> {
  const [found, history] = await Promise.all([admin.destinations({ search: operator, days: 30 }), admin.destination_history({ operator })]);
  const mine: Destination | undefined = found.find((each) => each.operator === operator);
  const ends = history.map((day) => day.day);
  fill(main, h("p", null, h("a", { href: "#destinations" }, "Destinations")), h("h1", null, mine?.name ?? operator),
    operator && h("p", { class: "quiet" }, `Mail hosts of ${operator}, 30 days`),
    columns("Attempts", PARTS, history.filter((day) => day.sent + day.deferred + day.refused > 0).map((day) => ({ day: day.day, values: [day.sent, day.deferred, day.refused] })),
      Math.min(...ends), Math.max(...ends)),
    h("h2", null, "Why mail was not taken"),
    ...(mine?.reasons.length ? mine.reasons.map(reason) : [h("p", { class: "quiet" }, "All of it was.")]),
    h("h2", null, "Domains of the recipients"),
    table(["Domain", "Sent", "Deferred", "Refused"], (mine?.domains ?? []).map((part) => [
      part.domain || "(others)", number(part.sent), number(part.deferred), number(part.refused)]), "None."));
}

function reason(known: RefusalReason): HTMLElement {
  return h("article", { class: "reason" },
    h("h3", null, `${known.outcome === "refused" ? "Refused" : "Put off"} ${number(known.attempts)} ${known.attempts === 1 ? "time" : "times"}`),
    meaning(known.meaning),
    h("p", { class: "answer" }, h("span", { class: "quiet" }, "Last reply, "), minute(known.latest), ": ", h("q", { dir: "auto" }, known.reply)));
}
