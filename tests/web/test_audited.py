"""web.audited: no change without an entry, whatever the registry has."""
import inspect
from dataclasses import replace
from types import SimpleNamespace

import pytest

from mta.base.names import ip_address
from mta.flow import audit
from mta.flow.world import World
from tests.web.conftest import Browser
from web import audited, registry
from web.call import Call
from web.calls import Calls

AUDITED = [(app, name) for app in audited.READS for name in registry.APIS[app].functions if name not in audited.READS[app]]
READING = [(app, name) for app in sorted(audited.READS) for name in sorted(audited.READS[app])]


@pytest.mark.parametrize(("app", "name"), READING)
def test_what_is_said_to_read_is_there_and_changes_nothing(app: str, name: str) -> None:
    """No name without a function; none of them says who it was, as changes do, or writes."""
    source = inspect.getsource(registry.APIS[app].functions[name].run)
    if name not in ("login", "logout"):    # which are in the log of sign-ins
        assert "by=" not in source
        assert "write_now" not in source


@pytest.mark.parametrize(("app", "name"), AUDITED)
def test_every_other_function_has_an_entry(app: str, name: str, served: World) -> None:
    """Before it runs, and with what came of it."""
    function = registry.APIS[app].functions[name]
    seen: list[str] = []

    def run(call: Call, **arguments: object) -> str:
        seen.append(audit.listing(served)[0].outcome)
        return "done"

    house = SimpleNamespace(world=served)
    call = SimpleNamespace(world=served, realm="admin", ip=ip_address("192.0.2.9"), account=1)
    door = Calls.__new__(Calls)
    door._house = house    # type: ignore[assignment]
    arguments = {"password": "hunter2", "name": "x"}
    assert door._run(call, app, replace(function, run=run), arguments) == "done"    # type: ignore[arg-type]
    [entry] = audit.listing(served)
    assert seen == ["begun"]
    assert (entry.who, entry.origin, entry.function, entry.outcome) == ("admin", "192.0.2.9", f"{app}/{name}", "ok")
    assert "hunter2" not in entry.arguments


def test_secrets_have_names_that_are_known() -> None:
    """No argument that sounds like a secret has a name that would be written down."""
    for api in registry.APIS.values():
        for function in api.functions.values():
            for field in function.arguments.__struct_fields__:
                if any(word in field for word in ("password", "secret", "token")):
                    assert field in audit.SECRET, f"{api.name}/{function.name} {field}"


def test_through_the_door(ann: Browser, admin: Browser, served: World) -> None:
    """Changes of both realms, with who, what and what came of it; what only reads, or was not let in, has none."""
    admin.call("admin/domain_add", name="example.net")
    admin.refused("admin/domain_add", name="not a domain")
    admin.call("admin/domains")
    ann.call("account/full_name_change", name="Ann of the Sea")
    ann.refused("account/password", old="hunter2", new="hunter3 and more words")
    ann.ask("account/full_name_change", {"X-Pillarbox-Csrf": "x"}, name="Mallory")
    rows = admin.call("admin/audit_log")
    assert [(row["who"], row["function"], row["outcome"]) for row in rows] == [
        ("ann", "account/password", "user:notAllowed"), ("ann", "account/full_name_change", "ok"),
        ("admin", "admin/domain_add", "user:error"), ("admin", "admin/domain_add", "ok")]
    assert "hunter" not in str(rows)
