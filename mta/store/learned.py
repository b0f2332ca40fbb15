"""What lessons came to, learned.db: how often words were in good and junk mail, and how senders stand.

Made from the log (mta.store.lessons) by the reporter, read by whoever judges.  Each lesson
that counts is kept with just what it added (words, weights, names of standings), so taking
it back subtracts the same, though its message may be gone.  How far the log was followed
commits with what was learned, so after a crash it goes on where it was.

Words are kept for each account, and for everybody together under account 0.  While an
account has taught little, everybody's lessons count for it too, its own more than once.

A standing fades: a lesson of HALF_LIFE ago counts half.  Nothing is ever gone through for
that.  A lesson adds 2^(time/HALF_LIFE), and whoever reads divides by what a lesson of this
moment would add.
"""
import json
import struct
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import apsw
import cbor2

from mta.base.clock import Clock
from mta.judge import junk
from mta.judge.junk import Knowledge
from mta.store.connection import Connection, one, value
from mta.store.derived import Derived

Number = TypeVar("Number", int, float)

#: Everybody together.
EVERYBODY: Final = 0
#: An account that taught this many of each kind needs nobody else's lessons; until then its own count so often.
PLENTY: Final = 300
OWN: Final = 3
#: Seconds in which a lesson about a sender loses half of its meaning: people and networks change hands.
HALF_LIFE: Final = 180 * 86_400.0
#: The lesson of which moment counts 1; any will do (2026-01-01).
EPOCH: Final = 1_767_225_600.0
#: Octets of the file that readers see in the system's own pages: words lie all over it, and
#: copying a page for each would take longer than all else.
MAPPED: Final = 64 * 1024 * 1024

#: What a row of taught says that a lesson added.
ADDED: Final = "account_id, junk, at, weight, shared_weight, words, standings"
WORDS: Final = "SELECT key, good, junk FROM carray(?) CROSS JOIN word ON key = value"
ADD: Final = """
    INSERT INTO word (key, good, junk) VALUES (?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET good = good + excluded.good, junk = junk + excluded.junk"""
STANDINGS: Final = """
    SELECT wanted.key, good, junk FROM json_each(?2) AS wanted CROSS JOIN standing
        ON account_id = ?1 AND kind = wanted.value ->> 0 AND subject = wanted.value ->> 1"""

#: A prime for sums over words that do not grow beyond what SQLite adds up.
MARK: Final = 65_521
MARKS: Final = f"""
    SELECT key >> 32, sum((key & 0xffffffff) % {MARK} * good), sum((key & 0xffffffff) % {MARK} * junk) FROM word GROUP BY key >> 32"""


class Standing(NamedTuple):
    """How many good and junk messages came under a name, as much as they still count."""

    good: float
    junk: float


class Volume(NamedTuple):
    """All messages together: by weight, and how many lessons."""

    good: int = 0
    junk: int = 0
    good_lessons: int = 0
    junk_lessons: int = 0


@dataclass(frozen=True, slots=True)
class Teaching:
    """A lesson with what its message consists of: words are mta.judge.features.key; standings (kind, subject).

    junk None takes back what the message taught before.  words None: the message is gone or
    cannot be read; what an earlier lesson knew of it is used then, if there was one.
    """

    lesson: int
    account_id: int
    message_id: int
    junk: bool | None
    at: float
    words: Sequence[int] | None = None
    standings: Sequence[tuple[str, str]] = ()


class Learned:
    """learned.db of one process; safe to use from every thread.  Made after the fork."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        # Words lie all over the file: readers want it whole.
        self._file = Derived(path, "what the junk filter learned", _map, log_pages=1)

    # --- asking -----------------------------------------------------------------------------

    def words(self, account_id: int, words: Iterable[int]) -> Knowledge:
        """What is known about these words when mail of the account is judged.  TemporaryError if it cannot be read."""
        with self._file.reading() as db:
            return _known(db, account_id, words)

    def standings(self, account_id: int, keys: Sequence[tuple[str, str]]) -> list[Standing]:
        """How the account stands to each (kind, subject), faded to this moment; in one question.  TemporaryError."""
        now = _worth(self._clock.timestamp())
        found = [Standing(0.0, 0.0)] * len(keys)
        with self._file.reading() as db:
            for place, good, bad in db.execute(STANDINGS, (account_id, json.dumps(keys))):
                found[place] = Standing(good / now, bad / now)
        return found

    def volume(self, account_id: int) -> Volume:
        """How much the account (0: everybody) has taught."""
        with self._file.reading() as db:
            return _volume(db, account_id)

    def position(self) -> int:
        """The id of the last lesson that was learned."""
        with self._file.reading() as db:
            return position(db)

    def accounts(self) -> list[int]:
        """The accounts that something was learned from."""
        with self._file.reading() as db:
            return [ident for ident, in db.execute("SELECT account_id FROM volume WHERE account_id != 0")]

    # --- learning ---------------------------------------------------------------------------

    def learn(self, teachings: Iterable[Teaching], since: int) -> bool:
        """Follow the log from position since on, in one transaction.

        False, and nothing is done, if the position is another by now: somebody else learns
        too.  TemporaryError if it cannot be written.
        """
        with self._file.transaction() as db:
            if position(db) != since:
                return False
            for teaching in teachings:
                words, standings = _take_back(db, teaching.message_id)
                if teaching.words is not None:
                    words, standings = sorted(set(teaching.words)), sorted(set(teaching.standings))
                if teaching.junk is not None:
                    _teach(db, teaching, teaching.junk, words, standings)
                db.execute("INSERT OR REPLACE INTO position (name, value) VALUES ('lesson', ?)", (teaching.lesson,))
            return True

    def forget(self, account_id: int, limit: int = 50) -> int:
        """Take back lessons of an account that is gone, at most limit; gives how many.  Call again until that is 0."""
        with self._file.transaction() as db:
            ids = [ident for ident, in db.execute("SELECT message_id FROM taught WHERE account_id = ? LIMIT ?", (account_id, limit))]
            for ident in ids:
                _take_back(db, ident)
            if not ids:
                db.execute("DELETE FROM volume WHERE account_id = ?", (account_id,))
            return len(ids)

    def mend(self, messages: Collection[int]) -> None:
        """Count everything anew from the lessons about messages, the others are forgotten, and follow the whole log again.

        The log decides what counts, but of messages that are gone only what was learned is
        left.  TemporaryError if it cannot be written.
        """
        with self._file.transaction() as db:
            for table in ("word", "volume", "standing", "position"):
                db.execute(f"DELETE FROM {table}")
            for ident, in list(db.execute("SELECT message_id FROM taught")):
                if ident not in messages:
                    db.execute("DELETE FROM taught WHERE message_id = ?", (ident,))
                else:
                    row = one(db, f"SELECT {ADDED} FROM taught WHERE message_id = ?", (ident,))
                    assert row is not None
                    _add_up(db, row, 1)

    def close(self) -> None:
        """Close what is open."""
        self._file.close()


# --- checking --------------------------------------------------------------------------------------


def position(db: Connection) -> int:
    """The id of the last lesson that was learned."""
    return int(value(db, "SELECT value FROM position WHERE name = 'lesson'", default=0))


def verdicts(db: Connection) -> dict[int, tuple[int, str]]:
    """(account, verdict) by message of each lesson that counts."""
    return {message: (account, "junk" if bad else "good")
            for message, account, bad in db.execute("SELECT message_id, account_id, junk FROM taught")}


def disagreements(db: Connection) -> Iterator[str]:
    """Where the counts are not the sums of the lessons that count.

    Words are too many to be added up one by one; a sum over all of an account, each times
    a number of its own, shows that one is wrong, though not which.
    """
    words: dict[int, list[int]] = {}
    volumes: dict[int, list[int]] = {}
    standings: dict[tuple[int, str, str], list[float]] = {}
    for account, bad, at, *weights, packed, names in db.execute(f"SELECT {ADDED} FROM taught"):
        mark = sum(word % MARK for word in _unpack(packed))
        for owner, weight in zip((account, EVERYBODY), weights, strict=True):
            _add(words.setdefault(owner, [0, 0]), _pair(bad, weight * mark))
            _add(volumes.setdefault(owner, [0] * 4), [*_pair(bad, weight), *_pair(bad, int(bool(packed)))])
        for kind, subject in cbor2.loads(names):
            _add(standings.setdefault((account, kind, subject), [0] * 3), [*_pair(bad, _worth(at)), 1])
    for owner, *marks in db.execute(MARKS):
        if words.pop(owner, None) != marks:
            yield f"the words of account {owner} are counted wrongly"
    yield from (f"the words of account {owner} are not counted" for owner, marks in words.items() if any(marks))
    for owner, *counts in db.execute("SELECT account_id, good, junk, good_lessons, junk_lessons FROM volume"):
        if volumes.pop(owner, [0] * 4) != counts:
            yield f"the lessons of account {owner} are counted wrongly"
    yield from (f"the lessons of account {owner} are not counted" for owner in volumes)
    wrong = 0
    for account, kind, subject, *numbers in db.execute("SELECT account_id, kind, subject, good, junk, lessons FROM standing"):
        real = standings.pop((account, kind, subject), [0] * 3)
        # Sums of numbers of very different sizes are not exact.
        wrong += any(abs(number - wanted) > 1e-6 * max(1.0, wanted) for number, wanted in zip(numbers, real, strict=True))
    if wrong + len(standings):
        yield f"{wrong + len(standings)} standings of senders are reckoned wrongly"


# --- how ---------------------------------------------------------------------------------------------


def _map(db: Connection) -> None:
    """See the file in the system's own pages."""
    db.execute(f"PRAGMA mmap_size={MAPPED}", can_cache=False).fetchall()


def _known(db: Connection, account_id: int, words: Iterable[int]) -> Knowledge:
    """Counts of the account's own lessons, and while these are few, of everybody's too."""
    own = _volume(db, account_id)
    everybody = own if account_id == EVERYBODY else _volume(db, EVERYBODY)
    wanted = sorted(words)
    if min(own.good_lessons, own.junk_lessons) >= PLENTY or own[2:] == everybody[2:]:
        return Knowledge(_counts(db, account_id, wanted), *own)
    counts = _counts(db, EVERYBODY, wanted)
    for word, (good, bad) in _counts(db, account_id, wanted).items():
        shared_good, shared_bad = counts.get(word, (0, 0))
        counts[word] = shared_good + (OWN - 1) * good, shared_bad + (OWN - 1) * bad
    return Knowledge(counts, everybody.good + (OWN - 1) * own.good, everybody.junk + (OWN - 1) * own.junk, *everybody[2:])


def _counts(db: Connection, account_id: int, words: Sequence[int]) -> dict[int, tuple[int, int]]:
    if not words:
        return {}    # an empty array has no address
    above = account_id << 32
    keys = apsw.carray(array("q", [above | word for word in words]))
    return {found - above: (good, bad) for found, good, bad in db.execute(WORDS, (keys,))}


def _volume(db: Connection, account_id: int) -> Volume:
    row = one(db, "SELECT good, junk, good_lessons, junk_lessons FROM volume WHERE account_id = ?", (account_id,))
    return Volume(*row) if row else Volume()


def _teach(db: Connection, teaching: Teaching, bad: bool, words: Sequence[int], standings: Sequence[tuple[str, str]]) -> None:
    account = teaching.account_id
    # Weighed by what would have been said of the message before this lesson.
    weight = junk.weight(bad, _known(db, account, words)) if words else 0
    shared = junk.weight(bad, _known(db, EVERYBODY, words)) if words else 0
    row = account, int(bad), teaching.at, weight, shared, _pack(words), cbor2.dumps([list(name) for name in standings])
    db.execute(f"INSERT INTO taught (message_id, {ADDED}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (teaching.message_id, *row))
    _add_up(db, row, 1)


def _take_back(db: Connection, message_id: int) -> tuple[Sequence[int], list[tuple[str, str]]]:
    """Undo what a message taught; gives the words and standings it did that with, none if it had not."""
    row = one(db, f"DELETE FROM taught WHERE message_id = ? RETURNING {ADDED}", (message_id,))
    if row is None:
        return (), []
    _add_up(db, row, -1)
    return _unpack(row[-2]), [(kind, subject) for kind, subject in cbor2.loads(row[-1])]


def _add_up(db: Connection, row: Sequence[Any], sign: int) -> None:
    """Count all that a row of taught (ADDED) says; sign -1 takes it away."""
    account, bad, at, weight, shared, packed, standings = row
    words = _unpack(packed)
    _count(db, account, bad, words, weight, sign)
    _count(db, EVERYBODY, bad, words, shared, sign)
    _stand(db, account, bad, cbor2.loads(standings), at, sign)


def _count(db: Connection, account_id: int, bad: bool, words: Sequence[int], weight: int, sign: int) -> None:
    """Count words and volume of an account."""
    above, add = account_id << 32, _pair(bad, sign * weight)
    keys = [above | word for word in words]
    db.executemany(ADD, ((key, *add) for key in keys))
    if sign < 0 and keys:
        db.execute("DELETE FROM word WHERE key IN (SELECT value FROM carray(?)) AND good = 0 AND junk = 0",
                   (apsw.carray(array("q", keys)),))
    # A lesson whose message could not be read tells nothing, and does not count as one.
    db.execute("""
        INSERT INTO volume VALUES (?, ?, ?, ?, ?) ON CONFLICT (account_id) DO UPDATE SET
            good = good + excluded.good, junk = junk + excluded.junk,
            good_lessons = good_lessons + excluded.good_lessons, junk_lessons = junk_lessons + excluded.junk_lessons""",
        (account_id, *add, *_pair(bad, sign if words else 0)))


def _stand(db: Connection, account_id: int, bad: bool, standings: Iterable[Sequence[str]], at: float, sign: int) -> None:
    """Count a lesson for or against senders; one with no lesson left is forgotten, whatever rounding left of it."""
    good, against = _pair(bad, sign * _worth(at))
    for kind, subject in standings:
        db.execute("""
            INSERT INTO standing VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, kind, subject) DO UPDATE SET
                good = good + excluded.good, junk = junk + excluded.junk, lessons = lessons + excluded.lessons""",
            (account_id, kind, subject, good, against, sign))
        if sign < 0:
            db.execute("DELETE FROM standing WHERE account_id = ? AND kind = ? AND subject = ? AND lessons = 0",
                       (account_id, kind, subject))


def _pair(bad: bool, number: Number) -> tuple[Number, Number]:
    """(good, junk) of which one is number."""
    nothing = number - number
    return (nothing, number) if bad else (number, nothing)


def _add(sums: list[Number], numbers: Sequence[Number]) -> None:
    for place, number in enumerate(numbers):
        sums[place] += number


def _worth(at: float) -> float:
    """What a lesson of that time adds."""
    return float(2.0 ** ((at - EPOCH) / HALF_LIFE))


def _pack(words: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(words)}I", *words)


def _unpack(packed: bytes) -> Sequence[int]:
    return struct.unpack(f"<{len(packed) // 4}I", packed)
