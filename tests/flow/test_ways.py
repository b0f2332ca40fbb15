"""mta.flow.ways: what the file says and what the administrator made, together."""
from dataclasses import replace

from mta.base.names import Address, Domain
from mta.config.model import Route, Transport
from mta.flow import signing, waymaking
from mta.flow.ways import elsewhere, ways
from mta.flow.world import World

BOB = Address.parse("bob@b.test")


async def test_the_page_goes_before_the_file(served: World) -> None:
    """Routes of the administrator are looked at first; of two transports with one name the file's counts."""
    served.config = replace(served.config, transports=(Transport("relay", "file.test"),), routes=(Route(transport="relay"),))
    waymaking.add_transport(served, "other", "Other.Test", tls="none", dkim="rsa", by="admin")
    await waymaking.save_route(served, "other", recipient_domain="b.test", by="admin")
    known = ways(served)
    assert [one.name for one in known.transports] == ["relay", "other"]
    assert known.routes == (Route(recipient_domain=Domain.parse("b.test"), transport="other"), Route(transport="relay"))
    hops = served.store.read(lambda db: [elsewhere(db, served, None, to) for to in (BOB, Address.parse("cy@c.test"))])
    assert hops == ["transport:other", "transport:relay"]
    assert [signing.policy(served, hop) for hop in (*hops, "b.test", "transport:gone")] == ["rsa", "all", "all", "all"]

    served.config = replace(served.config, transports=(Transport("other", "file.test"),), routes=())
    assert ways(served).named("other") == Transport("other", "file.test")


async def test_the_account_that_sends(served: World) -> None:
    """By its name; mail of nobody fits no such route."""
    await waymaking.save_route(served, "fail", account="ann@example.org", by="admin")
    accounts = served.store.read(lambda db: dict(db.execute("SELECT name, id FROM account")))
    hops = [served.store.read(lambda db, who=who: elsewhere(db, served, None, BOB, who))    # type: ignore[misc]
            for who in (accounts["ann"], accounts["bob"], None, 99)]
    assert hops == ["transport:fail", "b.test", "b.test", "b.test"]
