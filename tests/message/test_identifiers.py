"""Message identifiers."""
import dataclasses

import pytest

from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.message.identifiers import new_message_id, parse_id, parse_ids


@pytest.mark.parametrize(("text", "found"), [
    ("<a@b> <c@d>", ("<a@b>", "<c@d>")), ("<a@b><c@d>", ("<a@b>", "<c@d>")), ("<a@b> (was: c) <a@b>", ("<a@b>",)), ("<a\t@b>", ("<a@b>",)),
    ("a@b c@d", ("<a@b>", "<c@d>")), ("Your message of Monday", ()), ("", ()), ("<>", ()), ("<<a@b>>", ("<a@b>",)), ("<a@b", ("<a@b>",)),
    ('Message from ann@example.org of "Mon"', ("<ann@example.org>",)), ("<" * 1000, ())])
def test_parse_ids(text: str, found: tuple[str, ...]) -> None:
    """Every identifier once, in order, brackets kept."""
    assert parse_ids(text) == found


def test_long_threads_keep_root_and_nearest() -> None:
    """Of very many references the first and the last ones are kept."""
    found = parse_ids(" ".join(f"<{number}@x>" for number in range(100)), dataclasses.replace(LIMITS, references=5))

    assert found == ("<0@x>", "<96@x>", "<97@x>", "<98@x>", "<99@x>")


@pytest.mark.parametrize(("text", "found"), [
    ("<a@b>", "<a@b>"), (" a@b ", "<a@b>"), ("<a@b> junk", "<a@b>"), ("", ""), ("<>", ""), ("<a b@c>", "<ab@c>"), ("x" * 2000, "")])
def test_parse_id(text: str, found: str) -> None:
    """One identifier, with or without brackets."""
    assert parse_id(text) == found


def test_new_ones_differ() -> None:
    """A new identifier is one, and never the same."""
    one, other = (new_message_id(Domain.parse("example.org")) for _ in "ab")

    assert one != other
    assert parse_id(one) == one
    assert one.endswith("@example.org>")
