"""STARTTLS, implicit TLS and what signing in can rely on under them; real sockets, both event loops."""
import asyncio
import json
import ssl
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.names import Domain, ip_address
from mta.base.reply import Reply
from mta.base.sasl import END_POINT
from mta.base.saslclient import Mechanism, Plain, Scram
from mta.net.tls import Certificates, ServerContext, channel_bindings, client_context, self_signed, tls_server_end_point
from mta.smtp.desk import Peer
from tests.smtp.plaindesk import PlainDesk
from tests.smtp.talk import PATIENCE, Client, serving, talking

INJECTION = json.loads(
    (Path(__file__).parent.parent / "vectors" / "smtp-wire-attacks" / "wire.json").read_text())["starttls_injection"]["smtp"]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A certificate for mx.example.test."""
    names, ips = [Domain("mx.example.test")], [ip_address("127.0.0.1")]
    return Certificates([self_signed(names, ips, tmp_path_factory.mktemp("tls"), SystemClock())])


@pytest.fixture
def context(certificates: Certificates) -> ServerContext:
    """What a listener gets."""
    return certificates.context


async def sign_in(client: Client, mechanism: Mechanism) -> str:
    """Carry out AUTH; the last reply."""
    first = mechanism.begin()
    reply = await client.ask(f"AUTH {mechanism.name}" + (f" {b64encode(first).decode()}" if first is not None else ""))
    while reply.startswith("334"):
        reply = await client.ask(b64encode(mechanism.answer(b64decode(reply[4:]))).decode())
    return reply


async def test_starttls(context: ServerContext) -> None:
    """Offered once; everything said before is forgotten; the desk learns what was agreed on."""
    desk = PlainDesk()
    async with serving(desk, context) as here:
        client = await here.connect()
        assert "\nSTARTTLS\n" in await client.hello()
        assert (await client.ask("STARTTLS")) == "220 2.0.0 Ready to start TLS"
        tls = await client.start_tls(client_context(verify=False), "MX.example.test")
        assert (await client.ask("MAIL FROM:<bob@a.example>")) == "503 5.5.1 Say EHLO first"
        assert "STARTTLS" not in await client.ask("EHLO a.example")
        assert await client.ask("STARTTLS") == "503 5.5.1 TLS is on already"
        await client.send(b"MAIL FROM:<bob@a.example>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n")
        assert [(await client.reply())[:3] for _ in range(3)] == ["250", "250", "354"]
        assert await client.ask("x\r\n.") == "250 2.0.0 Stored"
        assert (await client.ask("QUIT")).startswith("221")
        assert await client.reply() == ""

    (transaction, content), = desk.messages
    assert content == b"x\r\n"
    assert transaction.protocol == "ESMTPS"
    facts = transaction.session.tls
    assert facts is not None
    assert facts.version == tls.version() == "TLSv1.3"
    assert (tls.cipher() or ("",))[0] == facts.cipher
    assert facts.server_name == "mx.example.test"
    assert [facts["version"] for facts in desk.noted(Event.TLS_STARTED)] == ["TLSv1.3"]


async def test_requiretls(context: ServerContext) -> None:
    """Not offered in the clear, where it is refused too; under TLS both, and the desk learns of it (RFC 8689 §2)."""
    desk = PlainDesk()
    async with serving(desk, context) as here:
        client = await here.connect()
        assert "REQUIRETLS" not in await client.hello()
        assert await client.ask("MAIL FROM:<bob@a.example> REQUIRETLS") == "530 5.7.10 REQUIRETLS needs TLS: send STARTTLS first"
        await client.ask("STARTTLS")
        await client.start_tls(client_context(verify=False))
        assert "\nREQUIRETLS\n" in await client.ask("EHLO a.example")
        assert (await client.ask("MAIL FROM:<bob@a.example> REQUIRETLS=1")) == "501 5.5.4 REQUIRETLS has no value"
        assert (await client.ask("MAIL FROM:<bob@a.example> REQUIRETLS requiretls")) == "501 5.5.4 REQUIRETLS was given twice"
        await client.send(b"MAIL FROM:<bob@a.example> REQUIRETLS\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n")
        assert [(await client.reply())[:3] for _ in range(3)] == ["250", "250", "354"]
        assert await client.ask("x\r\n.") == "250 2.0.0 Stored"
        await client.send(b"MAIL FROM:<bob@a.example>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n")
        assert [(await client.reply())[:3] for _ in range(3)] == ["250", "250", "354"]
        assert await client.ask("x\r\n.") == "250 2.0.0 Stored"

    assert [transaction.requiretls for transaction, _ in desk.messages] == [True, False], "it holds for one message"


async def test_requiretls_turned_off(context: ServerContext) -> None:
    """Then it is not known at all."""
    async with serving(PlainDesk(requiretls=False), context) as here:
        client = await here.connect()
        await client.hello()
        await client.ask("STARTTLS")
        await client.start_tls(client_context(verify=False))
        assert "REQUIRETLS" not in await client.ask("EHLO a.example")
        assert await client.ask("MAIL FROM:<bob@a.example> REQUIRETLS") == "555 5.5.4 MAIL does not take the parameter REQUIRETLS here"


async def test_injected_commands(context: ServerContext) -> None:
    """The known attack: what was sent ahead of the handshake is dropped, noted, and never answered."""
    desk = PlainDesk()
    async with serving(desk, context) as here:
        client = await here.connect()
        await client.reply()
        for octets in INJECTION["before_tls"]:
            await client.send(octets.encode())
            assert (await client.reply())[:3] in ("250", "220")
        await client.start_tls(client_context(verify=False))
        assert (await client.ask("FAKE")).startswith("500 ")
        assert (await client.ask("MAIL FROM:<>")).startswith("503 ")

    assert [facts["octets"] for facts in desk.noted(Event.INJECTED)] == [len("EHLO commandinjectiontester\r\n")]
    assert len(desk.noted(Event.HELLO)) == 1


@pytest.mark.parametrize("octets", [b"EHLO a.example\r\n", b"\0" * 100, b"\x16\x03\x01\x00\x05hello"])
async def test_a_handshake_that_fails(context: ServerContext, octets: bytes) -> None:
    """Anything but a handshake after STARTTLS ends the session, with a note."""
    desk = PlainDesk()
    async with serving(desk, context) as here:
        client = await here.connect()
        await client.hello()
        await client.ask("STARTTLS")
        await client.send(octets)
        try:
            rest = await asyncio.wait_for(client.reader.read(), PATIENCE)
        except ConnectionResetError:
            rest = b""
        assert b"250" not in rest
        await asyncio.wait_for(here.register.empty(), PATIENCE)

    assert len(desk.noted(Event.TLS_FAILED)) == 1
    assert len(desk.noted(Event.SESSION_CLOSED)) == 1


async def test_a_handshake_that_is_broken_off(context: ServerContext) -> None:
    """A client that leaves instead of shaking hands leaves no session behind."""
    desk = PlainDesk()
    async with serving(desk, context) as here:
        client = await here.connect()
        await client.hello()
        await client.ask("STARTTLS")
        await client.close()
        await asyncio.wait_for(here.register.empty(), PATIENCE)

    assert len(desk.noted(Event.TLS_FAILED)) == 1


async def test_a_handshake_that_takes_too_long(context: ServerContext) -> None:
    """Silence after STARTTLS is bounded."""
    desk = PlainDesk()
    async with serving(desk, context, limits=replace(LIMITS, tls_handshake=0.05)) as here:
        client = await here.connect()
        await client.hello()
        await client.ask("STARTTLS")
        await asyncio.wait_for(here.register.empty(), PATIENCE)

    assert len(desk.noted(Event.TLS_FAILED)) == 1


async def test_old_versions_get_no_handshake(context: ServerContext) -> None:
    """RFC 8996: a client that can only do TLS 1.1 fails; one with 1.2 is welcome."""
    async with serving(PlainDesk(), context) as here:
        client = await here.connect()
        await client.hello()
        await client.ask("STARTTLS")
        newer = client_context(verify=False)
        newer.maximum_version = ssl.TLSVersion.TLSv1_2
        assert (await client.start_tls(newer)).version() == "TLSv1.2"
        assert (await client.ask("EHLO a.example")).startswith("250")
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


async def test_implicit_tls(context: ServerContext) -> None:
    """Port 465: the handshake comes first, STARTTLS is not offered, AUTH is."""
    desk = PlainDesk(submission=True, auth="tls")
    async with serving(desk, context, implicit_tls=True, listener="submissions") as here:
        client = await here.connect(ssl=client_context(verify=False))
        offers = await client.hello()
        assert "STARTTLS" not in offers
        assert "AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN" in offers.split("\n")
        assert (await sign_in(client, Plain("ann@example.test", "correct horse"))).startswith("235 ")
        await client.send(b"MAIL FROM:<ann@example.test>\r\nRCPT TO:<x@elsewhere.example>\r\nDATA\r\n")
        assert [(await client.reply())[:3] for _ in range(3)] == ["250", "250", "354"]
        assert await client.ask("x\r\n.") == "250 2.0.0 Stored"

    (transaction, _), = desk.messages
    assert transaction.protocol == "ESMTPSA"
    assert transaction.session.account is not None
    assert transaction.session.account.mechanism == "PLAIN"


async def test_a_handshake_that_comes_while_the_desk_is_asked(context: ServerContext) -> None:
    """The client's first octets arrive before we are ready for them; none is lost."""
    class Slow(PlainDesk):
        async def opened(self, peer: Peer) -> Reply | None:
            await asyncio.sleep(0.05)
            return await super().opened(peer)

    async with serving(Slow(), context, implicit_tls=True) as here:
        client = await here.connect(ssl=client_context(verify=False))
        assert "PIPELINING" in await client.hello()
        again = await here.connect()
        await again.send(b"\x16\x03\x01")
        await again.close()


async def test_implicit_tls_for_somebody_unwanted(context: ServerContext) -> None:
    """Who may not connect costs us no handshake."""
    desk = PlainDesk()
    desk.refusal = Reply(421, "4.7.0", "Too many connections")
    async with serving(desk, context, implicit_tls=True) as here:
        with pytest.raises(OSError):  # noqa: PT011  # each loop says it in its own words
            await here.connect(ssl=client_context(verify=False))
        await asyncio.wait_for(here.register.empty(), PATIENCE)

    assert [event for event, _, _ in desk.events] == [Event.SESSION_OPENED, Event.SESSION_REFUSED, Event.SESSION_CLOSED]


async def test_plain_smtp_to_an_implicit_port(context: ServerContext) -> None:
    """A client that does not start with TLS where it must is turned away by the handshake."""
    desk = PlainDesk()
    async with serving(desk, context, implicit_tls=True) as here:
        client = await here.connect()
        await client.send(b"EHLO a.example\r\n")
        await asyncio.wait_for(here.register.empty(), PATIENCE)

    assert len(desk.noted(Event.TLS_FAILED)) == 1


@pytest.mark.parametrize("password", ["correct horse", "wrong horse"])
@pytest.mark.parametrize("bound", [True, False])
async def test_scram(context: ServerContext, password: str, bound: bool) -> None:
    """SCRAM with every credential of an account, with and without channel binding; the server proves itself too."""
    desk = PlainDesk(submission=True, auth="tls")
    async with serving(desk, context) as here:
        client = await here.connect()
        await client.hello()
        await client.ask("STARTTLS")
        tls = await client.start_tls(client_context(verify=False))
        await client.ask("EHLO laptop")
        bindings = channel_bindings(tls, tls_server_end_point(tls.getpeercert(binary_form=True) or b""))
        mechanism = Scram("ann@example.test", password, (END_POINT, bindings[END_POINT]) if bound else None)

        assert await sign_in(client, mechanism) == "235 2.7.0 You have signed in"
        assert mechanism.done
        assert (await client.ask("MAIL FROM:<ann@example.test>")).startswith("250")


@pytest.mark.parametrize(("name", "password"), [("ann@example.test", "wrong"), ("nobody@example.test", "correct horse")])
async def test_scram_that_fails(context: ServerContext, name: str, password: str) -> None:
    """A wrong password and an unknown user go through the whole exchange and hear the same."""
    desk = PlainDesk(submission=True, auth="tls")
    async with serving(desk, context, implicit_tls=True) as here:
        client = await here.connect(ssl=client_context(verify=False))
        await client.hello()

        assert await sign_in(client, Scram(name, password)) == "535 5.7.8 The user name or the password is wrong"
        assert (await client.ask("MAIL FROM:<ann@example.test>")).startswith("530")


async def test_somebody_in_between(context: ServerContext) -> None:
    """A binding to another certificate, and a client from whom -PLUS was hidden, are refused."""
    desk = PlainDesk(submission=True, auth="tls")
    async with serving(desk, context, implicit_tls=True) as here:
        client = await here.connect(ssl=client_context(verify=False))
        await client.hello()

        assert "may sit between us" in await sign_in(client, Scram("ann@example.test", "correct horse", (END_POINT, b"other")))
        assert "did not reach you" in await sign_in(client, Scram("ann@example.test", "correct horse", able=True))


async def test_starttls_comes_before_signing_in(context: ServerContext) -> None:
    """Where AUTH is possible in the clear, STARTTLS after it is refused and not offered."""
    async with talking(PlainDesk(submission=True, auth="always"), context=context) as talk:
        await talk.hello()
        assert (await talk.ask("AUTH PLAIN AGFubkBleGFtcGxlLnRlc3QAY29ycmVjdCBob3JzZQ==")).startswith("235")
        assert "STARTTLS" not in await talk.ask("EHLO laptop")
        assert (await talk.ask("STARTTLS")).startswith("503")


async def test_submission_without_tls_says_what_to_do(context: ServerContext) -> None:
    """Port 587 in the clear: MAIL and AUTH both point to STARTTLS."""
    async with talking(PlainDesk(submission=True, auth="tls"), context=context) as talk:
        await talk.hello()
        assert (await talk.ask("MAIL FROM:<ann@example.test>")).startswith("530 5.7.0 Send STARTTLS")
        assert (await talk.ask("AUTH PLAIN")).startswith("538 5.7.11")
        assert (await talk.ask("STARTTLS now")).startswith("501")


async def test_half_close_under_tls(context: ServerContext) -> None:
    """A client that closes TLS right behind the final dot still gets its message stored."""
    desk = PlainDesk()
    desk.gate.clear()
    async with serving(desk, context) as here:
        client = await here.connect()
        await client.hello()
        await client.ask("STARTTLS")
        await client.start_tls(client_context(verify=False))
        await client.ask("EHLO a.example")
        await client.send(b"MAIL FROM:<>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n")
        for _ in range(3):
            await client.reply()
        await client.send(b"x\r\n.\r\n")
        client.writer.close()
        await asyncio.wait_for(desk.storing.wait(), PATIENCE)
        desk.gate.set()
        await asyncio.wait_for(here.register.empty(), PATIENCE)

    assert [content for _, content in desk.messages] == [b"x\r\n"]
    assert Event.UNEXPECTED not in [event for event, _, _ in desk.events]


async def test_a_large_message_under_tls(context: ServerContext) -> None:
    """Many chunks, and a pause in reading now and then."""
    desk = PlainDesk(max_size=10_000_000)
    content = (b"x" * 76 + b"\r\n") * 50_000
    async with serving(desk, context) as here:
        client = await here.connect()
        await client.hello()
        await client.ask("STARTTLS")
        await client.start_tls(client_context(verify=False))
        await client.ask("EHLO a.example")
        await client.send(b"MAIL FROM:<>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n")
        for _ in range(3):
            await client.reply()
        await client.send(content)
        assert await client.ask(".") == "250 2.0.0 Stored"

    assert desk.messages[0][1] == content
