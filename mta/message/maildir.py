"""The Maildir format: a file for each message, whose name says its flags; folders in two layouts.

`base:2,FS` is a message with flags; small letters are keywords, of which dovecot-keywords in
the same folder says what they mean.  Folders are directories with a dot at the beginning
and between their parts (Maildir++), or directories within directories (fs).
"""
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from mta.message import mutf7
from mta.message.flags import BY_NAME, NAMES, Flags

LETTERS: Final = {"P": Flags.FORWARDED, "R": Flags.ANSWERED, "S": Flags.SEEN, "T": Flags.DELETED, "D": Flags.DRAFT, "F": Flags.FLAGGED}
#: Flags that have a letter; the others travel as keywords.
LETTERED: Final = Flags.FORWARDED | Flags.ANSWERED | Flags.SEEN | Flags.DELETED | Flags.DRAFT | Flags.FLAGGED
#: Where the flags begin in a name; where a colon cannot be had, others are used.
INFO: Final = re.compile(r"[:;!]2,([A-Za-z]*)$")
#: Keywords that have a letter.
MOST_KEYWORDS: Final = 26
#: A file of ours beside dovecot-keywords, for keywords that have no letter: a name without its flags, a tab, keywords.
FURTHER: Final = "pillarbox-keywords"


def split(path: str) -> tuple[str, str, str] | None:
    """(folder, "cur" or "new", name) of a message's path; None if it is no path of one."""
    parts = path.split("/")
    if len(parts) < 2 or parts[-2] not in ("cur", "new") or not parts[-1] or parts[-1].startswith("."):
        return None
    return "/".join(parts[:-2]), parts[-2], parts[-1]


def base(name: str) -> str:
    """The name without its flags."""
    return INFO.sub("", name)


def flags(name: str, keywords: Mapping[int, str]) -> tuple[Flags, tuple[str, ...]]:
    """The flags and keywords that the name of a message has; keywords are those of its folder by number."""
    found, words = Flags.NONE, []
    info = INFO.search(name)
    for letter in info[1] if info else "":
        found |= LETTERS.get(letter, Flags.NONE)
        if letter.islower() and (word := keywords.get(ord(letter) - ord("a"))):
            words.append(word)
    return found, tuple(words)


def arrived(name: str) -> float | None:
    """When the message came by its name, seconds since 1970."""
    number = name.partition(".")[0]
    return float(number) if number.isascii() and number.isdigit() and len(number) <= 11 else None


def read_keywords(text: str) -> dict[int, str]:
    """What dovecot-keywords says: keyword by number."""
    found = {}
    for line in text.splitlines()[:MOST_KEYWORDS]:
        number, _, word = line.strip().partition(" ")
        if number.isascii() and number.isdigit() and word:
            found[int(number[:4])] = word
    return found


def write_keywords(words: Sequence[str]) -> bytes:
    """dovecot-keywords with the first of words."""
    return "".join(f"{number} {word}\n" for number, word in enumerate(words[:MOST_KEYWORDS])).encode()


def read_further(text: str) -> dict[str, tuple[str, ...]]:
    """Keywords without a letter, by the names of messages without flags."""
    return {name: tuple(words.split()) for name, tab, words in (line.partition("\t") for line in text.splitlines()) if tab}


def name_of(number: int, received: float, flags: Flags, letters: Iterable[int]) -> str:
    """A name for a message: number tells it from all others, letters are the numbers of its keywords."""
    info = "".join(sorted(letter for letter, flag in LETTERS.items() if flags & flag))
    info += "".join(chr(ord("a") + letter) for letter in sorted(letters))
    return f"{int(received)}.M{number}.pillarbox:2,{info}"


def keywords_of(flags: Flags, keywords: Iterable[str]) -> list[str]:
    """keywords, and the flags that have no letter, as keywords."""
    return [*(name for flag, name in NAMES.items() if flags & flag & ~LETTERED), *keywords]


def as_flags(words: Iterable[str]) -> tuple[Flags, tuple[str, ...]]:
    """Keywords of other programs: those that are flags of ours, and the others."""
    found, others = Flags.NONE, []
    for word in words:
        flag = ALIASES.get(word.lower())
        if flag is None:
            others.append(word)
        else:
            found |= flag
    return found, tuple(others)


#: Names of flags, and what programs called them before there was a registry.
ALIASES: Final = BY_NAME | {
    "junk": Flags.JUNK, "nonjunk": Flags.NOT_JUNK, "notjunk": Flags.NOT_JUNK, "$nonjunk": Flags.NOT_JUNK, "forwarded": Flags.FORWARDED,
    "$mdnsent": Flags.MDN_SENT, "mdnsent": Flags.MDN_SENT, "\\recent": Flags.NONE}


def mailbox_name(folder: str) -> str:
    """The mailbox that a folder is, seen from the top of the Maildir: "" is the Inbox; parts are divided by /."""
    if not folder:
        return "Inbox"
    parts: list[str] = []
    for step in folder.split("/"):
        # Maildir++: ".Archive.2024"; fs: "Archive/2024", where a dot is a character like others.
        names = step[1:].split(".") if step.startswith(".") else [step]
        parts += [mutf7.decode(name).replace("/", "_") for name in names if name]
    return "/".join(parts)


def folder_name(mailbox: str) -> str:
    """The Maildir++ folder of a mailbox; the Inbox is the Maildir itself ("")."""
    if mailbox == "Inbox":
        return ""
    # A dot within a name would divide it; written as UTF-7 it means the same and divides nothing.
    parts = [mutf7.encode(part).replace(".", "&AC4-") for part in mailbox.split("/")]
    return "." + ".".join(parts)
