"""workers.commands.masks: masked addresses, keys, and where they may be."""
import pytest

from tests.workers.commands.conftest import Typing


@pytest.fixture
def ann(typed: Typing) -> Typing:
    """An account."""
    typed("domain add example.org")
    typed("account add ann --address ann@example.org --no-password")
    return typed


def test_masks(ann: Typing) -> None:
    """Made, switched off, noted and removed, by id or address."""
    [made] = ann.json("mask add ann shop.example --note shoes")
    [chosen] = ann.json("mask add ann --local my-shoes --domain example.org")
    assert chosen["address"] == "my-shoes@example.org"
    assert [(row["address"], row["site"], row["note"], row["on"]) for row in ann.json("mask list ann")] == [
        ("my-shoes@example.org", "", "", True), (made["address"], "shop.example", "shoes", True)]
    [changed] = ann.json(f"mask set ann {made['address']} --off --note sold")
    assert (changed["on"], changed["note"], changed["site"]) == (False, "sold", "shop.example")
    assert ann.json(f"mask senders ann {made['id']}") == []
    ann(f"mask remove ann {made['id']}")
    assert len(ann.json("mask list ann")) == 1
    assert ann.attempt(f"mask set ann {made['id']} --on")[0] == 1


def test_keys(ann: Typing) -> None:
    """Shown once."""
    [made] = ann.json("mask key add ann", "Bitwarden on the laptop")
    assert made["key"].startswith("pbm_")
    [key] = ann.json("mask key list ann")
    assert (key["label"], key["used"]) == ("Bitwarden on the laptop", None)
    ann(f"mask key remove ann {key['id']}")
    assert ann.json("mask key list ann") == []


def test_what_the_administrator_chooses(ann: Typing) -> None:
    """Where, and how many."""
    assert ann.json("mask domain list") == [{"domain": "example.org", "allowed": True}]
    ann("mask limit ann 0")
    assert "may have 0" in ann.attempt("mask add ann")[2]
    ann("mask limit ann")
    ann("mask domain set example.org --forbidden")
    assert "ask the administrator" in ann.attempt("mask add ann")[2]
    assert "say --allowed" in ann.attempt("mask domain set example.org")[2]
    ann("mask domain set example.org --allowed")
    ann("mask add ann")
