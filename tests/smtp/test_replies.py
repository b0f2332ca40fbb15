"""Replies of servers, read with bounds."""
import asyncio
import contextlib
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mta.base.limits import LIMITS
from mta.base.reply import Reply
from mta.smtp.peer import Offers
from mta.smtp.replies import KEPT_TEXT, Garbled, Replies, spoken
from mta.smtp.wire import Secured


class Script:
    """A wire that says what it was given, piece by piece; then it is silent, or closed."""

    def __init__(self, *pieces: bytes, closed: bool = True) -> None:
        self.pieces, self.closed, self.written = list(pieces), closed, b""

    @property
    def pending(self) -> int:
        return 0

    async def read(self) -> bytes:
        if self.pieces:
            return self.pieces.pop(0)
        if not self.closed:
            await asyncio.get_running_loop().create_future()
        return b""

    def write(self, data: bytes) -> None:
        self.written += data

    async def drain(self) -> None:
        pass

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> Secured:
        raise NotImplementedError

    def bindings(self) -> dict[str, bytes]:
        return {}

    def close(self) -> None:
        self.closed = True


REPLIES = b"220 one\r\n250-two\r\n250-2.1.0 more\r\n250 end\r\n550 5.1.1 three\n354\r\n"
WANTED = [Reply(220, "", "one"), Reply(250, "", "two\n2.1.0 more\nend"), Reply(550, "5.1.1", "three"), Reply(354, "", "")]


@pytest.mark.parametrize("cut", range(1, len(REPLIES)))
async def test_any_cut_gives_the_same_replies(cut: int) -> None:
    """Where the network splits the octets must not matter."""
    replies = Replies(Script(REPLIES[:cut], REPLIES[cut:]))

    assert [await replies.next(1) for _ in WANTED] == WANTED
    assert not replies.pending


async def test_single_octets() -> None:
    """A reply that trickles in is still one."""
    replies = Replies(Script(*(REPLIES[at:at + 1] for at in range(len(REPLIES)))))

    assert [await replies.next(1) for _ in WANTED] == WANTED


@pytest.mark.parametrize("said", [
    b"hello\r\n", b"\r\n", b"25 ok\r\n", b"250ok\r\n", b"\xb2\xb2\xb2 ok\r\n", b"199 no\r\n", b"600 no\r\n", b"-50 x\r\n",
    b"250-a\r\n550 b\r\n", b"250-a\r\nb\r\n", b"x" * (LIMITS.reply_line + 1), b"250 " + b"x" * LIMITS.reply_line + b"\r\n",
    b"250-x\r\n" * (LIMITS.reply_lines + 1),
])
async def test_what_is_no_reply(said: bytes) -> None:
    """Other protocols, broken codes and endless replies are told from SMTP."""
    with pytest.raises(Garbled):
        await Replies(Script(said)).next(1)


async def test_a_silent_and_a_closed_peer() -> None:
    """Running out of time and running out of peer are different things."""
    with pytest.raises(TimeoutError):
        await Replies(Script(b"250-begun\r\n", closed=False)).next(0.01)
    with pytest.raises(EOFError):
        await Replies(Script(b"250-begun\r\n")).next(1)


async def test_what_was_said_too_early_is_pending() -> None:
    """Replies behind the one that was asked for are noticed."""
    replies = Replies(Script(b"220 go\r\n250 injected\r\n"))
    await replies.next(1)

    assert replies.pending


def test_text_for_people() -> None:
    """Lines, controls and invisible characters become spaces, and the length is bounded."""
    assert spoken("a\nb\x1b[31m  c\u202e\t d") == "a b [31m c d"
    assert len(spoken("x" * 5_000)) == KEPT_TEXT
    assert spoken("Grüße") == "Grüße"


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=20))
async def test_any_octets(pieces: list[bytes]) -> None:
    """Invariant: whatever a server sends is a reply of 200 to 599, or Garbled, or the end; nothing else happens."""
    replies = Replies(Script(*pieces))
    with contextlib.suppress(Garbled, EOFError):
        while True:
            reply = await replies.next(1)
            assert 200 <= reply.code <= 599
            assert spoken(reply.text).isprintable()


@given(st.lists(st.text(max_size=100), max_size=50))
def test_any_offers(lines: list[str]) -> None:
    """Invariant: offers are read from any text, and no limit is below one."""
    offers = Offers.read(lines)
    assert min(offers.transactions, offers.recipients, offers.recipient_domains) >= 1
