"""mta.flow.holdrules: rules as people make them."""
import pytest

from mta.base.errors import Conflict, NotFound, UserError
from mta.flow import holdrules, queueing
from mta.flow.world import World
from tests.flow.outbox import put


async def test_what_waits_is_held_at_once(served: World) -> None:
    """By domains, however they are typed; what was held stays held when the rule goes."""
    await put(served, "bob@b.test", "cy@c.test")
    rule, held = holdrules.add(served, recipient_domain="@B.test", reason="  two   words ", by="admin")
    assert (held, rule.recipient_domain, rule.reason) == (1, "b.test", "two words")
    assert [str(one.recipient) for _, one in queueing.listing(served, held=True)] == ["bob@b.test"]
    assert holdrules.listing(served) == [rule]
    holdrules.remove(served, rule.id, by="admin")
    assert holdrules.listing(served) == []
    assert len(queueing.listing(served, held=True)) == 1


def test_mistakes(served: World) -> None:
    """A rule about nothing, of nobody, about no domain, and one that is there."""
    for error, wanted in ((UserError, {}), (NotFound, {"account": "carl"}), (UserError, {"host": "a..b"})):
        with pytest.raises(error):
            holdrules.add(served, by="admin", **wanted)
    rule, _ = holdrules.add(served, account="ann", host="*.far.test", by="admin")
    assert holdrules.named(rule, "ann") == "account ann, by way of far.test"
    with pytest.raises(Conflict):
        holdrules.add(served, account="ann", host="far.test", by="admin")
    with pytest.raises(NotFound):
        holdrules.remove(served, rule.id + 1, by="admin")
