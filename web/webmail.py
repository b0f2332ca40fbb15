"""The webmail's functions: thin, every rule lives in mta.flow (reading, filing); web.reading and web.writing have more of them."""
from mta.flow import filing, reading
from web import pushing, shapes, writing
from web import reading as for_reading
from web.account import login, logout, state
from web.api.webmail import Cursor, Deleted, HeaderLine, Mailbox, Message, Moved, Page, Summary
from web.call import Call
from web.rpc import make_api

# --- mailboxes -----------------------------------------------------------------------------


def mailboxes(call: Call) -> list[Mailbox]:
    """All mailboxes: those with a role first, Inbox at the top, then by name."""
    return [shapes.mailbox(row) for row in reading.all_mailboxes(call.world, call.account)]


def mailbox_add(call: Call, name: str) -> Mailbox:
    """Make a mailbox, with those above it where they are missing."""
    return shapes.mailbox(filing.add_mailbox(call.world, call.account, name))


def mailbox_rename(call: Call, id: int, name: str) -> Mailbox:
    """Give a mailbox another name, and all below it."""
    return shapes.mailbox(filing.rename_mailbox(call.world, call.account, id, name))


def mailbox_remove(call: Call, id: int) -> None:
    """Remove a mailbox and all messages in it.  One with a role, or with others below it, stays: user:conflict."""
    filing.remove_mailbox(call.world, call.account, id)


def mailbox_empty(call: Call, id: int) -> int:
    """Remove everything in Trash, Junk or Rejects for good; the answer is how many messages that were."""
    return filing.empty_mailbox(call.world, call.account, id)


# --- reading -------------------------------------------------------------------------------


def page(call: Call, mailbox_id: int, before: Cursor | None = None, skip: int = 0, limit: int = 50) -> Page:
    """Messages of a mailbox, newest first: `limit` (at most 200) that come after `before` and `skip` more.

    For a virtual list: follow `next` from page to page, or jump with `skip`.
    """
    return shapes.page(reading.page(call.world, call.account, mailbox_id, _cursor(before), skip, limit))


def search(call: Call, query: str, mailbox_id: int | None = None, before: Cursor | None = None, limit: int = 50) -> Page:
    """Messages that fit a query, newest first: in the whole account but Junk, Trash and Rejects, or in one mailbox.

    All words must be there; "quoted words" are a phrase, a word ending in * stands for all that begin so.
    A page may be short, even empty, and still have a `next` one.
    """
    return shapes.page(reading.search(call.world, call.house.index, call.account, query, mailbox_id, _cursor(before), limit))


def summaries(call: Call, ids: list[int]) -> list[Summary]:
    """These messages as a list shows them (at most 200); those that are gone are left out."""
    return [shapes.summary(one) for one in reading.summaries(call.world, call.account, ids)]


def thread(call: Call, thread_id: int) -> list[Summary]:
    """The conversation: its messages, oldest first, the newest 500 of a very long one."""
    return [shapes.summary(one) for one in reading.thread(call.world, call.account, thread_id)]


def message(call: Call, id: int, mark_seen: bool = False) -> Message:
    """A message to read; with mark_seen it counts as read from now on."""
    return shapes.message(reading.letter(call.world, call.account, id, mark_seen=mark_seen))


def headers(call: Call, id: int) -> list[HeaderLine]:
    """All header fields of a message."""
    return [HeaderLine(name, value) for name, value in reading.header_lines(call.world, call.account, id)]


# --- filing --------------------------------------------------------------------------------


def flags(call: Call, ids: list[int], add: list[str], remove: list[str]) -> None:
    """Set and clear flags and keywords on messages (at most 1,000)."""
    filing.flag(call.world, call.account, ids, add, remove)


def move(call: Call, ids: list[int], mailbox_id: int) -> Moved:
    """Move messages (at most 1,000) to a mailbox; they keep their ids."""
    return Moved(filing.move(call.world, call.account, ids, mailbox_id), mailbox_id)


def archive(call: Call, ids: list[int]) -> Moved:
    """Move messages (at most 1,000) to Archive."""
    return Moved(*filing.archive(call.world, call.account, ids))


def delete(call: Call, ids: list[int]) -> Deleted:
    """Move messages (at most 1,000) to Trash; those that are in Trash, Junk, Rejects or Drafts are removed for good."""
    gone = filing.delete(call.world, call.account, ids)
    return Deleted(list(gone.trashed), list(gone.removed), gone.trash)


def _cursor(before: Cursor | None) -> reading.Cursor | None:
    return None if before is None else reading.Cursor(before.received, before.id)


WEBMAIL = make_api(
    "webmail", "Webmail",
    open=(state, login),
    closed=(logout, mailboxes, mailbox_add, mailbox_rename, mailbox_remove, mailbox_empty, page, search, summaries, thread, message,
            headers, flags, move, archive, delete, *for_reading.FUNCTIONS, *writing.FUNCTIONS,
            *pushing.FUNCTIONS),
)
