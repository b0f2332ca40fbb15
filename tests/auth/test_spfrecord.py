"""mta.auth.spfrecord: the grammar of records."""
import pytest

from mta.auth import spfrecord
from mta.auth.spfrecord import BadRecord, Mechanism, Record
from mta.auth.status import Status
from mta.base.names import ip_address


@pytest.mark.parametrize(("text", "wanted"), [
    ("v=spf1", True), ("V=SPF1 -all", True), ("v=spf1 ", True), ("v=spf10", False), ("v=spf1\n", False), ("v=spf1;-all", False),
    ("v=spf1mx", False), (" v=spf1", False), ("spf2.0/mfrom", False), ("", False),
])
def test_which_text_is_a_record(text: str, wanted: bool) -> None:
    """The version is a word of its own, in any case (RFC 7208 §4.5)."""
    assert spfrecord.is_spf(text) is wanted


def test_a_record_is_read() -> None:
    """Terms in order, with qualifiers, in any case, with any number of spaces."""
    record = spfrecord.parse(
        "v=spf1  +A/24//64 -MX:mx.example ?ip4:192.0.2.1/8 ~IP6:2001:db8::/32  -aLL REDIRECT=x.example foo.1-2_3=%{d} EXP=%{d} ")

    assert [(mechanism.name, mechanism.result, mechanism.bits) for mechanism in record.mechanisms] == [
        ("a", Status.PASS, (24, 64)), ("mx", Status.FAIL, (32, 128)), ("ip4", Status.NEUTRAL, (32, 128)),
        ("ip6", Status.SOFTFAIL, (32, 128)), ("all", Status.FAIL, (32, 128))]
    assert [str(mechanism.network) for mechanism in record.mechanisms if mechanism.network] == ["192.0.0.0/8", "2001:db8::/32"]
    assert record.redirect is not None
    assert record.explanation is not None
    assert record.mechanisms[1].text == "-MX:mx.example"


def test_an_empty_record_is_one() -> None:
    """It says nothing."""
    assert spfrecord.parse("v=spf1   ") == Record()


@pytest.mark.parametrize("term", [
    "a", "a:b.example", "a:b.example.", "a/0", "a/32", "a//0", "a//128", "a/32//128", "a:%{d}/24//64", "a:b.x-y", "a:b.1-y",
    "a:b.y1", "a:.b", "a:.b.", "include=", "a:/.b", "a:b=c.d", "a:_b.c", "a:!#$&'()*+,-./:;<=>?@[\\]^_`{|}~.d", "a:%%%%.d",
    "a:b%-", "a:b%%", "a:%{i}%_", "a:%{d2r.-+,/_=}", "a:b/c.d/24", "mx", "mx:b.c/24", "ptr", "ptr:b.c", "include:b.c",
    "exists:%{i}.b", "exists:%{S}", "all", "ip4:0.0.0.0", "ip4:255.255.255.255/0", "ip6:::", "ip6:::/0", "ip6:2001:DB8::1/128",
    "ip6:::ffff:192.0.2.1/96", "x=", "x=%{d}%%", "ip4=nonsense", "a=b", "x=a=b", "x=,", "r.e-d_1=x",
])
def test_good_terms(term: str) -> None:
    """What the grammar of RFC 7208 §12 allows."""
    spfrecord.parse(f"v=spf1 {term}")


@pytest.mark.parametrize("term", [
    "-", "+-a", "--a", "b", "a:", "a:b", "a:b.", "a:b.1", "a:b.1.", "a:b.c..", "a:b.-c", "a:b.c-", "a:b c.d", "a:b.c}",
    "a:b.%%c", "a:b.c%", "a:%{}", "a:%{d", "a:%d", "a:%{dd}", "a:%{d0}", "a:%{d00r}", "a:%{dr2}", "a:%{d!}", "a:%{c}",
    "a:%{r}", "a:%{t}", "a:%{x}", "a:%{d}x", "a:%{d}.1", "a/", "a/33", "a//129", "a/024", "a//064", "a/00", "a/24/64",
    "a///64", "a/-1", "a/1.2", "a24", "a:b.c/33", "a:b.c//", "a:b.c/024", "mx/33", "mx:", "ptr:", "ptr/24", "ptr:b.c/24",
    "include", "include:", "include:b.c/24", "exists", "exists:", "exists/24", "all:", "all/0", "all:b.c", "all.", "ip4",
    "ip4:", "ip4:1.2.3", "ip4:1.2.3.4.5", "ip4:256.1.1.1", "ip4:01.2.3.4", "ip4:1.2.3.4/33", "ip4:1.2.3.4/032", "ip4:1.2.3.4/",
    "ip4:1.2.3.4//32", "ip4:1.2.3.4:25", "ip4:::1", "ip4/24", "ip6", "ip6:", "ip6:1.2.3.4", "ip6:::1/129", "ip6:::1/064",
    "ip6:::1//64", "ip6:::1%eth0", "ip6:1:2:3:4:5:6:7", "ip6::1::", "ip6:[::1]", "redirect=", "redirect", "redirect:b.c",
    "redirect=b", "redirect=b.c/24", "exp=", "exp=b", "-exp=b.c", "-redirect=b.c", "1x=y", "=y", "_x=y", "x y=z\t", "x=\t",
    "x=%", "x=%a", "x=%{c}", "x=\xe9", "\xe9=x", "a:b\xe9.c", "-all\r", "a\nb", "\0", "redirect=b.c redirect=b.c",
    "exp=b.c EXP=d.e", "v=spf1\x00",
])
def test_bad_terms(term: str) -> None:
    """Whatever the grammar does not allow spoils the record."""
    with pytest.raises(BadRecord):
        spfrecord.parse(f"v=spf1 {term} ?all")


@pytest.mark.parametrize(("term", "ip", "found", "near"), [
    ("a/24", "192.0.2.1", "192.0.2.255", True), ("a/24", "192.0.2.1", "192.0.3.1", False), ("a", "192.0.2.1", "192.0.2.1", True),
    ("a", "192.0.2.1", "192.0.2.2", False), ("a/0", "192.0.2.1", "10.0.0.1", True), ("a/0", "2001:db8::1", "10.0.0.1", False),
    ("a//32", "2001:db8::1", "2001:db8:ffff::", True),
    ("a/0//32", "2001:db8::1", "2001:db9::1", False), ("a//0", "192.0.2.1", "::1", False),
])
def test_addresses_are_compared_by_network(term: str, ip: str, found: str, near: bool) -> None:
    """Each family has its own length; different families never meet."""
    [mechanism] = spfrecord.parse(f"v=spf1 {term}").mechanisms

    assert mechanism.near(ip_address(ip), ip_address(found)) is near


@pytest.mark.parametrize(("term", "ip", "matches"), [
    ("all", "192.0.2.1", True), ("ip4:192.0.2.0/24", "192.0.2.1", True), ("ip4:192.0.2.77/24", "192.0.2.1", True),
    ("ip4:0.0.0.0/0", "2001:db8::1", False), ("ip6:::/0", "192.0.2.1", False), ("ip6:2001:db8::/32", "2001:db8::1", True),
    ("a", "192.0.2.1", False),
])
def test_what_needs_no_question(term: str, ip: str, matches: bool) -> None:
    """all, ip4 and ip6 are decided at once."""
    [mechanism] = spfrecord.parse(f"v=spf1 {term}").mechanisms

    assert mechanism.local_match(ip_address(ip)) is matches
    assert mechanism.asks is (term == "a")


def test_the_problem_names_the_term() -> None:
    """The owner is to find it, whatever is in it."""
    with pytest.raises(BadRecord, match=r"^'ip4:1\.2\.3\\n': this is no IPv4 network$"):
        spfrecord.parse("v=spf1 a ip4:1.2.3\n")


def test_mechanisms_default_to_whole_addresses() -> None:
    """Without a length, one address is meant."""
    assert Mechanism("a", Status.PASS, "a").bits == (32, 128)
