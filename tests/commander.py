"""Types `pillarbox` commands for tests: each in a process of its own, forked from one that has imported everything.

Starting Python and importing takes longer than nearly every command; tests of the pages type hundreds.
One such process serves all tests of a worker, and ends with it.
"""
import atexit
import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any


class Commander:
    """The process that forks, started by words (those that start this module); calls wait for each other."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        atexit.register(self.close)

    def __call__(self, words: Sequence[str], stdin: bytes = b"", module: str = "workers.command") -> tuple[int, str, str]:
        """Exit status, standard output and standard error of `python -m MODULE WORDS`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([module, words, base64.b64encode(stdin).decode()]).encode() + b"\n")
        self._process.stdin.flush()
        status, out, err = json.loads(self._process.stdout.readline())
        return status, out, err

    def close(self) -> None:
        """End the process, if nobody did."""
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
        self._process.wait(10)
        atexit.unregister(self.close)


WORDS = (sys.executable, "-m", "tests.commander")


@cache
def commander() -> Commander:
    """The one of this worker."""
    return Commander(WORDS)


def _typed(module: str, words: list[str], stdin: bytes) -> list[Any]:
    """Run one command in a process of its own."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        pid = os.fork()
        if not pid:
            _become([given.fileno(), out.fileno(), err.fileno()], module, words)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode("utf-8", "replace"))
    return [status, *said]


def _become(files: list[int], module: str, words: list[str]) -> None:
    """Be the command; does not return."""
    for number, file in enumerate(files):
        os.dup2(file, number)
    status = 1
    try:
        sys.argv = [module, *words]
        status = import_module(module).main()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except BaseException:    # what Python itself would do at the end
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _serve() -> None:
    from workers.verbs import VERBS
    for module in sorted({verb.code.partition(":")[0] for verb in VERBS}):
        import_module(f"workers.commands.{module}")
    for line in sys.stdin.buffer:
        module, words, stdin = json.loads(line)
        sys.stdout.buffer.write(json.dumps(_typed(module, words, base64.b64decode(stdin))).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve()
