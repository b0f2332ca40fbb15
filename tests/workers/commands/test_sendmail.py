"""workers.commands.sendmail: the options of sixty programs, and what happens without a server."""
import io
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workers.commands.conftest import Typing
from workers.commands.sendmail import EX_TEMPFAIL, BadUsage, Wish, exchange, hand_in, lines, understand


@pytest.mark.parametrize(("line", "wish"), [
    ("a@x b@y", Wish(["a@x", "b@y"])),
    ("-t", Wish(from_header=True)),
    ("-ti", Wish(from_header=True, dot_ends=False)),
    ("-it", Wish(from_header=True, dot_ends=False)),
    ("-t -i -f me@x", Wish(sender="me@x", from_header=True, dot_ends=False)),
    ("-oi -fme@x a@x", Wish(["a@x"], sender="me@x", dot_ends=False)),
    ("-r me@x a@x", Wish(["a@x"], sender="me@x")),
    ("-f <> a@x", Wish(["a@x"], sender="<>")),
    ("-F Ann -- -x@y", Wish(["-x@y"], full_name="Ann")),
    ("-bm -oem -odb -B8BITMIME -N never -R full -V abc a@x", Wish(["a@x"])),
    ("-oi -om -v -n -U -G a@x,b@y", Wish(["a@x,b@y"], dot_ends=False)),
    ("-bi", Wish(mode="i")),
    ("-q15m", Wish(mode="q")),
    ("-bp", Wish(mode="p")),
    ("-bs -i", Wish(mode="s", dot_ends=False)),
    ("-O DeliveryMode=b -C /etc/mail.cf -X /tmp/log a@x", Wish(["a@x"])),
])
def test_command_lines_are_understood(line: str, wish: Wish) -> None:
    """As cron, PHP, git, mailx and others call it."""
    assert understand(line.split()) == wish


@pytest.mark.parametrize("line", ["", "-i", "-bv a@x", "-bd a@x"])
def test_what_we_do_not_do_is_said(line: str) -> None:
    """Rather than taken for something else."""
    with pytest.raises(BadUsage):
        understand(line.split())


def test_lines_end_as_on_the_wire() -> None:
    """LF and CRLF both become CRLF, a last line without end gets one."""
    assert b"".join(lines(io.BytesIO(b"a\nb\r\n\nc"), dot_ends=True)) == b"a\r\nb\r\n\r\nc\r\n"


def test_a_dot_ends_the_message_unless_told_otherwise() -> None:
    """-i is how programs say that dots are text."""
    assert b"".join(lines(io.BytesIO(b"a\n.\nb\n"), dot_ends=True)) == b"a\r\n"
    assert b"".join(lines(io.BytesIO(b"a\n.\nb\n"), dot_ends=False)) == b"a\r\n.\r\nb\r\n"


def test_large_messages_go_in_pieces() -> None:
    """Memory does not grow with the message."""
    pieces = list(lines(io.BytesIO(b"x" * 99 + b"\n" * 1 + (b"y" * 99 + b"\n") * 10_000), dot_ends=True))

    assert len(pieces) > 10
    assert max(map(len, pieces)) < 100_000


def test_without_a_server_it_is_worth_trying_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 75 makes callers keep the message."""
    assert hand_in(tmp_path / "none", Wish(["a@x"]), io.BytesIO(b"")) == EX_TEMPFAIL
    assert "no server takes mail" in capsys.readouterr().err


def test_the_message_is_handed_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line that says what is wanted, then the octets; the answer is the exit status."""
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen()

        def serve() -> None:
            conn, _ = listening.accept()
            with conn, conn.makefile("rb") as reading:
                heard.extend(reading)
                conn.sendall(json.dumps({"status": 77, "text": "you may not"}).encode() + b"\n")
        thread = threading.Thread(target=serve)
        thread.start()
        status = hand_in(tmp_path / "s", Wish(["a@x"], sender="me@x", full_name="Me"), io.BytesIO(b"Subject: x\n\nhi"))
        thread.join()

    assert status == 77
    assert "you may not" in capsys.readouterr().err
    assert json.loads(heard[0]) == {"recipients": ["a@x"], "sender": "me@x", "full_name": "Me", "from_header": False}
    assert b"".join(heard[1:]) == b"\0\0\0\x12Subject: x\r\n\r\nhi\r\n\0\0\0\0"


def test_a_message_that_breaks_off_has_no_end(tmp_path: Path) -> None:
    """The server hears no last piece, and so takes nothing."""
    heard: list[bytes] = []

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise KeyboardInterrupt

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen()
        with pytest.raises(KeyboardInterrupt):
            exchange(tmp_path / "s", Wish(["a@x"]), broken())
        conn, _ = listening.accept()
        with conn, conn.makefile("rb") as reading:
            heard.extend(reading)

    assert heard[-1] == b"\0\0\0\x04half"


def test_what_waits_is_listed(typed: Typing) -> None:
    """As mailq does."""
    assert typed("sendmail -bp") == "(none)\n"
