"""Where mail goes, and what follows when it cannot."""
from collections.abc import MutableSequence
from typing import Any

import pytest

from mta.base.errors import Failure, Reach
from mta.base.names import Address, Domain, ip_address
from mta.config.model import Queue, Route
from mta.dns.zone import Zone
from mta.judge.route import MailHost, Step, addresses, conclusion, mail_hosts, next_hop, next_step, retry_at, transport_of

US = Domain.parse("mx.us.test")
HOUR = 3_600.0


class Fixed:
    """Chance that is always in the middle, and turns lists around."""

    def uniform(self, low: float, high: float) -> float:
        return (low + high) / 2

    def shuffle(self, things: MutableSequence[Any]) -> None:
        things.reverse()


def failure(reach: Reach, lasting: bool, text: str = "") -> Failure:
    """A failure that differs in what counts."""
    return Failure(reach, lasting, 0, "", text, "RCPT")


@pytest.mark.parametrize(("reach", "lasting", "hosts_left", "wanted"), [
    (Reach.HOST, False, 1, Step.NEXT_HOST), (Reach.HOST, True, 1, Step.NEXT_HOST), (Reach.HOST, False, 0, Step.RETRY_LATER),
    (Reach.HOST, True, 0, Step.GIVE_UP), (Reach.MESSAGE, False, 1, Step.RETRY_LATER), (Reach.MESSAGE, True, 1, Step.GIVE_UP),
    (Reach.RECIPIENT, False, 1, Step.RETRY_LATER), (Reach.RECIPIENT, True, 0, Step.GIVE_UP),
])
def test_what_follows(reach: Reach, lasting: bool, hosts_left: int, wanted: Step) -> None:
    """Only a sick host sends us to the next one."""
    assert next_step(failure(reach, lasting), hosts_left) is wanted


def test_the_conclusion_of_several_hosts() -> None:
    """One host that may recover keeps the mail alive, whatever the others said."""
    gone, busy, slow = (failure(Reach.HOST, lasting, text) for lasting, text in ((True, "gone"), (False, "busy"), (False, "slow")))

    assert conclusion([gone, busy, slow]) is busy
    assert conclusion([busy, gone]) is busy
    assert conclusion([gone]) is gone


def test_the_waits() -> None:
    """7.5, 15, 30 min, 1, 2, 4, 8, 16 h, then every 16 h, and a last time after five days."""
    now, waits = 0.0, []
    for attempts in range(1, 50):
        due = retry_at(0.0, attempts, now, Queue(), Fixed())
        if due is None:
            break
        waits.append(due - now)
        now = due

    assert waits[:12] == [450, 900, 1_800, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, *[16 * HOUR] * 5]
    assert now == 5 * 24 * HOUR
    assert retry_at(0.0, 3, now + 1, Queue(), Fixed()) is None


def test_waits_are_spread() -> None:
    """Jitter stays within a few percent, and huge counts do not overflow."""
    class Low(Fixed):
        def uniform(self, low: float, high: float) -> float:
            return low

    due = retry_at(0.0, 1, 0.0, Queue(), Low())
    assert due is not None
    assert 430 < due < 450
    assert retry_at(0.0, 10**6, 0.0, Queue(give_up_after=30 * 86_400), Fixed()) == 16 * HOUR


@pytest.mark.parametrize(("sender", "recipient", "chosen", "wanted"), [
    ("ann@us.test", "bob@b.test", None, "transport:special"), ("ann@us.test", "bob@c.test", None, "transport:ours"),
    ("ann@other.test", "bob@c.test", None, "c.test"), (None, "bob@c.test", None, "c.test"), (None, "bob@b.test", None, "transport:special"),
    ("ann@us.test", "bob@direct.test", None, "direct.test"), ("ann@us.test", "bob@b.test", "mine", "transport:mine"),
    ("ann@us.test", "bob@b.test", "direct", "b.test"), ("ann@us.test", "ü@bücher.example", "direct", "xn--bcher-kva.example"),
])
def test_next_hops(sender: str | None, recipient: str, chosen: str | None, wanted: str) -> None:
    """The first route that fits wins, and what somebody chose wins over routes."""
    routes = (
        Route(recipient_domain=Domain.parse("direct.test"), transport="direct"),
        Route(recipient_domain=Domain.parse("b.test"), transport="special"),
        Route(sender_domain=Domain.parse("us.test"), transport="ours"))

    hop = next_hop(routes, Address.parse(sender) if sender else None, Address.parse(recipient), chosen)

    assert hop == wanted
    assert transport_of(hop) == (wanted.removeprefix("transport:") if wanted.startswith("transport:") else None)


async def hosts(text: str, domain: str = "b.test") -> list[tuple[str, int]] | Failure:
    """The mail hosts that follow from a zone."""
    found = await mail_hosts(Domain.parse(domain), US, Zone(text), Fixed())
    return found if isinstance(found, Failure) else [(host.name.ascii, host.preference) for host in found]


async def test_preferences() -> None:
    """Lower first, equal ones shuffled, repeated ones once."""
    assert await hosts("b.test MX 20 c.test\nb.test MX 10 a.test\nb.test MX 10 d.test\nb.test MX 10 a.test") == [
        ("d.test", 10), ("a.test", 10), ("c.test", 20)]


async def test_a_domain_without_mx() -> None:
    """It is its own host, after its CNAME."""
    assert await hosts("b.test A 192.0.2.1") == [("b.test", 0)]
    assert await hosts("b.test CNAME real.test\nreal.test A 192.0.2.1") == [("real.test", 0)]
    assert await hosts("b.test CNAME real.test\nreal.test MX 5 mx.real.test") == [("mx.real.test", 5)]


@pytest.mark.parametrize(("zone", "signed", "domains"), [
    ("b.test MX 1 a.test", False, ["b.test"]), ("b.test SECURE\nb.test MX 1 a.test", True, ["b.test"]),
    ("b.test SECURE\nb.test A 192.0.2.1", True, ["b.test"]), ("b.test A 192.0.2.1", False, ["b.test"]),
    ("b.test SECURE\nb.test CNAME c.test\nc.test MX 1 a.test", False, ["b.test", "c.test"]),
    ("b.test SECURE\nc.test SECURE\nb.test CNAME c.test\nc.test MX 1 a.test", True, ["b.test", "c.test"]),
], ids=["unsigned", "signed", "no MX", "no MX, unsigned", "alias to unsigned", "signed alias"])
async def test_who_vouches_for_hosts(zone: str, signed: bool, domains: list[str]) -> None:
    """DNSSEC does if it does for all that named the host; the names passed on the way are kept."""
    found = await mail_hosts(Domain.parse("b.test"), US, Zone(zone), Fixed())
    assert isinstance(found, list)
    assert [(host.signed, [domain.ascii for domain in host.domains]) for host in found] == [(signed, domains)]


async def test_null_mx() -> None:
    """RFC 7505: the domain takes no mail; beside real hosts a null MX means nothing."""
    found = await hosts("b.test MX 0 .")
    assert isinstance(found, Failure)
    assert (found.lasting, found.code, found.enhanced, found.reach) == (True, 556, "5.1.10", Reach.RECIPIENT)
    assert await hosts("b.test MX 0 .\nb.test MX 10 a.test") == [("a.test", 10)]


@pytest.mark.parametrize(("zone", "lasting", "enhanced"), [
    ("other.test A 192.0.2.1", True, "5.1.2"), ("b.test TROUBLE", False, "4.4.3"), ("b.test BOGUS", False, "4.4.3"),
    ("b.test CNAME c.test\nc.test CNAME b.test", False, "4.4.3"),
])
async def test_dns_outcomes(zone: str, lasting: bool, enhanced: str) -> None:
    """Only a name that certainly does not exist is final."""
    found = await hosts(zone)

    assert isinstance(found, Failure)
    assert (found.lasting, found.enhanced, found.during) == (lasting, enhanced, "DNS")


async def test_mail_does_not_come_back_to_us() -> None:
    """RFC 5321 §5.1: hosts that are not preferred to us are cut; if we are the best, it is a loop."""
    assert await hosts("b.test MX 10 a.test\nb.test MX 20 mx.us.test\nb.test MX 20 c.test\nb.test MX 30 d.test") == [("a.test", 10)]
    found = await hosts("b.test MX 10 mx.us.test\nb.test MX 20 c.test")
    assert isinstance(found, Failure)
    assert (found.lasting, found.enhanced) == (True, "5.4.6")


async def test_hundreds_of_hosts() -> None:
    """No domain makes us try more hosts than the limit."""
    found = await hosts("\n".join(f"b.test MX {number} h{number}.test" for number in range(300)))

    assert isinstance(found, list)
    assert found == [(f"h{number}.test", number) for number in range(10)]


async def test_addresses() -> None:
    """Both families in turn, IPv6 first."""
    zone = Zone("a.test A 192.0.2.1\na.test A 192.0.2.2\na.test AAAA 2001:db8::1\nb.test CNAME a.test\nc.test TXT x\ne.test TROUBLE")
    both = [ip_address(text) for text in ("2001:db8::1", "192.0.2.1", "192.0.2.2")]

    assert await addresses(Domain.parse("a.test"), zone) == both
    assert await addresses(Domain.parse("b.test"), zone) == both
    for name, lasting in (("c.test", True), ("d.test", True), ("e.test", False)):
        found = await addresses(Domain.parse(name), zone)
        assert isinstance(found, Failure)
        assert (found.reach, found.lasting) == (Reach.HOST, lasting)


def test_hosts_are_values() -> None:
    """Two mentions of a host are the same host."""
    assert MailHost(US, 1) == MailHost(Domain.parse("MX.us.test."), 1)
