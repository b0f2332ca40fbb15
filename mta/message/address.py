"""Addresses in header fields: From, To, Cc and their like.

Reading takes what people's programs write: groups, comments, routes, unquoted dots and
commas, quotes and brackets that never end, raw UTF-8, names in encoded words.  It never
fails; what is no address comes back with `address` None and the text that stood there.
Whoever must be exact (who wrote this?) asks `authors`.

Standards: RFC 5322 §3.4 and §4.4, RFC 6531 §3.3, RFC 6854 (groups in From).
"""
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from mta.base.errors import BadName
from mta.base.limits import LIMITS, Limits
from mta.base.names import Address
from mta.message import words
from mta.message.header import Header, clean

#: Characters of a field per address that we are ready to count.
ROOM = 128
ATEXT = r"-A-Za-z0-9!#$%&'*+/=?^_`{|}~"
#: What most fields hold, read in one step: an address, or a name and <address>.
SIMPLE = re.compile(
    rf'\s*+(?:(?:"([^"\\]*+)"|([{ATEXT} ]*+))\s*+<([{ATEXT}.]++@[A-Za-z0-9.-]++)>|([{ATEXT}.]++@[A-Za-z0-9.-]++))\s*+(?:,|$)')
ENCODED = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=")
SPACE = re.compile(r"\s+")
QUOTED = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL)
LITERAL = re.compile(r"\[[^\[\]\\]*\]")
COMMENT = re.compile(r"[^()\\]*+(?:\\.[^()\\]*+)*+", re.DOTALL)
WORD = re.compile(r'[^\s"(),:;<>@\[\].]+')
QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)


class Mailbox(NamedTuple):
    """One address of a list: name decoded; raw is the addr-spec as it was written; group's name, if in one."""

    name: str
    address: Address | None
    raw: str = ""
    group: str = ""

    @property
    def spec(self) -> str:
        """The address for people, or what stood where one belongs."""
        return str(self.address) if self.address else self.raw

    def __str__(self) -> str:
        """Name <address>, as it is shown to people (not quoted, not encoded)."""
        return f"{self.name} <{self.spec}>" if self.name and self.spec else self.name or self.spec


class Authors(NamedTuple):
    """Who a message says wrote it; problem is "" only if that is beyond doubt."""

    addresses: tuple[Address, ...]
    problem: str


class _Token(NamedTuple):
    kind: str           # "w" word, "q" quoted, "c" comment, "l" [literal], or the special itself
    source: str
    value: str
    spaced: bool        # white space or a comment came before it


def parse_list(text: str, limits: Limits = LIMITS) -> list[Mailbox]:
    """The mailboxes in an unfolded value, those of groups among them, encoded words decoded."""
    return _parse(text, limits)[0]


def parse_field(header: Header, name: str, limits: Limits = LIMITS) -> list[Mailbox]:
    """The mailboxes of every field of that name."""
    found = header.all(name)
    if not found:
        return []
    text = found[0].unfolded() if len(found) == 1 else ", ".join(field.unfolded() for field in found)
    return _parse(text, limits)[0]


def authors(header: Header, limits: Limits = LIMITS) -> Authors:
    """The addresses in From, which must be there exactly once and mean exactly one thing.

    problem says in words for the sender what is wrong; the addresses that could be read
    are given even then.
    """
    fields = header.all("from")
    if not fields:
        return Authors((), "the message has no From field")
    mailboxes: list[Mailbox] = []
    sound = True
    for field in fields:
        some, fine = _parse(field.unfolded(), limits)
        mailboxes += some
        sound = sound and fine
    addresses = tuple(mailbox.address for mailbox in mailboxes if mailbox.address)
    if len(fields) > 1:
        return Authors(addresses, f"the message has {len(fields)} From fields")
    if not addresses:
        return Authors((), "the From field has no address")
    if not sound:
        return Authors(addresses, "the From field is not written as the standard asks")
    return Authors(addresses, "")


def format(mailboxes: Iterable[Mailbox]) -> str:
    """The value of a field in one line, ASCII except where an address needs SMTPUTF8."""
    return ", ".join(map(format_one, mailboxes))


def format_one(mailbox: Mailbox) -> str:
    """One mailbox as a header wants it."""
    spec = address_text(mailbox.address) if mailbox.address else clean(mailbox.raw)
    return f"{words.phrase(mailbox.name)} <{spec}>" if mailbox.name.strip() else spec


def folded(mailboxes: Iterable[Mailbox], used: int) -> str:
    """The value of a field in lines of 76 characters where that can be; used are those of the field's name."""
    lines, column = [], used
    for number, mailbox in enumerate(mailboxes):
        text = format_one(mailbox)
        if number:
            lines.append(",")
        # Encoded words and quoted names may be folded where their spaces are.
        for place, piece in enumerate(text.split(" ")):
            first = not number and not place
            fold = not first and column + len(piece) + 2 > words.LINE
            lines.append("" if first else "\r\n " if fold else " ")
            lines.append(piece)
            column = (1 if fold else column + 1) + len(piece)
    return "".join(lines)


def address_text(address: Address) -> str:
    """The address for a header: ASCII if it can be, whole in Unicode if its local part needs it (RFC 6532 §3.2)."""
    return str(address) if address.needs_smtputf8 else address.ascii


@lru_cache(maxsize=2048)
def read_spec(spec: str) -> Address | None:
    """The address of an addr-spec, or None; domain literals are none that mail is sent to."""
    try:
        return Address.parse(spec)
    except BadName:
        return None


def _parse(text: str, limits: Limits) -> tuple[list[Mailbox], bool]:
    """The mailboxes, and whether everything was as RFC 5322 §3.4 wants it."""
    found: list[Mailbox] = []
    sound = len(text) <= limits.addresses_in_field * ROOM
    text = text[:limits.addresses_in_field * ROOM]
    at = 0
    while len(found) < limits.addresses_in_field and (simple := SIMPLE.match(text, at)):
        quoted, name, angled, bare = simple.groups()
        spec = angled or bare
        address = read_spec(spec)
        found.append(Mailbox(_name(quoted if quoted is not None else name or ""), address, spec))
        sound = sound and address is not None
        at = simple.end()
        if at == len(text):
            return found, sound
    reader = _Reader(found, limits.addresses_in_field, sound)
    for token in _tokens(text, at, reader):
        reader.take(token)
        if len(found) >= limits.addresses_in_field:
            return found, False
    reader.finish()
    return found, reader.sound


def _name(text: str) -> str:
    """A display name, decoded and without what could garble a line."""
    text = text.strip()
    return clean(words.decode(text))[:LIMITS.kept_text].strip() if "=?" in text or len(text) > LIMITS.kept_text else text


class _Reader:
    """Puts tokens together to mailboxes: the grammar, taken loosely."""

    def __init__(self, found: list[Mailbox], most: int, sound: bool) -> None:
        self.found, self.most, self.sound = found, most, sound
        self.words: list[_Token] = []
        self.angle: list[_Token] | None = None
        self.open = False           # between < and >
        self.comments: list[str] = []
        self.group: str | None = None

    def take(self, token: _Token) -> None:
        """The next token."""
        kind = token.kind
        if kind == "c":
            self.comments.append(token.value)
        elif self.open:
            self._within(token)
        elif kind == "<":
            if self.angle is not None:
                self.sound = False
                self.finish()
            self.angle, self.open = [], True
        elif kind in ",;":
            self.finish()
            if kind == ";":
                # Outside of a group some programs write it for a comma.
                self.sound = self.sound and self.group is not None
                self.group = None
        elif kind == ":" and self.group is None and self.angle is None:
            self.group = _name(_joined(self.words))
            self.words = []
        elif kind in ":>":
            self.sound = False
        else:
            # RFC 5322 §3.4: nothing but a comment follows the angle brackets.
            self.sound = self.sound and self.angle is None
            self.words.append(token)

    def _within(self, token: _Token) -> None:
        assert self.angle is not None
        kind = token.kind
        route = bool(self.angle) and self.angle[0].kind == "@"
        if kind == ">":
            self.open = False
        elif kind == ":" and route:
            self.angle = []         # RFC 5322 §4.4: a route is read and forgotten
        elif kind in ",;" and not route:
            self.sound = False
            self.open = False
            self.take(token)
        elif kind == "<":
            self.sound = False
        else:
            self.angle.append(token)

    def finish(self) -> None:
        """The end of one element."""
        self.sound = self.sound and not self.open
        name_words, spec = self.words, self.angle
        if spec is None:
            name_words, spec = _split_bare(self.words)
        comments, self.words, self.angle, self.open, self.comments = self.comments, [], None, False, []
        if not name_words and not spec:
            return
        raw = "".join(token.source for token in spec)[:LIMITS.kept_text]
        name = _name(_joined(name_words))
        if any(token.kind == "@" for token in name_words) and "".join(token.source for token in name_words) != raw:
            # "boss@bank.example <me@example.org>": readers differ in whom they show.
            self.sound = False
        address = read_spec(raw) if raw else None
        if not name and comments:
            name = _name(" ".join(comments))
        if address is None:
            self.sound = False
            if not raw:
                name, raw = "", name
        self.found.append(Mailbox(name, address, raw, self.group or ""))


def _split_bare(tokens: list[_Token]) -> tuple[list[_Token], list[_Token]]:
    """(name, addr-spec) of an element without angle brackets: what hangs together around its last @."""
    at = next((place for place in range(len(tokens) - 1, -1, -1) if tokens[place].kind == "@"), None)
    if at is None:
        return tokens, []
    first = at
    while first > 0 and (first == at or not tokens[first].spaced or "." in (tokens[first].kind, tokens[first - 1].kind)):
        first -= 1
    last = at + 1
    while last < len(tokens) and (last == at + 1 or not tokens[last].spaced or "." in (tokens[last].kind, tokens[last - 1].kind)):
        last += 1
    return tokens[:first] + tokens[last:], tokens[first:last]


def _joined(tokens: list[_Token]) -> str:
    return "".join((" " if token.spaced and place else "") + token.value for place, token in enumerate(tokens))


def _tokens(text: str, at: int, reader: _Reader) -> Iterator[_Token]:
    """The tokens of text from at on; reader learns of quotes, comments and brackets that never end.

    Only the first of those is looked for to the end of the text, so that the time stays linear.
    """
    spaced = False
    broken: set[str] = set()
    while at < len(text):
        char = text[at]
        if char.isspace():
            at, spaced = _end(SPACE, text, at), True
            continue
        if char == "(":
            content, at = _comment(text, at)
            reader.sound = reader.sound and at <= len(text)
            yield _Token("c", "", content, spaced)
            spaced = True
            continue
        pattern = QUOTED if char == '"' else LITERAL if char == "[" else None
        found = pattern.match(text, at) if pattern and char not in broken else None
        if found:
            value = QUOTED_PAIR.sub(r"\1", found[1]) if char == '"' else found[0]
            yield _Token("q" if char == '"' else "l", found[0], value, spaced)
            at = found.end()
        elif pattern or char == "]":
            broken.add(char)
            reader.sound = False
            at += 1
        elif char in ",:;<>@.":
            yield _Token(char, char, char, spaced)
            at += 1
        else:
            encoded = ENCODED.match(text, at) if char == "=" else None
            end = encoded.end() if encoded else _end(WORD, text, at)
            yield _Token("w", text[at:end], text[at:end], spaced)
            at = end
        spaced = False


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at + 1


def _comment(text: str, at: int) -> tuple[str, int]:
    """The content of the comment that begins at at, and where it ends: beyond the text if it does not."""
    start, depth = at + 1, 1
    at = start
    while at < len(text):
        at = _end(COMMENT, text, at) if text[at] not in "()" else at
        if at >= len(text):
            break
        if text[at] == "(":
            depth += 1
        elif text[at] == ")":
            depth -= 1
            if not depth:
                return QUOTED_PAIR.sub(r"\1", text[start:at]), at + 1
        at += 1
    return QUOTED_PAIR.sub(r"\1", text[start:]), len(text) + 1
