"""Another DKIM key: made, waited for, switched to; the old one kept as long as its mail travels."""
from collections.abc import Callable

import pytest

from mta.auth import dkim
from mta.base.clock import SetClock
from mta.base.errors import Conflict, NotFound, UserError
from mta.base.names import Domain, IPAddress
from mta.dns.resolver import Resolver
from mta.dns.zone import Zone
from mta.flow import people, rotation
from mta.flow.dnscheck.section import Means
from mta.flow.world import World
from mta.store.domains import DkimKeyRow, DomainRow
from mta.store.verify import problems

DAY = 86_400.0
NAMES = "example.net NS ns1.example.net\nexample.net NS ns2.example.net\nns1.example.net A 192.0.2.1\nns2.example.net A 192.0.2.2\n"


class Names:
    """What the usual resolver and two name servers have, which a test changes."""

    def __init__(self) -> None:
        self.records: dict[str, list[str]] = {"resolver": [], "192.0.2.1": [], "192.0.2.2": []}

    def have(self, *lines: str, where: tuple[str, ...] = ("resolver", "192.0.2.1", "192.0.2.2")) -> None:
        """These records (and nothing else) are there."""
        for place in where:
            self.records[place] = list(lines)

    def means(self) -> Means:
        """To ask them."""
        def authority(ip: IPAddress) -> Resolver:
            return Zone(NAMES + "\n".join(self.records[str(ip)]))

        return Means(Zone(NAMES + "\n".join(self.records["resolver"])), authority)


@pytest.fixture
def names() -> Names:
    """Nothing is published yet."""
    return Names()


@pytest.fixture
def row(world: World) -> DomainRow:
    """A domain with its first keys."""
    return people.add_domain(world, "example.net", by="admin")


def line(row: DomainRow, key: DkimKeyRow) -> str:
    """The record of a key, as a zone has it."""
    return f'{dkim.record_name(key.selector, row.domain).ascii} TXT "{dkim.record_text(key.algorithm, key.public)}"'


def signing(row: DomainRow) -> set[str]:
    """The selectors that sign."""
    return {key.selector for key in row.dkim if key.signing}


async def test_the_whole_way(world: World, row: DomainRow, names: Names, clock: SetClock) -> None:
    """Each step is taken when the DNS is that far, and no earlier."""
    [old] = [key for key in row.dkim if key.signing]
    row = rotation.begin(world, "example.net", "rsa", by="admin")
    [change] = rotation.changes(world, row)
    new = change.new
    assert (change.stage, signing(row), new.selector != old.selector) == ("publish", {old.selector}, True)
    assert rotation.problems(world)

    await rotation.advance_all(world, names.means())
    [change] = rotation.changes(world, row)
    assert "does not have" in change.todo
    names.have(line(row, old), line(row, new), where=("resolver", "192.0.2.1"))
    row = await rotation.advance(world, "example.net", names.means())
    assert signing(row) == {old.selector}
    assert "ns2.example.net" in rotation.changes(world, row)[0].todo

    names.have(line(row, old), line(row, new))
    row = await rotation.advance(world, "example.net", names.means())
    assert signing(row) == {new.selector}
    [change] = rotation.changes(world, row)
    assert (change.stage, rotation.problems(world)) == ("wait", [])
    assert change.until is not None
    assert change.until - clock.timestamp() >= world.config.queue.give_up_after + 5 * DAY
    with pytest.raises(Conflict, match="on its way"):
        rotation.remove_key(world, "example.net", old.selector, by="admin")

    clock.advance(change.until - clock.timestamp() + 1)
    row = await rotation.advance(world, "example.net", names.means())
    assert [one.stage for one in rotation.changes(world, row)] == ["remove"]
    names.have(line(row, new))
    row = await rotation.advance(world, "example.net", names.means())
    assert old.selector not in {key.selector for key in row.dkim}
    assert not (world.store.directory / old.path).exists()
    assert (rotation.changes(world, row), signing(row)) == ([], {new.selector})
    assert problems(world.store) == []


async def test_another_record_under_the_name(world: World, row: DomainRow, names: Names) -> None:
    """A record with another key does not count, however alike it looks."""
    row = rotation.begin(world, "example.net", "ed25519", selector="next", by="admin")
    first = next(key for key in row.dkim if key.algorithm == "ed25519")
    new = next(key for key in row.dkim if key.selector == "next")
    names.have(line(row, new).replace(new.public, first.public))
    await rotation.advance_all(world, names.means())
    [change] = rotation.changes(world, row)
    assert "another record" in change.todo
    assert not new.signing


async def test_a_key_of_a_kind_that_did_not_sign(world: World, row: DomainRow, names: Names) -> None:
    """Without a predecessor it just begins to sign, and nothing has to be taken out."""
    row = rotation.begin(world, "example.net", "ed25519", selector="next", by="admin")
    names.have(line(row, next(key for key in row.dkim if key.selector == "next")))
    row = await rotation.advance(world, "example.net", names.means())
    assert "next" in signing(row)
    row = await rotation.advance(world, "example.net", names.means())
    assert rotation.changes(world, row) == []


async def test_mistakes(world: World, row: DomainRow) -> None:
    """One change at a time; what signs is not removed; giving up ends it without a trace."""
    [old] = [key for key in row.dkim if key.signing]
    rotation.begin(world, "example.net", "rsa", selector="new", by="admin")
    wrong: list[tuple[Callable[[], object], type[Exception]]] = [
            (lambda: rotation.begin(world, "example.net", "rsa", by="admin"), Conflict),
            (lambda: rotation.begin(world, "example.net", "dsa", by="admin"), NotFound),
            (lambda: rotation.begin(world, "other.net", "rsa", by="admin"), NotFound),
            (lambda: rotation.begin(world, "example.net", "ed25519", selector="a b", by="admin"), UserError),
            (lambda: rotation.begin(world, "example.net", "ed25519", selector="new", by="admin"), Conflict),
            (lambda: rotation.remove_key(world, "example.net", old.selector, by="admin"), Conflict),
            (lambda: rotation.remove_key(world, "example.net", "new", by="admin"), Conflict),
            (lambda: rotation.give_up(world, "example.net", old.selector, by="admin"), NotFound),
            (lambda: rotation.give_up(world, "example.net", "none", by="admin"), NotFound)]
    for call, error in wrong:
        with pytest.raises(error):
            call()
    path = next(key.path for key in people.domain(world, "example.net").dkim if key.selector == "new")
    assert (world.store.directory / path).exists()
    row = rotation.give_up(world, "example.net", "new", by="admin")
    assert not (world.store.directory / path).exists()
    assert rotation.changes(world, row) == []
    assert problems(world.store) == []


async def test_nobody_answers(world: World, row: DomainRow) -> None:
    """While the DNS is silent, or no name server is to be found, nothing is switched."""
    rotation.begin(world, "example.net", "rsa", by="admin")
    await rotation.advance_all(world, Means(Zone("example.net TROUBLE"), lambda ip: Zone("")))
    [change] = rotation.changes(world, people.domain(world, "example.net"))
    assert change.stage == "publish"
    assert "No name server" in change.todo
    assert Domain.parse("example.net") == row.domain
