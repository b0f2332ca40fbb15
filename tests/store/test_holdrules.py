"""mta.store.holdrules: what a rule fits."""
from mta.base.names import Address
from mta.store.holdrules import HoldRule

ANN, BOB = Address.parse("ann@a.test"), Address.parse("bob@b.test")


def rule(account: int | None = None, sender: str = "", recipient: str = "", host: str = "") -> HoldRule:
    """A rule about these."""
    return HoldRule(1, account, sender, recipient, host, "", 0.0, "a test")


def test_all_that_is_named_has_to_agree() -> None:
    """Account, domains exactly; a host or the end of its name, once it is known."""
    assert rule(7, "a.test", "b.test").fits(7, ANN, BOB)
    assert not rule(7).fits(8, ANN, BOB)
    assert not rule(sender="a.test").fits(7, None, BOB)
    assert not rule(recipient="b.test").fits(7, ANN, Address.parse("x@sub.b.test"))
    assert rule(host="far.test").fits(7, ANN, BOB, ["mx.far.test"])
    assert not rule(host="far.test").fits(7, ANN, BOB, ["mx.afar.test"])
    assert not rule(host="far.test").fits(7, ANN, BOB)
