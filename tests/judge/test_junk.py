"""Tests of mta.judge.junk."""
import math
from pathlib import Path

import pytest

from mta.judge import junk
from mta.judge.features import key, keyed
from mta.judge.junk import Knowledge
from tests.judge import corpus


def known(counts: dict[str, tuple[int, int]], good: int = 100, bad: int = 100, lessons: tuple[int, int] = (300, 300)) -> Knowledge:
    """What is known of words, with 100 messages of each kind and enough lessons unless told otherwise."""
    return Knowledge({key(word): numbers for word, numbers in counts.items()}, good, bad, *lessons)


def test_junk_and_good() -> None:
    """Words of junk make junk, words of good mail good mail, and both together leave it open."""
    bad, fine = {f"pill{number}": (0, 20) for number in range(5)}, {f"tea{number}": (20, 0) for number in range(5)}

    assert junk.probability(known(bad)) == pytest.approx(1.0, abs=1e-6)
    assert junk.probability(known(fine)) == pytest.approx(0.0, abs=1e-6)
    assert junk.probability(known(bad | fine)) == pytest.approx(0.5)
    assert junk.probability(known({})) == 0.5


@pytest.mark.parametrize("lessons", [(junk.LEAST_GOOD - 1, 500), (500, junk.LEAST_JUNK - 1), (0, 0)])
def test_it_abstains(lessons: tuple[int, int]) -> None:
    """Before it has seen enough of both kinds it says nothing."""
    counts = {f"pill{number}": (0, 9) for number in range(50)}

    assert junk.probability(known(counts, lessons=lessons)) is None
    assert junk.probability(known(counts, lessons=(junk.LEAST_GOOD, junk.LEAST_JUNK))) is not None


def test_beginners_are_careful() -> None:
    """With few good messages the same words mean less, for good and for bad."""
    for counts in ({"pill": (0, 5)}, {"tea": (5, 0)}):
        few, many = (junk.probability(known(counts, lessons=(number, 300))) for number in (junk.LEAST_GOOD, junk.MANY_GOOD))
        assert few is not None
        assert many is not None
        assert abs(few - 0.5) < abs(many - 0.5)


def test_shares_count_and_not_numbers() -> None:
    """Who gets ten times as much good mail as junk finds a word of half of each as often as expected: it is no clue."""
    assert junk.probability(known({"hello": (500, 50)}, good=1_000, bad=100)) == 0.5


def test_one_clue_is_not_certainty() -> None:
    """A word seen once says little, one seen often more."""
    once, often = junk.probability(known({"pill": (0, 1)})), junk.probability(known({"pill": (0, 50)}))

    assert once is not None
    assert often is not None
    assert 0.5 < once < often


def test_clues_are_named() -> None:
    """The words that counted, strongest first, with their counts and what they added; what is common is not among them."""
    counts = {"pill": (0, 40), "tea": (30, 0), "the": (50, 50), "cheap": (1, 20)}
    found = junk.clues(keyed(["tea", "the", "unseen", "cheap", "pill"]), known(counts))

    assert [clue.feature for clue in found] == ["pill", "tea", "cheap"]
    assert [(clue.good, clue.junk) for clue in found] == [(0, 40), (30, 0), (1, 20)]
    assert [clue.weight > 0 for clue in found] == [True, False, True]


def test_clues_add_up() -> None:
    """The probability is what the weights of the clues come to."""
    counts = {"pill": (0, 2), "tea": (1, 0), "cheap": (1, 9)}
    found = junk.clues(keyed(counts), known(counts))

    assert junk.probability(known(counts)) == pytest.approx(junk.together(found, known(counts)))
    assert junk.together(found, known(counts)) == pytest.approx(1 / (1 + math.exp(-junk.SLOPE * sum(clue.weight for clue in found))))


def test_many_clues_are_bounded() -> None:
    """The strongest are heard, and the rest of a long message cannot shout them down."""
    counts = {f"weak{number}": (9, 1) for number in range(1_000)} | {f"strong{number}": (0, 90) for number in range(junk.CLUES)}

    assert len(junk.clues(keyed(counts), known(counts))) == junk.CLUES
    assert junk.probability(known(counts)) == pytest.approx(1.0)


def test_lessons_that_were_needed_count_more() -> None:
    """What it would have got wrong weighs most, then what it was not sure of, and good mail more than junk."""
    bad = known({f"pill{number}": (0, 50) for number in range(20)})

    assert (junk.weight(True, bad), junk.weight(False, bad)) == (junk.JUNK_WEIGHTS[2], junk.GOOD_WEIGHTS[0])
    assert (junk.weight(True, known({})), junk.weight(False, known({}))) == (junk.JUNK_WEIGHTS[1], junk.GOOD_WEIGHTS[1])
    assert junk.weight(True, Knowledge({}, 0, 0)) == junk.JUNK_WEIGHTS[1]


def test_one_kind_alone_is_no_division_by_zero() -> None:
    """A beginner who has only called junk junk can go on."""
    assert junk.weight(True, known({"pill": (0, 3)}, good=0, bad=3)) in junk.JUNK_WEIGHTS


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_corpus_of_real_mail(tmp_path: Path) -> None:
    """Taught with one half of a corpus and asked about the other: at least 95 % of junk found, at most 0.5 % of good mail misjudged."""
    questions, lessons = corpus.halves(corpus.samples(), "z")
    learned = corpus.teach(tmp_path / "taught", lessons)
    outcome = corpus.judge(learned, questions)
    learned.close()

    assert outcome.found >= 0.95
    assert outcome.misjudged <= 0.005
