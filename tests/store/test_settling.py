"""mta.store.settling: what is remembered of a domain on its way."""
from mta.store import settling
from mta.store.database import Store
from tests.store.population import add_account, deliver, mailbox


def test_what_is_noted(store: Store) -> None:
    """Facts add up, each domain has its own, and nothing is left when they are forgotten."""
    def note(domain: int, **facts: object) -> None:
        store.write_now(lambda db: settling.note(db, domain, facts))

    note(1, sent={"to": "a"})
    note(1, done=True)
    note(2, done=False)
    assert store.read(lambda db: settling.noted(db, 1)) == {"sent": {"to": "a"}, "done": True}
    store.write_now(lambda db: settling.forget(db, 1))
    assert store.read(lambda db: (settling.noted(db, 1), settling.noted(db, 2))) == ({}, {"done": False})


def test_only_what_a_server_brought_arrives(store: Store) -> None:
    """A letter that was written here is none from elsewhere; nothing in a name stands for anything else."""
    deliver(store, mailbox(store, add_account(store)))
    assert store.read(lambda db: settling.latest_arrival(db, "example.org")) is None
    assert store.read(lambda db: settling.latest_arrival(db, "%")) is None
