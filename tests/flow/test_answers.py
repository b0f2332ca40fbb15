"""Automatic answers as they leave: to the return path, from nobody, marked, signed, once."""
from typing import Any

import pytest

from mta.base.clock import SetClock
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.dns.zone import Zone
from mta.flow import masking, people, vacation
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.message import header
from mta.store import vacations
from mta.store.vacations import VACATION, Vacation
from tests.flow.away import account_id
from tests.flow.post import SIMPLE, bring, letters, queued, source, written

BY = "a test"


def away(world: World, **more: Any) -> None:
    """Ann is away."""
    vacation.change(world, account_id(world, "ann"), Vacation(True, text="I am away.", **more), by=BY)


async def answered(
    world: World, message: bytes = SIMPLE, sender: str | None = "carl@else.example", to: str = "ann@example.org",
) -> list[str]:
    """Who is answered after one more message."""
    before = {one.id for _, one in queued(world)}
    answer = await bring(ReceiveDesk(world), [to], message, sender)
    assert answer.reply is not None
    assert answer.reply.positive
    return [str(one.recipient) for _, one in queued(world) if one.id not in before]


async def test_what_it_says(served: World) -> None:
    """RFC 3834 §3: who, to whom, what about, to which message, that a program answers; signed by the author's domain."""
    away(served)
    message = b"References: <0@else.example>\r\n" + SIMPLE.replace(b"<carl@else.example>", b"<other@else.example>")
    assert await answered(served, message) == ["carl@else.example"]

    [(row, _)] = queued(served)
    octets = written(served, row)
    top = header.parse(octets)
    assert row.sender is None
    assert (row.kind, row.account_id) == ("mail", account_id(served, "ann"))
    assert top.text("from") == "Ann <ann@example.org>"
    assert top.text("to") == "carl@else.example"
    assert top.text("subject") == "Auto: Hello"
    assert top.text("auto-submitted") == "auto-replied"
    assert top.text("in-reply-to") == "<1@else.example>"
    assert top.text("references") == "<0@else.example> <1@else.example>"
    assert "d=example.org" in top.text("dkim-signature")
    assert octets.endswith(b"I am away.\r\n")


async def test_once_in_seven_days(served: World, clock: SetClock) -> None:
    """Each sender, in any case; then again."""
    away(served)
    assert await answered(served) == ["carl@else.example"]
    assert await answered(served, sender="CARL@else.example") == []
    assert await answered(served, sender="dora@else.example") == ["dora@else.example"]
    clock.advance(LIMITS.answer_again - 1)
    assert await answered(served) == []
    clock.advance(1)
    assert await answered(served) == ["carl@else.example"]


async def test_while_it_lasts(served: World, clock: SetClock) -> None:
    """From the first day to the last in the zone of the owner: on 1 January 2030 at midnight UTC it is another day elsewhere."""
    away(served, first_day="2030-01-02", zone="UTC")
    assert await answered(served) == []
    away(served, first_day="2030-01-01", last_day="2030-01-01", zone="Pacific/Honolulu")
    assert await answered(served) == [], "there it is still 31 December"
    away(served, last_day="2029-12-31", zone="Pacific/Honolulu")
    assert await answered(served) == ["carl@else.example"]
    clock.advance(10 * 3_600.0)
    assert await answered(served, sender="dora@else.example") == [], "now it is the new year there as well"


@pytest.mark.parametrize(("message", "sender"), [
    (SIMPLE, None), (SIMPLE, "noreply@else.example"), (SIMPLE, "ann@example.org"), (SIMPLE.replace(b"ann@", b"bob@"), "carl@else.example"),
    (b"Auto-Submitted: auto-replied\r\n" + SIMPLE, "carl@else.example"), (b"List-Id: <x>\r\n" + SIMPLE, "carl@else.example"),
    (b"Precedence: bulk\r\n" + SIMPLE, "carl@else.example")])
async def test_who_gets_none(served: World, message: bytes, sender: str | None) -> None:
    """What RFC 3834 says must not be answered; all of it is in the Inbox."""
    away(served)
    assert await answered(served, message, sender) == []
    assert len(letters(served, "ann")) == 1


async def test_forged_mail(served: World, zone: Zone) -> None:
    """Neither what fails DMARC, nor what SPF denies, is answered to whom the forger named."""
    away(served)
    zone.add('_dmarc.else.example. 60 IN TXT "v=DMARC1; p=none"')
    assert await answered(served) == []
    zone.add('third.example. 60 IN TXT "v=spf1 -all"')
    assert await answered(served, SIMPLE.replace(b"else.example>\r\nTo", b"third.example>\r\nTo"), "carl@third.example") == []


async def test_own_addresses(served: World) -> None:
    """An answer comes from the address that was written to; by a mask none comes, and to an alias that names others none either."""
    away(served)
    people.add_address(served, "ann", "sales@example.org", by=BY)
    people.add_alias(served, "team@example.org", ["ann@example.org"], by=BY)
    mask = masking.add(served, account_id(served, "ann"), "shop.example", by=BY)
    assert await answered(served, SIMPLE.replace(b"ann@", mask.address.localpart.encode() + b"@"), to=str(mask.address)) == []
    assert await answered(served, SIMPLE.replace(b"ann@", b"team@"), to="team@example.org") == []
    assert await answered(served, SIMPLE.replace(b"ann@", b"Sales+x@"), to="sales+x@example.org") == ["carl@else.example"]
    [(row, _)] = queued(served)
    assert header.parse(written(served, row)).text("from") == "Ann <sales+x@example.org>"


async def test_as_many_as_an_account_may(served: World, clock: SetClock) -> None:
    """Forged senders cannot make it a source of mail."""
    away(served)
    ann = account_id(served, "ann")
    for number in range(LIMITS.answers_per_day):
        served.store.write_now(lambda db, number=number: vacations.remember(    # type: ignore[misc]
            db, clock, ann, VACATION, Address.parse(f"p{number}@else.example")))
    assert await answered(served) == []
    clock.advance(86_401.0)
    assert await answered(served) == ["carl@else.example"]


async def test_the_message_is_untouched(served: World) -> None:
    """What is answered lies in the Inbox as if nobody were away."""
    away(served)
    await answered(served)
    [letter] = letters(served, "ann")
    assert source(served, letter).endswith(SIMPLE)
    assert letter.summary.flags == ()
