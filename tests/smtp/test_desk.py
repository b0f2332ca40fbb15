"""mta.smtp.desk: the facts that desks are told."""
import pytest

from mta.base.names import ip_address
from mta.smtp.desk import WRONG_CREDENTIALS, Desk, Login, Peer, Session, TlsFacts, Transaction
from tests.smtp.plaindesk import MemoryBody, PlainDesk

PEER = Peer(ip_address("192.0.2.9"), 4000, ip_address("192.0.2.1"), 25, "smtp", "0123456789")
TLS, WHO = TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", None), Login(1, 1, "ann", "PLAIN")


@pytest.mark.parametrize(("extended", "tls", "account", "plain", "utf8"), [
    (False, None, None, "SMTP", "SMTP"), (False, TLS, None, "SMTP", "SMTP"), (True, None, None, "ESMTP", "UTF8SMTP"),
    (True, TLS, None, "ESMTPS", "UTF8SMTPS"), (True, None, WHO, "ESMTPA", "UTF8SMTPA"), (True, TLS, WHO, "ESMTPSA", "UTF8SMTPSA"),
])
def test_protocol_names(extended: bool, tls: TlsFacts | None, account: Login | None, plain: str, utf8: str) -> None:
    """RFC 3848 and RFC 6531 §4.3: what Received calls this."""
    session = Session(PEER, 0.0, tls=tls, extended=extended, account=account)

    assert session.protocol == plain
    assert Transaction(session, "t", None).protocol == plain
    assert Transaction(session, "t", None, smtputf8=True).protocol == utf8


def test_transactions_do_not_share_recipients() -> None:
    """Each has its own list."""
    one, other = (Transaction(Session(PEER, 0.0), "t", None) for _ in range(2))
    one.recipients.append(one.recipients)  # type: ignore[arg-type]  # anything will do

    assert other.recipients == []


def test_wrong_credentials_do_not_say_which() -> None:
    """RFC 4954 §6."""
    assert WRONG_CREDENTIALS.code == 535


def test_the_test_desk_is_a_desk() -> None:
    """The type checker proves it here, for all tests that use it."""
    desk: Desk[MemoryBody] = PlainDesk()
    assert desk.max_size
