"""workers.commands.checking: everything that is wrong, at once."""
from pathlib import Path

import pytest

from tests.workers.commands.conftest import Typing
from workers.command import main


def test_a_sound_server_is_told_so(typed: Typing, letter: Path) -> None:
    """Both for its settings and for its store."""
    typed("account add ann --no-password")
    typed(f"message deliver ann {letter}")

    assert typed("check") == "everything is in order\n"
    assert typed("verify") == "databases and mail files agree\n"
    assert typed("verify --quick --repair") == "databases and mail files agree\n"


def test_the_sample_is_a_configuration(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It can be written to a file and used."""
    assert main(["config", "sample"]) == 0
    (tmp_path / "p.toml").write_text(capsys.readouterr().out.replace('#user = "pillarbox"', 'user = ""').replace(
        "/var/lib/pillarbox", str(tmp_path / "data")))

    assert main(["check", "--config", str(tmp_path / "p.toml")]) == 0


def test_all_mistakes_of_the_configuration_are_listed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Each on a line with its place."""
    file = tmp_path / "p.toml"
    file.write_text('hostname = "x"\nusr = "me"\n[queue]\nfirst_wait = 0\n')

    assert main(["check", "--config", str(file)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [f"{file}:1", f"{file}:2", f"{file}:4"]


def test_what_only_the_machine_knows_is_checked_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """User, certificate, password files, permissions."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "open.db").touch()
    (data / "open.db").chmod(0o644)
    (tmp_path / "key.pem").write_text("no key")
    file = tmp_path / "p.toml"
    file.write_text(
        'hostname = "mx.example.org"\nuser = "nosuchuser"\ndata = "data"\n[tls]\ncertificate = "key.pem"\nkey = "key.pem"\n'
        '[transports.relay]\nhost = "relay.example"\npassword_file = "none"\n')

    assert main(["check", "--config", str(file)]) == 1
    said = capsys.readouterr().err
    for part in ("are not a certificate and its key", "none: is not there (password_file of [transports.relay])",
                 "no user 'nosuchuser'", "open.db: others may use it (mode 644)"):
        assert part in said


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
