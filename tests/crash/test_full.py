"""A full disk: mail is refused for now, nothing is half done, and room is enough to go on without a restart."""
import contextlib
import os
import smtplib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.store.database import Store
from mta.store.verify import problems
from tests.serving import Server

LETTER = b"From: a@example.net\r\nSubject: %s\r\n\r\n" + b"a line of text\r\n" * 6_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", place], check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", place], check=True)


def fill(path: Path) -> None:
    """Write until there is no room."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4_096))


def test_a_full_disk_answers_452_and_recovers(disk: Path) -> None:
    """452 4.3.1 while there is no room; 250 again as soon as there is; the store is sound."""
    server = Server(disk / "server").start()
    try:
        server.send(LETTER % b"before")
        filler = disk / "filler"
        fill(filler)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            server.send(LETTER % b"no room")
        assert (refused.value.smtp_code, refused.value.smtp_error[:5]) == (452, b"4.3.1")
        filler.unlink()
        server.send(LETTER % b"after")
        subjects = [row["subject"] for row in server.json("message", "list", "demo", "Inbox")]
    finally:
        server.stop()

    assert [subject for subject in subjects if not subject.startswith("Welcome")] == ["after", "before"]
    store = Store.open(disk / "server" / "data", SystemClock())
    assert problems(store) == []
    store.close()
