"""workers.acceptor: mail comes in at every port, and a stop lets it finish."""
import smtplib
import socket
import ssl

from tests.workers.conftest import Runner
from workers import acceptor, resolver

MESSAGE = "From: demo@localhost\r\nTo: bob@localhost\r\nSubject: hello\r\n\r\nhi\r\n"


def untrusting() -> ssl.SSLContext:
    """TLS with a certificate of the server's own making."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def test_mail_comes_in_at_every_port(run_role: Runner) -> None:
    """From strangers on smtp; from our users on submission and, with TLS from the first octet, on submissions."""
    run_role(resolver, "resolver", "resolver")
    role = run_role(acceptor, "acceptor", "smtp", "submission", "submissions", "sendmail")

    with smtplib.SMTP("127.0.0.1", role.ports["smtp"], timeout=20) as client:
        client.starttls(context=untrusting())
        client.sendmail("ann@example.org", ["demo@localhost"], MESSAGE)
        assert "auth" not in client.esmtp_features
    with smtplib.SMTP("127.0.0.1", role.ports["submission"], timeout=20) as client:
        client.login("demo", "pillarbox")
        client.sendmail("demo@localhost", ["bob@localhost"], MESSAGE)
    with smtplib.SMTP_SSL("127.0.0.1", role.ports["submissions"], timeout=20, context=untrusting()) as client:
        client.login("demo", "pillarbox")
        client.sendmail("demo@localhost", ["bob@localhost"], MESSAGE)

    keys = role.recorded.keys()
    assert keys.count("mailbox.stored") == 1
    assert keys.count("queue.added") == 2


def test_a_stop_says_goodbye_and_accepts_no_more(run_role: Runner) -> None:
    """Who is connected hears 421; who connects later waits for the next generation."""
    role = run_role(acceptor, "acceptor", "smtp")
    client = socket.create_connection(("127.0.0.1", role.ports["smtp"]), 20)
    with client, client.makefile("rb") as replies:
        assert replies.readline().startswith(b"220 ")
        role.stop.set()
        assert replies.readline().startswith(b"421 ")
        assert replies.readline() == b""
