"""mta.flow.webservers: the texts name everything; tests/lab/test_quickstart.py lets the web servers read them."""
import pytest

from mta.base.names import Domain
from mta.flow.webservers import PATHS, SNIPPETS


@pytest.mark.parametrize("name", SNIPPETS)
def test_each_text_names_all(name: str) -> None:
    """Host, names of the domain, places and the port; no part of it is empty, so that it is copied whole."""
    text = SNIPPETS[name](Domain("mx.example.org"), Domain("example.org"), 1_081)

    for word in ("mx.example.org", "mta-sts.example.org", "autoconfig.example.org", "127.0.0.1:1081", *PATHS):
        assert word in text
    assert "\n\n" not in text
    assert "webmail" not in text
