"""Files with mail for tests of imports, and what an account has in the end."""
import gzip
import io
import tarfile
import zipfile
from pathlib import Path

from mta.flow import importing, reading
from mta.flow.world import World
from mta.store import imports, messages
from mta.store.imports import ImportRow

OWNER = "test-0:1:1:x"
SEPARATOR = "From MAILER-DAEMON Mon Jan  1 10:00:00 2024\n"


def letter(number: int, fields: str = "", text: str = "text") -> str:
    """A message with LF line ends."""
    return (f"{fields}From: Bob <bob@example.net>\nTo: ann@example.org\nSubject: letter {number}\nMessage-ID: <{number}@example.net>\n"
            f"Date: Mon, 01 Jan 2024 09:00:00 +0000\n\n{text}\n")


def box(*letters: str) -> bytes:
    """An mbox of them."""
    return "".join(f"{SEPARATOR}{one}\n" for one in letters).encode()


def tgz(files: dict[str, bytes]) -> bytes:
    """A packed tar archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            facts = tarfile.TarInfo(name)
            facts.size, facts.mtime = len(content), 1_700_000_000
            archive.addfile(facts, io.BytesIO(content))
    return out.getvalue()


def packed(files: dict[str, bytes]) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def gz(octets: bytes) -> bytes:
    """Packed by itself."""
    return gzip.compress(octets)


def bring(
        world: World, account: int, octets: bytes | Path, name: str = "mail", *, stop_after: int | None = None,
        **chosen: object) -> ImportRow:
    """Import a file or folder to its end, or until it was asked stop_after times whether to stop."""
    path = octets
    if isinstance(octets, bytes):
        path = world.store.directory.parent / name
        path.write_bytes(octets)
    world.store.write_now(lambda db: imports.release_all(db, "test"))
    row = importing.begin_path(world, account, str(path), "auto", **chosen)    # type: ignore[arg-type]  # tests choose well
    claimed = importing.claim(world, OWNER, ["path"], row.id)
    assert claimed is not None
    asked = 0

    def wait(seconds: float) -> bool:
        nonlocal asked
        asked += 1
        return stop_after is not None and asked > stop_after

    importing.run(world, claimed, OWNER, wait, lambda work: None)
    return importing.one(world, account, row.id)[0]


def held(world: World, account: int) -> dict[str, list[tuple[str, tuple[str, ...], tuple[str, ...], float]]]:
    """By mailbox: subject, flags, keywords and time of each message, by subject."""
    found = {}
    for row in reading.all_mailboxes(world, account):
        if row.total + row.deleted:
            found[row.name] = sorted(
                (one.subject, tuple(one.flags), tuple(one.keywords), one.received)
                for one in reading.page(world, account, row.id, limit=200).messages)
    return found


def contents(world: World, account: int) -> list[tuple[str, bytes]]:
    """(mailbox, octets) of every message, in a fixed order."""
    rows = [(row, mailbox.name) for mailbox in reading.all_mailboxes(world, account)
            for row in world.store.read(lambda db, id=mailbox.id: messages.by_uids(db, id))]    # type: ignore[misc]  # a lambda with a default
    return sorted((name, messages.content(world.store, row)) for row, name in rows)
