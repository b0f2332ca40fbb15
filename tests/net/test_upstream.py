"""mta.net.upstream: asking DNS servers, good ones and bad ones."""
import asyncio
import copy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import pytest

from mta.base.clock import SetClock
from mta.base.errors import SetupError
from mta.base.names import Domain, ip_address
from mta.dns.answer import MX, TLSA, Answer, Outcome, RecordType
from mta.net.upstream import REREAD, UNREADABLE, ResolvConf, Server, Upstreams, servers

NAME = Domain("example.org")
Reply = dns.message.Message | bytes | None
Script = Callable[[dns.message.Message], Reply | list[Reply]]


class Peer(asyncio.DatagramProtocol):
    """A DNS server over UDP and TCP that answers by script; None is silence, a list is several answers."""

    def __init__(self, script: Script, over_tcp: Script | None = None) -> None:
        self.script, self.over_tcp = script, over_tcp or script
        self.asked: list[str] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.asked.append("udp")
        reply = self.script(dns.message.from_wire(data))
        for each in reply if isinstance(reply, list) else [reply]:
            if each is not None:
                self.transport.sendto(each if isinstance(each, bytes) else each.to_wire(), addr)

    async def stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One question over TCP; the answer is never truncated."""
        self.asked.append("tcp")
        query = dns.message.from_wire(await reader.readexactly(int.from_bytes(await reader.readexactly(2))))
        reply = self.over_tcp(query)
        assert isinstance(reply, dns.message.Message)
        reply.flags &= ~dns.flags.TC
        wire = reply.to_wire(max_size=65_535)
        writer.write(len(wire).to_bytes(2) + wire)
        writer.close()


@asynccontextmanager
async def peer(script: Script, over_tcp: Script | None = None) -> AsyncIterator[tuple[Peer, Server]]:
    """A running server and how to ask it."""
    loop = asyncio.get_running_loop()
    acting = Peer(script, over_tcp)
    tcp = await asyncio.start_server(acting.stream, "127.0.0.1", 0)
    port = tcp.sockets[0].getsockname()[1]
    transport, _ = await loop.create_datagram_endpoint(lambda: acting, local_addr=("127.0.0.1", port))
    try:
        yield acting, Server(ip_address("127.0.0.1"), port, trusted=True)
    finally:
        transport.close()
        tcp.close()
        await tcp.wait_closed()


def records(query: dns.message.Message, *lines: str, flags: int = 0, section: str = "answer") -> dns.message.Message:
    """A response with records in text form."""
    response = dns.message.make_response(query)
    response.flags |= flags
    for line in lines:
        name, ttl, kind, data = line.split(None, 3)
        getattr(response, section).append(dns.rrset.from_text(name, int(ttl), "IN", kind, data))
    return response


def honest(query: dns.message.Message) -> dns.message.Message:
    """The script of a server that knows one exchanger."""
    return records(query, "example.org. 50 MX 10 mx.example.")


async def ask(script: Script, kind: RecordType = RecordType.MX, **changes: object) -> tuple[Answer, list[str]]:
    """The answer that a server with this script leads to, and how it was asked."""
    async with peer(script) as (acting, server):
        for name, value in changes.items():
            setattr(server, name, value)
        return await Upstreams([server], SetClock()).ask(NAME, kind), acting.asked


async def test_records_through_a_cname() -> None:
    """The chain, the least TTL and the AD bit are read."""
    answer, _ = await ask(lambda query: records(
        query, "example.org. 50 CNAME Other.example.", "other.example. 300 MX 10 mx.example.", flags=dns.flags.AD))

    assert answer.records == (MX(10, Domain("mx.example")),)
    assert (answer.ttl, answer.canonical, answer.authentic) == (50, Domain("other.example"), True)


async def test_records_through_a_cname_that_is_no_host_name() -> None:
    """The reverse names of small networks pass through names with a slash (RFC 2317 §4)."""
    answer, _ = await ask(lambda query: records(
        query, "example.org. 50 CNAME 1.0/26.example.", "1.0/26.example. 300 MX 10 mx.example."))

    assert answer.records == (MX(10, Domain("mx.example")),)
    assert answer.canonical == Domain.of_octets("1.0/26.example")


async def test_a_cname_that_leads_to_the_root() -> None:
    """There is nothing at its end."""
    answer, _ = await ask(lambda query: records(query, "example.org. 50 CNAME ."))

    assert answer.outcome is Outcome.EMPTY


async def test_authenticity_counts_only_from_trusted_servers() -> None:
    """Anyone on the way could have set AD."""
    answer, _ = await ask(lambda query: records(query, "example.org. 50 MX 0 .", flags=dns.flags.AD), trusted=False)

    assert answer.records == (MX(0, None),)
    assert not answer.authentic


async def test_records_of_others_are_not_taken() -> None:
    """What does not belong to the question is ignored (RFC 5452 §6)."""
    answer, _ = await ask(lambda query: records(query, "evil.example. 50 MX 10 mx.evil.example."))

    assert answer.outcome is Outcome.EMPTY


def tlsa(query: dns.message.Message, owner: str, *datas: bytes) -> dns.message.Message:
    """A response with TLSA records of these octets, whatever they are."""
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AD
    made = [dns.rdata.GenericRdata(dns.rdataclass.IN, dns.rdatatype.TLSA, data) for data in datas]
    response.answer.append(dns.rrset.from_rdata_list(owner, 300, made))
    return response


@pytest.mark.parametrize("broken", [b"", b"\x03", b"\x03\x01"], ids=["empty", "one octet", "two octets"])
async def test_a_tlsa_record_that_is_cut_short(broken: bytes) -> None:
    """It is unusable, the others count, and the set is not absent: else whoever breaks it could make us do without TLS."""
    good = bytes([3, 1, 1]) + bytes(32)
    answer, _ = await ask(lambda query: tlsa(query, "example.org.", broken, good), RecordType.TLSA)
    assert set(answer.records) == {TLSA(3, 1, 1, bytes(32)), UNREADABLE}
    assert (answer.outcome, answer.authentic, answer.ttl) == (Outcome.FOUND, True, 300)

    alone, _ = await ask(lambda query: tlsa(query, "example.org.", broken), RecordType.TLSA)
    assert (alone.outcome, alone.records, alone.ttl) == (Outcome.FOUND, (UNREADABLE,), 300)


async def test_a_short_tlsa_record_behind_an_alias() -> None:
    """The alias is followed to it; one of a name that nobody asked about counts for nothing."""
    def script(query: dns.message.Message) -> dns.message.Message:
        response = tlsa(query, "other.example.", b"\x03")
        response.answer.append(dns.rrset.from_text("example.org.", 60, "IN", "CNAME", "other.example."))
        return response

    answer, _ = await ask(script, RecordType.TLSA)
    assert (answer.records, answer.canonical.ascii, answer.ttl) == ((UNREADABLE,), "other.example", 60)
    stray, _ = await ask(lambda query: tlsa(query, "stray.example.", b"\x03"), RecordType.TLSA)
    assert stray.outcome is Outcome.EMPTY


async def test_absence_is_remembered_as_the_zone_says() -> None:
    """The negative TTL is the lesser of the SOA's TTL and its minimum (RFC 2308 §5)."""
    def script(query: dns.message.Message) -> dns.message.Message:
        response = records(query, "example.org. 900 SOA ns. host. 1 2 3 4 77", section="authority")
        response.set_rcode(dns.rcode.NXDOMAIN)
        return response
    answer, _ = await ask(script)

    assert (answer.outcome, answer.ttl) == (Outcome.NOTHING, 77)


async def test_a_truncated_answer_is_asked_for_over_tcp() -> None:
    """TC over UDP leads to the whole answer over TCP."""
    answer, asked = await ask(lambda query: records(query, "example.org. 50 TXT " + '"x" ' * 200, flags=dns.flags.TC), RecordType.TXT)

    assert asked == ["udp", "tcp"]
    assert answer.texts == ["x" * 200]


async def test_bogus_is_told_from_broken() -> None:
    """An explanation (RFC 8914) or an answer without checking shows that DNSSEC is the reason."""
    def explained(query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.use_edns(options=[dns.edns.EDEOption(dns.edns.EDECode.DNSSEC_BOGUS, "signature crypto failed")])
        response.set_rcode(dns.rcode.SERVFAIL)
        return response

    def silent(query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        if not query.flags & dns.flags.CD:
            response.set_rcode(dns.rcode.SERVFAIL)
        return response

    def broken(query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.SERVFAIL)
        return response

    answer, _ = await ask(explained)
    assert (answer.outcome, answer.error) == (Outcome.BOGUS, "dnssec bogus: signature crypto failed")
    assert (await ask(silent))[0].outcome is Outcome.BOGUS
    assert (await ask(broken))[0].outcome is Outcome.TROUBLE
    assert (await ask(explained, trusted=False))[0].outcome is Outcome.TROUBLE


async def test_a_lame_server_leads_to_the_next() -> None:
    """One that refuses is benched and told about; the next one's answer counts."""
    said: list[tuple[str, str]] = []

    def lame(query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.REFUSED)
        return response
    async with peer(lame) as (_, bad), peer(honest) as (_, good):
        answer = await Upstreams([bad, good], SetClock(), lambda *words: said.append(words)).ask(NAME, RecordType.MX)

    assert answer.found
    assert said == []


async def test_a_dead_server_is_benched_and_reported_once() -> None:
    """A closed port answers with ICMP: no waiting, one report, and next time the other comes first."""
    said: list[str] = []
    async with peer(lambda query: None) as (_, dead):
        pass
    async with peer(honest) as (_, good):
        upstreams = Upstreams([dead, good], SetClock(), lambda upstream, problem: said.append(upstream))
        first = await upstreams.ask(NAME, RecordType.MX)
        second = await upstreams.ask(NAME, RecordType.MX)

    assert first.found
    assert second.found
    assert said == [str(dead)]


def forged(query: dns.message.Message, forge: str) -> dns.message.Message | bytes:
    """An answer that names an evil host and is wrong in one way."""
    response = records(copy.deepcopy(query), "example.org. 50 MX 10 evil.example.")
    if forge == "id":
        response.id ^= 1
    if forge == "case":
        response.question[0].name = dns.name.from_text(query.question[0].name.to_text().swapcase())
    if forge == "name":
        response.question[0].name = dns.name.from_text("example.net.")
    if forge == "kind":
        response.question[0].rdtype = dns.rdatatype.A
    if forge == "question":
        response.question = []
    if forge == "query":
        response.flags &= ~dns.flags.QR
    return b"\0" * 3 if forge == "garbage" else response


@pytest.mark.parametrize("forge", ["id", "name", "kind", "question", "query", "garbage"])
async def test_forged_answers_are_passed_over(forge: str) -> None:
    """Wrong id, name or type, no question, or noise: never an answer, and the real one behind it still counts."""
    answer, asked = await ask(lambda query: [forged(query, forge), honest(query)])

    assert answer.records == (MX(10, Domain("mx.example")),)
    assert asked == ["udp"]


async def test_a_question_in_other_letter_case_is_asked_again_over_tcp() -> None:
    """Where a forger cannot follow; a server that never keeps the case can be asked all the same."""
    async with peer(lambda query: forged(query, "case"), honest) as (acting, server):
        answer = await Upstreams([server], SetClock()).ask(NAME, RecordType.MX)
        assert answer.records == (MX(10, Domain("mx.example")),)
        assert acting.asked == ["udp", "tcp"]

    careless, _ = await ask(lambda query: forged(query, "case"))
    assert careless.found


async def test_an_answer_cut_in_the_midst_of_a_record() -> None:
    """What TC says is believed before anything is parsed."""
    def cut(query: dns.message.Message) -> bytes:
        return records(query, "example.org. 50 MX 10 mx.example.", flags=dns.flags.TC).to_wire()[:-3]

    async with peer(cut, honest) as (acting, server):
        assert (await Upstreams([server], SetClock()).ask(NAME, RecordType.MX)).found
        assert acting.asked == ["udp", "tcp"]


async def test_a_server_from_before_edns() -> None:
    """It calls the question malformed, and is asked once more without (RFC 6891 §7)."""
    def old(query: dns.message.Message) -> dns.message.Message:
        if query.edns < 0:
            return honest(query)
        response = dns.message.make_response(query)
        response.use_edns(False)
        response.set_rcode(dns.rcode.FORMERR)
        return response

    answer, asked = await ask(old)

    assert answer.found
    assert asked == ["udp", "udp"]


async def test_aliases_without_end() -> None:
    """A circle of CNAMEs is trouble, not the absence of records."""
    answer, _ = await ask(lambda query: records(query, "example.org. 50 CNAME b.example.", "b.example. 50 CNAME example.org."))

    assert answer.outcome is Outcome.TROUBLE
    assert "no end" in answer.error


async def test_hundreds_of_exchangers_and_a_huge_text() -> None:
    """64 KiB over TCP are read like anything else; a TTL of 0 stays 0."""
    def script(query: dns.message.Message) -> dns.message.Message:
        if query.question[0].rdtype == dns.rdatatype.MX:
            return records(query, *(f"example.org. 0 MX {number} mx{number}.example." for number in range(900)))
        return records(query, "example.org. 0 TXT " + f'"{"x" * 250}" ' * 240)

    def truncated(query: dns.message.Message) -> dns.message.Message:
        return records(query, flags=dns.flags.TC)

    async with peer(truncated, script) as (_, server):
        upstreams = Upstreams([server], SetClock())
        exchangers, text = await upstreams.ask(NAME, RecordType.MX), await upstreams.ask(NAME, RecordType.TXT)

    assert (len(exchangers.exchangers), exchangers.ttl) == (900, 0)
    assert [len(each) for each in text.texts] == [60_000]


async def test_localhost_is_this_machine() -> None:
    """No server is asked about localhost (RFC 6761 §6.3)."""
    upstreams = Upstreams([], SetClock())

    assert (await upstreams.ask(Domain("localhost"), RecordType.A)).addresses == [ip_address("127.0.0.1")]
    assert (await upstreams.ask(Domain("a.localhost"), RecordType.MX)).outcome is Outcome.EMPTY
    assert (await upstreams.ask(NAME, RecordType.A)).outcome is Outcome.TROUBLE


def test_servers_from_configuration_or_resolv_conf(tmp_path: Path) -> None:
    """Configured ones win; trust is for loopback and for those that are named."""
    resolv = tmp_path / "resolv.conf"
    resolv.write_text(
        "; made by hand\nsearch example\noptions ndots:5 timeout:1 rotate\nnameserver\nnameserver 127.0.0.1 # here\n"
        "nameserver dns.example\n\tnameserver 192.0.2.53\nsortlist 192.0.2.0/24\nnameserver fe80::1%eth0\n\xff\n", "latin-1")
    read = servers((), ("192.0.2.53",), resolv)

    assert [(str(server.ip), server.trusted) for server in read] == [("127.0.0.1", True), ("192.0.2.53", True), ("fe80::1%eth0", False)]
    assert [str(server) for server in servers(("192.0.2.1:5353", "[::1]:54", "::1"), (), resolv)] == [
        "[192.0.2.1]:5353", "[::1]:54", "::1"]
    assert servers((), (), tmp_path / "none") == []
    with pytest.raises(SetupError, match="nonsense"):
        servers(("nonsense",), (), resolv)


async def test_a_resolv_conf_that_changes(tmp_path: Path) -> None:
    """Servers that are written after the start are asked; a file that is being rewritten takes none away."""
    resolv, clock = tmp_path / "resolv.conf", SetClock()
    following = ResolvConf((), clock, resolv)
    upstreams = Upstreams(servers((), (), resolv), clock, following=following)
    assert "no DNS server" in (await upstreams.ask(NAME, RecordType.MX)).error

    resolv.write_text("nameserver 127.0.0.9\n")
    assert following.changed() == []
    clock.advance(REREAD)
    assert "127.0.0.9" in (await upstreams.ask(NAME, RecordType.MX)).error

    resolv.write_text("")
    clock.advance(REREAD)
    assert "127.0.0.9" in (await upstreams.ask(NAME, RecordType.MX)).error
