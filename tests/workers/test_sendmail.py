"""workers.sendmail: who calls is who the kernel says, and what lacks is added."""
import io
import json
import os
import pwd
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from mta.base.clock import SystemClock
from mta.base.names import Domain
from mta.config.model import LocalUser
from mta.message import header
from mta.store import queue
from mta.store.database import Store
from tests.workers.conftest import Runner, Running
from workers import acceptor, sendmail
from workers.commands.sendmail import Wish, hand_in

HELLO = b"Subject: hello\n\nhi\n"


@pytest.fixture
def role(run_role: Runner) -> Running:
    """An acceptor that takes what is handed in."""
    return run_role(acceptor, "acceptor", "sendmail")


@pytest.fixture
def store(role: Running) -> Iterator[Store]:
    """Its store."""
    with closing(Store.open(role.config.data, SystemClock())) as opened:
        yield opened


def hand(role: Running, wish: Wish, message: bytes = HELLO) -> int:
    """Hand a message in as `pillarbox sendmail` does; the exit status."""
    return hand_in(role.config.sendmail_socket, wish, io.BytesIO(message))


def queued(store: Store) -> list[tuple[str | None, str, header.Header, bytes]]:
    """Sender, recipient, header and body of everything in the queue, in the order of coming."""
    rows = store.read(lambda db: queue.listing(db, SystemClock()))
    found = []
    for message, one in reversed(rows):
        octets = message.prefix + store.bodies.read(message.body_name)
        top = header.parse(octets)
        found.append((message.sender.ascii if message.sender else None, one.recipient.ascii, top, octets[top.end:]))
    return found


def test_a_message_is_queued_for_the_caller(role: Running, store: Store) -> None:
    """With a From, a Date and a Message-ID if it had none; the caller of a localserve is its demo account."""
    assert hand(role, Wish(["bob@example.net"], full_name="Démo Robot")) == 0

    (sender, recipient, top, body), = queued(store)
    assert (sender, recipient, body) == ("demo@localhost", "bob@example.net", b"hi\r\n")
    assert top.text("from") == "Démo Robot <demo@localhost>"
    assert top.get("date")
    assert top.get("message-id")


def test_recipients_come_from_the_header(role: Running, store: Store) -> None:
    """-t takes To, Cc and Bcc, besides those that were named; each once; and Bcc is not sent."""
    message = b"From: demo@localhost\nTo: Ann <ann@example.org>, bob@example.net\nCc: root\nBcc: secret@example.com\n\nhi\n"

    assert hand(role, Wish(["bob@example.net"], from_header=True), message) == 0

    found = queued(store)
    assert sorted(recipient for _, recipient, _, _ in found) == [
        "ann@example.org", "bob@example.net", "postmaster@localhost", "secret@example.com"]
    assert found[0][2].get("bcc") is None
    assert hand(role, Wish(from_header=True), b"From: demo@localhost\n\nhi\n") == sendmail.EX_DATAERR


def test_a_program_may_say_that_tls_is_not_required(role: Running, store: Store) -> None:
    """By the field in its message, as any other client."""
    assert hand(role, Wish(["bob@example.net"]), b"TLS-Required: No\n" + HELLO) == 0
    assert hand(role, Wish(["bob@example.net"]), HELLO) == 0

    assert [message.tls_required for message, _ in store.read(lambda db: queue.listing(db, SystemClock()))] == ["", "no"]


def test_cron_is_understood(role: Running, store: Store) -> None:
    """A From without a domain becomes one that can be answered; its name stays."""
    assert hand(role, Wish(["root"]), b"From: root (Cron Daemon)\nTo: root\nSubject: x\n\nout\n") == 0

    (sender, recipient, top, _), = queued(store)
    assert (sender, recipient) == ("demo@localhost", "postmaster@localhost")
    assert top.text("from") == "Cron Daemon <demo@localhost>"
    assert top.count("from") == 1


def test_a_message_without_a_header_is_a_body(role: Running, store: Store) -> None:
    """`echo hi | sendmail bob` says hi."""
    assert hand(role, Wish(["bob@localhost"]), b"just text: not a field\nmore\n") == 0

    (_, _, top, body), = queued(store)
    assert body == b"just text: not a field\r\nmore\r\n"
    assert top.text("from") == "Demo <demo@localhost>"


def test_the_reverse_path_is_the_callers_own(role: Running, store: Store) -> None:
    """-f may name an address of the account, nobody, or a login name; nothing else."""
    assert hand(role, Wish(["bob@localhost"], sender="info@localhost")) == 0
    assert hand(role, Wish(["bob@localhost"], sender="<>")) == 0
    assert hand(role, Wish(["bob@localhost"], sender="www-data")) == 0
    assert hand(role, Wish(["bob@localhost"], sender="ann@example.org")) == sendmail.EX_NOPERM
    assert hand(role, Wish(["bob@localhost"]), b"From: ann@example.org\n\nhi\n") == sendmail.EX_NOPERM
    assert hand(role, Wish(["bob@localhost"], sender="a b@c")) == sendmail.EX_DATAERR

    assert [sender for sender, _, _, _ in queued(store)] == ["info@localhost", None, "demo@localhost"]


def test_recipients_must_exist(role: Running, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """A bare name is an account of ours; what is no address is said."""
    assert hand(role, Wish(["demo"])) == 0
    assert hand(role, Wish(["nobody-here"])) == sendmail.EX_NOUSER
    assert hand(role, Wish(["a@b@c..d"])) == sendmail.EX_DATAERR

    assert [recipient for _, recipient, _, _ in queued(store)] == ["demo@localhost"]
    assert "there is no 'nobody-here' here" in capsys.readouterr().err


def test_a_large_message_is_queued_whole(role: Running, store: Store) -> None:
    """In pieces, with lines as they were."""
    body = b"".join(b"line %06d of many\n" % number for number in range(100_000))

    assert hand(role, Wish(["bob@localhost"]), HELLO + body) == 0

    assert queued(store)[0][3] == b"hi\r\n" + body.replace(b"\n", b"\r\n")


def test_stray_line_ends_become_spaces(role: Running, store: Store) -> None:
    """No next hop may see the end of a message where there is none."""
    assert hand(role, Wish(["bob@localhost"]), b"Subject: a\rBcc: c@example.org\n\n50%\r100%\0\r\n.\rMAIL FROM:<>\n") == 0

    (_, _, top, body), = queued(store)
    assert (top.text("subject"), top.get("bcc")) == ("a Bcc: c@example.org", None)
    assert body == b"50% 100% \r\n. MAIL FROM:<>\r\n"


TEXT = b"a\r\n\rb\nc\r\r\n\n\r\n\0\r"


@pytest.mark.parametrize("cut", range(len(TEXT)))
def test_tidying_does_not_depend_on_the_pieces(cut: int) -> None:
    """Wherever they are cut."""
    tidy = sendmail.Tidy()

    assert tidy.feed(TEXT[:cut]) + tidy.feed(TEXT[cut:]) == b"a\r\n b c \r\n \r\n "


def test_the_line_of_an_mbox_is_no_text(role: Running, store: Store) -> None:
    """"From ann Tue …" in front of the header says nothing that is not known."""
    assert hand(role, Wish(["bob@localhost"]), b"From ann Tue Jan  1 12:00:00 2030\n" + HELLO) == 0

    (_, _, top, body), = queued(store)
    assert (top.text("subject"), body) == ("hello", b"hi\r\n")


def test_recipients_may_be_written_as_in_a_header(role: Running, store: Store) -> None:
    """With names, several in one word."""
    assert hand(role, Wish(["Ännë <ann@example.org>, bob@example.net", "<carol@example.net>", "demo,root"])) == 0

    assert sorted(recipient for _, recipient, _, _ in queued(store)) == [
        "ann@example.org", "bob@example.net", "carol@example.net", "demo@localhost", "postmaster@localhost"]
    assert hand(role, Wish([","])) == sendmail.EX_DATAERR


def test_a_user_at_the_host_is_the_account(run_role: Runner) -> None:
    """Programs write root@ the host's name, which is no address of anybody; another user's is not theirs to use."""
    login = pwd.getpwuid(os.geteuid()).pw_name
    role = run_role(acceptor, "acceptor", "sendmail", change=lambda config: replace(
        config, hostname=Domain.parse("mx.example.org"), local_users=(LocalUser(user=login, account="demo"),)))
    with closing(Store.open(role.config.data, SystemClock())) as store:
        own = f"{login}@mx.example.org"
        assert hand(role, Wish(["bob@localhost"], sender=own), f"From: Robot <{own}>\n\nhi\n".encode()) == 0
        assert hand(role, Wish(["bob@localhost"]), b"From: other@mx.example.org\n\nhi\n") == sendmail.EX_NOPERM

        (sender, _, top, _), = queued(store)
        assert (sender, top.text("from")) == ("demo@localhost", "Robot <demo@localhost>")


@pytest.mark.parametrize("first", [
    b"\n", b"{}\n", b"[]\n", b"\xff\n", b'{"recipients": 3}\n', b'{"recipients": ["a@b.c"], "sender": []}\n', b"x" * (sendmail.WISH + 10)])
def test_rubbish_is_refused(role: Running, first: bytes) -> None:
    """Local users are strangers too."""
    with socket.socket(socket.AF_UNIX) as conn, conn.makefile("rb") as answers:
        conn.settimeout(20)
        conn.connect(str(role.config.sendmail_socket))
        try:
            conn.sendall(first)
            conn.shutdown(socket.SHUT_WR)
        except BrokenPipeError:
            pass
        try:
            answer: dict[str, Any] = json.loads(answers.readline())
        except (ConnectionResetError, ValueError):
            return
    assert answer["status"] != 0


def test_a_caller_that_goes_leaves_nothing(role: Running, store: Store) -> None:
    """Half a request is none."""
    with socket.socket(socket.AF_UNIX) as conn:
        conn.connect(str(role.config.sendmail_socket))
        conn.sendall(b'{"recipients": ["bob@localhost"], ')
    wish = b'{"recipients": ["bob@localhost"], "sender": null, "full_name": "", "from_header": false}\n'
    for half in (b"", b"\0\0", b"\0\0\0\x04Subj", b"\0\0\0\x0bSubject: x\n", b"\0\0\0\x0aSubject", b"\x7f\0\0\0x"):
        with socket.socket(socket.AF_UNIX) as conn, conn.makefile("rb") as answers:
            conn.connect(str(role.config.sendmail_socket))
            conn.sendall(wish + half)
            conn.shutdown(socket.SHUT_WR)
            assert json.loads(answers.readline())["status"] == sendmail.EX_DATAERR
    assert hand(role, Wish(["bob@localhost"])) == 0

    assert len(queued(store)) == 1


def test_callers_are_accounts(run_role: Runner, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the same name as the user, unless a setting names another; without one they may not send."""
    login = pwd.getpwuid(os.geteuid()).pw_name
    role = run_role(acceptor, "acceptor", "sendmail", change=lambda config: replace(
        config, local=False, postmaster="missing", local_users=()))
    assert hand(role, Wish(["bob@localhost"])) == sendmail.EX_NOPERM
    assert f"{login} may not send: there is no account" in capsys.readouterr().err


def test_a_setting_names_the_account_of_a_user(run_role: Runner) -> None:
    """www-data may send as web."""
    login = pwd.getpwuid(os.geteuid()).pw_name
    role = run_role(acceptor, "acceptor", "sendmail", change=lambda config: replace(
        config, local=False, postmaster="missing", local_users=(LocalUser(user=login, account="demo"),)))
    assert hand(role, Wish(["bob@localhost"])) == 0
