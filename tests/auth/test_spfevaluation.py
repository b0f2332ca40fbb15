"""mta.auth.spfevaluation: terms, limits, and what is asked."""
import pytest

from mta.auth.spf import SpfResult
from mta.auth.status import Status
from mta.base.names import Domain
from mta.dns.zone import Zone
from tests.auth.test_spf import ask

MANY = "\n".join(f"h{number}.example A 198.51.100.{number}" for number in range(12))


async def status(zone: str | Zone, ip: str = "192.0.2.1") -> str:
    """Just the status."""
    return str((await ask(zone, ip=ip)).status)


@pytest.mark.parametrize(("other", "result"), [
    ("TXT v=spf1 +all", "pass"), ("TXT v=spf1 -all", "neutral"), ("TXT v=spf1 ~all", "neutral"), ("TXT v=spf1 ?all", "neutral"),
    ("TROUBLE", "temperror"), ("BOGUS", "temperror"), ("TXT v=spf1 nonsense", "permerror"), ("A 192.0.2.1", "permerror"),
])
async def test_what_an_include_comes_to(other: str, result: str) -> None:
    """The table of RFC 7208 §5.2."""
    assert await status(f"example.org TXT v=spf1 include:other.example ?all\nother.example {other}") == result


@pytest.mark.parametrize(("other", "result"), [
    ("TXT v=spf1 +all", "pass"), ("TXT v=spf1 -all", "fail"), ("TXT v=spf1", "neutral"),
    ("TROUBLE", "temperror"), ("TXT v=spf1 nonsense", "permerror"), ("A 192.0.2.1", "permerror"),
])
async def test_what_a_redirect_comes_to(other: str, result: str) -> None:
    """The other record decides; that there is none is an error (RFC 7208 §6.1)."""
    assert await status(f"example.org TXT v=spf1 redirect=other.example ip4:203.0.113.1\nother.example {other}") == result


async def test_a_redirect_is_for_those_that_nothing_matched() -> None:
    """all matches everybody (RFC 7208 §5.1)."""
    zone = Zone("example.org TXT v=spf1 redirect=other.example ?all")

    assert await status(zone) == "neutral"
    assert len(zone.questions) == 1


async def test_macros_stand_for_the_record_in_hand() -> None:
    """%{d} is the included domain, the sender stays who it is (RFC 7208 §5.2)."""
    zone = ("example.org TXT v=spf1 include:a.example -all\na.example TXT v=spf1 exists:%{d}.%{o}.example\n"
            "a.example.example.org.example A 127.0.0.2")

    assert await status(zone) == "pass"


async def test_a_name_of_any_octets_is_asked_for() -> None:
    """RFC 7208 §4.8: spaces and colons that come from macros are no error."""
    zone = Zone("example.org TXT v=spf1 exists:%{h}%_%%.a:b.example include:\\\\.%{h}.example -all\n"
                "me\\032too\\\\.%.a:b.example A 127.0.0.2")
    result = await ask(zone, hello="me too\\")

    assert (result.status, result.mechanism) == (Status.PERMERROR, "include:\\.%{h}.example")
    assert (Domain.of_octets("me\\032too\\\\ %.a:b.example").ascii, "A") in zone.questions


@pytest.mark.parametrize("term", ["a:%{l}..example", "mx:" + "x" * 64 + ".example", "exists:.example", "ptr:a..b.example"])
async def test_a_name_that_cannot_be_asked_for_matches_nothing(term: str) -> None:
    """RFC 7208 §4.8 leaves it open; nothing is asked, and the rest of the record counts."""
    zone = Zone(f"example.org TXT v=spf1 {term} ~all")

    assert await status(zone) == "softfail"


async def test_only_the_client_family_is_asked_for() -> None:
    """a and mx look for AAAA when the client has IPv6, exists for A always (RFC 7208 §5.3, §5.4, §5.7)."""
    zone = Zone("example.org TXT v=spf1 a mx exists:x.example -all\nexample.org MX 10 mx.example\n"
                "mx.example A 192.0.2.1\nx.example A 127.0.0.1")
    result = await ask(zone, ip="2001:db8::1")

    assert (result.status, result.mechanism) == (Status.PASS, "exists:x.example")
    assert set(zone.questions) == {
        ("example.org", "TXT"), ("example.org", "AAAA"), ("example.org", "MX"), ("mx.example", "AAAA"), ("x.example", "A")}


async def test_ten_terms_may_ask() -> None:
    """RFC 7208 §4.6.4: the eleventh is an error, wherever it stands, and says so at the outermost term."""
    terms = " ".join(f"a:h{number}.example" for number in range(9))
    zone = f"{MANY}\nexample.org TXT v=spf1 include:i.example %s -all\ni.example TXT v=spf1 {terms}"

    assert await status(zone % "") == "fail"
    assert await status(zone % "ip4:192.0.2.1") == "pass"
    result = await ask(zone % "a:h9.example")
    assert (result.status, result.mechanism) == (Status.PERMERROR, "a:h9.example")
    assert (await ask(zone.replace("v=spf1 include", "v=spf1 a:h10.example include") % "")).mechanism == "include:i.example"
    assert await status(zone % "redirect=h9.example") == "fail"      # after all there is no redirect
    assert await status((zone % "redirect=h9.example").replace("-all", "")) == "permerror"


async def test_a_loop_ends() -> None:
    """Includes and redirects are terms too; each record is asked for once."""
    zone = Zone("example.org TXT v=spf1 include:other.example\nother.example TXT v=spf1 redirect=example.org")
    result = await ask(zone)

    assert (result.status, result.questions) == (Status.PERMERROR, 2)


@pytest.mark.parametrize(("terms", "result"), [
    ("a:n1.example a:n2.example ?all", "neutral"),
    ("a:n1.example a:n2.example a:n3.example", "permerror"),
    ("exists:n1.example mx:n2.example include:i.example", "permerror"),
    ("mx:m.example a:n1.example a:n2.example ?all", "permerror"),
    ("a:n1.example a:n1.example a:n1.example", "permerror"),
    ("mx:ok.example a:n1.example a:n2.example ?all", "neutral"),
    ("ptr a:n1.example exists:n2.example", "permerror"),
])
async def test_two_terms_may_find_nothing(terms: str, result: str) -> None:
    """RFC 7208 §4.6.4: a third is an error; an mx whose hosts have no address is one that found nothing."""
    zone = (f"example.org TXT v=spf1 {terms}\ni.example TXT v=spf1 a:n3.example\nm.example MX 1 n4.example\nm.example MX 2 n5.example\n"
            "ok.example MX 1 n4.example\nok.example MX 2 h.example\nh.example A 198.51.100.1")

    assert await status(zone) == result


async def test_ten_exchangers_are_looked_up() -> None:
    """RFC 7208 §4.6.4: a match among the first ten counts, else more are an error."""
    zone = f"{MANY}\nexample.org TXT v=spf1 mx -all\n" + "\n".join(f"example.org MX {number} h{number}.example" for number in range(11))

    assert await status(zone, "198.51.100.9") == "pass"
    assert await status(zone, "198.51.100.10") == "permerror"
    assert await status(zone.replace("example.org MX 10 h10.example", ""), "192.0.2.1") == "fail"


async def test_a_null_mx_is_no_host() -> None:
    """RFC 7505: there is nobody to match, and it is an answer."""
    assert await status("example.org TXT v=spf1 mx a:n1.example a:n2.example -all\nexample.org MX 0 .") == "fail"


async def test_trouble_with_an_exchanger_is_trouble() -> None:
    """In their order: one that matched before does not care (RFC 7208 §5)."""
    zone = ("example.org TXT v=spf1 mx -all\nexample.org MX 1 a.example\nexample.org MX 2 b.example\n"
            "a.example A 192.0.2.1\nb.example TROUBLE")

    assert await status(zone) == "pass"
    assert await status(zone, "192.0.2.2") == "temperror"


async def test_ptr() -> None:
    """A name of the client that leads back to it and is the domain or below it (RFC 7208 §5.5)."""
    zone = ("1.2.0.192.in-addr.arpa PTR other.example\n1.2.0.192.in-addr.arpa PTR sick.example\n1.2.0.192.in-addr.arpa PTR mx.example.org\n"
            "other.example A 203.0.113.1\nsick.example TROUBLE\nmx.example.org A 192.0.2.1\nexample.org TXT v=spf1 %s -all")

    assert await status(zone % "ptr") == "pass"
    assert await status(zone % "ptr:mx.example.org") == "pass"
    assert await status(zone % "ptr:other.example") == "fail"
    assert await status(zone % "ptr:ample.org") == "fail"
    assert await status((zone % "ptr").replace("mx.example.org A", "mx.example.org AAAA 2001:db8::1 ;")) == "fail"
    assert await status("1.2.0.192.in-addr.arpa TROUBLE\nexample.org TXT v=spf1 ptr -all") == "fail"


async def test_ten_names_of_the_client_are_looked_up() -> None:
    """RFC 7208 §4.6.4: the rest is ignored, since the domain's owner cannot help it."""
    names = "\n".join(f"1.2.0.192.in-addr.arpa PTR n{number}.example" for number in range(10))
    zone = Zone(f"{names}\n1.2.0.192.in-addr.arpa PTR example.org\nexample.org A 192.0.2.1\nexample.org TXT v=spf1 ptr -all")

    assert await status(zone) == "fail"
    assert len(zone.questions) == 12


@pytest.mark.parametrize(("names", "expanded"), [
    (["x.example", "a.example.org", "example.org"], "example.org"),
    (["x.example", "a.example.org"], "a.example.org"),
    (["x.example", "y.example"], "x.example"),
    ([], "unknown"),
])
async def test_the_client_name_of_macros(names: list[str], expanded: str) -> None:
    """%{p}: the domain, or a name below it, or any (RFC 7208 §7.3); asked for once."""
    records = "\n".join(f"1.2.0.192.in-addr.arpa PTR {name}\n{name} A 192.0.2.1" for name in names)
    zone = Zone(f"{records}\n"
                f"example.org TXT v=spf1 exists:no.%{{p}}.p.example exists:%{{p}}.p.example -all\n{expanded}.p.example A 127.0.0.1")

    assert await status(zone) == "pass"
    assert len(zone.questions) == len(set(zone.questions)) == 1 + 1 + len(names) + 2


async def test_independent_questions_are_asked_side_by_side() -> None:
    """Up to the first term that certainly matches, and as far as the limit goes."""
    zone = Zone("example.org TXT v=spf1 include:a.example a:b.example mx:c.example exists:%{p}.d.example ip4:192.0.2.1 a:e.example -all\n"
                "a.example TROUBLE")
    result = await ask(zone)

    assert result.status is Status.TEMPERROR
    assert zone.questions == [("example.org", "TXT"), ("a.example", "TXT"), ("b.example", "A"), ("c.example", "MX")]
    zone = Zone("example.org TXT v=spf1 " + " ".join(f"a:h{number}.example" for number in range(40)))
    assert (await ask(zone)).questions == 11


@pytest.mark.parametrize(("secure", "ip", "authentic"), [
    (["example.org", "a.example", "b.example"], "192.0.2.1", True),
    (["example.org", "a.example"], "192.0.2.1", True),          # b was asked for and not needed
    (["example.org", "a.example"], "192.0.2.2", False),
    (["a.example", "b.example"], "192.0.2.1", False),
    (["example.org", "b.example"], "192.0.2.2", False),
])
async def test_authentic_is_what_rests_on_authentic_answers(secure: list[str], ip: str, authentic: bool) -> None:
    """Of all answers that were used, none may be without DNSSEC."""
    zone = "example.org TXT v=spf1 a:a.example a:b.example -all\na.example A 192.0.2.1\nb.example A 192.0.2.2\n"

    assert (await ask(zone + "\n".join(f"{name} SECURE" for name in secure), ip=ip)).authentic is authentic


@pytest.mark.parametrize(("zone", "problem"), [
    ("example.org TXT v=spf1 a\nexample.org TXT v=spf1 -all", "example.org has 2 SPF records; it must have one"),
    ("example.org TXT v=spf1 ipv4:192.0.2.1 -all",
     "the SPF record of example.org is wrong at 'ipv4:192.0.2.1': there is no mechanism ipv4"),
    ("example.org TXT v=spf1 include:b.example", "the SPF record of example.org includes b.example, which has none"),
    ("example.org TXT v=spf1 include:%{l}", "the SPF record of example.org includes what is not the full name of a domain"),
    ("example.org TXT v=spf1 redirect=b.example", "the SPF record of example.org redirects to b.example, which has none"),
    ("example.org TXT v=spf1 redirect=%{l}", "the SPF record of example.org redirects to me, which has none"),
    ("example.org TXT v=spf1 a a a a a a a a a a a\nexample.org A 198.51.100.1",
     "the SPF record has more than 10 terms to look up, included ones counted"),
    ("example.org TXT v=spf1 a a a", "more than 2 names in the SPF record lead to nothing"),
    ("example.org TXT v=spf1 mx\n" + "example.org MX 0 example.org\n" * 11, "example.org has more than 10 mail exchangers (MX)"),
    ("example.org TROUBLE", "the TXT records of example.org could not be looked up: no usable answer"),
    ("example.org TIMEOUT", "the TXT records of example.org could not be looked up: no answer in time"),
    ("example.org TXT v=spf1 include:b.example\nb.example SERVFAIL", "the TXT records of b.example could not be looked up: SERVFAIL"),
    ("example.org TXT v=spf1 a\nexample.org BOGUS A", "the A records of example.org could not be looked up: DNSSEC says forged"),
    ("example.org TXT v=spf1 " + "a " * 6_000, "the SPF record of example.org is too long: 12006 characters"),
])
async def test_problems_are_told(zone: str, problem: str) -> None:
    """In plain words, for whoever can mend them."""
    result: SpfResult = await ask(zone)

    assert result.problem == problem


async def test_what_one_text_record_says_in_pieces() -> None:
    """Strings of one record are joined without a space (RFC 7208 §3.3)."""
    assert await status('example.org TXT "v=spf1 ip4:192." "0.2.1 -all"') == "pass"
