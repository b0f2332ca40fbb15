"""How probably a message is junk, by the words of messages that people called junk or good before.

Each word (mta.judge.features) that was seen in clearly more junk than good mail, or the
other way round, is a clue.  The logarithms of their odds are added up and divided by the
square root of how many clues there are: words of one text come together, so ten of them
are not ten witnesses (Robinson's argument against plain Bayes, which is always certain).

A lesson counts once if the filter knew it already, more often if it would have erred or
was not sure: what is rare (a newsletter among letters) is heard that way.  The weight is
kept with the lesson, so it can be taken back as it was given.

Everything here is reckoning; mta.store.learned keeps the counts, mta.flow.learning teaches.
The constants were found on one half of a corpus of 6,000 messages; tests/bench/junk.py measures.
"""
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

#: From this probability on a message is junk.  In the measurements 0.4 % of good mail came
#: this far, and 96 % of junk (docs/benchmarks.md).
THRESHOLD: Final = 0.9
#: How fast probability follows the score: a score of 0.8 is the threshold.
SLOPE: Final = 2.75
#: A word is believed to be as often good as junk until it was seen; that belief counts this many sightings.
DOUBT: Final = 0.45
#: How far from 0.5 a word's probability is if the word is a clue, and how many clues are heard, strongest first.
CLEAR: Final = 0.3
CLUES: Final = 150
#: Words that are not so many times as frequent on one side as on the other cannot be clues.
COMMON: Final = (0.5 + CLEAR) / (0.5 - CLEAR)
#: The filter says nothing before it has seen this many lessons of each kind.
LEAST_GOOD: Final = 50
LEAST_JUNK: Final = 20
#: With fewer good messages than this the score counts in proportion: much that is good was not seen yet.
MANY_GOOD: Final = 300
#: The score at which it is sure.
SURE: Final = 10.0
#: How often a lesson counts that the filter would have got wrong, that it was not sure of, and
#: that it knew.  Good mail that it misjudges is worse than junk that it misses.
GOOD_WEIGHTS: Final = (20, 8, 1)
JUNK_WEIGHTS: Final = (9, 4, 1)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known about the words of one message.

    counts gives for each word that was seen before in how many good and junk messages (as
    often as their lessons count); good and junk are the same for all messages together, lessons
    how many there were of each.
    """

    counts: Mapping[int, tuple[int, int]]
    good: int = 0
    junk: int = 0
    good_lessons: int = 0
    junk_lessons: int = 0

    @property
    def enough(self) -> bool:
        """True if something can be said from it."""
        return self.good_lessons >= LEAST_GOOD and self.junk_lessons >= LEAST_JUNK

    @property
    def trust(self) -> float:
        """The part of a score that may be believed."""
        return min(1.0, self.good_lessons / MANY_GOOD)


class Clue(NamedTuple):
    """A word that counted: in how many good and junk messages it was seen, and what it adds to the score (more than 0 for junk)."""

    feature: str
    good: int
    junk: int
    weight: float


def probability(known: Knowledge) -> float | None:
    """How probably a message with these words is junk; None if the filter has not seen enough to say."""
    return _probability(_score(_clues(known)), known) if known.enough else None


def together(found: Iterable[Clue], known: Knowledge) -> float:
    """The probability that clues come to."""
    return _probability(sum(clue.weight for clue in found), known)


def clues(named: Mapping[int, str], known: Knowledge) -> list[Clue]:
    """The words that counted, strongest first; named gives the features by their keys."""
    found = _clues(known)
    root = math.sqrt(len(found)) if found else 1.0
    return [Clue(named[word], *known.counts[word], _odds(chance) / root) for _, chance, word in found if word in named]


def weight(junk: bool, known: Knowledge) -> int:
    """How often a lesson should count, with what is known before it."""
    score = _score(_clues(known))
    margin, weights = (score, JUNK_WEIGHTS) if junk else (-score, GOOD_WEIGHTS)
    return weights[0 if margin < 0 else 1 if margin < SURE else 2]


def _clues(known: Knowledge) -> list[tuple[float, float, int]]:
    """(clearness, chance of junk, word) of what counts, strongest first."""
    found: list[tuple[float, float, int]] = []
    all_good, all_junk = known.good or 1, known.junk or 1
    for word, (good, junk) in known.counts.items():
        bad, fine = junk * all_good, good * all_junk
        if COMMON * bad < fine or COMMON * fine < bad:
            chance = (DOUBT / 2 + (good + junk) * bad / (bad + fine)) / (DOUBT + good + junk)
            clearness = abs(chance - 0.5)
            if clearness >= CLEAR:
                found.append((clearness, chance, word))
    found.sort(reverse=True)
    return found[:CLUES]


def _score(found: Iterable[tuple[float, float, int]]) -> float:
    odds = [_odds(chance) for _, chance, _ in found]
    return sum(odds) / math.sqrt(len(odds)) if odds else 0.0


def _odds(chance: float) -> float:
    return math.log(chance / (1.0 - chance))


def _probability(score: float, known: Knowledge) -> float:
    return 1.0 / (1.0 + math.exp(-SLOPE * known.trust * max(-200.0, min(200.0, score))))
