"""The reports in a message: found in any nesting of parts, unpacked, told apart.

Bounds before work: size of the message, number of parts, what may come out of them.
Parts are chosen by type or by the ending of their name, and told apart by how the content
begins, as types are wrong often enough.

Standards: RFC 9990 §3.5.2, RFC 7489 §7.2.1.1 (what DMARC reports are called), RFC 8460
§5.3, §6.4 (types of TLS reports), RFC 5965 §2 (failure reports).
"""
import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mta.base.limits import LIMITS, Limits
from mta.message import mime
from mta.message.mime import Part
from mta.message.scan import Octets
from mta.message.text import decode_part
from mta.report.badreport import BadReport
from mta.report.compressed import compressed, unpack


class Kind(enum.Enum):
    """What a document is, going by how it begins."""

    DMARC = "DMARC aggregate report"
    TLS = "TLS report"
    FAILURE = "failure report"


@dataclass(frozen=True, slots=True)
class Document:
    """One report, unpacked; of a failure report the fields are here, and the message that has it belongs to it (mta.report.arf)."""

    kind: Kind
    octets: bytes
    name: str = ""


FEEDBACK: Final = "message/feedback-report"
#: Types of parts that may hold a report; TLS reports once had the short name.
TYPES: Final = frozenset((
    "application/gzip", "application/x-gzip", "application/gzip-compressed", "application/gzipped", "application/x-gunzip",
    "application/zip", "application/x-zip", "application/x-zip-compressed", "application/x-compressed", "application/xml", "text/xml",
    "application/octet-stream", "application/json", "text/json",
    "application/tlsrpt+gzip", "application/tlsrpt+json", "application/tlsrpt"))
ENDINGS: Final = (".xml", ".gz", ".gzip", ".zip", ".json", ".tgz")
#: How documents begin that stand in a part of another type, or in none.
BEGINNINGS: Final = (b"<?xml", b"<feedback")
#: Octets within which one of these is the beginning.
CLOSE: Final = 64


def documents(message: Octets, limits: Limits = LIMITS, *, root: Part | None = None) -> list[Document]:
    """The reports in message, in order; root saves looking for its parts again.

    BadReport if there is none, with the reason why not if something looked like one.
    """
    if len(message) > limits.report_message:
        raise BadReport(f"the message has more than {limits.report_message} octets")
    found: list[Document] = []
    problems: list[BadReport] = []
    room = limits.report_unpacked
    for octets, name, kind in _candidates(message, root or mime.parse(message, limits), limits):
        try:
            document = Document(kind, octets, name) if kind else document_of(octets, name, limits)
        except BadReport as problem:
            problems.append(problem)
            continue
        room -= len(document.octets)
        if room < 0:
            problems.append(BadReport(f"its parts unpack to more than {limits.report_unpacked} octets"))
            break
        found.append(document)
    if not found:
        raise problems[0] if problems else BadReport("the message has no part that could be a report")
    return found


def document_of(octets: bytes, name: str = "", limits: Limits = LIMITS) -> Document:
    """The report that octets are, compressed or not; BadReport if they are none."""
    unpacked = unpack(octets, limits)
    kind = _kind(unpacked)
    if kind is None:
        raise BadReport("it is neither XML nor JSON" if unpacked.strip() else "it is empty")
    return Document(kind, unpacked, name)


def in_file(octets: bytes, limits: Limits = LIMITS) -> list[Document]:
    """The reports in a file that somebody has: a message, or a report by itself."""
    if compressed(octets) or _kind(octets[:1_000]) or not octets.strip():
        return [document_of(octets, limits=limits)]
    return documents(octets, limits)


def _kind(octets: bytes) -> Kind | None:
    start = octets[:1_000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Kind.DMARC    # JSON has no such mark (RFC 8259 §8.1)
    if any(beginning in start[:CLOSE] for beginning in BEGINNINGS):
        return Kind.DMARC    # whatever a careless program put in front of it
    return {b"<": Kind.DMARC, b"{": Kind.TLS}.get(start.lstrip(b"\0")[:1])


def _candidates(message: Octets, root: Part, limits: Limits) -> Iterator[tuple[bytes, str, Kind | None]]:
    """What may be a report: its octets, its name, its kind if the type leaves no doubt."""
    leaves = [part for _, part in mime.walk(root) if not part.children and not part.message]
    feedback = [part for part in leaves if part.kind == FEEDBACK]
    if feedback:
        # Anything else in there may belong to the message that it is about.
        yield decode_part(message, feedback[0]), feedback[0].filename, Kind.FAILURE
        return
    for part in [part for part in leaves if _promising(message, part)][:limits.report_files]:
        yield decode_part(message, part), part.filename, None


def _promising(message: Octets, part: Part) -> bool:
    if part.kind in TYPES or part.filename.lower().endswith(ENDINGS):
        return True
    return part.kind == "text/plain" and message[part.start:part.start + 100].lstrip().lower().startswith(BEGINNINGS)
