"""Tests of mta.flow.labels."""
from dataclasses import replace

import pytest

from mta.auth import arc, results
from mta.auth.author import Author
from mta.auth.bodyhashes import hash_body
from mta.auth.dmarc import DmarcResult
from mta.auth.dmarcrecord import DmarcRecord, Policy
from mta.auth.identity import unchecked
from mta.auth.message import Message
from mta.auth.status import Status
from mta.base.names import Domain, ip_address
from mta.dns.zone import Zone
from mta.flow import labels, people
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.judge import screen
from mta.judge.screen import Reason, Verdict
from mta.message import header
from tests.flow.post import SIMPLE, bring, queued, written

BY = "a test"


@pytest.mark.parametrize(("status", "key", "want"), [
    (Status.FAIL, "disowned", "quarantine"), (Status.FAIL, "forged", "quarantine"), (Status.FAIL, "junk", "none"),
    (Status.FAIL, "accepted-by-rule", "none"), (Status.PASS, "junk", "none"), (Status.FAIL, "", "none"),
])
def test_what_became_of_it(status: Status, key: str, want: str) -> None:
    """Only what the table decides for a policy's sake is told as done for it."""
    who = unchecked(ip_address("192.0.2.1"), "x", None, Author(()))
    who = replace(who, dmarc=DmarcResult(status, Domain("a.example"), record=DmarcRecord("", Policy.REJECT), policy=Policy.REJECT))

    assert labels.disposition(who, Verdict("junk", (Reason("why", key=key),) if key else ())) == want
    assert {row.key for row in screen.TABLE} >= labels.FOR_POLICY


async def test_what_is_passed_on_is_sealed(served: World, zone: Zone) -> None:
    """The next server can check that we saw what we say we saw (RFC 8617), a chain of two servers too."""
    people.add_alias(served, "team@example.org", ["dora@far.example"], by=BY)
    domain = people.domain(served, "example.org")
    name, text = people.dkim_record(domain, domain.dkim[0])
    zone.add(f'{name.ascii} TXT "{text}"\nelse.example TXT "v=spf1 ip4:192.0.2.1 -all"')
    await bring(ReceiveDesk(served), ["team@example.org"])
    [(first, _)] = queued(served)
    once = written(served, first)
    await bring(ReceiveDesk(served), ["team@example.org"], once.replace(b"Delivered-To: team@example.org\r\n", b""))
    twice = written(served, max((message for message, _ in queued(served)), key=lambda message: message.id))

    for octets, instances in ((once, 1), (twice, 2)):
        message = Message.read(octets)
        found = await arc.verify(message, zone, served.clock.timestamp(), hashes=hash_body(message))
        assert (found.status, found.instances, found.whole, found.problem) == (Status.PASS, instances, True, "")
        assert found.sealers[-1] == Domain("example.org")
        read = results.read(found.results)
        assert (read.by, read.problem) == ("mx.example.org", "")
        assert {one.method: str(one.status) for one in read.methods} == {
            "iprev": "permerror", "spf": "pass", "dkim": "none", "dmarc": "none"} | ({"arc": "pass"} if instances == 2 else {})
    assert twice.endswith(SIMPLE)


async def test_without_a_key_nothing_is_sealed(served: World) -> None:
    """The copy goes on with what we found out, unsealed."""
    people.add_alias(served, "team@example.org", ["dora@far.example"], by=BY)
    for key in people.domain(served, "example.org").dkim:
        people.set_signing(served, "example.org", key.selector, False, by=BY)
    await bring(ReceiveDesk(served), ["team@example.org"])

    [(message, _)] = queued(served)
    assert [one.lower for one in header.parse(message.prefix + b"\r\n").fields] == [
        "delivered-to", "authentication-results", "received-spf", "received"]
