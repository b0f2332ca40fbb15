"""SMTP sessions under strangers' octets.

Invariant: whatever comes and however it is cut, every reply is well-formed, the replies
are the same for every cut, nothing unexpected happens, no sink and no session stays
behind, and what is stored came between a 354 and a CRLF.CRLF.
"""
import ast
import asyncio
import itertools
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from mta.base.events import Event
from mta.smtp.inbox import BARE
from tests.fuzz.effort import tries
from tests.smtp.plaindesk import PlainDesk
from tests.smtp.talk import talking

CORPUS = sorted((Path(__file__).parent.parent / "vectors" / "smtp-fuzz-chasquid" / "smtpsrv").rglob("FuzzConnection/*"))
REPLY = re.compile(rb"[2345]\d\d(?:[- ][^\r\n]*)?")
TRACES = re.compile(rb"[0-9a-z]{10}(?:\.\d+)?\)")
PIECES = [
    b"EHLO a\r\n", b"HELO a\r\n", b"MAIL FROM:<a@b.example>\r\n", b"MAIL FROM:<> SIZE=9\r\n", b"RCPT TO:<ann@example.test>\r\n",
    b"RCPT TO:<x@y>\r\n", b"DATA\r\n", b".\r\n", b"\r\n.\r\n", b"Subject: x\r\n\r\n", b"..\r\n", b"QUIT\r\n", b"RSET\r\n", b"NOOP\r\n",
    b"STARTTLS\r\n", b"AUTH PLAIN\r\n", b"AUTH LOGIN\r\n", b"AUTH PLAIN AGFubkBleGFtcGxlLnRlc3QAY29ycmVjdCBob3JzZQ==\r\n",
    b"YW5uQGV4YW1wbGUudGVzdA==\r\n", b"*\r\n", b"AUTH SCRAM-SHA-256\r\n", b"biwsbj1hbm4scj14\r\n", b"\r", b"\n", b"\0", b"\xff", b"\x16",
    b"GET / HTTP/1.1\r\n", b"MAIL FROM:", b"<\"", b"x" * 70, b" ", b"\r\n",
]
SOME_PIECES = some.lists(some.one_of(some.sampled_from(PIECES), some.binary(max_size=12)), max_size=25)


async def converse(*pieces: bytes, submission: bool = False) -> tuple[bytes, PlainDesk]:
    """What the server says to these pieces, up to its end, with the trace ids made equal; and its desk."""
    desk = PlainDesk(submission=submission, auth="always" if submission else "never", max_size=2_000)
    async with talking(desk) as talk:
        for piece in pieces:
            await talk.send(piece)
            await asyncio.sleep(0)
        if not talk.transport.is_closing():
            talk.half_close()
        await asyncio.wait_for(talk.register.empty(), 10)
        said = b"".join(talk.transport.written)
    assert Event.UNEXPECTED not in [event for event, _, _ in desk.events], desk.events
    for line in said.split(b"\r\n")[:-1]:
        assert REPLY.fullmatch(line), line
        assert len(line) <= 510
    assert said.endswith(b"\r\n")
    assert len(desk.noted(Event.SESSION_CLOSED)) == 1
    for _, content in desk.messages:
        assert not BARE.search(content)
        assert b"\0" not in content
        assert not content or content.endswith(b"\r\n")
    # SCRAM's nonce is a new one each time.
    return re.sub(rb"334 [^\r]*", b"334", TRACES.sub(b")", said)), desk


@tries(250)
@given(SOME_PIECES, some.sets(some.integers(0, 600)), some.booleans())
@example([b"EHLO a\r\n", b"MAIL FROM:<>\r\n", b"RCPT TO:<ann@example.test>\r\n", b"DATA\r\n", b"\r\n.\r", b"\n.\r\n"], {60, 61}, False)
async def test_any_conversation(parts: list[bytes], cuts: set[int], submission: bool) -> None:
    """Pieces of commands in any order, and octets between them, cut anywhere."""
    octets = b"".join(parts)
    edges = [0, *sorted(cut for cut in cuts if cut < len(octets)), len(octets)]

    whole, desk = await converse(octets, submission=submission)
    cut, other = await converse(*(octets[start:end] for start, end in itertools.pairwise(edges)), submission=submission)

    assert cut == whole
    assert [content for _, content in desk.messages] == [content for _, content in other.messages]


def corpus(file: Path) -> bytes:
    """The octets of a Go corpus file, with the line ends that SMTP has."""
    literal = file.read_text().split("[]byte(", 1)[1].rstrip().removesuffix(")")
    octets: bytes = ast.literal_eval(literal).encode()
    return octets.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.name[:8])
async def test_chasquids_corpus(file: Path) -> None:
    """What once was interesting to chasquid's fuzzer: whole, with bare LF, cut at every octet, octet by octet, and with rubbish behind."""
    octets = corpus(file)
    whole, _ = await converse(octets)

    assert (await converse(*(octets[at:at + 1] for at in range(len(octets)))))[0] == whole
    for cut in range(1, len(octets)):
        assert (await converse(octets[:cut], octets[cut:]))[0] == whole
    for rubbish in (b"\0\xff\r", b"MAIL FROM:<x@y>\r\n", b"\r\n.\r\n" * 50, b"A" * 200_000):
        said, _ = await converse(octets + rubbish)
        assert said.startswith(whole)
    said, desk = await converse(octets.replace(b"\r\n", b"\n"))
    assert said.split(b"\r\n")[1:] == [b"500 5.5.2 Lines end with CR LF; a CR or LF alone does not count ()", b""]
    assert desk.messages == []
