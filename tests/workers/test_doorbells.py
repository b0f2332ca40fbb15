"""workers.doorbells: ringing wakes, never blocks, and is never lost."""
import select
from contextlib import closing

import pytest

from workers.doorbells import Doorbells


def rang(bells: Doorbells) -> bool:
    """Whether a poll would wake."""
    return bool(select.select([bells.fd], [], [], 0)[0])


def test_every_copy_of_a_role_is_woken() -> None:
    """Who rings does not know how many there are."""
    with closing(Doorbells.make([("delivery", 0), ("delivery", 1), ("web", 0)])) as bells:
        bells.ring("delivery")

        assert rang(bells.of("delivery", 0))
        assert rang(bells.of("delivery", 1))
        assert not rang(bells.of("web"))


def test_ringing_without_an_end_does_not_block() -> None:
    """A bell that nobody answers is ringing, and more need not be said."""
    with closing(Doorbells.make([("web", 0)])) as bells:
        for _ in range(5_000):
            bells.ring("web")

        assert bells.of("web").clear()
        assert not rang(bells.of("web"))
        assert not bells.of("web").clear()


def test_a_role_that_is_not_there_hears_nothing() -> None:
    """Later roles may be rung for already."""
    with closing(Doorbells.make([("web", 0)])) as bells:
        bells.ring("imap")


def test_a_new_generation_keeps_the_rings() -> None:
    """What the old processes did not hear, the new ones do."""
    old = Doorbells.make([("web", 0)])
    old.ring("web")

    with closing(Doorbells.make([("web", 0), ("imap", 0)], old)) as new:
        assert new.of("web").clear()
        assert not new.of("imap").clear()


def test_an_outsider_has_no_bell() -> None:
    """The command line may ring, but not listen."""
    with closing(Doorbells.make([("web", 0)])) as bells, pytest.raises(LookupError):
        bells.clear()
