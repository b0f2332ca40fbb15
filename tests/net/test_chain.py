"""mta.net.chain: what the peer showed, with each Python and each loop."""
import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest
import uvloop

from mta.base.names import ip_address
from mta.net import chain
from mta.net.chain import peer_chain
from mta.net.connect import connect
from mta.net.tls import client_context, server_context
from tests.secure.chains import Made, make

ROOT = make("Root", ca=True)
BELOW = ROOT.signs("Below", ca=True)
LEAF = BELOW.signs("mx.b.test")


def shake(context: ssl.SSLContext, version: ssl.TLSVersion | None = None) -> ssl.SSLObject:
    """The client's end of a handshake in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client_context(verify=False)
    if version:
        ours.maximum_version = version
    client = ours.wrap_bio(to_client, to_server, server_hostname="mx.b.test")
    server = context.wrap_bio(to_server, to_client, server_side=True)
    ends = [client, server]
    while ends:
        for end in list(ends):
            try:
                end.do_handshake()
                ends.remove(end)
            except ssl.SSLWantReadError:
                pass
    return client


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("sent", [(LEAF,), (LEAF, BELOW), (LEAF, BELOW, ROOT), (LEAF, ROOT)], ids=len)
def test_as_it_was_sent(sent: tuple[Made, ...], version: ssl.TLSVersion, tmp_path: Path) -> None:
    """Every certificate, in the order of the server, none added."""
    assert peer_chain(shake(server_context(*LEAF.files(tmp_path, *sent[1:])), version)) == tuple(one.der for one in sent)


class Public:
    """An SSLObject of Python 3.13."""

    def __init__(self, sent: list[bytes] | None) -> None:
        self._sent = sent
        self._sslobj = None

    def get_unverified_chain(self) -> list[bytes] | None:
        """As documented: DER, leaf first, None without a certificate."""
        return self._sent

    def getpeercert(self, binary_form: bool = False) -> bytes | None:
        """The leaf."""
        assert binary_form
        return self._sent[0] if self._sent else None


def test_the_public_call_of_later_pythons() -> None:
    """3.13 gives octets; without certificates None."""
    assert peer_chain(Public([LEAF.der, BELOW.der])) == (LEAF.der, BELOW.der)
    assert peer_chain(Public(None)) == ()


class Bare:
    """An SSLObject that tells of its leaf only."""

    _sslobj = None

    def getpeercert(self, binary_form: bool = False) -> bytes:
        """The leaf."""
        return LEAF.der if binary_form else b""


def test_only_a_leaf() -> None:
    """Better than nothing: DANE-EE needs no more."""
    assert peer_chain(Bare()) == (LEAF.der,)


def test_a_chain_without_end() -> None:
    """Neither number nor size is the stranger's to choose."""
    assert len(peer_chain(Public([LEAF.der] * 100))) == chain.MOST
    assert peer_chain(Public([LEAF.der, b"x" * (chain.OCTETS + 1)])) == (LEAF.der,)


@pytest.mark.parametrize("factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_over_a_connection(factory: Any, tmp_path: Path) -> None:
    """Whichever loop runs, a connection knows the chain after its handshake."""
    context = server_context(*LEAF.files(tmp_path, BELOW))

    async def talk() -> tuple[bytes, ...]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        wire = await connect(ip_address("127.0.0.1"), server.sockets[0].getsockname()[1])
        secured = await wire.start_tls(client_context(verify=False), "mx.b.test")
        wire.close()
        server.close()
        return secured.chain

    with asyncio.Runner(loop_factory=factory) as runner:
        assert runner.run(talk()) == (LEAF.der, BELOW.der)
