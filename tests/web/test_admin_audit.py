"""web.admin_audit: the audit log as the administrator reads it; what is written is in test_audited.py."""
from mta.flow import audit
from mta.flow.world import World
from mta.store import audit as entries
from mta.store.connection import Connection
from tests.web.conftest import Browser
from web.admin_audit import PAGE


def wrote(world: World, count: int) -> None:
    """So many changes, each with its number."""
    def change(db: Connection) -> None:
        for at in range(count):
            entries.finish(db, entries.begin(db, world.clock, "ann", "192.0.2.1", "account/rule_add", f"number={at}"), "ok")

    world.store.write_now(change)


def test_what_is_searched_for(admin: Browser, ann: Browser) -> None:
    """All words, in any case, and as they stand: no sign of them means anything; the last change comes first."""
    admin.call("admin/domain_add", name="example.net")
    ann.call("account/full_name_change", name="Ann of the Sea")
    ann.refused("account/password", old="hunter2", new="hunter3 and more words")

    def found(text: str) -> list[str]:
        return [row["function"] for row in admin.call("admin/audit_log", text=text)]

    assert found("") == found("192.0.2.9") == ["account/password", "account/full_name_change", "admin/domain_add"]
    assert found("SEA ann") == ["account/full_name_change"]
    assert found("notallowed") == ["account/password"]
    for nothing in ("sea example.net", "%", "domain%add", "domain?add", "' OR 1=1 --", "hunter", "nonsense " * 1_000):
        assert found(nothing) == [], nothing
    [row] = admin.call("admin/audit_log", text="sea")
    assert (row["who"], row["origin"], row["arguments"], row["outcome"]) == ("ann", "192.0.2.9", 'name="Ann of the Sea"', "ok")


def test_page_by_page(admin: Browser, served: World) -> None:
    """Each entry is on one page, also if another is written meanwhile; before the first there is nothing."""
    wrote(served, PAGE + 5)
    first = admin.call("admin/audit_log", text="rule_add")
    wrote(served, 1)
    second = admin.call("admin/audit_log", text="rule_add", before=first[-1]["id"])
    assert [row["arguments"] for row in first + second] == [f"number={at}" for at in reversed(range(PAGE + 5))]
    assert len(first) == PAGE
    for before in (second[-1]["id"], 0, -1):
        assert admin.call("admin/audit_log", before=before) == []
    assert admin.refused("admin/audit_log", before="first")["code"] == "user:badArgument"
    assert admin.refused("admin/audit_log", text=None)["code"] == "user:badArgument"


def test_what_was_broken_off_is_told(admin: Browser, served: World) -> None:
    """A change in whose middle the server ended; lines and markup that somebody sent stay text of one line."""
    audit.begin(served, "ann", "192.0.2.1", "account/full_name_change",
                {"name": "<script>\nadmin admin/domain_add ok", "password": "hunter2"})
    [row] = admin.call("admin/audit_log")
    assert row["outcome"] == "begun"
    assert row["arguments"] == f'name="<script> admin admin/domain_add ok" password={audit.HIDDEN}'


def test_for_the_administrator_alone(admin: Browser, ann: Browser, stranger: Browser) -> None:
    """Nobody else reads it, and reading leaves no entry."""
    for browser in (ann, stranger):
        assert browser.ask("admin/audit_log").status == 401
    assert admin.ask("admin/audit_log", {"X-Pillarbox-Csrf": "x"}).status == 401
    assert admin.call("admin/audit_log") == admin.call("admin/audit_log", text="audit_log") == []
