"""What DNS servers say, and what the roles say to each other about it.

Invariant: whatever octets come for an answer, there is an answer to our question or one of
the exceptions that Upstreams.ask knows; its records are about the name that was asked for,
and it reads the same at the other end of the resolver's socket.  Whatever octets come in on
that socket, there are questions or answers in them, or BadFrame, however they are cut.
"""
import itertools

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from hypothesis import example, given
from hypothesis import strategies as some

from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.dns.answer import Answer, Outcome, RecordType
from mta.dns.frames import BadFrame, Frames, answer_frame, frame, question_frame, read_answer, read_question
from mta.net.upstream import Nonsense, read_response, response_to
from tests.fuzz.effort import tries

NAME = Domain("host.example.org")
KINDS = some.sampled_from(list(RecordType))
#: (owner, type, text) of records that a server may send, asked for or not.
RECORDS = some.lists(some.sampled_from([
    ("host.example.org.", "A", "192.0.2.1"), ("host.example.org.", "AAAA", "2001:db8::1"), ("host.example.org.", "MX", "10 mx.example.org."),
    ("host.example.org.", "MX", "0 ."), ("host.example.org.", "TXT", '"v=spf1 " "-all"'), ("host.example.org.", "TXT", '"\\255\\000"'),
    ("host.example.org.", "CNAME", "other.example.org."), ("other.example.org.", "CNAME", "host.example.org."),
    ("host.example.org.", "CNAME", "."), ("other.example.org.", "A", "192.0.2.2"), ("evil.example.net.", "A", "192.0.2.66"),
    ("host.example.org.", "TLSA", f"3 1 1 {'ab' * 32}"), ("host.example.org.", "SRV", "1 2 25 mx.example.org."), ("host.example.org.", "SRV", "0 0 0 ."),
    ("host.example.org.", "CAA", '0 issue "ca.example"'), ("host.example.org.", "PTR", "a\\032b.example.org."),
    ("host.example.org.", "SOA", "ns.example.org. me.example.org. 1 2 3 4 4294967295"), ("host.example.org.", "DS", f"1 8 2 {'ab' * 32}"),
    ("host.example.org.", "DNSKEY", "256 3 8 aabb"), ("host.example.org.", "NS", "ns.example.org."),
]), max_size=6)


def said(kind: RecordType, query: dns.message.QueryMessage, records: list[tuple[str, str, str]], rcode: int, flags: int,
         explained: bytes | None) -> bytes:
    """A server's answer to query."""
    response = dns.message.make_response(query)
    response.set_rcode(dns.rcode.Rcode(rcode))
    response.flags |= flags
    if explained is not None:
        response.use_edns(0, options=[dns.edns.GenericOption(dns.edns.OptionType.EDE, explained)])
    for owner, rdtype, text in records:
        rrset = dns.rrset.from_text(owner, 300, "IN", rdtype, text)
        (response.authority if rdtype == "SOA" and kind is not RecordType.SOA else response.answer).append(rrset)
    return response.to_wire()


@tries(200)
@given(KINDS, RECORDS, some.sampled_from([0, 2, 3, 5]), some.sampled_from([0, dns.flags.AD, dns.flags.TC]),
       some.none() | some.binary(max_size=12), some.booleans(),
       some.lists(some.tuples(some.integers(0, 300), some.integers(0, 3), some.binary(max_size=4)), max_size=4))
def test_any_answer_of_a_server(kind: RecordType, records: list[tuple[str, str, str]], rcode: int, flags: int, explained: bytes | None,
                                trusted: bool, damage: list[tuple[int, int, bytes]]) -> None:
    """Answers with octets put in, cut out and changed."""
    query = dns.message.make_query(f"{NAME.ascii}.", kind.name, use_edns=0)
    wire = bytearray(said(kind, query, records, rcode, flags, explained))
    for at, length, octets in damage:
        wire[at:at + length] = octets
    try:
        response = response_to(query, bytes(wire))
        answer = read_response(response, NAME, kind, trusted=trusted)
    except (ValueError, Nonsense, dns.exception.DNSException):
        return
    assert (answer.name, answer.kind) == (NAME, kind)
    assert 0 <= answer.ttl <= LIMITS.dns_ttl
    assert bool(answer.records) == (answer.outcome is Outcome.FOUND)
    assert trusted or not (answer.authentic or answer.outcome is Outcome.BOGUS)
    if answer.records and not damage:
        owned = {text for owner, rdtype, text in records if rdtype == kind.name and owner != "evil.example.net."}
        assert len(answer.records) <= len(owned)
    [content] = Frames().feed(answer_frame(7, answer))
    assert read_answer(content, NAME, kind) == answer


@tries(150)
@given(KINDS, some.binary(max_size=80))
def test_any_octets_from_a_server(kind: RecordType, tail: bytes) -> None:
    """A header that fits, and anything behind it."""
    query = dns.message.make_query(f"{NAME.ascii}.", kind.name)
    try:
        read_response(response_to(query, query.to_wire()[:2] + b"\x81\x80" + tail), NAME, kind, trusted=True)
    except (ValueError, Nonsense, dns.exception.DNSException):
        return


#: What may stand in a frame: plain things that are nearly right, and what cbor2 would rather not have sent.
PLAIN = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=6) | some.binary(max_size=6)
    | some.decimals() | some.dates() | some.fractions() | some.uuids() | some.sampled_from([o.name for o in Outcome])
    | some.sampled_from(["a.example", "", "ü.example", "a b", "xn--"]),
    lambda inner: some.lists(inner, max_size=7) | some.dictionaries(some.text(max_size=2), inner, max_size=2), max_leaves=12)
#: Tags that make cbor2 work: a decimal, a bigfloat, a mail, a pattern, a list within itself, octets without end.
NASTY = [b"\xc4\x82\x1b\x7f\xff\xff\xff\xff\xff\xff\xff\x01", b"\xc5\x82\x3b\x7f\xff\xff\xff\xff\xff\xff\xff\x01", b"\xd8\x24\x61a",
         b"\xd8\x23\x63(a+", b"\xd8\x1c\x81\xd8\x1d\x00", b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff", b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"]


def heard(octets: bytes, cuts: set[int], kind: RecordType) -> list[object]:
    """What both ends make of octets that come in pieces; the last is "bad" if they hang up."""
    frames, found = Frames(), list[object]()
    edges = [0, *sorted(cut for cut in cuts if cut < len(octets)), len(octets)]
    try:
        for start, end in itertools.pairwise(edges):
            for content in frames.feed(octets[start:end]):
                for read in (lambda content: read_question(content), lambda content: read_answer(content, NAME, kind)):
                    try:
                        found.append(read(content))
                    except BadFrame:
                        found.append("no")
    except BadFrame:
        found.append("bad")
    return found


@tries(120)
@example([1, "EMPTY", [], False, float("nan"), [], ""], b"", set(), RecordType.A)
@given(some.lists(PLAIN, max_size=7), some.binary(max_size=12) | some.sampled_from(NASTY), some.sets(some.integers(0, 80)), KINDS)
def test_any_frames(content: list[object], octets: bytes, cuts: set[int], kind: RecordType) -> None:
    """A frame of ours, one that is CBOR, and one that may be anything, cut anywhere."""
    first = question_frame(1, NAME, kind)
    stream = first + frame(content) + (len(octets) + 1).to_bytes(4) + b"\x81" + octets
    whole = heard(stream, set(), kind)

    assert whole[0] == (1, NAME, kind)
    assert [repr(each) for each in heard(stream, cuts, kind)] == [repr(each) for each in whole]
    for each in whole:
        if isinstance(each, Answer):
            assert [read_answer(again, NAME, kind) for again in Frames().feed(answer_frame(1, each))] == [each]
        assert not isinstance(each, tuple) or type(each[0]) in (int, bool)


@tries(120)
@given(KINDS, PLAIN, some.sampled_from(list(Outcome)))
def test_any_record_in_a_frame(kind: RecordType, record: object, outcome: Outcome) -> None:
    """An answer that is right but for one record: what is read of it can be written and reads the same again."""
    try:
        [content] = Frames().feed(frame([1, outcome.name, [record], False, 60, [], ""]))
        answer = read_answer(content, NAME, kind)
    except BadFrame:
        return
    assert [read_answer(again, NAME, kind) for again in Frames().feed(answer_frame(1, answer))] == [answer]
