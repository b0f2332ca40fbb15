"""mta.flow.profilelinks: a telephone fetches its profile."""
import plistlib
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from mta.base.clock import SetClock
from mta.base.errors import NotFound
from mta.base.limits import LIMITS
from mta.config.model import Clients
from mta.flow import people, profilelinks
from mta.flow.world import World

BY = "a test"


@pytest.fixture
def reading(served: World) -> World:
    """The server once it speaks IMAP."""
    served.config = replace(served.config, clients=Clients(imap=True))
    return served


def secret(world: World, name: str = "ann", address: str = "ann@example.org") -> str:
    """What is secret in a new link."""
    url = urlsplit(profilelinks.make(world, people.get_account(world, name).id, address))
    assert (url.scheme, url.netloc, url.path) == ("https", "mx.example.org", "/profile.mobileconfig")
    [found] = parse_qs(url.query)["link"]
    return found


def test_one_profile(reading: World) -> None:
    """For one's own address, once."""
    link = secret(reading)
    assert len(link) >= 32
    assert plistlib.loads(profilelinks.fetch(reading, link))["PayloadContent"][0]["EmailAddress"] == "ann@example.org"
    with pytest.raises(NotFound, match="used already"):
        profilelinks.fetch(reading, link)


@pytest.mark.parametrize("link", ["", "x", "x" * 33, "x" * 500, "\udcff"])
def test_no_link(reading: World, rung: list[str], link: str) -> None:
    """Who guesses gets nothing, and makes us write nothing."""
    rung.clear()
    with pytest.raises(NotFound):
        profilelinks.fetch(reading, link)
    assert rung == []


def test_what_ends_a_link(reading: World, clock: SetClock) -> None:
    """Ten minutes; the account switched off; the address given to somebody else."""
    late = secret(reading)
    clock.advance(LIMITS.profile_link_age)
    off = secret(reading)
    people.set_account(reading, "ann", enabled=False, by=BY)
    for link in (late, off):
        with pytest.raises(NotFound):
            profilelinks.fetch(reading, link)
    people.set_account(reading, "ann", enabled=True, by=BY)
    moved = secret(reading)
    people.remove_address(reading, "ann@example.org", by=BY)
    with pytest.raises(NotFound):
        profilelinks.fetch(reading, moved)


def test_only_for_oneself(reading: World) -> None:
    """Nobody gets a link for an address of somebody else, and nobody any without IMAP."""
    with pytest.raises(NotFound, match="no address of yours"):
        secret(reading, address="bob@example.org")
    reading.config = replace(reading.config, clients=Clients(imap=False))
    with pytest.raises(NotFound, match="IMAP"):
        secret(reading)
