"""workers.machine: what Linux shows below /proc, read."""
import os
import socket
from pathlib import Path

from workers import machine

TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1234 1 0000000000000000 100 0 0 10 0
   1: 0100007F:01BB 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 1235 1 0000000000000000 20 4 30 10 -1
"""


def pretended(root: Path) -> Path:
    """A machine with exim4 at port 25, and postfix installed beside it."""
    proc = root / "proc"
    (proc / "net").mkdir(parents=True)
    (proc / "net" / "tcp").write_text(TCP)
    (proc / "meminfo").write_text("MemFree: 5 kB\nMemTotal:  2048 kB\n")
    (proc / "77" / "fd").mkdir(parents=True)
    (proc / "77" / "comm").write_text("exim4\n")
    (proc / "77" / "fd" / "3").symlink_to("socket:[1234]")
    (proc / "77" / "fd" / "4").symlink_to("/dev/null")
    (proc / "78").mkdir()    # it ended while we looked
    for name in ("exim4", "postfix"):
        (root / "usr" / "sbin").mkdir(parents=True, exist_ok=True)
        (root / "usr" / "sbin" / name).touch()
    return root


def test_facts(tmp_path: Path) -> None:
    """Ports that are listened on and by whom, servers that are installed, memory, room where the mail will be."""
    found = machine.look(tmp_path / "not" / "there", pretended(tmp_path))

    assert dict(found.ports) == {25: "exim4"}
    assert found.mail_servers == ("exim4", "postfix")
    assert found.memory == 2 * 1024**2
    assert found.free > 0
    assert found.name == os.uname().nodename
    assert found.addresses == ()


def test_what_cannot_be_read_is_not_known(tmp_path: Path) -> None:
    """No /proc at all."""
    found = machine.look(tmp_path, tmp_path)

    assert (dict(found.ports), found.memory, found.addresses, found.mail_servers) == ({}, 0, (), ())


def test_a_program_that_others_cannot_read(tmp_path: Path) -> None:
    """The first folder that is closed, from above."""
    tmp_path.chmod(0o700)
    inner = tmp_path / "opt" / "program"
    inner.mkdir(parents=True)
    found = machine.closed(inner / "file.py")
    assert found
    assert Path(found) in (tmp_path, *tmp_path.parents)
    assert machine.closed(Path("/usr/bin")) == ""


def test_this_machine() -> None:
    """A port that we listen on is there, with our name."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ports = machine.ports(Path("/proc"))
        assert ports[listening.getsockname()[1]] == (Path("/proc") / "self" / "comm").read_text().strip()
    assert machine.memory(Path("/proc")) > 1024**2
    assert machine.synchronized() in (True, False, None)
