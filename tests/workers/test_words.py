"""workers.words: the tree that completion and the manual page are made of."""
import pytest

from workers.verb import Argument, choice, take
from workers.verbs import GROUPS, VERBS
from workers.words import JSON, is_option, is_path, places, repeats, shown, takes_value, values


def test_every_place_can_be_reached() -> None:
    """The tree has each verb and group once, below its words."""
    found = places()
    assert set(found) == {"", *GROUPS, *(verb.words for verb in VERBS)}
    for words, place in found.items():
        above, _, word = words.rpartition(" ")
        assert not words or word in found[above].following
        assert not (place.following and place.arguments)


def test_a_place_knows_what_may_follow() -> None:
    """Options of the verb and those of all, --json where data is printed, arguments in order."""
    found = places()
    listing, sample = found["queue list"], found["config sample"]
    assert [option.names[0] for option in listing.options] == [
        "--sender", "--recipient", "--account", "--next-hop", "--state", "--held", "--not-held", "--limit",
        "--json", "--dir", "--config", "--help"]
    assert JSON not in sample.options
    assert [shown(argument) for argument in found["junk train"].arguments] == ["ACCOUNT", "junk|good", "ID..."]
    assert found["queue"].following["list"] == "List the mail that waits for other servers."
    assert "--version" in [option.names[0] for option in found[""].options]


@pytest.mark.parametrize(("argument", "text", "value", "path"), [
    (take("--limit", metavar="N"), "--limit N", True, False),
    (take("--json", action="store_true"), "--json", False, False),
    (take("--header", metavar="NAME:PATTERN", action="append"), "--header NAME:PATTERN", True, False),
    (take("--zone", metavar="FILE"), "--zone FILE", True, True),
    (take("--level", choices=("a", "b")), "--level a|b", True, False),
    (take("--plain"), "--plain VALUE", True, False),
    (choice("--on", "--off", "switch")[1], "--off", False, False),
], ids=lambda value: value.names[0] if isinstance(value, Argument) else None)
def test_options(argument: Argument, text: str, value: bool, path: bool) -> None:
    """How each is written, and whether a word follows it."""
    assert (shown(argument), takes_value(argument), is_path(argument), is_option(argument)) == (text, value, path, True)


def test_arguments() -> None:
    """What is no option: once or several times, any word or one of a few."""
    several, few = take("ids", metavar="ID", nargs="+"), take("shell", choices=("bash", "zsh"))
    assert (shown(several), repeats(several), values(several)) == ("ID...", True, ())
    assert (shown(few), repeats(few), values(few)) == ("bash|zsh", False, ("bash", "zsh"))
    assert shown(take("name")) == "NAME"
