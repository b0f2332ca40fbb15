"""web.admin_setup: the way to a first letter, by calls."""
from mta.base.names import ip_address
from mta.flow.survey import Machine
from mta.flow.world import World
from tests.web.conftest import Browser


def test_the_way(admin: Browser) -> None:
    """What there is to choose from, then the stages of one domain; a letter sets out."""
    empty = admin.call("admin/setup")
    assert (empty["domain"], empty["domains"], empty["stages"]) == ("", ["example.org"], [])
    found = admin.call("admin/setup", domain="example.org")
    assert [stage["key"] for stage in found["stages"]] == ["domain", "account", "dns", "certificate", "outgoing", "incoming"]
    assert "ann" in found["writers"]
    assert (found["sent"], found["arrived"], found["done"]) == (None, None, False)
    sent = admin.call("admin/setup_send", domain="example.org", account="ann", to="me@else.test")["sent"]
    assert (sent["to"], sent["state"]) == ("me@else.test", "waiting")
    assert admin.call("admin/trace", id=sent["trace"])["waiting"]
    assert admin.refused("admin/setup_send", domain="example.org", account="ann", to="nobody")["code"] == "user:error"
    assert admin.refused("admin/setup_send", domain="example.org", account="carl", to="a@else.test")["code"] == "user:notFound"
    assert admin.refused("admin/setup", domain="else.test")["code"] == "user:notFound"


def test_records_beside_what_is_there(admin: Browser) -> None:
    """Each with its state; an empty DNS has none of them."""
    found = admin.call("admin/domain_records", name="example.org")
    assert {one["state"] for one in found} == {"missing"}
    assert ("example.org.", "MX") in {(one["record"]["name"], one["record"]["kind"]) for one in found}
    assert admin.refused("admin/domain_records", name="else.test")["code"] == "user:notFound"


def test_the_machine(admin: Browser, served: World) -> None:
    """It is looked at by whoever can; a process that cannot says so."""
    assert admin.refused("admin/setup_machine", domain="example.org")["code"] == "server:later"
    served.look = lambda: Machine("mx", (ip_address("203.0.113.5"),))
    lines = admin.call("admin/setup_machine", domain="example.org")
    assert "host name" in {line["about"] for line in lines}
    assert all(line["mend"] for line in lines if not line["well"])
