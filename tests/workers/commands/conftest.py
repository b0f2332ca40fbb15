"""A server that does not run, and a way to type commands at it."""
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mta.base.clock import SystemClock
from mta.store.database import Store
from mta.store.verify import problems
from workers.command import main

LETTER = """\
From: Bob <bob@example.net>
To: =?utf-8?q?=C3=84nn?= <ann@example.org>
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from the sea
Date: Tue, 01 Jan 2030 12:00:00 +0000
Message-ID: <one@example.net>

The water is cold.
"""


class Typing:
    """Commands typed at a server in a directory, and what came of them."""

    def __init__(self, directory: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.directory, self._capsys, self._patch = directory, capsys, patch

    def __call__(self, line: str, *more: str, stdin: str = "") -> str:
        """Type line (and words that have spaces); what was printed.  It must succeed."""
        status, out, err = self.attempt(line, *more, stdin=stdin)
        assert status == 0, err
        return out

    def json(self, line: str, *more: str) -> list[dict[str, Any]]:
        """The same with --json, read."""
        rows = json.loads(self(line, *more, "--json"))
        assert isinstance(rows, list)
        return rows

    def attempt(self, line: str, *more: str, stdin: str = "") -> tuple[int, str, str]:
        """Status, standard output and standard error."""
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        status = main(["--dir", str(self.directory), *line.split(), *more])
        captured = self._capsys.readouterr()
        return status, captured.out, captured.err


@pytest.fixture
def typed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Typing]:
    """Type commands at a fresh server; at the end its store is whole."""
    (tmp_path / "data").mkdir(mode=0o700)
    yield Typing(tmp_path, capsys, monkeypatch)
    if (tmp_path / "data" / "pillarbox.db").exists():
        store = Store.open(tmp_path / "data", SystemClock())
        try:
            assert problems(store) == []
        finally:
            store.close()


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A message in a file."""
    file = tmp_path / "letter.eml"
    file.write_text(LETTER)
    return file


