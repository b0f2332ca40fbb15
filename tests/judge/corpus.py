"""How well the junk filter does on a corpus of real mail: taught with one half, asked about the other.

Through learned.db and one lesson at a time, in an order by chance, as in life; the
threshold is the product's.  Date and Received are cut out before anything is looked at,
since in this corpus good mail and junk come from other months and hosts.
"""
import hashlib
import random
import re
import tarfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mta.base.clock import SetClock
from mta.judge import junk
from mta.judge.features import features, key, keyed
from mta.message import header, structure
from mta.store.learned import Learned, Teaching
from mta.store.migrate import prepare
from tests.message.vectors import crlf, need

#: What would tell the halves apart for the wrong reason.
UNFAIR = re.compile(rb"^(?:Date|Received|Delivery-Date|X-Original-Date):[^\n]*\n(?:[ \t][^\n]*\n)*", re.MULTILINE | re.IGNORECASE)
ACCOUNT = 1


@dataclass(frozen=True, slots=True)
class Sample:
    """One message of the corpus; group says how it came into it."""

    name: str
    group: str
    junk: bool
    words: tuple[int, ...]
    size: int


@dataclass(slots=True)
class Outcome:
    """What came of judging: probabilities by kind, None where the filter did not say."""

    good: list[float | None] = field(default_factory=list)
    junk: list[float | None] = field(default_factory=list)

    @property
    def misjudged(self) -> float:
        """The part of good mail that counts as junk."""
        return _share(self.good)

    @property
    def found(self) -> float:
        """The part of junk that counts as such."""
        return _share(self.junk)


def samples() -> list[Sample]:
    """The whole corpus in the order of its names; skips if it is not there."""
    found = []
    with tarfile.open(need("spam-corpus") / "corpus.tar.gz") as archive:
        for entry in sorted((entry for entry in archive if entry.isfile()), key=lambda entry: entry.name):
            group, _, name = entry.name.rpartition("/")
            file = archive.extractfile(entry)
            assert file is not None
            octets = prepared(file.read())
            words = features(octets, structure.analyse(octets))
            kind = group.rpartition("/")[2]
            found.append(Sample(name, kind, kind.startswith("spam"), tuple(key(word) for word in words), len(octets)))
    return found


def prepared(octets: bytes) -> bytes:
    """A message of the corpus as it came over SMTP, without the fields that would be unfair."""
    if octets.startswith(b"From "):
        octets = octets.partition(b"\n")[2]
    head, blank, body = octets.replace(b"\r\n", b"\n").partition(b"\n\n")
    return crlf(UNFAIR.sub(b"", head + b"\n").rstrip(b"\n") + blank + body)


def halves(corpus: Sequence[Sample], salt: str) -> tuple[list[Sample], list[Sample]]:
    """The corpus in two halves, by a hash of salt and name."""
    first: list[Sample] = []
    second: list[Sample] = []
    for sample in corpus:
        (first if hashlib.sha1((salt + sample.name).encode()).digest()[0] & 1 else second).append(sample)
    return first, second


def teach(folder: Path, lessons: Sequence[Sample], seed: int = 7) -> Learned:
    """A new learned.db in folder that was taught with lessons, in an order by chance."""
    prepare(folder, SetClock())
    learned = Learned(folder / "learned.db", SetClock())
    order = list(lessons)
    random.Random(seed).shuffle(order)
    teachings = [Teaching(number, ACCOUNT, number, sample.junk, 0.0, sample.words) for number, sample in enumerate(order, 1)]
    for at in range(0, len(teachings), 500):
        assert learned.learn(teachings[at:at + 500], at)
    return learned


def judge(learned: Learned, questions: Sequence[Sample]) -> Outcome:
    """What the filter says of questions."""
    outcome = Outcome()
    for sample in questions:
        said = junk.probability(learned.words(ACCOUNT, sample.words))
        (outcome.junk if sample.junk else outcome.good).append(said)
    return outcome


def cost(learned: Learned, octets: bytes, rounds: int = 10) -> tuple[float, float, int]:
    """Seconds of processor time for one message: features alone, and all with judging; how many features it has.

    The best of some rounds: what else the processor does makes it slower, never faster.
    """
    found = structure.analyse(octets)
    top = header.parse(octets)
    words = features(octets, found, top)
    learned.words(ACCOUNT, keyed(words))
    times = []
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(5):
            named = keyed(features(octets, found, top))
        middle = time.process_time()
        for _ in range(5):
            known = learned.words(ACCOUNT, named)
            junk.together(junk.clues(named, known), known)
        times.append((middle - start, time.process_time() - middle))
    alone, asked = min(first for first, _ in times) / 5, min(second for _, second in times) / 5
    return alone, alone + asked, len(words)


def _share(said: Sequence[float | None]) -> float:
    return sum(each is not None and each >= junk.THRESHOLD for each in said) / max(1, len(said))
