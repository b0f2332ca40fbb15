"""Zones that somebody hands in to replay a case.

Invariant: whatever the text, it is read or refused with the number of one of its lines,
and any question to what was read gets an answer.
"""
import asyncio
import re

from hypothesis import given
from hypothesis import strategies as some

from mta.base.names import Domain
from mta.dns.answer import RecordType
from mta.dns.master import BadZone
from mta.dns.zone import Zone
from tests.fuzz.effort import tries

TIME = tries(300)
PIECES = some.sampled_from([
    "a.example", "*.example", "@", " ", "\t", "\n", "\n ", "A", "AAAA", "MX", "TXT", "CNAME", "TLSA", "SOA", "DS", "CAA", "NAPTR", "IN",
    "CH", "60", "1h", "192.0.2.1", "2001:db8::1", "10", ".", '"', "(", ")", ";", "\\", "\\065", "\\999", "$ORIGIN", "$TTL", "$INCLUDE",
    "TIMEOUT", "SERVFAIL", "BOGUS", "SECURE", "00ff", "é", "\0", "\r", "*", "_dmarc", "a.example CNAME a.example\n",
])
TEXT = some.lists(some.one_of(PIECES, PIECES.map(lambda piece: f" {piece} "), some.text(max_size=3)), max_size=40).map("".join)


@TIME
@given(TEXT)
def test_any_text_is_a_zone_or_has_a_mistake(text: str) -> None:
    """The invariant."""
    try:
        zone = Zone(text)
    except BadZone as problem:
        found = re.match(r"line (\d+): ", str(problem))
        assert found
        assert 1 <= int(found[1]) <= text.count("\n") + 1
        return
    for name in ("a.example", "x.example", "a.b.c.example"):
        for kind in RecordType:
            answer = asyncio.run(zone.ask(Domain(name), kind))
            assert answer.found == bool(answer.records)
