"""Make a message of our user ready to be sent (RFC 6409 §8).

Added where they are missing: Date, Message-ID.  Taken out: Bcc and Resent-Bcc, which are
secret; Return-Path, which is not the sender's to write.  Lines that are too long for SMTP
are folded in the header and re-encoded in the body, before anything is signed; so is a CR,
LF or NUL that stands alone, which some servers would take for the end of a message.  A
message that needs none of it stays the file it is.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from mta.auth.canon import BodyHash
from mta.base.errors import UserError
from mta.base.limits import LIMITS, Limits
from mta.base.names import Address, Domain
from mta.base.reply import Reply
from mta.message import address, dates, header, identifiers, mime, reencode, rewrite, structure
from mta.message.header import Defects, Header
from mta.message.mime import Part
from mta.message.scan import Octets, blocks, first_long_line, is_ascii
from mta.message.structure import Structure
from mta.store.bodies import Bodies, SpooledBody

DROPPED = frozenset(("bcc", "resent-bcc", "return-path"))


class Unfit(UserError):
    """The message cannot be sent as it is; reply says what to change."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Complete:
    """A message that is ready to be signed and sent.

    fields are its header fields as they will be sent, each with its CRLF; body_hash is
    the digest of a relaxed BodyHash.  smtputf8 is what its headers need, those of its
    parts among them; eight_bit what its content needs.
    """

    body: SpooledBody
    header: Header
    fields: list[bytes]
    body_hash: bytes
    structure: Structure
    smtputf8: bool
    eight_bit: bool


def author_of(top: Header) -> Address:
    """The one author; Unfit if that is not beyond doubt."""
    found = address.authors(top)
    if found.problem:
        raise Unfit(Reply(550, "5.6.0", f"The message cannot be sent: {found.problem}"))
    if len(found.addresses) != 1:
        raise Unfit(Reply(550, "5.6.0", f"The From field has {len(found.addresses)} addresses; a message needs exactly one author"))
    return found.addresses[0]


def complete(bodies: Bodies, body: SpooledBody, at: Domain, now: float, limits: Limits = LIMITS) -> Complete:
    """body, or if it has to change another one in its place (it is abandoned then).

    at is the domain of a Message-ID that has to be made if From does not say a better
    one, now the time for Date.  Unfit if the message cannot be sent; then body is still
    the caller's.  Takes time with large messages: call it in a thread for those.
    """
    revised = _revised(bodies, body, at, now, limits)
    try:
        final = _fit(bodies, revised, limits)
    except BaseException:
        if revised is not body:
            revised.abandon()
        raise
    for stale in {body, revised} - {final}:
        stale.abandon()
    with final.view() as octets:
        return _seen(final, octets, limits)


def _require_header(top: Header) -> None:
    if Defects.HEADER_TOO_BIG in top.defects:
        raise Unfit(Reply(554, "5.6.0", "The header is larger than we look at; shorten it or leave out fields"))
    if not top.fields:
        raise Unfit(Reply(554, "5.6.0", "The message has no header: it must begin with fields like From and Date, then an empty line"))
    if Defects.GARBAGE in top.defects:
        raise Unfit(Reply(554, "5.6.0", "A line of the header is no field; each begins with a name and a colon"))


def _missing(top: Header, at: Domain, now: float) -> list[bytes]:
    """The fields that have to be added (RFC 6409 §8.2, §8.3)."""
    added = []
    if top.get("date") is None:
        added.append(f"Date: {dates.date_text(now)}\r\n".encode())
    if top.get("message-id") is None:
        authors = address.authors(top).addresses
        added.append(f"Message-ID: {identifiers.new_message_id(authors[0].domain if authors else at)}\r\n".encode())
    return added


def _revised(bodies: Bodies, body: SpooledBody, at: Domain, now: float, limits: Limits) -> SpooledBody:
    """The message with the fields it should have, body itself if it has them."""
    with body.view() as octets:
        top = header.parse(octets, 0, limits)
        _require_header(top)
        head, start = rewrite.rewritten(octets, top, remove=DROPPED, add=_missing(top, at, now))
        if head == octets[top.start:top.end]:
            return body
        return bodies.spool(chain([head], blocks(octets, start, len(octets))))


def _fit(bodies: Bodies, body: SpooledBody, limits: Limits) -> SpooledBody:
    """The message as SMTP can carry it, body itself if it can carry that; Unfit if it cannot be had."""
    with body.view() as octets:
        if reencode.is_fit(octets):
            return body
        fit = bodies.spool(reencode.reencoded(octets, mime.parse(octets, limits)))
    with fit.view() as octets:
        if reencode.is_fit(octets):
            return fit
        reply = _unfit(octets, limits)
    fit.abandon()
    raise Unfit(reply)


def _unfit(octets: Octets, limits: Limits) -> Reply:
    """What is still wrong with a message that was re-encoded."""
    at = first_long_line(octets, 0, len(octets), LIMITS.sent_line)
    if at < 0:
        return Reply(554, "5.6.0", "The message has a CR, LF or NUL alone where it cannot be encoded; lines must end with CR LF")
    field = next((field for field in header.parse(octets, 0, limits).fields if field.start <= at < field.end), None)
    if field is not None:
        return Reply(
            554, "5.6.0", f"The field {field.name.decode()} has a word of more than {LIMITS.sent_line} characters; "
            "shorten it, or put a space where it may be broken")
    return Reply(
        554, "5.6.0", f"A line has more than {LIMITS.sent_line} characters and cannot be broken; send the content as an attachment")


def _seen(body: SpooledBody, octets: Octets, limits: Limits) -> Complete:
    """What the rest of the way needs to know of a message."""
    top = header.parse(octets, 0, limits)
    hashed = BodyHash()
    for block in blocks(octets, top.end, len(octets)):
        hashed.update(block)
    found = structure.analyse(octets, limits, header=top)
    return Complete(
        body, top, [octets[field.start:field.end] for field in top.fields], hashed.digest(), found,
        not all(is_ascii(octets, part.header_start, part.start) for part in _parts(found.root)), not is_ascii(octets, top.end, len(octets)))


def _parts(root: Part) -> Iterator[Part]:
    """All parts but those of messages within: what their headers hold is content, not ours."""
    yield root
    for child in root.children:
        yield from _parts(child)
