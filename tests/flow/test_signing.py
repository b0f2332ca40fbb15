"""Tests of mta.flow.signing."""
from dataclasses import replace

import pytest

from mta.auth import dkim
from mta.base.events import Recorded
from mta.base.names import Domain
from mta.config.model import Transport
from mta.flow import people, signing
from mta.flow.world import World

BY = "a test"
DOMAIN = Domain.parse("example.org")


def algorithms(world: World, author: str) -> list[str]:
    """What signs for author."""
    return [signer.algorithm for signer in signing.signers(world, Domain.parse(author), "trace")]


def test_what_is_switched_on_signs(served: World) -> None:
    """At first RSA alone, both once the second is switched on, RSA first."""
    assert algorithms(served, "example.org") == ["rsa-sha256"]
    people.set_signing(served, "example.org", people.domain(served, "example.org").dkim[1].selector, True, by=BY)

    assert algorithms(served, "example.org") == ["rsa-sha256", "ed25519-sha256"]


def test_hosts_are_signed_for_by_their_domain(served: World) -> None:
    """Our notices are from postmaster at the host."""
    [signer] = signing.signers(served, Domain.parse("mx.example.org"), "trace")

    assert signer.domain == DOMAIN


@pytest.mark.parametrize("author", ["else.example", "org"])
def test_without_a_key(served: World, recorded: Recorded, author: str) -> None:
    """The message goes unsigned, and that is noted."""
    assert algorithms(served, author) == []
    assert recorded.keys()[-1] == "submit.not_signed"


def test_a_broken_key(served: World, recorded: Recorded) -> None:
    """Mail goes on; the event says which key it was."""
    row = people.domain(served, "example.org").dkim[0]
    (served.store.directory / row.path).write_bytes(b"rubbish")

    assert algorithms(served, "example.org") == []
    assert row.selector in str(recorded.records[-1].facts["reason"])
    (served.store.directory / row.path).unlink()
    assert algorithms(served, "example.org") == []


def test_a_key_file_written_anew(served: World) -> None:
    """It is read anew; one that stays is read once."""
    path = served.store.directory / people.domain(served, "example.org").dkim[0].path
    first = signing.load(path)
    assert signing.load(path) is first
    path.write_bytes(dkim.key_text(dkim.make_key("ed25519")))

    assert signing.load(path) is not first


@pytest.mark.parametrize(("wanted", "left"), [("all", 2), ("rsa", 1), ("none", 0)])
def test_transports_have_a_say(served: World, wanted: str, left: int) -> None:
    """Some relays mishandle two signatures, some sign by themselves."""
    people.set_signing(served, "example.org", people.domain(served, "example.org").dkim[1].selector, True, by=BY)
    served.config = replace(served.config, transports=(Transport("relay", "relay.example", dkim=wanted),))    # type: ignore[arg-type]

    assert signing.policy(served, "transport:relay") == wanted
    assert signing.policy(served, "else.example") == "all"
    assert len(signing.fitting(signing.signers(served, DOMAIN, "trace"), wanted)) == left
