"""web.apidoc: a page for each API, every function described, and nothing inline that our policy forbids."""
from dataclasses import replace

import pytest

from mta.base.errors import SetupError
from web.apidoc import page, pages
from web.registry import APIS
from web.rpc import OUTCOMES, Api, make_api


def test_every_function_is_on_the_page_of_its_application() -> None:
    """Each page names its functions and types, and leads to the others."""
    found = pages(APIS.values())
    assert set(found) == {"/api/", "/api/webmail/", "/api/account/", "/api/admin/"}
    for api in APIS.values():
        text = found[f"/api/{api.name}/"]
        for name in api.functions:
            assert f'id="{name}"' in text
            assert f"<code>{api.name}/{name}</code>" in text
        assert all(f'href="/api/{other}/"' in text for other in APIS)
        assert "\x01" not in text
        assert api.title in text
    assert 'id="type-Summary"' in found["/api/webmail/"]
    assert 'href="#type-Summary"' in found["/api/webmail/"]
    assert 'id="type-Summary"' not in found["/api/admin/"]


def test_the_index_explains() -> None:
    """How to call, the applications, and every code of an error with its status."""
    text = pages(APIS.values())["/api/"]
    assert "X-Pillarbox-Csrf" in text
    for _, status, code in OUTCOMES:
        assert f"<code>{code}</code></td><td>{status}</td>" in text
    assert all(f'href="/api/{name}/"' in text for name in APIS)


def test_they_obey_the_policy() -> None:
    """No script and no inline style."""
    for text in pages(APIS.values()).values():
        assert "<script" not in text
        assert "style=" not in text


def odd(call: object, number: complex) -> None:
    """Take what has no form in JSON for pages."""


def test_one_that_cannot_be_described_is_named() -> None:
    """The message says which application and which function; the server does not start with half its documentation."""
    broken = make_api("gadgets", "Gadgets", open=[], closed=[odd])
    with pytest.raises(SetupError, match=r"documentation of the API 'gadgets' cannot be built: function odd: no TypeScript for .*complex"):
        pages([*APIS.values(), broken])
    with pytest.raises(TypeError, match="function odd"):
        page(broken)


def silent(call: object) -> None:  # that is what is tested
    ...


def test_one_that_cannot_be_made_is_named() -> None:
    """A function without words is refused when the table is made, under the name of its table."""
    with pytest.raises(TypeError, match="API 'gadgets': silent needs a docstring and annotations"):
        make_api("gadgets", "Gadgets", open=[silent], closed=[])


def test_links_stay_within_the_page() -> None:
    """A type is linked only where it is explained."""
    alone: Api = replace(APIS["account"], functions={"logout": APIS["account"].functions["logout"]})
    assert 'href="#type-' not in page(alone)
