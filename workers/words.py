"""The table of verbs as a tree of words, for what is generated of it: completion and the manual page."""
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from workers.verb import Argument, Verb, take
from workers.verbs import GROUPS, VERBS

#: What every verb takes.
EVERYWHERE: Final = (
    take("--dir", metavar="DIR", help="directory of a localserve"),
    take("--config", metavar="FILE", help="configuration of a server"),
    take("--help", action="store_true", help="say how it is used"))
JSON: Final = take("--json", action="store_true", help="print a list of objects for machines")
VERSION_OPTION: Final = take("--version", action="store_true", help="print the version")


@dataclass(slots=True)
class Place:
    """Where one may be on a command line: words so far, and the words, options and arguments that may follow."""

    words: str
    help: str = ""
    following: dict[str, str] = field(default_factory=dict)
    options: tuple[Argument, ...] = ()
    arguments: tuple[Argument, ...] = ()


def places() -> dict[str, Place]:
    """All places by their words; "" is the beginning."""
    found = {"": Place("", options=(*EVERYWHERE, VERSION_OPTION))}
    for verb in VERBS:
        words = verb.words.split()
        for length in range(1, len(words)):
            group = " ".join(words[:length])
            found.setdefault(group, Place(group, GROUPS[group], options=EVERYWHERE))
            found[" ".join(words[:length - 1])].following.setdefault(words[length - 1], GROUPS[group])
        found[" ".join(words[:-1])].following[words[-1]] = verb.help
        place = found.setdefault(verb.words, Place(verb.words))
        place.help, place.options, place.arguments = verb.help, options_of(verb), arguments_of(verb)
    return found


def options_of(verb: Verb) -> tuple[Argument, ...]:
    """What a verb takes that begins with a dash."""
    own = tuple(argument for argument in verb.takes if is_option(argument))
    return (*own, *([JSON] if verb.data else []), *EVERYWHERE)


def arguments_of(verb: Verb) -> tuple[Argument, ...]:
    """What a verb takes that does not."""
    return tuple(argument for argument in verb.takes if not is_option(argument))


def is_option(argument: Argument) -> bool:
    """Whether it begins with a dash."""
    return argument.names[0].startswith("-")


def takes_value(option: Argument) -> bool:
    """Whether a word follows the option."""
    return option.options.get("action", "store") in ("store", "append")


def repeats(argument: Argument) -> bool:
    """Whether an argument may be several words."""
    return argument.options.get("nargs") in ("*", "+")


def values(argument: Argument) -> tuple[str, ...]:
    """The words that may stand for an argument, if they are few."""
    return tuple(argument.options.get("choices") or ())


def is_path(argument: Argument) -> bool:
    """Whether an argument names a file or a folder."""
    return argument.options.get("metavar") in ("FILE", "DIR", "PATH", "ARCHIVE")


def shown(argument: Argument) -> str:
    """How it is written in a synopsis: --limit N, ACCOUNT, ID..."""
    if not is_option(argument):
        name = argument.options.get("metavar") or "|".join(values(argument)) or argument.names[0].upper()
        return f"{name}..." if repeats(argument) else name
    names = ", ".join(argument.names)
    if not takes_value(argument):
        return names
    return f"{names} {argument.options.get('metavar') or '|'.join(values(argument)) or 'VALUE'}"


def walk() -> Iterator[Place]:
    """The places in the order of the table."""
    yield from places().values()
