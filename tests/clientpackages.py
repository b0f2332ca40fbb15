"""The packages that web/client is built and tested with: installed once, whoever of the test workers needs them first."""
import fcntl
import functools
import subprocess
from pathlib import Path
from typing import Final

CLIENT: Final = Path(__file__).resolve().parents[1] / "web" / "client"
#: What npm writes last: the packages are there as package-lock.json names them.
DONE: Final = CLIENT / "node_modules" / ".package-lock.json"


def run(*words: str) -> None:
    """Run npm or what it installed, in web/client; AssertionError with the output if that fails."""
    done = subprocess.run(words, cwd=CLIENT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def install() -> None:
    """See to it that the packages are there; two workers never install side by side."""
    with (CLIENT / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not DONE.exists():
            run("npm", "ci", "--no-audit", "--no-fund")


@functools.cache
def axe_script() -> str:
    """The script of axe-core, which finds what keeps people out of a page."""
    install()
    return (CLIENT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
