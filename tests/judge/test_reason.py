"""Tests of mta.judge.reason."""
import cbor2

from mta.judge.reason import Reason, in_words, pack_reasons, unpack_reasons

REASONS = (Reason("You wrote to this sender.", 6.0, "known-sender"), Reason("Nothing else."))


def test_reasons_are_kept() -> None:
    """Key, text and weight come back; lists of texts, as they once were, are read too."""
    assert unpack_reasons(pack_reasons(REASONS)) == REASONS
    assert unpack_reasons(cbor2.dumps(["accepted: a test"])) == (Reason("accepted: a test"),)
    assert unpack_reasons(pack_reasons([])) == ()


def test_in_words() -> None:
    """One line for the trace: what counted, and how much if it did."""
    assert in_words((*REASONS, Reason("Words.", -2.04))) == "You wrote to this sender. (+6.0) Nothing else. Words. (-2.0)"
