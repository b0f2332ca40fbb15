"""Tests of mta.flow.receive."""
import asyncio
import smtplib
from dataclasses import replace

import pytest

from mta.base.errors import NoRoom, TemporaryError
from mta.base.events import Event, Recorded
from mta.base.names import Address, Domain, ip_address
from mta.base.reply import Reply
from mta.config.model import Config, Smtp
from mta.dns.zone import Zone
from mta.flow import deposit, people
from mta.flow.receive import ReceiveDesk
from mta.flow.submit import SubmitDesk
from mta.flow.world import World
from mta.judge import facts
from mta.judge.facts import Facts
from mta.judge.screen import ACCEPTED, Arrival, Judge, Reason, Verdict
from mta.message import header
from mta.message.flags import Flags
from mta.smtp.desk import Transaction
from mta.smtp.register import Register
from mta.smtp.session import session_factory
from mta.store import events, mailboxes, messages
from tests.flow import outbox
from tests.flow.post import SIMPLE, bring, letters, queued, session, source, spooled, written

BY = "a test"
REFUSED = Reply(550, "5.7.1", "Bob does not want it")


@pytest.fixture
def desk(served: World) -> ReceiveDesk:
    """The desk of port 25."""
    return ReceiveDesk(served)


async def particular(arrival: Arrival) -> Judge:
    """Bob refuses everything, into Rejects; others take it."""
    def judge(recipient: Address, account: int | None) -> Verdict:
        if recipient.localpart.lower() in ("bob", "postmaster", "far"):
            return Verdict("rejects", (Reason("Refused by a test."),), REFUSED)
        return Verdict("junk" if recipient.localpart == "junk" else "inbox", (Reason("Accepted by a test."),))
    return judge


async def test_a_message_arrives(desk: ReceiveDesk, served: World, rung: list[str], recorded: Recorded) -> None:
    """250 means that it is in the mailbox, octet for octet, with our fields in front."""
    rung.clear()
    answer = await bring(desk, ["Ann@Example.org"])

    assert answer.reply == Reply(250, "2.0.0", "The message is stored")
    [letter] = letters(served, "ann")
    prefix = source(served, letter).removesuffix(SIMPLE).decode()
    assert prefix == (
        "Return-Path: <carl@else.example>\r\nDelivered-To: Ann@example.org\r\n"
        "Authentication-Results: mx.example.org;\r\n"
        '\tiprev=permerror reason="192.0.2.1 has no reverse name (PTR record)"\r\n\t  policy.iprev=192.0.2.1;\r\n'
        '\tspf=none reason="else.example has no SPF record"\r\n\t  smtp.mailfrom=carl@else.example;\r\n'
        '\tdkim=none reason="the message is not signed";\r\n'
        '\tdmarc=none reason="else.example publishes no DMARC record"\r\n\t  header.from=else.example\r\n'
        "Received-SPF: none (mx.example.org: domain of carl@else.example does not say\r\n"
        ' who may send for it) receiver=mx.example.org; client-ip=192.0.2.1;\r\n'
        ' envelope-from="carl@else.example"; helo=mail.else.example; identity=mailfrom;\r\n'
        ' problem="else.example has no SPF record"\r\n'
        "Received: from mail.else.example ([192.0.2.1]) by mx.example.org\r\n\twith ESMTP id 0123456789.1 for <Ann@example.org>;\r\n"
        "\tTue, 1 Jan 2030 00:00:00 +0000\r\n")
    assert letter.reasons == ACCEPTED.reasons
    assert (letter.trace, letter.mail_from, letter.rcpt_to, letter.remote_ip) == (
        "0123456789.1", "carl@else.example", "Ann@example.org", "192.0.2.1")
    assert {"web", "reporter"} <= set(rung)
    assert recorded.keys()[-3:] == ["auth.checked", "smtp.accepted", "mailbox.stored"]
    kept = served.store.read(lambda db: events.accepted(db, "0123456789"))
    assert [happening.event for happening in kept] == [
        Event.AUTHENTICATED, Event.MESSAGE_ACCEPTED, Event.MESSAGE_STORED]


@pytest.mark.parametrize(("recipient", "want", "word"), [
    ("nobody@example.org", (550, "5.1.1"), "no mailbox"), ("ann@else.example", (550, "5.7.1"), "do not relay"),
    ("ann@sub.example.org", (550, "5.7.1"), "do not relay"), ("nobody@mx.example.org", (550, "5.1.1"), "no mailbox"),
])
async def test_only_whom_we_have(desk: ReceiveDesk, recipient: str, want: tuple[int, str], word: str) -> None:
    """Never a relay; the text says what is wrong."""
    reply = (await bring(desk, [recipient])).refused[recipient]

    assert (reply.code, reply.enhanced) == want
    assert word in reply.text


@pytest.mark.parametrize("recipient", ["postmaster@example.org", "POSTMASTER@example.org", "Postmaster@mx.example.org"])
async def test_postmaster_is_always_there(served: World, recipient: str) -> None:
    """At every domain and at the host, in any case, beyond quota and verdicts."""
    people.set_account(served, "ann", quota=10, by=BY)
    answer = await bring(ReceiveDesk(served, particular), [recipient], size=1_000)

    assert answer.reply is not None
    assert answer.reply.code == 250
    [letter] = letters(served, "ann")
    assert letter.reasons[-1].key == "postmaster"


async def test_a_notice_has_one_recipient(desk: ReceiveDesk, served: World) -> None:
    """The second recipient of the null sender is put off; the same one again is none."""
    answer = await bring(desk, ["ann@example.org", "ann@example.org", "bob@example.org"], sender=None)

    assert answer.refused["bob@example.org"].code == 452
    [letter] = letters(served, "ann")
    assert "Return-Path: <>\r\n" in source(served, letter).decode()


async def test_nobody_learns_of_others(desk: ReceiveDesk, served: World) -> None:
    """With several recipients no copy names another one."""
    await bring(desk, ["ann@example.org", "bob@example.org"])

    [letter] = letters(served, "ann")
    assert "bob" not in source(served, letter).decode()
    assert " for <" not in source(served, letter).decode()


async def test_one_body_for_all(desk: ReceiveDesk, served: World) -> None:
    """Several recipients share the file; one account gets one copy however often it is named."""
    people.add_alias(served, "team@example.org", ["ann@example.org", "bob@example.org"], by=BY)
    await bring(desk, ["ann@example.org", "ann+x@example.org", "team@example.org"])

    assert [len(letters(served, name)) for name in ("ann", "bob")] == [1, 1]
    assert len(list((served.store.directory / "mail").rglob("*/*"))) == 1
    assert letters(served, "bob")[0].rcpt_to == "team@example.org"


async def test_aliases_elsewhere_are_passed_on(desk: ReceiveDesk, served: World) -> None:
    """Sender and content stay; a member elsewhere gets a row in the queue."""
    people.add_alias(served, "team@example.org", ["ann@example.org", "dora@far.example"], by=BY)
    await bring(desk, ["team@example.org"])

    [(message, recipient)] = queued(served)
    assert (str(message.sender), str(recipient.recipient), recipient.next_hop) == ("carl@else.example", "dora@far.example", "far.example")
    names = [one.lower for one in header.parse(message.prefix + b"\r\n").fields]
    assert names == ["arc-seal", "arc-message-signature", "arc-authentication-results", "delivered-to", "authentication-results",
                     "received-spf", "received"]
    assert served.store.bodies.read(message.body_name) == SIMPLE
    assert len(letters(served, "ann")) == 1


def test_requiretls_is_a_setting(desk: ReceiveDesk, served: World) -> None:
    """On for strangers and our users alike, unless it is turned off."""
    assert [one.requiretls for one in (desk, SubmitDesk(served))] == [True, True]
    served.config = replace(served.config, smtp=Smtp(requiretls=False))
    assert [one.requiretls for one in (desk, SubmitDesk(served))] == [False, False]


OPTIONAL = b"TLS-Required: No\r\n" + SIMPLE


@pytest.mark.parametrize(("message", "requiretls", "wanted"), [
    (SIMPLE, False, ""), (SIMPLE, True, "yes"), (OPTIONAL, False, "no"), (OPTIONAL, True, "yes"),
    (b"TLS-Required: No\r\n" + OPTIONAL, False, ""), (b"TLS-Required: Yes\r\n" + SIMPLE, False, ""),
], ids=["usual", "required", "not required", "the parameter wins", "twice", "another value"])
async def test_what_it_asks_of_connections_goes_on(
        desk: ReceiveDesk, served: World, recorded: Recorded, message: bytes, requiretls: bool, wanted: str) -> None:
    """Who gets it here just gets it; the copy for elsewhere keeps what was asked (RFC 8689 §4.1, §6), and each Received says so."""
    people.add_alias(served, "team@example.org", ["ann@example.org", "dora@far.example"], by=BY)
    answer = await bring(desk, ["team@example.org"], message, here=session(tls=True), requiretls=requiretls)

    assert answer.reply is not None
    assert answer.reply.code == 250
    [(onward, _)] = queued(served)
    assert onward.tls_required == wanted
    [letter] = letters(served, "ann")
    for copy in (written(served, onward), source(served, letter)):
        assert (b"with ESMTPS (requiretls) id" in b" ".join(copy.split())) is requiretls
    told = [(event, fact["sender"], fact["recipients"]) for event in (Event.TLS_REQUIRED, Event.TLS_NOT_REQUIRED)
            for fact in outbox.facts(recorded, event)]
    event = {"yes": Event.TLS_REQUIRED, "no": Event.TLS_NOT_REQUIRED}.get(wanted)
    assert [(one, str(sender), list(map(str, recipients))) for one, sender, recipients in told] == (
        [(event, "carl@else.example", ["team@example.org"])] if event else [])


async def test_circles_through_aliases(desk: ReceiveDesk, served: World) -> None:
    """What has been through an alias is not passed on again."""
    people.add_alias(served, "team@example.org", ["dora@far.example"], by=BY)
    answer = await bring(desk, ["team@example.org"], b"Delivered-To: TEAM@example.org\r\n" + SIMPLE)

    assert answer.reply is not None
    assert (answer.reply.code, answer.reply.enhanced) == (554, "5.4.6")
    answer = await bring(desk, ["team@example.org", "ann@example.org"], b"Delivered-To: team@example.org\r\n" + SIMPLE)
    assert answer.reply is not None
    assert answer.reply.code == 250
    assert queued(served) == []


async def test_loops(desk: ReceiveDesk, served: World) -> None:
    """A hundred hops are enough (RFC 5321 §6.3)."""
    hop = b"Received: from a by b; Tue, 1 Jan 2030 00:00:00 +0000\r\n"
    fine, loop = [await bring(desk, ["ann@example.org"], count * hop + SIMPLE) for count in (100, 101)]

    assert fine.reply is not None
    assert fine.reply.code == 250
    assert loop.reply is not None
    assert (loop.reply.code, loop.reply.enhanced) == (554, "5.4.6")
    assert spooled(served) == []


@pytest.mark.parametrize(("message", "word"), [
    (b"no header\r\n", "no header"), (b"\r\nonly text\r\n", "no header"), (b"", "no header"),
    (b"A: b\r\n" * 3_000 + b"\r\n", "larger"), (b"A: b\r\n" + b" c\r\n" * 300_000 + b"\r\n", "larger"),
])
async def test_what_is_no_message(desk: ReceiveDesk, served: World, message: bytes, word: str) -> None:
    """A header there must be, and one of reasonable size; the text says which of the two it is."""
    answer = await bring(desk, ["ann@example.org"], message)

    assert answer.reply is not None
    assert (answer.reply.code, answer.reply.enhanced) == (554, "5.6.0")
    assert word in answer.reply.text
    assert letters(served, "ann") == []


async def test_verdicts_differ(served: World) -> None:
    """250 if one accepts; the copy of who refuses goes to Rejects, and a bounce is never made."""
    people.add_address(served, "bob", "junk@example.org", by=BY)
    desk = ReceiveDesk(served, particular)
    both = await bring(desk, ["ann@example.org", "bob@example.org"])

    assert both.reply is not None
    assert both.reply.code == 250
    assert [len(letters(served, "bob", name)) for name in ("Inbox", "Rejects")] == [0, 1]
    assert letters(served, "bob", "Rejects")[0].reasons == (Reason("Refused by a test."),)
    alone = await bring(desk, ["bob@example.org"])
    assert alone.reply == REFUSED
    # By an address at which he takes it the same account accepts.
    await bring(desk, ["bob@example.org", "junk@example.org"])
    assert len(letters(served, "bob", "Junk")) == 1
    assert letters(served, "bob", "Rejects") == []    # it was the same message
    assert queued(served) == []


async def test_a_verdict_names_its_place(served: World) -> None:
    """A mailbox by its id, flags and keywords; of another account's, or a keyword too many, nothing is lost."""
    ann = people.get_account(served, "ann").id
    own = served.store.write_now(lambda db: mailboxes.add(db, served.clock, ann, "Lists"))
    keywords = tuple(f"k{number}" for number in range(30))
    verdicts = iter([Verdict(f"#{own}", (), flags=Flags.SEEN | Flags.FLAGGED, keywords=("list", "far")),
                     Verdict("#1000000", ()), *[Verdict(f"#{own}", (), keywords=tuple(f"{word}-{turn}" for word in keywords))
                                                for turn in range(8)]])

    async def screen(arrival: Arrival) -> Judge:
        return lambda recipient, account: next(verdicts)

    desk = ReceiveDesk(served, screen)
    for _ in range(10):
        await bring(desk, ["ann@example.org"])

    [letter] = letters(served, "ann")
    assert [reason.key for reason in letter.reasons] == ["mailbox-gone"]
    found = letters(served, "ann", "Lists")
    assert found[0].reasons == ()
    assert len(found) == 9
    assert (found[-1].summary.flags, found[-1].summary.keywords) == (("\\Seen", "\\Flagged"), ("far", "list"))
    assert sum(len(letter.summary.keywords) for letter in found) <= 200


async def test_aliases_elsewhere_are_judged(served: World) -> None:
    """What they do not want is not passed on, whether it was taken for somebody else or not; what they want is."""
    people.add_alias(served, "far@example.org", ["dora@far.example"], by=BY)
    desk = ReceiveDesk(served, particular)

    assert (await bring(desk, ["far@example.org", "bob@example.org"])).reply == REFUSED
    assert queued(served) == []
    both = await bring(desk, ["far@example.org", "ann@example.org"])
    assert both.reply is not None
    assert both.reply.code == 250
    assert queued(served) == []
    [letter] = letters(served, "ann")
    assert [reason.text for reason in letter.reasons] == [
        "Accepted by a test.", "It was not passed on to the members of far@example.org elsewhere: no junk goes to other servers."]
    people.add_alias(served, "else@example.org", ["dora@far.example"], by=BY)
    await bring(desk, ["far@example.org", "else@example.org"])
    assert [message.sender for message, _ in queued(served)] == [Address.parse("carl@else.example")]


async def test_quota(desk: ReceiveDesk, served: World) -> None:
    """A full mailbox is told at RCPT, or when the size is known; who has room is not held up."""
    people.set_account(served, "bob", quota=1_000, by=BY)
    early = await bring(desk, ["bob@example.org"], size=2_000)
    late = await bring(desk, ["bob@example.org"], SIMPLE + 1_000 * b"x")
    both = await bring(desk, ["bob@example.org", "ann@example.org"], SIMPLE + 1_000 * b"x")

    assert (early.refused["bob@example.org"].code, early.refused["bob@example.org"].enhanced) == (452, "4.2.2")
    assert late.reply is not None
    assert (late.reply.code, late.reply.enhanced) == (452, "4.2.2")
    assert both.reply is not None
    assert both.reply.code == 250
    assert [len(letters(served, name)) for name in ("ann", "bob")] == [1, 1]
    assert spooled(served) == []


async def test_a_missing_mailbox_is_no_loss(served: World) -> None:
    """Without Rejects there is still the Inbox."""
    bob = people.get_account(served, "bob").id
    row = served.store.read(lambda db: mailboxes.by_role(db, bob, "rejects"))
    assert row is not None
    served.store.write_now(lambda db: mailboxes.remove(db, row.id))
    await bring(ReceiveDesk(served, particular), ["ann@example.org", "bob@example.org"])

    assert len(letters(served, "bob")) == 1


@pytest.mark.parametrize(("problem", "want"), [(NoRoom("full"), (452, "4.3.1")), (TemporaryError("busy"), (451, "4.3.0"))])
async def test_trouble_of_ours(served: World, problem: TemporaryError, want: tuple[int, str]) -> None:
    """The peer is told to come again, and nothing stays behind."""
    async def failing(arrival: Arrival) -> Judge:
        raise problem

    answer = await bring(ReceiveDesk(served, failing), ["ann@example.org"], SIMPLE + 100_000 * b"x\r\n")

    assert answer.reply is not None
    assert (answer.reply.code, answer.reply.enhanced) == want
    assert spooled(served) == []


async def test_too_many(served: World) -> None:
    """Connections and messages of one network are counted."""
    served.config = replace(served.config, smtp=Smtp(connections_per_ip=2, connections_per_minute=3, messages_per_minute=2))
    desk = ReceiveDesk(served)
    sessions = [session(trace=f"session{number:03}") for number in range(5)]

    assert [await desk.opened(here.peer) is None for here in sessions[:3]] == [True, True, False]
    for here in sessions[:3]:
        await desk.closed(here)
    refusal = await desk.opened(sessions[4].peer)
    assert refusal is not None
    assert (refusal.code, refusal.enhanced) == (421, "4.7.0")
    answers = [(await bring(desk, ["ann@example.org"])).reply for _ in range(3)]
    assert [answer and answer.code for answer in answers] == [250, 250, 451]


async def test_large_messages(desk: ReceiveDesk, served: World) -> None:
    """They are looked at in a thread and never held whole."""
    message = SIMPLE + 20_000 * b"0123456789abcdef0123456789abcdef\r\n"
    answer = await bring(desk, ["ann@example.org"], message)

    assert answer.reply is not None
    assert answer.reply.code == 250
    assert source(served, letters(served, "ann")[0]).endswith(message)


@pytest.mark.parametrize("filler", [b"", 20_000 * b"0123456789abcdef0123456789abcdef\r\n"])
async def test_results_in_our_name_are_taken_out(desk: ReceiveDesk, served: World, recorded: Recorded, filler: bytes) -> None:
    """Nobody but we may write them (RFC 8601 §5); those of others stay, as does every other octet."""
    others = b"Authentication-Results: mx.else.example; spf=pass\r\n"
    lie = b"Authentication-Results: MX.example.org;\r\n\tdmarc=pass header.from=bank.example\r\n"
    rest = SIMPLE + filler
    answer = await bring(desk, ["ann@example.org"], others + lie + rest[:20] + rest[20:].replace(b"Subject", lie + b"Subject"))

    assert answer.reply is not None
    assert answer.reply.code == 250
    [letter] = letters(served, "ann")
    text = source(served, letter)
    assert text.endswith(b"\r\n" + others + rest)
    assert text.count(b"mx.example.org;\r\n") == 1
    assert letter.summary.subject == "Hello"
    assert recorded.keys().count("auth.forged") == 1
    assert spooled(served) == []
    assert len(list((served.store.directory / "mail").rglob("*/*"))) == 1


async def test_nothing_is_left_of_a_forgery_that_is_refused(served: World) -> None:
    """Neither of the message as it came, nor of the one without the forged field."""
    lie = b"Authentication-Results: mx.example.org; spf=pass\r\n"
    large = 20_000 * b"0123456789abcdef0123456789abcdef\r\n"
    answers = [await bring(ReceiveDesk(served, particular), ["bob@example.org"], lie + SIMPLE + large),
               await bring(ReceiveDesk(served), ["bob@example.org"], lie + b"\r\n" + large)]

    assert [answer.reply and answer.reply.code for answer in answers] == [550, 554]
    assert spooled(served) == []


async def test_who_it_is_from_is_kept(desk: ReceiveDesk, served: World) -> None:
    """The facts lie beside the message, for what is learned when somebody files it."""
    await bring(desk, ["ann@example.org"])
    ann = people.get_account(served, "ann").id
    [letter] = letters(served, "ann")
    row = served.store.read(lambda db: messages.get(db, ann, letter.summary.id))

    assert row is not None
    assert facts.unpack(row.identity) == Facts(
        Address.parse("carl@else.example"), False, (), None, "mail.else.example", ip_address("192.0.2.1"))


async def test_the_reverse_name_is_in_received(desk: ReceiveDesk, served: World, zone: Zone) -> None:
    """A name that leads back to the client stands beside its address (RFC 5321 §4.4)."""
    zone.add("1.2.0.192.in-addr.arpa PTR mail.else.example\nmail.else.example A 192.0.2.1")
    await bring(desk, ["ann@example.org"])

    assert b"from mail.else.example (mail.else.example [192.0.2.1])" in source(served, letters(served, "ann")[0])


async def test_refused_recipients_make_us_ask_nothing(desk: ReceiveDesk, zone: Zone) -> None:
    """Whoever tries addresses that we do not have cannot use our DNS."""
    await bring(desk, ["nobody@example.org"])

    assert zone.questions == []


async def test_a_client_that_hangs_up_after_the_dot(desk: ReceiveDesk, served: World) -> None:
    """Its message is stored all the same."""
    here = session()
    transaction = Transaction(here, "0123456789.1", Address.parse("carl@else.example"), recipients=[Address.parse("ann@example.org")])
    await desk.mail(transaction)
    await desk.recipient(transaction, transaction.recipients[0])
    sink = desk.sink()
    sink.write(SIMPLE)
    await desk.closed(here)

    assert (await desk.message(transaction, sink.finish())).code == 250
    assert len(letters(served, "ann")) == 1


async def test_nobody_signs_in(desk: ReceiveDesk) -> None:
    """Port 25 is for strangers."""
    here = session()

    assert not desk.auth_offered(here)
    for answer in (await desk.secrets(here, "ann"), await desk.check_password(here, "ann", "x", "PLAIN"),
                   await desk.scram_done(here, "ann", 1, "SCRAM-SHA-256")):
        assert isinstance(answer, Reply)
        assert answer.code == 503
    assert desk.hostname == Domain.parse("mx.example.org")
    assert desk.max_size == 104_857_600


async def test_international_addresses(served: World) -> None:
    """UTF8SMTP mail to an address beyond ASCII."""
    people.add_address(served, "ann", "äpfel@example.org", by=BY)
    await bring(ReceiveDesk(served), ["äpfel@example.org"], "From: é@else.example\r\nSubject: Ö\r\n\r\nx\r\n".encode(),
                sender="é@else.example", smtputf8=True)

    [letter] = letters(served, "ann")
    text = source(served, letter).decode()
    assert "with UTF8SMTP id" in text
    assert text.startswith("Return-Path: <é@else.example>\r\nDelivered-To: äpfel@example.org\r\n")
    assert "smtp.mailfrom=\"é@else.example\"" in text
    assert letter.summary.subject == "Ö"


async def test_through_a_whole_session(served: World, recorded: Recorded) -> None:
    """From a socket into a mailbox, with a program of another's making at the other end."""
    desk, register = ReceiveDesk(served), Register()
    server = await asyncio.get_running_loop().create_server(
        lambda: session_factory(desk, "smtp", clock=served.clock, register=register), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    def client() -> dict[str, tuple[int, bytes]]:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
            return smtp.sendmail("carl@else.example", ["ann@example.org", "nobody@example.org"], SIMPLE)

    refused = await asyncio.to_thread(client)
    server.close()
    await register.stop()

    assert refused["nobody@example.org"][0] == 550
    [letter] = letters(served, "ann")
    assert source(served, letter).endswith(SIMPLE)
    assert letter.trace in {record.trace for record in recorded.records if record.event is Event.RECIPIENT_ACCEPTED}
    assert recorded.keys().count("unexpected") == 0


async def test_what_nobody_foresaw(served: World, recorded: Recorded) -> None:
    """A mistake of ours is a 451 with the trace id, an event, and no file left behind."""
    async def broken(arrival: Arrival) -> Judge:
        raise ZeroDivisionError

    desk, register = ReceiveDesk(served, broken), Register()
    server = await asyncio.get_running_loop().create_server(
        lambda: session_factory(desk, "smtp", clock=served.clock, register=register), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    def client() -> tuple[int, bytes]:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp, pytest.raises(smtplib.SMTPDataError) as refused:
            smtp.sendmail("carl@else.example", ["ann@example.org"], SIMPLE + 10_000 * b"0123456789\r\n")
        error = refused.value.smtp_error
        return refused.value.smtp_code, error if isinstance(error, bytes) else error.encode()

    code, text = await asyncio.to_thread(client)
    server.close()
    await register.stop()

    assert (code, text[:5]) == (451, b"4.3.0")
    [record] = [record for record in recorded.records if record.event is Event.UNEXPECTED]
    assert record.trace.encode() in text
    assert spooled(served) == []
    assert letters(served, "ann") == []


async def test_localserve_takes_everything(served: World, config: Config) -> None:
    """Nothing leaves the machine, so whatever address is asked for leads to the one account."""
    served.config = replace(config, local=True)
    await bring(ReceiveDesk(served), ["whoever@wherever.example"])

    assert len(letters(served, "ann")) == 1
    assert served.store.read(lambda db: deposit.is_local(db, served, Address.parse("x@y.example")))
