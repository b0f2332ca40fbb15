"""mta.dns.frames: what goes over the resolver's socket."""
import pytest

from mta.base.names import Domain, ip_address
from mta.dns.answer import CAA, MX, SOA, SRV, TLSA, Answer, Outcome, Record, RecordType
from mta.dns.frames import BadFrame, Frames, answer_frame, question_frame, read_answer, read_question

NAME = Domain("example.org")
RECORDS: list[tuple[RecordType, Record]] = [
    (RecordType.A, ip_address("192.0.2.1")), (RecordType.AAAA, ip_address("2001:db8::1")),
    (RecordType.MX, MX(10, NAME)), (RecordType.MX, MX(0, None)), (RecordType.TXT, "v=spf1 \xff"),
    (RecordType.TLSA, TLSA(3, 1, 1, b"\0\1")), (RecordType.SRV, SRV(1, 2, 3, NAME)), (RecordType.CAA, CAA(0, "iodef", "x")),
    (RecordType.SOA, SOA(NAME, 1, 60)), (RecordType.PTR, NAME), (RecordType.DS, b"\1\2"),
]


@pytest.mark.parametrize(("kind", "record"), RECORDS, ids=lambda value: value.name if isinstance(value, RecordType) else "")
def test_an_answer_survives_the_way(kind: RecordType, record: Record) -> None:
    """Every type of record comes back equal."""
    answer = Answer(NAME, kind, Outcome.FOUND, (record,), True, 60, (Domain("a.example"),), "why")
    [content] = Frames().feed(answer_frame(7, answer))

    assert content[0] == 7
    assert read_answer(content, NAME, kind) == answer


def test_any_cut_gives_the_same_questions() -> None:
    """Where the stream is split does not matter."""
    stream = question_frame(1, NAME, RecordType.MX) + question_frame(2, NAME, RecordType.A)
    for cut in range(len(stream) + 1):
        frames = Frames()
        contents = [*frames.feed(stream[:cut]), *frames.feed(stream[cut:])]

        assert [read_question(content) for content in contents] == [(1, NAME, RecordType.MX), (2, NAME, RecordType.A)]


def test_names_of_any_octets_can_be_asked_for() -> None:
    """Macros of SPF records make such names."""
    name = Domain.of_octets("a b:\\255.example")
    [content] = Frames().feed(question_frame(1, name, RecordType.A))

    assert read_question(content) == (1, name, RecordType.A)


def test_the_root_can_be_asked_for() -> None:
    """A survey asks it whether the resolver validates: other questions on the way must not fall with it."""
    [content] = Frames().feed(question_frame(1, Domain(""), RecordType.NS))
    assert read_question(content) == (1, Domain(""), RecordType.NS)


def test_a_long_frame_is_refused_before_it_is_read() -> None:
    """The announced length is checked against the limit at once."""
    with pytest.raises(BadFrame):
        list(Frames(limit=10).feed((11).to_bytes(4)))


@pytest.mark.parametrize("content", [
    ["1", "a.example", 1], [1, b"a.example", 1], [1, "a..example", 1], [1, "a.example", 3], [1, "a.example", 1.5], [1, "a.example"], [1],
])
def test_what_is_no_question(content: list[object]) -> None:
    """Nothing is converted: another type than the one that belongs there is refused."""
    with pytest.raises(BadFrame):
        read_question(content)


@pytest.mark.parametrize(("kind", "record"), [
    (RecordType.A, 3_232_235_777), (RecordType.A, "192.0.2.1"), (RecordType.A, b"abc"), (RecordType.MX, [10, None]),
    (RecordType.MX, ["10", "a.example"]), (RecordType.MX, [10, "a.example\r\nRCPT"]), (RecordType.TLSA, [3, 1, 1, "x"]),
    (RecordType.SRV, [1, 2, "a.example"]), (RecordType.CAA, [0, "issue"]), (RecordType.PTR, "a b"), (RecordType.TXT, b"x"),
    (RecordType.DS, 5),
])
def test_what_is_no_record(kind: RecordType, record: object) -> None:
    """A name is a name before anybody writes it into a conversation, and numbers are no addresses."""
    with pytest.raises(BadFrame):
        read_answer([1, "FOUND", [record], False, 60, [], ""], NAME, kind)


def test_what_is_no_answer() -> None:
    """Every place of the list has its type."""
    good: list[object] = [1, "EMPTY", [], False, 60, [], ""]
    assert read_answer(good, NAME, RecordType.A).outcome is Outcome.EMPTY
    for place, wrong in ((1, "NONE"), (1, 1), (2, {}), (3, 0), (4, 1.5), (5, [1]), (5, ["a b"]), (5, "ab"), (6, None)):
        with pytest.raises(BadFrame):
            read_answer([*good[:place], wrong, *good[place + 1:]], NAME, RecordType.A)
    with pytest.raises(BadFrame):
        read_answer(good[:-1], NAME, RecordType.A)
