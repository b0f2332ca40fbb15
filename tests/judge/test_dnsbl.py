"""Tests of mta.judge.dnsbl."""
import asyncio
from dataclasses import replace

import pytest

from mta.base.limits import LIMITS
from mta.base.names import Domain, ip_address
from mta.dns.answer import Answer, RecordType
from mta.dns.zone import Zone
from mta.judge.dnsbl import Look, examine, look, look_everywhere, query_name

BL = Domain("bl.example")
IP = ip_address("192.0.2.1")
HEALTHY = "2.0.0.127.bl.example A 127.0.0.2\nx.bl.example A 127.0.0.9\n"


@pytest.mark.parametrize(("ip", "want"), [
    ("192.0.2.1", "1.2.0.192.bl.example"),
    ("2001:db8:1:2:3:4:567:89ab", "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.bl.example"),    # RFC 5782 §2.4
    ("::ffff:192.0.2.1", "1.2.0.192.bl.example"),
])
def test_names(ip: str, want: str) -> None:
    """Octets or nibbles from the last to the first."""
    assert query_name(ip_address(ip), BL) == Domain(want)


@pytest.mark.parametrize(("records", "listed", "problem"), [
    ("1.2.0.192.bl.example A 127.0.0.2", True, ""), ("1.2.0.192.bl.example A 127.0.0.4\n1.2.0.192.bl.example A 127.0.1.255", True, ""),
    ("", False, ""), ("1.2.0.192.bl.example TXT \"only text\"", False, ""),
    ("1.2.0.192.bl.example A 127.255.255.254", False, "does not want our questions"),
    ("1.2.0.192.bl.example A 127.0.0.1", False, "does not want"),
    ("1.2.0.192.bl.example A 203.0.113.7", False, "203.0.113.7, which no block list does"),
    ("1.2.0.192.bl.example A 127.0.0.2\n1.2.0.192.bl.example A 127.255.255.252", False, "does not want"),
    ("1.2.0.192.bl.example A 127.0.0.2\n1.2.0.192.bl.example A 203.0.113.7", False, "no block list"),
    ("1.2.0.192.bl.example SERVFAIL", False, "SERVFAIL"), ("1.2.0.192.bl.example TIMEOUT", False, "no answer in time"),
    ("1.2.0.192.bl.example BOGUS", False, "DNSSEC"),
])
async def test_what_an_answer_means(records: str, listed: bool, problem: str) -> None:
    """Only addresses in 127.0.0.0/8 that stand for no error are listings."""
    found = await look(IP, BL, Zone(records))

    assert found.listed is listed
    assert problem in found.problem
    assert bool(problem) is bool(found.problem)


class Silent:
    """A DNS that never answers."""

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError


async def test_silence_ends() -> None:
    """A list that does not answer costs a bounded time, however many there are."""
    found = await look_everywhere(IP, [BL, Domain("other.example")], Silent(), replace(LIMITS, dnsbl_wait=0.01))

    assert found == [Look(BL, problem="it does not answer in time"), Look(Domain("other.example"), problem="it does not answer in time")]


@pytest.mark.parametrize(("records", "problem"), [
    (HEALTHY, ""), ("", "does not list 127.0.0.2"), ("*.bl.example A 127.0.0.2", "lists 127.0.0.1"),
    ("*.bl.example A 203.0.113.7", "no block list does"), ("*.bl.example A 127.255.255.254", "does not want our questions"),
    ("2.0.0.127.bl.example TIMEOUT", "does not answer"), (HEALTHY + "1.0.0.127.bl.example SERVFAIL", "does not answer"),
])
async def test_examination(records: str, problem: str) -> None:
    """It must have 127.0.0.2 and must not have 127.0.0.1 (RFC 5782 §5)."""
    found = await examine(BL, Zone(records))

    assert problem in found
    assert bool(problem) is bool(found)
