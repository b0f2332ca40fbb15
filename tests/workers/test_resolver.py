"""workers.resolver: the role answers at its socket until it is told to stop."""
import asyncio
import dataclasses
import io
import socket
import threading
from pathlib import Path

import pytest

from mta.base import metrics
from mta.base.clock import SetClock, SystemClock
from mta.base.errors import SetupError
from mta.base.events import Journal
from mta.base.measures import Measure
from mta.base.names import Domain, ip_address
from mta.config.model import Dns, local
from mta.dns.answer import Answer, RecordType
from mta.dns.cache import CachingResolver
from mta.dns.resolver import reverse_name
from mta.dns.zone import Zone
from mta.net.resolver import SocketResolver
from tests.measured import Measured
from workers import resolver
from workers.doorbells import Doorbells
from workers.loads import Loads
from workers.place import Place, Stop
from workers.resolver import Counted, MadeUp


def place(folder: Path, dns: Dns, ready: threading.Event) -> Place:
    """A place with a listening socket, as the supervisor makes it."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(folder / "dns"))
    listening.listen()
    listening.setblocking(False)
    clock = SystemClock()
    config = dataclasses.replace(local(folder), dns=dns, local=False)
    metrics.fresh(config.counters)
    return Place(config, "resolver", 0, {"resolver": [listening]}, Doorbells({}), Loads(1), Stop(), clock,
                 Journal("resolver", clock, stream=io.StringIO()), ready.set)


def test_questions_are_answered_until_the_stop(tmp_path: Path) -> None:
    """Ready once it listens; localhost is answered without any server; a stop ends it."""
    ready = threading.Event()
    here = place(tmp_path, Dns(upstreams=("127.0.0.1:9",)), ready)
    serving = threading.Thread(target=resolver.serve, args=(here,))
    serving.start()
    assert ready.wait(10)

    async def ask() -> Answer:
        client = SocketResolver(tmp_path / "dns")
        try:
            return await client.ask(Domain("localhost"), RecordType.A)
        finally:
            await client.close()

    assert [str(ip) for ip in asyncio.run(ask()).addresses] == ["127.0.0.1"]
    here.stop.set()
    serving.join(10)
    assert not serving.is_alive()


def test_a_server_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """One line for the operator, before anything is answered."""
    here = place(tmp_path, Dns(upstreams=("nonsense",)), threading.Event())
    with pytest.raises(SetupError, match="nonsense"):
        resolver.serve(here)
    here.sockets["resolver"][0].close()


async def test_localserve_makes_its_names_up(tmp_path: Path) -> None:
    """localhost is known without a file, other names with one; nobody outside is ever asked; a file that cannot be read is said."""
    bare = MadeUp(tmp_path / "zone")
    (tmp_path / "zone").write_text('demo.example. TXT "v=spf1 -all"\n')
    known = MadeUp(tmp_path / "zone")
    (tmp_path / "zone").write_text("demo.example. NONSENSE\n")

    assert (await bare.ask(reverse_name(ip_address("127.0.0.1")), RecordType.PTR)).names == [Domain("localhost")]
    assert (await bare.ask(Domain("demo.example"), RecordType.TXT)).absent
    assert (await known.ask(Domain("demo.example"), RecordType.TXT)).texts == ["v=spf1 -all"]
    with pytest.raises(SetupError, match="zone"):
        MadeUp(tmp_path / "zone")


def test_preparing_imports_and_no_more() -> None:
    """What is imported before the fork opens nothing and starts nothing."""
    before = threading.active_count()
    resolver.prepare()

    assert threading.active_count() == before


async def test_answers_are_counted() -> None:
    """By type, result and whether the cache had it; only what had to be asked is timed."""
    zone = Zone("a.example A 192.0.2.1\nb.example TIMEOUT")
    heard, clock = Measured(), SetClock()
    journal = Journal("resolver", clock, stream=io.StringIO())
    journal.add_meter(heard)
    counted = Counted(CachingResolver(zone, clock), clock, journal)
    for name, kind in (("a.example", RecordType.A), ("a.example", RecordType.A), ("a.example", RecordType.MX),
                       ("no.example", RecordType.TXT), ("b.example", RecordType.AAAA)):
        await counted.ask(Domain(name), kind)
    assert [labels for measure, _, labels in heard.samples if measure is Measure.DNS_ANSWERS] == [
        ("A", "found", "upstream"), ("A", "found", "cache"), ("MX", "absent", "upstream"), ("TXT", "absent", "upstream"),
        ("AAAA", "trouble", "upstream")]
    assert len(heard.labels(Measure.DNS_SECONDS)) == 4
