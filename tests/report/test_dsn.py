"""Notices to senders."""
import email
import email.message
import quopri
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mta.base.errors import Failure, Reach
from mta.base.names import Address, Domain
from mta.report.dsn import HEADER_ROOM, Fate, Kind, Notice, compose

REFUSED = Failure(Reach.RECIPIENT, True, 550, "5.1.1", "No such user here", "RCPT", "mx.b.test")
SLOW = Failure(Reach.HOST, False, 0, "4.4.1", "no connection within 30 seconds", "connect", "mx.b.test")
ANN, BOB, UEB = (Address.parse(text) for text in ("ann@a.test", "bob@b.test", "ü+x@bücher.example"))
NOTICE = Notice(
    "bounce", Domain.parse("mx.a.test"), ANN, [Fate(BOB, REFUSED, 1_800_000_000.0)], 1_799_999_900.0, 1_800_432_000.0,
    "Hällo", "<one@a.test>", "abc.1", b"From: ann@a.test\r\nSubject: =?utf-8?q?H=C3=A4llo?=\r\n\r\nbody\r\n")


def made(notice: Notice) -> tuple[bytes, email.message.Message, list[email.message.Message]]:
    """The notice as octets, as a message, and its three parts."""
    octets = compose(notice, 1_800_000_001.0, "<new@mx.a.test>", "=boundary=")
    message = email.message_from_bytes(octets)
    parts = message.get_payload()
    assert isinstance(parts, list)
    return octets, message, parts    # type: ignore[return-value]  # typeshed knows only strings here


def plain(part: email.message.Message) -> str:
    """The text of the first part."""
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def status(part: email.message.Message) -> list[email.message.Message]:
    """The blocks of the second part."""
    payload = part.get_payload()
    assert isinstance(payload, list)
    return payload    # type: ignore[return-value]  # typeshed knows only strings here


def test_a_bounce() -> None:
    """Three parts; header, words and fields as the standards say."""
    octets, message, parts = made(NOTICE)

    assert octets.isascii()
    assert message["From"] == '"Mail server mx.a.test" <postmaster@mx.a.test>'
    assert message["To"] == "<ann@a.test>"
    assert message["Auto-Submitted"] == "auto-replied"
    assert (message["In-Reply-To"], message["Message-ID"]) == ("<one@a.test>", "<new@mx.a.test>")
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    assert [part.get_content_type() for part in parts] == ["text/plain", "message/delivery-status", "text/rfc822-headers"]
    text = plain(parts[0])
    assert "could not be delivered to a recipient" in text
    assert "bob@b.test" in text
    assert "does not exist" in text
    assert "mx.b.test answered: 550 5.1.1 No such user here" in " ".join(text.split())
    assert "Subject: Hällo" in text
    whole, recipient = status(parts[1])
    assert whole["Reporting-MTA"] == "dns; mx.a.test"
    assert whole["Arrival-Date"]
    assert {name: recipient[name] for name in ("Final-Recipient", "Action", "Status", "Remote-MTA", "Diagnostic-Code")} == {
        "Final-Recipient": "rfc822; bob@b.test", "Action": "failed", "Status": "5.1.1", "Remote-MTA": "dns; mx.b.test",
        "Diagnostic-Code": "smtp; 550 5.1.1 No such user here"}
    assert recipient["Will-Retry-Until"] is None
    assert "Subject: =?utf-8?q?H=C3=A4llo?=" in str(parts[2].get_payload())
    assert b"body" not in octets.partition(b"text/rfc822-headers")[2]


@pytest.mark.parametrize(("host", "wanted"), [("192.0.2.1", "dns; [192.0.2.1]"), ("2001:db8::1", "dns; [IPv6:2001:db8::1]")])
def test_a_host_without_name(host: str, wanted: str) -> None:
    """A smarthost may be configured by its address."""
    _, _, parts = made(replace(NOTICE, fates=[Fate(BOB, replace(REFUSED, host=host), 1.0)]))
    assert status(parts[1])[1]["Remote-MTA"] == wanted


def test_a_delay() -> None:
    """Says that nothing need be done, and until when we go on."""
    _, message, parts = made(replace(NOTICE, kind="delayed", fates=[Fate(BOB, SLOW, 1_800_000_000.0)]))

    assert str(message["Subject"]).startswith("Not delivered yet:")
    assert "need not do anything" in plain(parts[0])
    recipient = status(parts[1])[1]
    assert (recipient["Action"], recipient["Status"]) == ("delayed", "4.4.1")
    assert recipient["Diagnostic-Code"] == "x-pillarbox; no connection within 30 seconds"
    assert recipient["Will-Retry-Until"]


def test_giving_up() -> None:
    """A failure that never was final is explained by how long we tried."""
    _, _, parts = made(replace(NOTICE, fates=[Fate(BOB, SLOW, NOTICE.arrived + 432_000)]))

    assert "We have tried for 5 days" in plain(parts[0])
    assert status(parts[1])[1]["Status"] == "4.4.1"


def test_several_recipients() -> None:
    """Those that fail together are told together, each with its own reason."""
    _, _, parts = made(replace(NOTICE, fates=[Fate(BOB, REFUSED, 1.0), Fate(ANN, SLOW, 2.0)]))

    assert "2 recipients" in plain(parts[0])
    assert [block["Final-Recipient"] for block in status(parts[1])[1:]] == ["rfc822; bob@b.test", "rfc822; ann@a.test"]


def test_an_internationalised_recipient() -> None:
    """To an ASCII sender everything stays ASCII (RFC 6533 §3, utf-8-addr-xtext)."""
    octets, _, parts = made(replace(NOTICE, fates=[Fate(UEB, REFUSED, 1.0)]))

    assert octets.isascii()
    assert status(parts[1])[1]["Final-Recipient"] == "utf-8; \\x{FC}\\x{2B}x@xn--bcher-kva.example"
    assert "ü+x@bücher.example" in plain(parts[0])


def test_an_internationalised_sender() -> None:
    """Then the notice itself is internationalised (RFC 6533 §4)."""
    octets, _, parts = made(replace(NOTICE, sender=UEB, fates=[Fate(UEB, REFUSED, 1.0)]))

    assert "To: <ü+x@xn--bcher-kva.example>".encode() in octets
    assert parts[1].get_content_type() == "message/global-delivery-status"
    assert "Final-Recipient: utf-8; ü+x@xn--bcher-kva.example".encode() in octets


def test_a_domain_alone_needs_no_international_form() -> None:
    """a@bücher.example has an ASCII form and is shown in it."""
    _, _, parts = made(replace(NOTICE, fates=[Fate(Address.parse("a@bücher.example"), REFUSED, 1.0)]))

    assert status(parts[1])[1]["Final-Recipient"] == "rfc822; a@xn--bcher-kva.example"


@pytest.mark.parametrize(("message", "kind", "wanted"), [
    ("Subject: Grüße\r\n\r\nx".encode(), "message/global-headers", "Subject: Grüße\r\n".encode()),
    (b"Subject: \xe4\r\n\r\nx", "text/rfc822-headers", b"Subject: \xe4\r\n"),
    (b"Subject: " + b"x" * 2_000 + b"\r\n\r\n", "text/rfc822-headers", b"Subject: " + b"x" * 2_000 + b"\r\n"),
    (b"no end\r\nof header", "text/rfc822-headers", b"no end\r\n"), (b"", "text/rfc822-headers", b""), (b"x", "text/rfc822-headers", b""),
])
def test_odd_headers_come_back_whole(message: bytes, kind: str, wanted: bytes) -> None:
    """Whatever the header was written in, it survives, and the notice stays ASCII with short lines."""
    octets, _, parts = made(replace(NOTICE, header=message))

    assert octets.isascii()
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert parts[2].get_content_type() == kind
    payload = parts[2].get_payload(0) if kind.startswith("message/") else parts[2]
    assert isinstance(payload, email.message.Message)
    raw = octets.split(b"quoted-printable\r\n\r\n" if b"quoted" in octets.partition(kind.encode())[2] else b"7bit\r\n\r\n")[-1]
    raw = raw.rpartition(b"\r\n--=boundary=--")[0]
    if parts[2]["Content-Transfer-Encoding"] == "quoted-printable":
        raw = quopri.decodestring(raw).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert raw == wanted


def test_a_huge_header_is_cut() -> None:
    """A notice does not carry a megabyte back; it is cut at the end of a line."""
    octets, _, parts = made(replace(NOTICE, header=b"X-Line: some text\r\n" * 100_000))

    assert len(octets) < HEADER_ROOM + 4_000
    assert str(parts[2].get_payload()).strip().endswith("X-Line: some text")


@given(st.text(max_size=300), st.text(max_size=1_500), st.binary(max_size=300), st.text(max_size=100))
def test_nothing_a_stranger_wrote_breaks_out(subject: str, said: str, header: bytes, message_id: str) -> None:
    """Invariant: whatever subject, reply, header and id hold, there are three parts and no further header fields."""
    said = " ".join("".join(char if char.isprintable() else " " for char in said).split())
    failure = replace(REFUSED, text=said)
    octets, message, parts = made(replace(
        NOTICE, subject=subject, fates=[Fate(BOB, failure, 1.0)], header=header.replace(b"=boundary=", b""), message_id=message_id))

    assert len(parts) == 3
    assert set(message.keys()) <= {"Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
                                   "MIME-Version", "Content-Type"}
    assert octets.isascii()
    assert b"\n" not in octets.replace(b"\r\n", b"")
    assert max(map(len, octets.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(("kind", "said"), [("bounce", "could not be forwarded"), ("delayed", "has not yet been forwarded")])
def test_what_was_forwarded(kind: Kind, said: str) -> None:
    """Who forwards is told in other words: he did not write it, and has it."""
    _, message, parts = made(replace(NOTICE, kind=kind, forwarded=True))
    assert f"A message of your mailbox {said} to" in plain(parts[0])
    assert "You have a copy of it here" in plain(parts[0])
    assert message["Subject"].startswith("Not forwarded")
