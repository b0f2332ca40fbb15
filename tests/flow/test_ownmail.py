"""mta.flow.ownmail: messages of our own, signed and queued within somebody's change."""
import pytest

from mta.base.names import Address
from mta.flow import ownmail
from mta.flow.completion import Unfit
from mta.flow.world import World
from mta.store.connection import Connection
from tests.flow.away import account_id
from tests.flow.post import queued, spooled, written

ANN, FAR = Address.parse("ann@example.org"), Address.parse("x@far.example")
TEXT = b"From: ann@example.org\r\nSubject: Hi\r\n\r\nText\r\n"


@pytest.mark.parametrize("large", [False, True])
async def test_complete_signed_and_queued(served: World, large: bool) -> None:
    """Date and Message-ID are there, Received and a signature in front; it goes with the change it was handed over with."""
    made = await ownmail.ready(served, [TEXT[:10], TEXT[10:]], ANN, None, FAR, "0123456789.1", large=large)

    def change(db: Connection) -> int:
        return ownmail.put(db, served, made, account_id(served, "ann"), "0123456789.1", "yes")
    id = await served.store.write(change, [made.whole.body])
    [(row, one)] = queued(served)
    assert (row.id, row.sender, row.tls_required, row.header_from, one.next_hop) == (id, None, "yes", "ann@example.org", "far.example")
    octets = written(served, row)
    assert octets.startswith(b"Received: ")
    assert b"\r\nDKIM-Signature: " in octets
    assert b"\r\nMessage-ID: <" in octets
    assert octets.endswith(b"\r\n\r\nText\r\n")


async def test_to_us(served: World) -> None:
    """A recipient of ours is queued under our domain."""
    made = await ownmail.ready(served, [TEXT], ANN, ANN, Address.parse("bob@example.org"), "0123456789.1")
    await served.store.write(lambda db: ownmail.put(db, served, made, account_id(served, "ann"), "0123456789.1"), [made.whole.body])
    assert queued(served)[0][1].next_hop == "example.org"


async def test_what_cannot_be_sent(served: World) -> None:
    """Nothing is left of it."""
    with pytest.raises(Unfit):
        await ownmail.ready(served, [b"\r\n" + b"x" * 100_000], ANN, None, FAR, "0123456789.1")
    assert spooled(served) == []
