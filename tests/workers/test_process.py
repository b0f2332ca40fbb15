"""workers.process: the table, and how soon a fallen role is back."""
from importlib import import_module

import pytest

from mta.base.names import Domain
from mta.config.model import SERVICES, Acceptor, Config, Delivery
from workers.process import LONGEST_PAUSE, ROLES, Role, restart_after

CONFIG = Config(hostname=Domain("mx.example.org"))


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_every_role_is_what_the_table_says(role: Role) -> None:
    """Each module has its two functions, and the name has no hyphen (that counts copies)."""
    module = import_module(role.module)

    assert callable(module.prepare)
    assert callable(module.serve)
    assert "-" not in role.name


def test_every_service_has_one_role() -> None:
    """No port is bound that nobody answers, none is answered by two roles."""
    served = [service for role in ROLES for service in role.sockets]

    assert sorted(served) == sorted([*SERVICES, "resolver", "sendmail"])


def test_copies_follow_the_configuration() -> None:
    """One acceptor per core unless told otherwise."""
    copies = {role.name: role.copies for role in ROLES}

    assert copies["acceptor"](CONFIG) >= 1
    assert copies["acceptor"](Config(hostname=CONFIG.hostname, acceptor=Acceptor(copies=7))) == 7
    assert copies["delivery"](Config(hostname=CONFIG.hostname, delivery=Delivery(copies=3))) == 3
    assert copies["reporter"](CONFIG) == 1


def test_one_accident_costs_nearly_nothing() -> None:
    """What lived well is back at once, what died young within two seconds the first few times."""
    assert restart_after(3_600, True, 0) == 0
    assert restart_after(1, True, 0) <= 0.2
    assert restart_after(0, False, 0) <= 0.2
    assert sum(restart_after(0, False, failures) for failures in range(4)) <= 2


def test_pauses_grow_and_end_growing() -> None:
    """A role that cannot start does not fill the log, and is tried again once a minute."""
    pauses = [restart_after(0, False, failures) for failures in range(50)]

    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
