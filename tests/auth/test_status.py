"""Tests of mta.auth.status."""
from mta.auth.status import Status


def test_the_words_are_those_of_the_standard() -> None:
    """Authentication-Results writes the values as they are (RFC 8601 §2.7)."""
    assert {str(status) for status in Status} == {
        "none", "pass", "fail", "softfail", "neutral", "policy", "temperror", "permerror"}


def test_only_one_is_temporary() -> None:
    """Nothing but temperror is worth another try."""
    assert [status for status in Status if status.temporary] == [Status.TEMPERROR]
