"""Tests of mta.flow.setup."""
from dataclasses import replace

import pytest

from mta.base.names import Domain, ip_address
from mta.config.model import Clients
from mta.flow import people, setup
from mta.flow.login import Client, Logins
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from tests.flow.post import bring, letters

BY = "a test"


@pytest.fixture
def local(world: World) -> World:
    """A world as localserve has it."""
    world.config = replace(world.config, hostname=Domain.parse("localhost"), postmaster="demo", local=True)
    return world


def test_the_demo_world(local: World) -> None:
    """Made once; asked again, nothing is done."""
    assert len(setup.demo(local)) == 3
    assert setup.demo(local) == []

    [letter] = letters(local, "demo")
    assert letter.summary.subject == "Welcome to Pillarbox"
    assert "comes back here." in letter.text
    client = Client(ip_address("127.0.0.1"), "web", "password", "trace")
    assert Logins(local).check_now(client, "demo@localhost", "pillarbox")
    Logins(local).check_admin(client, "pillarbox")
    assert setup.lacking(local) == []


def test_what_somebody_changed_stays(local: World) -> None:
    """Another password is not set back."""
    setup.demo(local)
    people.set_password(local, "demo", "another password", by=BY)
    setup.demo(local)

    assert Logins(local).check_now(Client(ip_address("127.0.0.1"), "web", "password", "trace"), "demo", "another password")


async def test_every_address_is_the_demo_account(local: World) -> None:
    """At localhost and anywhere else."""
    setup.demo(local)
    for address in ("whoever@localhost", "postmaster@localhost", "ann@elsewhere.example"):
        await bring(ReceiveDesk(local), [address])

    assert len(letters(local, "demo")) == 4


def test_what_a_new_server_lacks(world: World) -> None:
    """Everything, each with its remedy; less and less as it is done."""
    assert len(setup.lacking(world)) == 3
    people.add_domain(world, "example.org", by=BY)
    people.add_account(world, "ann", "long enough", by=BY)
    people.set_admin_password(world, "long enough", by=BY)
    [sentence] = setup.lacking(world)
    assert "the account ann has no address to send it from" in sentence
    people.add_address(world, "ann", "ann@example.org", by=BY)
    assert setup.lacking(world) == []
    people.set_signing(world, "example.org", people.domain(world, "example.org").dkim[0].selector, False, by=BY)

    assert setup.lacking(world) == ["Mail from example.org is not signed (DKIM): switch a key on."]


def test_nobody_is_sent_where_nothing_is(world: World) -> None:
    """Who lets mail programs be told of IMAP learns that there is none."""
    before = setup.lacking(world)
    world.config = replace(world.config, clients=Clients(imap=True))
    [sentence] = [one for one in setup.lacking(world) if one not in before]
    assert "IMAP" in sentence
