"""mta.flow.settling: from an empty server to a first letter out and in."""
from dataclasses import replace

import pytest

from mta.base.errors import NoRoom, UserError
from mta.base.names import ip_address
from mta.dns.zone import Zone
from mta.flow import people, settling
from mta.flow.receive import ReceiveDesk
from mta.flow.survey import Machine
from mta.flow.world import World
from mta.store import dnschecks, outgoing, queue
from mta.store import settling as rows
from mta.store.database import Store
from mta.store.domains import DomainRow
from tests.flow.conftest import BY
from tests.flow.post import bring


def domain(world: World, name: str = "example.org") -> DomainRow:
    """A domain's row."""
    return people.domain(world, name)


def states(world: World, name: str = "example.org") -> dict[str, str]:
    """Each stage in a word."""
    return {stage.key: stage.state for stage in settling.way(world, domain(world, name)).stages}


def sentence(world: World, key: str, name: str = "example.org") -> str:
    """What is said of one stage."""
    return next(" ".join(stage.sentences) for stage in settling.way(world, domain(world, name)).stages if stage.key == key)


def test_an_empty_domain(world: World) -> None:
    """Nothing is done but the domain; the account is next."""
    people.add_domain(world, "example.org", by=BY)
    assert states(world) == {
        "domain": "done", "account": "waiting", "dns": "waiting", "certificate": "wrong", "outgoing": "waiting", "incoming": "waiting"}
    way = settling.way(world, domain(world))
    assert way.next is not None
    assert way.next.key == "account"
    assert not way.done
    assert "no authority is asked" in sentence(world, "certificate")


def test_the_domain_and_its_account(served: World) -> None:
    """A domain that is off, that does not sign, and a postmaster who is nobody are said."""
    assert sentence(served, "account") == "ann@example.org, bob@example.org; mail to postmaster goes to ann."
    served.config = replace(served.config, postmaster="carl")
    assert "there is no account 'carl'" in sentence(served, "account")
    for key in domain(served).dkim:
        people.set_signing(served, "example.org", key.selector, False, by=BY)
    assert "not signed" in sentence(served, "domain")
    people.set_domain(served, "example.org", enabled=False, by=BY)
    assert "switched off" in sentence(served, "domain")


def test_what_the_dns_was_found_to_be(served: World) -> None:
    """Errors keep it from being done; warnings and what is unknown are told, no more."""
    def found(errors: list[str], warnings: list[str], unknown: list[str]) -> None:
        row = domain(served)
        part = {"name": "SPF", "verdict": "", "errors": errors, "warnings": warnings, "unknown": unknown, "records": [], "instructions": []}
        served.store.write_now(lambda db: dnschecks.add(db, served.clock, row.id, [part]))

    found(["none"], [], [])
    assert (states(served)["dns"], sentence(served, "dns")) == ("wrong", "Not yet as it should be: SPF.")
    found([], ["weak"], [])
    assert (states(served)["dns"], sentence(served, "dns")) == ("done", "Nothing is wrong. Could be better: SPF.")
    found([], [], ["silent"])
    assert sentence(served, "dns") == "Nothing is wrong. Not known: SPF."


async def test_a_letter_out(served: World) -> None:
    """It waits with the other server's words, and is done or wrong with them; what became of it stays."""
    row = domain(served)
    await settling.send(served, row, "ann", "me@else.example", "abcdefghij.1", by=BY)
    assert states(served)["outgoing"] == "waiting"
    [(message, recipient)] = served.store.read(lambda db: queue.by_trace(db, "abcdefghij", "1"))
    assert str(message.sender) == "ann@example.org"

    def finish(outcome: outgoing.Outcome) -> None:
        served.store.write_now(lambda db: outgoing.record(
            db, served.clock, message.id, recipient.recipient.ascii, 1, outcome, (550, "5.7.1", "not you", "mx.else.example", "RCPT")))

    finish("failed")
    assert sentence(served, "outgoing") == "The letter to me@else.example was not taken: mx.else.example: 550 5.7.1 not you"
    served.store.write_now(lambda db: outgoing.prune(db, served.clock, -1.0, 100))
    assert states(served)["outgoing"] == "wrong"
    await settling.send(served, row, settling.writer(served, row), "me@else.example", "bcdefghijk.1", by=BY)
    assert states(served)["outgoing"] == "waiting"


async def test_letters_that_cannot_be_sent(served: World) -> None:
    """Who has no address there, and what is no address."""
    people.add_domain(served, "other.example", by=BY)
    for account, to, said in (("ann", "nobody", "no address"), ("carl", "me@else.example", "carl")):
        with pytest.raises(UserError, match=said):
            await settling.send(served, domain(served), account, to, "abcdefghij.1", by=BY)
    with pytest.raises(UserError, match=r"no address at other\.example"):
        await settling.send(served, domain(served, "other.example"), "ann", "me@else.example", "abcdefghij.1", by=BY)
    with pytest.raises(UserError, match="nobody has an address"):
        settling.writer(served, domain(served, "other.example"))


async def test_a_letter_in(served: World) -> None:
    """What another server brought counts, and stays known; the domain takes it along when it goes."""
    assert states(served)["incoming"] == "waiting"
    await bring(ReceiveDesk(served), ["ann@example.org"])
    way = settling.way(served, domain(served))
    assert way.arrived is not None
    assert (way.arrived.subject, way.arrived.account, way.arrived.mailbox) == ("Hello", "ann", "Inbox")
    assert "Nothing proves" in way.arrived.verdict
    assert states(served)["incoming"] == "done"
    people.add_domain(served, "other.example", by=BY)
    assert states(served, "other.example")["incoming"] == "waiting"


class FullStore:
    """A store that can be read, and has no room for anything more."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def write_now(self, change: object) -> None:
        raise NoRoom("full")


async def test_a_full_disk(served: World) -> None:
    """Whoever looks is told how it stands, though nothing of it can be kept."""
    await bring(ReceiveDesk(served), ["ann@example.org"])
    served.store = FullStore(served.store)    # type: ignore[assignment]
    assert states(served)["incoming"] == "done"
    assert settling.unfinished(served, [domain(served)]) == ["example.org"]


def test_nothing_is_left_of_a_domain(world: World) -> None:
    """Its number may come again, what was remembered must not."""
    people.add_domain(world, "example.org", by=BY)
    ident = domain(world).id
    world.store.write_now(lambda db: rows.note(db, ident, {"sent": {"to": "x", "at": 0.0, "trace": "t", "state": "delivered", "said": ""}}))
    people.remove_domain(world, "example.org", by=BY)
    people.add_domain(world, "example.net", by=BY)
    assert domain(world, "example.net").id == ident
    assert states(world, "example.net")["outgoing"] == "waiting"


async def test_the_machine(served: World, zone: Zone) -> None:
    """Looked at as before the quickstart, but for its ports: those are ours."""
    zone.add("mx.example.org A 203.0.113.5\n5.113.0.203.in-addr.arpa PTR mx.example.org.\nexample.org NS ns.example.org.")
    looked = Machine("mx", (ip_address("203.0.113.5"),), {25: "pillarbox"}, free=2**40, memory=2**33, synchronized=True)
    lines = {line.about: line for line in await settling.machine(served, lambda: looked, domain(served))}
    assert lines["host name"].well
    assert lines["reverse DNS"].well
    assert "ports" not in lines
    assert not lines["port 25"].well
    served.config = replace(served.config, local=True)
    [line] = await settling.machine(served, lambda: looked, None)
    assert line.well


def test_what_is_unfinished(served: World) -> None:
    """Only a server for others has something to finish."""
    assert settling.unfinished(served, [domain(served)]) == ["example.org"]
    served.config = replace(served.config, local=True)
    assert settling.unfinished(served, [domain(served)]) == []
