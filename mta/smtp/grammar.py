"""Command lines and the paths in them, from octets to types (RFC 5321 §4.1.2, RFC 6531 §3.3).

Linear in the line, which inbox.py has bounded.  What deployed clients write wrongly and
clearly is taken; each such leniency says so where it is.

Read on: parameters.py reads what follows a path, conversation.py acts on it.
"""
import re
from dataclasses import dataclass
from typing import Final

from mta.base.errors import BadName, PillarboxError
from mta.base.names import DOT_STRING, Address, Domain, IPAddress, ip_address, unquote


class BadSyntax(PillarboxError):
    """The argument of a command is not what it should be; the text tells the sender."""


@dataclass(frozen=True, slots=True)
class Literal:
    """An address literal (RFC 5321 §4.1.3): its text between brackets, and the IP address that it is."""

    text: str
    ip: IPAddress


@dataclass(frozen=True, slots=True)
class Path:
    """A mailbox as a command names it: local part without quotes; domain is None for a lone <postmaster>."""

    localpart: str
    domain: Domain | Literal | None

    def at(self, hostname: Domain, own_ip: IPAddress | None = None) -> Address:
        """The address meant, where hostname stands for a missing domain and for our own literal.

        BadName if it cannot be anybody's address: an empty or overlong local part, or
        the literal of another host.
        """
        domain = self.domain
        if isinstance(domain, Literal):
            # RFC 5321 §4.1.3: a host answers to its own literal; others are not for us.
            if domain.ip != own_ip:
                raise BadName(f"[{domain.text}] is an IP address: write a domain name")
            domain = hostname
        return Address.of(self.localpart, domain or hostname)


#: RFC 5321 §4.1.2 Quoted-string; RFC 6531 §3.3 adds what is beyond ASCII.
QUOTED: Final = r'"(?:[^"\\\x00-\x1f\x7f]|\\[ -~])*"'
#: RFC 5321 §4.1.2 Mailbox after an optional source route; the domain's letters are checked by Domain.
MAILBOX: Final = re.compile(
    r'(?:(?P<route>@[^\s<>":]+):)?'
    rf"(?P<local>{QUOTED}|{DOT_STRING.pattern})"
    r'(?:@(?P<domain>\[[^\[\]\\<>\s]*\]|[^\s<>@\[\]"(),:;\\]+))?')
CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
IPV4: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


def command(line: bytes) -> tuple[str, str]:
    """The verb in upper case and its argument ("" if there is none); BadSyntax if it cannot be a command."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise BadSyntax("The line is not UTF-8") from None
    if CONTROL.search(text):
        raise BadSyntax("The line has control characters")
    verb, _, argument = text.partition(" ")
    # RFC 5321 §4.1.1: white space before the end of the line is tolerated; what is beyond ASCII is none.
    return verb.upper(), argument.strip(" \t")


def hello_name(argument: str) -> str:
    """The name that EHLO or HELO gives: any one printable word, and what follows it is ignored.

    RFC 5321 §4.1.4, deviate: it need not be a domain or literal; laptops send what they
    are called, and the name proves nothing anyway.
    """
    name = argument.split(" ")[0]
    if not name or len(name) > 255 or not name.isprintable():
        raise BadSyntax("Say your name, as in EHLO mail.example.org")
    return name


def path(argument: str, keyword: str) -> tuple[Path | None, list[str]]:
    """Read "FROM:<path> PARAMETERS" (keyword is FROM or TO): the path, None for <>, and the parameters."""
    label, colon, rest = argument.partition(":")
    if not colon or label.rstrip(" ").upper() != keyword:
        raise BadSyntax(f"The command continues with {keyword}:<address>")
    # RFC 5321 §3.3, deviate: no space may follow the colon, but deployed clients send one
    # and what they mean is plain; refusing gains nothing.
    rest = rest.lstrip(" ")
    if rest.startswith("<>"):
        return None, _parameters(rest[2:])
    # RFC 5321 §4.1.2, deviate: brackets may be missing, as in programs of the eighties and in hand-typed tests.
    bracket = rest.startswith("<")
    found = MAILBOX.match(rest, int(bracket))
    if found is None:
        raise BadSyntax(f"After {keyword}: comes an address in angle brackets, as in <ann@example.org>")
    end = found.end()
    if bracket:
        if rest[end:end + 1] != ">":
            raise BadSyntax(f"What is between < and > is not an address: it makes no sense from {rest[end:end + 20]!a} on")
        end += 1
    return _path(found["route"], found["local"], found["domain"]), _parameters(rest[end:])


def mailbox(text: str) -> Path:
    """Read a mailbox that stands alone, as in MAIL's AUTH parameter."""
    found = MAILBOX.fullmatch(text)
    if found is None or found["route"]:
        raise BadSyntax(f"{text[:60]!a} is not an address")
    return _path(None, found["local"], found["domain"])


def _path(route: str | None, local: str, domain: str | None) -> Path:
    # RFC 5321 §4.5.3.1.1 and §4.5.3.1.3: 64 octets, and 256 with the brackets.
    if len(local.encode()) > 64:
        raise BadSyntax("The part before the @ has more than 64 octets")
    if len(local.encode()) + len((domain or "").encode()) > 253:
        raise BadSyntax("The address has more than 254 octets")
    # RFC 5321 appendix C: a source route is parsed and ignored.
    for hop in (route or "").split(",")[bool(not route):]:
        if not hop.startswith("@"):
            raise BadSyntax("The source route is broken; leave it out")
        _domain(hop[1:])
    localpart = unquote(local)
    if domain is None:
        # RFC 5321 §4.1.1.3: only postmaster may come without a domain.
        if localpart.lower() != "postmaster":
            raise BadSyntax("The address has no domain: write somebody@example.org")
        return Path(localpart, None)
    return Path(localpart, _domain(domain))


def _domain(text: str) -> Domain | Literal:
    if text.startswith("["):
        return _literal(text[1:-1])
    # RFC 5321 §2.3.5: names in commands have no dot at their end.
    if text.endswith("."):
        raise BadSyntax("The domain ends with a dot")
    try:
        return Domain.parse(text)
    except BadName:
        raise BadSyntax(f"{text[:60]!a} is not a domain name") from None


def _literal(text: str) -> Literal:
    """RFC 5321 §4.1.3, the text between the brackets."""
    tag, _, rest = text.partition(":")
    try:
        if IPV4.fullmatch(text):
            return Literal(text, ip_address(text))
        if tag.lower() == "ipv6" and "%" not in rest and ":" in rest:
            return Literal(text, ip_address(rest))
    except BadName:
        raise BadSyntax(f"[{text[:60]}] is not an IP address") from None
    # Other tags would have to be registered, and none is.
    raise BadSyntax(f"[{text[:60]}] is not an address literal")


def _parameters(rest: str) -> list[str]:
    if rest and not rest.startswith(" "):
        raise BadSyntax("Something follows the address without a space")
    return list(filter(None, rest.split(" ")))
