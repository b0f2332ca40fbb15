"""Forwarded mail as it leaves: octet for octet, with a return path of ours, and a copy that stays."""
import pytest

from mta.auth import arc
from mta.base.events import Event, Recorded
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.dns.zone import Zone
from mta.flow.onward import DAY, LOOP, SHARE
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.judge import returnpath
from mta.message import header
from mta.store import accounts, forwards
from tests.flow.away import account_id, confirmed
from tests.flow.outbox import facts
from tests.flow.post import SIMPLE, bring, letters, queued, source, written

FAR = "ann@far.example"


async def came(world: World, message: bytes = SIMPLE, sender: str | None = "carl@else.example", **more: bool) -> None:
    """A message to ann that is taken."""
    answer = await bring(ReceiveDesk(world), ["ann@example.org"], message, sender, **more)    # type: ignore[arg-type]  # only flags
    assert answer.reply is not None
    assert answer.reply.positive


async def test_octet_for_octet(served: World) -> None:
    """The body is the very one that is stored; in front are mark, seal and the way it came; the sender is a return path of ours."""
    confirmed(served, "ann", FAR)
    await came(served)

    [(row, one)] = queued(served)
    assert str(one.recipient) == FAR
    octets = written(served, row)
    assert octets.endswith(SIMPLE)
    top = header.parse(octets)
    assert [field.name for field in top.fields][:5] == [LOOP.encode(), *(name.title().replace("Arc", "ARC").encode() for name in (
        "ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results")), b"Delivered-To"]
    assert arc.KINDS
    assert row.sender is not None
    assert row.sender.domain.ascii == "example.org"
    assert row.sender.localpart.endswith("=else.example=carl")
    key = served.store.read(accounts.return_path_key)
    assert returnpath.account_of(key, row.sender, served.clock.timestamp()) == account_id(served, "ann")
    [letter] = letters(served, "ann")
    assert letter.reasons[-1].text == f"It was forwarded to {FAR}."
    assert source(served, letter).endswith(SIMPLE)


async def test_a_flood_stays_here(served: World) -> None:
    """An account has its share for a day; beyond, mail is kept, with the reason, and tomorrow it goes again."""
    confirmed(served, "ann", FAR)
    for _ in range(LIMITS.forwards_per_day - 1):
        served.tally.add(SHARE, (f"account {account_id(served, 'ann')}",), DAY)
    for _ in range(2):
        await came(served)
    assert len(queued(served)) == 1
    reasons = sorted(letter.reasons[-1].text for letter in letters(served, "ann"))
    assert reasons[0] == f"It was forwarded to {FAR}."
    assert reasons[1].startswith(f"It was not forwarded to {FAR}: 1000 messages have been forwarded within a day")
    served.clock.advance(2 * DAY)    # type: ignore[attr-defined]  # a SetClock
    await came(served)
    assert len(queued(served)) == 2


async def test_without_a_seal(served: World) -> None:
    """If its owner wants none."""
    confirmed(served, "ann", FAR, seal=False)
    await came(served)
    [(row, _)] = queued(served)
    assert header.parse(written(served, row)).get("arc-seal") is None


async def test_the_copy_in_archive(served: World) -> None:
    """It is there, as read; what was not forwarded stays in the Inbox."""
    confirmed(served, "ann", FAR, keep="archive")
    await came(served)
    await came(served, f"{LOOP}: {_mark(served)}\r\n".encode() + SIMPLE)
    [archived] = letters(served, "ann", "Archive")
    assert archived.summary.flags == ("\\Seen",)
    [kept] = letters(served, "ann")
    assert kept.reasons[-1].key == "not-forwarded"


def _mark(world: World) -> str:
    return returnpath.loop_mark(world.store.read(accounts.return_path_key), account_id(world, "ann"))


async def test_wishes_travel_along(served: World) -> None:
    """REQUIRETLS, TLS-Required: No, and the null sender."""
    confirmed(served, "ann", FAR)
    await came(served, requiretls=True)
    await came(served, b"TLS-Required: No\r\n" + SIMPLE)
    await came(served, sender=None)
    assert [(row.tls_required, row.sender is None) for row, _ in queued(served)[::-1]] == [("yes", False), ("no", False), ("", True)]


@pytest.mark.parametrize("fields", ["Delivered-To: ANN@example.org\r\n", "Received: from x by y; Tue, 1 Jan 2030 00:00:00 +0000\r\n" * 41])
async def test_circles(served: World, fields: str, recorded: Recorded) -> None:
    """What was here before, or came a very long way, stays here and says so."""
    id = confirmed(served, "ann", FAR)
    await came(served, fields.encode() + SIMPLE)
    await came(served, f"{LOOP}: {_mark(served)}\r\n".encode() + SIMPLE)
    assert queued(served) == []
    assert len(letters(served, "ann")) == 2
    assert len(facts(recorded, Event.NOT_FORWARDED)) == 2
    target = served.store.read(lambda db: forwards.get(db, account_id(served, "ann"), id))
    assert (target.forwarded, target.kept) == (0, 2)
    assert "circle" in target.kept_why


async def test_a_mark_of_somebody_else(served: World) -> None:
    """Bob's, or a made-up one, keeps nothing of ann's from being forwarded."""
    confirmed(served, "ann", FAR)
    await came(served, f"{LOOP}: 0000000000000000\r\nDelivered-To: bob@example.org\r\n".encode() + SIMPLE)
    assert len(queued(served)) == 1


async def test_what_would_be_refused(served: World, zone: Zone) -> None:
    """The author's domain forbids it, and only SPF spoke for it: it stays, with the reason."""
    zone.add('_dmarc.else.example. 60 IN TXT "v=DMARC1; p=reject"')
    zone.add('else.example. 60 IN TXT "v=spf1 ip4:192.0.2.1 -all"')
    confirmed(served, "ann", FAR)
    await came(served)
    assert queued(served) == []
    [letter] = letters(served, "ann")
    assert "else.example wants mail in its name refused (DMARC p=reject)" in letter.reasons[-1].text


async def test_as_an_attachment(served: World, zone: Zone) -> None:
    """Or it goes within a message of ann's own, signed by her domain."""
    zone.add('_dmarc.else.example. 60 IN TXT "v=DMARC1; p=quarantine"')
    zone.add('else.example. 60 IN TXT "v=spf1 ip4:192.0.2.1 -all"')
    confirmed(served, "ann", FAR, attach=True)
    await came(served)
    [(row, one)] = queued(served)
    assert str(one.recipient) == FAR
    octets = written(served, row)
    top = header.parse(octets)
    assert top.text("from") == "Ann <ann@example.org>"
    assert top.text("reply-to") == "Carl <carl@else.example>"
    assert top.text("subject") == "Fwd: Hello"
    assert "d=example.org" in top.text("dkim-signature")
    assert top.text(LOOP.lower()) == _mark(served)
    assert SIMPLE in octets
    assert row.sender is not None
    assert returnpath.is_one(row.sender)
    assert "as an attachment" in letters(served, "ann")[0].reasons[-1].text


async def test_what_comes_back(served: World) -> None:
    """A notice to the return path, from the null sender, is for ann; nobody else may write there, and nothing follows it."""
    confirmed(served, "ann", FAR)
    await came(served)
    [(row, _)] = queued(served)
    path = str(row.sender)
    desk = ReceiveDesk(served)

    refused = (await bring(desk, [path], SIMPLE, "mallory@else.example")).refused[path]
    assert (refused.code, refused.enhanced) == (550, "5.7.1")
    notice = SIMPLE.replace(b"Hello", b"Returned")
    answer = await bring(desk, [path], notice, None)
    assert answer.reply is not None
    assert answer.reply.positive
    assert letters(served, "ann")[0].summary.subject == "Returned"
    assert letters(served, "ann")[0].reasons[-1].key == "forward-notice"
    assert len(queued(served)) == 1, "it is not forwarded again"
    forged = Address(row.sender.localpart[:5] + "0" * 8 + row.sender.localpart[13:], row.sender.domain) if row.sender else None
    assert (await bring(desk, [str(forged)], notice, None)).refused[str(forged)].enhanced == "5.1.1"
    served.clock.advance(23 * 86_400.0)    # type: ignore[attr-defined]  # a SetClock
    assert (await bring(desk, [path], notice, None)).refused[path].enhanced == "5.1.1"


async def test_several_addresses(served: World) -> None:
    """Each gets its own copy; one that has not confirmed gets nothing."""
    confirmed(served, "ann", FAR)
    confirmed(served, "ann", "ann@away.example", keep="archive")
    served.store.write_now(lambda db: forwards.add(
        db, served.clock, account_id(served, "ann"), Address.parse("bomb@else.example"), True, "inbox", True, False))
    await came(served)
    assert sorted(str(one.recipient) for _, one in queued(served)) == ["ann@away.example", FAR]


@pytest.mark.parametrize("attach", [False, True])
async def test_large_messages(served: World, zone: Zone, attach: bool) -> None:
    """They are read in threads and never held whole; as they came, or within a message of ours."""
    if attach:
        zone.add('_dmarc.else.example. 60 IN TXT "v=DMARC1; p=quarantine"')
        zone.add('else.example. 60 IN TXT "v=spf1 ip4:192.0.2.1 -all"')
    confirmed(served, "ann", FAR, attach=attach)
    large = SIMPLE + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 10_000
    await came(served, large)
    [(row, _)] = queued(served)
    octets = written(served, row)
    assert large in octets
    assert octets.endswith(large) is not attach
    assert row.size == len(octets)


async def test_eight_bits_and_utf8(served: World) -> None:
    """What a message needs of the next server is known there as well."""
    confirmed(served, "ann", FAR)
    await came(served, SIMPLE + "Grüße\r\n".encode())
    await came(served, SIMPLE.replace(b"Hello", "Grüße".encode()), "carlä@else.example", smtputf8=True)
    assert [(row.eight_bit, row.smtputf8) for row, _ in queued(served)[::-1]] == [(True, False), (False, True)]
