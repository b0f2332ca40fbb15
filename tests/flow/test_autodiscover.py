"""mta.flow.autodiscover: Microsoft's two forms."""
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from mta.base.clock import SetClock
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.config.model import Clients, Config
from mta.flow import autodiscover
from mta.flow.autodiscover import ENVELOPE, SETTINGS, BadRequest

ANN = Address("ann", Domain("example.org"))
REQUEST = """<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
  <Request>
    <EMailAddress>{address}</EMailAddress>
    <AcceptableResponseSchema>{schema}</AcceptableResponseSchema>
  </Request>
</Autodiscover>
"""
CONFIG = Config(hostname=Domain("mx.example.org"), clients=Clients(imap=True))


def asked(address: str = "ann@example.org", schema: str = SETTINGS) -> bytes:
    """What Outlook posts."""
    return REQUEST.format(address=address, schema=schema).encode()


def test_a_request() -> None:
    """Address and the kind of answer."""
    assert autodiscover.read(asked()) == (ANN, SETTINGS)
    assert autodiscover.read(b"<x:A xmlns:x='u'><x:EMailAddress> ann@example.org\n</x:EMailAddress></x:A>") == (ANN, "")
    assert autodiscover.read(b"<A><EMailAddress>ann@example.org</EMailAddress><EMailAddress>x@y.example</EMailAddress></A>") == (ANN, "")
    assert autodiscover.read(asked().decode().replace("utf-8", "utf-16").encode("utf-16"))[0] == ANN
    assert autodiscover.read(asked("a&amp;b@example.org"))[0].localpart == "a&b"


@pytest.mark.parametrize("body", [
    b"", b"ann@example.org", b"<A>", b"<A/>", asked(""), asked("ann"), asked("ann@"), b"<A encoding='x'/>\xff",
    asked("x" * 100 + "@example.org"), asked("<b>ann@example.org</b>"),
    b"<!DOCTYPE A [<!ENTITY e 'ann@example.org'>]><A><EMailAddress>&e;</EMailAddress></A>",
    b"<!DOCTYPE A SYSTEM 'http://192.0.2.1/x'><A><EMailAddress>ann@example.org</EMailAddress></A>",
    b"<?xml version='1.0' encoding='klingon'?><A><EMailAddress>ann@example.org</EMailAddress></A>",
    b"<A>" * 11 + b"<EMailAddress>ann@example.org</EMailAddress>" + b"</A>" * 11,
    b"<A>" + b"<B/>" * 50 + b"<EMailAddress>ann@example.org</EMailAddress></A>",
    asked() + b" " * LIMITS.autodiscover_octets,
], ids=["empty", "no xml", "open", "nothing", "no address", "no domain", "half an address", "no utf-8", "long", "within", "entity",
        "doctype", "encoding", "deep", "many", "large"])
def test_unfit_requests(body: bytes) -> None:
    """What is no request is said to be none, without looking at it for long."""
    with pytest.raises(BadRequest):
        autodiscover.read(body)


def plain(element: Any) -> dict[str, str]:
    """The texts below an element, names without namespace."""
    return {one.tag.rpartition("}")[2]: one.text for one in element}


def test_the_answer(clock: SetClock) -> None:
    """Reading and sending, each with the address to sign in as."""
    root = ElementTree.fromstring(autodiscover.answer(CONFIG, clock, ANN, SETTINGS))
    assert root.tag == f"{{{ENVELOPE}}}Autodiscover"
    protocols = [plain(one) for one in root.iter(f"{{{SETTINGS}}}Protocol")]
    usual = {"Server": "mx.example.org", "LoginName": "ann@example.org", "SSL": "on", "SPA": "off", "AuthRequired": "on",
             "DomainRequired": "off"}
    sending = {**usual, "Type": "SMTP", "UsePOPAuth": "on", "SMTPLast": "off"}
    assert protocols == [
        {**usual, "Type": "IMAP", "Port": "993", "Encryption": "SSL"},
        {**sending, "Port": "465", "Encryption": "SSL"}, {**sending, "Port": "587", "Encryption": "TLS"}]
    assert [one.text for one in root.iter(f"{{{SETTINGS}}}Action")] == ["settings"]
    assert b"ns0" not in autodiscover.answer(CONFIG, clock, ANN, "")


def test_without_imap(clock: SetClock) -> None:
    """Nothing to read from is named."""
    assert b"IMAP" not in autodiscover.answer(Config(hostname=Domain("mx.example.org")), clock, ANN, "")


def test_markup_in_an_address(clock: SetClock) -> None:
    """Stays text."""
    text = autodiscover.answer(CONFIG, clock, Address("a<&>b", ANN.domain), "")
    assert b"a&lt;&amp;&gt;b" in text
    ElementTree.fromstring(text)


@pytest.mark.parametrize(("make", "code"), [
    (lambda clock: autodiscover.error(clock, autodiscover.INVALID), "600"),
    (lambda clock: autodiscover.answer(
        CONFIG, clock, ANN, "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"), "601"),
], ids=["invalid", "ActiveSync"])
def test_errors(clock: SetClock, make: Callable[[SetClock], bytes], code: str) -> None:
    """In the form that programs know; what phones synchronise by is not to be had."""
    root = ElementTree.fromstring(make(clock))
    assert [one.text for one in root.iter(f"{{{ENVELOPE}}}ErrorCode")] == [code]


def test_the_place() -> None:
    """Where the XML is, at the host's own name; for other protocols there is none."""
    assert autodiscover.place(CONFIG, "autodiscoverV1") == (
        200, {"Protocol": "AutodiscoverV1", "Url": "https://mx.example.org/autodiscover/autodiscover.xml"})
    assert autodiscover.place(CONFIG, "ActiveSync")[1]["ErrorCode"] == "InvalidProtocol"
    assert autodiscover.place(CONFIG, "")[1]["ErrorCode"] == "MandatoryParameterMissing"
