"""How the roles talk to the resolver process: length-prefixed CBOR frames over a Unix socket.

A question is [number, name, kind], an answer [number, outcome, records, authentic, ttl,
chain, error]; numbers are chosen by who asks and tie the two together, so that many
questions can be in flight.  Four octets of length, big-endian, go before each frame.
"""
import ipaddress
from collections.abc import Iterator
from typing import Any

import cbor2

from mta.base.cbor import NotPlain, plain
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.dns.answer import CAA, MX, SOA, SRV, TLSA, Answer, Outcome, Record, RecordType

LENGTH = 4


class BadFrame(ValueError):
    """The other side does not speak this; hang up."""


class Frames:
    """Cuts a byte stream into frames; any split of the stream gives the same frames."""

    def __init__(self, limit: int = LIMITS.dns_frame) -> None:
        self._buffer = bytearray()
        self._limit = limit

    def feed(self, data: bytes) -> Iterator[list[Any]]:
        """The frames that data completes.  BadFrame at the first that is too long or no CBOR list."""
        self._buffer += data
        return self._complete()

    def _complete(self) -> Iterator[list[Any]]:
        while len(self._buffer) >= LENGTH:
            length = int.from_bytes(self._buffer[:LENGTH])
            if length > self._limit:
                raise BadFrame(f"a frame of {length} octets")
            if len(self._buffer) < LENGTH + length:
                return
            octets = bytes(self._buffer[LENGTH:LENGTH + length])
            del self._buffer[:LENGTH + length]
            yield _load(octets)


def frame(content: list[Any]) -> bytes:
    """content with its length in front."""
    data = cbor2.dumps(content)
    return len(data).to_bytes(LENGTH) + data


def question_frame(number: int, name: Domain, kind: RecordType) -> bytes:
    """The frame that asks."""
    return frame([number, name.ascii, kind.value])


def read_question(content: list[Any]) -> tuple[int, Domain, RecordType]:
    """(number, name, kind) of a question; BadFrame if it is none."""
    match content:
        case [int(number), str(name), int(kind)]:
            try:
                # The root has no labels, and is no host of anybody: only here is it a name.
                return number, Domain.of_octets(name) if name else Domain(""), RecordType(kind)
            except ValueError as problem:
                raise BadFrame(str(problem)) from None
        case _:
            raise BadFrame("no question")


def answer_frame(number: int, answer: Answer) -> bytes:
    """The frame that answers."""
    records = [_plain(record) for record in answer.records]
    chain = [name.ascii for name in answer.chain]
    return frame([number, answer.outcome.name, records, answer.authentic, answer.ttl, chain, answer.error])


def read_answer(content: list[Any], name: Domain, kind: RecordType) -> Answer:
    """The answer for (name, kind) in a frame; BadFrame if there is none."""
    match content:
        case [_, str(outcome), [*records], bool(authentic), int(ttl), [*chain], str(error)]:
            try:
                typed = tuple(_typed(kind, record) for record in records)
                return Answer(name, kind, Outcome[outcome], typed, authentic, ttl, tuple(map(_domain, chain)), error)
            except (ValueError, LookupError) as problem:
                raise BadFrame(str(problem)) from None
        case _:
            raise BadFrame("no answer")


def _load(data: bytes) -> list[Any]:
    try:
        content = plain(data)
    except NotPlain as problem:
        raise BadFrame(str(problem)) from None
    if not isinstance(content, list) or not content:
        raise BadFrame("no list")
    return content


def _name(host: Domain | None) -> str:
    return host.ascii if host else ""


def _host(text: str) -> Domain | None:
    return Domain.parse(text) if text else None


def _domain(text: object) -> Domain:
    if not isinstance(text, str):
        raise BadFrame("no name")
    return Domain.parse(text)


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


def _typed(kind: RecordType, written: Any) -> Record:
    """The record that _plain has written so; BadFrame or BadName if it has not."""
    match kind, written:
        case (RecordType.A | RecordType.AAAA), bytes():
            return ipaddress.ip_address(written)
        case RecordType.MX, [int(preference), str(host)]:
            return MX(preference, _host(host))
        case RecordType.TLSA, [int(usage), int(selector), int(matching), bytes(data)]:
            return TLSA(usage, selector, matching, data)
        case RecordType.SRV, [int(priority), int(weight), int(port), str(host)]:
            return SRV(priority, weight, port, _host(host))
        case RecordType.CAA, [int(flags), str(tag), str(value)]:
            return CAA(flags, tag, value)
        case RecordType.SOA, [str(host), int(serial), int(minimum)]:
            return SOA(_host(host), serial, minimum)
        case (RecordType.PTR | RecordType.CNAME | RecordType.NS), str():
            return Domain.parse(written)
        case RecordType.TXT, str():
            return written
        case (RecordType.DS | RecordType.DNSKEY), bytes():
            return written
        case _:
            raise BadFrame(f"no record of type {kind.name}")
