// What some messages bring along: a list to leave, an invitation.
import { webmail, type Invited, type Leaving, type Message, type Moment } from "../api";
import { attempt, fill, h, notice, sure, type Child } from "../dom";
import { longDate } from "../format";
import { shown } from "../shown";
import { t } from "../words/reading";

/** A place that fills itself with what a message brings along; stays empty if that is nothing. */
export function extras(message: Message, write: (mailto: string) => void, signal: AbortSignal): HTMLElement {
  const place = h("div", { class: "extras" });
  void Promise.all([webmail.leaving({ id: message.summary.id }, signal), ...message.attachments.filter((one) => one.kind === "text/calendar").slice(0, 3)
    .map((one) => webmail.invitation({ id: message.summary.id, part: one.part }, signal))]).then(([leaving, ...invitations]) => {
    fill(place, ...invitations.flatMap((one) => one.events.map((event) => card(t.invitation[one.method] ?? t.event, event))), leaving && leave(message, leaving, write));
  }, () => undefined);
  return place;
}

function leave(message: Message, ways: Leaving, write: (mailto: string) => void): Child {
  const press = (): void => void attempt(async () => {
    if (await sure(t.unsubscribeAsk(ways.host), t.unsubscribe)) notice(t.unsubscribed(await webmail.leave({ id: message.summary.id })));
  });
  if (ways.host) return h("p", null, h("button", { type: "button", class: "link", onclick: press }, t.unsubscribe), h("span", { class: "quiet" }, " ", h("bdi", null, ...shown(ways.list_id))));
  return h("p", null,
    ways.mail && h("button", { type: "button", class: "link", onclick: () => write(ways.mail) }, t.unsubscribeMail), ways.mail && ways.page && ", ",
    ways.page && h("a", { href: ways.page, target: "_blank", rel: "noopener noreferrer" }, t.unsubscribePage));
}

function card(title: string, event: Invited): HTMLElement {
  const line = (name: string, value: string): Child[] => (value ? [h("dt", null, name), h("dd", { dir: "auto" }, ...shown(value))] : []);
  const when = event.start ? time(event.start) + (event.end ? ` \u2013 ${time(event.end)}` : "") : "";
  return h("section", { class: "invitation", "aria-label": title },
    h("h3", null, t.happening(event.cancelled ? t.invitation.CANCEL! : title), " ", h("bdi", null, ...shown(event.summary || t.event))),
    h("dl", null, ...line(t.when, when), ...line(t.where, event.location), ...line(t.organizer, event.organizer), ...line(t.attendees, event.attendees.slice(0, 20).join(", "))),
    event.repeats && h("p", { class: "quiet" }, t.repeats), event.description && h("pre", { class: "text" }, ...shown(event.description)));
}

function time(moment: Moment): string {
  return moment.at !== null ? longDate(moment.at) : `${moment.text}${moment.zone ? ` (${moment.zone})` : ""}`;
}
