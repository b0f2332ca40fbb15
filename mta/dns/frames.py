"""How the roles talk to the resolver process: length-prefixed CBOR frames over a Unix socket.

A question is [number, name, kind], an answer [number, outcome, records, authentic, ttl,
chain, error]; numbers are chosen by who asks and tie the two together, so that many
questions can be in flight.  Four octets of length, big-endian, go before each frame.
"""
import ipaddress
from typing import Any

import cbor2

from mta.base.limits import LIMITS
from mta.base.names import Domain, IPAddress
from mta.dns.answer import CAA, MX, SOA, SRV, TLSA, Answer, Outcome, Record, RecordType

LENGTH = 4


class BadFrame(ValueError):
    """The other side does not speak this; hang up."""


class Frames:
    """Cuts a byte stream into frames; any split of the stream gives the same frames."""

    def __init__(self, limit: int = LIMITS.dns_frame) -> None:
        self._buffer = bytearray()
        self._limit = limit

    def feed(self, data: bytes) -> list[list[Any]]:
        """The frames that data completes.  BadFrame if one is too long or no CBOR list."""
        self._buffer += data
        frames = []
        while len(self._buffer) >= LENGTH:
            length = int.from_bytes(self._buffer[:LENGTH])
            if length > self._limit:
                raise BadFrame(f"a frame of {length} octets")
            if len(self._buffer) < LENGTH + length:
                break
            frames.append(_load(bytes(self._buffer[LENGTH:LENGTH + length])))
            del self._buffer[:LENGTH + length]
        return frames


def frame(content: list[Any]) -> bytes:
    """content with its length in front."""
    data = cbor2.dumps(content)
    return len(data).to_bytes(LENGTH) + data


def question_frame(number: int, name: Domain, kind: RecordType) -> bytes:
    """The frame that asks."""
    return frame([number, name.ascii, kind.value])


def read_question(content: list[Any]) -> tuple[int, Domain, RecordType]:
    """(number, name, kind) of a question; BadFrame if it is none."""
    try:
        number, name, kind = content
        return int(number), Domain.of_octets(name), RecordType(kind)
    except (ValueError, TypeError, AttributeError) as problem:
        raise BadFrame(str(problem)) from None


def answer_frame(number: int, answer: Answer) -> bytes:
    """The frame that answers."""
    records = [_plain(record) for record in answer.records]
    chain = [name.ascii for name in answer.chain]
    return frame([number, answer.outcome.name, records, answer.authentic, answer.ttl, chain, answer.error])


def read_answer(content: list[Any], name: Domain, kind: RecordType) -> Answer:
    """The answer for (name, kind) in a frame; BadFrame if there is none."""
    try:
        _, outcome, records, authentic, ttl, chain, error = content
        typed = tuple(_typed(kind, record) for record in records)
        return Answer(name, kind, Outcome[outcome], typed, bool(authentic), int(ttl), tuple(map(Domain, chain)), str(error))
    except (ValueError, TypeError, LookupError) as problem:
        raise BadFrame(str(problem)) from None


def _load(data: bytes) -> list[Any]:
    try:
        content = cbor2.loads(data)
    except (cbor2.CBORDecodeError, ValueError, RecursionError, MemoryError, OverflowError) as problem:
        raise BadFrame(str(problem)) from None
    if not isinstance(content, list) or not content:
        raise BadFrame("no list")
    return content


def _name(host: Domain | None) -> str:
    return host.ascii if host else ""


def _host(text: str) -> Domain | None:
    return Domain(text) if text else None


def _plain(record: Record) -> Any:
    match record:
        case MX(preference, host):
            return [preference, _name(host)]
        case TLSA(usage, selector, matching, data):
            return [usage, selector, matching, data]
        case SRV(priority, weight, port, host):
            return [priority, weight, port, _name(host)]
        case CAA(flags, tag, value):
            return [flags, tag, value]
        case SOA(host, serial, minimum):
            return [_name(host), serial, minimum]
        case Domain(text):
            return text
        case str() | bytes():
            return record
        case _:
            return record.packed


def _ip(packed: bytes) -> IPAddress:
    return ipaddress.ip_address(packed)


def _typed(kind: RecordType, plain: Any) -> Record:
    match kind:
        case RecordType.A | RecordType.AAAA:
            return _ip(plain)
        case RecordType.MX:
            return MX(plain[0], _host(plain[1]))
        case RecordType.TLSA:
            return TLSA(*plain)
        case RecordType.SRV:
            return SRV(plain[0], plain[1], plain[2], _host(plain[3]))
        case RecordType.CAA:
            return CAA(*plain)
        case RecordType.SOA:
            return SOA(_host(plain[0]), plain[1], plain[2])
        case RecordType.PTR | RecordType.CNAME | RecordType.NS:
            return Domain(plain)
        case RecordType.TXT:
            return str(plain)
        case _:
            return bytes(plain)
