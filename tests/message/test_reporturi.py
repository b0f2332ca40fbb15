"""mta.message.reporturi: where reports may go, as records write it."""
import pytest

from mta.base.names import Address, Domain
from mta.message.reporturi import ReportUri, mailto, report_uri


@pytest.mark.parametrize(("text", "size"), [
    ("mailto:a@example.org", None), ("MAILTO:a@example.org!5", 5), ("mailto:a@example.org!2k", 2048), ("mailto:a@example.org!1G", 1 << 30),
    ("mailto:a%2Bb@example.org", None), ("https://example.org/a?b=c#d", None), ("x-y.z+1:opaque", None),
])
def test_uris(text: str, size: int | None) -> None:
    """Any URI will do; a size may follow, as it did once (RFC 9989 §4.8, obs-dmarc-uri)."""
    uri = report_uri(text)

    assert uri is not None
    assert (uri.uri, uri.size) == (text.partition("!")[0], size)
    assert (uri.address is None) != text.lower().startswith("mailto:")
    assert uri.scheme == text.partition(":")[0].lower()


@pytest.mark.parametrize("text", [
    "", "a@example.org", "mailto:", "mailto:a", "mailto:a@", "mailto:a@example.org!", "mailto:a@example.org!10p", "mailto:a@example.org!k",
    "mailto:a@example.org!" + "9" * 50, "mailto:a@example.org!1!2", "mailto:a b@example.org", "mailto:%zz@example.org", "1a:b",
    "mailto:é@x.y", "mailto:%ff@example.org", "mailto:a@exa_mple..org", "https:",
    "mailto:a%22b@example.org", "mailto:a%40b@example.org", "mailto:%3Ca%3E@example.org", "mailto:a%0Ab@example.org", "mailto:%5C@example.org",
])
def test_no_uris(text: str) -> None:
    """What cannot be sent to is none."""
    assert report_uri(text) is None


@pytest.mark.parametrize(("text", "localpart"), [
    ("mailto:a%21b+c@Example.org", "a!b+c"), ("mailto:%61%21b%2Bc%40example%2Eorg", "a!b+c"),
    ("mailto:%22a%2C%20b%22@example.org", "a, b"), ("mailto:a%2Cb%21c@example.org", "a,b!c"), ("mailto:%22a%2Cb%21c%22@example.org", "a,b!c"), ("mailto:%22a+b%22@example.org", "a+b"), ("mailto:%C3%BC@example.org", "ü"),
])
def test_encoded_addresses(text: str, localpart: str) -> None:
    """Percent-encoding is undone, so that one address is one address however it is written (RFC 6068 §2)."""
    assert report_uri(f"{text}!10m") == ReportUri(text, Address(localpart, Domain("example.org")), 10 * 1024 * 1024)


@pytest.mark.parametrize("local", ["dmarc", "a,b!c;d", "a b", "ann+dmarc", 'quo"te', "50%"])
def test_written(local: str) -> None:
    """An address written as a URI reads as that address, whatever is in it, and asks for no size."""
    address = Address(local, Domain("example.org"))
    written = mailto(address)
    read = report_uri(written)
    assert not set(',!; "') & set(written)
    assert read is not None
    assert (read.address, read.size) == (address, None)
