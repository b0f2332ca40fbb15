"""workers.commands.dane: what mail to a host would meet, tried at the command line."""
import asyncio
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.base.names import Domain
from mta.net.tls import server_context
from mta.secure.dane import written
from mta.secure.protection import Seen
from mta.store import seen
from mta.store.database import Store
from tests.peers import FRIENDLY, Server, listening
from tests.secure.chains import make
from tests.workers.commands.conftest import Typing

ROOT = make("Root", ca=True)
LEAF, OTHER = ROOT.signs("mx.b.test"), make("other.test")
AT = "--at 2030-01-01T00:00"


@contextmanager
def serving(tls: ssl.SSLContext | None, *offers: str) -> Iterator[Server]:
    """A mail host on a loop of its own: a command has one too."""
    server, started, ending = Server(offers=(*FRIENDLY, *offers), tls=tls), threading.Event(), list[asyncio.Event]()
    loops = list[asyncio.AbstractEventLoop]()

    async def run() -> None:
        end = asyncio.Event()
        async with listening(server):
            ending.append(end)
            loops.append(asyncio.get_running_loop())
            started.set()
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert started.wait(10)
    try:
        yield server
    finally:
        loops[0].call_soon_threadsafe(ending[0].set)
        thread.join(10)


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """The host's certificate."""
    return server_context(*LEAF.files(tmp_path / "leaf"))


def zone(tmp_path: Path, *lines: str) -> Path:
    """A file of names."""
    file = tmp_path / "zone"
    file.write_text("\n".join(("b.test MX 10 mx.b.test", "mx.b.test A 127.0.0.1", *lines)) + "\n")
    return file


def test_a_host_with_dane(typed: Typing, tls: ssl.SSLContext, tmp_path: Path) -> None:
    """Records, connection, both verdicts, and what follows for mail; the exit status is for scripts."""
    with serving(tls, "REQUIRETLS") as server:
        names = zone(tmp_path, "b.test SECURE", f"_{server.port}._tcp.mx.b.test TLSA {written(LEAF.tlsa(3))}",
                     f"_{server.port}._tcp.mx.b.test TLSA 0 0 1 {'ab' * 32}")
        line = f"dane dialmx b.test --zone {names} --port {server.port} {AT}"
        status, out, err = typed.attempt(line)
        rows = json.loads(typed(f"{line} --json"))
        one_host = typed(f"dane dial mx.b.test --zone {names} --port {server.port} {AT}")
    assert status == 0, (out, err)
    assert "DNSSEC vouches for that" in out
    assert "The certificate is the one that is promised, by TLSA 3 1 1." in out
    assert "does not lead to an authority that is trusted" in out
    assert "Usual mail would be sent over this connection. The server must show what the DNS promises" in " ".join(out.split())
    assert "usage 0 (PKIX) is not for mail" in out
    found = {(row["method"], row.get("demand", "")): row for row in rows}
    assert found["tlsa", ""]["records"] == [written(LEAF.tlsa(3))]
    assert (found["plan", "USUAL"]["sent"], found["plan", "USUAL"]["dane"], found["plan", "REQUIRETLS"]["sent"]) == (True, True, True)
    assert (found["pkix", ""]["result"], found["connection", ""]["version"]) == ("certificate-not-trusted", "TLSv1.3")
    assert "Usual mail would be sent" in one_host
    assert set(server.verbs()) == {"EHLO", "STARTTLS", "QUIT"}


def test_a_host_that_breaks_its_promise(typed: Typing, tls: ssl.SSLContext, tmp_path: Path) -> None:
    """Plain words, and a status for scripts."""
    with serving(tls) as server:
        names = zone(tmp_path, "b.test SECURE", f"_{server.port}._tcp.mx.b.test TLSA {written(OTHER.tlsa(3))}")
        status, out, _ = typed.attempt(f"dane dialmx b.test --zone {names} --port {server.port} {AT}")
    assert status == 1
    assert "Usual mail would not be sent here: mx.b.test is not what the DNS promises (DANE)" in " ".join(out.split())


def test_a_host_without_tls(typed: Typing, tmp_path: Path) -> None:
    """Where nobody promised anything mail goes in the clear; where the DNS did, not."""
    with serving(None) as server:
        plain = zone(tmp_path)
        status, out, _ = typed.attempt(f"dane dialmx b.test --zone {plain} --port {server.port}")
        assert (status, "would be sent over this connection without TLS" in " ".join(out.split())) == (0, True)
        signed = zone(tmp_path, "b.test SECURE", f"_{server.port}._tcp.mx.b.test TLSA {written(LEAF.tlsa(3))}")
        status, out, _ = typed.attempt(f"dane dialmx b.test --zone {signed} --port {server.port}")
        assert (status, "must be encrypted" in out) == (1, True)


def test_what_cannot_be_reached(typed: Typing, tmp_path: Path) -> None:
    """Hosts without address, without server, domains without mail, in trouble, and no names at all."""
    with serving(None) as server:
        port = server.port
    names = zone(tmp_path, "null.test MX 0 .", "dead.test MX 1 gone.dead.test", '_mta-sts.b.test TXT "v=STSv1; id=1"', "t.test A 127.0.0.1",
                 "_mta-sts.t.test TIMEOUT")
    status, out, _ = typed.attempt(f"dane dialmx b.test --zone {names} --port {port}")
    assert status == 1
    assert f"No connection to 127.0.0.1 port {port}" in out
    assert "mta-sts.b.test: it has no address" in " ".join(out.split()).lower()
    status, out, _ = typed.attempt(f"dane dialmx dead.test --zone {names} --port {port}")
    assert (status, "has no address" in out) == (1, True)
    status, out, _ = typed.attempt(f"dane dialmx t.test --zone {names} --port {port}")
    assert (status, "does not say whether t.test has an MTA-STS policy" in " ".join(out.split())) == (1, True)
    assert typed.attempt(f"dane dialmx null.test --zone {names}")[2].count("takes no mail") == 1
    assert typed.attempt(f"dane dial not..a.name --zone {names}")[0] == 1


def test_a_server_that_turns_us_away(typed: Typing, tmp_path: Path) -> None:
    """Its words are shown."""
    with serving(None) as server:
        server.answers = {"BANNER": "554 5.7.1 Not you"}
        status, out, _ = typed.attempt(f"dane dial mx.b.test --zone {zone(tmp_path)} --port {server.port}")
    assert (status, "554 5.7.1 Not you" in out) == (1, True)


def test_what_mail_has_met(typed: Typing) -> None:
    """A list for people and programs; a domain that is not there is said in a line."""
    typed("account add ann --no-password")
    store = Store.open(typed.directory / "data", SystemClock())
    met = Seen(Domain("b.test"), True, "dane", False, 1_900_000_000.0, True, None, True)
    store.write_now(lambda db: seen.note(db, [1], met))
    store.close()
    assert typed.json("dane list b.t") == [{
        "domain": "b.test", "starttls": True, "verified": "dane", "mtasts": "enforce", "dnssec": None, "dane": True, "requiretls": False,
        "at": 1_900_000_000.0, "accounts": 1}]
    assert typed.json("dane list other") == []
    assert "2030-03-17" in typed("dane list")
    status, out, err = typed.attempt("dane look a..b")
    assert (status, out, err.count("\n")) == (1, "", 1)
