"""Mail between Postfix and Pillarbox, both ways, as it travels in the world."""
import smtplib
import ssl
from typing import Any

import pytest

from tests.lab.conftest import THEM, US, US6
from tests.lab.namespace import Namespace
from tests.lab.postfix import Postfix
from tests.lab.server import PASSWORD, Pillarbox
from tests.lab.waiting import until


def letter(subject: str, sender: str, recipient: str, body: bytes = b"Good day.\n") -> bytes:
    """A message as a local program hands it to sendmail."""
    return f"From: {sender}\nTo: {recipient}\nSubject: {subject}\n\n".encode() + body


def submit(sender: str, recipients: list[str], message: bytes, options: tuple[str, ...] = (), account: str = "ann") -> None:
    """Hand in a message as a mail program does: STARTTLS, sign in, send."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with smtplib.SMTP(US, 587, timeout=30) as client:
        client.starttls(context=context)
        client.login(account, PASSWORD)
        client.sendmail(sender, recipients, message.replace(b"\n", b"\r\n"), mail_options=options)


def test_from_postfix(us: Pillarbox, them: Postfix) -> None:
    """A message that Postfix sends is in the mailbox, with the way it came written on it."""
    them.sendmail("carl@them.test", "ann@us.test", message=letter("from postfix", "carl@them.test", "ann@us.test"))
    text = us.raw(us.wait_for("ann", "from postfix"))

    assert text.startswith("Return-Path: <carl@them.test>\nDelivered-To: ann@us.test\nAuthentication-Results: mx.us.test;\n")
    assert "by mx.us.test" in text
    assert "with ESMTP" in text
    assert "Good day." in text


def test_from_postfix_with_tls(us: Pillarbox, them: Postfix) -> None:
    """With TLS the Received field says so, and which version."""
    them.configure(smtp_tls_security_level="encrypt")
    try:
        them.sendmail("carl@them.test", "ann@us.test", message=letter("encrypted", "carl@them.test", "ann@us.test"))
        text = us.raw(us.wait_for("ann", "encrypted"))
    finally:
        them.configure(smtp_tls_security_level="may")

    assert "with ESMTPS" in text
    assert "TLSv1.3" in text or "TLS1.3" in text


def test_from_postfix_over_ipv6(us: Pillarbox, them: Postfix) -> None:
    """An IPv6 client is known by its address."""
    them.configure(smtp_address_preference="ipv6")
    try:
        them.sendmail("carl@them.test", "ann@us.test", message=letter("over six", "carl@them.test", "ann@us.test"))
        text = us.raw(us.wait_for("ann", "over six"))
    finally:
        them.configure(smtp_address_preference="ipv4")

    assert "fd00::20" in text


def test_unknown_recipients_are_refused_with_the_reason(us: Pillarbox, space: Namespace) -> None:
    """swaks sees 550 and a text that helps, and we are no relay."""
    unknown = space.run("swaks", "--server", US, "--to", "nobody@us.test", "--from", "carl@them.test", check=False)
    relay = space.run("swaks", "--server", US, "--to", "someone@plain.test", "--from", "carl@them.test", check=False)

    assert "550 5.1.1" in unknown
    assert "550 5.7.1" in relay


@pytest.mark.parametrize("name", ["postmaster@us.test", "PostMaster@us.test", "postmaster"])
def test_postmaster_always_exists(us: Pillarbox, space: Namespace, name: str) -> None:
    """With and without domain, in any case (RFC 5321 §4.5.1)."""
    said = space.run("swaks", "--server", US, "--to", name, "--from", "<>", "--header", f"Subject: to {name}")

    assert " 250 " in said
    us.wait_for("ann", f"to {name}")


def test_many_recipients_and_twentyfive_megabytes(us: Pillarbox, them: Postfix) -> None:
    """A large message for two people is stored once for each, and whole."""
    line = b"0123456789" * 7 + b"\n"
    body = line * (25_000_000 // len(line))
    them.sendmail("carl@them.test", "ann@us.test", "bob@us.test", message=letter("large", "carl@them.test", "ann@us.test", body))
    for account in ("ann", "bob"):
        row = us.wait_for(account, "large", seconds=60)
        assert row["size"] > 25_000_000
    assert us.raw(row).count("0123456789" * 7) == len(body) // len(line)


def test_smtputf8_in(us: Pillarbox, them: Postfix) -> None:
    """An address and a subject beyond ASCII arrive as they were written."""
    us.command("address", "add", "bob", "jürgen@us.test")
    with smtplib.SMTP(US, 25, timeout=30) as client:
        client.sendmail("käthe@bücher.test", ["jürgen@us.test"], "Subject: grüße\r\nFrom: käthe@bücher.test\r\n\r\nß\r\n".encode(),
                        mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    text = us.raw(us.wait_for("bob", "grüße"))

    assert "UTF8SMTP" in text
    assert "jürgen@us.test" in text


def test_to_postfix(us: Pillarbox, them: Postfix) -> None:
    """What ann hands in is signed and at Postfix, over TLS where that is offered."""
    submit("ann@us.test", ["dora@them.test"], letter("to postfix", "ann@us.test", "dora@them.test", b"token-to-postfix\n"))
    mail = them.wait_for(b"token-to-postfix").decode()

    assert "DKIM-Signature:" in mail
    assert "Message-ID: <" in mail
    assert "Date: " in mail
    assert "127.0.0." not in mail.partition("Received: from")[2].partition("Received:")[2], "the client's address is hidden"
    us.wait_until_queue_is_empty()


@pytest.mark.parametrize("domain", ["plain.test", "six.test", "implicit.test", "mixed.test", "alias.test", "bücher.test"])
def test_ways_to_a_domain(us: Pillarbox, them: Postfix, domain: str) -> None:
    """Unsigned zones, IPv6 only, no MX, a dead first host, an alias, an internationalised name."""
    token = f"way-to-{domain.encode('idna').decode()}"
    recipient = f"dora@{domain.encode('idna').decode()}"
    submit("ann@us.test", [recipient], letter(token, "ann@us.test", recipient, token.encode() + b"\n"))

    assert token.encode() in them.wait_for(token.encode())


def test_smtputf8_out(us: Pillarbox, them: Postfix) -> None:
    """An address beyond ASCII goes to a server that offers SMTPUTF8."""
    submit("ann@us.test", ["jörg@them.test"], letter("ünder way", "ann@us.test", "jörg@them.test", b"utf8-out\n"), options=("SMTPUTF8",))

    assert "jörg@them.test".encode() in them.wait_for(b"utf8-out")


def test_a_refused_recipient_comes_back(us: Pillarbox, them: Postfix) -> None:
    """A final refusal leads to a notice that says in plain words what happened; null MX at once."""
    submit("ann@us.test", ["someone@nullmx.test"], letter("to nowhere", "ann@us.test", "someone@nullmx.test"))
    submit("ann@us.test", ["someone@other-domain-of.them.test"], letter("to no name", "ann@us.test", "someone@other-domain-of.them.test"))

    def bounces() -> list[str]:
        rows = us.json("message", "list", "ann", "Inbox")
        return [text for text in map(us.raw, rows) if "Return-Path: <>" in text]
    found = until(lambda: [text for text in bounces() if "nullmx.test" in text], why="a bounce for the null MX")

    assert "Auto-Submitted: auto-replied" in found[0]
    assert "multipart/report" in found[0]
    assert "Return-Path: <>" in found[0]


def test_a_host_that_is_down_is_tried_again(us: Pillarbox, them: Postfix) -> None:
    """What cannot be delivered now waits, is shown with the reason, and can be dropped."""
    submit("ann@us.test", ["someone@broken.test"], letter("to a dead host", "ann@us.test", "someone@broken.test"))
    def tried() -> dict[str, Any] | None:
        rows = us.json("queue", "list")
        return next((row for row in rows if row["recipient"] == "someone@broken.test" and row["attempts"]), None)
    row = until(tried, why="an attempt was made")
    assert row is not None
    us.command("queue", "drop", str(row["id"]), "--silent")

    us.wait_until_queue_is_empty()


def test_swaks_signs_in_with_every_mechanism(us: Pillarbox, space: Namespace) -> None:
    """PLAIN, LOGIN over STARTTLS and implicit TLS."""
    starttls, implicit = ("-tls", "--port", "587"), ("-tlsc", "--port", "465")
    for words in (("--auth", "PLAIN", *starttls), ("--auth", "LOGIN", *starttls), ("--auth", "PLAIN", *implicit)):
        said = space.run("swaks", "--server", US, *words, "--auth-user", "ann", "--auth-password", PASSWORD,
                         "--from", "ann@us.test", "--to", "bob@us.test", "--header", f"Subject: {' '.join(words)}")
        assert "235 2.7.0" in said
        us.wait_for("bob", " ".join(words))


def test_the_queue_survives_a_peer_that_was_away(us: Pillarbox, them: Postfix, space: Namespace) -> None:
    """A sender that pipelines everything gets its replies together and its mail through."""
    said = space.run("swaks", "--server", US6, "--pipeline", "--to", "ann@us.test,bob@us.test", "--from", "carl@them.test",
                     "--header", "Subject: pipelined")

    assert "PIPELINING" in said
    us.wait_for("ann", "pipelined")
    us.wait_for("bob", "pipelined")
    assert THEM
