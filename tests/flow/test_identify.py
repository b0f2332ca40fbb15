"""Tests of mta.flow.identify."""
import asyncio
from dataclasses import replace

import pytest

from mta.auth.dmarcrecord import Policy
from mta.auth.identity import Identity
from mta.auth.status import Status
from mta.base.clock import SetClock
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain, ip_address
from mta.dns.answer import Answer, Outcome, RecordType
from mta.dns.resolver import Resolver
from mta.dns.zone import Zone
from mta.flow import identify
from mta.flow.identify import Envelope, Identifying, Inquiry, Writing
from mta.message import header
from tests.auth.signing import letter, record, signature

HERE = Domain("mx.example.org")
ZONE = f"""
mail.example.test A 192.0.2.1
1.2.0.192.in-addr.arpa PTR mail.example.test
example.test TXT "v=spf1 a:mail.example.test -all"
mail.example.test TXT "v=spf1 a -all"
s._domainkey.example.test TXT "{record('ed25519')}"
_dmarc.example.test TXT "v=DMARC1; p=reject"
"""
ENVELOPE = Envelope("session", "session.1", ip_address("192.0.2.1"), "mail.example.test", Address.parse("ann@example.test"))
SIGNED = letter(signature())


class Silent:
    """A DNS that never answers, and remembers what it was asked."""

    def __init__(self, *answering: str, zone: Zone | None = None) -> None:
        self.asked: list[tuple[str, RecordType]] = []
        self._answering, self._zone = answering, zone or Zone()

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        self.asked.append((name.ascii, kind))
        if name.ascii not in self._answering:
            await asyncio.Event().wait()
        return await self._zone.ask(name, kind)


def writing(message: bytes = SIGNED) -> Writing:
    """A message as it was read."""
    return identify.read(header.parse(message), message)


def identifying(resolver: Resolver, wait: float = 5.0) -> Identifying:
    """One that waits so long."""
    return Identifying(resolver, HERE, SetClock(), replace(LIMITS, identity_wait=wait))


async def found(zone: str, message: bytes = SIGNED, envelope: Envelope = ENVELOPE) -> Identity:
    """Who message is from."""
    return await identifying(Zone(zone)).identity(envelope, writing(message))


async def settled() -> None:
    """Until everything that can go on has gone on."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_every_check_of_one_message() -> None:
    """iprev, SPF of both names, DKIM, ARC and DMARC together say who it is from."""
    who = await found(ZONE)

    assert (who.iprev.status, who.spf.status, who.arc.status, who.dmarc.status) == (Status.PASS, Status.PASS, Status.NONE, Status.PASS)
    assert who.helo_spf is not None
    assert (who.helo_spf.identity, who.helo_spf.status) == ("helo", Status.PASS)
    assert [(one.status, one.domain) for one in who.dkim] == [(Status.PASS, Domain("example.test"))]
    assert who.dmarc.policy is Policy.REJECT
    assert who.author_address == Address.parse("ann@example.test")
    assert who.proven


async def test_the_null_sender_is_known_by_helo() -> None:
    """SPF of HELO stands for it, and is not told twice (RFC 7208 §2.4)."""
    who = await found(ZONE, envelope=replace(ENVELOPE, sender=None))

    assert (who.spf.identity, who.spf.status, who.helo_spf) == ("helo", Status.PASS, None)
    assert who.dmarc.aligned_spf == (Domain("mail.example.test"),)


async def test_what_is_independent_is_asked_side_by_side() -> None:
    """The envelope's questions before there is a message, the message's while those are open."""
    dns = Silent()
    checks = identifying(dns)
    checks.ahead(ENVELOPE)
    await settled()
    early = set(dns.asked)
    asking = asyncio.create_task(checks.identity(ENVELOPE, writing()))
    await settled()

    assert early == {("1.2.0.192.in-addr.arpa", RecordType.PTR), ("example.test", RecordType.TXT), ("mail.example.test", RecordType.TXT)}
    assert set(dns.asked) - early == {("s._domainkey.example.test", RecordType.TXT), ("_dmarc.example.test", RecordType.TXT)}
    checks.forget("session")
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


async def test_a_dns_that_never_answers() -> None:
    """After the time for all, each check says that it could not be made, and nothing is left behind."""
    before = asyncio.all_tasks()
    who = await identifying(Silent(), 0.02).identity(ENVELOPE, writing())
    await settled()

    assert {who.iprev.status, who.spf.status, who.dkim[0].status, who.dmarc.status} == {Status.TEMPERROR}
    assert who.dmarc.policy is Policy.NONE
    assert not who.proven
    assert asyncio.all_tasks() == before


async def test_what_did_answer_counts() -> None:
    """A key and a policy that are there in time prove the author although everything else hangs."""
    dns = Silent("s._domainkey.example.test", "_dmarc.example.test", zone=Zone(ZONE))
    who = await identifying(dns, 0.02).identity(ENVELOPE, writing())

    assert (who.spf.status, who.dkim[0].status, who.dmarc.status) == (Status.TEMPERROR, Status.PASS, Status.PASS)


async def test_one_dead_key_does_not_spoil_the_others() -> None:
    """Each signature has its own result, in time."""
    message = letter(signature({"d": "dead.example"}), signature())
    dns = Silent(*(line.split()[0] for line in ZONE.strip().splitlines()), zone=Zone(ZONE))
    who = await identifying(dns, 0.02).identity(ENVELOPE, writing(message))

    assert [one.status for one in who.dkim] == [Status.TEMPERROR, Status.PASS]


@pytest.mark.parametrize(("records", "spf", "dkim", "dmarc"), [
    ('example.test TXT "v=spf1 include:example.test -all"', "permerror", "permerror", "none"),
    ('example.test TXT "v=spf1 ip4:1.2.3.999 -all"\ns._domainkey.example.test TXT "v=DKIM1; p=*"', "permerror", "permerror", "none"),
    ("example.test TIMEOUT TXT\n_dmarc.example.test TIMEOUT\ns._domainkey.example.test SERVFAIL", "temperror", "temperror", "temperror"),
    ("example.test CNAME a.test\na.test CNAME example.test\ns._domainkey.example.test CNAME s._domainkey.example.test\n"
     "_dmarc.example.test CNAME _dmarc.example.test", "temperror", "temperror", "temperror"),
    ('example.test TXT "v=spf1 redirect=example.test"\n_dmarc.example.test TXT "v=DMARC1; p=nonsense"', "permerror", "permerror", "none"),
    ("test BOGUS TXT\nexample.test BOGUS TXT", "temperror", "permerror", "none"),
])
async def test_broken_records(records: str, spf: str, dkim: str, dmarc: str) -> None:
    """Malformed records, loops of all kinds and trouble are results; none of them is a fail."""
    who = await found(records)

    assert (str(who.spf.status), str(who.dkim[0].status), str(who.dmarc.status)) == (spf, dkim, dmarc)


@pytest.mark.parametrize(("facts", "key"), [({"l": "5"}, record("ed25519")), ({}, record("ed25519", t="y"))], ids=["a part", "a test"])
async def test_what_proves_nothing(facts: dict[str, str], key: str) -> None:
    """A key that is only tested, or a part of the body signed, is a pass that DMARC does not rely on."""
    zone = f's._domainkey.example.test TXT "{key}"\n_dmarc.example.test TXT "v=DMARC1; p=reject"'
    who = await found(zone, letter(signature(facts)))

    assert who.dkim[0].status is Status.PASS
    assert who.dmarc.status is Status.FAIL
    assert who.dkim_domains == ()
    assert not who.proven


async def test_a_session_is_asked_about_once() -> None:
    """The client's names once for all its messages, each sender anew; another HELO is another client."""
    zone = Zone(ZONE)
    checks = identifying(zone)
    for number in (1, 2, 3):
        checks.ahead(replace(ENVELOPE, trace=f"session.{number}"))
        await checks.identity(replace(ENVELOPE, trace=f"session.{number}"), writing())
    once = zone.questions.count(("1.2.0.192.in-addr.arpa", "PTR"))
    checks.ahead(replace(ENVELOPE, trace="session.4", hello="else.example"))
    await settled()

    assert once == 1
    assert zone.questions.count(("1.2.0.192.in-addr.arpa", "PTR")) == 2
    assert zone.questions.count(("example.test", "TXT")) == 4
    checks.forget("session")


async def test_trouble_is_not_kept() -> None:
    """What could not be looked up for one message is asked again for the next one."""
    zone = Zone(ZONE + "1.2.0.192.in-addr.arpa TIMEOUT")
    checks = identifying(zone)
    checks.ahead(ENVELOPE)
    first = await checks.identity(ENVELOPE, writing())
    checks.resolver = Zone(ZONE)
    second = await checks.identity(replace(ENVELOPE, trace="session.2"), writing())

    assert (first.iprev.status, second.iprev.status) == (Status.TEMPERROR, Status.PASS)


async def test_a_client_that_hangs_up_too_early() -> None:
    """The message whose end it sent is judged all the same, and nothing is kept of the session."""
    checks = identifying(Zone(ZONE))
    checks.ahead(ENVELOPE)
    asking = asyncio.create_task(checks.identity(ENVELOPE, writing()))
    await asyncio.sleep(0)
    checks.forget("session")

    assert (await asking).proven
    assert (await checks.identity(ENVELOPE, writing())).proven
    assert checks._clients == {}


async def test_a_server_that_stops_is_in_a_hurry() -> None:
    """What is being asked, and what is asked afterwards, is waited for no longer; what the DNS has said counts."""
    checks = identifying(Silent())
    asking = asyncio.create_task(checks.identity(ENVELOPE, writing()))
    await settled()
    checks.hurry(0.0)
    later = await checks.identity(replace(ENVELOPE, session="another"), writing())

    assert [who.dmarc.status for who in (await asking, later)] == [Status.TEMPERROR] * 2
    checks.resolver = Zone(ZONE)
    assert checks._inquiries == set()


async def test_abandoned_questions() -> None:
    """RSET and another MAIL, or hanging up, leave nobody waiting."""
    before = asyncio.all_tasks()
    checks = identifying(Silent())
    checks.ahead(ENVELOPE)
    checks.ahead(replace(ENVELOPE, trace="session.2"))
    await settled()
    checks.forget("session")
    checks.forget("unknown")
    await settled()

    assert asyncio.all_tasks() == before


async def test_an_inquiry_asks_nothing_twice() -> None:
    """However many want to know; and whoever stops waiting takes nothing from the others."""
    dns = Silent("example.test")
    inquiry = Inquiry(dns)
    hanging = [asyncio.create_task(inquiry.ask(Domain("hangs.test"), RecordType.A)) for _ in range(2)]
    answers = [await inquiry.ask(Domain("example.test"), RecordType.A) for _ in range(2)]
    hanging[0].cancel()
    await settled()
    inquiry.close()

    assert answers[0] is answers[1]
    assert sorted(name for name, _ in dns.asked) == ["example.test", "hangs.test"]
    assert (await hanging[1]).outcome is Outcome.TROUBLE
    assert hanging[0].cancelled()
    assert (await inquiry.ask(Domain("late.test"), RecordType.A)).outcome is Outcome.TROUBLE
