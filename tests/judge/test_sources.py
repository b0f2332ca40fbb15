"""From which of our addresses to send."""
import pytest

from mta.base.clock import SetClock
from mta.base.names import Domain, ip_address
from mta.dns.zone import Zone
from mta.judge.sources import Refusals, Source, examine, order

FOUR, SIX = ip_address("192.0.2.1"), ip_address("2001:db8::1")
ZONE = """
1.2.0.192.in-addr.arpa PTR mx.us.test
mx.us.test A 192.0.2.1
2.2.0.192.in-addr.arpa PTR wrong.us.test
wrong.us.test A 192.0.2.99
3.2.0.192.in-addr.arpa TROUBLE
4.2.0.192.in-addr.arpa PTR wrong.us.test
4.2.0.192.in-addr.arpa PTR four.us.test
four.us.test A 192.0.2.4
6.2.0.192.in-addr.arpa PTR slow.us.test
slow.us.test TIMEOUT
"""


@pytest.mark.parametrize(("ip", "names", "says"), [
    ("192.0.2.1", ["mx.us.test"], ""), ("192.0.2.2", [], "give it an A record"), ("192.0.2.3", [], "could not be looked up"),
    ("192.0.2.4", ["four.us.test"], ""), ("192.0.2.6", [], "slow.us.test, could not be looked up: no answer in time"),
    ("192.0.2.5", [], "has no reverse name (PTR record); ask your provider to set it"),
    ("2001:db8::1", [], "no reverse name"),
])
async def test_forward_confirmed_reverse_names(ip: str, names: list[str], says: str) -> None:
    """A name counts if it leads back, and what is missing is said in plain words."""
    source = await examine(ip_address(ip), True, Zone(ZONE))

    assert [name.ascii for name in source.names] == names
    assert source.confirmed == bool(names)
    assert says in source.problem
    assert bool(source.problem) != source.confirmed


def test_an_unconfirmed_source_waits_for_need() -> None:
    """It is used only where no confirmed one can be."""
    good, bad = Source(FOUR, names=(Domain("mx.us.test"),)), Source(SIX, problem="no name")
    host_four, host_six = ip_address("198.51.100.1"), ip_address("2001:db8::25")

    assert order([host_six, host_four], [good, bad]) == [(host_four, good)]
    assert order([host_six], [good, bad]) == [(host_six, bad)]
    assert order([host_six, host_four], [bad]) == [(host_six, bad), (host_four, None)]
    assert order([host_six, host_four], [Source(FOUR), bad]) == [(host_six, bad), (host_four, Source(FOUR))]
    assert order([host_six, host_four], []) == [(host_six, None), (host_four, None)]


def test_of_several_sources_a_confirmed_one() -> None:
    """The first confirmed address of a family is taken, else the first."""
    first, second, third = Source(FOUR), Source(ip_address("192.0.2.2"), names=(Domain("a.test"),)), Source(ip_address("192.0.2.3"))
    target = ip_address("198.51.100.1")

    assert order([target], [first, second, third]) == [(target, second)]
    assert order([target], [third, first]) == [(target, third)]


def test_refusals_are_forgotten() -> None:
    """Who refused is remembered for some minutes, in bounded room."""
    clock = SetClock()
    refusals = Refusals(clock, memory=600, room=2)
    refusals.note("a")
    assert refusals.recent("a")
    refusals.forget("a")
    assert not refusals.recent("a")

    for who in ("a", "b", "c"):
        refusals.note(who)
    assert [refusals.recent(who) for who in ("a", "b", "c")] == [False, True, True]

    clock.advance(601)
    assert not refusals.recent("c")
