"""Tests of mta.flow.submit."""
import asyncio
import smtplib
import ssl
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import dkim as dkimpy
import pytest

from mta.base.errors import NoRoom, TemporaryError
from mta.base.events import Event, Recorded
from mta.base.names import Address
from mta.base.reply import Reply
from mta.config.model import Config, Route, Transport
from mta.flow import people, submit
from mta.flow.completion import Unfit
from mta.flow.submit import SendRefused, SubmitDesk
from mta.flow.world import World
from mta.net.tls import self_signed, server_context
from mta.smtp.desk import Login, Session
from mta.smtp.register import Register
from mta.smtp.session import session_factory
from mta.store import events, outgoing
from tests.flow.post import Delivered, bring, letters, queued, session, source, spooled, written

BY = "a test"
ANN = Address.parse("ann@example.org")
HELLO = b"From: Ann <ann@example.org>\r\nTo: carl@else.example\r\nBcc: dora@far.example\r\nSubject: Hello\r\n\r\nText\r\n"


@pytest.fixture
def desk(served: World) -> SubmitDesk:
    """The desk of ports 465 and 587."""
    return SubmitDesk(served)


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


async def submitted(desk: SubmitDesk, account: int, message: bytes = HELLO, *recipients: str,
                    sender: str | None = "ann@example.org", smtputf8: bool = False) -> Delivered:
    """What the desk answers to a signed-in client."""
    here = session("192.0.2.77", account=account, tls=True)
    return await bring(desk, recipients or ["carl@else.example", "dora@far.example"], message, sender, here=here, smtputf8=smtputf8)


def refused(answer: Delivered) -> tuple[int, str, str]:
    """Code, enhanced code and text of a refusal."""
    assert answer.reply is not None
    return answer.reply.code, answer.reply.enhanced, answer.reply.text


def believed(world: World, message: bytes) -> list[bool]:
    """What another program says of each of our signatures, with our keys published."""
    published = {}
    for row in people.all_domains(world):
        for key in row.dkim:
            name, text = people.dkim_record(row, key)
            published[name.ascii] = text.encode()
    return [
        bool(dkimpy.DKIM(message).verify(number, dnsfunc=lambda name, timeout=5: published.get(name.decode().rstrip("."))))
        for number in range(message.count(b"DKIM-Signature: v=1; a="))]


async def test_a_message_is_queued(desk: SubmitDesk, served: World, ann: int, recorded: Recorded, rung: list[str]) -> None:
    """A row for each recipient; complete, without Bcc, signed, and nobody sees where Ann sits."""
    rung.clear()
    answer = await submitted(desk, ann)

    assert answer.reply == Reply(250, "2.0.0", "The message is queued")
    rows = queued(served)
    assert sorted((str(recipient.recipient), recipient.next_hop) for _, recipient in rows) == [
        ("carl@else.example", "else.example"), ("dora@far.example", "far.example")]
    message = rows[0][0]
    octets = written(served, message)
    assert octets.startswith(b"Received: by mx.example.org with ESMTPSA id 0123456789.1\r\n\t(TLSv1.3 TLS_AES_256_GCM_SHA384);")
    assert b"192.0.2.77" not in octets
    assert b"dora" not in octets
    assert b"DKIM-Signature: v=1; a=rsa-sha256;" in octets
    assert b"Authentication-Results" not in octets    # how our user signed in is nobody's business
    read = message_from_bytes(octets)
    assert read["Date"] == "Tue, 1 Jan 2030 00:00:00 +0000"
    assert read["Message-ID"] == message.message_id
    assert (message.account_id, message.sender, message.header_from, message.subject) == (ann, ANN, "ann@example.org", "Hello")
    assert (message.smtputf8, message.eight_bit) == (False, False)
    assert "delivery" in rung
    assert recorded.keys()[-3:] == ["submit.accepted", "queue.added", "queue.added"]
    assert [kept.event for kept in served.store.read(lambda db: events.accepted(db, "0123456789"))] == [
        Event.MESSAGE_SUBMITTED, Event.QUEUED, Event.QUEUED]


#: (fields besides From and Subject, body) that are hard to sign.
HARD = {
    "plain": (b"", b"Text\r\n"), "no body": (b"", b""), "blank lines only": (b"", b"\r\n \t\r\n\r\n"),
    "blank lines at the end": (b"", b"Text\r\n\r\n\r\n"), "no line end": (b"", b"Text"), "spaces": (b"", b"a  b\t c \r\n  \r\n x \t \r\n"),
    "dots": (b"", b".\r\n..\r\n.x\r\n"), "8bit": (b"", bytes(range(128, 256)) + b"\r\n"),
    "long lines": (b"", b"x" * 3_000 + b"\r\n" + b"word " * 2_000 + b"\r\n"),
    "long 8bit line": (b"Content-Type: text/plain; charset=utf-8\r\n", "ü".encode() * 3_000 + b"\r\n"),
    "long lines in parts": (
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"--b\r\n\r\n" + b"y" * 2_000 + b"\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"QUJD" * 1_000 + b"\r\n--b--\r\n"),
    "folding": (b"References: <a@b>\r\n\t \t<c@d>   \r\n  <e@f>\r\nReply-To: ann@example.org\r\n \r\n", b"Text\r\n"),
    "long fields": (b"References: " + b" ".join(b"<%d@else.example>" % number for number in range(200)) + b"\r\nCc: "
                    + b",".join(b"u%d@else.example" % number for number in range(200)) + b"\r\n", b"Text\r\n"),
    "UTF-8 in fields": ("To: Zoë <zoë@bücher.example>\r\n".encode(), b"Text\r\n"),
    "fields twice": (b"Subject: again\r\nTo: a@else.example\r\nTo: b@else.example\r\n", b"Text\r\n"),
    "a list": (b"List-Unsubscribe: <https://example.org/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b"Text\r\n"),
    "Bcc all over": (b"BCC: secret@far.example,\r\n secret@far.example\r\nX-A: b\r\nbcc : secret@far.example\r\n", b"Text\r\n"),
}


@pytest.mark.parametrize("case", HARD)
async def test_others_believe_the_signatures(desk: SubmitDesk, served: World, ann: int, case: str) -> None:
    """Both kinds, made after everything else was done: what arrives is what was signed, and every server takes its lines."""
    served.clock.advance(-8 * 365 * 86_400)    # type: ignore[attr-defined]  # dkimpy knows only the machine's clock
    people.set_signing(served, "example.org", people.domain(served, "example.org").dkim[1].selector, True, by=BY)
    fields, body = HARD[case]
    hello = b"From: Ann <ann@example.org>\r\nSubject:  \t Hello \r\n"
    answer = await submitted(desk, ann, hello + fields + b"\r\n" + body, "carl@else.example")

    assert answer.reply == Reply(250, "2.0.0", "The message is queued")
    [(message, _)] = queued(served)
    octets = written(served, message)
    assert believed(served, octets) == [True, True]
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert b"secret" not in octets
    assert believed(served, octets.replace(b"Hello", b"Hallo")) == [False, False]


async def test_recipients_of_ours_take_the_same_road(desk: SubmitDesk, served: World, ann: int) -> None:
    """They are queued under their domain, whatever routes say; nobody of ours is refused at once."""
    served.config = replace(served.config, routes=(Route(sender_domain=ANN.domain, transport="relay"),),
                            transports=(Transport("relay", "relay.example", dkim="none"),))
    answer = await submitted(desk, ann, HELLO, "bob@example.org", "carl@else.example", "nobody@example.org")

    assert answer.refused["nobody@example.org"].enhanced == "5.1.1"
    rows = {str(recipient.recipient): (message, recipient) for message, recipient in queued(served)}
    assert rows["bob@example.org"][1].next_hop == "example.org"
    assert rows["carl@else.example"][1].next_hop == "transport:relay"
    # The relay signs by itself.
    assert b"DKIM" in rows["bob@example.org"][0].prefix
    assert b"DKIM" not in rows["carl@else.example"][0].prefix
    assert rows["bob@example.org"][0].body_id == rows["carl@else.example"][0].body_id


@pytest.mark.parametrize(("message", "want", "word"), [
    (HELLO.replace(b"ann@example.org", b"bob@example.org"), "5.7.1", "may not write as bob@example.org"),
    (HELLO.replace(b"ann@example.org", b"x@else.example"), "5.7.1", "may not write as"),
    (HELLO.replace(b"ann@example.org>", b"ann@example.org>, bob@example.org"), "5.6.0", "exactly one author"),
    (HELLO.replace(b"From: Ann <ann@example.org>\r\n", b""), "5.6.0", "no From"),
    (b"From: ann@example.org\r\n" + HELLO, "5.6.0", "2 From fields"),
    (b"Sender: bob@example.org\r\n" + HELLO, "5.7.1", "bob@example.org (Sender)"),
    (b"Sender: nonsense\r\n" + HELLO, "5.6.0", "Sender field"),
    (b"nothing\r\n", "5.6.0", "no header"),
])
async def test_who_may_write_as_whom(
        desk: SubmitDesk, served: World, ann: int, recorded: Recorded, message: bytes, want: str, word: str) -> None:
    """From and Sender are the account's own; the text says what to do."""
    code, enhanced, text = refused(await submitted(desk, ann, message))

    assert (code // 100, enhanced) == (5, want)
    assert word in text
    assert queued(served) == []
    assert spooled(served) == []
    assert recorded.keys()[-1] == "submit.refused"


async def test_one_may_write_as_what_one_has(desk: SubmitDesk, served: World, ann: int) -> None:
    """Suffixes, sendable aliases, and the null sender for receipts."""
    people.add_alias(served, "team@example.org", ["ann@example.org"], sendable=True, by=BY)
    for address in (b"ann+shop@example.org", b"team@example.org"):
        answer = await submitted(desk, ann, HELLO.replace(b"ann@example.org", address), sender=address.decode())
        assert answer.reply is not None
        assert answer.reply.code == 250
    answer = await submitted(desk, ann, b"Sender: ann@example.org\r\n" + HELLO, sender=None)
    assert answer.reply is not None
    assert answer.reply.code == 250


async def test_members_write_as_an_alias_only_if_they_may(desk: SubmitDesk, served: World, ann: int) -> None:
    """As soon as somebody says so, members may, at first or second hand; others may never."""
    bob = people.get_account(served, "bob").id
    people.add_alias(served, "sales@example.org", ["ann@example.org"], by=BY)
    people.add_alias(served, "team@example.org", ["sales@example.org", "far@else.example"], by=BY)
    letter = HELLO.replace(b"ann@example.org", b"team@example.org")
    assert refused(await submitted(desk, ann, letter, sender="team@example.org"))[:2] == (550, "5.7.1")

    people.set_alias(served, "team@example.org", sendable=True, by=BY)
    answer = await submitted(desk, ann, letter, sender="team@example.org")
    assert answer.reply is not None
    assert answer.reply.code == 250
    assert refused(await submitted(desk, bob, letter, sender="team@example.org"))[:2] == (550, "5.7.1")
    assert refused(await submitted(desk, bob, letter, sender="bob@example.org"))[:2] == (550, "5.7.1")

    people.set_alias(served, "team@example.org", ["bob@example.org"], by=BY)    # members change, the right stays
    assert refused(await submitted(desk, ann, letter, sender="team@example.org"))[:2] == (550, "5.7.1")
    people.set_alias(served, "team@example.org", sendable=False, by=BY)
    assert refused(await submitted(desk, bob, letter, sender="team@example.org"))[:2] == (550, "5.7.1")


async def test_mail_from_is_ones_own(desk: SubmitDesk, ann: int) -> None:
    """The envelope is looked at before anything else."""
    code, enhanced, text = refused(await submitted(desk, ann, sender="bob@example.org"))

    assert (code, enhanced) == (550, "5.7.1")
    assert "MAIL FROM" in text


async def test_disabled_accounts_do_not_send(desk: SubmitDesk, served: World, ann: int) -> None:
    """Not even in a session that was signed in before."""
    people.set_account(served, "ann", enabled=False, by=BY)

    assert refused(await submitted(desk, ann))[0] == 550
    with pytest.raises(SendRefused):
        await submit.send(served, ann, HELLO, ANN, [Address.parse("x@else.example")], "trace")


async def test_limits_of_a_day(desk: SubmitDesk, served: World, ann: int) -> None:
    """Messages are counted by recipient; the text says when it goes on."""
    people.set_account(served, "ann", messages_per_day=3, by=BY)
    assert (await submitted(desk, ann)).reply == Reply(250, "2.0.0", "The message is queued")
    code, enhanced, text = refused(await submitted(desk, ann))

    assert (code, enhanced) == (451, "4.7.1")
    assert "3 messages in 24 hours" in text
    assert "2030-01-02 00:00 UTC" in text
    assert spooled(served) == []
    served.clock.advance(86_401)    # type: ignore[attr-defined]  # a test's clock
    assert (await submitted(desk, ann)).reply == Reply(250, "2.0.0", "The message is queued")


async def test_first_time_recipients(desk: SubmitDesk, served: World, ann: int) -> None:
    """Whom one has written to before may be written to again."""
    people.set_account(served, "ann", first_time_per_day=2, by=BY)
    await submitted(desk, ann)
    _, enhanced, text = refused(await submitted(desk, ann, HELLO, "new@else.example"))

    assert enhanced == "4.7.1"
    assert "2 new recipients" in text
    assert (await submitted(desk, ann)).reply == Reply(250, "2.0.0", "The message is queued")
    assert served.store.read(lambda db: outgoing.usage(db, served.clock, ann)).messages == 2


async def test_smtputf8_by_need(desk: SubmitDesk, served: World, ann: int) -> None:
    """A client that always says SMTPUTF8 does not make plain mail undeliverable."""
    people.add_address(served, "ann", "än@example.org", by=BY)
    await submitted(desk, ann, smtputf8=True)
    await submitted(desk, ann, HELLO.replace(b"Hello", "Grüße".encode()), smtputf8=True)
    await submitted(desk, ann, sender="än@example.org", smtputf8=True)

    needs = {message.id: message.smtputf8 for message, _ in queued(served)}
    assert [needs[key] for key in sorted(needs)] == [False, True, True]


async def test_a_copy_in_sent(served: World, ann: int) -> None:
    """Webmail keeps one: read, sharing the body, without our trace fields; also happens in the same commit."""
    done: list[str] = []
    sent = await submit.send(served, ann, HELLO, ANN, [Address.parse("carl@else.example")], "trace", protocol="HTTP", save_to_sent=True,
                             also=lambda db: done.append("also"))

    [letter] = letters(served, "ann", "Sent")
    assert (letter.summary.id, letter.summary.flags, letter.trace) == (sent.copy, ("\\Seen",), "trace")
    assert f"<{letter.summary.message_id}>" == sent.message_id
    assert source(served, letter).startswith(b"From: Ann")
    assert b"Bcc" not in source(served, letter)
    assert done == ["also"]
    assert b" with HTTP id trace;" in queued(served)[0][0].prefix


async def test_a_copy_needs_room(served: World, ann: int) -> None:
    """Over quota nothing is sent, and the store is as before."""
    people.set_account(served, "ann", quota=10, by=BY)
    with pytest.raises(NoRoom):
        await submit.send(served, ann, HELLO, ANN, [Address.parse("carl@else.example")], "trace", save_to_sent=True)

    assert queued(served) == []


async def test_what_send_refuses(served: World, ann: int) -> None:
    """Nobody to send to, too many, too much, or nobody of ours."""
    nobody = Address.parse("nobody@example.org")
    crowd = [Address.parse(f"x{number}@else.example") for number in range(1_001)]
    for recipients, message in (([], HELLO), (crowd, HELLO), ([nobody], HELLO), (crowd[:1], HELLO + bytes(101 * 1024 * 1024))):
        with pytest.raises(SendRefused):
            await submit.send(served, ann, message, ANN, recipients, "trace")
    with pytest.raises(Unfit):
        await submit.send(served, ann, b"x", ANN, crowd[:1], "trace")
    assert spooled(served) == []


async def test_notices_of_our_own(served: World) -> None:
    """From the host itself, with the null sender, signed by the domain above; limits do not bind."""
    notice = HELLO.replace(b"ann@example.org", b"postmaster@mx.example.org")
    sent = await submit.send(served, None, notice, None, [ANN], "trace", kind="bounce")

    [(message, recipient)] = queued(served)
    assert (message.id, message.kind, message.sender, recipient.next_hop) == (sent.queued[0], "bounce", None, "example.org")
    assert b"d=example.org;" in message.prefix


async def test_large_messages(served: World, ann: int) -> None:
    """Written and looked at in a thread."""
    text = HELLO + 20_000 * b"0123456789abcdef0123456789abcdef\r\n"
    await submit.send(served, ann, text, ANN, [Address.parse("carl@else.example")], "trace")

    [(message, _)] = queued(served)
    assert written(served, message).endswith(text.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(("problem", "code"), [(NoRoom("full"), 452), (TemporaryError("busy"), 451)])
async def test_trouble_of_ours(desk: SubmitDesk, served: World, ann: int, problem: TemporaryError, code: int) -> None:
    """The program is told to try again."""
    class Full:
        def write(self, *_: object) -> object:
            raise problem

    full = Full()
    full.__dict__.update(bodies=served.store.bodies, read=served.store.read, directory=served.store.directory)
    served.store, store = full, served.store    # type: ignore[assignment]  # a store that cannot write
    try:
        assert refused(await submitted(desk, ann))[0] == code
    finally:
        served.store = store


async def test_who_may_sign_in(desk: SubmitDesk, served: World, config: Config) -> None:
    """Under TLS only, but in localserve on loopback too."""
    plain, encrypted, near = session(), session(tls=True), session("127.0.0.1")
    assert [desk.auth_offered(here) for here in (plain, encrypted, near)] == [False, True, False]
    served.config = replace(config, local=True)

    assert [SubmitDesk(served).auth_offered(here) for here in (plain, encrypted, near)] == [False, True, True]


async def test_signing_in(desk: SubmitDesk) -> None:
    """Passwords and SCRAM, with limits."""
    here = session("203.0.113.5", tls=True)
    good = await desk.check_password(here, "ann", "ann's password", "PLAIN")
    bad = await desk.check_password(here, "ann", "wrong", "PLAIN")
    secrets = await desk.secrets(here, "ann")

    assert isinstance(good, Login)
    assert isinstance(bad, Reply)
    assert not isinstance(secrets, Reply)
    assert isinstance(await desk.scram_done(here, "ann", secrets.keys[0][0], "SCRAM-SHA-256"), Login)
    for _ in range(10):
        assert isinstance(await desk.scram_done(here, "ann", None, "SCRAM-SHA-256"), Reply)
    assert isinstance(await desk.secrets(here, "ann"), Reply)


async def test_the_entrance_is_watched(desk: SubmitDesk) -> None:
    """Connections are counted here too."""
    here: list[Session] = [session(trace=f"session{number:03}") for number in range(31)]

    assert [await desk.opened(one.peer) is None for one in here] == [True] * 30 + [False]
    for one in here:
        await desk.closed(one)
    assert await desk.opened(here[0].peer) is None
    assert desk.hostname.ascii == "mx.example.org"


async def test_through_a_whole_session(desk: SubmitDesk, served: World, tmp_path: Path) -> None:
    """STARTTLS, sign in, send: with a program of another's making at the other end."""
    certificate, key = self_signed([desk.hostname], [], tmp_path, served.clock)
    register = Register()
    context = server_context(certificate, key)
    server = await asyncio.get_running_loop().create_server(
        lambda: session_factory(desk, "submission", context, clock=served.clock, register=register), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    trusting = ssl._create_unverified_context()

    def client() -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
            smtp.starttls(context=trusting)
            smtp.login("ann@example.org", "ann's password")
            smtp.sendmail("ann@example.org", ["carl@else.example"], HELLO)
            assert smtp.has_extn("requiretls")
            smtp.sendmail("ann@example.org", ["dora@far.example"], HELLO, mail_options=["REQUIRETLS"])

    await asyncio.to_thread(client)
    server.close()
    await register.stop()

    [(required, _), (message, _)] = queued(served)
    assert b" with ESMTPSA id " in message.prefix
    assert message.tls_required == ""
    assert b" with ESMTPSA (requiretls) id " in b" ".join(required.prefix.split())
    assert required.tls_required == "yes"


@pytest.mark.parametrize(("field", "requiretls", "wanted"), [
    (b"", False, ""), (b"", True, "yes"), (b"TLS-Required: No\r\n", False, "no"), (b"tls-required: no\r\n", True, "yes"),
    (b"TLS-Required: No\r\nTLS-Required: No\r\n", False, ""), (b"TLS-Required: maybe\r\n", False, ""),
], ids=["usual", "required", "not required", "the parameter wins", "twice", "another value"])
async def test_what_it_asks_of_connections(
        desk: SubmitDesk, served: World, ann: int, recorded: Recorded, field: bytes, requiretls: bool, wanted: str) -> None:
    """By the parameter or by the field (RFC 8689 §4.3), for every recipient; the field itself stays on the message."""
    here = session("192.0.2.77", account=ann, tls=True)
    answer = await bring(desk, ["carl@else.example", "bob@example.org"], field + HELLO, "ann@example.org", here=here, requiretls=requiretls)

    assert answer.reply is not None
    assert answer.reply.code == 250
    assert [message.tls_required for message, _ in queued(served)] == [wanted, wanted]
    assert written(served, queued(served)[0][0]).count(field) >= 1
    keys = [record.event.key for record in recorded.records if record.event.key.startswith("protection.")]
    assert keys == {"": [], "yes": ["protection.required"], "no": ["protection.not_required"]}[wanted]
