"""mta.flow.forwarding: addresses to forward to, confirmed by who reads mail there."""
import re

import pytest

from mta.base.clock import SetClock
from mta.base.errors import Conflict, NotAllowed, NotFound, UserError
from mta.base.limits import LIMITS
from mta.flow import forwarding, people
from mta.flow.forwarding import Choices
from mta.flow.world import World
from mta.message import header
from tests.flow.away import account_id, confirmed
from tests.flow.post import queued, written

BY, TRACE, FAR = "a test", "0123456789.1", "me@far.example"


def code(world: World) -> str:
    """What the newest message to FAR says."""
    [(row, _), *_] = [(row, one) for row, one in queued(world) if str(one.recipient) == FAR]
    found = re.search(rb"^    (\w{4}-\w{4})\r$", written(world, row), re.MULTILINE)
    assert found
    return found[1].decode()


async def test_from_adding_to_removing(served: World) -> None:
    """The code is mailed in ann's name and signed; told, however it is typed, it lets forwarding begin."""
    ann = account_id(served, "ann")
    [target] = await forwarding.add(served, ann, f" {FAR} ", Choices(keep="archive"), TRACE, by=BY)
    assert (str(target.address), target.confirmed, target.keep) == (FAR, None, "archive")
    [(row, _)] = queued(served)
    top = header.parse(written(served, row))
    assert (str(row.sender), top.text("from"), top.text("auto-submitted")) == ("ann@example.org", "Ann <ann@example.org>", "auto-generated")
    assert top.get("dkim-signature") is not None
    with pytest.raises(NotAllowed):
        forwarding.confirm(served, ann, target.id, "0000-0000", by=BY)
    [target] = forwarding.confirm(served, ann, target.id, f" {code(served).upper()} ", by=BY)
    assert target.confirmed == served.clock.timestamp()
    assert forwarding.confirm(served, ann, target.id, "whatever", by=BY)[0].confirmed
    [target] = forwarding.change(served, ann, target.id, Choices(False, "inbox", False, True), by=BY)
    assert (target.everything, target.keep, target.seal, target.attach) == (False, "inbox", False, True)
    with pytest.raises(Conflict):
        await forwarding.send_code(served, ann, target.id, TRACE)
    assert forwarding.remove(served, ann, target.id, by=BY) == []
    with pytest.raises(NotFound):
        forwarding.remove(served, ann, target.id, by=BY)


@pytest.mark.parametrize(("address", "said"), [
    ("ann@example.org", "circle"), ("Ann+x@example.org", "circle"), ("nonsense", "no address"), ("", "no address"),
    ("SRS0=aaaa=bb=x.example=y@far.example", "return path"), ("nobody@example.org", "no mailbox")])
async def test_addresses_that_cannot_be(served: World, address: str, said: str) -> None:
    """Own ones, none at all, and such as nobody reads."""
    with pytest.raises(UserError, match=said):
        await forwarding.add(served, account_id(served, "ann"), address, Choices(), TRACE, by=BY)
    with pytest.raises(UserError, match="inbox or goes"):
        await forwarding.add(served, account_id(served, "ann"), FAR, Choices(keep="trash"), TRACE, by=BY)    # type: ignore[arg-type]  # on purpose
    assert queued(served) == []


async def test_nobody_is_bombed(served: World, clock: SetClock) -> None:
    """Few codes a day to one address, whoever asks and however often it is removed; and few for one account."""
    ann, bob = account_id(served, "ann"), account_id(served, "bob")
    for who in (ann, bob, ann):
        [target] = await forwarding.add(served, who, FAR, Choices(), TRACE, by=BY)
        forwarding.remove(served, who, target.id, by=BY)
    with pytest.raises(NotAllowed, match="as many as we send"):
        await forwarding.add(served, ann, FAR, Choices(), TRACE, by=BY)
    assert len(queued(served)) == LIMITS.forward_codes_to_one
    for number in range(LIMITS.forward_codes - 2):
        await forwarding.add(served, ann, f"p{number}@far.example", Choices(), TRACE, by=BY)
    with pytest.raises(NotAllowed, match="as many as it may"):
        await forwarding.add(served, ann, "another@far.example", Choices(), TRACE, by=BY)
    assert all(str(one.address) != "another@far.example" for one in forwarding.all_targets(served, ann))
    clock.advance(86_401.0)
    await forwarding.send_code(served, ann, forwarding.all_targets(served, ann)[0].id, TRACE)


async def test_too_many_and_twice(served: World, clock: SetClock) -> None:
    """Bounded for an account, and each address once."""
    ann = account_id(served, "ann")
    for number in range(LIMITS.forward_targets):
        confirmed(served, "ann", f"p{number}@far.example")
    clock.advance(86_401.0)
    with pytest.raises(Conflict):
        await forwarding.add(served, ann, "P1@far.example", Choices(), TRACE, by=BY)
    with pytest.raises(UserError, match="no more"):
        await forwarding.add(served, ann, FAR, Choices(), TRACE, by=BY)
    people.add_account(served, "carl", by=BY)
    with pytest.raises(UserError, match="address of its own"):
        await forwarding.add(served, account_id(served, "carl"), FAR, Choices(), TRACE, by=BY)


async def test_guessing(served: World) -> None:
    """Some wrong codes, and the right one is void too."""
    ann = account_id(served, "ann")
    [target] = await forwarding.add(served, ann, FAR, Choices(), TRACE, by=BY)
    for _ in range(LIMITS.forward_code_tries):
        with pytest.raises(NotAllowed):
            forwarding.confirm(served, ann, target.id, "x", by=BY)
    with pytest.raises(NotAllowed):
        forwarding.confirm(served, ann, target.id, code(served), by=BY)
