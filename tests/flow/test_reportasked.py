"""mta.flow.reportasked: whether the DNS asks for reports as was chosen here."""
import pytest

from mta.base.errors import NotFound
from mta.dns.zone import Zone
from mta.flow import people, reportaddresses, reportasked
from mta.flow.reportasked import Asked
from mta.flow.world import World

DMARC, TLS = "dmarc-reports@example.org", "tls-reports@example.org"


async def both(world: World, zone: Zone, text: str) -> tuple[Asked, Asked]:
    """What is said with these records."""
    zone.add(text)
    dmarc, tls = await reportasked.asked(world, "example.org")
    return dmarc, tls


async def test_as_it_should_be(served: World, zone: Zone) -> None:
    """Both records name the chosen addresses, however they write them."""
    dmarc, tls = await both(served, zone, f"""
        _dmarc.example.org TXT "v=DMARC1; p=none; rua=mailto:x@example.org,mailto:DMARC%2Dreports@Example.org"
        _smtp._tls.example.org TXT "v=TLSRPTv1; rua=mailto:{TLS}" """)
    assert (dmarc.problems, tls.problems) == ((), ())
    assert dmarc.named == ("mailto:x@example.org", "mailto:DMARC%2Dreports@Example.org")
    assert tls.record == f"v=TLSRPTv1; rua=mailto:{TLS}"


@pytest.mark.parametrize(("text", "dmarc_said", "tls_said"), [
    ("", "No DMARC record", "asks for no reports about TLS"),
    ('_dmarc.example.org TXT "v=DMARC1; p=none"\n_smtp._tls.example.org TXT "v=TLSRPTv1; rua=https://x.example/"',
     f"does not name {DMARC}", f"does not name {TLS}"),
    (f'_dmarc.example.org TXT "v=DMARC1; p=none; rua=mailto:other@example.org"\n'
     f'_smtp._tls.example.org TXT "v=TLSRPTv1; rua=mailto:{TLS}"\n_smtp._tls.example.org TXT "v=TLSRPTv1; rua=mailto:a@b.example"',
     f"does not name {DMARC}", "2 TLSRPT records"),
    ("_dmarc.example.org TIMEOUT\n_smtp._tls.example.org SERVFAIL", "no answer in time", "SERVFAIL"),
    ('_smtp._tls.example.org TXT "v=tlsrptv1 nonsense"', "No DMARC record", "is no TLSRPT record"),
], ids=["nothing", "not-named", "others", "trouble", "nonsense"])
async def test_what_is_wrong(served: World, zone: Zone, text: str, dmarc_said: str, tls_said: str) -> None:
    """Is an answer, never a failure."""
    dmarc, tls = await both(served, zone, text)
    assert dmarc_said in " ".join(dmarc.problems)
    assert tls_said in " ".join(tls.problems)


async def test_not_wanted(served: World, zone: Zone) -> None:
    """Who wants no reports lacks nothing."""
    reportaddresses.set_for_domain(served, "example.org", dmarc="", tls="", by="a test")
    dmarc, tls = await both(served, zone, "")
    assert (dmarc.problems, tls.problems, dmarc.wanted) == ((), (), None)


async def test_at_another_organisation(served: World, zone: Zone) -> None:
    """Which has to agree."""
    people.add_domain(served, "client.example", by="a test")
    reportaddresses.set_for_domain(served, "client.example", dmarc=DMARC, tls="", by="a test")
    zone.add(f'_dmarc.client.example TXT "v=DMARC1; p=none; rua=mailto:{DMARC}"')
    [dmarc, _] = await reportasked.asked(served, "client.example")
    assert "example.org does not agree to get reports about client.example" in dmarc.problems[0]
    zone.add('client.example._report._dmarc.example.org TXT "v=DMARC1;"')
    [dmarc, _] = await reportasked.asked(served, "client.example")
    assert dmarc.problems == ()


async def test_the_host(served: World, zone: Zone) -> None:
    """Has a record of its own."""
    [tls] = await reportasked.asked(served, "")
    assert "there is no TXT record at _smtp._tls.mx.example.org" in tls.problems[0]
    zone.add('_smtp._tls.mx.example.org TXT "v=TLSRPTv1; rua=mailto:tls-reports@mx.example.org"')
    [tls] = await reportasked.asked(served, "")
    assert tls.problems == ()


async def test_only_ours(served: World) -> None:
    """Others are the command line's business."""
    with pytest.raises(NotFound):
        await reportasked.asked(served, "else.example")
