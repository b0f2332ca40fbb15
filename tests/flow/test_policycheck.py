"""mta.flow.policycheck: a domain's policy in plain words."""
import pytest

from mta.base.names import Domain
from mta.dns.zone import Zone
from mta.flow.policies import FETCH_ERROR, NoPolicy
from mta.flow.policycheck import Examined, examine
from mta.secure.mtasts import Mode, Policy

DOMAIN, MX = Domain("example.com"), Domain("mx.example.com")
SOUND = '_mta-sts.example.com TXT "v=STSv1; id=7"\nexample.com MX 10 mx.example.com\nexample.com SECURE'
POLICY = Policy(Mode.ENFORCE, 604_800, ("mx.example.com",))


async def examined(zone: str, policy: Policy | None = POLICY) -> Examined:
    """What is found of example.com."""
    async def fetch() -> Policy:
        if policy is None:
            raise NoPolicy(FETCH_ERROR, "the server is asleep")
        return policy
    return await examine(DOMAIN, Zone(zone), fetch)


def told(found: Examined) -> list[tuple[str, str]]:
    """What was looked at, and what came of it."""
    return [(one.method, str(one.status)) for one in found.findings]


async def test_all_in_order() -> None:
    """Record, policy and hosts, each in a sentence; DNSSEC is told."""
    found = await examined(SOUND)

    assert told(found) == [("record", "pass"), ("policy", "pass"), ("mx", "pass")]
    assert (found.sound, found.hosts, found.record and found.record.id) == (True, {MX: True}, "7")
    assert [one.authentic for one in found.findings] == [True, False, True]
    assert "version 7" in found.findings[0].what
    assert "mode: enforce; mx: mx.example.com; max_age: 604800" in found.findings[1].what
    assert not any(one.mend for one in found.findings)


@pytest.mark.parametrize(("zone", "status", "said"), [
    ("example.com MX 10 mx.example.com", "none", "nobody looks for a policy"),
    ('_mta-sts.example.com TXT "v=STSv1; id="', "permerror", "cannot be read"),
    ('_mta-sts.example.com TXT "v=STSv1; id=1"\n_mta-sts.example.com TXT "v=STSv1; id=2"', "permerror", "2 MTA-STS records"),
    ("_mta-sts.example.com SERVFAIL", "temperror", "SERVFAIL"),
])
async def test_records(zone: str, status: str, said: str) -> None:
    """What is wrong, and what to do; a policy is looked at all the same."""
    found = await examined(zone)

    assert told(found)[:2] == [("record", status), ("policy", "pass")]
    assert said in found.findings[0].what
    assert found.findings[0].mend
    assert not found.sound


async def test_no_policy() -> None:
    """Wrong if the record promises one; not worth a remedy if nobody does."""
    found = await examined(SOUND, None)
    assert told(found) == [("record", "pass"), ("policy", "permerror")]
    assert (found.problem, found.findings[1].what) == (FETCH_ERROR, "The server is asleep.")
    assert "https://mta-sts.example.com/.well-known/mta-sts.txt" in found.findings[1].mend
    found = await examined("", None)
    assert told(found) == [("record", "none"), ("policy", "none")]
    assert not found.findings[1].mend
    assert not found.sound


@pytest.mark.parametrize(("policy", "status", "said", "sound"), [
    (Policy(Mode.NONE, 604_800), "neutral", "ends an earlier policy", False),
    (Policy(Mode.TESTING, 604_800, ("mx.example.com",)), "pass", "deliver all the same", True),
    (Policy(Mode.ENFORCE, 86_399, ("mx.example.com",)), "neutral", "verified TLS", False),
])
async def test_policies(policy: Policy, status: str, said: str, sound: bool) -> None:
    """What others do because of it."""
    found = await examined(SOUND, policy)

    assert (str(found.findings[1].status), found.sound) == (status, sound)
    assert said in found.findings[1].what


@pytest.mark.parametrize(("mode", "said"), [(Mode.ENFORCE, "is not delivered there"), (Mode.TESTING, "is delivered, and reported")])
async def test_hosts(mode: Mode, said: str) -> None:
    """Each host of the domain, and what the policy names besides them."""
    policy = Policy(mode, 604_800, ("*.example.com.evil.example", "mx.example.com"))
    found = await examined(SOUND + "\nexample.com MX 20 mx2.example.com", policy)

    assert told(found)[2:] == [("mx", "pass"), ("mx", "fail"), ("mx", "neutral")]
    assert found.hosts == {MX: True, Domain("mx2.example.com"): False}
    assert said in found.findings[3].what
    assert "a line mx: mx2.example.com" in found.findings[3].mend
    assert "*.example.com.evil.example" in found.findings[4].what
    assert not found.sound


async def test_domains_without_hosts() -> None:
    """A domain is its own host; one that takes no mail needs no policy; one whose hosts are not known is not judged."""
    record = '_mta-sts.example.com TXT "v=STSv1; id=7"\n'
    assert (await examined(record + "example.com A 192.0.2.1")).hosts == {DOMAIN: False}
    found = await examined(record + "example.com MX 0 .")
    assert (told(found)[2:], found.hosts) == ([("mx", "neutral")], {})
    assert told(await examined(record + "example.com TIMEOUT MX"))[2:] == [("mx", "temperror")]
