"""mta.flow.premises: what both desks say of the house; what they decide is tested with each of them."""
from dataclasses import replace

from mta.config.model import Smtp
from mta.flow.premises import Premises
from mta.flow.receive import ReceiveDesk
from mta.flow.submit import SubmitDesk
from mta.flow.world import World


def test_it_is_said_by_the_configuration(served: World) -> None:
    """Name, largest message and REQUIRETLS; a message has a place of its own."""
    strict = replace(served, config=replace(served.config, smtp=Smtp(max_message=70_000, requiretls=False)))
    desk = Premises(strict)
    assert (desk.hostname.ascii, desk.max_size, desk.requiretls) == ("mx.example.org", 70_000, False)
    assert Premises(served).requiretls
    first, second = desk.sink(), desk.sink()
    assert first is not second
    first.abandon()
    second.abandon()


def test_both_desks_are_on_the_premises(served: World) -> None:
    """And differ in whom they are for."""
    assert [(isinstance(desk, Premises), desk.submission) for desk in (ReceiveDesk(served), SubmitDesk(served))] == [
        (True, False), (True, True)]
