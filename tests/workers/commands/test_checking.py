"""workers.commands.checking: everything that is wrong, at once."""
import contextlib
import socket
from pathlib import Path

import apsw
import pytest

from mta.store.migrations import newest
from tests.workers.commands.conftest import Typing
from workers.command import main
from workers.commands import checking
from workers.unit import lacking


def small_server(directory: Path) -> Path:
    """The configuration of a server that listens at one port, in a file."""
    file = directory / "p.toml"
    file.write_text(
        'hostname = "mx.example.org"\nuser = ""\ndata = "data"\nrun = "run"\n[listeners.a]\nips = ["127.0.0.1"]\nsmtp = 65535\n')
    return file


def test_a_sound_server_is_told_so(typed: Typing, letter: Path) -> None:
    """Both for its settings and for its store."""
    typed("account add ann --no-password")
    typed(f"message deliver ann {letter}")

    assert typed("check").startswith("everything is in order\nstill to do: ")
    assert typed("verify") == "databases and mail files agree\n"
    assert typed("verify --quick --repair") == "databases and mail files agree\n"


def test_the_unit(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """For this program and the file that was named; nothing needs to be there yet."""
    assert main(["--config", str(tmp_path / "my file.toml"), "config", "unit"]) == 0
    said = capsys.readouterr().out
    assert f'serve --config "{tmp_path}/my file.toml"' in said
    assert lacking(said) == []


def test_the_sample_is_a_configuration(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It can be written to a file and used."""
    assert main(["config", "sample"]) == 0
    (tmp_path / "p.toml").write_text(capsys.readouterr().out.replace('#user = "pillarbox"', 'user = ""').replace(
        "/var/lib/pillarbox", str(tmp_path / "data")))

    assert main(["check", "--config", str(tmp_path / "p.toml")]) == 0


def test_all_mistakes_of_the_configuration_are_listed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Each on a line with its place."""
    file = tmp_path / "p.toml"
    file.write_text('hostname = "x"\nusr = "me"\nuser = ""\ndata = 5\nrun = "r"\n[queue]\nfirst_wait = 0\n'
                    '[listeners.a]\nips = []\nsmtp = 25\n[[local_users]]\nuser = "no such user"\naccount = "x"\n')

    assert main(["check", "--config", str(file)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [f"{file}:{number}" for number in (1, 2, 4, 7, 9, 12)]


def test_what_only_the_machine_knows_is_checked_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """User, certificate, password files, permissions."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "open.db").touch()
    (data / "open.db").chmod(0o644)
    (tmp_path / "key.pem").write_text("no key")
    file = tmp_path / "p.toml"
    with socket.create_server(("127.0.0.1", 0)) as rival:
        port = rival.getsockname()[1]
        file.write_text(
            f'hostname = "mx.example.org"\nuser = ""\ndata = "data"\nrun = "key.pem"\n[tls]\ncertificate = "key.pem"\nkey = "key.pem"\n'
            f'[transports.relay]\nhost = "relay.example"\npassword_file = "none"\n[listeners.a]\nips = ["127.0.0.1"]\nsmtp = {port}\n')
        assert main(["check", "--config", str(file)]) == 1
    lines = capsys.readouterr().err.splitlines()

    for line, part in zip(lines, (
            f"{file}:4: {tmp_path}/key.pem is not a directory", f"{file}:6: [tls] ",
            f"{file}:10: [transports.relay] {tmp_path}/none: cannot be read",
            f"{file}:13: [listeners.a] port {port} on 127.0.0.1", f"{data}/open.db: others may use it (mode 644)"), strict=True):
        assert line.startswith(part)


def test_authorities_are_checked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With the line of the setting."""
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "ca.pem").write_text("no certificate")
    file = tmp_path / "p.toml"
    file.write_text('hostname = "mx.example.org"\nuser = ""\ndata = "data"\nrun = "run"\n[tls]\nca_file = "ca.pem"\n')
    assert main(["check", "--config", str(file)]) == 1
    lines = [line for line in capsys.readouterr().err.splitlines() if "ca.pem" in line]

    assert lines == [f"{file}:6: [tls] {tmp_path}/ca.pem has no certificates in PEM (setting ca_file of [tls])"]


def test_a_missing_user_is_said_with_its_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Beside everything else that can be found out without it."""
    file = tmp_path / "p.toml"
    file.write_text('hostname = "mx.example.org"\nuser = "nosuchuser"\ndata = "data"\n')

    assert main(["check", "--config", str(file)]) == 1
    assert f"{file}:2: there is no user 'nosuchuser'" in capsys.readouterr().err


def test_nothing_is_changed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """No directory is made, no old database brought up to date; a newer one is said to be newer."""
    file = small_server(tmp_path)
    assert main(["check", "--config", str(file)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["p.toml"]

    assert main(["domain", "list", "--config", str(file)]) == 0
    for version, said in ((1, "restart the server, which migrates it"), (99, "was written by a newer Pillarbox")):
        with contextlib.closing(apsw.Connection(str(tmp_path / "data" / "pillarbox.db"))) as db:
            db.execute(f"PRAGMA user_version = {version}")
        if version != newest("pillarbox.db"):
            assert main(["check", "--config", str(file)]) == 1
            assert said in capsys.readouterr().err


def test_what_is_still_to_do_is_no_mistake(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A server without a domain is sound, and of no use yet."""
    file = small_server(tmp_path)
    assert main(["domain", "list", "--config", str(file)]) == 0
    capsys.readouterr()

    assert main(["check", "--config", str(file)]) == 0
    assert "still to do: No domain is served yet" in capsys.readouterr().out


def test_a_lost_mail_file_is_found(typed: Typing, letter: Path) -> None:
    """And is no business of --repair, which mends only what is safe."""
    typed("account add ann --no-password")
    typed(f"message deliver ann {letter}")
    body, = (path for path in (typed.directory / "data" / "mail").rglob("*") if path.is_file())
    octets = body.read_bytes()
    body.unlink()

    status, _, err = typed.attempt("verify")

    assert status == 1
    assert body.name in err
    body.write_bytes(octets)


def test_what_an_authority_needs_is_looked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Files that the service user has to read, a program that it can run."""
    file = small_server(tmp_path)
    (tmp_path / "hook").write_text("no program")
    file.write_text(file.read_text() + (
        '[acme]\ndirectory = "https://ca.example/dir"\nchallenge = "dns-01"\ndns_hook = "hook"\neab_kid = "one"\n'
        'eab_key_file = "none"\nca_file = "missing"\n'))

    assert main(["check", "--config", str(file)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [f"{file}:{number}" for number in (11, 13, 14)]
    assert "is no program that" in lines[0]


def test_an_older_unit_of_systemd(typed: Typing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it lacks is said, once it is there."""
    typed("account add ann --no-password")
    monkeypatch.setattr(checking, "UNIT", tmp_path / "pillarbox.service")
    assert "confines" not in typed("check")
    (tmp_path / "pillarbox.service").write_text("[Service]\nPrivateTmp=yes\n")
    said = typed("check")
    assert "confines the server less than it could" in said
    assert "NoNewPrivileges=yes" in said
    assert "PrivateTmp" not in said
