"""What a verb of the command line is: a row of the table in workers.verbs, and what it takes."""
from argparse import ArgumentTypeError
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Argument:
    """What argparse's add_argument takes."""

    names: tuple[str, ...]
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verb:
    """words as typed; code as module:function in workers.commands; more is said by its own --help alone.

    data: it prints data and so takes --json.  Of that people are shown columns, machines all.
    """

    words: str
    code: str
    help: str
    takes: tuple[Argument, ...] = ()
    examples: tuple[str, ...] = ()
    data: bool = False
    columns: tuple[str, ...] = ()
    more: str = ""


def take(*names: str, **options: Any) -> Argument:
    """One argument or option of a verb."""
    return Argument(names, options)


def choice(yes: str, no: str, help: str) -> tuple[Argument, Argument]:
    """A pair of options that switch one thing on and off; neither leaves it as it is (None)."""
    name = yes.removeprefix("--").replace("-", "_")
    return (take(yes, dest=name, action="store_true", default=None, help=help),
            take(no, dest=name, action="store_false", default=None, help=f"the opposite of {yes}"))


def count(text: str) -> int:
    """A number from 1 on; ArgumentTypeError if it is none."""
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


DOMAIN = take("domain", metavar="DOMAIN", help="a domain, like example.org")
ZONE = take("--zone", metavar="FILE", help="ask this master file instead of the DNS; NAME TIMEOUT and NAME SERVFAIL are names in trouble")
