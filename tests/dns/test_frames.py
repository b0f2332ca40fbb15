"""mta.dns.frames: what goes over the resolver's socket."""
import pytest
from hypothesis import given
from hypothesis import strategies as some

from mta.base.names import Domain, ip_address
from mta.dns.answer import CAA, MX, SOA, SRV, TLSA, Answer, Outcome, Record, RecordType
from mta.dns.frames import BadFrame, Frames, answer_frame, frame, question_frame, read_answer, read_question

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
        contents = frames.feed(stream[:cut]) + frames.feed(stream[cut:])

        assert [read_question(content) for content in contents] == [(1, NAME, RecordType.MX), (2, NAME, RecordType.A)]


def test_names_of_any_octets_can_be_asked_for() -> None:
    """Macros of SPF records make such names."""
    name = Domain.of_octets("a b:\\255.example")
    [content] = Frames().feed(question_frame(1, name, RecordType.A))

    assert read_question(content) == (1, name, RecordType.A)


def test_a_long_frame_is_refused_before_it_is_read() -> None:
    """The announced length is checked against the limit at once."""
    with pytest.raises(BadFrame):
        Frames(limit=10).feed((11).to_bytes(4))


@given(some.binary(max_size=64))
def test_strange_octets_are_refused_or_wait(data: bytes) -> None:
    """Whatever arrives: contents that are lists, or BadFrame, and nothing else."""
    try:
        for content in Frames().feed(len(data).to_bytes(4) + data):
            read_question(content)
    except BadFrame:
        return


@given(some.lists(some.none() | some.integers() | some.text() | some.lists(some.integers())))
def test_a_strange_answer_is_refused(content: list[object]) -> None:
    """A frame that is CBOR but no answer raises BadFrame only."""
    [read] = Frames().feed(frame([0, *content]))
    try:
        read_answer(read, NAME, RecordType.MX)
    except BadFrame:
        return
