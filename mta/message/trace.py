"""The fields a server adds to what passes through it: where from and for whom.  What was checked: mta.auth.results.

Each function returns one complete field with its CRLF, folded, free of anything a peer
could use to end the line.

Standards: RFC 5321 §4.4 (Received, Return-Path), RFC 3848 and RFC 6531 §4.3 (protocols),
RFC 8689 (requiretls), RFC 9228 (Delivered-To).
"""
import re
from collections.abc import Sequence

from mta.base.names import Address, Domain, IPAddress
from mta.message.address import address_text
from mta.message.dates import date_text, parse_date
from mta.message.header import Header
from mta.message.identifiers import new_message_id as message_id

__all__ = ["count_received", "date_text", "delivered_to", "literal", "message_id", "parse_date", "protocol", "received_field",
           "return_path"]

#: What a peer may call itself in our trace; anything else is shown as "?".
HELLO = re.compile(r"[^A-Za-z0-9.:_\[\]-]")
LINE = 78


def protocol(*, extended: bool, tls: bool = False, authenticated: bool = False, smtputf8: bool = False, local: bool = False) -> str:
    """The name of the protocol spoken: SMTP, ESMTP, ESMTPS, ESMTPSA, UTF8SMTPSA, LMTPS … (RFC 3848 §1, RFC 6531 §4.3)."""
    if not (extended or local):
        return "SMTP"
    family = ("UTF8" if smtputf8 else "") + ("LMTP" if local else "SMTP" if smtputf8 else "ESMTP")
    return family + ("S" if tls else "") + ("A" if authenticated else "")


def literal(ip: IPAddress) -> str:
    """The address literal of ip (RFC 5321 §4.1.3)."""
    return f"[IPv6:{ip}]" if ip.version == 6 else f"[{ip}]"


def received_field(
        *, by: Domain, with_: str, id_: str, when: float, hello: str = "", ip: IPAddress | None = None, reverse: Domain | None = None,
        authentic: bool = False, tls: tuple[str, str] | None = None, requiretls: bool = False, recipient: Address | None = None) -> bytes:
    """A Received field.

    Without ip there is no from clause: the address of our own user is nobody's business.
    authentic says that DNSSEC vouches for reverse, the name that the client's address has.
    tls is version and cipher; recipient is named only where there is exactly one.
    """
    clauses = []
    if ip is not None:
        name = HELLO.sub("?", hello[:255]) or "unknown"
        clauses.append(f"from {name} ({reverse.ascii + ' ' if reverse else ''}{literal(ip)})")
        if reverse and authentic:
            clauses.append("(DNSSEC)")
    clauses.append(f"by {by.ascii}")
    # No clause exists for REQUIRETLS (RFC 8689); other servers tell it in a comment next to the protocol.
    clauses.append(f"with {with_}" + (" (requiretls)" if requiretls else "") + f" id {id_}")
    if tls is not None:
        clauses.append("(" + " ".join(HELLO.sub("?", fact) for fact in tls if fact) + ")")
    if recipient is not None and (recipient.localpart.isascii() or with_.startswith("UTF8")):
        clauses.append(f"for <{address_text(recipient)}>")
    clauses[-1] += ";"
    return _folded("Received", [*clauses, date_text(when)])


def return_path(sender: Address | None) -> bytes:
    """A Return-Path field with the envelope's sender; None is the null sender."""
    return f"Return-Path: <{address_text(sender) if sender else ''}>\r\n".encode()


def delivered_to(recipient: Address) -> bytes:
    """A Delivered-To field with the address the message came to (RFC 9228)."""
    return f"Delivered-To: {address_text(recipient)}\r\n".encode()


def count_received(header: Header) -> int:
    """How many hops the message says it has behind it."""
    return header.count("received")


def _folded(name: str, words: Sequence[str]) -> bytes:
    """The field with words apart by a space, or a fold before those that would not fit."""
    pieces, column = [f"{name}:"], len(name) + 1
    for place, word in enumerate(words):
        fold = place and column + 1 + len(word) > LINE
        pieces.append(("\r\n\t" if fold else " ") + word)
        column = (8 if fold else column + 1) + len(word)
    return "".join([*pieces, "\r\n"]).encode()
