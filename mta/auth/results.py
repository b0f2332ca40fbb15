"""Authentication-Results: what was checked, written for the programs that read mail after us.

Writing puts each method on a line of its own and quotes whatever strangers may have
chosen.  Reading tells whatever breaks the grammar as a problem: values that should have
been quoted and words that it does not know (`action=none`) leave the statement standing,
anything else leaves out that statement alone.  What claims to be from us and is not is
found loosely, since a forged field that is a little broken may still fool somebody.

Standards: RFC 8601 §2.2 (grammar), §2.7 (methods), §5 (forged fields); RFC 8616 §3 and
RFC 6532 §3 (UTF-8); RFC 8617 §4.1.1 writes the same after its own instance number.
"""
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mta.auth.status import Status
from mta.base.errors import BadName
from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain
from mta.message.header import Field, clean

FIELD = "Authentication-Results"
#: RFC 8601 §2.2: the version of this grammar, which is written only where another is meant.
VERSION = 1
LINE = 78
BEYOND = "\u0080-\U0010ffff"
#: RFC 2045 §5.1 token, with RFC 6532's characters beyond ASCII.
TOKEN = re.compile(rf"[-A-Za-z0-9!#$%&'*+.^_`{{|}}~{BEYOND}]++")
#: RFC 5321 §4.1.2 Keyword (Ldh-str), for methods, results and properties.
KEYWORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
DIGITS = re.compile(r"[0-9]{1,9}")
QUOTED = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
#: RFC 5321 §4.1.2 Dot-string and an at sign, then RFC 6376 §3.5 domain-name.
LOCAL = re.compile(rf"[-A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.{BEYOND}]*+@")
NAME = re.compile(rf"[A-Za-z0-9_{BEYOND}](?:[-A-Za-z0-9_.{BEYOND}]*+)")
PAIR = re.compile(r"\\(.)", re.DOTALL)
#: What stands between semicolons: anything but those within quotes and comments.
PLAIN = re.compile(r'[^;"()\\]++|\\.', re.DOTALL)
COMMENT = re.compile(r"(?:[^()\\]++|\\.)++", re.DOTALL)
#: What many write without the quotes that it needs, like base64 and IPv6 addresses.
LOOSE = re.compile(r'[^\s;()"\\]++')
#: What may stand unquoted where we write it: a token, and for properties a mailbox of plain letters, or @domain.
PLAIN_TOKEN = re.compile(r"[-A-Za-z0-9!#$&'*+^_`{|}~.]+")
PLAIN_MAILBOX = re.compile(rf"(?:{PLAIN_TOKEN.pattern})?@[A-Za-z0-9_][-A-Za-z0-9_.]*")


@dataclass(frozen=True, slots=True)
class Property:
    """What a method looked at: kind.name=value, like smtp.mailfrom=ann@example.org (RFC 8601 §2.3)."""

    kind: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Method:
    """What one method came to.  status is the bare word where RFC 8601 §2.7 does not know it."""

    method: str
    status: Status | str
    reason: str = ""
    comment: str = ""
    properties: tuple[Property, ...] = ()
    version: int = VERSION

    def value(self, kind: str, name: str) -> str:
        """The value of a property, "" if it is not there."""
        return next((one.value for one in self.properties if (one.kind, one.name) == (kind, name)), "")


@dataclass(frozen=True, slots=True)
class Results:
    """One field as it was read: by whom, and what it states.

    problem names the first thing that breaks the grammar, "" if nothing does; by is ""
    if not even that could be read.
    """

    by: str
    methods: tuple[Method, ...] = ()
    problem: str = ""


def field(by: Domain, methods: Sequence[Method], *, utf8: bool = False) -> bytes:
    """An Authentication-Results field with its CRLF; utf8 if the message is an internationalised one (RFC 8616 §3)."""
    return f"{FIELD}: {payload(by, methods, utf8=utf8)}\r\n".encode()


def payload(by: Domain, methods: Sequence[Method], *, utf8: bool = False) -> str:
    """What stands behind the field's name, folded, without the last CRLF."""
    lines = [_folded(statement) for statement in _statements(methods, utf8)] or ["none"]
    return ";\r\n\t".join([by.ascii, *lines]) if methods else f"{by.ascii}; none"


def read(text: str, limits: Limits = LIMITS) -> Results:
    """What an unfolded field says."""
    if len(text) > limits.results_text:
        return Results("", problem="the field is too long")
    parts = _parts(text)
    if parts is None:
        return Results("", problem="a quote or comment does not end")
    by, problem = _head(parts[0])
    if problem:
        return Results(by, problem=problem)
    statements = parts[1:]
    if len(statements) == 1 and _is_none(statements[0]):
        return Results(by)
    if not statements:
        return Results(by, problem="there are no results")
    methods = []
    for number, statement in enumerate(statements):
        scanner = _Scanner(statement, limits)
        method = scanner.method() if number < limits.results_methods else None
        if method:
            methods.append(method)
        if (method is None or scanner.loose) and not problem:
            problem = f"{clean(statement).strip()[:80]!r} is not written as RFC 8601 asks"
    return Results(by, tuple(methods), problem)


def forged(fields: Iterable[Field], host: Domain) -> list[Field]:
    """The fields that claim to have been written by host, in order: nobody but host may (RFC 8601 §5)."""
    return [one for one in fields if one.lower == FIELD.lower() and any(_claims(text, host) for text in {one.unfolded(), one.text()})]


def _claims(text: str, host: Domain) -> bool:
    parts = _parts(text)
    by, problem = _head(parts[0]) if parts else ("", "unreadable")
    if _same(by, host):
        return True
    # Whoever reads it another way than we do must not find our name in it.
    bare = text.casefold()
    return bool(problem) and (host.ascii in bare or host.unicode.casefold() in bare)


def _same(by: str, host: Domain) -> bool:
    try:
        return Domain.parse(by.strip()) == host
    except BadName:
        return False


def _statements(methods: Iterable[Method], utf8: bool) -> Iterator[list[str]]:
    """For each method its words, between which a line may be folded."""
    for method in methods:
        version = f"/{method.version}" if method.version != VERSION else ""
        words = [f"{method.method}{version}={method.status}"]
        if method.comment:
            words.append(f"({_escaped(method.comment, '()', utf8)})")
        if method.reason:
            words.append(f"reason={_value(method.reason, utf8)}")
        for one in method.properties:
            bare = PLAIN_MAILBOX.fullmatch(one.value) and len(one.value) <= LIMITS.results_value
            words.append(f"{one.kind}.{one.name}={one.value if bare else _value(one.value, utf8)}")
        yield words


def _folded(words: list[str]) -> str:
    """The words of one statement, in lines of LINE characters where that can be."""
    line, *rest = words
    column = len(line) + 8
    for word in rest:
        fold = column + len(word) + 2 > LINE
        line += ("\r\n\t  " if fold else " ") + word
        column = (10 if fold else column + 1) + len(word)
    return line


def _value(text: str, utf8: bool) -> str:
    bare = PLAIN_TOKEN.fullmatch(text) and len(text) <= LIMITS.results_value
    return text if bare else f'"{_escaped(text, chr(34), utf8)}"'


def _escaped(text: str, special: str, utf8: bool) -> str:
    """text for a comment or quoted string: bounded, in one line, in the character set that the message has."""
    charset = "utf-8" if utf8 else "ascii"
    text = clean(text[:LIMITS.results_value]).encode(charset, "replace").decode(charset)
    for char in "\\" + special:
        text = text.replace(char, "\\" + char)
    return text


def _parts(text: str) -> list[str] | None:
    """text cut at the semicolons outside of quotes and comments; None if one of those does not end."""
    parts, start, at = [], 0, 0
    while at < len(text):
        char = text[at]
        if char == ";":
            parts.append(text[start:at])
            start = at = at + 1
        elif char == '"':
            found = QUOTED.match(text, at)
            if not found:
                return None
            at = found.end()
        elif char == "(":
            end = _comment_end(text, at)
            if not end:
                return None
            at = end
        else:
            found = PLAIN.match(text, at)
            at = found.end() if found else at + 1
    return [*parts, text[start:]]


def _comment_end(text: str, at: int) -> int:
    """Where the comment that begins at at ends, 0 if it does not; comments nest (RFC 5322 §3.2.2)."""
    depth = 0
    while at < len(text):
        if text[at] == "(":
            depth += 1
        elif text[at] == ")":
            depth -= 1
            if not depth:
                return at + 1
        else:
            found = COMMENT.match(text, at)
            if not found:
                return 0
            at = found.end()
            continue
        at += 1
    return 0


def _head(text: str) -> tuple[str, str]:
    """Who wrote the field, and what is wrong with that."""
    scanner = _Scanner(text)
    scanner.space()
    by = scanner.value()
    if by is None:
        return "", "the field does not say who wrote it"
    version = scanner.match(DIGITS) if scanner.space() and not scanner.ended else ""
    scanner.space()
    if not scanner.ended:
        return by, "the field does not say clearly who wrote it"
    return by, f"version {version} is unknown" if version and int(version) != VERSION else ""


def _is_none(text: str) -> bool:
    scanner = _Scanner(text)
    scanner.space()
    word = scanner.match(KEYWORD)
    scanner.space()
    return word.lower() == "none" and scanner.ended


class _Scanner:
    """Reads one statement from left to right."""

    def __init__(self, text: str, limits: Limits = LIMITS) -> None:
        self.text, self.at, self.limits = text, 0, limits
        self.comments: list[str] = []
        self.loose = False          # the grammar was broken in a way that leaves no doubt

    @property
    def ended(self) -> bool:
        return self.at == len(self.text)

    def method(self) -> Method | None:
        """The statement (RFC 8601 §2.2, resinfo), None if it is none."""
        self.space()
        name, version = self.match(KEYWORD), "1"
        self.space()
        if self.take("/"):
            self.space()
            version = self.match(DIGITS)
            self.space()
        if not (name and version and self.take("=")):
            return None
        self.space()
        result = self.match(KEYWORD)
        if not result:
            return None
        reason = ""
        properties: list[Property] = []
        while self.space() and not self.ended:
            word = self.match(KEYWORD)
            self.space()
            if word and self.take("."):
                found = self.property(word)
                if found is None or len(properties) == self.limits.results_properties:
                    return None
                properties.append(found)
            elif word and self.take("="):
                self.space()
                value = self.value()
                if value is None:
                    return None
                if word.lower() == "reason" and not (reason or properties):
                    reason = value
                else:
                    self.loose = True
            else:
                return None
        if not self.ended:
            return None
        status = _STATUSES.get(result.lower(), result.lower())
        comment = " ".join(self.comments)[:LIMITS.kept_text]
        return Method(name.lower(), status, reason, comment, tuple(properties), int(version))

    def property(self, kind: str) -> Property | None:
        self.space()
        name = self.match(KEYWORD)
        self.space()
        if not (name and self.take("=")):
            return None
        self.space()
        value = self.pvalue()
        return None if value is None else Property(kind.lower(), name.lower(), value)

    def pvalue(self) -> str | None:
        """RFC 8601 §2.2: a value, or a mailbox whose local part may be quoted, or @ and a domain."""
        start = self.at
        value = None if self.match(LOCAL) else self.value()
        sound = value is not None
        if value is None or self.take("@"):
            sound = self.at > start and bool(self.match(NAME))
            value = self.text[start:self.at]
        if not sound or not (self.ended or self.text[self.at] in " \t\r\n("):
            self.at, self.loose = start, True
            value = self.match(LOOSE) or None
        return value

    def value(self) -> str | None:
        """A token or quoted string."""
        quoted = QUOTED.match(self.text, self.at)
        if quoted:
            self.at = quoted.end()
            return PAIR.sub(r"\1", quoted[1])
        return self.match(TOKEN) or None

    def match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if not found:
            return ""
        self.at = found.end()
        return found[0]

    def take(self, char: str) -> bool:
        if not self.text.startswith(char, self.at):
            return False
        self.at += 1
        return True

    def space(self) -> bool:
        """Pass over white space and comments; True if there was some."""
        start = self.at
        while not self.ended:
            if self.text[self.at] in " \t\r\n":
                self.at += 1
                continue
            end = _comment_end(self.text, self.at) if self.text[self.at] == "(" else 0
            if not end:
                break
            self.comments.append(clean(PAIR.sub(r"\1", self.text[self.at + 1:end - 1])).strip())
            self.at = end
        return self.at > start


_STATUSES = {str(status): status for status in Status}
