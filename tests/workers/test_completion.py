"""workers.completion: the shells themselves are asked what they would offer."""
import os
import shlex
import shutil
import subprocess
import tempfile

import pytest

from workers.completion import script
from workers.verbs import VERBS
from workers.words import places

FILES = "<files>"


def bash(line: str) -> list[str]:
    """What bash offers for the last word of line."""
    words = line.split(" ")
    return run("bash", ["bash", "--norc", "-c", f"""
        {script("bash")}
        compgen() {{ if [[ $1 == -f ]]; then echo '{FILES}'; else builtin compgen "$@"; fi; }}
        COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}
        _pillarbox; printf '%s\\n' "${{COMPREPLY[@]}}"
    """])


def zsh(line: str) -> list[str]:
    """What zsh offers; its own functions that draw menus are replaced."""
    words = line.split(" ")
    # As for fish: the script is longer than one argument may be.
    with tempfile.NamedTemporaryFile("w", suffix=".zsh") as file:
        file.write(script("zsh"))
        file.flush()
        found = run("zsh", ["zsh", "-f", "-c", f"""
            compdef() {{ }}
            _files() {{ print -r -- '{FILES}' }}
            _describe() {{ [[ $1 == -o ]] && shift; print -rl -- "${{(@P)2}}" }}
            source {shlex.quote(file.name)}
            words=({shlex.join(words)}); CURRENT={len(words)}
            _pillarbox
        """])
    return [word.partition(":")[0] for word in found if word == FILES or word.startswith(words[-1])]


def fish(line: str) -> list[str]:
    """What fish offers."""
    # One argument may have 128 KiB, which the script has by now; people have it in a file as well.
    with tempfile.NamedTemporaryFile("w", suffix=".fish") as file:
        file.write(script("fish"))
        file.flush()
        found = run("fish", ["fish", "--no-config", "-c", f"source {shlex.quote(file.name)}; complete -C {shlex.quote(line)}"])
    return [word.partition("\t")[0] for word in found]


def run(shell: str, words: list[str]) -> list[str]:
    """The lines that a shell prints; nothing may be on standard error."""
    if shutil.which(shell) is None and not os.environ.get("CI"):    # where CI has it, it must be there
        pytest.skip(f"no {shell} here")
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1] if done.stdout.strip() else []


@pytest.mark.parametrize("ask", [bash, zsh, fish], ids=["bash", "zsh", "fish"])
@pytest.mark.parametrize(("line", "offered"), [
    ("pillarbox que", ["queue"]),
    ("pillarbox queue re", ["release", "retry"]),
    ("pillarbox --dir /x queue re", ["release", "retry"]),
    ("pillarbox --dir queue dom", ["domain"]),
    ("pillarbox queue list --sen", ["--sender"]),
    ("pillarbox queue list --sender queue --lim", ["--limit"]),
    ("pillarbox queue retry --js", ["--json"]),
    ("pillarbox completion ", ["bash", "fish", "zsh"]),
    ("pillarbox completion bash ", []),
    ("pillarbox junk train ann ", ["good", "junk"]),
    ("pillarbox junk train ", []),
    ("pillarbox queue tls req", ["required"]),
    ("pillarbox trace search --level no", ["notice"]),
    ("pillarbox rule add ann --last --from x --na", ["--name"]),
    ("pillarbox rule try ann --last 5 --net", ["--network"]),
    ("pillarbox vers", ["version"]),
    ("pillarbox --vers", ["--version"]),
    ("pillarbox nonsense ", []),
])
def test_what_is_offered(ask: object, line: str, offered: list[str]) -> None:
    """Words, options and the few values that there are, wherever options stand."""
    assert callable(ask)
    assert sorted(ask(line)) == offered


@pytest.mark.parametrize("ask", [bash, zsh], ids=["bash", "zsh"])
@pytest.mark.parametrize(
    "line", ["pillarbox --config ", "pillarbox check --dir ", "pillarbox dkim verify ", "pillarbox message deliver ann "])
def test_files_are_offered(ask: object, line: str) -> None:
    """Where a file is wanted."""
    assert callable(ask)
    assert ask(line) == [FILES]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_word_and_option_is_known(shell: str) -> None:
    """None of the table is missing."""
    text = script(shell)
    for verb in VERBS:
        assert verb.words in text
    for place in places().values():
        for option in place.options:
            assert all((f"-l {name[2:]} " if shell == "fish" else name) in text for name in option.names)
