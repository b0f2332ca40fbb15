r"""The manual page of the command, from the table of verbs, in the man macros of troff (man(7)).

docs/pillarbox.1 is this page; a test proves that it is fresh.
"""
from collections.abc import Iterator

from workers.command import EPILOG
from workers.verb import Verb
from workers.verbs import GROUPS, VERBS
from workers.words import EVERYWHERE, JSON, VERSION_OPTION, arguments_of, is_option, shown

STATUS = (
    ("0", "All well."), ("1", "Something is wrong; one line on standard error says what."), ("2", "It was typed wrong."),
    ("64\\(en77", "Of sendmail alone, as in <sysexits.h>."))
PLAIN = str.maketrans({"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"})
FILES = (
    ("/etc/pillarbox/pillarbox.toml", "The configuration, unless --config names another; \"pillarbox config sample\" prints one."),
    ("~/.local/share/pillarbox-local", "The directory of localserve, unless --dir names another."))


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield '.\\" Made by "pillarbox manual" from the table of verbs.  Do not edit.'
    yield '.TH PILLARBOX 1 "" "Pillarbox" "User Commands"'
    yield from (".SH NAME", "pillarbox \\- a complete mail server for one machine", ".SH SYNOPSIS", ".B pillarbox",
                ".RI [ options \"] \" verb \" [\" arguments ]")
    which, _, examples = EPILOG.partition("\n\n")
    yield from (".SH DESCRIPTION", _text(
        "Pillarbox receives, checks, stores, sends and shows mail for your own domains. This command runs the server, says whether all "
        "is in order, and does everything that the administration in the browser does."), ".PP", _text(" ".join(which.split())))
    yield ".SH OPTIONS"
    for option in (*EVERYWHERE, VERSION_OPTION):
        yield from _item(shown(option), option.options["help"])
    yield from _item(shown(JSON), f"{JSON.options['help']}; every verb that prints data takes it")
    yield from (".SH EXAMPLES", ".nf", *(_text(line.strip()) for line in examples.splitlines()[1:] if line.strip()), ".fi")
    yield ".SH VERBS"
    for verb in (verb for verb in VERBS if " " not in verb.words):
        yield from _verb(verb)
    for group, help in GROUPS.items():
        yield from (f".SS {_text(group)}", _text(help))
        for verb in VERBS:
            if verb.words.rpartition(" ")[0] == group:
                yield from _verb(verb)
    yield ".SH EXIT STATUS"
    for status, meaning in STATUS:
        yield from (".TP", f".B {status}", _text(meaning))
    yield ".SH FILES"
    for path, meaning in FILES:
        yield from _item(path, meaning)


def _verb(verb: Verb) -> Iterator[str]:
    own = [argument for argument in verb.takes if is_option(argument)]
    words = [f"[{shown(option)}]" if not option.options.get("required") else shown(option) for option in own]
    words += [f"[{shown(argument)}]" if argument.options.get("nargs") in ("?", "*") else shown(argument) for argument in arguments_of(verb)]
    if verb.data:
        words.append("[--json]")
    yield from (".TP", f"\\fBpillarbox {_text(verb.words)}\\fR {_text(' '.join(words))}".rstrip(), _text(verb.help))
    if verb.takes:
        yield ".RS"
        for argument in (*arguments_of(verb), *own):
            yield from _item(shown(argument), argument.options["help"])
        yield ".RE"
    if verb.more:
        yield from (".RS", ".PP", ".nf", *map(_text, verb.more.splitlines()), ".fi", ".RE")
    yield from (".RS", ".PP", "Examples:", ".nf", *(_text(example) for example in verb.examples), ".fi", ".RE")


def _item(name: str, text: str) -> Iterator[str]:
    yield from (".TP", f"\\fB{_text(name)}\\fR", _text(text))


def _text(text: str) -> str:
    """Text that troff prints as it is: no requests, no escapes, and dashes, quotes and the like that can be copied."""
    out = text.translate(PLAIN)
    return f"\\&{out}" if out.startswith((".", "'")) else out
