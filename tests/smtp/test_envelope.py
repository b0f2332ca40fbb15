"""mta.smtp.envelope: what MAIL and RCPT ask for."""
from dataclasses import replace

import pytest

from mta.base.limits import LIMITS
from mta.base.names import Address, Domain, ip_address
from mta.smtp.desk import Peer, Session, TlsFacts, Transaction
from mta.smtp.envelope import read_mail, read_rcpt
from mta.smtp.parameters import Refused
from tests.smtp.plaindesk import PlainDesk

PEER = Peer(ip_address("192.0.2.9"), 4000, ip_address("192.0.2.1"), 25, "smtp", "0123456789")
DESK = PlainDesk(max_size=1_000)


def session(*, extended: bool = True) -> Session:
    """A session after EHLO or HELO."""
    return Session(PEER, 0.0, hello="a.example", extended=extended)


def transaction(*, smtputf8: bool = False) -> Transaction:
    """An open transaction."""
    return Transaction(session(), "0123456789.1", None, smtputf8=smtputf8)


def test_mail() -> None:
    """Sender and wishes."""
    asked = read_mail("FROM:<bob@a.example> SIZE=1000 BODY=8BITMIME SMTPUTF8 AUTH=eve@a.example", DESK, session(), "t.1")

    assert (asked.sender, asked.size, asked.body, asked.smtputf8) == (Address.parse("bob@a.example"), 1_000, "8BITMIME", True)
    assert (asked.envelope_auth, asked.trace, asked.recipients, asked.requiretls) == (Address.parse("eve@a.example"), "t.1", [], False)
    assert read_mail("FROM:<>", DESK, session(), "t.1").sender is None
    assert read_mail("FROM:<postmaster>", DESK, session(), "t.1").sender == Address("postmaster", Domain("mx.example.test"))
    wide = read_mail("FROM:<ü@bücher.example> SMTPUTF8", DESK, session(), "t.1").sender
    assert wide == Address("ü", Domain("xn--bcher-kva.example"))


@pytest.mark.parametrize(("argument", "code", "enhanced"), [
    ("FROM", 501, "5.1.7"), ("FROM:<bob>", 501, "5.1.7"), ("FROM:<bob@a.example> X=1", 555, "5.5.4"),
    ("FROM:<bob@a.example> SIZE=1001", 552, "5.3.4"), ("FROM:<bob@[192.0.2.9]>", 550, "5.1.8"), ('FROM:<""@a.example>', 553, "5.1.7"),
    ("FROM:<ü@a.example>", 553, "5.6.7"), ("FROM:<bob@bücher.example>", 553, "5.6.7"), ("FROM:<a\u200bb@a.example> SMTPUTF8", 553, "5.1.7"),
])
def test_mail_refused(argument: str, code: int, enhanced: str) -> None:
    """Each refusal has its code (RFC 3463, RFC 6531 §3.5)."""
    with pytest.raises(Refused) as caught:
        read_mail(argument, DESK, session(), "t.1")
    assert (caught.value.reply.code, caught.value.reply.enhanced) == (code, enhanced)


def test_requiretls() -> None:
    """Under TLS alone, also for the null sender (RFC 8689 §2, §5), and not where it is turned off."""
    tls = session()
    tls.tls = TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", None)
    assert read_mail("FROM:<bob@a.example> REQUIRETLS", DESK, tls, "t.1").requiretls
    assert read_mail("FROM:<> REQUIRETLS", DESK, tls, "t.1").requiretls
    assert not read_mail("FROM:<bob@a.example>", DESK, tls, "t.1").requiretls
    for argument, desk, here, reply in (
            ("FROM:<bob@a.example> REQUIRETLS", DESK, session(), "530 5.7.10"),
            ("FROM:<bob@a.example> REQUIRETLS=1", DESK, session(), "501 5.5.4"),
            ("FROM:<bob@a.example> REQUIRETLS", DESK, session(extended=False), "555 5.5.4"),
            ("FROM:<bob@a.example> REQUIRETLS", PlainDesk(requiretls=False), tls, "555 5.5.4")):
        with pytest.raises(Refused) as caught:
            read_mail(argument, desk, here, "t.1")
        assert str(caught.value.reply).startswith(reply)


def test_parameters_need_ehlo() -> None:
    """Who said HELO was offered nothing."""
    assert read_mail("FROM:<bob@a.example>", DESK, session(extended=False), "t.1").size is None
    with pytest.raises(Refused):
        read_mail("FROM:<bob@a.example> SIZE=1", DESK, session(extended=False), "t.1")


def test_rcpt() -> None:
    """Recipients, and the two ways to write to this host itself."""
    for argument, wanted in (("TO:<ann@example.test>", "ann@example.test"), ("TO:<Postmaster>", "Postmaster@mx.example.test"),
                             ("TO:<postmaster@[192.0.2.1]>", "postmaster@mx.example.test")):
        assert read_rcpt(argument, DESK, transaction(), LIMITS) == Address.parse(wanted)
    assert read_rcpt("TO:<zoë@example.test>", DESK, transaction(smtputf8=True), LIMITS).localpart == "zoë"


@pytest.mark.parametrize(("argument", "code", "enhanced"), [
    ("TO:<>", 501, "5.1.3"), ("TO:<ann>", 501, "5.1.3"), ("TO:<ann@[192.0.2.2]>", 550, "5.1.3"), ('TO:<""@example.test>', 550, "5.1.3"),
    ("TO:<zoë@example.test>", 553, "5.6.7"), ("TO:<ann@example.test> ORCPT=x", 555, "5.5.4"), ("FROM:<ann@example.test>", 501, "5.1.3"),
])
def test_rcpt_refused(argument: str, code: int, enhanced: str) -> None:
    """Each refusal has its code."""
    with pytest.raises(Refused) as caught:
        read_rcpt(argument, DESK, transaction(), LIMITS)
    assert (caught.value.reply.code, caught.value.reply.enhanced) == (code, enhanced)


@pytest.mark.parametrize("argument", ["TO:<zoë\u200b@example.test>", "TO:<ann@☃☃-.example>", "TO:<zoë>", "TO:<ann@example.test é>"])
def test_replies_are_ascii(argument: str) -> None:
    """RFC 6531: what we quote of a stranger's octets is escaped."""
    with pytest.raises(Refused) as caught:
        read_rcpt(argument, DESK, transaction(smtputf8=True), LIMITS)
    assert caught.value.reply.text.isascii()


def test_too_many_recipients() -> None:
    """RFC 5321 §4.5.3.1.10: 452, so that the client sends the rest in another transaction."""
    full = transaction()
    full.recipients += [Address(f"u{number}", Domain("example.test")) for number in range(3)]

    with pytest.raises(Refused) as caught:
        read_rcpt("TO:<ann@example.test>", DESK, full, replace(LIMITS, recipients=3))
    assert (caught.value.reply.code, caught.value.reply.enhanced) == (452, "4.5.3")
