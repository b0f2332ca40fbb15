"""mta.flow.autoconfig: what Thunderbird is told has only what Thunderbird takes."""
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from mta.base.names import Domain
from mta.config.model import Clients, Config, Listener, usual_listeners
from mta.flow import autoconfig
from tests.message.vectors import need

DOMAIN = Domain("example.org")


def configured(imap: bool = True, *, listeners: tuple[Listener, ...] = usual_listeners()) -> Config:
    """A configuration."""
    return Config(hostname=Domain("mx.example.org"), clients=Clients(imap), listeners=listeners)


def ways(element: Element, above: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    """Each element by where it stands, with the names of its attributes."""
    way = f"{above}/{element.tag}"
    yield way, frozenset(element.attrib)
    for below in element:
        yield from ways(below, way)


def values(root: Element, server: str) -> list[dict[str, str | None]]:
    """The servers of a kind."""
    return [{below.tag: below.text for below in one} for one in root.iter(server)]


def test_the_document() -> None:
    """Reading and sending, the best first; the user name is filled in by the program."""
    root = ElementTree.fromstring(autoconfig.document(configured(), DOMAIN))
    usual = {"hostname": "mx.example.org", "username": "%EMAILADDRESS%", "authentication": "password-cleartext"}
    assert values(root, "incomingServer") == [{**usual, "port": "993", "socketType": "SSL"}]
    assert values(root, "outgoingServer") == [
        {**usual, "port": "465", "socketType": "SSL"}, {**usual, "port": "587", "socketType": "STARTTLS"}]
    assert [one.text for one in root.iter("domain")] == ["example.org"]
    assert [one.attrib["url"] for one in root.iter("loginPage")] == ["https://mx.example.org/webmail/"]


def test_without_imap() -> None:
    """Nothing to read from is named; a webmail that others do not reach neither."""
    inside = (Listener("public", ("192.0.2.1",), submissions=465, https=443, web=()),)
    text = autoconfig.document(configured(False, listeners=inside), DOMAIN)
    assert b"incoming" not in text
    assert b"imap" not in text
    assert b"webMail" not in text
    assert [one["port"] for one in values(ElementTree.fromstring(text), "outgoingServer")] == ["465"]


def test_names_beyond_ascii() -> None:
    """A-labels for programs, U-labels for people."""
    root = ElementTree.fromstring(autoconfig.document(configured(), Domain.parse("bücher.example")))
    assert (root[0].attrib["id"], root[0][0].text, root[0][1].text) == ("xn--bcher-kva.example", "xn--bcher-kva.example", "bücher.example")


@pytest.mark.parametrize("imap", [True, False], ids=["reading", "sending alone"])
def test_every_element_is_one_that_thunderbird_takes(imap: bool) -> None:
    """Its own files have each of ours in the same place, with the same attributes, and the same words in it."""
    known: set[tuple[str, frozenset[str]]] = set()
    words: set[tuple[str, str]] = set()
    files = sorted((need("autoconfig-ispdb") / "ispdb").glob("*.xml"))
    for file in files:
        root = ElementTree.parse(file).getroot()
        known |= set(ways(root))
        words |= {(one.tag, (one.text or "").strip()) for one in root.iter()}
    ours = ElementTree.fromstring(autoconfig.document(configured(imap), DOMAIN))
    assert len(files) > 50
    assert set(ways(ours)) <= known
    for tag in ("socketType", "username", "authentication"):
        assert {(tag, one.text) for one in ours.iter(tag)} <= words
    assert ours.attrib == {"version": "1.1"}
