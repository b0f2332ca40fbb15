"""Files of imports, in data/imports/ID: what was uploaded ("mail"), and the key of a sealed password ("key").

An upload comes in pieces, each with the place where it belongs, so that one that broke off
goes on where it was.  Nothing here is anybody's mail yet.
"""
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from mta.base.errors import Conflict, NoRoom, NotFound
from mta.base.limits import LIMITS, Limits
from mta.store.bodies import NO_ROOM


class ImportFiles:
    """The folder of all imports of a data directory; makes nothing before the first file."""

    def __init__(self, directory: Path, limits: Limits = LIMITS) -> None:
        self._root, self._limits = directory / "imports", limits

    def mail(self, id: int) -> Path:
        """Where the uploaded file of an import lies."""
        return self._root / str(id) / "mail"

    def size(self, id: int) -> int:
        """How many octets of it are there."""
        with suppress(FileNotFoundError):
            return self.mail(id).stat().st_size
        return 0

    def append(self, id: int, offset: int, piece: bytes) -> int:
        """Add a piece at the end, which has to be offset; the new size.  Conflict, NoRoom."""
        self._folder(id)
        if offset + len(piece) > self._limits.import_upload:
            raise NoRoom(f"The file is too large; {self._limits.import_upload // 2**30} GiB is the most")
        handle = os.open(self.mail(id), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(handle).st_size
            if size != offset:
                raise Conflict(f"{size} octets of the file are here; go on there")
            free = os.fstatvfs(handle)
            if free.f_bavail * free.f_frsize - len(piece) < self._limits.import_disk_left:
                raise NoRoom("There is not enough room on the server's disk for the file")
            rest = memoryview(piece)
            while rest:
                rest = rest[os.write(handle, rest):]
            return size + len(piece)
        except OSError as problem:
            if problem.errno in NO_ROOM:
                raise NoRoom("The disk is full") from problem
            raise
        finally:
            os.close(handle)

    def open(self, id: int) -> BinaryIO:
        """The uploaded file; NotFound."""
        try:
            return open(self.mail(id), "rb")
        except FileNotFoundError:
            raise NotFound("The file that was uploaded is not there any more: upload it again") from None

    def keep_key(self, id: int, key: bytes) -> None:
        """Keep the key that the import's password is sealed with."""
        handle = os.open(self._folder(id) / "key", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, key)
        finally:
            os.close(handle)

    def key(self, id: int) -> bytes | None:
        """That key, None if it is gone."""
        with suppress(FileNotFoundError):
            return (self._root / str(id) / "key").read_bytes()
        return None

    def drop_key(self, id: int) -> None:
        """Forget the key, and with it the password, wherever copies of the sealed one may be."""
        (self._root / str(id) / "key").unlink(missing_ok=True)

    def remove(self, id: int) -> None:
        """Remove all files of an import."""
        shutil.rmtree(self._root / str(id), ignore_errors=True)

    def sweep(self, wanted: set[int]) -> int:
        """Remove the files of all imports but those wanted; how many imports that were."""
        gone = 0
        with suppress(FileNotFoundError):
            for folder in list(self._root.iterdir()):
                if not folder.name.isdigit() or int(folder.name) not in wanted:
                    shutil.rmtree(folder, ignore_errors=True)
                    gone += 1
        return gone

    def _folder(self, id: int) -> Path:
        folder = self._root / str(id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder
