"""Learning from what people taught, off their path; and saying why a message counts as junk.

The reporter calls advance() when a doorbell says that there may be lessons, and again
until it says that nothing is left.  Each call is one slice of the log, in one transaction of
learned.db together with the position it has come to.  When learned.db was lost, the log is
followed from its beginning; of messages that are gone nothing can be learned again.

A message that cannot be read teaches nothing, and stops nobody.
"""
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from mta.base.errors import NotFound, TemporaryError
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.flow import preferences
from mta.flow.world import World
from mta.judge import facts, junk, reputation
from mta.judge.evidence import Content
from mta.judge.features import features, key, keyed
from mta.judge.junk import Clue, Knowledge
from mta.judge.screen import Arrival
from mta.message import structure as structures
from mta.message.scan import Octets
from mta.store import accounts, lessons, messages
from mta.store.connection import Connection
from mta.store.learned import EVERYBODY, Learned, Teaching
from mta.store.lessons import Lesson
from mta.store.messages import MessageRow

#: Words that a person is told of.
TELLING = 10


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the junk filter makes of a message.

    probability is None if it has not been taught enough to say; threshold is where junk
    begins; clues are the words that counted, strongest first; lesson is what the message
    itself taught, if it did.
    """

    probability: float | None
    threshold: float
    features: int
    known: Knowledge
    clues: tuple[Clue, ...]
    lesson: Lesson | None = None


class Reader:
    """Reads messages for what their words say, while their sender waits; one for all sessions of a process."""

    def __init__(self, learned: Learned) -> None:
        self._learned = learned

    def read(self, arrival: Arrival) -> list[str]:
        """The features of a message; none while nobody has taught enough to make use of them."""
        with suppress(TemporaryError):      # whoever asks for the content will hear of it
            if not self._learned.words(EVERYBODY, ()).enough:
                return []
        with arrival.body.view() as data:
            return features(data, arrival.structure, arrival.header)

    def content(self, account: int, found: Sequence[str]) -> Content | None:
        """What the account makes of them, with the words that decided; None if it has not been taught enough.  TemporaryError."""
        named = keyed(found)
        known = self._learned.words(account, named)
        if not found or not known.enough:
            return None
        clues = junk.clues(named, known)
        probability = junk.together(clues, known)
        return Content(probability, tuple(clue.feature for clue in clues if (clue.weight > 0) == (probability > 0.5))[:TELLING])


@dataclass(frozen=True, slots=True)
class Taught:
    """How many lessons the filter has: the account's own, and all that count when its mail is judged; enough to say something."""

    own_good: int
    own_junk: int
    good: int
    junk: int
    enough: bool


def taught(learned: Learned, account: int) -> Taught:
    """What the filter has to go by when it judges mail of an account.  TemporaryError if it cannot be read."""
    own, known = learned.volume(account), learned.words(account, ())
    return Taught(own.good_lessons, own.junk_lessons, known.good_lessons, known.junk_lessons, known.enough)


def advance(world: World, learned: Learned) -> int:
    """Learn one slice; returns how many lessons were in it, 0 if all are learned.

    Blocks for some milliseconds to a second; call it in a thread.  TemporaryError if it
    cannot be written.
    """
    gone = _forget_accounts(world, learned)
    since = learned.position()
    if since > world.store.read(lessons.last):
        # pillarbox.db was restored from a backup that is older than what was learned.
        world.journal.note(Event.LEARNED_ANEW, reason="the log of lessons is older than what was learned from it")
        learned.mend(world.store.read(lessons.counting))
        since = 0
    found = world.store.read(lambda db: lessons.since(db, since, LIMITS.lessons_together))
    if found and learned.learn([_teaching(world, lesson) for lesson in found], since):
        world.journal.note(Event.LEARNED, lessons=len(found))
        return len(found) + gone
    return gone


def explain(world: World, learned: Learned, account: int, data: Octets, message: int | None = None) -> Explanation:
    """Why the filter says of a message what it says; message is its id, if it is a stored one.  TemporaryError."""
    named = keyed(features(data, structures.analyse(data)))
    known = learned.words(account, named)
    lesson = None if message is None else world.store.read(lambda db: lessons.newest(db, [message])).get(message)
    threshold = world.store.read(lambda db: preferences.of(db, account)).threshold
    return Explanation(junk.probability(known), threshold, len(named), known, tuple(junk.clues(named, known)),
                       lesson if lesson and lesson.verdict != "none" else None)


def explain_stored(world: World, learned: Learned, account: int, message: int) -> Explanation:
    """The same for a message of the account; NotFound."""
    row = world.store.read(lambda db: messages.get(db, account, message))
    if row is None:
        raise NotFound(f"the account has no message {message}")
    with world.store.bodies.view(row.body_name) as data:
        return explain(world, learned, account, data, message)


def _forget_accounts(world: World, learned: Learned) -> int:
    """Take back what accounts taught that are gone, a slice of it."""
    known = learned.accounts()
    here = {row.id for row in world.store.read(accounts.all)} if known else set()
    return sum(learned.forget(account, LIMITS.lessons_together) for account in known if account not in here)


def _teaching(world: World, lesson: Lesson) -> Teaching:
    """A lesson with what its message consists of; never fails."""
    if lesson.verdict == "none":
        return Teaching(lesson.id, lesson.account_id, lesson.message_id, None, lesson.at)
    words, standings = None, []
    row = world.store.read(lambda db: _row(db, lesson))
    if row is not None:
        try:
            words = _words(world, row)
        except OSError as problem:
            world.journal.note(Event.STORE_TROUBLE, row.trace, where=f"message {row.id}", problem=str(problem))
        except Exception as problem:    # a bug of ours must not end the learning here
            world.journal.note(Event.UNEXPECTED, row.trace, where=__name__, problem=f"message {row.id}: {problem!r}")
        known = facts.unpack(row.identity)
        standings = reputation.keys(known) if known else []
    return Teaching(lesson.id, lesson.account_id, lesson.message_id, lesson.verdict == "junk", lesson.at, words, standings)


def _row(db: Connection, lesson: Lesson) -> MessageRow | None:
    return messages.get(db, lesson.account_id, lesson.message_id)


def _words(world: World, row: MessageRow) -> list[int]:
    with world.store.bodies.view(row.body_name) as data:
        try:
            found = structures.unpack(row.structure)
        except ValueError:
            found = structures.analyse(data)
        return [key(feature) for feature in features(data, found)]
