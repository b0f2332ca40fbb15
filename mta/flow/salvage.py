"""Make messages again of files in data/mail that the database does not know.

For when the database is lost, older than the mail, or was put back after an upgrade.  A
file says nothing of whose it was: that stands in its header, in the addresses it is to
(or from, if that was one of us).  What bears no address of ours goes to the account that
the caller names.  All of it goes to the mailbox SALVAGED; flags and folders are lost.

Nothing is removed.  Whoever has the same content already does not get it again, so a
second run does nothing.  Files of the last minute may be on their way into the database.
"""
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mta.base.errors import NotFound
from mta.base.names import Address
from mta.flow import deposit, people
from mta.flow.world import World
from mta.judge.reason import Reason
from mta.message import header, structure
from mta.message.address import parse_field
from mta.message.structure import Structure
from mta.store import accounts, bodies, contents, mailboxes, messages
from mta.store.connection import Connection

SALVAGED: Final = "Salvaged"
#: Fields that say whom a message is to, and addresses of them that are looked at.
TO: Final = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc", "Bcc", "Resent-To")
MOST: Final = 200
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
#: Seconds: what is younger may not have its row yet.
YOUNG: Final = 60.0
CHUNK: Final = 1024 * 1024


@dataclass(slots=True)
class Salvage:
    """What came of it: files without a row, messages made, by account; files that are nobody's, as nothing was named for them."""

    files: int
    messages: dict[str, int]
    present: int
    nobody: list[str]
    unreadable: list[str]


def run(world: World, fallback: str | None, *, dry: bool = False, told: Callable[[int], None] = lambda files: None) -> Salvage:
    """Do it, or with dry only say what would be done; blocks.  told(files) after each.  NotFound if there is no account fallback."""
    if not dry:
        _link_back(world)
    last = None if fallback is None else people.get_account(world, fallback).id
    done = Salvage(0, {}, 0, [], [])
    have: dict[int, set[bytes]] = {}
    for name in unknown(world):
        done.files += 1
        try:
            digest = _digest(world, name)
            with world.store.bodies.view(name) as view:
                top = header.parse(view)
                found = structure.analyse(view, header=top)
        except OSError as problem:
            done.unreadable.append(f"{name}: {problem.strerror}")
            continue
        wanted = _whose(world, top) or ({last} if last is not None else set())
        if not wanted:
            done.nobody.append(name)
        for account in sorted(wanted):
            if account not in have:
                have[account] = world.store.read(lambda db, id=account: contents.bodies_of(db, id))    # type: ignore[misc]
            if digest in have[account]:
                done.present += 1
                continue
            have[account].add(digest)
            called = _add(world, account, name, digest, found, dry)
            done.messages[called] = done.messages.get(called, 0) + 1
        told(done.files)
    return done


def unknown(world: World) -> Iterator[str]:
    """Names of files in data/mail without a row, day by day."""
    before = world.clock.timestamp() - YOUNG
    for folder in sorted(world.store.bodies.root.iterdir()):
        if folder.is_dir() and DAY.fullmatch(folder.name):
            known = world.store.read(lambda db, day=folder.name: bodies.names_of(db, day))    # type: ignore[misc]  # a lambda with a default
            for file in sorted(folder.iterdir()):
                if f"{folder.name}/{file.name}" not in known and _ours(file, before):
                    yield f"{folder.name}/{file.name}"


def _link_back(world: World) -> None:
    """What a rollback kept apart (mta.store.upgrade) is put where it was, if a sweep has taken it from there since."""
    for folder in world.store.directory.glob("mail.after-*"):
        for file in folder.glob("*/*"):
            target = world.store.bodies.path(f"{file.parent.name}/{file.name}")
            if DAY.fullmatch(file.parent.name) and not target.exists():
                target.parent.mkdir(mode=0o700, exist_ok=True)
                os.link(file, target)


def _ours(file: Path, before: float) -> bool:
    try:
        return file.is_file() and not file.is_symlink() and bodies.made_at(file.name) < before
    except ValueError:
        return False


def _whose(world: World, top: header.Header) -> set[int]:
    """The accounts whose addresses a message is to; if it is to none of us, those it is from."""
    for names in (TO, ("From", "Sender")):
        found: set[int] = set()
        for mailbox in [one for name in names for one in parse_field(top, name)][:MOST]:
            if mailbox.address is not None:
                found |= world.store.read(lambda db, address=mailbox.address: _owners(db, address, world))    # type: ignore[misc]
        if found:
            return found
    return set()


def _owners(db: Connection, address: Address, world: World) -> set[int]:
    found = accounts.resolve(db, address, world.config.hostname, world.config.postmaster)
    return set(found.accounts)


def _add(world: World, account: int, name: str, digest: bytes, found: Structure, dry: bool) -> str:
    size = world.store.bodies.path(name).stat().st_size

    def change(db: Connection) -> str:
        row = accounts.get(db, account)
        if row is None:
            raise NotFound(f"there is no account {account}")
        if dry:
            return row.name
        place = mailboxes.by_name(db, account, SALVAGED)
        where = place.id if place else mailboxes.add(db, world.clock, account, SALVAGED)
        body_id = bodies.adopt(db, name, size, digest)
        messages.add(db, world.clock, deposit.new_message(
            where, body_id, size, found.envelope, structure.pack(found), bodies.made_at(name),
            reasons=(Reason("It was found in the folder of mail when the database was lost.", key="salvaged"),)), skip_quota=True)
        return row.name

    return world.store.read(change) if dry else world.store.write_now(change)


def _digest(world: World, name: str) -> bytes:
    digest = hashlib.sha256()
    with world.store.bodies.open(name) as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.digest()
