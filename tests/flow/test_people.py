"""Tests of mta.flow.people."""
import stat
from dataclasses import replace

import pytest

from mta.auth import dkim
from mta.base.errors import Conflict, NotFound, UserError
from mta.base.events import Recorded
from mta.base.names import Address
from mta.flow import deposit, people, reportaddresses
from mta.flow.world import World
from mta.store import credentials

BY = "a test"


def whose(world: World, address: str) -> tuple[int, ...]:
    """The accounts that get the mail for address."""
    return world.store.read(lambda db: deposit.resolve(db, world, Address.parse(address))).accounts


def test_a_new_domain_has_keys(world: World) -> None:
    """Two kinds of keys are made for us alone; only the RSA one signs at first."""
    row = people.add_domain(world, "Bücher.Example", "books", by=BY)

    assert row.domain.ascii == "xn--bcher-kva.example"
    assert [(key.algorithm, key.signing) for key in row.dkim] == [("rsa", True), ("ed25519", False)]
    for key in row.dkim:
        path = world.store.directory / key.path
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert dkim.public_text(dkim.read_key(path.read_bytes())) == key.public
        name, text = people.dkim_record(row, key)
        assert name.ascii == f"{key.selector}._domainkey.xn--bcher-kva.example"
        assert text == f"v=DKIM1; h=sha256; k={key.algorithm}; p={key.public}"


def test_a_domain_is_served_once(served: World) -> None:
    """Adding it again changes nothing, its keys neither."""
    before = people.domain(served, "example.org")
    with pytest.raises(Conflict):
        people.add_domain(served, "EXAMPLE.org.", by=BY)

    assert people.domain(served, "example.org") == before
    assert people.all_domains(served) == [before]


def test_a_domain_goes_when_it_is_empty(served: World) -> None:
    """First its addresses have to go; its keys go with it."""
    row = people.domain(served, "example.org")
    with pytest.raises(Conflict):
        people.remove_domain(served, "example.org", by=BY)
    for name in ("ann", "bob"):
        people.remove_address(served, f"{name}@example.org", by=BY)
    people.remove_domain(served, "example.org", by=BY)

    assert people.all_domains(served) == []
    assert not any((served.store.directory / key.path).exists() for key in row.dkim)
    with pytest.raises(NotFound):
        people.domain(served, "example.org")


def test_settings_of_a_domain(served: World) -> None:
    """Separator, catch-all and the rest can be changed one by one."""
    bob = people.get_account(served, "bob").id
    assert whose(served, "bob+shop@example.org") == (bob,)

    people.set_domain(served, "example.org", separator="-", description=" two  words ", by=BY)
    row = people.set_catchall(served, "example.org", "bob", by=BY)

    assert (row.localpart_separator, row.description, row.catchall_account) == ("-", "two words", bob)
    assert whose(served, "whoever@example.org") == (bob,)
    assert people.set_catchall(served, "example.org", None, by=BY).catchall_account is None
    reports = reportaddresses.read(served, dmarc="bob@example.org", tls="")
    with pytest.raises(UserError):
        people.set_domain(served, "example.org", separator="xy", description="three", catchall="bob", reports=reports, by=BY)
    assert people.domain(served, "example.org") == replace(row, catchall_account=None)    # all of it or nothing
    assert str(reportaddresses.of_domain(served, "example.org").dmarc) == "dmarc-reports@example.org"
    assert people.set_domain(served, "example.org", catchall="bob", reports=reports, by=BY).catchall_account == bob
    assert str(reportaddresses.of_domain(served, "example.org").dmarc) == "bob@example.org"
    assert reportaddresses.of_domain(served, "example.org").tls is None


def test_keys_are_switched(served: World) -> None:
    """The second key waits until somebody switches it on."""
    selector = people.domain(served, "example.org").dkim[1].selector

    assert all(key.signing for key in people.set_signing(served, "example.org", selector, True, by=BY).dkim)
    with pytest.raises(NotFound, match="no DKIM key 'other'"):
        people.set_signing(served, "example.org", "other", True, by=BY)


def test_accounts(served: World, recorded: Recorded) -> None:
    """They have mailboxes, limits and addresses, and everything done is noted."""
    people.set_account(served, "bob", full_name="Bob  B.", quota=1_000_000, messages_per_day=5, by=BY)
    row = people.get_account(served, "bob@example.org")

    assert (row.name, row.full_name, row.quota, row.messages_per_day) == ("bob", "Bob B.", 1_000_000, 5)
    assert people.set_account(served, "bob", messages_per_day=0, by=BY).messages_per_day is None
    assert [account.name for account in people.all_accounts(served)] == ["ann", "bob"]
    assert [str(row.address) for row in people.addresses(served, "bob")] == ["bob@example.org"]
    assert set(recorded.keys()) == {"admin.changed"}


@pytest.mark.parametrize(("name", "password", "address"), [
    ("", "long enough", None), ("a b", "long enough", None), ("carol", "short", None), ("carol", "long\tenough", None),
    ("bob", "long enough", None), ("carol", "long enough", "carol"), ("carol", "long enough", "carol@elsewhere.example"),
    ("carol", "long enough", "bob@example.org"),
])
def test_what_no_account_can_be(served: World, name: str, password: str, address: str | None) -> None:
    """Nothing is left of an account that could not be made whole."""
    with pytest.raises(UserError):
        people.add_account(served, name, password, address=address, by=BY)
    assert len(people.all_accounts(served)) == 2


def test_an_account_goes_with_everything(served: World) -> None:
    """Its addresses are unknown afterwards; whoever gets the mail to postmaster stays."""
    people.remove_account(served, "bob", by=BY)

    assert whose(served, "bob@example.org") == ()
    with pytest.raises(Conflict, match="postmaster"):
        people.remove_account(served, "ann@example.org", by=BY)
    with pytest.raises(NotFound):
        people.remove_account(served, "bob", by=BY)


def test_a_new_password_signs_out(served: World) -> None:
    """Whoever is signed in with the old one has to come back with the new one."""
    bob = people.get_account(served, "bob").id
    served.store.write_now(lambda db: credentials.add_session(db, served.clock, bob, "secret", "csrf", "192.0.2.1", "browser", 60))
    people.set_password(served, "bob", "another password", by=BY)

    assert served.store.read(lambda db: credentials.session(db, served.clock, "secret")) is None
    assert served.store.read(lambda db: credentials.check_password(db, "bob", "another password"))


def test_aliases(served: World) -> None:
    """They stand for one or many, here and elsewhere."""
    people.add_alias(served, "team@example.org", ["ann@example.org", "bob@example.org", "carl@else.example"], by=BY)
    found = served.store.read(lambda db: deposit.resolve(db, served, Address.parse("team@example.org")))

    assert len(found.accounts) == 2
    assert [str(address) for address in found.forwards] == ["carl@else.example"]
    people.set_alias(served, "team@example.org", ["bob@example.org"], sendable=True, by=BY)
    assert [(len(alias.members), alias.sendable) for alias in people.aliases(served, "example.org")] == [(1, True)]
    people.set_alias(served, "team@example.org", ["ann@example.org", "bob@example.org"], by=BY)
    assert [(len(alias.members), alias.sendable) for alias in people.aliases(served, "example.org")] == [(2, True)]
    with pytest.raises(UserError, match="say what to change"):
        people.set_alias(served, "team@example.org", by=BY)
    assert people.aliases(served) == people.aliases(served, "example.org")
    people.remove_alias(served, "team@example.org", by=BY)
    assert people.aliases(served) == []
    for members in ([], ["nonsense"], ["team@example.org"]):
        with pytest.raises(UserError):
            people.add_alias(served, "team@example.org", members, by=BY)


def test_addresses_move(served: World) -> None:
    """An address belongs to one account at a time."""
    people.add_address(served, "ann", "info@example.org", by=BY)
    with pytest.raises(Conflict):
        people.add_address(served, "bob", "info@example.org", by=BY)
    people.remove_address(served, "info@example.org", by=BY)
    people.add_address(served, "bob", "info@example.org", by=BY)

    assert whose(served, "INFO@example.org") == (people.get_account(served, "bob").id,)


@pytest.mark.parametrize("text", ["", "-", "exa mple", "@"])
def test_what_is_no_domain(world: World, text: str) -> None:
    """The text says what to write instead."""
    with pytest.raises(UserError, match="write it like"):
        people.add_domain(world, text, by=BY)
