"""mta.flow.relaying: who takes the mail of a domain, and what its SPF record says of that."""
import pytest

from mta.base.names import Domain
from mta.config.model import Config, Route, Transport
from mta.dns.zone import Zone
from mta.flow import relaying

ROUTES = (Route(sender_domain=Domain("other.example"), transport="direct"), Route(recipient_domain=Domain("one.example"), transport="two"),
          Route(transport="one"))


@pytest.mark.parametrize(("domain", "host"), [("example.org", "one.relay.example"), ("other.example", "")])
def test_who_takes_it(domain: str, host: str) -> None:
    """The route of all mail, not one to a certain domain."""
    config = Config(Domain("mx.example.org"), transports=(Transport("one", "one.relay.example"), Transport("two", "two.relay.example")),
                    routes=ROUTES)
    found = relaying.relay(config, Domain(domain))
    assert (found.host if found else "") == host
    assert relaying.relay(Config(Domain("mx.example.org")), Domain(domain)) is None


@pytest.mark.parametrize(("spf", "host", "named"), [
    ("v=spf1 include:_spf.relay.example -all", "smtp.relay.example", True),
    ("v=spf1 +A:smtp.relay.example -all", "smtp.relay.example", True),
    ("v=spf1 include:notrelay.example -all", "smtp.relay.example", False), ("v=spf1 mx -all", "smtp.relay.example", False),
    ("v=spf1 ip4:203.0.113.9 -all", "203.0.113.9", True), ("v=spf1 ip4:203.0.113.90 -all", "203.0.113.9", False),
    ("v=spf1 -include:relay.example -all", "smtp.relay.example", False)])
def test_whether_a_record_names_it(spf: str, host: str, named: bool) -> None:
    """Or anything of whoever runs it, who alone knows from where it sends."""
    assert relaying.names([spf], host) is named


@pytest.mark.parametrize(("host", "zone", "term"), [
    ("smtp.relay.example", 'relay.example TXT "v=spf1 ip4:203.0.113.0/24 -all"', "include:relay.example"),
    ("smtp.relay.example", 'smtp.relay.example TXT "v=spf1 -all"\nrelay.example TXT "v=spf1 -all"', "include:smtp.relay.example"),
    ("smtp.relay.example", 'relay.example TXT "hello"', "a:smtp.relay.example"),
    ("smtp.relay.example", "relay.example TIMEOUT", "a:smtp.relay.example"),
    ("203.0.113.9", "", "ip4:203.0.113.9"), ("2001:db8::9", "", "ip6:2001:db8::9")])
async def test_spf_for_a_relay(host: str, zone: str, term: str) -> None:
    """Its own record if it has one, else its addresses; what is not sure is said."""
    found = await relaying.term(host, Zone(zone))

    assert found.text == term
    assert "ask whoever runs" in found.about
