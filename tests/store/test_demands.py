"""What queued messages ask of connections."""
from mta.base.clock import SetClock
from mta.base.limits import LIMITS
from mta.secure.protection import Demand
from mta.store import demands, queue
from mta.store.database import Store
from mta.store.demands import TlsRequired
from tests.store.test_queue import DEAD, claim, put


def test_what_a_message_demands(store: Store, clock: SetClock) -> None:
    """By what its sender wants; a report by what it is, whatever somebody wants of it."""
    ident = put(store, "bob@b.example")

    def demand(wanted: str, kind: str) -> Demand:
        store.write_now(lambda db: db.execute("UPDATE queue_message SET tls_required = ?, kind = ? WHERE id = ?", (wanted, kind, ident)))
        found = store.read(lambda db: queue.get(db, ident))
        assert found is not None
        return found[0].demand

    for kind in ("mail", "bounce", "delayed"):
        assert [demand(wanted, kind) for wanted in ("", "yes", "no")] == [Demand.USUAL, Demand.REQUIRETLS, Demand.TLS_OPTIONAL]
    for wanted in ("", "yes", "no"):
        assert demand(wanted, "dmarc_report") is Demand.DMARC_REPORT
        assert demand(wanted, "tls_report") is Demand.TLS_REPORT


def test_demands_can_be_changed(store: Store, clock: SetClock) -> None:
    """For the whole message; not while one of its recipients is being tried; not for reports."""
    first, second, report = put(store, "bob@b.example", "cy@c.example"), put(store, "dee@d.example"), put(store, "eve@e.example")
    store.write_now(lambda db: db.execute("UPDATE queue_message SET kind = 'tls_report' WHERE id = ?", (report,)))
    rows = {str(one.recipient): one.id for _, one in store.read(lambda db: queue.listing(db, store.clock))}

    def change(*names: str, wanted: TlsRequired = "yes") -> list[int]:
        return store.write_now(lambda db: demands.change(db, store.clock, [rows.get(name, 999) for name in names], wanted))

    def asked() -> list[str]:
        return [message.tls_required for message, _ in store.read(lambda db: queue.listing(db, store.clock))[::-1]]

    assert change("cy@c.example", "bob@b.example", "nobody") == [first]
    assert asked() == ["yes", "yes", "", ""]
    claim(store, "b.example", DEAD)
    assert change("cy@c.example", "dee@d.example", "eve@e.example", wanted="no") == [second]
    assert asked() == ["yes", "yes", "no", ""]
    clock.advance(LIMITS.lease + 1)
    assert change("cy@c.example", wanted="") == [first]
    [(message, _)] = claim(store, "c.example")
    assert message.tls_required == ""
