"""Who may write to an alias, and what a domain that is switched off answers."""
import pytest

from mta.base.names import Address
from mta.dns.zone import Zone
from mta.flow import people
from mta.flow.receive import ReceiveDesk
from mta.flow.submit import SubmitDesk
from mta.flow.world import World
from mta.store import accounts
from mta.store.connection import Connection
from mta.store.verify import problems
from tests.flow.post import bring, letters, session

BY = "a test"
FROM_CARL = b"From: carl@else.example\r\nSubject: Hello\r\nMessage-ID: <a@else.example>\r\n\r\nText\r\n"


@pytest.fixture
def zone() -> Zone:
    """else.example proves its mail by SPF, alike.example does not."""
    return Zone("""
        else.example TXT "v=spf1 ip4:192.0.2.1 -all"
        else.example MX 10 mx.else.example
        _dmarc.else.example TXT "v=DMARC1; p=none"
    """)


async def test_members_only(served: World) -> None:
    """A member elsewhere may write if the message is proven to be his; nobody else may."""
    people.add_alias(served, "team@example.org", ["ann@example.org", "carl@else.example"], post="members", by=BY)
    found = await bring(ReceiveDesk(served), ["team@example.org"], FROM_CARL, "carl@else.example")
    assert found.reply is not None
    assert found.reply.positive
    assert len(letters(served, "ann")) == 1
    other = FROM_CARL.replace(b"carl@", b"dora@")
    found = await bring(ReceiveDesk(served), ["team@example.org"], other, "dora@else.example")
    assert found.reply is not None
    assert (found.reply.code, found.reply.enhanced) == (550, "5.7.2")
    forged = await bring(ReceiveDesk(served), ["team@example.org"], FROM_CARL, "carl@alike.example")
    assert forged.reply is not None
    assert forged.reply.code == 550
    assert "nothing proves" in forged.reply.text
    assert len(letters(served, "ann")) == 1
    assert problems(served.store) == []


async def test_our_own_people(served: World) -> None:
    """Members and people of the domain by their address, in submission."""
    people.add_account(served, "gil", address="gil@example.org", by=BY)
    people.add_alias(served, "team@example.org", ["ann@example.org"], post="members", by=BY)
    people.add_alias(served, "house@example.org", ["ann@example.org"], post="domain", by=BY)
    for name, alias, code in (("ann", "team", 250), ("gil", "team", 550), ("gil", "house", 250)):
        here = session("192.0.2.77", account=people.get_account(served, name).id, tls=True)
        message = FROM_CARL.replace(b"carl@else.example", f"{name}@example.org".encode())
        found = await bring(SubmitDesk(served), [f"{alias}@example.org"], message, f"{name}@example.org", here=here)
        assert found.reply is not None
        assert (name, alias, found.reply.code) == (name, alias, code)
    people.set_alias(served, "team@example.org", post="everybody", by=BY)
    assert [one.post for one in people.aliases(served)] == ["domain", "everybody"]


def test_who_counts_as_a_member(served: World) -> None:
    """With suffix or without, through another alias, but not by a name that only looks alike."""
    people.add_alias(served, "inner@example.org", ["ann@example.org"], by=BY)
    people.add_alias(served, "team@example.org", ["inner@example.org", "far@else.example"], post="members", by=BY)

    def may(author: str | None) -> bool:
        def question(db: Connection) -> bool:
            found = accounts.resolve(db, Address.parse("team@example.org"), served.config.hostname, served.config.postmaster)
            return accounts.may_post(db, found, accounts.posting(db, found), Address.parse(author) if author else None)
        return served.store.read(question)

    assert [may(author) for author in ("ann@example.org", "Ann+x@example.org", "far@else.example")] == [True] * 3
    assert [may(author) for author in ("bob@example.org", "far@else.example.evil.test", "ann@else.example", None)] == [False] * 4


async def test_a_domain_that_is_switched_off(served: World) -> None:
    """Strangers are to try again later, our own people are told; what was filed stays."""
    people.set_domain(served, "example.org", enabled=False, by=BY)
    desk = ReceiveDesk(served)
    found = await bring(desk, ["ann@example.org"], FROM_CARL, "carl@else.example")
    assert [reply.code for reply in found.refused.values()] == [450]
    people.set_domain(served, "example.org", enabled=True, by=BY)
    found = await bring(desk, ["ann@example.org"], FROM_CARL, "carl@else.example")
    assert found.reply is not None
    assert found.reply.positive
