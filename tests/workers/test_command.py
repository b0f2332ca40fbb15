"""workers.command: what was typed, the exit status, and who is bothered with a traceback (nobody)."""
import subprocess
import sys
from pathlib import Path

import pytest

from workers.command import main, make_parser, read
from workers.verbs import GROUPS, VERBS

ROOT = Path(__file__).resolve().parents[2]


def test_options_may_stand_anywhere() -> None:
    """--dir before the verb or after it means the same."""
    before = read(["--dir", "/x", "account", "list", "--json"])
    after = read(["account", "list", "--json", "--dir", "/x"])

    assert before.dir == after.dir == Path("/x")
    assert before.verb == after.verb
    assert before.json


@pytest.mark.parametrize("words", [[], ["queue"], ["nonsense"], ["queue", "nonsense"], ["queue", "route"], ["queue", "retry", "x"]])
def test_what_cannot_be_understood_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With the usage, on whichever stream argparse thinks right."""
    with pytest.raises(SystemExit) as raised:
        read(words)

    assert raised.value.code == 2
    captured = capsys.readouterr()
    assert "usage: pillarbox" in captured.out + captured.err


def test_what_was_meant_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    """A slip of the finger is answered with the verb beside it."""
    for words, said in (
            (["mesage"], "there is no verb 'mesage', perhaps 'message'"), (["queue", "lst"], "there is no verb 'lst', perhaps 'list'"),
            (["queue", "tls", "perhaps", "1"], "invalid choice: 'perhaps'"),
            (["xyz"], "there is no verb 'xyz'; `pillarbox --help` lists them")):
        with pytest.raises(SystemExit):
            read(words)
        assert said in capsys.readouterr().err


@pytest.mark.parametrize(("words", "said"), [
    (["--version"], "pillarbox "), (["help"], "verbs:"), (["help", "queue"], "pillarbox queue list"),
    (["queue", "hold", "--help"], "examples:"), (["sendmail", "--help"], "-bs")])
def test_help_is_found_however_it_is_asked_for(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard output, with status 0."""
    with pytest.raises(SystemExit) as raised:
        read(words)

    assert raised.value.code == 0
    assert said in capsys.readouterr().out


def test_a_part_of_the_table_says_what_the_whole_says(capsys: pytest.CaptureFixture[str]) -> None:
    """Of what was not typed only the names are read: nobody sees a difference, be it a group's help or a verb's."""
    whole, firsts = make_parser(), {verb.words.rpartition(" ")[0]: verb.words for verb in reversed(VERBS)}
    for words in [[], *(known.split() for known in (*GROUPS, *firsts.values()))]:
        said = []
        for parser in (whole, make_parser(words)):
            with pytest.raises(SystemExit):
                parser.parse_args([*words, "--help"])
            said.append(capsys.readouterr().out)
        assert said[0] == said[1], words


@pytest.mark.parametrize("words", ["--limit 0", "--limit -3", "--limit x"])
def test_numbers_are_checked_where_they_are_typed(words: str) -> None:
    """None is less than one."""
    with pytest.raises(SystemExit) as raised:
        read(["queue", "list", *words.split()])
    assert raised.value.code == 2


def test_sendmail_keeps_its_own_options() -> None:
    """Nothing after the word is ours."""
    assert read(["sendmail", "-t", "-oi", "-f", "a@example.org", "--", "-x"]).words == ["-t", "-oi", "-f", "a@example.org", "--", "-x"]
    assert read(["--dir", "/x", "sendmail", "-bm", "--dir", "/y"]).dir == Path("/x")
    assert read(["account", "add", "sendmail"]).name == "sendmail"


@pytest.mark.parametrize(("name", "status", "said"), [
    ("sendmail", 64, "to whom?"), ("newaliases", 0, ""), ("mailq", 75, "there is no server")])
def test_other_names_are_the_classic_commands(name: str, status: int, said: str, tmp_path: Path) -> None:
    """A link by one of them is enough."""
    (tmp_path / name).write_text("import sys\nfrom workers.command import main\nsys.exit(main())\n")
    done = subprocess.run([sys.executable, tmp_path / name], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                          env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)})

    assert (done.returncode, said in done.stderr) == (status, True)


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


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", ["config sample", "message deliver ann -", "sendmail -t"])
def test_streams_may_be_closed(words: str, closed: str, tmp_path: Path) -> None:
    """As from a badly written daemon: nothing of ours may be opened in their place, nobody gets a traceback."""
    (tmp_path / "data").mkdir(mode=0o700)
    done = subprocess.run(f"{sys.executable} -m workers.command --dir {tmp_path} {words} {closed}", shell=True, check=False, cwd=ROOT,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)

    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1, 75)


def test_a_full_disk_is_said_once() -> None:
    """Output that cannot be written is a failure."""
    done = subprocess.run(f"{sys.executable} -m workers.command config sample > /dev/full", shell=True, check=False, cwd=ROOT,
                          capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (1, "pillarbox: No space left on device\n")


def test_a_terminal_without_unicode_is_no_reason_to_fail(tmp_path: Path) -> None:
    """What it cannot show is written out."""
    code = "import sys; from workers.command import _open_streams; _open_streams(); print('ü')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
                          env={"PYTHONIOENCODING": "ascii"})

    assert done.stdout == "\\xfc\n"


def test_help_loads_nothing_heavy() -> None:
    """The command line answers at once because it imports what a verb needs and no more."""
    code = "import sys; from workers.command import make_parser; make_parser().format_help(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    loaded = set(done.stdout.split())
    assert not loaded & {"asyncio", "apsw", "cryptography", "dns", "uvloop", "bottle", "huey", "mta.config.model"}
