"""Whose pictures are loaded without asking: remembered, bounded, and only where the sender is proven."""
from dataclasses import replace

import pytest

from mta.base.errors import UserError
from mta.base.names import Address
from mta.flow import outside, people, reading
from mta.flow.world import World
from mta.judge.facts import Facts
from tests.web.letters import put

CARL = Address.parse("carl@else.example")


def test_senders(served: World) -> None:
    """Added once, taken out again; what is no address is refused."""
    ann = people.get_account(served, "ann").id
    assert outside.choose(served, ann, "carl@else.example", True) == ["carl@else.example"]
    outside.choose(served, ann, "dora@else.example", True)
    assert outside.choose(served, ann, "carl@ELSE.example", True) == ["dora@else.example", "carl@else.example"]
    assert outside.choose(served, ann, "dora@else.example", False) == ["carl@else.example"]
    assert outside.senders(served, ann) == ["carl@else.example"]
    for wrong in ("carl", '"a b"@else.example', ""):
        with pytest.raises(UserError):
            outside.choose(served, ann, wrong, True)


def test_only_the_proven(served: World) -> None:
    """Who merely writes that name gets nothing loaded."""
    ann = people.get_account(served, "ann").id
    outside.choose(served, ann, str(CARL), True)
    number = put(served)
    row = served.store.read(lambda db: reading.own_message(db, ann, number))
    for identity, granted in ((b"", False), (Facts(CARL, False).pack(), False), (Facts(CARL, True).pack(), True),
                              (Facts(Address.parse("x@else.example"), True).pack(), False)):
        known = replace(row, identity=identity)
        assert served.store.read(lambda db, known=known: outside.granted(db, known)) is granted  # type: ignore[misc]  # the default binds it


def test_the_oldest_go(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many are remembered."""
    monkeypatch.setattr(outside, "MOST", 2)
    ann = people.get_account(served, "ann").id
    for name in "abc":
        outside.choose(served, ann, f"{name}@x.example", True)
    assert outside.senders(served, ann) == ["b@x.example", "c@x.example"]
