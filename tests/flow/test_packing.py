"""From a queued message to what one server is sent."""
from mta.base.errors import Failure
from mta.flow.packing import AT_ONCE, packed
from mta.flow.world import World
from mta.smtp.letter import Letter
from mta.smtp.peer import Offers
from tests.flow.outbox import lone, put, waiting
from tests.flow.post import spooled

EIGHT = Offers(extended=True, eight_bit=True)
TEXT = ("Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n").encode()
SIGNED = (b"Content-Type: multipart/signed; boundary=b; protocol=x; micalg=y\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
          b"Content-Transfer-Encoding: 8bit\r\n\r\n\xc3\xbc\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n")


async def octets(world: World, offers: Offers) -> tuple[bytes, Letter] | Failure:
    """What the only queued message is as a letter."""
    message, one = lone(waiting(world))
    async with packed(world.store.bodies, message, [one.recipient], offers) as letter:
        if isinstance(letter, Failure):
            return letter
        whole = b"".join(letter.content())
        assert whole == b"".join(letter.content()), "each transaction gets the message from its start"
        assert letter.size == len(whole)
        return whole, letter


async def test_as_it_is(world: World) -> None:
    """Prefix and body, and what must be said of them."""
    await put(world, "bob@b.test", content=TEXT, prefix=b"Received: x\r\n", eight_bit=True, smtputf8=True, tls_required="yes")
    packet = await octets(world, EIGHT)

    assert not isinstance(packet, Failure)
    assert packet[0] == b"Received: x\r\n" + TEXT
    assert (packet[1].eight_bit, packet[1].smtputf8, packet[1].requiretls) == (True, True, True)


async def test_large_ones_come_in_pieces(world: World) -> None:
    """Memory does not grow with the message."""
    content = b"Subject: x\r\n\r\n" + b"y" * 998 * 1_000
    await put(world, "bob@b.test", content=content, prefix=b"Received: x\r\n")
    message, one = lone(waiting(world))
    async with packed(world.store.bodies, message, [one.recipient], EIGHT) as letter:
        assert isinstance(letter, Letter)
        pieces = list(letter.content())

    assert b"".join(pieces) == b"Received: x\r\n" + content
    assert max(map(len, pieces)) <= AT_ONCE


async def test_without_8bitmime(world: World) -> None:
    """Re-encoded, and the copy leaves nothing behind; ASCII needs nothing of the kind."""
    await put(world, "bob@b.test", content=TEXT * 1, prefix=b"Received: x\r\n", eight_bit=True)
    packet = await octets(world, Offers())

    assert not isinstance(packet, Failure)
    assert packet[0].isascii()
    assert packet[0].startswith(b"Received: x\r\n")
    assert b"\r\nSubject: x\r\n" in packet[0]
    assert b"Gr=C3=BC=C3=9Fe" in packet[0]
    assert not packet[1].eight_bit
    assert spooled(world) == []


async def test_a_large_one_without_8bitmime(world: World) -> None:
    """The copy lives on disk and goes."""
    await put(world, "bob@b.test", content=TEXT + "Grüße\r\n".encode() * 50_000, eight_bit=True)
    packet = await octets(world, Offers())

    assert not isinstance(packet, Failure)
    assert packet[0].isascii()
    assert spooled(world) == []


async def test_what_cannot_be_rewritten(world: World) -> None:
    """What somebody signed stays as it is, so it bounces with words that say why."""
    await put(world, "bob@b.test", content=SIGNED, eight_bit=True)
    failure = await octets(world, Offers())

    assert isinstance(failure, Failure)
    assert (failure.lasting, failure.enhanced) == (True, "5.6.3")


async def test_a_file_that_is_gone(world: World) -> None:
    """Our own trouble may pass."""
    await put(world, "bob@b.test", content=TEXT, eight_bit=True)
    path = world.store.bodies.path(lone(waiting(world))[0].body_name)
    kept = path.read_bytes()
    path.unlink()
    failure = await octets(world, Offers())
    path.write_bytes(kept)

    assert isinstance(failure, Failure)
    assert (failure.lasting, failure.enhanced) == (False, "4.3.0")
