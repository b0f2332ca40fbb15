r"""What people teach by what they do with their mail.

Moving to Junk says junk; out of Junk, to anywhere but Trash, says good; from Junk to Trash
says nothing.  Out of Rejects, from the Inbox into Archive or a mailbox of one's own, and an
answer say good; so does what was read and left in the Inbox for a week.  Mail programs say
it with the flags $Junk and $NotJunk (RFC 9051 §2.3.2), or older names of these.  Throwing
away says nothing: people throw away good mail too.

Each function writes lessons (mta.store.lessons) within the change that does the thing, so
there is one without the other never.  mta.flow.learning makes use of them.
"""
from collections.abc import Iterable, Mapping, Sequence

from mta.base.errors import NotFound
from mta.base.limits import LIMITS
from mta.flow.world import World
from mta.message.flags import Flags
from mta.store import accounts, lessons, mailboxes, messages
from mta.store.connection import Connection
from mta.store.lessons import Verdict
from mta.store.mailboxes import MailboxRow

#: Names that mail programs give their own mailbox for junk, where ours was not to be found.
JUNK_NAMES = frozenset({"junk", "spam", "junk e-mail", "junk email", "junk mail", "bulk mail"})
#: Keywords with which mail programs said it before there was a registry.
KEYWORDS: dict[str, Flags] = {"junk": Flags.JUNK, "nonjunk": Flags.NOT_JUNK, "notjunk": Flags.NOT_JUNK, "$nonjunk": Flags.NOT_JUNK}
MARKS = Flags.JUNK | Flags.NOT_JUNK


def moved(db: Connection, world: World, account: int, before: Mapping[int, int], mailbox_id: int) -> None:
    """Messages were moved from where they were before (mailbox by message) to a mailbox."""
    _say(db, world, account, _meant(db, account, before, mailbox_id))


def copied(db: Connection, world: World, account: int, before: Mapping[int, int], copies: Sequence[int], mailbox_id: int) -> None:
    """Messages were copied, in the order of before; a mail program may be about to remove the first ones, which is its way to move.

    What a copy says replaces what its original said, so nothing counts on both sides.
    """
    meant = _meant(db, account, before, mailbox_id)
    known = lessons.newest(db, meant)
    replaced = [ident for ident, (verdict, _) in meant.items() if ident in known and known[ident].verdict != verdict]
    lessons.note(db, world.clock, account, dict.fromkeys(replaced, "none"), "its copy says otherwise")
    _say(db, world, account, {copy: meant[ident] for ident, copy in zip(before, copies, strict=True) if ident in meant})


def flagged(db: Connection, world: World, account: int, changed: Sequence[int], added: Flags, removed: Flags,
            added_keywords: Iterable[str] = (), removed_keywords: Iterable[str] = ()) -> None:
    """Flags and keywords of messages were changed."""
    marks, unmarks = _marks(added, added_keywords), _marks(removed, removed_keywords)
    verdicts: dict[int, Verdict] = {}
    if marks in (Flags.JUNK, Flags.NOT_JUNK):
        verdicts = dict.fromkeys(changed, "junk" if marks is Flags.JUNK else "good")
        why = f"marked as {'junk' if marks is Flags.JUNK else 'not junk'}"
    elif unmarks and not marks:
        verdicts, why = dict.fromkeys(changed, "none"), "the mark was removed"
    if verdicts:
        lessons.note(db, world.clock, account, verdicts, why)
    elif added & Flags.ANSWERED:
        answered(db, world, account, changed)


def answered(db: Connection, world: World, account: int, ids: Iterable[int]) -> None:
    """Messages were answered; to something in Junk one may have written in anger."""
    junk = {row.id for row in mailboxes.all(db, account) if _for_junk(row)}
    places = messages.places(db, account, ids)
    lessons.note(db, world.clock, account, {ident: "good" for ident, place in places.items() if place not in junk}, "answered")


def told(world: World, account: int, ids: Sequence[int], verdict: Verdict, *, by: str) -> int:
    """Somebody says outright what messages are; gives how many lessons that made.  NotFound.

    "none" takes back what was said of them before, even if they are gone.
    """
    def change(db: Connection) -> int:
        known = set(messages.places(db, account, ids))
        if verdict == "none":
            known |= {ident for ident, lesson in lessons.newest(db, ids).items() if lesson.account_id == account}
        if missing := set(ids) - known:
            raise NotFound(f"the account has no message {min(missing)}")
        return lessons.note(db, world.clock, account, dict.fromkeys(ids, verdict), f"told by {by}")

    return world.store.write_now(change)


def kept(world: World, account: int, limit: int = 200) -> int:
    """What was read and left in the Inbox, and nobody said anything about, is good; at most limit, gives how many."""
    now = world.clock.timestamp()

    def change(db: Connection) -> int:
        inbox = mailboxes.by_role(db, account, "inbox")
        if inbox is None:
            return 0
        found = lessons.unspoken(db, inbox.id, now - LIMITS.kept_until, now - LIMITS.kept_for, limit)
        return lessons.note(db, world.clock, account, dict.fromkeys(found, "good"), "read, and left in the Inbox")

    return world.store.write_now(change)


def forget(world: World, account: int, limit: int = 200) -> int:
    """Take back the oldest of very many lessons; gives how many of them."""
    return world.store.write_now(lambda db: lessons.forget_oldest(db, world.clock, account, LIMITS.lessons, limit))


def all_accounts(world: World) -> list[int]:
    """Everybody who may teach."""
    return [row.id for row in world.store.read(accounts.all)]


def _say(db: Connection, world: World, account: int, meant: Mapping[int, tuple[Verdict, str]]) -> None:
    for why in {why for _, why in meant.values()}:
        lessons.note(db, world.clock, account, {ident: verdict for ident, (verdict, reason) in meant.items() if reason == why}, why)


def _meant(db: Connection, account: int, before: Mapping[int, int], mailbox_id: int) -> dict[int, tuple[Verdict, str]]:
    """What the way of each message says, for those where it says something."""
    known = {row.id: row for row in mailboxes.all(db, account)}
    ways = {place: _way(known[place], known[mailbox_id]) for place in set(before.values()) if place != mailbox_id}
    return {ident: way for ident, place in before.items() if (way := ways.get(place))}


def _way(source: MailboxRow, target: MailboxRow) -> tuple[Verdict, str] | None:
    """What it says that somebody brings a message from source to target."""
    if target.role == "trash" or source.role in ("sent", "drafts"):
        return None
    if _for_junk(target):
        return None if _for_junk(source) else ("junk", f"moved to {target.name}")
    if _for_junk(source) or source.role == "rejects":
        return "good", f"moved out of {source.name}"
    if source.role == "inbox" and target.role in (None, "archive"):
        return "good", f"filed in {target.name}"
    return None


def _for_junk(row: MailboxRow) -> bool:
    return row.role == "junk" or (row.role is None and row.name.rpartition("/")[2].casefold() in JUNK_NAMES)


def _marks(flags: Flags, keywords: Iterable[str]) -> Flags:
    for keyword in keywords:
        flags |= KEYWORDS.get(keyword.lower(), Flags.NONE)
    return flags & MARKS
