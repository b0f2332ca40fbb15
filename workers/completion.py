"""Completion of the command line by the shells, from the table of verbs.

Each script finds out at which place of the tree the words lead to, passing over options
and their values, and offers the words, options or files that may follow there.
"""
from collections.abc import Callable, Mapping
from typing import Final

from workers.verb import Argument
from workers.words import Place, is_path, places, repeats, takes_value, values

HEAD: Final = "# Completion of pillarbox for {}, made by `pillarbox completion {}`.\n"


def script(shell: str) -> str:
    """The script for "bash", "zsh" or "fish"."""
    return SHELLS[shell](places())


def _valued(found: Mapping[str, Place]) -> list[str]:
    """Shell patterns of "place|option" for the options that a value follows; quoted all but a * for every place."""
    switches = {name for place in found.values() for option in place.options if not takes_value(option) for name in option.names}
    patterns = (f"*'|{name}'" if name not in switches else f"'{place.words}|{name}'"
                for place in found.values() for option in place.options if takes_value(option) for name in option.names)
    return sorted(set(patterns))


def _wanted(argument: Argument) -> str:
    """What is offered for a value: words, or "<file>"; "" if only the user knows."""
    return " ".join(values(argument)) or ("<file>" if is_path(argument) else "")


def _by_option(found: Mapping[str, Place]) -> dict[str, str]:
    """For "place|option" what is offered as its value."""
    return {f"{place.words}|{name}": wanted for place in found.values() for option in place.options
            if takes_value(option) and (wanted := _wanted(option)) for name in option.names}


def _by_argument(found: Mapping[str, Place]) -> dict[str, str]:
    """For "place|number" of an argument, from 0 on, what is offered; "place|*" for any from there on."""
    offered = {}
    for place in found.values():
        for number, argument in enumerate(place.arguments):
            if wanted := _wanted(argument):
                offered[f"{place.words}|{'*' if repeats(argument) else number}"] = wanted
    return offered


# --- bash ---------------------------------------------------------------------------------


BASH: Final = r"""
_pillarbox() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} place= number=0 valued= word offered= at
    for ((at = 1; at < COMP_CWORD; at++)); do
        word=${COMP_WORDS[at]}
        if [[ $valued ]]; then valued=; continue; fi
        case "$place|$word" in
            @VALUED@) valued=1; continue ;;
            *'|-'?*) continue ;;
        esac
        case "${place:+$place }$word" in
@PLACES@) place="${place:+$place }$word" ;;
            *) ((number++)) ;;
        esac
    done
    COMPREPLY=()
    if [[ $valued ]]; then
        case "$place|$previous" in
@VALUES@        esac
    elif [[ $current == -* ]]; then
        case $place in
@OPTIONS@        esac
    else
        case "$place|$number" in
@WORDS@        esac
        case "$place|$number" in
@ARGUMENTS@        esac
    fi
    if [[ $offered == '<file>' ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        compopt -o filenames 2>/dev/null
    else
        mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$current")
    fi
}
complete -F _pillarbox pillarbox
"""


def _bash(found: Mapping[str, Place]) -> str:
    return HEAD.format("bash", "bash") + _filled(BASH, {
        "VALUED": "|".join(_valued(found)),
        "PLACES": _paths(found),
        "VALUES": _cases(_by_option(found), '"{}"', "offered='{}'"),
        "OPTIONS": _cases(_options(found), '"{}"', "offered='{}'"),
        "WORDS": _cases(
            {f"{words}|0": " ".join(place.following) for words, place in found.items() if place.following}, '"{}"', "offered='{}'"),
        "ARGUMENTS": _cases(_by_argument(found), '"{}"', "offered='{}'")})


def _options(found: Mapping[str, Place]) -> dict[str, str]:
    return {words: " ".join(name for option in place.options for name in option.names) for words, place in found.items()}


def _paths(found: Mapping[str, Place]) -> str:
    return "            " + "|\\\n            ".join(f'"{words}"' for words in found if words)


def _cases(table: Mapping[str, str], pattern: str, action: str) -> str:
    lines = []
    for key, value in table.items():
        words, _, number = key.rpartition("|")
        label = pattern.format(key) if number != "*" else f"{pattern.format(f'{words}|')}*"
        lines.append(f"            {label}) {action.format(value)} ;;\n")
    return "".join(lines)


def _filled(template: str, parts: Mapping[str, str]) -> str:
    text = template.lstrip("\n")
    for name, part in parts.items():
        text = text.replace(f"@{name}@", part)
    return text


# --- zsh -------------------------------------------------------------------------------------


ZSH: Final = r"""
_pillarbox() {
    local place= number=0 valued= word previous=${words[CURRENT-1]} at
    local -a offered
    for ((at = 2; at < CURRENT; at++)); do
        word=${words[at]}
        if [[ -n $valued ]]; then valued=; continue; fi
        case "$place|$word" in
            @VALUED@) valued=1; continue ;;
            *'|-'?*) continue ;;
        esac
        case "${place:+$place }$word" in
@PLACES@) place="${place:+$place }$word" ;;
            *) ((number++)) ;;
        esac
    done
    if [[ -n $valued ]]; then
        case "$place|$previous" in
@VALUES@        esac
    elif [[ ${words[CURRENT]} == -* ]]; then
        case $place in
@OPTIONS@        esac
        _describe -o option offered
        return
    else
        case "$place|$number" in
@WORDS@        esac
        case "$place|$number" in
@ARGUMENTS@        esac
    fi
    if [[ ${offered[1]} == '<file>' ]]; then
        _files
    else
        _describe word offered
    fi
}
if [[ ${funcstack[1]} == _pillarbox ]]; then
    _pillarbox "$@"
else
    compdef _pillarbox pillarbox
fi
"""


def _zsh(found: Mapping[str, Place]) -> str:
    options = {
        words: " ".join(_described(name, option.options["help"]) for option in place.options for name in option.names)
        for words, place in found.items()}
    following = {
        f"{words}|0": " ".join(_described(word, help) for word, help in place.following.items())
        for words, place in found.items() if place.following}
    quoted = {key: " ".join(f"'{word}'" for word in value.split(" ")) for key, value in _by_option(found).items()}
    arguments = {key: " ".join(f"'{word}'" for word in value.split(" ")) for key, value in _by_argument(found).items()}
    return "#compdef pillarbox\n" + HEAD.format("zsh", "zsh") + _filled(ZSH, {
        "VALUED": "|".join(_valued(found)),
        "PLACES": _paths(found),
        "VALUES": _cases(quoted, '"{}"', "offered=({})"),
        "OPTIONS": _cases(options, '"{}"', "offered=({})"),
        "WORDS": _cases(following, '"{}"', "offered=({})"),
        "ARGUMENTS": _cases(arguments, '"{}"', "offered=({})")})


def _described(word: str, help: str) -> str:
    r"""word:help as _describe wants it, in single quotes; a colon of the word would end it, and \ hides one."""
    text = f"{word}:{help}"
    return "'" + text.replace("'", "'\\''") + "'"


# --- fish ------------------------------------------------------------------------------------


FISH: Final = r"""
function __pillarbox_place --description 'Where the words so far lead to: place|number of arguments after it'
    set -l place
    set -l number 0
    set -l valued
    for word in (commandline -opc)[2..-1]
        if test -n "$valued"
            set valued
            continue
        end
        switch "$place|$word"
            case @VALUED@
                set valued 1
                continue
            case '*|-?*'
                continue
        end
        set -l next (string trim "$place $word")
        switch $next
            case @PLACES@
                set place $next
            case '*'
                set number (math $number + 1)
        end
    end
    echo "$place|$number"
end
function __pillarbox_at
    string match -q -- "$argv[1]" (__pillarbox_place)
end
complete -c pillarbox -f
"""


def _fish(found: Mapping[str, Place]) -> str:
    lines = [_filled(FISH, {
        "VALUED": " ".join(_valued(found)).replace("*'", "'*"),
        "PLACES": " ".join(f"'{words}'" for words in found if words)})]
    for words, place in found.items():
        for word, help in place.following.items():
            lines.append(f"complete -c pillarbox -n \"__pillarbox_at '{words}|0'\" -a {word} -d {_fish_text(help)}\n")
        for number, argument in enumerate(place.arguments):
            at = f"-n \"__pillarbox_at '{words}|{'*' if repeats(argument) else number}'\""
            if values(argument):
                lines.append(f"complete -c pillarbox {at} -a '{' '.join(values(argument))}' -d {_fish_text(argument.options['help'])}\n")
            elif is_path(argument):
                lines.append(f"complete -c pillarbox {at} -F\n")
        for option in place.options:
            lines += [_fish_option(words, name, option) for name in option.names]
    return HEAD.format("fish", "fish") + "".join(lines)


def _fish_option(words: str, name: str, option: Argument) -> str:
    kind = f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
    value = ""
    if takes_value(option):
        value = f" -x -a '{' '.join(values(option))}'" if values(option) else " -r -F" if is_path(option) else " -x"
    return f"complete -c pillarbox -n \"__pillarbox_at '{words}|*'\" {kind}{value} -d {_fish_text(option.options['help'])}\n"


def _fish_text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SHELLS: Final[Mapping[str, Callable[[Mapping[str, Place]], str]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
