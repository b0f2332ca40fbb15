"""What may follow the path of MAIL and RCPT (RFC 5321 §4.1.2 Mail-parameters).

Standards: RFC 1870 (SIZE), RFC 6152 (BODY), RFC 6531 (SMTPUTF8), RFC 4954 §5 (AUTH),
RFC 8689 §2 (REQUIRETLS).
"""
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from mta.base.errors import BadName, PillarboxError
from mta.base.names import Address, Domain
from mta.base.reply import Reply
from mta.smtp.grammar import BadSyntax, mailbox


@dataclass(frozen=True, slots=True)
class MailParameters:
    """The wishes that came with MAIL; size in octets, body "7BIT" or "8BITMIME"."""

    size: int | None = None
    body: str = "7BIT"
    smtputf8: bool = False
    auth: Address | None = None
    requiretls: bool = False


class Refused(PillarboxError):
    """A command that cannot be honoured as it stands, and the reply that says so."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


NOTHING: Final = MailParameters()
#: RFC 1870 §6.1: up to 20 digits.
SIZE: Final = re.compile(r"[0-9]{1,20}")
#: RFC 3461 §4: octets as they are, or as + and two hexadecimal digits.
XTEXT: Final = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+")


def mail_parameters(words: list[str], *, requiretls: bool = False) -> MailParameters:
    """Read the parameters of MAIL; Refused if one is unknown, doubled or wrong.

    requiretls: whether this server knows that extension; whether it may be used now is the caller's question.
    """
    wishes, seen = NOTHING, set()
    for word in words:
        keyword, equals, value = word.partition("=")
        keyword = keyword.upper()
        reader = READERS.get(keyword)
        if reader is None or (reader is _requiretls and not requiretls):
            raise _unknown("MAIL", word)
        if keyword in seen:
            raise _wrong(f"{keyword} was given twice")
        seen.add(keyword)
        wishes = reader(wishes, value if equals else None)
    return wishes


def recipient_parameters(words: list[str]) -> None:
    """RCPT takes none; Refused if there are some."""
    for word in words:
        raise _unknown("RCPT", word)


def _size(wishes: MailParameters, value: str | None) -> MailParameters:
    if value is None or not SIZE.fullmatch(value):
        raise _wrong("SIZE is a number of octets, as in SIZE=12345")
    return replace(wishes, size=int(value))


def _body(wishes: MailParameters, value: str | None) -> MailParameters:
    body = (value or "").upper()
    if body not in ("7BIT", "8BITMIME"):
        raise _wrong("BODY is 7BIT or 8BITMIME")
    return replace(wishes, body=body)


def _smtputf8(wishes: MailParameters, value: str | None) -> MailParameters:
    if value is not None:
        raise _wrong("SMTPUTF8 has no value")
    return replace(wishes, smtputf8=True)


def _auth(wishes: MailParameters, value: str | None) -> MailParameters:
    if value is None or not XTEXT.fullmatch(value):
        raise _wrong("AUTH is an address in xtext, or <>")
    text = re.sub(r"\+(..)", lambda found: chr(int(found[1], 16)), value)
    if text == "<>":
        return wishes
    try:
        return replace(wishes, auth=mailbox(text).at(Domain("localhost")))
    except BadName:
        return wishes       # RFC 4954 §5: what cannot be believed counts as <>
    except BadSyntax:
        raise _wrong("AUTH is an address in xtext, or <>") from None


def _requiretls(wishes: MailParameters, value: str | None) -> MailParameters:
    if value is not None:
        raise _wrong("REQUIRETLS has no value")
    return replace(wishes, requiretls=True)


READERS: Final[dict[str, Callable[[MailParameters, str | None], MailParameters]]] = {
    "SIZE": _size, "BODY": _body, "SMTPUTF8": _smtputf8, "AUTH": _auth, "REQUIRETLS": _requiretls,
}


def _unknown(verb: str, word: str) -> Refused:
    return Refused(Reply(555, "5.5.4", f"{verb} does not take the parameter {word.partition('=')[0][:40]} here"))


def _wrong(text: str) -> Refused:
    return Refused(Reply(501, "5.5.4", text))
