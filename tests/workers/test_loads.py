"""workers.loads: whose turn it is, and who is here."""
import os

from mta.base.names import ip_address
from mta.judge.rates import Places
from workers.loads import GONE, Loads


def test_who_holds_least_is_next() -> None:
    """Equal copies may both take one; a fuller one waits."""
    loads = Loads(3)
    for number, connections in enumerate((2, 1, 1)):
        loads.set(number, connections)

    assert [loads.turn(number) for number in range(3)] == [False, True, True]


def test_nobody_waits_for_a_copy_that_is_gone() -> None:
    """At the start none is there yet, and a fallen one holds nothing."""
    loads = Loads(2)
    loads.set(0, 5)
    assert loads.turn(0)

    loads.set(1, 0)
    assert not loads.turn(0)

    loads.gone(1)
    assert loads.get(1) == GONE
    assert loads.turn(0)


def test_other_processes_see_the_numbers() -> None:
    """The memory is shared across a fork."""
    loads = Loads(2)
    pid = os.fork()
    if pid == 0:
        loads.set(1, 7)
        os._exit(0)
    os.waitpid(pid, 0)

    assert loads.get(1) == 7


def test_all_copies_count_who_is_here() -> None:
    """A network's places are taken by all copies together; those of a copy that fell are free again."""
    loads = Loads(2)
    ip = ip_address("192.0.2.1")
    here = Places((3, 9, 27), loads.crowd(0))
    pid = os.fork()
    if pid == 0:
        there = Places((3, 9, 27), loads.crowd(1))
        os._exit(sum(there.take(ip) is None for _ in range(2)))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 2

    assert [here.take(ip) for _ in range(2)] == [None, "192.0.2.1/32"]
    here.leave(ip)
    assert here.take(ip) is None
    loads.gone(1)
    assert [here.take(ip) for _ in range(3)] == [None, None, "192.0.2.1/32"]


def test_another_program_sees_the_same_numbers() -> None:
    """It maps the open file of the memory; who fell meanwhile keeps no places taken."""
    loads = Loads(2)
    ip = ip_address("192.0.2.1")
    loads.set(1, 7)
    taken = Places((1, 9, 27), loads.crowd(1))
    assert taken.take(ip) is None

    again = Loads(2, os.dup(loads.descriptor))
    loads.close()
    assert again.get(1) == 7
    other = Places((1, 9, 27), again.crowd(0))
    assert other.take(ip) == "192.0.2.1/32"
    again.gone(1)
    assert other.take(ip) is None
    again.close()
