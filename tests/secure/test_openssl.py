"""mta.secure.dane against OpenSSL's own verification: the same chains and records, the same verdict."""
import asyncio
import os
import shutil
import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from mta.base.names import Domain
from mta.dns.answer import TLSA
from mta.secure import dane
from mta.secure.dane import written
from tests.secure.chains import DAY, NOW, Made, make, shown

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None and not os.environ.get("CI"), reason="needs the openssl command")

ROOT = make("Root", ca=True)
BELOW = ROOT.signs("Below", ca=True)
LEAF, WRONG, OLD = BELOW.signs("mx.b.test"), BELOW.signs("other.test"), BELOW.signs("mx.b.test", end=timedelta(hours=1))
WILD, BARE, OWN, STRAY = BELOW.signs("*.b.test"), BELOW.signs("mx.b.test", names=False), make("mx.b.test"), make("stray", ca=True)
HOP = BELOW.signs("b.test")
LATER = NOW + DAY

#: (what the server shows, the records)
CASES: dict[str, tuple[tuple[Made, ...], list[TLSA]]] = {
    "ee key": ((LEAF, BELOW), [LEAF.tlsa(3)]),
    "ee certificate": ((LEAF, BELOW), [LEAF.tlsa(3, 0)]),
    "ee key whole": ((LEAF, BELOW), [LEAF.tlsa(3, 1, 0)]),
    "ee certificate whole": ((LEAF,), [LEAF.tlsa(3, 0, 0)]),
    "ee sha512": ((LEAF,), [LEAF.tlsa(3, 1, 2)]),
    "ee wrong name": ((WRONG, BELOW), [WRONG.tlsa(3)]),
    "ee expired": ((OLD, BELOW), [OLD.tlsa(3)]),
    "ee self-signed": ((OWN,), [OWN.tlsa(3)]),
    "ee of another": ((LEAF, BELOW), [OWN.tlsa(3)]),
    "ee about the one above": ((LEAF, BELOW), [BELOW.tlsa(3)]),
    "ta above": ((LEAF, BELOW), [BELOW.tlsa(2)]),
    "ta root sent": ((LEAF, BELOW, ROOT), [ROOT.tlsa(2, 0)]),
    "ta root digest not sent": ((LEAF, BELOW), [ROOT.tlsa(2, 0)]),
    "ta root whole not sent": ((LEAF, BELOW), [ROOT.tlsa(2, 0, 0)]),
    "ta key whole not sent": ((LEAF, BELOW), [ROOT.tlsa(2, 1, 0)]),
    "ta above whole not sent": ((LEAF,), [BELOW.tlsa(2, 0, 0)]),
    "ta wrong name": ((WRONG, BELOW), [BELOW.tlsa(2)]),
    "ta next hop": ((HOP, BELOW), [BELOW.tlsa(2)]),
    "ta wildcard": ((WILD, BELOW), [BELOW.tlsa(2)]),
    "ta common name": ((BARE, BELOW), [BELOW.tlsa(2)]),
    "ta expired": ((OLD, BELOW), [BELOW.tlsa(2)]),
    "ta that did not sign": ((OWN, BELOW), [BELOW.tlsa(2)]),
    "ta of another": ((LEAF, BELOW), [STRAY.tlsa(2)]),
    "rollover": ((LEAF, BELOW), [OWN.tlsa(3), LEAF.tlsa(3)]),
    "ta beside a stale ee": ((LEAF, BELOW), [OWN.tlsa(3), BELOW.tlsa(2)]),
    "weaker digest only": ((LEAF, BELOW), [LEAF.tlsa(3, 1, 1), OWN.tlsa(3, 1, 2)]),
    "weaker digest of another": ((LEAF, BELOW), [OWN.tlsa(3, 1, 1), LEAF.tlsa(3, 1, 2)]),
}
REFUSED = {"ee of another", "ee about the one above", "ta root digest not sent", "ta wrong name", "ta next hop", "ta expired",
           "ta that did not sign", "ta of another", "weaker digest only"}


async def opinion(chain: tuple[Made, ...], records: list[TLSA], folder: Path) -> tuple[bool, str]:
    """Whether OpenSSL's client accepts the chain under these records, a day after NOW, and what it says."""
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*chain[0].files(folder, *chain[1:]))
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    options = [option for record in records for option in ("-dane_tlsa_rrdata", written(record))]
    client = await asyncio.create_subprocess_exec(
        "openssl", "s_client", "-brief", "-connect", f"127.0.0.1:{port}", "-servername", "mx.b.test", "-dane_tlsa_domain", "mx.b.test",
        "-dane_ee_no_namechecks", "-verify_return_error", "-attime", str(int(LATER.timestamp())), *options,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    async with asyncio.timeout(20):
        output, _ = await client.communicate(b"x")
    server.close()
    text = output.decode("utf-8", "replace")
    return "Verification: OK" in text, text


@pytest.mark.parametrize("name", CASES, ids=lambda name: name.replace(" ", "-"))
async def test_the_same_verdict(name: str, tmp_path: Path) -> None:
    """OpenSSL is asked for one name only, so of the next hop's we think by ourselves (RFC 7672 §3.2.2)."""
    chain, records = CASES[name]
    accepted, text = await opinion(chain, records, tmp_path)
    ours = dane.verify(records, shown(*chain), [Domain("mx.b.test")], LATER)

    assert ours.good == accepted == (name not in REFUSED), (ours, text)
    if name == "ta next hop":
        assert dane.verify(records, shown(*chain), [Domain("mx.b.test"), Domain("b.test")], LATER).good
