"""What a place with backups looks like, and what is in one backup.

    DEST/2030-01-31T020000Z/        one whole backup, made under another name and renamed
        backup.json                 what it is (Facts)
        MANIFEST.sha256             every other file with its SHA-256, as sha256sum -c reads it
        data/                       a data directory, without what can be made anew
        config/                     pillarbox.toml, and the files it names
    DEST/latest                     points to the newest
    DEST/.unfinished-...            was being made when it ended; the next one removes it

Files that did not change are one file in all backups (hard links).  In a sealed backup the
files below data and config have the suffix of mta.store.sealing and are encrypted.
"""
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from mta.base.errors import NotFound, SetupError, TemporaryError
from mta.store import sealing

FACTS, MANIFEST, LATEST, UNFINISHED = "backup.json", "MANIFEST.sha256", "latest", ".unfinished-"
FORMAT: Final = 1
NAME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z")
CHUNK: Final = 1024 * 1024
LINE: Final = re.compile(r"([0-9a-f]{64})  (.+)")


@dataclass(slots=True)
class Facts:
    """What backup.json says.  recipient is "" unless it is sealed; manifest the SHA-256 of the manifest.

    new and linked are numbers of files, octets what the new ones take.  prints tell for
    files other than mail whether they changed.  trouble is what was wrong in the data
    directory when the backup was made, notes what could not be had besides.
    """

    format: int
    made: float
    version: str
    hostname: str
    recipient: str
    manifest: str
    accounts: int
    messages: int
    files: int
    new: int
    linked: int
    octets: int
    total: int
    seconds: float
    prints: dict[str, str] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup."""

    path: Path
    facts: Facts

    @property
    def name(self) -> str:
        """When it was made, as its folder is called."""
        return self.path.name

    def entries(self) -> Iterator[tuple[str, str]]:
        """(path, SHA-256 in hex) of each file, mail first and that by path.  SetupError if the manifest was changed or cannot be read."""
        manifest = self.path / MANIFEST
        try:
            if sha256(manifest) != self.facts.manifest:
                raise SetupError(f"{manifest} is not as it was when the backup was made")
            with open(manifest, encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
                for line in lines:
                    found = LINE.fullmatch(line.rstrip("\n"))
                    if found is None or not inside(found[2]):
                        raise SetupError(f"{manifest} has a line that cannot be read: {line[:100]!r}")
                    yield found[2], found[1]
        except OSError as problem:
            raise SetupError(f"{manifest}: {problem.strerror}") from problem


def name_of(made: float) -> str:
    """The folder of a backup made at that time."""
    return f"{datetime.fromtimestamp(made, UTC):%Y-%m-%dT%H%M%SZ}"


def inside(path: str) -> bool:
    """Whether a path out of a manifest stays within the backup."""
    return not path.startswith("/") and ".." not in path.split("/") and path.split("/")[0] in ("data", "config")


def every(place: Path) -> list[Backup]:
    """The finished backups in a place, the newest first; those that are not readable are left out."""
    found = []
    if place.is_dir():
        for folder in place.iterdir():
            if NAME.fullmatch(folder.name):
                try:
                    found.append(read(folder))
                except SetupError:
                    continue
    return sorted(found, key=lambda backup: backup.name, reverse=True)


def unfinished(place: Path) -> list[Path]:
    """What was begun and never finished."""
    return [folder for folder in place.iterdir() if folder.name.startswith(UNFINISHED)] if place.is_dir() else []


def find(path: Path) -> Backup:
    """The backup at path, or the newest one if path is a place with backups.  NotFound if it is neither; SetupError."""
    if path.name.startswith(UNFINISHED):
        raise NotFound(f"{path} is a backup that was never finished; `pillarbox backup list` shows those that are whole")
    if (path / FACTS).exists():
        return read(path.resolve())
    found = every(path)
    if not found:
        raise NotFound(f"{path} is no backup and has none in it")
    return found[0]


def read(folder: Path) -> Backup:
    """The backup in folder.  SetupError if it is unfinished, damaged, or of a program yet to come."""
    try:
        facts = msgspec.json.decode((folder / FACTS).read_bytes(), type=Facts)
    except OSError as problem:
        raise SetupError(f"{folder} is not a finished backup: {problem.strerror}: {FACTS}") from problem
    except msgspec.MsgspecError as problem:
        raise SetupError(f"{folder / FACTS} is damaged: {problem}") from problem
    if facts.format != FORMAT:
        raise SetupError(f"{folder} was written by a newer Pillarbox ({facts.version}); install that version to read it")
    return Backup(folder, facts)


def problems(backup: Backup, wait: Callable[[float], bool] = lambda seconds: False) -> list[str]:
    """Compare every file with the manifest, hash by hash: a sentence for each that is missing, changed, or not in it."""
    wrong: list[str] = []
    listed = there = 0
    try:
        for path, digest in backup.entries():
            listed += 1
            try:
                if sha256(backup.path / path) != digest:
                    wrong.append(f"{path} was changed or is damaged")
                there += 1
            except OSError as problem:
                wrong.append(f"{path}: {problem.strerror}")
            if wait(0.0):
                raise TemporaryError("the check was broken off")
    except SetupError as problem:
        return [*wrong, str(problem)]
    if listed != backup.facts.files:
        wrong.append(f"the manifest has {listed} files, {backup.facts.files} were made")
    if sum(len(names) for _, _, names in os.walk(backup.path)) != there + 2:
        known = {FACTS, MANIFEST, *(path for path, _ in backup.entries())}
        wrong += [f"{path} is not in the manifest" for folder, _, names in os.walk(backup.path) for name in names
                  if (path := os.path.relpath(os.path.join(folder, name), backup.path)) not in known]
    return wrong


def surplus(backups: Sequence[Backup], daily: int, weekly: int) -> list[Backup]:
    """Which of them may go: all but the newest of each of the last daily days and weekly weeks that have one.  The newest stays."""
    kept: set[str] = {backups[0].name} if backups else set()
    for number, form in ((daily, "%Y-%m-%d"), (weekly, "%G-%V")):
        periods: dict[str, str] = {}
        for backup in sorted(backups, key=lambda each: each.name, reverse=True):
            periods.setdefault(datetime.fromtimestamp(backup.facts.made, UTC).strftime(form), backup.name)
        kept |= set(list(periods.values())[:number])
    return [backup for backup in backups if backup.name not in kept]


def remove(backup: Backup) -> None:
    """Remove a backup: first its name, so that what is left of it by a crash is recognised."""
    doomed = backup.path.with_name(f"{UNFINISHED}{backup.name}")
    os.rename(backup.path, doomed)
    shutil.rmtree(doomed)


def content(backup: Backup, path: str, secret: str | None) -> Iterator[bytes]:
    """The content of a file of the backup ("data/..."), unsealed if it is sealed.  SetupError if it cannot be had."""
    stored = backup.path / (path + sealing.SUFFIX if backup.facts.recipient else path)
    try:
        with open(stored, "rb") as file:
            if backup.facts.recipient:
                yield from sealing.unseal(file, need(backup, secret), path)
            else:
                while piece := file.read(CHUNK):
                    yield piece
    except OSError as problem:
        raise SetupError(f"{stored}: {problem.strerror}") from problem


def need(backup: Backup, secret: str | None) -> str:
    """The key that opens the backup.  SetupError if there is none, or it is another one's."""
    if secret is None:
        raise SetupError(f"{backup.path} is sealed to {backup.facts.recipient}; say --key FILE with the key that goes with it")
    if sealing.recipient_of(secret) != backup.facts.recipient:
        raise SetupError(f"{backup.path} is sealed to {backup.facts.recipient}, the key is that of {sealing.recipient_of(secret)}")
    return secret


def make_folders(top: Path, folder: Path) -> None:
    """Make folder and what lacks between it and top, for nobody else to look into."""
    for each in reversed([folder, *folder.parents]):
        if top in each.parents:
            each.mkdir(mode=0o700, exist_ok=True)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
