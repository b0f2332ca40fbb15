"""mta.auth.iprev: names that lead back."""
import pytest

from mta.auth import iprev
from mta.auth.iprev import IprevResult
from mta.auth.status import Status
from mta.base.names import Domain, ip_address
from mta.dns.zone import Zone

IP = ip_address("192.0.2.1")
REVERSE = "1.2.0.192.in-addr.arpa"


async def check(zone: str, ip: str = "192.0.2.1") -> IprevResult:
    """The result in that world."""
    return await iprev.check(ip_address(ip), Zone(zone))


async def test_a_name_that_leads_back() -> None:
    """Both families; of several names those that lead back are told."""
    zone = (f"{REVERSE} PTR a.example\n{REVERSE} PTR b.example\n{REVERSE} PTR c.example\n"
            "a.example A 192.0.2.2\nb.example A 192.0.2.1\nc.example TROUBLE")

    assert await check(zone) == IprevResult(Status.PASS, IP, (Domain("b.example"),))
    zone = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR a.example\na.example AAAA 2001:db8::1"
    assert (await check(zone, "2001:db8::1")).names == (Domain("a.example"),)


@pytest.mark.parametrize(("zone", "status", "problem"), [
    (f"{REVERSE} TROUBLE", Status.TEMPERROR, "the reverse name of 192.0.2.1 could not be looked up: no usable answer"),
    (f"{REVERSE} BOGUS", Status.TEMPERROR, "the reverse name of 192.0.2.1 could not be looked up: DNSSEC says forged"),
    ("", Status.PERMERROR, "192.0.2.1 has no reverse name (PTR record)"),
    (f"{REVERSE} TXT x", Status.PERMERROR, "192.0.2.1 has no reverse name (PTR record)"),
    (f"{REVERSE} PTR a.example", Status.FAIL, "a.example, the reverse name of 192.0.2.1, does not lead back to it"),
    (f"{REVERSE} PTR a.example\na.example AAAA 2001:db8::1", Status.FAIL,
     "a.example, the reverse name of 192.0.2.1, does not lead back to it"),
    (f"{REVERSE} PTR a.example\n{REVERSE} PTR b.example\na.example A 192.0.2.9\nb.example TROUBLE", Status.TEMPERROR,
     "the reverse name of 192.0.2.1, b.example, could not be looked up: no usable answer"),
])
async def test_what_goes_wrong(zone: str, status: Status, problem: str) -> None:
    """RFC 8601 §3: no name is a permanent error, a name that leads elsewhere a fail."""
    result = await check(zone)

    assert (result.status, result.names, result.problem) == (status, (), problem)


@pytest.mark.parametrize(("secure", "authentic"), [
    ([REVERSE, "a.example"], True), ([REVERSE, "b.example"], True), ([REVERSE], False), (["a.example", "b.example"], False)])
async def test_authentic(secure: list[str], authentic: bool) -> None:
    """Both ways count; one of the names is enough."""
    zone = f"{REVERSE} PTR a.example\n{REVERSE} PTR b.example\na.example A 192.0.2.1\nb.example A 192.0.2.1\n"

    result = await check(zone + "\n".join(f"{name} SECURE" for name in secure))
    assert result.authentic is authentic
    assert not authentic or result.names[0].ascii == secure[1], "the name that is shown is the one it is true of"


async def test_a_crowd_of_names_is_not_looked_up() -> None:
    """Ten are enough for anybody."""
    zone = Zone("\n".join(f"{REVERSE} PTR n{number}.example" for number in range(50)))
    await iprev.check(IP, zone)

    assert len(zone.questions) == 11


async def test_small_networks() -> None:
    """Their reverse names pass through a name with a slash (RFC 2317 §4)."""
    zone = f"{REVERSE} CNAME 1.0/26.2.0.192.in-addr.arpa\n1.0/26.2.0.192.in-addr.arpa PTR a.example\na.example A 192.0.2.1"

    assert (await check(zone)).status is Status.PASS
