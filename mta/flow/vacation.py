"""The answer while one is away: writing it, seeing it, and whom it would have answered.

What people type is read here; pages and command line call these.
"""
import re
import zoneinfo
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final

from mta.base.errors import BadName, UserError
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.flow import answers, origins, reading, versions
from mta.flow.accountnames import named
from mta.flow.answers import Wanted
from mta.flow.reading import Summary
from mta.flow.settings import adopt
from mta.flow.world import World
from mta.message import header
from mta.message.envelope import Envelope
from mta.store import accounts, mailboxes, messages, vacations
from mta.store.connection import Connection
from mta.store.messages import MessageRow
from mta.store.vacations import VACATION, Vacation

DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
JUNK: Final = "It is in Junk."
#: What a trial cannot know of mail that was imported, or came before checks were kept.
UNCHECKED: Final = "nobody knows whether it is from whom it says: it was not checked when it came"
#: What an answer to nobody in particular looks like.
SAMPLE: Final = Envelope(0.0, "", "your subject", (), (), (), (), (), (), (), (), "")


@dataclass(frozen=True, slots=True)
class Tried:
    """A stored message, and why it would have had no answer ("" if it would have had one); doubt is what the trial could not find out."""

    message: Summary
    why: str
    doubt: str = ""


def get(world: World, account: int) -> Vacation:
    """What the account answers while its owner is away."""
    return world.store.read(lambda db: vacations.get(db, account))


def change(world: World, account: int, wanted: Vacation, *, version: str | None = None, by: str) -> Vacation:
    """From now on this; gives it as it is kept.  UserError for what cannot be; version is of fields()."""
    kept = checked(wanted)

    def change(db: Connection) -> None:
        versions.require(version, fields(vacations.get(db, account)), "the answer")
        vacations.put(db, account, kept)

    adopt(world, by, f"switched the vacation answer of account {named(world, account)} "
                       f"{'on' if kept.enabled else 'off'}", change)
    return kept


def fields(one: Vacation) -> dict[str, object]:
    """What is chosen of an answer, for its version."""
    return {"enabled": one.enabled, "first_day": one.first_day, "last_day": one.last_day, "zone": one.zone, "subject": one.subject,
            "text": one.text}


def checked(wanted: Vacation) -> Vacation:
    """The same with its times worked out; UserError says what is wrong."""
    text, subject = wanted.text.replace("\r\n", "\n").strip(), " ".join(wanted.subject.split())
    if wanted.enabled and not text:
        raise UserError("the answer needs a text")
    if len(text) > LIMITS.answer_text:
        raise UserError(f"the answer is at most {LIMITS.answer_text} characters long")
    if any(not char.isprintable() and char not in "\n\t" for char in text) or not subject.isprintable():
        raise UserError("the answer has a character that cannot be shown; write it as plain text")
    if len(subject) > answers.SUBJECT:
        raise UserError(f"the subject is at most {answers.SUBJECT} characters long")
    zone = wanted.zone.strip() or "UTC"
    if zone not in zones():
        raise UserError(f"{zone!r} is no time zone; write it like Europe/Berlin")
    first, last = _day(wanted.first_day), _day(wanted.last_day)
    if first and last and last < first:
        raise UserError("the last day is before the first one")
    return replace(
        wanted, text=text, subject=subject, zone=zone, first_day=first.isoformat() if first else "",
        last_day=last.isoformat() if last else "", begins=_midnight(first, zone), ends=_midnight(last and last + timedelta(1), zone))


@cache
def zones() -> frozenset[str]:
    """The names of all time zones."""
    return frozenset(zoneinfo.available_timezones())


def preview(world: World, account: int, wanted: Vacation) -> bytes:
    """The answer that a stranger would get, as it would be sent but for its signatures; UserError as change()."""
    kept = checked(wanted)

    def question(db: Connection) -> bytes:
        known = accounts.addresses(db, account)
        if not known:
            raise UserError("the account has no address yet that could answer")
        own = answers.author(db, account, known[0].address, header.parse(b"\r\n"))
        return answers.composed(Wanted(VACATION, kept.subject, kept.text), own, Address.parse("somebody@example.net"), SAMPLE,
                                world.clock.timestamp())

    return world.store.read(question)


def trial(world: World, account: int, last: int = LIMITS.answer_trial) -> list[Tried]:
    """The newest messages, newest first: which of them would have had an answer, had it been on all the time."""
    rows = world.store.read(lambda db: messages.newest(db, account, max(1, min(last, LIMITS.answer_trial)), without=("sent", "drafts")))
    junk = world.store.read(lambda db: {place.id for place in mailboxes.all(db, account) if place.role in ("junk", "rejects")})
    found: list[Tried] = []
    had: dict[str, float] = {}
    for row in reversed(rows):
        try:
            with reading.body_of(world, row) as octets:
                top = header.parse(octets)
        except FileNotFoundError:
            continue    # removed meanwhile
        sender = _address(row.mail_from)
        why = JUNK if row.mailbox_id in junk else world.store.read(lambda db: _refusal(db, world, account, row, top, sender))    # noqa: B023
        key = row.mail_from.lower()
        if not why and row.received - had.get(key, -LIMITS.answer_again) < LIMITS.answer_again:
            why = answers.OFTEN
        if not why:
            had[key] = row.received
        found.append(Tried(reading.summary(world, row), why, UNCHECKED if not why and origins.origin(row) is None else ""))
    return found[::-1]


def _refusal(db: Connection, world: World, account: int, row: MessageRow, top: header.Header, sender: Address | None) -> str:
    from_mask = _address(row.rcpt_to)
    masked = from_mask is not None and accounts.mask_of(db, account, from_mask) is not None
    # Source -1 is nobody's: what was answered in truth does not count here.
    return answers.refusal(db, world, account, -1, top, sender, _forged(row), masked)


def _forged(row: MessageRow) -> bool:
    """As mta.flow.sequels.forged, by what was found out when the message came."""
    known = origins.origin(row)
    if known is None:
        return False
    outcomes = {(check.name, check.outcome) for check in known.checks}
    return ("DMARC", "fail") in outcomes or (("SPF", "fail") in outcomes and not known.proven)


def _address(text: str) -> Address | None:
    try:
        return Address.parse(text)
    except BadName:
        return None


def _day(text: str) -> date | None:
    text = text.strip()
    if not text:
        return None
    try:
        if not DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"{text!r} is no day; write it like 2030-01-31") from None


def _midnight(day: date | None, zone: str) -> float | None:
    return None if day is None else datetime.combine(day, time(), zoneinfo.ZoneInfo(zone)).timestamp()
