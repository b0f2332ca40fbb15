"""The command `pillarbox`: from what was typed to a function of workers.commands, and from its result to paper.

Exit status: 0 all well, 1 something is wrong (one line on standard error says what), 2 it
was typed wrong; `sendmail` has its own.  Nothing is imported that a verb does not need.
"""
import argparse
import io
import os
import re
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from mta import VERSION
from mta.base.errors import PillarboxError
from workers.auditing import Audited
from workers.verb import Verb
from workers.verbs import GROUPS, VERBS

if TYPE_CHECKING:
    from workers.commands.paper import Result
    from workers.commands.site import Site

EPILOG = """\
Which server: --dir for one of `pillarbox localserve`, --config for a real one; otherwise
/etc/pillarbox/pillarbox.toml if it is there, else the directory that localserve uses.

examples:
  pillarbox localserve                    look at it, on this machine alone
  pillarbox check                         is everything in order?
  pillarbox domain add example.org        take mail for a domain
  pillarbox account add ann --address ann@example.org
"""


#: Names under which the command is also found, and what that means.
CALLED: Final = {"sendmail": ["sendmail"], "mailq": ["sendmail", "-bp"], "newaliases": ["sendmail", "-bi"]}


class Parser(argparse.ArgumentParser):
    """argparse's, with short messages."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Say what was typed wrong, and perhaps what was meant; exit status 2."""
        if self._subparsers and "invalid choice" in message and (typed := re.search(r"invalid choice: '(.*?)'", message)):
            near = get_close_matches(typed[1], self.verbs(), n=1)
            message = f"there is no verb {typed[1]!r}{f', perhaps {near[0]!r}' if near else ''}; `{self.prog} --help` lists them"
        super().error(message)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Leave, after all that was printed is written: an OSError may come of that."""
        sys.stdout.flush()
        super().exit(status, message)

    def verbs(self) -> list[str]:
        """The words that may follow."""
        return [word for action in self._subparsers._group_actions for word in action.choices or ()] if self._subparsers else []


def main(typed: Sequence[str] | None = None) -> int:
    """Run what was typed; returns the exit status."""
    words = list(sys.argv[1:] if typed is None else typed)
    if typed is None:
        _open_streams()
        words = [*CALLED.get(Path(sys.argv[0]).name, ()), *words]
    try:
        status = _run(read(words))
        sys.stdout.flush()
        return status
    except PillarboxError as problem:
        print("\n".join(f"pillarbox: {line}" for line in str(problem).splitlines()), file=sys.stderr)
    except BrokenPipeError:
        pass    # whoever read our output has seen enough
    except OSError as problem:
        place = f"{problem.filename}: " if problem.filename else ""
        print(f"pillarbox: {place}{problem.strerror or problem}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    _drop_output()
    return 1


def _open_streams() -> None:
    """Give standard input, output and error a place to go if we were started without, and any character a form.

    Otherwise the next file we open would be one of them, and what we print would end up in it.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # The lowest free number is this one, since those below it are open.
            setattr(sys, name, open(os.open(os.devnull, os.O_RDWR), mode))    # noqa: SIM115  # stays open
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """What could not be written must not be tried, and complained about, once more at the end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: argparse.Namespace) -> int:
    from workers.commands.paper import show
    from workers.commands.site import Site

    verb: Verb = arguments.verb
    with Site(arguments.dir, arguments.config) as site:
        result = _work(site, verb, arguments)
        if isinstance(result, int):
            return result
        show(result, as_json=getattr(arguments, "json", False), columns=verb.columns)
    return 0


def _work(site: "Site", verb: Verb, arguments: argparse.Namespace) -> "Result":
    """Do what a verb says; a change has an entry in the audit log."""
    module, _, function = verb.code.partition(":")
    work = getattr(import_module(f"workers.commands.{module}"), function)
    audited = site.audited = Audited(verb, arguments, site.user)
    try:
        result: Result = work(site, arguments)
    except BaseException as problem:
        audited.closed(type(problem).__name__)
        raise
    audited.closed(f"status {result}" if isinstance(result, int) and result else "ok")
    return result


def read(words: list[str]) -> argparse.Namespace:
    """What was typed, with `verb` the row of the table; leaves the program if it cannot be understood."""
    if words[:1] == ["help"]:
        words = [*words[1:], "--help"]
    words = _spelled_out(words)
    parser = make_parser(words)
    # A drop-in sendmail has options of the 1980s (-oi, -bs, -f), which argparse would misread.
    at = words.index("sendmail") if "sendmail" in words else -1
    if at >= 0 and words[at + 1:] != ["--help"] and all(
            word.startswith("--") or words[place - 1] in ("--dir", "--config") for place, word in enumerate(words[:at])):
        arguments = parser.parse_args(words[:at + 1])
        arguments.words = words[at + 1:]
    else:
        arguments = parser.parse_args(words)
    if arguments.verb is None:
        arguments.helper.print_help(sys.stderr)
        raise SystemExit(2)
    del arguments.helper    # with it goes the parser: 2 MB, for as long as a server runs
    return arguments


def _spelled_out(words: list[str]) -> list[str]:
    """`backup DEST` is short for `backup make DEST`."""
    at = next((place for place, word in enumerate(words)
               if not word.startswith("-") and (not place or words[place - 1] not in ("--dir", "--config"))), None)
    if at is None or words[at] != "backup" or words[at + 1:at + 2] in (["--help"], ["-h"]):
        return words
    known = {verb.words.split()[1] for verb in VERBS if verb.words.startswith("backup ")}
    return words if words[at + 1:at + 2] and words[at + 1] in known else [*words[:at + 1], "make", *words[at + 1:]]


def make_parser(words: Sequence[str] | None = None) -> Parser:
    """The whole table as an argument parser, or so much of it as words can mean, which takes a fifth of the time."""
    parser = Parser(prog="pillarbox", description="A complete mail server for one machine.", epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"pillarbox {VERSION}")
    which = Parser(add_help=False)
    for where, default in ((parser, None), (which, argparse.SUPPRESS)):
        where.add_argument("--dir", type=Path, metavar="DIR", default=default, help="directory of a localserve")
        where.add_argument("--config", type=Path, metavar="FILE", default=default, help="configuration of a server")
    parser.set_defaults(verb=None, helper=parser)
    top = parser.add_subparsers(title="verbs", metavar="VERB")
    groups = {"": top}
    for verb in VERBS:
        group, _, word = verb.words.rpartition(" ")
        if words is None or not group or group.split()[0] in words:
            home = _group(groups, group)
            if words is None or word in words:
                _add(home, word, verb, which)
            else:
                home.add_parser(word, help=verb.help)
        else:
            _group(groups, group.split()[0])
    return parser


def _group(groups: "dict[str, argparse._SubParsersAction[Parser]]", group: str) -> "argparse._SubParsersAction[Parser]":
    """Where the verbs of a group are added; it is made, with those that it is in, if it is not there yet."""
    if group not in groups:
        outer, _, word = group.rpartition(" ")
        examples = _examples(line for verb in VERBS if verb.words.startswith(f"{group} ") for line in verb.examples)
        inner = _group(groups, outer).add_parser(word, help=GROUPS[group], description=GROUPS[group], epilog=examples)
        inner.set_defaults(verb=None, helper=inner)
        groups[group] = inner.add_subparsers(title="verbs", metavar="VERB")
    return groups[group]


def _add(home: "argparse._SubParsersAction[Parser]", word: str, verb: Verb, which: Parser) -> None:
    parser = home.add_parser(
        word, help=verb.help, description="\n\n".join(filter(None, (verb.help, verb.more))), parents=[which],
        epilog=_examples(verb.examples))
    parser.set_defaults(verb=verb)
    for argument in verb.takes:
        parser.add_argument(*argument.names, **argument.options)
    if verb.data:
        parser.add_argument("--json", action="store_true", help="print a list of objects for machines")


def _examples(lines: Iterable[str]) -> str:
    return "\n".join(["examples:", *(f"  {line}" for line in lines)])


if __name__ == "__main__":
    sys.exit(main())
