"""mta.auth.spfmacro: what macros expand to."""
import pytest
from hypothesis import given
from hypothesis import strategies as some

from mta.auth import spfmacro
from mta.auth.spfmacro import BadMacro, Macro
from mta.base.names import Domain, ip_address

#: RFC 7208 §7.4 has these, and what they expand to.
EXAMPLE = spfmacro.values(ip_address("192.0.2.3"), "strong-bad", "email.example.com", "email.example.com", "mx.example.org")
EXAMPLE6 = EXAMPLE | spfmacro.values(ip_address("2001:DB8::CB01"), "strong-bad", "email.example.com", "email.example.com", "")


@pytest.mark.parametrize(("text", "expanded"), [
    ("%{s}", "strong-bad@email.example.com"), ("%{o}", "email.example.com"), ("%{d}", "email.example.com"), ("%{d4}", "email.example.com"),
    ("%{d3}", "email.example.com"), ("%{d2}", "example.com"), ("%{d1}", "com"), ("%{dr}", "com.example.email"), ("%{d2r}", "example.email"),
    ("%{l}", "strong-bad"), ("%{l-}", "strong.bad"), ("%{lr}", "strong-bad"), ("%{lr-}", "bad.strong"), ("%{l1r-}", "strong"),
    ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"), ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
    ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
    ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"),
    ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
    ("%{h}", "mx.example.org"), ("%{S}", "strong-bad%40email.example.com"), ("%{L1R-}", "strong"),
    ("%{o0001}", "com"), ("%{d999999999}", "email.example.com"),
    ("a%%b%_c%-d", "a%b c%20d"), ("", ""),
])
def test_macros(text: str, expanded: str) -> None:
    """The examples of RFC 7208 §7.4, and more."""
    assert spfmacro.parse(text).expand(EXAMPLE) == expanded


def test_an_ipv6_address_is_nibbles() -> None:
    """RFC 7208 §7.4's last example; all 32 of them."""
    assert spfmacro.parse("%{ir}.%{v}._spf.%{d2}").expand(EXAMPLE6) == (
        "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com")


@pytest.mark.parametrize(("macro", "value", "expanded"), [
    (Macro("l", delimiters="+-"), "a-b+c.d", "a.b.c.d"),
    (Macro("l", 2, False, "+-"), "a-b+c.d", "b.c.d"), (Macro("l", 2, True, "+-"), "a-b+c.d", "b.a"),
    (Macro("l", 1, False, "."), "a..", ""),
    (Macro("l", 0, True, "/_=,"), "a/b_c=d,e", "e.d.c.b.a"), (Macro("l", escape=True), "a.b-c_d~e/f ü", "a.b-c_d~e%2Ff%20%C3%BC"),
    (Macro("l", delimiters="-"), "", ""),
])
def test_transformers(macro: Macro, value: str, expanded: str) -> None:
    """Split, reverse, take from the right, join with dots, then escape (RFC 7208 §7.3)."""
    assert macro.expand(value) == expanded


def name(text: str, **known: str) -> str | None:
    """The name that a domain-spec makes."""
    found = spfmacro.name(spfmacro.parse_domain(text), EXAMPLE | known)
    return found.ascii if found else None


def test_names() -> None:
    """In lower case, without the last dot, whatever octets they have; None where there is no name."""
    assert name("%{l}.Example.") == "strong-bad.example"
    assert name("%{l}.example", l='a b"\\@.c') == r"a\032b\034\092\064.c.example"
    assert name("%{l}.example", l=r"a\032") == r"a\092032.example"
    assert name("%{l}.example", l="") is None
    assert name("%{l}.example", l="x" * 64) is None
    assert name("%{h}", h="ü\x00") is None
    assert name("%{l}.example", l="ü") is None
    assert name("%{S}.example", l="ü") is None


def test_a_long_name_loses_labels_on_the_left() -> None:
    """Until 253 characters are left (RFC 7208 §7.3)."""
    labels = ".".join(f"{number:09}" for number in range(26))       # 259 characters

    assert name("%{l}.e", l=labels) == ".".join(f"{number:09}" for number in range(1, 26)) + ".e"
    assert name("%{l}.e", l="a" * 10_000 + ".b") == "b.e"
    assert name("a.%{l}", l="a" * 10_000) is None
    assert len(name("%{l}.ee", l=labels[2:]) or "") == 252
    assert len(name("%{l}.eee", l=labels[9:]) or "") == 253


def test_an_escaped_domain_expands_to_its_octets() -> None:
    """An included name may have been made by a macro itself."""
    domain = Domain.of_octets(r"a\032b\092.example")

    assert spfmacro.plain(domain) == "a b\\.example"
    assert spfmacro.name(spfmacro.parse("%{d}"), EXAMPLE | {"d": spfmacro.plain(domain)}) == domain


def test_letters_of_explanations() -> None:
    """c, r and t are for explanations, which have spaces too (RFC 7208 §7.2)."""
    string = spfmacro.parse("%{c} at %{T}", explanation=True)

    assert string.letters == {"c", "t"}
    assert string.expand(EXAMPLE | {"c": "::1", "t": "17"}) == "::1 at 17"


@given(some.text(max_size=60).map(lambda text: text + "%{d}"))
def test_what_is_read_makes_a_name_or_none(text: str) -> None:
    """Any text is a domain-spec or BadMacro, and any domain-spec can be expanded."""
    try:
        string = spfmacro.parse_domain(text)
    except BadMacro:
        return
    spfmacro.name(string, EXAMPLE | {"p": "unknown"})
