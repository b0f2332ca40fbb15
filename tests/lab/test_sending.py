"""Mail from Pillarbox to Postfix, with all that can come between; test_mail.py has the other way."""
import email
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.lab.conftest import NOBODY, SMART, THEM, THEM6, US, US6
from tests.lab.names import Names
from tests.lab.namespace import Namespace
from tests.lab.postfix import Postfix
from tests.lab.server import Pillarbox
from tests.lab.waiting import until
from tests.lab.writing import letter, submit

ANN = "ann@us.test"


def send(token: str, *recipients: str, sender: str = ANN, body: bytes = b"", **more: Any) -> None:
    """Hand in a message with token as its subject and in its text."""
    submit(sender, list(recipients), letter(token, sender, recipients[0], body + token.encode() + b"\n"), **more)


def waiting(us: Pillarbox, recipient: str) -> dict[str, Any] | None:
    """The queue's row for a recipient once an attempt was made."""
    return next((row for row in us.json("queue", "list") if row["recipient"] == recipient and row["attempts"]), None)


def tried(us: Pillarbox, recipient: str) -> dict[str, Any]:
    """The same; waits for it."""
    row = until(lambda: waiting(us, recipient), why=f"an attempt for {recipient}")
    assert row is not None
    return row


def connections(peer: Postfix) -> int:
    """How often we have connected to it."""
    return sum(" connect from " in line and (US in line or US6 in line) for line in peer.log().splitlines())


@pytest.fixture(scope="module", autouse=True)
def overdue(us: Pillarbox, space: Namespace) -> float:
    """A message to a dead host, handed in before everything else: the last tests see what becomes of it; since when it waits."""
    with space.entered():
        send("overdue", "someone@broken.test")
    return time.monotonic()


# --- the ways to a host -----------------------------------------------------------------------


def test_to_postfix_without_tls(us: Pillarbox, them: Postfix) -> None:
    """What ann hands in is completed and signed, hides where she is, and goes in the clear to a server without TLS."""
    send("to-postfix", "dora@them.test")
    mail = them.wait_for(b"to-postfix").decode()

    newest, _, ours = mail.partition("Received: from")[2].partition("Received:")
    assert f"mx.us.test [{US}]" in newest, "from the address whose name leads back to it"
    assert "with ESMTP id" in newest
    assert "127.0.0." not in ours, "the client's address is hidden"
    assert "DKIM-Signature:" in mail
    assert "Message-ID: <" in mail
    assert "Date: " in mail


def test_to_postfix_with_tls(us: Pillarbox, other: Postfix) -> None:
    """Whoever offers STARTTLS gets the message encrypted, whatever its certificate."""
    send("over-tls", "dora@other.test")
    mail = other.wait_for(b"over-tls").decode()

    assert "with ESMTPS id" in mail
    assert "using TLSv1.3" in mail


def test_a_handshake_that_fails_ends_in_the_clear(us: Pillarbox, other: Postfix) -> None:
    """A server whose TLS is too old to shake hands with gets the message all the same, at the first attempt."""
    other.configure(smtpd_tls_protocols="!TLSv1.2,!TLSv1.3")
    try:
        send("old-tls", "dora@other.test")
        mail = other.wait_for(b"old-tls").decode()
    finally:
        other.configure(smtpd_tls_protocols=">=TLSv1.2")

    assert "with ESMTP id" in mail
    assert "SSL_accept error" in other.log()
    us.wait_until_queue_is_empty("dora@other.test")


def test_to_postfix_over_ipv6_alone(us: Pillarbox, them: Postfix) -> None:
    """A domain whose host has no IPv4 address is reached over IPv6."""
    send("six-alone", "dora@six.test")

    assert f"IPv6:{US6}" in them.wait_for(b"six-alone").decode()


@pytest.mark.parametrize(("domain", "what"), [
    ("plain.test", "an unsigned zone"), ("implicit.test", "no MX"), ("mixed.test", "the first host is dead"), ("alias.test", "a CNAME"),
    ("xn--bcher-kva.test", "an internationalised name")])
def test_ways_to_a_domain(us: Pillarbox, them: Postfix, domain: str, what: str) -> None:
    """Wherever the DNS leads, the message follows at the first attempt."""
    send(f"way-to-{domain}", f"dora@{domain}")

    assert them.wait_for(f"way-to-{domain}".encode())


def test_a_smarthost_with_credentials(us: Pillarbox, smart: Postfix) -> None:
    """A route's mail goes to the transport: certificate checked, signed in with SCRAM by Cyrus SASL, and not to its MX."""
    send("by-smarthost", "dora@relayed.test")
    smart.wait_for(b"by-smarthost")

    signed_in = smart.wait_for_log("sasl_username=us@smart.test")
    assert "sasl_method=SCRAM-SHA-256" in signed_in
    assert f"host=mx.smart.test ip={SMART} version=TLSv1.3" in us.text()
    assert "verified=True" in us.text()


# --- internationalised addresses ------------------------------------------------------------------


def test_smtputf8_to_postfix(us: Pillarbox, them: Postfix) -> None:
    """An address beyond ASCII goes to a server that offers SMTPUTF8."""
    submit(ANN, ["jörg@them.test"], letter("ünder way", ANN, "jörg@them.test", b"utf8-out\n"), options=("SMTPUTF8",))

    assert "jörg@them.test".encode() in them.wait_for(b"utf8-out")


def test_a_domain_beyond_ascii_at_a_server_without_smtputf8(us: Pillarbox, other: Postfix) -> None:
    """The envelope says it in A-labels, which every server knows."""
    submit(ANN, ["dora@müll.test"], letter("a labels", ANN, "dora@xn--mll-hoa.test", b"a-labels\n"), options=("SMTPUTF8",))

    assert b"dora@xn--mll-hoa.test" in other.wait_for(b"a-labels")


def test_a_local_part_beyond_ascii_at_a_server_without_smtputf8(us: Pillarbox, other: Postfix) -> None:
    """It cannot be written otherwise: the sender learns at once, with 5.6.7."""
    submit(ANN, ["ü@other.test"], letter("no utf8", ANN, "someone@other.test"), options=("SMTPUTF8",))
    [notice] = until(lambda: us.notices("ann", "no utf8"), why="the bounce")

    assert "Status: 5.6.7" in notice
    assert "utf-8; \\x{FC}@other.test" in notice
    assert "Use another address of the recipient" in notice


# --- much at a time ----------------------------------------------------------------------------------


def test_twentyfive_megabytes_to_postfix(us: Pillarbox, them: Postfix) -> None:
    """A large message arrives whole."""
    line = b"0123456789" * 7 + b"\n"
    send("large-out", "dora@them.test", body=line * (25_000_000 // len(line)))

    assert them.wait_for(b"large-out\n", seconds=60).count(line) == 25_000_000 // len(line)


def test_many_recipients_to_postfix(us: Pillarbox, them: Postfix) -> None:
    """A hundred and fifty recipients at one domain are two transactions over one connection, pipelined."""
    before = connections(them)
    send("to-many", *(f"reader{number}@them.test" for number in range(150)))
    until(lambda: sum(b"to-many" in mail for mail in them.received()) == 150, 60, "all copies arrive")
    us.wait_until_queue_is_empty("them.test")

    assert connections(them) == before + 1
    queued = [line for line in them.log().splitlines() if "from=<ann@us.test>" in line and ("nrcpt=100" in line or "nrcpt=50" in line)]
    assert len({line.split(": ")[1] for line in queued}) == 2


def test_a_peer_that_was_away(us: Pillarbox, them: Postfix) -> None:
    """Once it is back, what waited goes out by itself, each message once; and several of them over one connection."""
    them.stop()
    try:
        for number in range(5):
            send(f"away-{number}", "dora@them.test")
        assert "refused" in tried(us, "dora@them.test")["last"]
        ids = [str(row["id"]) for row in us.json("queue", "list", "--recipient", "dora@them.test")]
        us.command("queue", "hold", *ids[:4])
    finally:
        them.start()
    them.wait_for(b"away-0")
    before = connections(them)
    us.command("queue", "retry", *ids[:4])
    for number in range(1, 5):
        them.wait_for(f"away-{number}".encode())
    us.wait_until_queue_is_empty("them.test")

    assert connections(them) == before + 1
    assert sum(b"away-" in mail for mail in them.received()) == 5


def test_roles_that_are_killed_meanwhile(us: Pillarbox, them: Postfix) -> None:
    """The resolver and delivery die with questions and mail in flight: everything arrives, once, without an attempt more."""
    domains = ("them.test", "plain.test", "implicit.test", "alias.test")
    for number in range(8):
        send(f"killed-{number}-", *(f"dora@{domain}" for domain in domains))
        os.kill(us.role("resolver" if number % 2 else "delivery"), signal.SIGKILL)
    until(lambda: sum(b"killed-" in mail for mail in them.received()) >= 8 * len(domains), 60, "everything arrives")
    us.wait_until_queue_is_empty("dora@")

    arrived = [mail for mail in them.received() if b"killed-" in mail]
    # RFC 5321 §6.1: a message whose answer was lost with the process may come twice.
    assert len(arrived) <= 8 * len(domains) + 4


# --- what cannot be delivered --------------------------------------------------------------------------


def test_a_domain_that_takes_no_mail(us: Pillarbox) -> None:
    """A null MX is believed at once; the notice is what programs of others understand (RFC 3464)."""
    send("to-nowhere", "someone@nullmx.test")
    [notice] = until(lambda: us.notices("ann", "to-nowhere"), why="the bounce")

    parsed = email.message_from_string(notice)
    assert parsed["Return-Path"] == "<>"
    assert parsed["Auto-Submitted"] == "auto-replied"
    assert (parsed.get_content_type(), parsed.get_param("report-type")) == ("multipart/report", "delivery-status")
    _, words, status, of_message, of_recipient, original = parsed.walk()
    assert "takes no mail at all" in str(words.get_payload())
    assert status.get_content_type() == "message/delivery-status"
    assert of_message["Reporting-MTA"] == "dns; mx.us.test"
    assert (of_recipient["Final-Recipient"], of_recipient["Action"], of_recipient["Status"]) == (
        "rfc822; someone@nullmx.test", "failed", "5.1.10")
    assert "Subject: to-nowhere" in str(original.get_payload())


def test_a_recipient_that_postfix_refuses(us: Pillarbox, other: Postfix) -> None:
    """Its words are in the queue's history and in the notice; those who were taken are not named."""
    other.configure(smtpd_recipient_restrictions="check_recipient_access inline:{{nobody@other.test=550 5.1.1 no such person}},"
                    "reject_unauth_destination")
    send("half-refused", "nobody@other.test", "dora@other.test")
    other.wait_for(b"half-refused")
    [notice] = until(lambda: us.notices("ann", "half-refused"), why="the bounce")

    assert "mx.other.test answered: 550 5.1.1 <nobody@other.test>: Recipient address rejected: no such person" in " ".join(notice.split())
    assert "Final-Recipient: rfc822; dora@" not in notice


def test_a_bounce_that_leaves_the_house(us: Pillarbox, them: Postfix, names: Names, space: Namespace) -> None:
    """Its null sender is taken by Postfix, and its DKIM signature verifies with dkimpy, with the key that `domain show` prints."""
    us.command("address", "add", "ann", "gone@us.test")
    send("bounces-out", "someone@broken.test", sender="gone@us.test")
    row = next(row for row in us.json("queue", "list") if row["sender"] == "gone@us.test")
    us.command("address", "remove", "gone@us.test")
    us.command("alias", "add", "gone@us.test", "dora@them.test")
    us.command("queue", "hold", str(row["id"]))
    until(lambda: us.json("queue", "show", str(row["id"]))[0]["state"] == "held", why="nobody tries it")
    us.command("queue", "drop", str(row["id"]))
    bounce = them.wait_for(b"Subject: Not delivered: bounces-out")

    [domain] = us.json("domain", "show", "us.test")
    keys = [f'{key["record_name"]}. TXT ' + " ".join(f'"{key["record"][at:at + 250]}"' for at in range(0, len(key["record"]), 250))
            for key in domain["dkim"]]
    names.change("us.test", "\n".join([names.records("us.test"), *keys]))
    assert b"Return-Path: <>" in bounce
    assert b"<postmaster@mx.us.test>" in bounce
    assert "signature ok" in space.run(Path(sys.prefix) / "bin" / "dkimverify", stdin=bounce)


def test_queue_verbs(us: Pillarbox, other: Postfix) -> None:
    """Hold, show, route elsewhere, release, and drop without a word, at what waits."""
    send("by-hand", "by-hand@broken.test")
    ident = str(tried(us, "by-hand@broken.test")["id"])
    us.command("queue", "hold", ident)
    [shown] = us.json("queue", "show", ident)
    assert shown["state"] == "held"
    assert NOBODY in shown["last"]
    assert "could not be reached" in shown["what"] or "does not answer" in shown["what"]
    # The trace is written soon, not at once.
    until(lambda: any(NOBODY in step["facts"].get("reply", "") for step in us.json("queue", "show", ident)[0]["steps"]))
    us.command("queue", "route", "smart", ident)
    assert us.json("queue", "show", ident)[0]["next_hop"] == "transport:smart"
    assert "no transport" in us.command("queue", "route", "nonsense", ident, check=False)
    us.command("queue", "route", "direct", ident)
    us.command("queue", "drop", ident, "--silent")

    assert not us.json("queue", "list", "--recipient", "by-hand")
    assert not us.notices("ann", "by-hand")


def test_the_sender_of_late_mail_is_told_once_and_again_at_the_end(us: Pillarbox, overdue: float) -> None:
    """A notice while it is still tried, and the bounce once the time is up (here after 30 and 75 seconds)."""
    notices = until(lambda: [found for found in [us.notices("ann", "overdue")] if any("Action: failed" in text for text in found)],
                    110 - (time.monotonic() - overdue) if time.monotonic() - overdue < 100 else 10,
                    lambda: f"the final notice; {us.json('queue', 'list', '--recipient', 'someone@broken.test')} {us.text()[-6000:]}")[0]

    delayed = [text for text in notices if "Action: delayed" in text]
    assert (len(delayed), len(notices)) == (1, 2)
    assert "Subject: Not delivered yet: overdue" in delayed[0]
    assert "Will-Retry-Until:" in delayed[0]
    [final] = [text for text in notices if text not in delayed]
    assert "give up now" in final
    assert THEM not in final
    assert THEM6 not in final
