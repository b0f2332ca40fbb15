"""workers.commands.destinations: explain and destinations."""
import io

from mta.base.clock import SystemClock
from mta.base.errors import Failure, Reach
from mta.base.events import Journal
from mta.base.names import Address
from mta.config.model import local
from mta.flow import destinations
from tests.workers.commands.conftest import Typing
from workers.worlds import open_world


def test_explaining(typed: Typing) -> None:
    """For people in some lines, for machines as an object; standard input too."""
    said = typed("explain", "550 5.7.1 messages weren't sent (S3150)", "--host", "mx.outlook.com")
    assert "Outlook: the network is blocked" in said
    assert "https://olcsupport.office.com/" in said
    [row] = typed.json("explain", "452 4.2.2 mailbox full")
    assert row["name"] == "mailbox-full"
    assert "Greylisting" in typed("explain -", stdin="450 4.2.0 Greylisted\n")
    assert typed.attempt("explain", "", "hm")[0] == 1


def test_destinations(typed: Typing) -> None:
    """One line for each operator, everything for machines."""
    clock = SystemClock()
    typed("domain list")
    with open_world(local(typed.directory), clock, Journal("test", clock, stream=io.StringIO()), lambda role: None) as world:
        no = Failure(Reach.RECIPIENT, True, 550, "5.1.1", "No such user", "RCPT", "mx.b.test")
        world.store.write_now(lambda db: destinations.note(db, world, Address.parse("bob@b.test"), "mx.b.test", no))
    assert "No such address (1)" in typed("destinations")
    [row] = typed.json("destinations", "b.test", "--days", "2")
    assert (row["refused"], row["reasons"][0]["cause"], row["domains"]) == (
        1, "no-such-user", [{"domain": "b.test", "sent": 0, "deferred": 0, "refused": 1}])
    assert typed.json("destinations", "nobody.test") == []
