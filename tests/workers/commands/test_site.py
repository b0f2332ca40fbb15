"""workers.commands.site: which server is meant."""
import os
import pwd
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from mta.base.errors import SetupError
from mta.config.model import local
from workers.commands.site import OPTIONS, USUAL_FILE, Site, local_directory, remember

ROOT = Path(__file__).resolve().parents[3]


def test_a_directory_is_that_of_a_localserve(tmp_path: Path) -> None:
    """If it has data in it."""
    with pytest.raises(SetupError, match="it has no data in it"):
        _ = Site(tmp_path, None).config
    (tmp_path / "data").mkdir()

    assert Site(tmp_path, None).config == local(tmp_path)


@pytest.mark.parametrize(("text", "port"), [('["127.0.0.1", 3000]', 3_025), ("[]", 1_025), ('["x", 3000]', 1_025), ("{", 1_025)])
def test_it_listens_where_it_was_told_to(tmp_path: Path, text: str, port: int) -> None:
    """Its options are remembered; what cannot be read is as usual."""
    (tmp_path / "data").mkdir()
    remember(tmp_path, "127.0.0.2", 2_000)
    listener = Site(tmp_path, None).config.listeners[0]
    assert (listener.ips, listener.smtp) == (("127.0.0.2",), 2_025)
    (tmp_path / OPTIONS).write_text(text)
    assert Site(tmp_path, None).config.listeners[0].smtp == port
    with pytest.raises(SetupError, match="cannot be written"):
        remember(tmp_path / OPTIONS, "127.0.0.1", 0)


def test_a_file_is_a_configuration(tmp_path: Path) -> None:
    """Read only when it is needed."""
    file = tmp_path / "p.toml"
    site = Site(None, file)
    file.write_text('hostname = "mx.example.org"\n')

    assert site.config.hostname.ascii == "mx.example.org"


def test_only_one_of_them_can_be_meant(tmp_path: Path) -> None:
    """Two would be two servers."""
    with pytest.raises(SetupError, match="name two servers"):
        _ = Site(tmp_path, tmp_path / "p.toml").config


@pytest.mark.skipif(USUAL_FILE.exists(), reason="this machine has a real server")
def test_without_either_it_is_the_usual_one() -> None:
    """The file in /etc, else where localserve keeps its data."""
    assert Site(None, None).directory == local_directory()


def test_the_store_is_made_when_it_is_needed(tmp_path: Path) -> None:
    """Domains can be added before the first start."""
    file = tmp_path / "p.toml"
    file.write_text('hostname = "mx.example.org"\nuser = ""\ndata = "deep/data"\nrun = "run"\n')

    with Site(None, file) as site:
        assert site.world.store.mail_db.exists()
        assert site.by.startswith("command line of")
    assert (tmp_path / "deep" / "data").stat().st_mode & 0o077 == 0


def type_as(user: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """Type a command as another user, who need not be able to read the program."""
    code = ("import sys, workers.preparing, workers.worlds, workers.commands.accounts; from workers.command import main\n"
            "from workers.privileges import become, service_user\n"
            f"become(service_user({user!r})); sys.exit(main(sys.argv[1:]))")
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_becomes_the_owner_and_others_are_turned_away() -> None:
    """Also of a localserve; no file of root's is left in it, nobody else is told to take it over."""
    with tempfile.TemporaryDirectory() as place:
        data = Path(place, "data")
        data.mkdir(mode=0o700)
        for path in (Path(place), data):
            os.chown(path, pwd.getpwnam("nobody").pw_uid, -1)
        Path(place).chmod(0o755)
        added = type_as("root", "account", "add", "ann", "--no-password", "--dir", place)
        owners = {path.stat().st_uid for path in Path(place).rglob("*")}
        refused = type_as("daemon", "account", "list", "--dir", place)

    assert added.returncode == 0
    assert owners == {pwd.getpwnam("nobody").pw_uid}
    assert (refused.returncode, refused.stderr) == (
        1, f"pillarbox: {data} belongs to nobody: do this as nobody or as root, not as daemon\n")
