"""mta.imap.answer: what servers say, and what is no answer."""
import pytest

from mta.imap import answer
from mta.imap.answer import BadAnswer, Literal, Value


@pytest.mark.parametrize(("pieces", "values"), [
    ([b"3 EXISTS"], [b"3", b"EXISTS"]),
    ([b'LIST (\\HasNoChildren \\Sent) "/" "Sent Items"'], [b"LIST", [b"\\HasNoChildren", b"\\Sent"], b"/", b"Sent Items"]),
    ([b"LIST () NIL INBOX"], [b"LIST", [], None, b"INBOX"]),
    ([b'1 FETCH (UID 5 X-GM-LABELS ("\\\\Inbox" "a \\"b\\"") BODY[] {3}', Literal(b"abc"), b")"],
     [b"1", b"FETCH", [b"UID", b"5", b"X-GM-LABELS", [b"\\Inbox", b'a "b"'], b"BODY[]", b"abc"]]),
    ([b"LIST () {1}", Literal(b"/"), b" {5}", Literal(b"a b c"), b""], [b"LIST", [], b"/", b"a b c"])])
def test_values(pieces: list[bytes], values: list[Value]) -> None:
    """Words, strings, literals, lists and NIL."""
    assert answer.parse(pieces) == values


@pytest.mark.parametrize("line", [b"1 FETCH (UID 5", b"1 FETCH )", b'LIST "', b"(" * 50])
def test_no_answers(line: bytes) -> None:
    """Are told apart, at once and without depth."""
    with pytest.raises(BadAnswer):
        answer.parse([line])


def test_facts() -> None:
    """By name; numbers are numbers and lists lists."""
    facts = answer.pairs([b"uid", b"7", b"FLAGS", [b"\\Seen"]])
    assert answer.number(facts["UID"]) == 7
    assert answer.words(facts["FLAGS"]) == ("\\Seen",)
    for bad in (b"x", b"9" * 30, b"-1", [b"1"]):
        with pytest.raises(BadAnswer):
            answer.number(bad)    # type: ignore[arg-type]  # on purpose
    with pytest.raises(BadAnswer):
        answer.words(b"x")
    with pytest.raises(BadAnswer):
        answer.pairs(b"x")
    assert answer.keyword([b"ok", [b"x"]], 0) == "OK"
    assert answer.keyword([b"ok", [b"x"]], 1) == answer.keyword([], 4) == ""


def test_codes() -> None:
    """In front of the text."""
    assert answer.code(b"[AUTHENTICATIONFAILED] no") == ("AUTHENTICATIONFAILED", "")
    assert answer.code(b"[UIDVALIDITY 5] ok") == ("UIDVALIDITY", "5")
    assert answer.code(b"no") == ("", "")
