"""workers.fresh: certificates that are replaced are used, broken ones are told of."""
import asyncio
from pathlib import Path

from mta.base.clock import SystemClock
from mta.base.events import Event, Journal, Record, Recorded
from mta.base.names import Domain
from mta.net.tls import Certificates, self_signed
from workers.fresh import follow


async def test_following(tmp_path: Path, journal: Journal, recorded: Recorded) -> None:
    """New files are loaded by themselves; what cannot be used is said once, and what was there stays."""
    clock = SystemClock()
    files = self_signed([Domain("a.example")], [], tmp_path / "used", clock)
    broken = tmp_path / "broken.pem"
    broken.write_text("no")
    certificates = Certificates([files, (broken, broken)])
    told: asyncio.Queue[Record] = asyncio.Queue()
    journal.add_sink(told.put_nowait)
    following = asyncio.create_task(follow(certificates, journal, 0.01))
    async with asyncio.timeout(10):
        await told.get()
        broken.unlink()
        await told.get()
        for target, source in zip(files, self_signed([Domain("b.example")], [], tmp_path / "new", clock), strict=True):
            source.replace(target)
        broken.write_bytes(b"".join(file.read_bytes() for file in self_signed([Domain("c.example")], [], tmp_path / "other", clock)))
        # It may look between two of these files, and find nothing that it can use.
        while (await told.get()).event is not Event.CERTIFICATES_LOADED:
            continue
    following.cancel()
    keys = recorded.keys()
    assert keys[:2] == ["certificate.unfit", "certificate.unfit"]
    assert keys[-1] == "certificate.loaded"
    assert recorded.records[-1].facts["certificates"] == ["b.example", "c.example"]
