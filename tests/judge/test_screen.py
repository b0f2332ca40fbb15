"""Tests of mta.judge.screen."""
from mta.base.names import Address, Domain, ip_address
from mta.judge.screen import Arrival, open_screen
from mta.message import structure
from mta.smtp.desk import Peer, Session, Transaction


async def test_everything_is_let_through() -> None:
    """With a reason that says so."""
    peer = Peer(ip_address("192.0.2.1"), 1, ip_address("192.0.2.2"), 25, "smtp", "trace")
    arrival = Arrival(Transaction(Session(peer, 0.0), "trace.1", None), structure.analyse(b"A: b\r\n\r\n"), 8)
    verdict = await open_screen(arrival, Address("ann", Domain("example.org")), 1)

    assert (verdict.mailbox, verdict.refusal) == ("inbox", None)
    assert verdict.reasons == ("accepted: nothing speaks against it",)
