"""Headers with fields taken out and put in."""
import pytest

from mta.message import header
from mta.message.rewrite import field, plain_field, rewritten


def rewrite(data: bytes, remove: set[str], *add: bytes) -> bytes:
    """The whole message after it."""
    head, body = rewritten(data, header.parse(data), remove=remove, add=add)
    return head + data[body:]


@pytest.mark.parametrize(("data", "result"), [
    (b"Bcc: x\r\nA: 1\r\n\r\nbody", b"A: 1\r\nD: 2\r\n\r\nbody"),
    (b"A: 1\r\nBCC: x,\r\n y\r\nC: 3\r\nbcc : z\r\n\r\nbody", b"A: 1\r\nC: 3\r\nD: 2\r\n\r\nbody"),
    (b"A: 1\r\n\r\nbody", b"A: 1\r\nD: 2\r\n\r\nbody"),
    (b"A: 1\r\n", b"A: 1\r\nD: 2\r\n\r\n"),
    (b"A: 1", b"A: 1\r\nD: 2\r\n\r\n"),
    (b"Bcc: x\r\n\r\n", b"D: 2\r\n\r\n"),
    (b"\r\nbody", b"D: 2\r\n\r\nbody"),
    (b"no header\r\n\r\nbody", b"D: 2\r\n\r\nno header\r\n\r\nbody"),
    (b"A: 1\r\ngarbage\r\nBcc: x\r\n\r\nbody", b"A: 1\r\ngarbage\r\nD: 2\r\n\r\nbody"),
    (b"Bcc: x\r\ngarbage\r\nA: 1\r\n\r\nbody", b"A: 1\r\nD: 2\r\n\r\nbody"),
    (b"From x\r\nA: 1\r\n\r\nbody", b"From x\r\nA: 1\r\nD: 2\r\n\r\nbody"),
    (b"From x\r\nBcc: y\r\ngarbage\r\nBcc: z\r\nA: 1\r\n\r\nbody", b"A: 1\r\nD: 2\r\n\r\nbody"),
    (b"A: 1\nBcc: x\n\nbody", b"A: 1\nD: 2\r\n\nbody"),
    (b"", b"D: 2\r\n\r\n"),
])
def test_rewritten(data: bytes, result: bytes) -> None:
    """Bcc goes wherever it is, the new field comes last, everything else stays octet for octet."""
    assert rewrite(data, {"bcc"}, b"D: 2\r\n") == result


def test_nothing_to_do() -> None:
    """A header that is right stays as it is."""
    data = b"A: 1\r\n folded\r\nB:2\r\n\r\nbody\r\n"

    assert rewrite(data, {"bcc"}) == data


def test_fields() -> None:
    """Text is encoded, plain values folded; neither can end the line."""
    assert field("Subject", "grün\r\nBcc: x") == b"Subject: =?utf-8?q?gr=C3=BCn?= Bcc: x\r\n"
    assert plain_field("References", "<a@b>\r\nBcc: x") == b"References: <a@b> Bcc: x\r\n"
    long = plain_field("References", " ".join(f"<{number}@example.org>" for number in range(50)))
    assert all(len(line) <= 76 for line in long.split(b"\r\n"))
    assert header.parse(long + b"\r\n").unfolded("references").count("<") == 50
