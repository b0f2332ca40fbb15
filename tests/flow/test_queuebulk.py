"""What is done to many waiting recipients at once, and rules that hold mail."""
import pytest

from mta.base.clock import SetClock
from mta.base.errors import Conflict, NotFound, UserError
from mta.flow import holdrules, people, queuebulk, queueing
from mta.flow.queuebulk import SLICE, Chosen
from mta.flow.world import World
from mta.store import queue
from mta.store.verify import problems
from tests.flow.outbox import put


async def test_thousands(served: World) -> None:
    """A filter's action reaches all of it, slice by slice, and nothing else; the store is whole after it."""
    for number in range(3):
        await put(served, *(f"p{each}@many.test" for each in range(number * 200, number * 200 + 200)))
    await put(served, "bob@b.test")
    chosen = Chosen(recipient="@many.test")
    first = await queuebulk.step(served, chosen, "hold", by="admin")
    assert (first.changed, first.before is not None) == (SLICE, True)
    assert await queuebulk.whole(served, chosen, "hold", by="admin") == 600 - SLICE
    assert len(queueing.listing(served, held=True, limit=1_000)) == 600
    assert await queuebulk.whole(served, Chosen(state="held"), "release", by="admin") == 600
    assert await queuebulk.whole(served, chosen, "drop", by="admin") == 600
    assert [str(one.recipient) for _, one in queueing.listing(served)] == ["bob@b.test"]
    assert await queuebulk.whole(served, chosen, "drop", by="admin") == 0
    assert problems(served.store) == []


async def test_each_action(served: World, clock: SetClock) -> None:
    """All that can be done, with values that can be and that cannot."""
    await put(served, "bob@b.test", "cy@c.test")
    chosen, at = Chosen(search="bob"), clock.timestamp() + 3_600
    assert await queuebulk.whole(served, chosen, "schedule", str(at), by="admin") == 1
    assert sorted(one.due for _, one in queueing.listing(served)) == [clock.timestamp(), at]
    assert await queuebulk.whole(served, chosen, "retry", by="admin") == 1
    assert await queuebulk.whole(served, chosen, "tls", "required", by="admin") == 1
    assert await queuebulk.whole(served, chosen, "transport", "direct", by="admin") == 1
    assert await queuebulk.whole(served, Chosen(next_hop="c.test"), "fail", by="admin") == 1
    for action, value in (("burn", ""), ("tls", "much"), ("schedule", "soon"), ("schedule", str(at + 40 * 86_400)),
                          ("transport", "pigeon")):
        with pytest.raises(UserError):
            await queuebulk.whole(served, chosen, action, value, by="admin")
    with pytest.raises(NotFound):
        await queuebulk.whole(served, Chosen(account="nobody"), "hold", by="admin")
    assert problems(served.store) == []


async def test_what_is_being_tried_is_passed_over(served: World) -> None:
    """Dropping all takes the others, and ends."""
    await put(served, "bob@b.test", "cy@c.test")
    await served.store.write(lambda db: queue.claim(db, served.clock, "b.test", "delivery-1", 10))
    assert await queuebulk.whole(served, Chosen(), "drop", by="admin") == 1
    assert await queuebulk.whole(served, Chosen(), "fail", by="admin") == 0
    assert [str(one.recipient) for _, one in queueing.listing(served)] == ["bob@b.test"]


async def test_a_rule_holds(served: World) -> None:
    """What waits and what comes, by account and domains; without the rule, held mail stays held."""
    await put(served, "bob@b.test", "cy@c.test")
    rule, held = holdrules.add(served, recipient_domain="B.test", reason="on  a list", by="admin")
    assert (held, rule.recipient_domain, rule.reason) == (1, "b.test", "on a list")
    await put(served, "dee@b.test", "eve@c.test")
    assert {str(one.recipient) for _, one in queueing.listing(served, held=True)} == {"bob@b.test", "dee@b.test"}
    holdrules.remove(served, rule.id, by="admin")
    await put(served, "fay@b.test")
    assert {str(one.recipient) for _, one in queueing.listing(served, held=True)} == {"bob@b.test", "dee@b.test"}
    assert holdrules.listing(served) == []
    assert problems(served.store) == []


async def test_rules_of_an_account_and_sender(served: World) -> None:
    """A rule fits what agrees with all that it names."""
    people.add_account(served, "gil", by="admin")
    holdrules.add(served, account="gil", sender_domain="example.org", by="admin")
    await put(served, "bob@b.test")
    assert queueing.listing(served, held=True) == []
    holdrules.add(served, sender_domain="example.org", by="admin")
    assert len(queueing.listing(served, held=True)) == 1


def test_rules_that_cannot_be(served: World) -> None:
    """Each mistake is named."""
    holdrules.add(served, host="outlook.com", by="admin")
    for wrong, error in (({}, UserError), ({"host": "*.outlook.com"}, Conflict), ({"account": "nobody"}, NotFound),
                         ({"sender_domain": "a..b"}, UserError), ({"host": "x.test", "reason": "x" * 5_000}, UserError)):
        with pytest.raises(error):
            holdrules.add(served, by="admin", **wrong)
    with pytest.raises(NotFound):
        holdrules.remove(served, 99, by="admin")


async def test_the_mail_host(served: World) -> None:
    """A rule about a host fits by the end of its name, at a dot; and what was put off by it before is held at once."""
    rule, _ = holdrules.add(served, host="b.test", by="admin")
    await put(served, "bob@b.test")
    [(message, one)] = queueing.listing(served)
    assert rule.fits(None, message.sender, one.recipient, ["mx.b.test"])
    assert not rule.fits(None, message.sender, one.recipient, ["mxb.test", "b.test.evil.test"])
    assert not rule.fits(None, message.sender, one.recipient)
