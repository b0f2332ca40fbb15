"""The client's side of SMTP, against servers that behave in every way seen or feared."""
import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from mta.base.clock import SetClock, SystemClock
from mta.base.errors import Failure, Reach
from mta.base.limits import LIMITS
from mta.base.measures import Measure
from mta.base.names import Address, Domain
from mta.base.reply import Reply
from mta.net.connect import connect
from mta.net.tls import client_context, self_signed, server_context
from mta.smtp.client import Client
from mta.smtp.letter import Letter
from tests.measured import Measured
from tests.peers import CLOSE, FRIENDLY, HANGUP, SILENCE, Server, listening
from tests.smtp.plaindesk import PlainDesk
from tests.smtp.talk import serving

QUICK = dataclasses.replace(LIMITS, reply_wait=0.1, data_reply_wait=0.1, chunk_wait=0.1, quit_wait=0.1, tls_handshake=0.5)
CONTENT = b"Subject: dots\r\n\r\n.leading\r\nend\r\n"
ANN, BOB, UEB = (Address.parse(text) for text in ("ann@a.test", "bob@b.test", "ü@b.test"))


def letter(*recipients: Address, sender: Address | None = ANN, content: bytes = CONTENT, **more: bool) -> Letter:
    """A letter with that content."""
    return Letter(sender, recipients or (BOB,), len(content), lambda: [content], **more)


@contextlib.asynccontextmanager
async def talking(server: Server, greet: bool = True) -> AsyncIterator[Client]:
    """A client connected to server, greeted unless told otherwise."""
    async with listening(server):
        wire = await connect(ip_address("127.0.0.1"), server.port)
        client = Client(wire, "peer.test", Domain.parse("us.test"), QUICK)
        if greet:
            assert await client.greet() is None
        try:
            yield client
        finally:
            client.close()
            await asyncio.sleep(0)


def bobs(count: int) -> list[Address]:
    """That many recipients."""
    return [Address.parse(f"bob{number}@b.test") for number in range(count)]


# --- greeting -----------------------------------------------------------------------------


async def test_a_whole_conversation() -> None:
    """Greeting, two messages over one connection, leave."""
    server = Server()
    async with talking(server) as client:
        first = await client.send(letter(BOB))
        second = await client.send(letter(BOB, ANN, sender=None))
        await client.quit()

    assert first == [Reply(250, "2.0.0", "Taken")]
    assert second == [Reply(250, "2.0.0", "Taken")] * 2
    assert [mail.content for mail in server.mails] == [CONTENT, CONTENT]
    assert server.mails[1].mail.startswith("MAIL FROM:<> SIZE=")
    assert server.verbs() == ["EHLO", "MAIL", "RCPT", "DATA", "MAIL", "RCPT", "RCPT", "DATA", "QUIT"]
    assert not client.usable


@pytest.mark.parametrize(("banner", "code", "lasting"), [
    ("554 5.7.1 Go away", 554, True), ("421 4.3.2 Shutting down", 421, False), ("450 4.7.1 Busy", 450, False),
    ("200 hello", 200, False), ("354 hello", 354, False), (CLOSE, 0, False), (SILENCE, 0, False), ("hello world", 0, False),
])
async def test_banners_that_turn_us_away(banner: str, code: int, lasting: bool) -> None:
    """What is wrong with a banner spoils the host, not the message."""
    async with talking(Server({"BANNER": banner}), greet=False) as client:
        failure = await client.greet()

    assert failure is not None
    assert (failure.reach, failure.code, failure.lasting, failure.during) == (Reach.HOST, code, lasting, "banner")
    assert failure.host == "peer.test"
    assert not client.usable


async def test_a_banner_of_many_lines() -> None:
    """Greetings may be long."""
    async with talking(Server({"BANNER": "220 peer.test|We do not authorize|the use of this system"})) as client:
        assert client.offers.pipelining


async def test_a_server_that_only_knows_helo() -> None:
    """EHLO refused for good leads to HELO, and to one command at a time."""
    server = Server({"EHLO": "502 5.5.1 What?"})
    async with talking(server) as client:
        assert not client.offers.extended
        assert await client.send(letter()) == [Reply(250, "2.0.0", "Taken")]

    assert server.lines == ["EHLO us.test", "HELO us.test", "MAIL FROM:<ann@a.test>", "RCPT TO:<bob@b.test>", "DATA"]


@pytest.mark.parametrize(("answers", "during", "lasting"), [
    ({"EHLO": "450 4.7.1 Later"}, "EHLO", False), ({"EHLO": "500 What?", "HELO": "550 5.7.1 No"}, "HELO", True),
    ({"EHLO": "500 What?", "HELO": CLOSE}, "HELO", False), ({"EHLO": CLOSE}, "EHLO", False), ({"EHLO": "220 again"}, "EHLO", False),
    ({"EHLO": HANGUP + "421 4.7.0 Too many"}, "EHLO", False),
])
async def test_introductions_that_fail(answers: dict[str, str], during: str, lasting: bool) -> None:
    """A temporary refusal of EHLO is not answered with HELO."""
    async with talking(Server(answers), greet=False) as client:
        failure = await client.greet()

    assert failure is not None
    assert (failure.reach, failure.during, failure.lasting) == (Reach.HOST, during, lasting)


# --- recipients and transactions --------------------------------------------------------------


@pytest.mark.parametrize("offers", [FRIENDLY, ()], ids=["pipelined", "step by step"])
async def test_some_recipients_fail(offers: tuple[str, ...]) -> None:
    """Each recipient has its own outcome, and the others get the message."""
    server = Server({"RCPT TO:<bob1@": "550 5.1.1 No such user", "RCPT TO:<bob2@": "450 4.2.0 Greylisted"}, offers)
    async with talking(server) as client:
        outcomes = await client.send(letter(*bobs(4)))

    assert outcomes == [
        Reply(250, "2.0.0", "Taken"), Failure(Reach.RECIPIENT, True, 550, "5.1.1", "No such user", "RCPT", "peer.test"),
        Failure(Reach.RECIPIENT, False, 450, "4.2.0", "Greylisted", "RCPT", "peer.test"), Reply(250, "2.0.0", "Taken")]
    assert len(server.mails[0].recipients) == 2


@pytest.mark.parametrize("data", ["554 5.5.1 No valid recipients", "354 Go ahead", "503 5.5.1 RCPT first"])
@pytest.mark.parametrize("offers", [FRIENDLY, ()], ids=["pipelined", "step by step"])
async def test_all_recipients_fail(offers: tuple[str, ...], data: str) -> None:
    """Whatever the server makes of DATA then, nobody gets anything and the connection goes on."""
    server = Server({"RCPT TO:<no": "550 5.1.1 No such user", "DATA": [data]}, offers)
    async with talking(server) as client:
        refused = await client.send(letter(Address.parse("no1@b.test"), Address.parse("no2@b.test")))
        server.answers = {}
        assert await client.send(letter()) == [Reply(250, "2.0.0", "Taken")]

    assert [outcome.code for outcome in refused] == [550, 550]
    assert server.mails[-1].content == CONTENT
    assert server.mails[0].content in (b"", CONTENT)
    assert "RSET" in server.verbs()


@pytest.mark.parametrize("offers", [FRIENDLY, ()], ids=["pipelined", "step by step"])
@pytest.mark.parametrize(("answers", "code", "during"), [
    ({"MAIL": "550 5.7.1 Not from you", "RCPT": "503 5.5.1 MAIL first", "DATA": "503 5.5.1 MAIL first"}, 550, "MAIL"),
    ({"MAIL": "452 4.3.1 Disk full"}, 452, "MAIL"),
    ({"DATA": "451 4.7.1 Try later"}, 451, "DATA"),
    ({".": "554 5.7.1 Spam"}, 554, "message"),
])
async def test_the_message_is_refused(answers: dict[str, str], code: int, during: str, offers: tuple[str, ...]) -> None:
    """A verdict on the message is one for all recipients that had not been refused before."""
    async with talking(Server(answers, offers)) as client:
        outcomes = await client.send(letter(*bobs(2)))
        assert client.usable

    assert [type(outcome) for outcome in outcomes] == [Failure, Failure]
    failure = outcomes[0]
    assert isinstance(failure, Failure)
    assert (failure.reach, failure.code, failure.during, failure.lasting) == (Reach.MESSAGE, code, during, code >= 500)


async def test_too_many_recipients_are_taken_in_turns() -> None:
    """452 after some were granted: the rest follows in transactions of that size."""
    taken = 0

    def recipient(line: str) -> str:
        nonlocal taken
        taken += 1
        return "452 4.5.3 Too many recipients" if taken > 3 else "250 Ok"

    def mail(line: str) -> str:
        nonlocal taken
        taken = 0
        return "250 Ok"

    server = Server({"RCPT": recipient, "MAIL": mail})
    async with talking(server) as client:
        outcomes = await client.send(letter(*bobs(8)))

    assert outcomes == [Reply(250, "2.0.0", "Taken")] * 8
    assert [len(mail.recipients) for mail in server.mails] == [3, 3, 2]


async def test_a_full_mailbox_is_not_too_many_recipients() -> None:
    """552 5.2.2 is about that recipient; a first one refused with 452 is not asked again at once."""
    async with talking(Server({"RCPT TO:<bob1@": "552 5.2.2 Over quota", "RCPT TO:<bob0@": "452 4.5.3 Enough"})) as client:
        outcomes = await client.send(letter(*bobs(3)))

    assert [outcome.code for outcome in outcomes] == [452, 552, 250]


async def test_limits_are_honoured() -> None:
    """RFC 9422: no more recipients, nor domains, in one transaction than the server takes."""
    server = Server(offers=(*FRIENDLY, "LIMITS RCPTMAX=2"))
    async with talking(server) as client:
        await client.send(letter(*bobs(5)))
    assert [len(mail.recipients) for mail in server.mails] == [2, 2, 1]

    server = Server(offers=(*FRIENDLY, "LIMITS RCPTDOMAINMAX=1"))
    async with talking(server) as client:
        outcomes = await client.send(letter(*(Address.parse(text) for text in ("a@a.test", "b@b.test", "c@a.test"))))
    assert len(outcomes) == 3
    assert [len(mail.recipients) for mail in server.mails] == [1, 1, 1]


async def test_a_thousand_recipients() -> None:
    """Without LIMITS, a hundred to each transaction (RFC 5321 §4.5.3.1.8)."""
    server = Server()
    async with talking(server) as client:
        outcomes = await client.send(letter(*bobs(1_000)))

    assert len(outcomes) == 1_000
    assert [len(mail.recipients) for mail in server.mails] == [100] * 10


# --- extensions -------------------------------------------------------------------------------------


async def test_parameters_of_mail() -> None:
    """SIZE, BODY and SMTPUTF8 are said where they were offered and are needed."""
    server = Server()
    async with talking(server) as client:
        await client.send(letter(BOB, eight_bit=True))
        await client.send(letter(UEB, smtputf8=True, eight_bit=True))
    assert [mail.mail for mail in server.mails] == [
        f"MAIL FROM:<ann@a.test> SIZE={len(CONTENT)} BODY=8BITMIME", f"MAIL FROM:<ann@a.test> SIZE={len(CONTENT)} BODY=8BITMIME SMTPUTF8"]
    assert server.mails[1].recipients == ["RCPT TO:<ü@b.test>"]


async def test_domains_go_as_a_labels() -> None:
    """a@bücher.example needs no SMTPUTF8; ü@… does, and fails alone."""
    server = Server(offers=("PIPELINING", "8BITMIME"))
    async with talking(server) as client:
        outcomes = await client.send(letter(Address.parse("a@bücher.example"), UEB))

    assert server.mails[0].recipients == ["RCPT TO:<a@xn--bcher-kva.example>"]
    assert outcomes[0] == Reply(250, "2.0.0", "Taken")
    failure = outcomes[1]
    assert isinstance(failure, Failure)
    assert (failure.reach, failure.lasting, failure.enhanced) == (Reach.RECIPIENT, True, "5.6.7")


@pytest.mark.parametrize(("asked", "enhanced"), [
    (letter(smtputf8=True), "5.6.9"), (letter(sender=UEB), "5.6.7"), (letter(eight_bit=True), "5.6.3"),
    (letter(requiretls=True), "5.7.30"), (letter(content=b"x" * 101), "5.3.4"),
])
async def test_what_the_server_cannot_take(asked: Letter, enhanced: str) -> None:
    """What was not offered is not even tried, and the connection stays good."""
    server = Server(offers=("SIZE 100",))
    async with talking(server) as client:
        outcome, = await client.send(asked)
        assert client.usable

    assert isinstance(outcome, Failure)
    assert (outcome.reach, outcome.lasting, outcome.enhanced) == (Reach.MESSAGE, True, enhanced)
    assert server.verbs() == ["EHLO"]


@contextlib.asynccontextmanager
async def encrypted(tmp_path: Path, *, verified: bool, requiretls: bool) -> AsyncIterator[tuple[Client, PlainDesk]]:
    """A client under TLS, to a server whose certificate was checked or not, and that offers REQUIRETLS or not."""
    files = self_signed([Domain("mx.example.test")], [ip_address("127.0.0.1")], tmp_path, SystemClock())
    desk = PlainDesk(requiretls=requiretls)
    async with serving(desk, server_context(*files)) as here:
        context = client_context(verify=verified)
        if verified:
            context.load_verify_locations(files[0])
        client = Client(await connect(ip_address("127.0.0.1"), here.port), "mx.example.test", Domain.parse("us.test"), QUICK)
        assert await client.greet() is None
        assert await client.start_tls(context, "mx.example.test") is None
        try:
            yield client, desk
        finally:
            client.close()
            await asyncio.sleep(0)


BOTH_WAYS = pytest.mark.parametrize(("verified", "requiretls"), [(True, True), (True, False), (False, True), (False, False)])


@BOTH_WAYS
async def test_requiretls(tmp_path: Path, verified: bool, requiretls: bool) -> None:
    """Only to a server that is who it should be and promises as much for what follows (RFC 8689 §4.2.1)."""
    ann = Address.parse("ann@example.test")
    async with encrypted(tmp_path, verified=verified, requiretls=requiretls) as (client, desk):
        outcome, = await client.send(letter(ann, requiretls=True))
        usual, = await client.send(letter(ann))

    assert isinstance(usual, Reply)
    if verified and requiretls:
        assert isinstance(outcome, Reply)
        assert [transaction.requiretls for transaction, _ in desk.messages] == [True, False]
    else:
        assert isinstance(outcome, Failure)
        assert (outcome.reach, outcome.lasting, outcome.enhanced) == (Reach.MESSAGE, True, "5.7.30")
        assert [transaction.requiretls for transaction, _ in desk.messages] == [False]


@BOTH_WAYS
async def test_notices_ask_for_it_where_they_can(tmp_path: Path, verified: bool, requiretls: bool) -> None:
    """A notice about such a message is not lost for want of it (RFC 8689 §5)."""
    async with encrypted(tmp_path, verified=verified, requiretls=requiretls) as (client, desk):
        outcome, = await client.send(letter(Address.parse("ann@example.test"), sender=None, requiretls=True))

    assert isinstance(outcome, Reply)
    assert [transaction.requiretls for transaction, _ in desk.messages] == [verified and requiretls]


async def test_a_notice_goes_even_in_the_clear() -> None:
    """Its header is all that it can give away."""
    server = Server(offers=("REQUIRETLS",))
    async with talking(server) as client:
        assert await client.send(letter(sender=None, requiretls=True)) == [Reply(250, "2.0.0", "Taken")]
    assert server.mails[0].mail == "MAIL FROM:<>"


# --- connections that end in the middle ----------------------------------------------------------------


@pytest.mark.parametrize("action", [CLOSE, HANGUP + "421 4.3.0 Going down", SILENCE, "garbage!"])
@pytest.mark.parametrize("at", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("offers", [FRIENDLY, ()], ids=["pipelined", "step by step"])
async def test_the_end_comes_before_the_message(at: str, action: str, offers: tuple[str, ...]) -> None:
    """Then the host is to blame, and another one may be asked at once."""
    async with talking(Server({at: action}, offers)) as client:
        outcomes = await client.send(letter(*bobs(2)))

    assert not client.usable
    for outcome in outcomes:
        assert isinstance(outcome, Failure)
        assert (outcome.reach, outcome.lasting, outcome.during) == (Reach.HOST, False, at)


async def test_refusals_before_the_end_stand() -> None:
    """Who was refused before the connection broke stays refused."""
    async with talking(Server({"RCPT TO:<bob0@": "550 5.1.1 No", "RCPT TO:<bob2@": CLOSE})) as client:
        outcomes = await client.send(letter(*bobs(4)))

    assert [outcome.code for outcome in outcomes] == [550, 0, 0, 0]


@pytest.mark.parametrize(("action", "reach"), [
    (CLOSE, Reach.MESSAGE), (SILENCE, Reach.MESSAGE), ("rubbish", Reach.MESSAGE), (HANGUP + "421 4.3.0 Going down", Reach.HOST),
    ("354 more?", Reach.HOST),
])
async def test_no_answer_to_the_message(action: str, reach: Reach) -> None:
    """The server may have taken it: no other host is asked, unless it says that it did not."""
    async with talking(Server({".": action})) as client:
        outcome, = await client.send(letter())

    assert isinstance(outcome, Failure)
    assert (outcome.reach, outcome.lasting, outcome.during) == (reach, False, "message")
    assert not client.usable


async def test_cut_in_the_middle_of_data() -> None:
    """A connection that breaks while the message goes out is the host's trouble."""
    async with talking(Server(cut_after=1_000)) as client:
        outcome, = await client.send(letter(content=(b"x" * 98 + b"\r\n") * 100_000))

    assert isinstance(outcome, Failure)
    assert (outcome.reach, outcome.lasting, outcome.during) == (Reach.HOST, False, "message")


async def test_refused_in_the_middle_of_data() -> None:
    """A server that answers before the end means it; we stop sending and believe it."""
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 1
            yield b"x" * 65_534 + b"\r\n"

    async with talking(Server({"CUT": "552 5.3.4 Too big"}, cut_after=1_000)) as client:
        outcome, = await client.send(Letter(ANN, (BOB,), 65_536_000 // 10, pieces))

    assert outcome == Failure(Reach.MESSAGE, True, 552, "5.3.4", "Too big", "message", "peer.test")
    assert sent < 1_000
    assert not client.usable


async def test_our_own_copy_is_gone() -> None:
    """A message that we cannot read is never sent in part; it waits."""
    def missing() -> Iterator[bytes]:
        yield b"begun"
        raise FileNotFoundError(2, "No such file or directory")

    server = Server()
    async with talking(server) as client:
        outcome, = await client.send(Letter(ANN, (BOB,), 10, missing))

    assert isinstance(outcome, Failure)
    assert (outcome.reach, outcome.lasting, outcome.enhanced) == (Reach.MESSAGE, False, "4.3.0")
    assert not server.mails


@pytest.mark.parametrize("answer", [CLOSE, SILENCE, "500 never", "rubbish"])
async def test_taking_leave_never_fails(answer: str) -> None:
    """What a server makes of QUIT is all the same."""
    async with talking(Server({"QUIT": answer})) as client:
        await client.quit()
        await client.quit()
        assert not client.usable


# --- signing in -----------------------------------------------------------------------------------------


async def test_plain_and_login_in_the_clear_only_if_told() -> None:
    """A password is not shown to whoever listens, unless the operator said so."""
    server = Server({"AUTH PLAIN AGFubgBzZWNyZXQ=": "235 2.7.0 Welcome"}, offers=("AUTH PLAIN LOGIN",))
    async with talking(server) as client:
        assert await client.sign_in("ann", "secret", clear=True) is None
    async with talking(server) as client:
        failure = await client.sign_in("ann", "secret")
    assert failure is not None
    assert not failure.lasting
    assert not client.usable


async def test_login() -> None:
    """The name and the password come when they are asked for."""
    server = Server({"AUTH LOGIN": "334 VXNlcm5hbWU6", "YW5u": "334 UGFzc3dvcmQ6", "c2VjcmV0": "235 Ok"}, offers=("AUTH LOGIN",))
    async with talking(server) as client:
        assert await client.sign_in("ann", "secret", clear=True) is None


@pytest.mark.parametrize("answer", [
    "535 5.7.8 Wrong", "454 4.7.0 Not now", "334 !!!", "334 cj14", "235 without proof", "250 what", CLOSE, "334",
])
async def test_signing_in_fails(answer: str) -> None:
    """Never a lasting failure: our operator can mend it, the mail waits.  And no proof, no trust."""
    async with talking(Server({"AUTH": answer}, offers=("AUTH SCRAM-SHA-256",))) as client:
        failure = await client.sign_in("ann", "secret")

    assert failure is not None
    assert (failure.reach, failure.lasting, failure.during) == (Reach.HOST, False, "AUTH")
    assert not client.usable


# --- against our own server --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for mx.example.test, and its key."""
    return self_signed([Domain("mx.example.test")], [ip_address("127.0.0.1")], tmp_path_factory.mktemp("tls"), SystemClock())


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256-PLUS", "PLAIN", "LOGIN"])
async def test_our_own_submission(pair: tuple[Path, Path], mechanism: str) -> None:
    """TLS, every mechanism, and a message with dots, long and internationalised: both ends agree."""
    content = "Subject: Grüße\r\n\r\n.\r\n..\r\n".encode() + b"x" * 900 + b"\r\n"
    desk = PlainDesk(submission=True, auth="tls")
    context = client_context(verify=True)
    context.load_verify_locations(pair[0])
    async with serving(desk, server_context(*pair), listener="submission") as server:
        client = Client(await connect(ip_address("127.0.0.1"), server.port), "mx.example.test", Domain("us.test"))
        assert await client.greet() is None
        assert await client.start_tls(context, "mx.example.test") is None
        client.offers = dataclasses.replace(client.offers, mechanisms=frozenset({mechanism}))
        assert await client.sign_in("ann@example.test", "correct horse") is None
        outcomes = await client.send(letter(
            Address.parse("zoë@example.test"), sender=Address.parse("ann@example.test"), content=content, eight_bit=True, smtputf8=True))
        await client.quit()

    assert [outcome.code for outcome in outcomes] == [250]
    assert [stored for _, stored in desk.messages] == [content]
    signed_in = desk.messages[0][0].session.account
    assert signed_in is not None
    assert signed_in.mechanism == mechanism


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256-PLUS", "PLAIN", "LOGIN"])
async def test_a_wrong_password_there(pair: tuple[Path, Path], mechanism: str) -> None:
    """The server says so, and the mail waits."""
    async with serving(PlainDesk(submission=True, auth="tls"), server_context(*pair), listener="submission") as server:
        client = Client(await connect(ip_address("127.0.0.1"), server.port), "mx.example.test", Domain("us.test"))
        await client.greet()
        await client.start_tls(client_context(verify=False), "mx.example.test")
        client.offers = dataclasses.replace(client.offers, mechanisms=frozenset({mechanism}))
        failure = await client.sign_in("ann@example.test", "wrong")

    assert failure is not None
    assert (failure.code, failure.lasting) == (535, False)


async def test_someone_in_the_middle_who_takes_the_binding_away(pair: tuple[Path, Path]) -> None:
    """The server notices that we were not offered what it offers (RFC 5802 §6), and nobody is signed in."""
    desk = PlainDesk(submission=True, auth="tls")
    async with serving(desk, server_context(*pair), listener="submission") as server:
        client = Client(await connect(ip_address("127.0.0.1"), server.port), "mx.example.test", Domain("us.test"))
        await client.greet()
        await client.start_tls(client_context(verify=False), "mx.example.test")
        client.offers = dataclasses.replace(client.offers, mechanisms=frozenset({"SCRAM-SHA-256"}))
        failure = await client.sign_in("ann@example.test", "correct horse")

    assert failure is not None
    assert failure.code >= 500


async def test_answers_are_counted_and_timed() -> None:
    """By what was asked and how it was answered, one that never came too."""
    server, heard = Server(), Measured()
    clock = SetClock()

    def measure(measure: Measure, value: float, *labels: str) -> None:
        heard.measure(measure, value, labels)

    async with listening(server):
        wire = await connect(ip_address("127.0.0.1"), server.port)
        client = Client(wire, "peer.test", Domain.parse("us.test"), QUICK, clock=clock, measure=measure)
        assert await client.greet() is None
        await client.send(letter(BOB))
        await client.quit()
    assert heard.labels(Measure.DELIVERY_COMMANDS) == [
        (command, "ok") for command in ("banner", "EHLO", "MAIL", "RCPT", "DATA", "message", "QUIT")]
    assert len(heard.labels(Measure.DELIVERY_COMMAND_SECONDS)) == 7


@pytest.mark.parametrize(("banner", "result"), [
    ("554 5.7.1 Go away", "refused"), ("421 4.3.2 Shutting down", "deferred"), ("450 4.7.1 Busy", "deferred"), (CLOSE, "none"),
    (SILENCE, "none"), ("hello world", "none")])
async def test_refusals_are_counted(banner: str, result: str) -> None:
    """A connection that comes to nothing is counted under its banner."""
    heard = Measured()

    def measure(measure: Measure, value: float, *labels: str) -> None:
        heard.measure(measure, value, labels)

    async with listening(server := Server({"banner": banner})):
        wire = await connect(ip_address("127.0.0.1"), server.port)
        client = Client(wire, "peer.test", Domain.parse("us.test"), QUICK, clock=SetClock(), measure=measure)
        assert await client.greet() is not None
        client.close()
        await asyncio.sleep(0)
    assert heard.labels(Measure.DELIVERY_COMMANDS) == [("banner", result)]
