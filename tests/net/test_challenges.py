"""mta.net.challenges: proofs as files, handshakes that only an authority sees."""
import asyncio
import base64
import hashlib
import socket
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from mta.base.clock import SystemClock
from mta.base.errors import BadName
from mta.base.names import Domain
from mta.net.challenges import EXTENSION, PROTOCOL, Answers, ByHandshake, ByPage, ByRecord, wants_handshake
from mta.net.tls import self_signed, server_context

CLOCK = SystemClock()


def test_pages(tmp_path: Path) -> None:
    """There as long as the proof is awaited, and no way out of the folder."""
    answers = Answers(tmp_path)
    proof = ByPage(answers)
    assert answers.page("abc") is None
    proof.begin("mx.example.org", "abc-_1", "abc-_1.thumb")
    assert answers.page("abc-_1") == b"abc-_1.thumb"
    for token in ("", "..", "../http-01/abc-_1", "a/b", "a.b", "a" * 201, "\0"):
        assert answers.page(token) is None
        with pytest.raises(BadName):
            answers.put_page(token, "x")
    proof.end("mx.example.org", "abc-_1", "abc-_1.thumb")
    assert answers.page("abc-_1") is None


def test_what_a_crash_left_is_cleared(tmp_path: Path) -> None:
    """Nothing old is shown."""
    answers = Answers(tmp_path)
    answers.put_page("abc", "x")
    answers.put_handshake("mx.example.org", "x", CLOCK)
    assert answers.handshakes_wait
    answers.clear()
    assert answers.page("abc") is None
    assert not answers.handshakes_wait


def test_records() -> None:
    """RFC 8555 §8.4: the name, and the digest without padding."""
    calls: list[tuple[str, str, str]] = []
    proof = ByRecord(lambda *call: calls.append(call))
    proof.begin("mx.example.org", "t", "t.thumb")
    proof.end("mx.example.org", "t", "t.thumb")
    value = base64.urlsafe_b64encode(hashlib.sha256(b"t.thumb").digest()).decode().rstrip("=")
    assert calls == [(action, "_acme-challenge.mx.example.org", value) for action in ("set", "unset")]


def client(alpn: list[str] | None) -> ssl.SSLContext:
    """A client that offers these protocols."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(alpn)
    return context


async def meet(answers: Answers, usual: ssl.SSLContext, alpn: list[str] | None, name: str) -> tuple[str | None, bytes]:
    """A handshake with a server that asks answers first: the chosen protocol and the certificate."""
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)

        async def serve() -> None:
            accepted, _ = await loop.sock_accept(listening)
            accepted.setblocking(False)
            context = await answers.context_for(accepted) or usual
            transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, accepted, ssl=context)
            transport.close()

        serving = asyncio.create_task(serve())
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", listening.getsockname()[1], ssl=client(alpn), server_hostname=name)
        except OSError:
            with pytest.raises(OSError):    # noqa: PT011  # whichever of the two ends noticed
                await serving
            raise
        tls = writer.get_extra_info("ssl_object")
        found = tls.selected_alpn_protocol(), tls.getpeercert(binary_form=True)
        writer.close()
        await serving
        return found


async def test_handshakes(tmp_path: Path) -> None:
    """RFC 8737 §3: whoever offers acme-tls/1 alone gets the proof for its name; browsers get the usual certificate all the while."""
    files = self_signed([Domain("mx.example.org")], [], tmp_path, CLOCK)
    usual, own = server_context(*files), x509.load_pem_x509_certificate(files[0].read_bytes())
    answers = Answers(tmp_path)
    proof = ByHandshake(answers, CLOCK)
    proof.begin("mx.example.org", "t", "t.thumb")

    chosen, der = await meet(answers, usual, [PROTOCOL], "mx.example.org")

    certificate = x509.load_der_x509_certificate(der)
    assert chosen == PROTOCOL
    value = certificate.extensions.get_extension_for_oid(EXTENSION)
    assert value.critical
    assert isinstance(value.value, x509.UnrecognizedExtension)
    assert value.value.value == b"\x04\x20" + hashlib.sha256(b"t.thumb").digest()
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["mx.example.org"]
    for offered in (None, ["http/1.1"], ["http/1.1", PROTOCOL]):
        _, der = await meet(answers, usual, offered, "mx.example.org")
        assert x509.load_der_x509_certificate(der) == own
    for other in ("other.example.org", "a" * 60):
        with pytest.raises(OSError):    # noqa: PT011  # an alert or an end, as the two loops tell it
            await meet(answers, usual, [PROTOCOL], other)
    proof.end("mx.example.org", "t", "t.thumb")
    _, der = await meet(answers, usual, [PROTOCOL], "mx.example.org")
    assert x509.load_der_x509_certificate(der) == own


async def test_somebody_who_says_nothing(tmp_path: Path) -> None:
    """While a handshake is awaited a silent client costs two seconds, one that leaves nothing; half a record is waited for."""
    answers = Answers(tmp_path)
    answers.put_handshake("mx.example.org", "x", CLOCK)
    hello = b"\x16\x03\x01\x00\x20" + b"\0" * 10 + b"\x00\x0b\x0aacme-tls/1" + b"\0" * 9
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.sendall(hello[:9])
        waiting = asyncio.create_task(answers.context_for(ours))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        theirs.sendall(hello[9:])
        assert await waiting is not None
        assert ours.recv(100) == hello, "what came is still there for the handshake"
        theirs.sendall(b"GET")
        assert await answers.context_for(ours) is None
    ours, theirs = socket.socketpair()
    with ours:
        ours.setblocking(False)
        theirs.close()
        assert await answers.context_for(ours) is None


def test_what_asks_for_a_proof() -> None:
    """The protocol alone in the list, as ALPN writes it."""
    assert wants_handshake(b"...\x00\x10\x00\x0d\x00\x0b\x0aacme-tls/1...")
    assert not wants_handshake(b"...\x00\x14\x08http/1.1\x0aacme-tls/1")
    assert not wants_handshake(b"GET /acme-tls/1 HTTP/1.1")
