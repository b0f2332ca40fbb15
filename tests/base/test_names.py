"""mta.base.names: domains, addresses and networks."""
import pytest
from hypothesis import given
from hypothesis import strategies as some

from mta.base.errors import BadName
from mta.base.names import Address, Domain, ip_address, networks, unquote


@pytest.mark.parametrize(("text", "ascii_form", "for_people"), [
    ("Example.ORG.", "example.org", "example.org"),
    ("bücher.example", "xn--bcher-kva.example", "bücher.example"),
    ("BÜCHER.example", "xn--bcher-kva.example", "bücher.example"),
    ("_25._tcp.mx.example", "_25._tcp.mx.example", "_25._tcp.mx.example"),
    ("xn--0", "xn--0", "xn--0"),
])
def test_domains(text: str, ascii_form: str, for_people: str) -> None:
    """One form to compare, one form for people."""
    domain = Domain.parse(text)

    assert (domain.ascii, str(domain)) == (ascii_form, for_people)


@pytest.mark.parametrize("text", [
    "", ".", "a..b", "-a.example", "a-.example", "a b.example", "a" * 64 + ".example", "a." * 127 + "aa", "ex\0mple", "[192.0.2.1]", "a,b"])
def test_what_is_no_domain(text: str) -> None:
    """Whatever cannot be looked up is refused at the border."""
    with pytest.raises(BadName):
        Domain.parse(text)


@pytest.mark.parametrize(("text", "written"), [
    ("Example.ORG.", "example.org"), ("bücher.example", "xn--bcher-kva.example"), ("-a.example", "-a.example"),
    ("a b:C/d.example", r"a\032b\058c\047d.example"), ("a:." * 84 + "a", r"a\058." * 84 + "a"),
    (r"\065\\\.\255.example", r"a\092\046\255.example"), ("[192.0.2.1]", r"\091192.0.2.1\093"),
    (r"\000" * 63 + ".example", r"\000" * 63 + ".example"),
])
def test_names_of_any_octets(text: str, written: str) -> None:
    """The DNS takes them; each has one form, which reads as itself."""
    name = Domain.of_octets(text)

    assert name.ascii == written
    assert Domain.of_octets(written) == name
    assert len(name.labels) == name.ascii.count(".") + 1


@pytest.mark.parametrize("text", [
    "", ".", "a..b", ".a", r"\000" * 64 + ".example", "a:." * 84 + "aa",
    "a:\\", r"a:\25", r"a:\256", "a:\xe9", "a:\u20ac"])
def test_what_the_dns_cannot_be_asked_for(text: str) -> None:
    """Labels have 1 to 63 octets, a name 253 with its dots, and what is not ASCII must be escaped."""
    with pytest.raises(BadName):
        Domain.of_octets(text)


@given(some.text(max_size=80))
def test_any_text_is_a_name_or_a_bad_name(text: str) -> None:
    """Nothing else is raised, and what is written can be written anywhere."""
    try:
        name = Domain.of_octets(text)
    except BadName:
        return

    assert set(name.ascii) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-.\\")
    assert Domain.of_octets(name.ascii) == name


def test_a_domain_covers_itself_and_what_is_below() -> None:
    """Label by label, not letter by letter."""
    top = Domain("example.org")

    assert top.covers(top)
    assert top.covers(Domain("a.example.org"))
    assert not top.covers(Domain("badexample.org"))
    assert top.below("_25._tcp") == Domain("_25._tcp.example.org")
    assert top.labels == ("example", "org")


@pytest.mark.parametrize(("text", "localpart", "written"), [
    ("ann@example.org", "ann", "ann@example.org"),
    ("Ann.B+c@example.org", "Ann.B+c", "Ann.B+c@example.org"),
    ('"a b"@example.org', "a b", '"a b"@example.org'),
    ('"ann"@example.org', "ann", "ann@example.org"),
    ('"a\\"b\\\\"@example.org', 'a"b\\', '"a\\"b\\\\"@example.org'),
    ('"a@b"@example.org', "a@b", '"a@b"@example.org'),
    ('"a."@example.org', "a.", '"a."@example.org'),
    ("ü@bücher.example", "ü", "ü@xn--bcher-kva.example"),
])
def test_addresses(text: str, localpart: str, written: str) -> None:
    """Quotes are syntax, not part of the name."""
    address = Address.parse(text)

    assert (address.localpart, address.ascii) == (localpart, written)
    assert Address.parse(address.ascii) == address
    assert Address.parse(str(address)) == address


@pytest.mark.parametrize("text", [
    "ann", "@example.org", "ann@", "a b@example.org", ".a@example.org", "a..b@example.org", '"a@example.org', '"a"b"@example.org',
    "a\r\n@example.org", '"a\r\nb"@example.org', "x" * 65 + "@example.org", '""@example.org', '"a\\"@example.org', "ann@[192.0.2.1]"])
def test_what_is_no_address(text: str) -> None:
    """Nothing that could break a line or a command gets through."""
    with pytest.raises(BadName):
        Address.parse(text)


def test_local_parts_are_compared_in_one_normal_form() -> None:
    """ü written as one or two characters is one name (RFC 6532 §3.1)."""
    assert Address.parse("u\u0308@example.org") == Address.parse("\u00fc@example.org")
    assert Address.parse("ü@example.org").needs_smtputf8
    assert not Address.parse("u@bücher.example").needs_smtputf8


@given(some.text(max_size=80))
def test_any_text_is_an_address_or_a_bad_name(text: str) -> None:
    """Nothing else is raised, and what is accepted survives being written and read."""
    try:
        address = Address.of(text, Domain("example.org"))
    except BadName:
        return
    assert Address.parse(address.ascii) == address
    assert "\n" not in address.ascii


@given(some.text(alphabet='a.\\"@ ', max_size=20))
def test_unquoting_inverts_quoting(text: str) -> None:
    """What unquote takes, Address writes back with the same meaning."""
    try:
        plain = unquote(text)
    except BadName:
        return
    if plain:
        assert unquote(Address.of(plain, Domain("a.example")).local_quoted) == plain


def test_networks() -> None:
    """Three widths for each family; mapped IPv4 is IPv4."""
    assert [str(net) for net in networks(ip_address("::ffff:192.0.2.77"))] == ["192.0.2.77/32", "192.0.2.64/26", "192.0.0.0/21"]
    assert [str(net) for net in networks(ip_address("2001:db8:1:2::3"))] == ["2001:db8:1:2::/64", "2001:db8:1::/48", "2001:db8::/32"]
    with pytest.raises(BadName):
        ip_address("192.0.2")
