"""web.admin_server: policies, block lists, certificates, log and configuration over HTTP."""
from dataclasses import replace

from mta.base.names import Domain
from mta.config.model import Acme, Judge
from mta.dns.zone import Zone
from mta.secure.mtasts import Mode, Policy
from mta.secure.protection import Seen
from mta.store import accounts, policies, seen
from tests.web.conftest import Browser
from web.call import House


def test_policies(admin: Browser, house: House) -> None:
    """What is known, what a fetch comes to, and nothing any more."""
    world, name = house.world, Domain("b.test")
    now = world.clock.timestamp()
    world.store.write_now(lambda db: policies.keep(db, name, Policy(Mode.ENFORCE, 60, ("mx.b.test",)), "1", now, now + 60, now + 9))
    world.store.write_now(lambda db: policies.failed(db, name, "2", "sts-policy-fetch-error", "no answer", now, now + 300))
    [row] = admin.call("admin/sts_policies")
    assert (row["domain"], row["mode"], row["live"], row["mx"], row["failures"], row["problem"], row["again"]) == (
        "b.test", "enforce", True, ["mx.b.test"], 1, "no answer", now + 300)
    told = admin.call("admin/sts_fetch", domain="b.test")
    assert told["words"].startswith("It could not be fetched: ")
    assert told["words"].endswith("The one that is known stays.")
    assert told["policies"][0]["failures"] == 2
    assert admin.call("admin/sts_forget", domain="b.test") == []
    assert admin.refused("admin/sts_forget", domain="b.test")["code"] == "user:notFound"
    assert admin.refused("admin/sts_fetch", domain="a..b")["code"] == "user:error"
    assert "no record" in admin.call("admin/sts_fetch", domain="c.test")["words"]


def test_neighbours(admin: Browser, house: House) -> None:
    """What was seen and what is kept of other domains, and what looking at one comes to."""
    world = house.world
    now = world.clock.timestamp()
    assert admin.call("admin/neighbours") == []
    ann = world.store.read(lambda db: accounts.by_login(db, "ann"))
    assert ann is not None
    world.store.write_now(lambda db: seen.note(db, [ann.id], Seen(Domain("b.test"), True, "dane", False, now, None, True, True)))
    kind = Policy(Mode.TESTING, 60, ("c.test",))
    world.store.write_now(lambda db: policies.keep(db, Domain("c.test"), kind, "1", now, now + 60, now + 9))
    met, kept = admin.call("admin/neighbours", text="test")
    assert met == {"domain": "b.test", "starttls": True, "verified": "dane", "mtasts": "", "dnssec": True, "dane": True,
                   "requiretls": False, "at": now, "accounts": 1}
    assert (kept["domain"], kept["mtasts"], kept["starttls"], kept["at"]) == ("c.test", "testing", None, None)
    assert admin.call("admin/neighbours", text="x") == []
    assert admin.refused("admin/neighbour_look", domain="a..b")["code"] == "user:error"
    assert "does not exist" in admin.refused("admin/neighbour_look", domain="none.invalid")["message"]


def test_block_lists(admin: Browser, house: House) -> None:
    """Nobody has looked, then somebody has; without lists there is nothing to look at."""
    assert admin.call("admin/watched_lists") == []
    assert admin.refused("admin/watched_lists_look")["code"] == "user:error"
    house.world.config = replace(house.world.config, judge=Judge(dnsbl=("bl.example",)))
    assert admin.call("admin/watched_lists") == [{"zone": "bl.example", "problem": None, "at": None, "addresses": []}]
    [row] = admin.call("admin/watched_lists_look")
    assert row["problem"]
    assert row["at"] == house.world.clock.timestamp()


def test_certificates(admin: Browser, house: House) -> None:
    """What should be there, asked for again; without an authority that is a mistake."""
    assert admin.refused("admin/certificates_renew")["code"] == "user:error"
    rung: list[int] = []
    house.world.config = replace(house.world.config, acme=Acme(directory="https://acme.test/dir"), local=False)
    house.world.certify = lambda: rung.append(1)
    page = admin.call("admin/certificates_renew", label="host-ec")
    assert (page["authority"], page["account"], page["challenge"], rung) == ("https://acme.test/dir", "", "http-01", [1])
    assert {"host-ec", "host-rsa"} <= {one["label"] for one in page["certificates"]}
    assert all(one["asked"] and one["until"] is None for one in page["certificates"] if one["label"].startswith("host-"))
    assert admin.refused("admin/certificates_renew", label="nobody")["code"] == "user:error"


def test_keys_of_the_host(admin: Browser, house: House) -> None:
    """Made, then switched to, as soon as senders can know them or somebody insists; then certificates come."""
    house.world.config = replace(house.world.config, local=True)
    assert admin.refused("admin/host_keys_next")["code"] == "user:error"
    rung: list[int] = []
    house.world.config = replace(house.world.config, local=False)
    house.world.certify = lambda: rung.append(1)
    assert admin.refused("admin/host_keys_switch")["code"] == "user:notFound"
    made = admin.call("admin/host_keys_next")["keys"]
    assert sorted((one["algorithm"], one["state"]) for one in made) == [
        ("ec", "current"), ("ec", "next"), ("rsa", "current"), ("rsa", "next")]
    zone = house.world.resolver
    assert isinstance(zone, Zone)
    zone.add(f"_25._tcp.mx.example.org TLSA {next(one['record'] for one in made if one['state'] == 'current')}")
    assert "does not list the next keys" in admin.refused("admin/host_keys_switch")["message"]
    page = admin.call("admin/host_keys_switch", now=True)
    assert {one["record"] for one in page["keys"] if one["state"] == "current"} == {
        one["record"] for one in made if one["state"] == "next"}
    assert rung == [1]
    assert [(one["label"], one["problem"], one["next"]) for one in page["history"]] == [
        ("self-signed-rsa", "", None), ("self-signed-ec", "", None)]


def test_the_log(admin: Browser) -> None:
    """Louder for a while and back again."""
    found = {one["module"]: one for one in admin.call("admin/log_level_set", module="mtasts", level="debug")}
    assert found["mtasts"]["level"] == "debug"
    assert found["mtasts"]["until"] is not None
    assert all(one["until"] is None for one in admin.call("admin/log_level_set", module="mtasts", level=""))
    assert admin.refused("admin/log_level_set", module="x", level="debug")["code"] == "user:error"
    assert admin.refused("admin/log_level_set", module="smtp", level="loud")["code"] == "user:badArgument"


def test_the_configuration(admin: Browser) -> None:
    """Settings with where they come from, and what was made in the browser; no secret."""
    admin.call("admin/transport_add", name="relay", host="relay.test", port=587, tls="starttls", username="me", password="s3cret")
    found = admin.call("admin/configuration")
    assert "s3cret" not in str(found)
    assert ("transports.relay", "database") in [(one["name"], one["source"]) for one in found]
    assert [one for one in found if one["name"] == "acceptor.copies"] == [{
        "name": "acceptor.copies", "value": "0", "source": "default", "line": 0, "changed": False,
        "help": "How many; 0 means one per processor core."}]
