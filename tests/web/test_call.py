"""web.call: who asks, and how a thread waits for the loop."""
import asyncio

import pytest

from mta.base.errors import TemporaryError
from mta.base.names import ip_address
from web.call import Call, House
from web.rpc import SignedOutError


@pytest.fixture
def call(house: House) -> Call:
    """A call of nobody."""
    return Call(house, "account", None, "", ip_address("192.0.2.1"), "Test/1", "trace")


def test_nobody(call: Call) -> None:
    """Who is not signed in has no account."""
    with pytest.raises(SignedOutError):
        _ = call.account


def test_in_and_out(call: Call) -> None:
    """Signing in changes the secret and says so; signing out takes it away."""
    row = call.enter(1)
    assert (row.account_id, call.account, call.renewed) == (1, 1, True)
    first = call.secret
    call.enter(1)
    assert call.secret != first
    assert call.house.guard.session("account", f"pillarbox={first}", False) == (None, "")
    call.leave()
    assert (call.secret, call.session) == ("", None)


def test_who_it_was(call: Call, house: House) -> None:
    """The journal is told who asked, and from where."""
    call.enter(1)
    assert call.by == "account ann at 192.0.2.1"
    assert Call(house, "admin", None, "", ip_address("192.0.2.1"), "", "").by == "admin at 192.0.2.1"


def test_waiting(call: Call) -> None:
    """A thread waits for what the loop does, gets its result or its failure, and not for ever."""
    async def answer() -> int:
        return 42

    async def fail() -> int:
        raise ZeroDivisionError

    async def never() -> int:
        await asyncio.Event().wait()
        return 0

    assert call.wait(answer()) == 42
    with pytest.raises(ZeroDivisionError):
        call.wait(fail())
    with pytest.raises(TemporaryError):
        call.wait(never(), 0.05)
