"""What the client needs of a connection."""
from mta.net.connect import Connection
from mta.smtp.wire import Secured, Wire
from tests.smtp.test_replies import Script


def test_who_is_a_wire() -> None:
    """The real connection and the one of the tests promise the same."""
    for wire in (Connection(), Script()):
        promised: Wire = wire    # checked by mypy, too
        assert promised.pending == 0
        assert promised.bindings() == {}
        promised.close()


def test_facts_of_encryption_are_values() -> None:
    """Two handshakes that agreed on the same are equal."""
    assert Secured("TLSv1.3", "X", True) == Secured("TLSv1.3", "X", True) != Secured("TLSv1.3", "X", False)
