"""The command `pillarbox`: from what was typed to a function of workers.commands, and from its result to paper.

Exit status: 0 all well, 1 something is wrong (one line on standard error says what), 2 it
was typed wrong; `sendmail` has its own.  Nothing is imported that a verb does not need.
"""
import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from mta.base.errors import PillarboxError
from workers.verbs import GROUPS, VERBS, Verb

EPILOG = """\
Which server: --dir for one of `pillarbox localserve`, --config for a real one; otherwise
/etc/pillarbox/pillarbox.toml if it is there, else the directory that localserve uses.

examples:
  pillarbox localserve                    look at it, on this machine alone
  pillarbox check                         is everything in order?
  pillarbox domain add example.org        take mail for a domain
  pillarbox account add ann --address ann@example.org
"""


def main(typed: Sequence[str] | None = None) -> int:
    """Run what was typed; returns the exit status."""
    words = list(sys.argv[1:] if typed is None else typed)
    if typed is None and Path(sys.argv[0]).name == "sendmail":
        words = ["sendmail", *words]
    arguments = read(words)
    try:
        return _run(arguments)
    except PillarboxError as problem:
        print(f"pillarbox: {problem}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is left in the buffer must not complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as problem:
        place = f"{problem.filename}: " if problem.filename else ""
        print(f"pillarbox: {place}{problem.strerror or problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(arguments: argparse.Namespace) -> int:
    from workers.commands.paper import show
    from workers.commands.site import Site

    module, _, function = arguments.verb.code.partition(":")
    work = getattr(import_module(f"workers.commands.{module}"), function)
    with Site(arguments.dir, arguments.config) as site:
        result = work(site, arguments)
        if isinstance(result, int):
            return result
        show(result, as_json=getattr(arguments, "json", False))
        sys.stdout.flush()
    return 0


def read(words: list[str]) -> argparse.Namespace:
    """What was typed, with `verb` the row of the table; leaves the program if it cannot be understood."""
    parser = make_parser()
    # A drop-in sendmail has options of the 1980s (-oi, -bs, -f), which argparse would misread.
    at = words.index("sendmail") if "sendmail" in words else -1
    if at >= 0 and all(word.startswith("--") or words[place - 1] in ("--dir", "--config") for place, word in enumerate(words[:at])):
        arguments = parser.parse_args(words[:at + 1])
        arguments.words = words[at + 1:]
    else:
        arguments = parser.parse_args(words)
    if getattr(arguments, "verb", None) is None:
        arguments.helper.print_help()
        raise SystemExit(2)
    return arguments


def make_parser() -> argparse.ArgumentParser:
    """The whole table as an argument parser."""
    parser = argparse.ArgumentParser(
        prog="pillarbox", description="A complete mail server for one machine.", epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    which = argparse.ArgumentParser(add_help=False)
    for home, default in ((parser, None), (which, argparse.SUPPRESS)):
        home.add_argument("--dir", type=Path, metavar="DIR", default=default, help="directory of a localserve")
        home.add_argument("--config", type=Path, metavar="FILE", default=default, help="configuration of a server")
    parser.set_defaults(verb=None, helper=parser)
    top = parser.add_subparsers(title="verbs", metavar="VERB")
    groups = {}
    for verb in VERBS:
        group, _, word = verb.words.partition(" ")
        if not word:
            _add(top, group, verb, which)
            continue
        if group not in groups:
            inner = top.add_parser(group, help=GROUPS[group], description=GROUPS[group])
            inner.set_defaults(verb=None, helper=inner)
            groups[group] = inner.add_subparsers(title="verbs", metavar="VERB")
        _add(groups[group], word, verb, which)
    return parser


def _add(home: "argparse._SubParsersAction[argparse.ArgumentParser]", word: str, verb: Verb, which: argparse.ArgumentParser) -> None:
    examples = "".join(f"\n  {line}" for line in verb.examples)
    parser = home.add_parser(
        word, help=verb.help, description=verb.help, parents=[which], epilog=f"examples:{examples}" if examples else None,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    for argument in verb.takes:
        parser.add_argument(*argument.names, **argument.options)
    if verb.data:
        parser.add_argument("--json", action="store_true", help="print a list of objects for machines")
    parser.set_defaults(verb=verb)


if __name__ == "__main__":
    sys.exit(main())
