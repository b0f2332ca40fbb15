"""The data of one record, from the words of a master file to the types of mta.dns.answer, and back.

ValueError says what is wrong with the data.  Standards: RFC 1035 §5.1 (escapes), and for
each type the one that defines it.
"""
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import dns.exception
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from mta.base.names import Domain, ip_address
from mta.dns.answer import CAA, MX, SOA, SRV, TLSA, Record, RecordType

#: What stands in a quoted string as it is.
PLAIN = frozenset(chr(code) for code in range(0x20, 0x7F)) - {'"', "\\"}
#: RFC 1035 §3.3: octets of one string of a TXT record.
STRING = 255
ESCAPE = re.compile(rb"\\(?:(\d{3})|(.))", re.DOTALL)


class Word(NamedTuple):
    """A word as it stands in the file, without its quotes, escapes not yet taken away."""

    source: str
    quoted: bool

    @property
    def octets(self) -> str:
        """What it says, as octets in Latin-1: text beyond ASCII is UTF-8."""
        if "\\" not in self.source:
            return self.source if self.source.isascii() else self.source.encode().decode("latin-1")
        return ESCAPE.sub(_escaped, self.source.encode()).decode("latin-1")


def read_record(kind: RecordType, words: Sequence[Word], host: Callable[[Word], Domain | None]) -> Record:
    """The record of kind that words give; host completes a name that stands in the data."""
    data = _Data(kind, list(words), host)
    record = data.read()
    if data.words:
        raise ValueError(f"{kind.name} has {data.words[0].source!r} too much")
    return record


def written(kind: RecordType, record: Record) -> str:
    """The data of a record as in a master file, with all names in full."""
    match record:
        case MX(preference, host):
            return f"{preference} {_full(host)}"
        case TLSA(usage, selector, matching, data):
            return f"{usage} {selector} {matching} {data.hex()}"
        case SRV(priority, weight, port, host):
            return f"{priority} {weight} {port} {_full(host)}"
        case CAA(flags, tag, value):
            return f"{flags} {tag} {_quoted(value)}"
        case SOA(host, serial, minimum):
            # Whoever is responsible and the times of secondaries are nothing that we keep.
            return f"{_full(host)} . {serial} 0 0 0 {minimum}"
        case Domain():
            return _full(record)
        case str():
            return " ".join(_quoted(record[at:at + STRING]) for at in range(0, max(1, len(record)), STRING))
        case bytes():
            return str(dns.rdata.from_wire(dns.rdataclass.IN, dns.rdatatype.RdataType(kind.value), record, 0, len(record)))
        case _:
            return str(record)


def _full(host: Domain | None) -> str:
    return f"{host.ascii if host else ''}."


def _quoted(text: str) -> str:
    return '"' + "".join(char if char in PLAIN else f"\\{char}" if char in '"\\' else f"\\{ord(char):03}" for char in text) + '"'


class _Data:
    """The words that are left of one record's data."""

    def __init__(self, kind: RecordType, words: list[Word], host: Callable[[Word], Domain | None]) -> None:
        self.kind, self.words, self.host = kind, words, host

    def read(self) -> Record:
        match self.kind:
            case RecordType.A | RecordType.AAAA:
                return self.address(4 if self.kind is RecordType.A else 6)
            case RecordType.MX:
                return MX(self.number(0xFFFF), self.host(self.word()))
            case RecordType.TXT:
                return self.text()
            case RecordType.TLSA:
                return TLSA(self.number(255), self.number(255), self.number(255), self.hexadecimal())
            case RecordType.SRV:
                return SRV(self.number(0xFFFF), self.number(0xFFFF), self.number(0xFFFF), self.host(self.word()))
            case RecordType.CAA:
                return CAA(self.number(255), self.word().source, self.word().octets)
            case RecordType.SOA:
                return self.authority()
            case RecordType.PTR | RecordType.CNAME | RecordType.NS:
                return self.name()
            case RecordType.DS | RecordType.DNSKEY:
                return self.wire()

    def word(self) -> Word:
        if not self.words:
            raise ValueError(f"{self.kind.name} needs more data")
        return self.words.pop(0)

    def number(self, most: int) -> int:
        source = self.word().source
        if not (source.isascii() and source.isdigit()) or len(source) > 10 or int(source) > most:
            raise ValueError(f"{self.kind.name} needs a number from 0 to {most}, not {source!r}")
        return int(source)

    def address(self, version: int) -> Record:
        source = self.word().source
        ip = ip_address(source)
        # ::ffff:192.0.2.1 is IPv6 as it stands here, whatever it means later.
        if ip.version != version and not (version == 6 and ":" in source):
            raise ValueError(f"{source!r} is no IPv{version} address")
        return ip

    def name(self) -> Domain:
        word = self.word()
        target = self.host(word)
        if target is None:
            raise ValueError(f"{self.kind.name} cannot point to the root")
        return target

    def text(self) -> str:
        """The strings of one TXT record, joined without space as whoever asks does (RFC 7208 §3.3).

        RFC 1035 §5.1, deviate: words of which none is quoted are one text, with the spaces
        between them; a name server would take each for a string of its own.
        """
        words = [self.word(), *self.words]
        self.words = []
        return ("" if any(word.quoted for word in words) else " ").join(word.octets for word in words)

    def hexadecimal(self) -> bytes:
        digits = "".join(word.source for word in self.words)
        self.words = []
        try:
            return bytes.fromhex(digits)
        except ValueError:
            raise ValueError(f"{self.kind.name}: {digits[:20]!r} is not hexadecimal") from None

    def authority(self) -> SOA:
        """RFC 1035 §3.3.13; the times may have units, of which only the negative TTL matters here."""
        host = self.host(self.word())
        self.word()                     # who is responsible
        serial = self.number(0xFFFF_FFFF)
        for _ in range(3):
            self.word()
        minimum = self.word().source
        return SOA(host, serial, int(minimum) if minimum.isdigit() and len(minimum) < 11 else 0)

    def wire(self) -> bytes:
        """DS and DNSKEY as they are on the wire; one word alone is that already, in hexadecimal."""
        if len(self.words) == 1:
            return self.hexadecimal()
        source = " ".join(word.source for word in self.words)
        self.words = []
        try:
            kind = dns.rdatatype.RdataType(self.kind.value)
            return dns.rdata.from_text(dns.rdataclass.IN, kind, source).to_wire() or b""
        except (dns.exception.DNSException, ValueError) as problem:
            raise ValueError(f"{self.kind.name}: {problem}") from None


def _escaped(found: re.Match[bytes]) -> bytes:
    if found[1] is None:
        return found[2]
    octet = int(found[1])
    if octet > 255:
        raise ValueError(f"\\{octet} is more than an octet")
    return bytes([octet])
