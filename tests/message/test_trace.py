"""Fields that a server adds."""
import ipaddress

import pytest

from mta.base.names import Address, Domain
from mta.message import header, trace

MX, PEER = Domain.parse("mx.example.org"), Domain.parse("out.example.net")
ANN = Address.parse("ann@example.org")


@pytest.mark.parametrize(("facts", "name"), [
    ({"extended": False}, "SMTP"), ({"extended": True}, "ESMTP"), ({"extended": True, "tls": True}, "ESMTPS"),
    ({"extended": True, "tls": True, "authenticated": True}, "ESMTPSA"), ({"extended": True, "authenticated": True}, "ESMTPA"),
    ({"extended": True, "smtputf8": True}, "UTF8SMTP"),
    ({"extended": True, "tls": True, "authenticated": True, "smtputf8": True}, "UTF8SMTPSA"),
    ({"extended": True, "local": True}, "LMTP"), ({"extended": True, "local": True, "tls": True, "smtputf8": True}, "UTF8LMTPS")])
def test_protocol(facts: dict[str, bool], name: str) -> None:
    """The protocol has its registered name."""
    assert trace.protocol(**facts) == name


def test_received() -> None:
    """Every fact is where RFC 5321 §4.4 has it."""
    field = trace.received_field(
        by=MX, with_="ESMTPS", id_="abc123.1", when=0.0, hello="out.example.net", ip=ipaddress.ip_address("192.0.2.1"), reverse=PEER,
        tls=("TLSv1.3", "TLS_AES_256_GCM_SHA384"), requiretls=True, recipient=ANN)

    assert " ".join(field.decode().split()) == (
        "Received: from out.example.net (out.example.net [192.0.2.1]) by mx.example.org with ESMTPS (requiretls) id abc123.1 "
        "(TLSv1.3 TLS_AES_256_GCM_SHA384) for <ann@example.org>; Thu, 1 Jan 1970 00:00:00 +0000")
    assert all(len(line) <= 78 for line in field.split(b"\r\n"))
    assert len(header.parse(field + b"\r\n").fields) == 1


def test_a_name_that_dnssec_vouches_for() -> None:
    """It says so beside the name; where there is no name, there is nothing to vouch for."""
    ip = ipaddress.ip_address("192.0.2.1")

    def field(reverse: Domain | None, *, authentic: bool) -> str:
        made = trace.received_field(by=MX, with_="SMTP", id_="x", when=0.0, hello="h", ip=ip, reverse=reverse, authentic=authentic)
        return " ".join(made.decode().split())

    assert "from h (out.example.net [192.0.2.1]) (DNSSEC) by mx" in field(PEER, authentic=True)
    assert "DNSSEC" not in field(None, authentic=True)
    assert "DNSSEC" not in field(PEER, authentic=False)


def test_received_hides_our_users() -> None:
    """Without an address there is no from clause."""
    field = trace.received_field(by=MX, with_="ESMTPSA", id_="x", when=0.0)

    assert " ".join(field.decode().split()) == "Received: by mx.example.org with ESMTPSA id x; Thu, 1 Jan 1970 00:00:00 +0000"


@pytest.mark.parametrize("hello", ["a\r\nBcc: x@y", "(", "é.example", "x" * 10_000, "", "a b\x00c", "[IPv6:2001:db8::1]"])
def test_received_cannot_be_broken(hello: str) -> None:
    """Whatever a peer calls itself, the field stays one field with its clauses."""
    field = trace.received_field(by=MX, with_="SMTP", id_="x", when=0.0, hello=hello, ip=ipaddress.ip_address("2001:db8::1"))
    found = header.parse(field + b"\r\n")

    assert [each.lower for each in found.fields] == ["received"]
    assert found.defects == header.Defects.NONE
    assert field.isascii()
    assert b"([IPv6:2001:db8::1])" in field
    assert max(map(len, field.split(b"\r\n"))) < 400


def test_utf8_recipients_need_a_utf8_protocol() -> None:
    """A recipient that ASCII cannot name is left out of an ASCII field."""
    recipient = Address.parse("ü@bücher.example")

    assert b"for" not in trace.received_field(by=MX, with_="ESMTP", id_="x", when=0.0, recipient=recipient)
    assert "for <ü@bücher.example>".encode() in trace.received_field(by=MX, with_="UTF8SMTP", id_="x", when=0.0, recipient=recipient)


def test_path_fields() -> None:
    """Return-Path and Delivered-To hold exactly the address."""
    assert trace.return_path(ANN) == b"Return-Path: <ann@example.org>\r\n"
    assert trace.return_path(None) == b"Return-Path: <>\r\n"
    assert trace.return_path(Address.parse("ü@x.example")) == "Return-Path: <ü@x.example>\r\n".encode()
    assert trace.delivered_to(Address.parse("ann@bücher.example")) == b"Delivered-To: ann@xn--bcher-kva.example\r\n"


def test_hops_are_counted() -> None:
    """Every Received field is a hop, whatever its case."""
    assert trace.count_received(header.parse(b"Received: a\r\nRECEIVED: b\r\nX-Received: c\r\nreceived : d\r\n\r\n")) == 3


def test_message_ids_are_ours() -> None:
    """A Message-ID is in the domain that was asked for."""
    assert trace.message_id(MX).endswith("@mx.example.org>")
