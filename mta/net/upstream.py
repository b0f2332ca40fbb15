"""Asks the DNS servers that the operator (or resolv.conf) names, over UDP and TCP.

Trusted with: sockets to those servers; nothing that they say is believed beyond what the
question was about.  DNSSEC is the upstream's work: its word (the AD bit) counts only if
it is on this machine or named as trusted, since anyone on the way could set that bit.

A TLSA record that is cut short must not spoil the others beside it, and must not vanish
either: a host with nothing but broken promises of TLS still promised TLS.  It becomes a
record with a usage that does not exist.

Standards: RFC 1035, RFC 6891 (EDNS), RFC 5452 §9 (ports and ids against forgery), RFC 7766
(TCP), RFC 6840 §5.7 (asking for AD), RFC 8914 (explanations), RFC 6761 §6.3 (localhost).
"""
import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from mta.base.clock import Clock
from mta.base.errors import BadName, SetupError
from mta.base.limits import LIMITS
from mta.base.names import Domain, IPAddress, ip_address
from mta.base.tokens import secret_octets
from mta.dns.answer import CAA, MX, SOA, SRV, TLSA, Answer, Outcome, Record, RecordType

#: Seconds given to each attempt; the servers take turns.  Their sum is below LIMITS.dns_wait.
ATTEMPTS: Final = (0.8, 1.5, 2.5, 4.0)
#: A server that failed is asked after the others for this long.
BENCHED: Final = 20.0
#: Seconds between two looks whether resolv.conf has changed.
REREAD: Final = 5.0
#: Octets of a message before its question (RFC 1035 §4.1.1).
HEADER: Final = 12
#: Bits of its third octet, and the part of its fourth that is the result.
RESPONSE, TRUNCATED, RCODE = 0x80, 0x02, 0x0F
#: RFC 8914 §4: the explanations that mean "DNSSEC does not add up".
BOGUS_CODES: Final = frozenset({1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 25, 27})
CNAME_HOPS: Final = 16
#: RFC 6698 §2.1: three octets stand before the data of a TLSA record.
TLSA_LEAST: Final = 3
#: RFC 6895 §3.1: a type for private use, under which records are kept that are cut short; and what they become.
CUT_SHORT: Final = dns.rdatatype.RdataType(65_399)
UNREADABLE: Final = TLSA(255, 255, 255, b"")

Trouble = Callable[[str, str], None]


@dataclass(slots=True)
class Server:
    """One upstream; benched_until is on the monotonic clock."""

    ip: IPAddress
    port: int
    trusted: bool
    benched_until: float = 0.0

    def __str__(self) -> str:
        return str(self.ip) if self.port == 53 else f"[{self.ip}]:{self.port}"


class Nonsense(Exception):
    """What came back is no answer to our question."""


def servers(upstreams: Sequence[str], trusted: Sequence[str], resolv_conf: Path = Path("/etc/resolv.conf")) -> list[Server]:
    """The servers to ask: as configured ("192.0.2.53", "127.0.0.1:5353", "[::1]:5353"), else those of resolv.conf.

    SetupError if a configured one cannot be read; what resolv.conf has beyond readable
    servers is passed over, as the system's own resolver does.  An empty list is possible
    and means: every question ends in trouble.
    """
    known = {_server(text).ip for text in trusted}
    found = [_server(text) for text in upstreams] or _nameservers(resolv_conf)
    for server in found:
        server.trusted = server.ip.is_loopback or server.ip in known
    return found


def _server(text: str) -> Server:
    host, port = text, "53"
    if text.startswith("["):
        host, _, port = text[1:].partition("]:")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    host = host.rstrip("]")
    try:
        # RFC 4007 §11: a link-local address means nothing without its zone (fe80::1%eth0).
        ip = ipaddress.IPv6Address(host) if "%" in host else ip_address(host)
        return Server(ip, int(port or 53), trusted=False)
    except (BadName, ValueError):
        raise SetupError(f"[dns]: {text!r} is not the address of a DNS server; write for example 127.0.0.1 or 127.0.0.1:5353") from None


def _nameservers(resolv_conf: Path) -> list[Server]:
    found = []
    try:
        lines = resolv_conf.read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            with contextlib.suppress(SetupError):
                found.append(_server(words[1]))
    return found


class ResolvConf:
    """Says when resolv.conf names other servers: it may be written only after we start, and change with the network."""

    def __init__(self, trusted: Sequence[str], clock: Clock, path: Path = Path("/etc/resolv.conf")) -> None:
        self._trusted, self._clock, self._path = trusted, clock, path
        self._looked = clock.monotonic()
        self._seen = self._mark()

    def changed(self) -> list[Server]:
        """The servers, if the file has changed and names any; else none."""
        now = self._clock.monotonic()
        if now - self._looked < REREAD:
            return []
        self._looked = now
        seen, self._seen = self._seen, self._mark()
        return servers((), self._trusted, self._path) if self._seen != seen else []

    def _mark(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


class Upstreams:
    """A Resolver that asks servers; keeps nothing but which of them answered badly.

    With following it asks those that resolv.conf names from then on.
    """

    def __init__(
        self, servers: Sequence[Server], clock: Clock, trouble: Trouble = lambda upstream, problem: None,
        following: ResolvConf | None = None,
    ) -> None:
        self._servers = list(servers)
        self._clock = clock
        self._trouble = trouble
        self._following = following

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        if (local := _localhost(name, kind)) is not None:
            return local
        try:
            query = _query(name, kind)
        except dns.exception.DNSException as problem:
            return Answer(name, kind, Outcome.NOTHING, ttl=LIMITS.dns_negative_ttl, error=str(problem))
        said = "no DNS server is configured"
        for server, wait in zip(self._turns(), ATTEMPTS, strict=False):
            try:
                async with asyncio.timeout(wait):
                    answer = await _ask_one(server, query, name, kind)
            except (OSError, TimeoutError, ValueError, Nonsense, dns.exception.DNSException) as problem:
                said = f"{server}: {str(problem) or 'no answer in time'}"
                self._bench(server, said)
                continue
            if answer.outcome is not Outcome.TROUBLE:
                return answer
            # Another server may do better; a lame one is not the truth.
            said = f"{server}: {answer.error}"
        return Answer(name, kind, Outcome.TROUBLE, error=said)

    def _turns(self) -> list[Server]:
        """One server for each attempt: those in good standing first, in the configured order."""
        if self._following is not None and (changed := self._following.changed()):
            self._servers = changed
        now = self._clock.monotonic()
        ordered = sorted(self._servers, key=lambda server: server.benched_until > now)
        return [ordered[turn % len(ordered)] for turn in range(len(ATTEMPTS))] if ordered else []

    def _bench(self, server: Server, problem: str) -> None:
        now = self._clock.monotonic()
        if server.benched_until <= now:
            self._trouble(str(server), problem)
        server.benched_until = now + BENCHED


def _localhost(name: Domain, kind: RecordType) -> Answer | None:
    """RFC 6761 §6.3: localhost is this machine, whatever a server says."""
    if not Domain("localhost").covers(name):
        return None
    loopback: dict[RecordType, Record] = {
        RecordType.A: ipaddress.IPv4Address("127.0.0.1"), RecordType.AAAA: ipaddress.IPv6Address("::1")}
    if kind in loopback:
        return Answer(name, kind, Outcome.FOUND, (loopback[kind],), ttl=LIMITS.dns_ttl)
    return Answer(name, kind, Outcome.EMPTY, ttl=LIMITS.dns_ttl)


def _query(name: Domain, kind: RecordType) -> dns.message.QueryMessage:
    # RFC 5452 §9.2 wants more entropy than id and port have: random case (0x20) adds a
    # bit a letter, and nearly every server echoes it.
    bits = int.from_bytes(secret_octets(32))
    text = "".join(char.upper() if bits >> place & 1 else char for place, char in enumerate(name.ascii))
    return dns.message.make_query(
        dns.name.from_text(text + "."), dns.rdatatype.RdataType(kind.value), use_edns=0, payload=LIMITS.dns_udp_payload,
        flags=dns.flags.RD | dns.flags.AD)


async def _ask_one(server: Server, query: dns.message.QueryMessage, name: Domain, kind: RecordType) -> Answer:
    response = await _exchange(server, query)
    if response.edns < 0 and response.rcode() in (dns.rcode.FORMERR, dns.rcode.NOTIMP):
        # RFC 6891 §7: a server from before EDNS.
        plain = _query(name, kind)
        plain.use_edns(False)
        response = await _exchange(server, plain)
    answer = read_response(response, name, kind, trusted=server.trusted)
    if answer.outcome is Outcome.TROUBLE and response.rcode() == dns.rcode.SERVFAIL and server.trusted:
        # An older validating server says SERVFAIL and no more.  If it has an answer once
        # checking is disabled, then it was DNSSEC that failed.
        unchecked = _query(name, kind)
        unchecked.flags |= dns.flags.CD
        again = await _exchange(server, unchecked)
        if again.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            return Answer(name, kind, Outcome.BOGUS, error=answer.error or "DNSSEC validation failed")
    return answer


async def _exchange(server: Server, query: dns.message.QueryMessage) -> dns.message.Message:
    """The response to query; over TCP if it does not fit into a datagram, or if one cannot be sure whose it is."""
    wire = query.to_wire()
    response = await _over_udp(server, wire)
    # What was cut may end in the midst of a record, so the bit is looked at before anything is parsed.
    truncated = response[2] & TRUNCATED
    # RFC 5452 §9.2: random case did not come back.  That is a forger, or a server that does
    # not keep it; over TCP the first cannot follow, and the second need not.
    other_case = response[4:6] != b"\0\0" and not response.startswith(_question(wire), HEADER)
    if truncated or other_case:
        response = await _over_tcp(server, wire)
    return response_to(query, response)


def _question(wire: bytes) -> bytes:
    """The question of a query of ours, as written: name, type and class."""
    return wire[HEADER:wire.index(b"\0", HEADER) + 5]


def _answers(wire: bytes, data: bytes) -> bool:
    """Whether data is about the query in wire: same id, and the same question but for letter case (RFC 5452 §9.1)."""
    if len(data) < HEADER or data[:2] != wire[:2] or not data[2] & RESPONSE:
        return False
    if data[4:6] == b"\0\0":
        # A server that could not read the question need not repeat it.
        return data[3] & RCODE not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)
    return data[HEADER:].lower().startswith(_question(wire).lower())


class _Datagrams(asyncio.DatagramProtocol):
    """Waits for the one datagram that answers the query in wire; forged ones are passed over."""

    def __init__(self, wire: bytes) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._wire = wire

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if not self.answer.done() and _answers(self._wire, data):
            self.answer.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.answer.done():
            self.answer.cancel()


async def _over_udp(server: Server, wire: bytes) -> bytes:
    # A socket for each question gives each a port of its own (RFC 5452 §9.2), and
    # connecting it makes the kernel drop what others send.
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Datagrams(wire), remote_addr=(str(server.ip), server.port),
        family=socket.AF_INET6 if server.ip.version == 6 else socket.AF_INET)
    try:
        transport.sendto(wire)
        return await protocol.answer
    finally:
        transport.close()


async def _over_tcp(server: Server, wire: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(str(server.ip), server.port, limit=LIMITS.dns_frame)
    try:
        writer.write(len(wire).to_bytes(2) + wire)
        length = int.from_bytes(await reader.readexactly(2))
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError:
        raise Nonsense("the TCP answer ended early") from None
    finally:
        writer.close()


def response_to(query: dns.message.QueryMessage, wire: bytes) -> dns.message.Message:
    """The response in wire if it answers query; Nonsense or DNSException if not."""
    response = dns.message.from_wire(_disarmed(wire), ignore_trailing=True)
    if response.id != query.id or not response.flags & dns.flags.QR or response.opcode() != dns.opcode.QUERY:
        raise Nonsense("the answer is for another question")
    if response.question:
        asked, echoed = query.question[0], response.question[0]
        if echoed.rdtype != asked.rdtype or echoed.name != asked.name:
            raise Nonsense("the answer echoes another question")
    elif response.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        raise Nonsense("the answer has no question")
    return response


def _disarmed(wire: bytes) -> bytes:
    """wire, in which TLSA answers that are too short to be any bear another type, so that the rest can be read."""
    if RecordType.TLSA.value.to_bytes(2) not in wire:
        return wire
    mended, at = bytearray(wire), HEADER
    questions, answers = int.from_bytes(wire[4:6]), int.from_bytes(wire[6:8])
    for number in range(questions + answers):
        at = _after_name(wire, at)
        if number < questions:
            at += 4                     # type and class
            continue
        length = int.from_bytes(wire[at + 8:at + 10])
        if int.from_bytes(wire[at:at + 2]) == RecordType.TLSA.value and length < TLSA_LEAST:
            mended[at:at + 2] = CUT_SHORT.to_bytes(2)
        at += 10 + length               # type, class, TTL, length
        if at >= len(wire):
            break                       # what ends early is found out when it is parsed
    return bytes(mended)


def _after_name(wire: bytes, at: int) -> int:
    """Where the name at that place ends, which a pointer may do for it (RFC 1035 §4.1.4)."""
    while at < len(wire) and wire[at]:
        if wire[at] >= 0xC0:
            return at + 2
        at += wire[at] + 1
    return at + 1


def read_response(response: dns.message.Message, name: Domain, kind: RecordType, *, trusted: bool) -> Answer:
    """What response says about (name, kind).

    Only records that belong to the question, through its CNAMEs, are taken.
    """
    rcode = response.rcode()
    error = explanation(response)
    if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        codes = {int(option.code) for option in response.extended_errors()}
        bogus = trusted and rcode == dns.rcode.SERVFAIL and codes & BOGUS_CODES
        return Answer(name, kind, Outcome.BOGUS if bogus else Outcome.TROUBLE, error=error or dns.rcode.to_text(rcode))
    authentic = trusted and bool(response.flags & dns.flags.AD)
    followed = _follow(response, name, kind)
    if followed is None:
        return Answer(name, kind, Outcome.TROUBLE, error="the aliases (CNAME) have no end")
    chain, ttl, rrset = followed
    records, unreadable = _records(rrset, kind)
    if kind is RecordType.TLSA and (short := _cut_short(response, chain[-1] if chain else name)) is not None:
        records, ttl = (*records, UNREADABLE), min(ttl, short.ttl)
    if records:
        return Answer(name, kind, Outcome.FOUND, records, authentic, ttl, chain, error)
    if unreadable:
        return Answer(name, kind, Outcome.TROUBLE, chain=chain, error="the records cannot be read")
    outcome = Outcome.NOTHING if rcode == dns.rcode.NXDOMAIN else Outcome.EMPTY
    return Answer(name, kind, outcome, (), authentic, min(ttl, negative_ttl(response)), chain, error)


def explanation(response: dns.message.Message) -> str:
    """What the server says went wrong (RFC 8914), or an empty string."""
    pieces = []
    for option in response.extended_errors():
        label = dns.edns.EDECode(option.code).name.replace("_", " ").lower() if option.code in set(dns.edns.EDECode) else str(option.code)
        pieces.append(f"{label}: {option.text}" if option.text else label)
    return "; ".join(pieces)[:500]


def negative_ttl(response: dns.message.Message) -> int:
    """Seconds that absence may be remembered (RFC 2308 §5); 0 without an SOA record."""
    for rrset in response.authority:
        if rrset.rdtype == dns.rdatatype.SOA:
            return int(min(rrset.ttl, rrset[0].minimum))
    return 0


def _follow(
    response: dns.message.Message, name: Domain, kind: RecordType,
) -> tuple[tuple[Domain, ...], int, dns.rrset.RRset | None] | None:
    """(CNAMEs passed, least TTL, the records at their end or None); None if there is no end."""
    at = dns.name.from_text(name.ascii + ".")
    chain: list[Domain] = []
    ttl = LIMITS.dns_ttl
    for _ in range(CNAME_HOPS):
        rrset = response.get_rrset(response.answer, at, dns.rdataclass.IN, dns.rdatatype.RdataType(kind.value))
        if rrset is not None:
            return tuple(chain), min(ttl, rrset.ttl), rrset
        alias = response.get_rrset(response.answer, at, dns.rdataclass.IN, dns.rdatatype.CNAME)
        if alias is None:
            break
        ttl = min(ttl, alias.ttl)
        at = alias[0].target
        if at == dns.name.root:
            break
        # RFC 2317 §4: the names of small networks' addresses lead through names with a slash.
        chain.append(Domain.of_octets(at.to_text(omit_final_dot=True)))
    else:
        return None
    return tuple(chain), ttl, None


def _records(rrset: dns.rrset.RRset | None, kind: RecordType) -> tuple[tuple[Record, ...], bool]:
    """(the records as our types, whether some could not be read)."""
    records = [_record(kind, rdata) for rdata in rrset or ()]
    good = tuple(record for record in records if record is not None)
    return good, len(good) < len(records)


def _cut_short(response: dns.message.Message, owner: Domain) -> dns.rrset.RRset | None:
    """TLSA records of owner that were too short to be read."""
    return response.get_rrset(response.answer, dns.name.from_text(owner.ascii + "."), dns.rdataclass.IN, CUT_SHORT)


def _domain(name: dns.name.Name) -> Domain | None:
    """A name of the wire as Domain; None for the root and for names that no mail host has."""
    try:
        return Domain.parse(name.to_text(omit_final_dot=True))
    except BadName:
        return None


def _record(kind: RecordType, rdata: Any) -> Record | None:
    match kind:
        case RecordType.A | RecordType.AAAA:
            return ipaddress.ip_address(rdata.address)
        case RecordType.MX:
            return _hosted(rdata.exchange, lambda host: MX(rdata.preference, host))
        case RecordType.TXT:
            return b"".join(rdata.strings).decode("latin-1")
        case RecordType.PTR | RecordType.CNAME | RecordType.NS:
            return _domain(rdata.target)
        case RecordType.TLSA:
            return TLSA(rdata.usage, rdata.selector, rdata.mtype, bytes(rdata.cert))
        case RecordType.SRV:
            return _hosted(rdata.target, lambda host: SRV(rdata.priority, rdata.weight, rdata.port, host))
        case RecordType.CAA:
            return CAA(rdata.flags, rdata.tag.decode("latin-1"), rdata.value.decode("latin-1"))
        case RecordType.SOA:
            return SOA(_domain(rdata.mname), rdata.serial, rdata.minimum)
        case _:
            return bytes(rdata.to_wire())


def _hosted(name: dns.name.Name, make: Callable[[Domain | None], Record]) -> Record | None:
    """A record with a host in it: the root means "none" (RFC 7505 §3), an unreadable name spoils it."""
    if name == dns.name.root:
        return make(None)
    host = _domain(name)
    return make(host) if host else None
