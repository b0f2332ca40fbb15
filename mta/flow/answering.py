"""What an answer or a forward begins with: to whom, under which subject, with what text.

Pure reckoning over a message that was read (flow.reading.Letter); flow.drafting makes a
draft of it.
"""
import re
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from html import escape
from typing import Final
from urllib.parse import unquote

from mta.base.names import Address
from mta.flow.reading import Letter
from mta.message.address import Mailbox, parse_list
from mta.message.compose import reply_references, reply_subject

#: An address in List-Post.
POST: Final = re.compile(r"<\s*mailto:([^>?]+)[^>]*>", re.IGNORECASE)
#: Where a signature begins (RFC 3676 §4.3).
SIGNATURE: Final = re.compile(r"^-- $", re.MULTILINE)


def subject(letter: Letter, prefix: str) -> str:
    """The subject with "Re" or "Fwd" in front, once."""
    return reply_subject(letter.summary.subject, prefix)


def recipients(letter: Letter, own: Callable[[Address], bool], everybody: bool) -> tuple[list[Mailbox], list[Mailbox]]:
    """(To, Cc) of an answer: to whom the author wants it, or if we wrote it ourselves to whom it went.

    With everybody the others who got it are in Cc; own says which addresses are ours,
    which get no copy.
    """
    authors = [mailbox for mailbox in letter.reply_to or letter.summary.from_ if mailbox.address]
    ours = bool(authors) and all(mailbox.address is not None and own(mailbox.address) for mailbox in authors)
    to = list(letter.summary.to) if ours and letter.summary.to else authors
    cc = [*letter.cc] if ours else [*letter.summary.to, *letter.cc]
    to = _unique(to, ())
    if not everybody:
        return to, []
    named = {mailbox.address for mailbox in to}
    return to, [mailbox for mailbox in _unique(cc, named) if mailbox.address is None or not own(mailbox.address)]


def references(letter: Letter) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(In-Reply-To, References) of an answer (RFC 5322 §3.6.4)."""
    message_id = f"<{letter.summary.message_id}>" if letter.summary.message_id else ""
    return ((message_id,) if message_id else ()), reply_references(message_id, letter.references, letter.in_reply_to)


def list_address(lines: Iterable[tuple[str, str]]) -> Mailbox | None:
    """To which address one writes to a message's list (RFC 2369 §3.4); None if it does not say, or says that one cannot."""
    for name, value in lines:
        if name.lower() == "list-post":
            for found in POST.finditer(value):
                for mailbox in parse_list(unquote(found[1])):
                    if mailbox.address is not None:
                        return mailbox
    return None


def is_of_list(lines: Iterable[tuple[str, str]]) -> bool:
    """Whether a message came by a mailing list."""
    return any(name.lower() in ("list-id", "list-post", "mailing-list", "x-mailing-list") for name, _ in lines)


def quotation(letter: Letter, only: str = "") -> str:
    """The text of an answer: room to write, then what was said (or only that part of it), quoted without the signature."""
    said = only.replace("\r", "").strip("\n") or SIGNATURE.split(letter.text, 1)[0]
    quoted = "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in said.rstrip().split("\n"))
    return f"{lead(letter)}\n{quoted}\n"


def lead(letter: Letter) -> str:
    """What stands above what is quoted: room to write, and who said it when."""
    return f"\n\nOn {_when(letter)}, {_names(letter.summary.from_) or 'someone'} wrote:"


def passed_on(letter: Letter) -> str:
    """The text of a forward: room to write, then the message with what a reader wants to know of it."""
    return f"{introduced(letter)}\n\n{letter.text.rstrip()}\n"


def introduced(letter: Letter) -> str:
    """What stands above a message that is passed on."""
    known = [("From", _names(letter.summary.from_, full=True)), ("Date", _when(letter)), ("Subject", letter.summary.subject),
             ("To", _names(letter.summary.to, full=True)), ("Cc", _names(letter.cc, full=True))]
    head = "\n".join(f"{name}: {value}" for name, value in known if value)
    return f"\n\n---------- Forwarded message ----------\n{head}"


def lines(text: str) -> str:
    """Text as HTML, each line an element of its own, as the editor makes them."""
    return "".join(f"<div>{escape(line, quote=False)}</div>" if line.strip() else "<div><br></div>" for line in text.split("\n"))


def _unique(mailboxes: Iterable[Mailbox], without: Collection[Address | None]) -> list[Mailbox]:
    found: dict[Address | str, Mailbox] = {}
    for mailbox in mailboxes:
        if mailbox.address is None or mailbox.address not in without:
            found.setdefault(mailbox.address or mailbox.raw, mailbox)
    return list(found.values())


def _names(mailboxes: Iterable[Mailbox], *, full: bool = False) -> str:
    return ", ".join(str(mailbox) if full else mailbox.name or mailbox.spec for mailbox in mailboxes)


def _when(letter: Letter) -> str:
    at = letter.summary.date if letter.summary.date is not None else letter.summary.received
    return f"{datetime.fromtimestamp(min(max(at, 0.0), 253_402_300_799.0), UTC):%Y-%m-%d at %H:%M} UTC"
