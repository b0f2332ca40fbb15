"""workers.command: what was typed, the exit status, and who is bothered with a traceback (nobody)."""
import subprocess
import sys
from pathlib import Path

import pytest

from workers.command import main, read

ROOT = Path(__file__).resolve().parents[2]


def test_options_may_stand_anywhere() -> None:
    """--dir before the verb or after it means the same."""
    before = read(["--dir", "/x", "account", "list", "--json"])
    after = read(["account", "list", "--json", "--dir", "/x"])

    assert before.dir == after.dir == Path("/x")
    assert before.verb == after.verb
    assert before.json


@pytest.mark.parametrize("words", [[], ["queue"], ["nonsense"], ["queue", "nonsense"], ["queue", "retry"], ["queue", "retry", "x"]])
def test_what_cannot_be_understood_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With the usage, on whichever stream argparse thinks right."""
    with pytest.raises(SystemExit) as raised:
        read(words)

    assert raised.value.code == 2
    captured = capsys.readouterr()
    assert "usage: pillarbox" in captured.out + captured.err


def test_sendmail_keeps_its_own_options() -> None:
    """Nothing after the word is ours."""
    assert read(["sendmail", "-t", "-oi", "-f", "a@example.org", "--", "-x"]).words == ["-t", "-oi", "-f", "a@example.org", "--", "-x"]
    assert read(["--dir", "/x", "sendmail", "-bm", "--dir", "/y"]).dir == Path("/x")
    assert read(["account", "add", "sendmail"]).name == "sendmail"


def test_a_problem_is_one_line_and_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An operator's mistake is no bug of ours."""
    assert main(["account", "list", "--config", str(tmp_path / "none.toml")]) == 1
    assert capsys.readouterr().err == f"pillarbox: {tmp_path}/none.toml: cannot be read: No such file or directory\n"

    assert main(["account", "list", "--dir", str(tmp_path)]) == 1
    assert "is not the directory of a localserve" in capsys.readouterr().err


def test_the_reader_of_the_output_may_go(tmp_path: Path) -> None:
    """`pillarbox … | head -1` does not complain."""
    done = subprocess.run(f"{sys.executable} -m workers.command config sample | head -1", shell=True, capture_output=True, text=True,
                          check=True, cwd=ROOT)

    assert done.stdout.startswith("# Pillarbox")
    assert done.stderr == ""


def test_help_loads_nothing_heavy() -> None:
    """The command line answers at once because it imports what a verb needs and no more."""
    code = "import sys; from workers.command import make_parser; make_parser().format_help(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    loaded = set(done.stdout.split())
    assert not loaded & {"asyncio", "apsw", "cryptography", "dns", "uvloop", "bottle", "huey", "mta.config.model"}
