"""All a mailbox has to know of a message without opening it: envelope, parts, preview.

`analyse` reads a message once, `pack` makes the octets that go into its row, `unpack`
makes them an object again.  Offsets are those of the message as it was analysed (the body
file, without the prefix that a recipient's copy adds).
"""
from dataclasses import dataclass
from typing import Any

import cbor2

from mta.base.limits import LIMITS, Limits
from mta.base.names import Address, Domain
from mta.message import envelope as envelopes
from mta.message import header as headers
from mta.message import mime, text
from mta.message.address import Mailbox
from mta.message.bodies import bodies, to_download
from mta.message.envelope import Envelope
from mta.message.header import Defects, Header
from mta.message.mime import Embedded, Part
from mta.message.scan import Octets
from mta.message.text import decode_part, decoded_blocks, part_text

__all__ = ["Structure", "analyse", "decode_part", "decoded_blocks", "pack", "part_text", "unpack"]

#: The form of packed structures; a change makes old rows be analysed again.
VERSION = 1
#: The rarer facts of a part and their keys in a packed one.
KEYS = ("disposition", "disposition_params", "content_id", "description", "language", "location", "md5", "defects")


@dataclass(slots=True)
class Structure:
    """What analyse found; attachments is how many a person would count."""

    envelope: Envelope
    root: Part
    body_start: int
    preview: str
    attachments: int


def analyse(data: Octets, limits: Limits = LIMITS, *, header: Header | None = None) -> Structure:
    """Read a message; never fails.  header, if it was parsed already, saves doing it again."""
    if header is None:
        header = headers.parse(data, 0, limits)
    root = mime.parse(data, limits, header=header)
    found = bodies(root)
    return Structure(
        envelopes.read(header, limits), root, root.start, text.preview(data, root, limits, found=found),
        len(to_download(root)) if root.children else 0)


def pack(structure: Structure) -> bytes:
    """The structure as CBOR."""
    return cbor2.dumps([
        VERSION, structure.body_start, structure.preview, structure.attachments,
        _packed_envelope(structure.envelope), _packed_part(structure.root)])


def unpack(packed: bytes) -> Structure:
    """What pack packed; ValueError if it is not that, or of another version."""
    try:
        version, body_start, preview, attachments, envelope, root = cbor2.loads(packed)
        if version != VERSION:
            raise ValueError(f"a message's structure of version {version}")
        return Structure(_envelope(envelope), _part(root), body_start, preview, attachments)
    except (cbor2.CBORError, TypeError, IndexError) as problem:
        raise ValueError(f"not a message's structure: {problem}") from None


def _packed_envelope(envelope: Envelope) -> list[Any]:
    return [[_packed_mailbox(item) for item in value] if isinstance(value, tuple) and value and isinstance(value[0], Mailbox) else value
            for value in envelope]


def _packed_mailbox(mailbox: Mailbox) -> list[str]:
    """[name, raw] or [name, raw or "", local part, domain], and the group's name if there is one."""
    name, address, raw, group = mailbox
    if address is None:
        return [name, raw, "", "", group] if group else [name, raw]
    raw = "" if raw == address.ascii else raw
    packed = [name, raw, address.localpart, address.domain.ascii]
    return [*packed, group] if group else packed


def _packed_part(part: Part) -> list[Any]:
    """[kind, header_start, start, end, params, encoding, lines, rarer facts, children, message]: the last ones as needed."""
    packed: list[Any] = [part.kind, part.header_start, part.start, part.end, part.params, part.encoding, part.lines]
    rare = {key: value for key, name in enumerate(KEYS) if (value := getattr(part, name))}
    if rare or part.children or part.message:
        packed.append(rare)
    if part.children or part.message:
        packed.append([_packed_part(child) for child in part.children])
    if part.message:
        packed.append([_packed_envelope(part.message.envelope), _packed_part(part.message.root)])
    return packed


def _envelope(packed: list[Any]) -> Envelope:
    date, date_text, subject, *people, in_reply_to, references, message_id = packed
    from_, sender, reply_to, to, cc, bcc = (tuple(map(_mailbox, some)) for some in people)
    return Envelope(date, date_text, subject, from_, sender, reply_to, to, cc, bcc, tuple(in_reply_to), tuple(references), message_id)


def _mailbox(packed: list[str]) -> Mailbox:
    group = packed[4] if len(packed) > 4 else ""
    if len(packed) == 2 or not packed[3]:
        return Mailbox(packed[0], None, packed[1], group)
    address = Address(packed[2], Domain(packed[3]))
    return Mailbox(packed[0], address, packed[1] or address.ascii, group)


def _part(packed: list[Any]) -> Part:
    kind, header_start, start, end, params, encoding, lines, *more = packed
    part = Part(kind, header_start, start, end, params, encoding, lines=lines)
    if more:
        for key, value in more[0].items():
            setattr(part, KEYS[key], Defects(value) if KEYS[key] == "defects" else value)
    if len(more) > 1:
        part.children = [_part(child) for child in more[1]]
    if len(more) > 2:
        part.message = Embedded(_envelope(more[2][0]), _part(more[2][1]))
    return part
