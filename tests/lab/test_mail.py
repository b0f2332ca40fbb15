"""Mail from Postfix and swaks to Pillarbox, as it travels in the world; test_sending.py has the other way."""
import pytest

from tests.lab.conftest import US, US6
from tests.lab.namespace import Namespace
from tests.lab.postfix import Postfix
from tests.lab.server import PASSWORD, Pillarbox
from tests.lab.waiting import until
from tests.lab.writing import letter


def test_from_postfix(us: Pillarbox, them: Postfix) -> None:
    """A message that Postfix sends is in the mailbox, with the way it came written on it."""
    them.sendmail("carl@them.test", "ann@us.test", message=letter("from postfix", "carl@them.test", "ann@us.test"))
    text = us.raw(us.wait_for("ann", "from postfix"))

    assert text.startswith("Return-Path: <carl@them.test>\nDelivered-To: ann@us.test\nAuthentication-Results: mx.us.test;\n")
    assert "by mx.us.test" in text
    assert "with ESMTP id" in text, "without TLS"
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


def test_many_recipients_from_postfix(us: Pillarbox, them: Postfix) -> None:
    """A hundred and twenty recipients of one message are all taken."""
    us.command("domain", "add", "many.test")
    us.command("domain", "set", "many.test", "--catchall", "bob")
    recipients = [f"reader{number}@many.test" for number in range(120)]
    them.sendmail("carl@them.test", *recipients, message=letter("to many", "carl@them.test", "readers@many.test"))

    def done() -> list[str]:
        return [line for line in them.log().splitlines() if "@many.test>" in line and "status=" in line]
    until(lambda: len(done()) == 120, why="Postfix is done with all")
    assert all("status=sent" in line for line in done())
    # One account stands behind them all: each transaction leaves it one copy.
    rows = us.json("message", "list", "bob", "Inbox", "--limit", "500")
    assert 1 <= sum(row["subject"] == "to many" for row in rows) <= 120


def test_twentyfive_megabytes_from_postfix(us: Pillarbox, them: Postfix) -> None:
    """A large message for two people is stored once for each, and whole."""
    line = b"0123456789" * 7 + b"\n"
    body = line * (25_000_000 // len(line))
    them.sendmail("carl@them.test", "ann@us.test", "bob@us.test", message=letter("large", "carl@them.test", "ann@us.test", body))
    for account in ("ann", "bob"):
        row = us.wait_for(account, "large", seconds=60)
        assert row["size"] > 25_000_000
    assert us.raw(row).count("0123456789" * 7) == len(body) // len(line)


def test_smtputf8_from_postfix(us: Pillarbox, them: Postfix) -> None:
    """An address and a subject beyond ASCII arrive as they were written."""
    us.command("address", "add", "bob", "jürgen@us.test")
    them.sendmail("käthe@bücher.test", "jürgen@us.test", message=letter("grüße", "käthe@bücher.test", "jürgen@us.test", "ß\n".encode()))
    text = us.raw(us.wait_for("bob", "grüße"))

    assert "UTF8SMTP" in text
    assert "jürgen@us.test" in text


def test_swaks_signs_in_with_every_mechanism(us: Pillarbox, space: Namespace) -> None:
    """PLAIN, LOGIN over STARTTLS and implicit TLS."""
    starttls, implicit = ("-tls", "--port", "587"), ("-tlsc", "--port", "465")
    for words in (("--auth", "PLAIN", *starttls), ("--auth", "LOGIN", *starttls), ("--auth", "PLAIN", *implicit)):
        said = space.run("swaks", "--server", US, *words, "--auth-user", "ann", "--auth-password", PASSWORD,
                         "--from", "ann@us.test", "--to", "bob@us.test", "--header", f"Subject: {' '.join(words)}")
        assert "235 2.7.0" in said
        us.wait_for("bob", " ".join(words))


def test_a_pipelined_group(us: Pillarbox, space: Namespace) -> None:
    """A sender that pipelines everything gets its replies together and its mail through."""
    said = space.run("swaks", "--server", US6, "--pipeline", "--to", "ann@us.test,bob@us.test", "--from", "carl@alias.test",
                     "--header", "Subject: pipelined")

    assert "PIPELINING" in said
    us.wait_for("ann", "pipelined")
    us.wait_for("bob", "pipelined")
