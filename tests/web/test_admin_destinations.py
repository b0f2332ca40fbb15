"""web.admin_destinations: what replies mean, and how mail does."""
from mta.base.errors import Failure, Reach
from mta.base.names import Address
from mta.flow import destinations
from tests.web.conftest import Browser
from web.call import House


def test_explaining(admin: Browser) -> None:
    """A reply with its next step and form; mistakes of the caller are his."""
    told = admin.call("admin/explain", reply="550 5.7.606 Access denied, banned sending IP", host="x.mail.protection.outlook.com")
    assert (told["name"], told["side"], told["link"]) == ("microsoft-banned", "here", "https://sender.office.com/")
    assert admin.call("admin/explain", reply="hm")["name"] == ""
    assert admin.refused("admin/explain", reply=" ")["code"] == "user:error"
    assert admin.refused("admin/explain", reply="x" * 20_000)["code"] == "user:error"


def test_destinations(admin: Browser, house: House) -> None:
    """What was counted, with the reasons, and day by day."""
    world = house.world
    no = Failure(Reach.RECIPIENT, True, 550, "5.1.1", "No such user", "RCPT", "mx.b.test")
    world.store.write_now(lambda db: destinations.note(db, world, Address.parse("bob@b.test"), "mx.b.test", no))
    [one] = admin.call("admin/destinations")
    assert (one["operator"], one["sent"], one["refused"], one["domains"][0]["domain"]) == ("b.test", 0, 1, "b.test")
    assert (one["reasons"][0]["meaning"]["name"], one["reasons"][0]["reply"]) == ("no-such-user", "550 5.1.1 No such user")
    days = admin.call("admin/destination_history", operator="b.test", days=7)
    assert (len(days), days[-1]["refused"]) == (7, 1)
    assert admin.refused("admin/destinations", days=32)["code"] == "user:error"
    assert admin.refused("admin/destination_history", operator="b.test", days=0)["code"] == "user:error"
