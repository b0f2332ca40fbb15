"""workers.unit: the systemd unit."""
import shutil
import subprocess
from pathlib import Path

import pytest

from workers import unit

ROOT = Path(__file__).resolve().parents[2]


def test_the_one_in_docs_is_fresh() -> None:
    """For the usual places."""
    assert (ROOT / "docs" / "pillarbox.service").read_text() == unit.unit(
        ["/opt/pillarbox/bin/pillarbox"], Path("/etc/pillarbox/pillarbox.toml"))


@pytest.mark.parametrize(("text", "word"), [
    ("/opt/pillarbox/bin/pillarbox", "/opt/pillarbox/bin/pillarbox"), ("/a b/c", '"/a b/c"'), ("100%", '"100%%"'), ("$HOME", '"$$HOME"'),
    ('say "x"', '"say \\"x\\""')])
def test_words(text: str, word: str) -> None:
    """As systemd wants them."""
    assert unit.word(text) == word


def test_what_an_older_unit_lacks() -> None:
    """Settings that it has with another value are somebody's choice."""
    now = unit.unit(["/bin/true"], Path("/etc/p.toml"))
    assert unit.lacking(now) == []
    older = now.replace("PrivateTmp=yes", "PrivateTmp=no")
    for line in ("NoNewPrivileges=yes\n", "SystemCallFilter=@system-service\n"):
        older = older.replace(line, "")
    assert unit.lacking(older) == ["NoNewPrivileges=yes", "SystemCallFilter=@system-service"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_it(tmp_path: Path) -> None:
    """Without a word."""
    file = tmp_path / "pillarbox.service"
    file.write_text(unit.unit(["/bin/true", "a b"], Path("/etc/pillarbox/a $file.toml")))
    done = subprocess.run(["systemd-analyze", "verify", file], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
