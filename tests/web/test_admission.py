"""web.admission: places are counted, and silence gives way."""
from dataclasses import replace

from mta.base.limits import LIMITS
from mta.base.names import ip_address
from web.admission import Admission

ANN, BOB, CAT = (ip_address(f"192.0.2.{number}") for number in (1, 2, 3))


def test_one_network_has_its_share() -> None:
    """A network that has enough connections gets no more until one leaves; others do."""
    admission = Admission(replace(LIMITS, http_connections=10, http_connections_per_ip=2))
    first = admission.enter(ANN)
    assert first
    assert admission.enter(ANN)

    assert admission.enter(ANN) is None
    assert admission.enter(BOB)

    first.leave()
    first.leave()
    assert admission.inside == 2
    assert admission.enter(ANN)


def test_an_ipv6_customer_is_a_network() -> None:
    """Addresses of one /64 count together."""
    admission = Admission(replace(LIMITS, http_connections_per_ip=1))
    assert admission.enter(ip_address("2001:db8::1"))
    assert admission.enter(ip_address("2001:db8::2")) is None
    assert admission.enter(ip_address("2001:db8:0:1::2"))


def test_the_longest_idle_makes_room() -> None:
    """When the house is full, whoever has been silent longest goes, and nobody who is served."""
    admission = Admission(replace(LIMITS, http_connections=2, http_connections_per_ip=10))
    gone: list[str] = []
    ann, bob = admission.enter(ANN), admission.enter(BOB)
    assert ann
    assert bob
    ann.idle(lambda: gone.append("ann"))
    bob.idle(lambda: gone.append("bob"))
    ann.busy()

    cat = admission.enter(CAT)
    assert cat
    assert gone == ["bob"]

    cat.busy()
    assert admission.enter(BOB) is None
    bob.leave()
    assert admission.inside == 2
