"""web.apidoc: every function is described, and nothing inline that our policy forbids."""
from web.apidoc import page
from web.calls import APIS


def test_every_function_is_there() -> None:
    """The page names each function and type of each application."""
    text = page(APIS.values())
    for api in APIS.values():
        for name in api.functions:
            assert f'id="{api.name}-{name}"' in text
    assert 'id="type-Summary"' in text
    assert 'href="#type-Summary"' in text
    assert "\x01" not in text


def test_it_obeys_the_policy() -> None:
    """No script and no inline style."""
    text = page(APIS.values())
    assert "<script" not in text
    assert "style=" not in text
