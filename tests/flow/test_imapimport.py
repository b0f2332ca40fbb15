"""mta.flow.imapimport against Debian's Dovecot: everything comes, once, over connections that break off and runs that are killed."""
import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mta.base.limits import LIMITS
from mta.config.model import Tls
from mta.dns.zone import Zone
from mta.flow import filing, imapimport, importing, people, reading
from mta.flow.world import World
from mta.imap.client import Listed
from mta.store import imports
from mta.store.imports import ImportRow
from tests.dovecot import AVAILABLE, HOST, PASSWORD, USER, Dovecot, Line
from tests.flow.mailfiles import OWNER, contents, held, letter

needs_dovecot = pytest.mark.skipif(not AVAILABLE and not os.environ.get("CI"), reason="needs root and Debian's dovecot-imapd")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small groups, and no long waits between connections."""
    monkeypatch.setattr(imapimport, "LIMITS", replace(LIMITS, imap_pause=0.01, imap_messages=7, imap_tries=8))


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    """A server with mail."""
    server = Dovecot()
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def filled(dovecot: Dovecot) -> Dovecot:
    """With five mailboxes, and nothing else in them."""
    known = dovecot.admin("mailbox", "list", "-u", USER).split("\n")
    for name in ("INBOX", "Gesendet", "Papierkorb", "Reisen/Übersee", "Big"):
        if name not in known:
            dovecot.admin("mailbox", "create", "-u", USER, name)
        dovecot.admin("expunge", "-u", USER, "mailbox", name, "all")
    for number in range(1, 41):
        dovecot.save("INBOX", letter(number).replace("\n", "\r\n").encode())
    dovecot.admin("flags", "add", "-u", USER, "\\Seen \\Flagged Work $Forwarded", "mailbox", "INBOX", "HEADER", "subject", "letter 40")
    dovecot.save("Gesendet", letter(101).encode(), "S")
    dovecot.save("Papierkorb", letter(102).encode())
    dovecot.save("Reisen/Übersee", letter(103).encode(), "R")
    dovecot.save("Big", letter(104, text="a line of a large message\n" * 100_000).encode())
    dovecot.admin("force-resync", "-u", USER, "INBOX")
    return dovecot


@pytest.fixture
def ann(served: World, zone: Zone, dovecot: Dovecot) -> int:
    """Ann's account, on a server that believes the authority of the old one."""
    zone.add(f"{HOST}. A 127.0.0.1")
    served.config = replace(served.config, tls=replace(served.config.tls, ca_file=dovecot.authority.file))
    return people.get_account(served, "ann").id


async def run(world: World, account: int, port: int, *, security: str = "tls", id: int | None = None,
              password: str = PASSWORD) -> ImportRow:
    """One run to its end."""
    if id is None:
        row = await asyncio.to_thread(importing.begin_imap, world, account, HOST, USER, password, port=port, security=security)
    else:
        await asyncio.to_thread(importing.go_on, world, account, id, password)
        row = importing.one(world, account, id)[0]
    claimed = importing.claim(world, OWNER, ["imap"], row.id)
    assert claimed is not None
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(importing.run, world, claimed, OWNER, lambda seconds: False,
                            lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(), private=True)
    return importing.one(world, account, row.id)[0]


@needs_dovecot
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_everything_comes(served: World, ann: int, filled: Dovecot, security: str) -> None:
    """Mailboxes by special use and by name, flags, keywords, times, and every octet."""
    row = asyncio.run(run(served, ann, filled.tls if security == "tls" else filled.plain, security=security))

    assert (row.state, row.problem) == ("done", ""), row.problem
    assert (row.added, row.skipped) == (44, 0)
    assert row.octets == row.total == 44
    got = held(served, ann)
    assert {name: len(rows) for name, rows in got.items()} == {"Inbox": 40, "Sent": 1, "Trash": 1, "Reisen/Übersee": 1, "Big": 1}
    assert next(one for one in got["Inbox"] if one[0] == "letter 40")[1:3] == (("\\Seen", "\\Flagged", "$Forwarded"), ("Work",))
    assert got["Reisen/Übersee"][0][1] == ("\\Answered",)
    assert time.gmtime(got["Inbox"][0][3]).tm_year == 2020
    here = dict(contents(served, ann))
    assert here["Big"] == letter(104, text="a line of a large message\n" * 100_000).replace("\n", "\r\n").encode()
    assert "\\Seen" not in filled.admin("fetch", "-u", USER, "flags", "mailbox", "INBOX", "UID", "1:10")


@needs_dovecot
def test_cut_off_again_and_again(served: World, ann: int, filled: Dovecot) -> None:
    """The connection breaks at any place, in the middle of messages too: in the end it is as if it never had."""
    async def work() -> tuple[ImportRow, int]:
        async with Line(filled.tls, [3_000, 900_000, 2_690_000, 9_000, 12_000, 15_000]).open() as line:
            return await run(served, ann, line.port), line.connections

    row, connections = asyncio.run(work())
    assert (row.state, row.problem, row.added, row.known) == ("done", "", 44, 0), (row.problem, connections)
    assert connections == 7
    assert len(set(contents(served, ann))) == len(contents(served, ann)) == 44


@needs_dovecot
def test_asked_again(served: World, ann: int, filled: Dovecot) -> None:
    """What is new comes, flags that changed there change here, what the owner did here stays, what went there stays here."""
    first = asyncio.run(run(served, ann, filled.tls))
    rows = {one.subject: one.id for one in reading.page(served, ann, reading.mailbox_named(served, ann, "Inbox").id, limit=100).messages}
    filing.flag(served, ann, [rows["letter 1"]], ["\\Flagged"], [])
    filing.delete(served, ann, [rows["letter 2"]])
    filled.save("INBOX", letter(200).encode())
    filled.admin("flags", "add", "-u", USER, "\\Seen", "mailbox", "INBOX", "UID", "1:4")
    uids = filled.admin("search", "-u", USER, "mailbox", "INBOX", "header", "subject", "letter 3").split("\n")[0].split()[-1]
    filled.admin("expunge", "-u", USER, "mailbox", "INBOX", "UID", uids)
    filled.admin("flags", "remove", "-u", USER, "Work", "mailbox", "INBOX", "header", "subject", "letter 40")
    row = asyncio.run(run(served, ann, filled.tls, id=first.id))

    assert (row.state, row.added) == ("done", 1)
    got = {one[0]: one for one in held(served, ann)["Inbox"]}
    assert got["letter 200"]
    assert got["letter 3"]
    assert "\\Flagged" in got["letter 1"][1]
    assert got["letter 40"][2] == ()
    assert "letter 2" not in got
    assert asyncio.run(run(served, ann, filled.tls, id=first.id)).changed == 0


@needs_dovecot
def test_a_new_uidvalidity(served: World, ann: int, filled: Dovecot) -> None:
    """The server numbers its messages anew: all are looked at again, and none comes twice."""
    first = asyncio.run(run(served, ann, filled.tls))
    filled.admin("mailbox", "update", "-u", USER, "--uid-validity", "4242", "INBOX")
    row = asyncio.run(run(served, ann, filled.tls, id=first.id))

    assert (row.state, row.added, row.known) == ("done", 0, 40)
    assert len(contents(served, ann)) == 44


@needs_dovecot
@pytest.mark.parametrize(("change", "words"), [
    ("password", "does not let ann in"), ("port", "cannot be reached"), ("authority", "certificate"), ("encryption", "right port")])
def test_what_goes_wrong_is_said(served: World, ann: int, dovecot: Dovecot, change: str, words: str) -> None:
    """In words that tell what to do; the password is not sent to whom it does not belong to, and forgotten."""
    if change == "authority":
        served.config = replace(served.config, tls=Tls())
    port = {"port": 1, "encryption": dovecot.plain}.get(change, dovecot.tls)
    row = asyncio.run(run(served, ann, port, password="wrong" if change == "password" else PASSWORD))

    assert row.state == "stopped"
    assert words in row.problem
    assert row.secret is None


def test_stopped_while_the_server_is_silent(served: World, zone: Zone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stops it does not wait until a server that says nothing is given up."""
    monkeypatch.setattr(imapimport, "LOOK", 0.01)
    zone.add(f"{HOST}. A 127.0.0.1")
    account = people.get_account(served, "ann").id

    async def stopped() -> ImportRow:
        connected = asyncio.Event()

        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connected.set()
            await reader.read()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        async with server:
            running = asyncio.create_task(run(served, account, server.sockets[0].getsockname()[1]))
            async with asyncio.timeout(10):
                await connected.wait()
                importing.stop(served, account, importing.listing(served, account)[0].id)
                row = await running
            # The server has heard that it was left.
            await asyncio.gather(*(task for task in asyncio.all_tasks() if task is not asyncio.current_task()), return_exceptions=True)
            return row

    row = asyncio.run(stopped())
    assert (row.state, row.problem) == ("stopped", "It was stopped by its owner.")


@needs_dovecot
def test_killed(served: World, ann: int, filled: Dovecot, tmp_path: Path) -> None:
    """The process is killed at several moments; what the next one ends with is every message once."""
    place = tmp_path / "zone"
    place.write_text(f"{HOST}. A 127.0.0.1\n")
    (tmp_path / "pillarbox.toml").write_text(
        f'hostname = "mx.example.org"\npostmaster = "ann"\nuser = ""\ndata = "{served.store.directory}"\n'
        f'[tls]\nca_file = "{filled.authority.file}"\n')
    for number in range(300, 500):
        (filled.folder / "mail/cur").mkdir(exist_ok=True)
        path = filled.folder / f"mail/new/1600000{number}.M{number}.old"
        path.write_text(letter(number))
        os.chown(path, *(filled.folder / "mail").stat()[4:6])
    command = [sys.executable, "-m", "workers.command", "--config", str(tmp_path / "pillarbox.toml"), "import", "imap", HOST,
               "--user", USER, "--account", "ann", "--port", str(filled.tls), "--zone", str(place), "--json"]
    killed = 0
    for wanted in (1, 60, 140):
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None
            process.stdin.write(PASSWORD.encode() + b"\n")
            process.stdin.close()
            while process.poll() is None and len(contents(served, ann)) < wanted:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
    done = subprocess.run(command, input=PASSWORD.encode() + b"\n", capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()

    assert killed >= 2
    assert len(set(contents(served, ann))) == len(contents(served, ann)) == 244
    assert served.store.read(lambda db: imports.all(db, ann))[0].state == "done"


def test_what_is_read_of_gmail() -> None:
    """All Mail with its labels, and what is not in it; of other servers every mailbox but views of others."""
    gmail = [Listed(name, (name,), frozenset(attributes)) for name, attributes in (
        ("INBOX", ()), ("[Gmail]/All Mail", ("\\all",)), ("[Gmail]/Spam", ("\\junk",)), ("[Gmail]/Trash", ("\\trash",)),
        ("[Gmail]/Starred", ("\\flagged",)), ("Travel", ()))]

    assert [(one.listed.name, one.target.role, one.labels) for one in imapimport.chosen(gmail, gmail=True)] == [
        ("[Gmail]/All Mail", "", True), ("[Gmail]/Spam", "junk", True), ("[Gmail]/Trash", "trash", True)]
    assert [one.listed.name for one in imapimport.chosen(gmail, gmail=False)] == ["INBOX", "[Gmail]/Spam", "[Gmail]/Trash", "Travel"]


def test_everything_below_the_inbox() -> None:
    """Courier's and Cyrus' way of naming means nothing by it."""
    found = [Listed(name, tuple(name.split(".")), frozenset()) for name in ("INBOX", "INBOX.Sent", "INBOX.Work.2024")]

    assert [(one.target.role, one.target.name) for one in imapimport.chosen(found, gmail=False)] == [
        ("inbox", ""), ("sent", ""), ("", "Work/2024")]
