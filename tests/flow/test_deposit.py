"""Tests of mta.flow.deposit; what strangers bring is tested in test_receive."""
import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from mta.base.errors import Failure, NoRoom, NotFound, TemporaryError
from mta.base.events import Recorded
from mta.base.names import Address
from mta.flow import deposit, people, reading, ruling, submit
from mta.flow.world import World
from mta.judge.rules import Actions, Rule
from mta.message.flags import Flags
from mta.store import mailboxes, queue
from mta.store.connection import Connection
from mta.store.demands import TlsRequired
from mta.store.queue import QueuedMessage
from tests.flow.post import letters, queued, source, spooled

BY = "a test"
ANN = Address.parse("ann@example.org")
BOB, NOBODY, TEAM = (Address.parse(f"{name}@example.org") for name in ("bob", "nobody", "team"))
HELLO = b"From: ann@example.org\r\nSubject: Hello\r\n\r\nText\r\n"


async def message_for(world: World, *recipients: Address, text: bytes = HELLO) -> QueuedMessage:
    """A message of Ann's in the queue."""
    ann = people.get_account(world, "ann").id
    await submit.send(world, ann, text, ANN, recipients, "trace.1")
    return queued(world)[0][0]


async def test_what_our_users_write_to_one_another(served: World, recorded: Recorded, rung: list[str]) -> None:
    """Deposited with the fields that were put in front when it was queued, signature and all."""
    message = await message_for(served, BOB)
    rung.clear()
    assert await deposit.local(served, message, [BOB]) == {BOB: None}

    [letter] = letters(served, "bob")
    octets = source(served, letter)
    assert octets.startswith(b"Return-Path: <ann@example.org>\r\nDelivered-To: bob@example.org\r\n"
                             b"Received: by mx.example.org with local id trace.1;")
    assert b"DKIM-Signature:" in octets
    assert [reason.key for reason in letter.reasons] == ["own-mail"]
    assert (letter.text, letter.trace) == ("Text\n", "trace.1")
    assert {"web", "reporter"} <= set(rung)
    assert recorded.keys()[-1] == "mailbox.stored"


async def test_rules_of_the_recipient(served: World) -> None:
    """What is written here is filed and marked as the recipient's rules say; it is from whom it says, what an alias passes on is not."""
    bob = people.get_account(served, "bob").id
    archive = reading.mailbox_named(served, bob, "Archive").id
    ruling.add(served, bob, Rule("Ann", ruling.conditions(author="ann@*", verified="example.org", recipient="bob@*"),
                                 Actions(archive, Flags.FLAGGED, ("ann",))), by=BY)
    message = await message_for(served, BOB)
    await deposit.local(served, message, [BOB])
    await deposit.local(served, replace(message, account_id=None), [BOB])

    [letter] = letters(served, "bob", "Archive")
    assert (letter.summary.flags, letter.summary.keywords) == (("\\Flagged",), ("ann",))
    assert [reason.text for reason in letter.reasons] == ["It was written by somebody on this server.", "Your rule “Ann” fits."]
    assert letter.origin is not None
    assert letter.origin.proven
    [passed_on] = letters(served, "bob")
    assert passed_on.origin is None
    assert ruling.trial(served, bob).fitting == 1


async def test_the_queue_forgets_in_the_same_commit(served: World) -> None:
    """also sees what became of each recipient, and if it fails nothing was deposited."""
    message = await message_for(served, BOB)
    seen: list[Mapping[Address, Failure | None]] = []

    def failing(db: Connection, outcome: Mapping[Address, Failure | None]) -> None:
        seen.append(dict(outcome))
        raise TemporaryError("a test")

    with pytest.raises(TemporaryError):
        await deposit.local(served, message, [BOB], failing)
    assert seen == [{BOB: None}]
    assert letters(served, "bob") == []

    def done(db: Connection, outcome: Mapping[Address, Failure | None]) -> None:
        queue.drop(db, served.clock, [recipient.id for _, recipient in queue.listing(db, served.clock)], "a test")

    await deposit.local(served, message, [BOB], done)
    assert len(letters(served, "bob")) == 1
    assert queued(served) == []


async def test_each_recipient_has_a_fate(served: World) -> None:
    """Nobody there is for good, a full mailbox is for now, and the others get it."""
    message = await message_for(served, BOB, ANN)
    people.set_account(served, "ann", quota=10, by=BY)
    outcome = await deposit.local(served, message, [BOB, ANN, NOBODY])

    assert outcome[BOB] is None
    full, gone = outcome[ANN], outcome[NOBODY]
    assert full is not None
    assert (full.lasting, full.enhanced) == (False, "4.2.2")
    assert gone is not None
    assert (gone.lasting, gone.enhanced) == (True, "5.1.1")
    assert [len(letters(served, name)) for name in ("ann", "bob")] == [0, 1]


async def test_quota_does_not_hold_up_notices(served: World) -> None:
    """Whoever is over quota learns of failures all the same; postmaster gets everything."""
    message = await message_for(served, BOB)
    people.set_account(served, "bob", quota=10, by=BY)
    people.set_account(served, "ann", quota=10, by=BY)

    assert await deposit.local(served, replace(message, kind="bounce", sender=None), [BOB]) == {BOB: None}
    assert b"Return-Path: <>\r\n" in source(served, letters(served, "bob")[0])
    postmaster = Address.parse("postmaster@example.org")
    assert await deposit.local(served, message, [postmaster]) == {postmaster: None}


async def test_aliases(served: World) -> None:
    """Everybody gets one copy, members elsewhere through the queue; a full member does not hold up the others."""
    people.add_alias(served, "team@example.org", ["ann@example.org", "bob@example.org", "dora@far.example"], by=BY)
    message = await message_for(served, TEAM, BOB)
    people.set_account(served, "ann", quota=10, by=BY)
    outcome = await deposit.local(served, message, [BOB, TEAM])

    assert outcome == {BOB: None, TEAM: None}
    assert [len(letters(served, name)) for name in ("ann", "bob")] == [1, 1]
    [onward] = [(queued, recipient) for queued, recipient in queued(served) if recipient.next_hop == "far.example"]
    assert onward[0].sender == ANN
    assert onward[0].prefix.startswith(b"Delivered-To: team@example.org\r\nReceived: ")
    assert onward[0].account_id is None


@pytest.mark.parametrize("wanted", ["", "yes", "no"])
async def test_what_an_alias_passes_on_asks_the_same(served: World, wanted: TlsRequired) -> None:
    """What our user asked of the connections holds behind the alias too (RFC 8689 §6)."""
    people.add_alias(served, "team@example.org", ["bob@example.org", "dora@far.example"], by=BY)
    message = replace(await message_for(served, TEAM), tls_required=wanted)
    await deposit.local(served, message, [TEAM])

    [onward] = [queued for queued, recipient in queued(served) if recipient.next_hop == "far.example"]
    assert onward.tls_required == wanted
    assert len(letters(served, "bob")) == 1


async def test_large_messages(served: World) -> None:
    """They are looked at in a thread."""
    message = await message_for(served, BOB, text=HELLO + b"0123456789abcdef\r\n" * 20_000)

    assert await deposit.local(served, message, [BOB]) == {BOB: None}
    assert len(source(served, letters(served, "bob")[0])) > 360_000


async def test_both_at_once(served: World) -> None:
    """Two deposits of one account do not disturb one another."""
    message = await message_for(served, BOB)
    await asyncio.gather(*(deposit.local(served, message, [BOB]) for _ in range(10)))

    assert len({letter.summary.uid for letter in letters(served, "bob")}) == 10


def test_filing_in(served: World) -> None:
    """An imported message passes all checks but the quota; its lines end in CRLF afterwards."""
    bob = people.get_account(served, "bob").id
    row = deposit.file_in(served, bob, b"Subject: x\n\none\r\ntwo\n", "archive", flags=Flags.SEEN | Flags.FLAGGED)

    [letter] = letters(served, "bob", "Archive")
    assert letter.summary.id == row.id
    assert letter.summary.flags == ("\\Seen", "\\Flagged")
    assert source(served, letter) == b"Subject: x\r\n\r\none\r\ntwo\r\n"
    people.set_account(served, "bob", quota=10, by=BY)
    with pytest.raises(NoRoom):
        deposit.file_in(served, bob, b"Subject: x\n\n" + b"x" * 100_000)
    served.store.write_now(lambda db: mailboxes.set_role(db, row.mailbox_id, None))
    with pytest.raises(NotFound):
        deposit.file_in(served, bob, b"Subject: x\n\n" + b"x" * 100_000, "archive")
    assert spooled(served) == []
