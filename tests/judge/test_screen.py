"""Tests of mta.judge.screen."""
import cbor2

from mta.judge.screen import Reason, pack, unpack

REASONS = (Reason("You wrote to this sender.", 6.0, "known-sender"), Reason("Nothing else."))


def test_reasons_are_kept() -> None:
    """Key, text and weight come back; lists of texts, as they once were, are read too."""
    assert unpack(pack(REASONS)) == REASONS
    assert unpack(cbor2.dumps(["accepted: a test"])) == (Reason("accepted: a test"),)
    assert unpack(pack([])) == ()
