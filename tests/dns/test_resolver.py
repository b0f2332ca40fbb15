"""mta.dns.resolver: names of the reverse tree, and what is at hand."""
from mta.base.clock import SetClock
from mta.base.names import Domain, ip_address
from mta.dns.answer import RecordType
from mta.dns.cache import CachingResolver
from mta.dns.resolver import at_hand, reverse_name
from mta.dns.zone import Zone


def test_reverse_names() -> None:
    """IPv4 by octets, IPv6 by nibbles (RFC 3596 §2.5)."""
    assert reverse_name(ip_address("192.0.2.25")).ascii == "25.2.0.192.in-addr.arpa"
    assert reverse_name(ip_address("2001:db8::1")).ascii == "1." + "0." * 23 + "8.b.d.0.1.0.0.2.ip6.arpa"


async def test_what_is_at_hand() -> None:
    """What a cache remembers, once it was asked; nothing of a resolver that remembers nothing."""
    name, zone = Domain("a.example"), Zone("a.example A 192.0.2.1")
    cache = CachingResolver(zone, SetClock())
    assert at_hand(cache)(name, RecordType.A) is None
    await cache.ask(name, RecordType.A)

    found = at_hand(cache)(name, RecordType.A)
    assert found is not None
    assert found.found
    assert at_hand(zone)(name, RecordType.A) is None
