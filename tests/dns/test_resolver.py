"""mta.dns.resolver: names of the reverse tree."""
from mta.base.names import ip_address
from mta.dns.resolver import reverse_name


def test_reverse_names() -> None:
    """IPv4 by octets, IPv6 by nibbles (RFC 3596 §2.5)."""
    assert reverse_name(ip_address("192.0.2.25")).ascii == "25.2.0.192.in-addr.arpa"
    assert reverse_name(ip_address("2001:db8::1")).ascii == "1." + "0." * 23 + "8.b.d.0.1.0.0.2.ip6.arpa"
