"""mta.flow.audit: an entry before each change, nothing secret in it."""
from msgspec import Struct

from mta.base.errors import NoRoom
from mta.base.events import Recorded
from mta.base.limits import LIMITS
from mta.flow import audit
from mta.flow.world import World


class Given(Struct):
    """What a page may send."""

    name: str
    password: str
    many: list[str]


def test_summary() -> None:
    """In short, with places for what is secret, also deep inside."""
    assert audit.summary({"name": "example.org", "enabled": True, "none": None, "text": "two words", "empty": ""}) == (
        'name=example.org enabled=true text="two words" empty=""')
    said = audit.summary({"old": "hunter2", "new": "hunter3", "code": "", "given": Given("a", "hunter4", ["x"])})
    assert "hunter" not in said
    assert said == 'old=… new=… code="" given={"name":"a","password":"…","many":["x"]}'
    assert len(audit.summary({f"n{at}": "x" * 500 for at in range(99)})) == LIMITS.audit_arguments


def test_entries(served: World) -> None:
    """Begun, then what came of it."""
    one = audit.begin(served, "admin", "192.0.2.1", "admin/domain_add", {"name": "example.net"})
    two = audit.begin(served, "ann", "192.0.2.2", "account/rule_add", {})
    assert [(row.who, row.outcome) for row in audit.listing(served)] == [("ann", "begun"), ("admin", "begun")]
    audit.finish(served, one, "ok")
    audit.finish(served, two, "user:error")
    assert [row.outcome for row in audit.listing(served)] == ["user:error", "ok"]


def test_a_full_disk_does_not_keep_anybody_from_making_room(served: World, recorded: Recorded) -> None:
    """The change is noted in the journal instead."""
    class Full:
        """A store without room."""

        def write_now(self, change: object) -> None:
            raise NoRoom("the disk is full")

    class There:
        """A world with it."""

        store, journal, clock = Full(), served.journal, served.clock

    assert audit.begin(There(), "admin", "192.0.2.1", "admin/account_remove", {"name": "bob"}) is None    # type: ignore[arg-type]
    assert recorded.keys()[-1] == "admin.changed"
    audit.finish(There(), None, "ok")    # type: ignore[arg-type]
