"""Records of strangers: SPF.

Invariant: whatever records, names, senders and greetings say, a check ends with a result;
no question is asked twice, their number is bounded, an explanation is printable ASCII of
bounded length, and the field that tells of it is one field.
"""
import contextlib
import re
import time

from hypothesis import given
from hypothesis import strategies as some

from mta.auth import spfrecord
from mta.auth.receivedspf import received_spf
from mta.auth.spf import check_host
from mta.base.limits import LIMITS
from mta.base.names import Domain, ip_address
from mta.dns.answer import MX, Answer, Outcome, Record, RecordType
from tests.fuzz.effort import tries

TIME = tries(150)

NAMES = ["a.example", "b.example", "c.example", "1.2.0.192.in-addr.arpa", "me.a.example"]
PIECES = [
    "v=spf1", " ", "  ", "a", "mx", "ptr", "include", "exists", "ip4", "ip6", "all", "redirect", "exp", ":", "=", "/", "//", "+", "-", "~", "?",
    "a.example", "b.example", "c.example", "192.0.2.1", "2001:db8::1", "24", "64", "0", "%{", "}", "%{d}", "%{i}", "%{p}", "%{l1r-}", "%{S}", "%{h}",
    "%{c}", "%{ir}", "%%", "%_", "%-", "%", ".", "..", "include:a.example", "redirect=b.example", "exp=c.example", "exists:%{l}.a.example", "\t",
    "\r\n", "\0", "\xe9", "v=spf1 ", "x" * 64, "x." * 130,
]
TERMS = [
    "a", "mx", "ptr", "a:b.example", "mx:c.example", "include:b.example", "include:c.example", "exists:%{ir}.%{l}", "exists:%{p}.b.example", "-all",
    "~all", "redirect=c.example", "exp=b.example", "exp=%{d}", "ip4:203.0.113.0/24", "a:%{h}", "include:%{o}", "a/0//0", "mx:%{d}/24", "x=%{S}",
]
TEXTS = (some.lists(some.sampled_from(TERMS), max_size=14).map(lambda terms: " ".join(["v=spf1", *terms]))
         | some.lists(some.sampled_from(PIECES) | some.text(max_size=3), max_size=25).map("".join)
         | some.lists(some.sampled_from(PIECES), max_size=25).map(lambda pieces: "v=spf1 " + "".join(pieces)))
RECORDS = some.dictionaries(
    some.sampled_from(NAMES),
    some.fixed_dictionaries({
        RecordType.TXT: some.lists(TEXTS, max_size=2), RecordType.A: some.lists(some.sampled_from(["192.0.2.1", "203.0.113.1"]).map(ip_address)),
        RecordType.AAAA: some.lists(some.sampled_from(["2001:db8::1", "::1"]).map(ip_address)),
        RecordType.MX: some.lists(some.builds(MX, some.integers(0, 9), some.none() | some.sampled_from(NAMES).map(Domain)), max_size=12),
        RecordType.PTR: some.lists(some.sampled_from(NAMES).map(Domain), max_size=12)}))
STRANGERS = some.sampled_from(["", "me", "me@a.example", "a.example", "[192.0.2.1]", '"a b"@a.example', "jürgen@a.example", "A..b"]) | some.text(max_size=20)


class World:
    """A Resolver over some records; names that begin like sick are trouble."""

    def __init__(self, records: dict[str, dict[RecordType, list[Record]]], sick: str) -> None:
        self.records = records
        self.sick = sick
        self.questions: list[tuple[str, RecordType]] = []

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        self.questions.append((name.ascii, kind))
        if name.ascii == self.sick:
            return Answer(name, kind, Outcome.TROUBLE)
        found = tuple(self.records.get(name.ascii, {}).get(kind, ()))
        return Answer(name, kind, Outcome.FOUND if found else Outcome.NOTHING, found)


@TIME
@given(RECORDS, some.sampled_from(["", *NAMES]), some.sampled_from(["a.example", "b.example", "x"]) | STRANGERS, STRANGERS, STRANGERS,
       some.sampled_from(["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"]))
async def test_any_world_gives_a_result(
        records: dict[str, dict[RecordType, list[Record]]], sick: str, domain: str, sender: str, hello: str, ip: str) -> None:
    """The invariant, for records that come near to what is published."""
    world = World(records, sick)
    result = await check_host(ip_address(ip), domain, sender, world, hello=hello, receiver=Domain("receiver.example"), now=0.0)

    assert len(world.questions) == len(set(world.questions)) == result.questions
    # The record, what its terms ask, hosts of MX or PTR for each, and the explanation.
    assert result.questions <= 1 + LIMITS.spf_lookups * 2 * (1 + LIMITS.spf_names) + 2 + LIMITS.spf_names
    assert result.explanation.isascii()
    assert not result.explanation or result.explanation.isprintable()
    assert len(result.explanation) <= LIMITS.spf_explanation
    field = received_spf(result, ip_address(ip), hello, Domain("receiver.example"))
    assert not re.sub(rb"\r\n ", b"", field.removesuffix(b"\r\n")).count(b"\r")
    field.decode()


@TIME
@given(TEXTS | some.text(max_size=200))
def test_any_text_is_a_record_or_a_bad_one(text: str) -> None:
    """And what is read says only what the grammar allows."""
    try:
        record = spfrecord.parse(text)
    except spfrecord.BadRecord:
        return
    for mechanism in record.mechanisms:
        assert mechanism.text.isascii()
        assert mechanism.text.isprintable()
        assert mechanism.bits <= (32, 128)


def test_the_work_is_linear() -> None:
    """The worst records we could think of, ten times as long, take ten times as long and not a hundred times."""
    for text in ("ip4:1.2.3.4 ", "a ", "a:%{d}", "%%", ".a-", "a:x.", "/1", "x=%{d", "1", "-", "%{d........", "exp=x.y "):
        short, long = (_seconds("v=spf1 " + text * (size // len(text))) for size in (4_000, 40_000))
        assert long < 40 * short + 0.01, text


def _seconds(text: str) -> float:
    best = 1.0
    for _ in range(3):
        start = time.process_time()
        with contextlib.suppress(spfrecord.BadRecord):
            spfrecord.parse(text)
        best = min(best, time.process_time() - start)
    return best
