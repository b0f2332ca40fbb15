"""mta.base.reply: replies as they are said and heard."""
import pytest
from hypothesis import given
from hypothesis import strategies as some

from mta.base.reply import Reply


def test_one_and_several_lines() -> None:
    """Each line carries code and enhanced code; the last has a space (RFC 5321 §4.2.1)."""
    assert Reply(250, "2.1.0", "ok").wire() == b"250 2.1.0 ok\r\n"
    assert Reply(250, "", "a\nb").wire() == b"250-a\r\n250 b\r\n"
    assert Reply(550, "5.1.1", "gone").traced("k3").wire() == b"550 5.1.1 gone (k3)\r\n"
    assert Reply(250, "", "a\nb").traced("k3").wire() == b"250-a\r\n250 b (k3)\r\n"
    assert Reply(250, "", "a\nb").traced_first("k3").wire() == b"250-a (k3)\r\n250 b\r\n"


def test_what_was_granted() -> None:
    """Codes below 400 grant, 5xx is for good."""
    assert Reply(354, "", "go").positive
    assert not Reply(451, "4.3.0", "later").lasting
    assert Reply(550, "5.1.1", "never").lasting
    assert str(Reply(550, "5.1.1", "a\nb")) == "550 5.1.1 a / b"


@pytest.mark.parametrize("lines", [[b"hello"], [b"199 x"], [b""], [b"600 x"]])
def test_what_is_no_reply(lines: list[bytes]) -> None:
    """A peer that does not speak SMTP is noticed."""
    with pytest.raises(ValueError, match=r"."):
        Reply.parse(lines)


def test_the_enhanced_code_must_fit_the_code() -> None:
    """550 with 2.1.0 has none that means anything (RFC 2034 §4)."""
    assert Reply.parse([b"550-5.1.1 a", b"550 5.1.1 b"]) == Reply(550, "5.1.1", "a\nb")
    assert Reply.parse([b"550 2.1.0 a"]) == Reply(550, "", "2.1.0 a")


PRINTABLE = some.characters(exclude_categories=["C", "Z"]) | some.just(" ")


@given(some.sampled_from([250, 354, 451, 550]), some.text(alphabet=PRINTABLE, max_size=2_000))
def test_lines_are_never_too_long(code: int, text: str) -> None:
    """Whatever the text: lines of at most 512 octets that read back as the same words."""
    reply = Reply(code, f"{code // 100}.0.0" if code != 354 else "", text)
    wire = reply.wire()

    assert all(len(line) <= 510 for line in wire.split(b"\r\n"))
    read = Reply.parse(wire.split(b"\r\n")[:-1])
    assert read.code == code
    assert "".join(read.text.split()) == "".join(text.split())
