"""The webmail's functions for who reads: orders and conversations, whole lists, choices, lists to leave, invitations."""
from typing import Final

from mta.flow import display, filing, listing, outside, reading, unsubscribe
from mta.message import calendar
from web import shapes
from web.api.reading import Action, Blocked, Conversation, Conversations, Invitation, Invited, Leaving, Moment, MovedFrom, Order, Progress
from web.api.webmail import Cursor, Mailbox, Page, Role
from web.call import Call


def sorted_page(call: Call, mailbox_id: int, order: Order, skip: int = 0, limit: int = 50) -> Page:
    """Messages of a mailbox in another order: `limit` (at most 200) after `skip`; `next` is always null."""
    return shapes.page(listing.page(call.world, call.account, mailbox_id, order, skip, limit))


def conversations(call: Call, mailbox_id: int, before: Cursor | None = None, limit: int = 50) -> Conversations:
    """The conversations of a mailbox by their newest messages, newest first; a piece may be short and still have a `next`."""
    page, told = listing.conversations(call.world, call.account, mailbox_id, _cursor(before), limit)
    return Conversations(
        [Conversation(shapes.summary(one), known.total, known.unread) for one, known in zip(page.messages, told, strict=True)],
        _told(page.next), page.modseq)


def act_on_all(call: Call, action: Action, query: str = "", mailbox_id: int | None = None, before: Cursor | None = None,
               target: int | None = None, add: list[str] = [], remove: list[str] = []) -> Progress:  # noqa: B006  # never changed
    """One step (at most 200 messages) of doing something with all of a mailbox or search; call again with `next` until that is null."""
    done = listing.act(call.world, call.house.index, call.account, mailbox_id, query, action, _cursor(before), target, add, remove)
    return Progress(done.found, [MovedFrom(place, ids) for place, ids in done.moved.items()], _told(done.next))


def mailbox_read(call: Call, id: int) -> int:
    """Mark everything in a mailbox as read; the answer is how many messages were not."""
    return listing.read_all(call.world, call.account, id)


def mailbox_role(call: Call, id: int, role: Role | None) -> Mailbox:
    """Say what a mailbox is for; the one that was for it before is for nothing in particular then."""
    return shapes.mailbox(filing.set_role(call.world, call.account, id, role))


def labels(call: Call) -> list[str]:
    """Every label (keyword) that messages of the account have or had."""
    return listing.labels(call.world, call.account)


def display_choices(call: Call) -> str:
    """How the webmail is to look, as the page kept it: JSON, or ""."""
    return display.get(call.world, call.account)


def display_keep(call: Call, choices: str) -> None:
    """Keep how the webmail is to look."""
    display.keep(call.world, call.account, choices)


def blocked(call: Call, id: int) -> Blocked:
    """What the HTML of a message would load from elsewhere."""
    found = reading.html_body(call.world, call.account, id, lambda part: "data:image/png,")
    return Blocked(found.blocked, found.missing)


def outside_senders(call: Call) -> list[str]:
    """Whose mail may load pictures from elsewhere without asking, where it is proven to be theirs."""
    return outside.senders(call.world, call.account)


def outside_choose(call: Call, sender: str, allowed: bool) -> list[str]:
    """Let mail of a sender load pictures from elsewhere, or not; all such senders are the answer."""
    return outside.choose(call.world, call.account, sender, allowed)


def leaving(call: Call, id: int) -> Leaving | None:
    """How to leave the mailing list that sent a message; null if it names no way."""
    found = unsubscribe.ways(call.world, call.account, id)
    return None if found is None else Leaving(found.host, found.mail, found.page, found.list_id)


def leave(call: Call, id: int) -> str:
    """Leave a mailing list by one press (RFC 8058): the server tells the list's, whose name is the answer."""
    return call.wait(unsubscribe.leave(call.world, call.account, id))


def invitation(call: Call, id: int, part: str) -> Invitation:
    """A part of a message that is a calendar, read."""
    text = reading.part_text(call.world, call.account, id, part, calendar.LONGEST)
    return Invitation(calendar.method(text), [
        Invited(one.summary, one.location, one.description, one.organizer, list(one.attendees), _moment(one.start), _moment(one.end),
                one.repeats, one.cancelled) for one in calendar.events(text)])


def _moment(one: calendar.Moment | None) -> Moment | None:
    return None if one is None else Moment(one.text, one.zone, one.at)


def _cursor(before: Cursor | None) -> reading.Cursor | None:
    return None if before is None else reading.Cursor(before.received, before.id)


def _told(place: reading.Cursor | None) -> Cursor | None:
    return None if place is None else Cursor(place.received, place.id)


#: What web.webmail takes up.
FUNCTIONS: Final = (
    sorted_page, conversations, act_on_all, mailbox_read, mailbox_role, labels, display_choices, display_keep, blocked, outside_senders,
    outside_choose, leaving, leave, invitation)
