"""Files that were sent ahead of the message they will be attached to.

They lie in data/uploads/ACCOUNT/NAME, belong to one account, and are gone after a day at
the latest.  They are nobody's mail yet: nothing is synced, and losing them costs a click.
"""
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from mta.base.clock import Clock
from mta.base.errors import NoRoom, NotFound
from mta.base.limits import LIMITS, Limits
from mta.base.tokens import short_id
from mta.store.bodies import NO_ROOM

#: Names are ours: 20 characters that nobody guesses, and nothing that leads out of the folder.
NAME: Final = re.compile(r"[0-9a-z]{20}")


class Uploads:
    """The uploads of a data directory; safe to use from every thread, makes nothing before the first file."""

    def __init__(self, directory: Path, clock: Clock, limits: Limits = LIMITS) -> None:
        self._root, self._clock, self._limits = directory / "uploads", clock, limits

    def sink(self, account_id: int) -> "UploadSink":
        """Where a file of the account can be written; old ones of it go first.  NoRoom if it holds too much already."""
        folder = self._folder(account_id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        room = self._limits.uploads_octets - self._sweep(folder)
        return UploadSink(folder / short_id(20), min(room, self._limits.http_body))

    def open(self, account_id: int, name: str) -> BinaryIO:
        """An upload of the account, open for reading; NotFound if it has none of that name, or no longer."""
        if not NAME.fullmatch(name):
            raise NotFound(f"There is no upload {name!r}")
        try:
            return open(self._folder(account_id) / name, "rb")
        except FileNotFoundError:
            raise NotFound("The file that was uploaded is not there any more; attach it again") from None

    def remove(self, account_id: int, name: str) -> None:
        """Forget an upload; harmless if it is gone."""
        if NAME.fullmatch(name):
            (self._folder(account_id) / name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what is older than a day, of all accounts."""
        for folder in self._root.glob("*"):
            if not self._sweep(folder):
                with suppress(OSError):
                    folder.rmdir()

    def _folder(self, account_id: int) -> Path:
        return self._root / str(account_id)

    def _sweep(self, folder: Path) -> int:
        """Remove what is old; the octets of what is left."""
        left, oldest = 0, self._clock.timestamp() - self._limits.uploads_age
        with suppress(OSError), os.scandir(folder) as files:
            for file in files:
                with suppress(OSError):
                    facts = file.stat(follow_symlinks=False)
                    if facts.st_mtime < oldest:
                        os.unlink(file.path)
                    else:
                        left += facts.st_size
        return left


class UploadSink:
    """Takes one file in chunks."""

    def __init__(self, path: Path, room: int) -> None:
        self._path, self._room = path, room
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Add chunk; NoRoom if the disk is full or the account has uploaded too much."""
        self.size += len(chunk)
        if self.size > self._room:
            raise NoRoom("Too much was uploaded and not sent; try again tomorrow, or attach less")
        rest = memoryview(chunk)
        try:
            while rest:
                rest = rest[os.write(self._file, rest):]
        except OSError as problem:
            if problem.errno in NO_ROOM:
                raise NoRoom("The disk is full") from problem
            raise

    def finish(self) -> str:
        """The file is complete: the name to ask for it by."""
        os.close(self._file)
        return self._path.name

    def abandon(self) -> None:
        """Forget what came."""
        os.close(self._file)
        self._path.unlink(missing_ok=True)
