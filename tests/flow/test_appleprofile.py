"""mta.flow.appleprofile: what sets up an iPhone, without a password."""
import plistlib
import re
import uuid
from dataclasses import replace
from typing import Any

import pytest

from mta.base.clock import SetClock
from mta.base.errors import NotFound
from mta.base.names import Address, Domain
from mta.config.model import Acme, Clients, Config, Listener
from mta.flow import appleprofile
from mta.net import certificates
from tests.net.chain import chained

ANN = Address("ann", Domain("example.org"))


@pytest.fixture
def config(config: Config) -> Config:
    """The server once it speaks IMAP."""
    return replace(config, clients=Clients(imap=True))


def read(octets: bytes) -> dict[str, Any]:
    """A profile that is not signed."""
    found: dict[str, Any] = plistlib.loads(octets)
    return found


def test_the_profile(config: Config, clock: SetClock) -> None:
    """Servers, ports, name and address; the password is asked for."""
    profile = read(appleprofile.profile(config, clock, ANN, "Ann Ä."))
    [account] = profile["PayloadContent"]
    assert profile["PayloadType"] == "Configuration"
    assert account["PayloadType"] == "com.apple.mail.managed"
    assert account["EmailAccountName"] == "Ann Ä."
    told = ("Incoming", "Outgoing", "EmailAddress", "EmailAccountType")
    facts = {name: value for name, value in account.items() if name.startswith(told)}
    assert facts == {
        "EmailAccountType": "EmailTypeIMAP", "EmailAddress": "ann@example.org",
        "IncomingMailServerAuthentication": "EmailAuthPassword", "IncomingMailServerHostName": "mx.example.org",
        "IncomingMailServerPortNumber": 993, "IncomingMailServerUseSSL": True, "IncomingMailServerUsername": "ann@example.org",
        "OutgoingMailServerAuthentication": "EmailAuthPassword", "OutgoingMailServerHostName": "mx.example.org",
        "OutgoingMailServerPortNumber": 465, "OutgoingMailServerUseSSL": True, "OutgoingMailServerUsername": "ann@example.org",
        "OutgoingPasswordSameAsIncomingPassword": True}
    assert not any(re.search("Password$", name) for name in account if name != "OutgoingPasswordSameAsIncomingPassword")


def test_the_same_again_replaces(config: Config, clock: SetClock) -> None:
    """The identity is made of host and address: not of time, chance or the person's name."""
    one, again, other = (read(appleprofile.profile(config, clock, address, name)) for address, name in (
        (ANN, "Ann"), (ANN, "Anna"), (Address("bob", ANN.domain), "Bob")))
    for name in ("PayloadUUID", "PayloadIdentifier"):
        assert one[name] == again[name] != other[name]
    assert one["PayloadIdentifier"].startswith("org.example.mx.mail.")
    for text in (one["PayloadUUID"], one["PayloadContent"][0]["PayloadUUID"]):
        assert uuid.UUID(text).version == 8
        assert uuid.UUID(text).variant == uuid.RFC_4122
    assert one["PayloadUUID"] != one["PayloadContent"][0]["PayloadUUID"]


def test_signed(config: Config, clock: SetClock) -> None:
    """As the host, if somebody vouches for its certificate."""
    assert appleprofile.signer(config, clock) == ""
    config = replace(config, acme=Acme(directory="https://ca.example/directory"))
    domains, host = certificates.issued(config, "domain-example.org"), certificates.issued(config, "host-rsa")
    domains.parent.mkdir(parents=True, exist_ok=True)
    for file, name in ((domains, "mta-sts.example.org"), (host, "mx.example.org")):
        assert appleprofile.signer(config, clock) == ""
        made = chained(clock, name)
        file.write_bytes(made.chain + made.key)
    assert appleprofile.signer(config, clock) == "mx.example.org"
    octets = appleprofile.profile(config, clock, ANN, "Ann")
    assert octets[:1] == b"\x30"
    assert b"com.apple.mail.managed" in octets


@pytest.mark.parametrize(("change", "reason"), [
    ({"clients": Clients(imap=False)}, "IMAP"), ({"listeners": (Listener("public", smtp=25),)}, "No listener"),
], ids=["no imap", "no submission"])
def test_none(config: Config, clock: SetClock, change: dict[str, Any], reason: str) -> None:
    """Without either half there is nothing to set up."""
    lesser = replace(config, **change)
    assert reason in appleprofile.lacking(lesser)
    with pytest.raises(NotFound, match=reason):
        appleprofile.profile(lesser, clock, ANN, "Ann")
