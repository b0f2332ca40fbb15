"""Whose fault it was: what callers get wrong is never counted as ours, and both are counted apart.

An alert watches the codes that begin with server:, so a name that is not there or cannot
be read must not raise it.
"""
import contextlib
import io
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from mta.base.errors import LookupFailed
from mta.base.events import Event
from mta.base.metrics import Meter, exposition, fresh
from tests.web.conftest import Browser
from web.call import House
from web.registry import APIS

#: What somebody may type: names of nothing, nothing, and what is no name.
WORDS = ("nothing.example", "", "not a domain", "a@b@c", "ü\x00/..", "<>&'\"%$", "x" * 3_000, "-1", "xn--a.example")
NUMBERS = (999_999, 0, -1, 2**53 - 1)
#: Signing in and out would change who asks.
NOT_ASKED = {"login", "logout", "password"}


def example(kind: Any, turn: int) -> Any:
    """Some JSON that an annotation allows; turn chooses which."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return example(inner[0], turn)
    if origin in (Union, types.UnionType):
        return example(inner[turn % len(inner)], turn)
    if origin is Literal:
        return inner[turn % len(inner)]
    if origin in (list, tuple):
        return [example(inner[0], turn + at) for at in range(turn % 3)]
    if origin is dict:
        return {}
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return {field.encode_name: example(field.type, turn) for field in msgspec.structs.fields(kind)}
    return {str: WORDS[turn % len(WORDS)], int: NUMBERS[turn % len(NUMBERS)], float: float(NUMBERS[turn % len(NUMBERS)]),
            bool: turn % 2 == 0, type(None): None}[kind]


@pytest.mark.parametrize("application", ["admin", "account", "webmail"])
def test_nothing_that_is_typed_is_our_fault(application: str, request: pytest.FixtureRequest) -> None:
    """Every function, with names that are not there, cannot be read, or are too long: it works, or the caller is told why not."""
    browser: Browser = request.getfixturevalue("admin" if application == "admin" else "ann")
    for name, function in APIS[application].functions.items():
        if name in NOT_ASKED:
            continue
        for turn in range(len(WORDS) * 2):
            arguments = {field.name: example(field.type, turn) for field in msgspec.structs.fields(function.arguments)}
            shown = browser.ask(f"{application}/{name}", **arguments)
            code = shown.json.get("error", {}).get("code", "ok")
            assert code == "ok" or code.startswith("user:"), (name, arguments, shown.json)


@pytest.mark.parametrize(("function", "arguments", "code"), [
    ("domain_add", {"name": "example.org"}, "user:conflict"),
    ("account_add", {"name": "ann", "password": "a long password"}, "user:conflict"),
    ("alias_add", {"address": "ann@example.org", "members": ["bob@example.org"]}, "user:conflict"),
    ("domain", {"name": "nothing.example"}, "user:notFound"),
    ("account", {"name": "nobody"}, "user:notFound"),
    ("queue_retry", {"ids": [999]}, "user:notFound"),
    ("queue_drop", {"ids": [999]}, "user:notFound"),
    ("queue_show", {"id": 999}, "user:notFound"),
])
def test_what_is_there_or_is_not(admin: Browser, function: str, arguments: dict[str, Any], code: str) -> None:
    """What exists already and what does not exist is for the caller to know."""
    assert admin.refused(f"admin/{function}", **arguments)["code"] == code


@pytest.fixture
def counted(house: House, tmp_path: Path) -> Iterator[Path]:
    """The folder in which the house counts."""
    fresh(tmp_path / "counters")
    with contextlib.closing(Meter(tmp_path / "counters", "web")) as meter:
        house.world.journal.add_meter(meter)
        house.world.journal._stream = io.StringIO()
        yield tmp_path / "counters"


def lines(folder: Path, name: str) -> dict[tuple[str, ...], float]:
    """What is not 0 of one metric, by its labels."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(exposition(folder, ["web"]).decode()) for sample in family.samples
        if sample.name == name and sample.value}


def test_they_are_counted_apart(admin: Browser, house: House, counted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By application and code, the good ones too; ours also as an event and for the module."""
    admin.call("admin/domains")
    admin.refused("admin/domain", name="nothing.example")
    admin.refused("admin/domain", name=7)
    admin.refused("nothing/at_all")

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    def silent(*_: object, **__: object) -> None:
        raise LookupFailed("_dmarc.nothing.example: no answer within 5 seconds")

    monkeypatch.setattr("mta.flow.people.aliases", broken)
    assert admin.refused("admin/aliases")["code"] == "server:error"
    monkeypatch.setattr("mta.flow.people.aliases", silent)
    assert admin.refused("admin/aliases")["code"] == "user:dns"
    assert lines(counted, "pillarbox_api_calls_total") == {
        ("admin", "ok"): 1, ("admin", "user:notFound"): 1, ("admin", "user:badArgument"): 1, ("other", "user:notFound"): 1,
        ("admin", "server:error"): 1, ("admin", "user:dns"): 1}
    assert lines(counted, "pillarbox_api_call_seconds_count") == {("admin",): 5, ("other",): 1}
    assert lines(counted, "pillarbox_events_total")["web", Event.WEB_ERROR.key] == 1
    assert lines(counted, "pillarbox_unexpected_total") == {("web", "web.admin_people"): 1}
