"""In whose name reports are sent."""
import pytest

from mta.base.names import Address, Domain
from mta.flow import people, reportsender
from mta.flow.world import World
from mta.message import header
from mta.store import accounts
from tests.flow.reporter import without_keys

BY = "a test"


def test_the_nearest_domain_with_a_key(world: World) -> None:
    """The host's own name first, then what is above it; never a domain that the host does not belong to."""
    assert reportsender.submitter(world) is None
    people.add_domain(world, "elsewhere.test", by=BY)
    assert reportsender.submitter(world) is None
    people.add_domain(world, "example.org", by=BY)
    assert reportsender.submitter(world) == Domain("example.org")
    people.add_domain(world, "mx.example.org", by=BY)
    assert reportsender.submitter(world) == Domain("mx.example.org")


def test_keys_that_cannot_sign(served: World) -> None:
    """Neither one that is switched off nor one whose file is gone."""
    for path in (served.store.directory / "keys").rglob("*"):
        if path.is_file():
            path.rename(path.with_suffix(".away"))
    assert reportsender.submitter(served) is None
    without_keys(served)
    assert reportsender.submitter(served) is None


def test_its_addresses(served: World) -> None:
    """People's answers go to postmaster, servers' to an address of its own, which the postmaster has unless somebody else does."""
    domain = Domain("example.org")
    assert str(reportsender.author(domain)) == "postmaster@example.org"
    assert {kind: str(reportsender.sender(kind, domain)) for kind in reportsender.SENDERS} == {
        "dmarc": "dmarc-report-sender@example.org", "tls": "tls-report-sender@example.org"}
    assert {*reportsender.SENDERS.values(), "postmaster"} == accounts.POSTMASTERS
    ann = people.get_account(served, "ann").id
    for kind, mailbox in reportsender.FOLDERS.items():
        address = reportsender.sender(kind, domain)
        assert reportsender.folder(address) == mailbox
        found = served.store.read(lambda db, address=address: accounts.resolve(    # type: ignore[misc]
            db, address, served.config.hostname, served.config.postmaster))
        assert found.accounts == (ann,)
    assert reportsender.folder(Address.parse("postmaster@example.org")) == ""


@pytest.mark.parametrize(("text", "report"), [
    ("Subject: Report Domain: b.test Submitter: c.test Report-ID: <1>", True), ("Subject: Report Domain: b.test", False),
    ("Subject: Report\r\n Domain: b.test\r\n\tSubmitter: c.test Report-ID: <1>", True),
    ("Subject: Re: Report Domain: b.test Submitter: c.test", False), ("TLS-Report-Submitter: c.test\r\nTLS-Report-Domain: b.test", True),
    ('Content-Type: multipart/report; report-type="TLSRPT"', True), ("Content-Type: Multipart/Report; report-type=feedback-report", True),
    ("Content-Type: multipart/report; report-type=delivery-status", False), ("Content-Type: multipart/report", False),
    ("Content-Type: text/plain; report-type=tlsrpt", False), ("X: y", False)])
def test_what_says_it_is_a_report(text: str, report: bool) -> None:
    """By its subject, its fields, or its type."""
    assert reportsender.is_report(header.parse(f"{text}\r\n\r\n".encode())) is report
