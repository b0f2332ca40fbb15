"""Tests of mta.flow.answering."""
from dataclasses import replace

import pytest

from mta.base.names import Address
from mta.flow import answering, deposit, people, reading
from mta.flow.reading import Letter
from mta.flow.world import World
from mta.message.address import parse_list

OWN = Address.parse("ann@example.org").__eq__


@pytest.fixture
def letter(served: World) -> Letter:
    """A letter to Ann and others."""
    ann = people.get_account(served, "ann").id
    row = deposit.file_in(served, ann, b"From: Carl <carl@else.example>\nTo: ann@example.org, Bob <bob@example.org>\n"
                          b"Cc: carl@else.example, dora@far.example, bob@example.org\nSubject: Re: Plan\nMessage-ID: <1@else.example>\n"
                          b"In-Reply-To: <0@else.example>\n\nYes.\n\n> No?\n")
    return reading.letter(served, ann, row.id)


def people_of(letter: Letter, everybody: bool) -> tuple[list[str], list[str]]:
    """The addresses of To and Cc of an answer."""
    to, cc = answering.recipients(letter, OWN, everybody)
    return [mailbox.spec for mailbox in to], [mailbox.spec for mailbox in cc]


def test_to_the_author(letter: Letter) -> None:
    """Alone, or with everybody who got it, each once, but not to ourselves."""
    assert people_of(letter, False) == (["carl@else.example"], [])
    assert people_of(letter, True) == (["carl@else.example"], ["bob@example.org", "dora@far.example"])


def test_where_the_author_wants_it(letter: Letter) -> None:
    """Reply-To wins over From."""
    wished = replace(letter, reply_to=tuple(parse_list("list@far.example")))

    assert people_of(wished, False) == (["list@far.example"], [])


def test_to_what_one_wrote_oneself(letter: Letter) -> None:
    """The answer goes on to whom it went, not to oneself."""
    mine = replace(letter, summary=replace(letter.summary, from_=tuple(parse_list("Ann <ann@example.org>")),
                                           to=tuple(parse_list("carl@else.example"))))

    assert people_of(mine, True) == (["carl@else.example"], ["dora@far.example", "bob@example.org"])


def test_subjects_and_references(letter: Letter) -> None:
    """One Re: is enough; the chain of References goes on."""
    assert answering.subject(letter, "Re") == "Re: Plan"
    assert answering.subject(letter, "Fwd") == "Fwd: Re: Plan"
    assert answering.references(letter) == (("<1@else.example>",), ("<0@else.example>", "<1@else.example>"))
    nameless = replace(letter, summary=replace(letter.summary, message_id=""))
    assert answering.references(nameless) == ((), ("<0@else.example>",))


def test_texts(letter: Letter) -> None:
    """Quoted for an answer, whole for a forward; an impossible date does no harm."""
    assert answering.quotation(letter) == "\n\nOn 2030-01-01 at 00:00 UTC, Carl wrote:\n> Yes.\n>\n>> No?\n"
    assert answering.passed_on(letter).endswith(
        "From: Carl <carl@else.example>\nDate: 2030-01-01 at 00:00 UTC\nSubject: Re: Plan\n"
        "To: ann@example.org, Bob <bob@example.org>\nCc: carl@else.example, dora@far.example, bob@example.org\n\nYes.\n\n> No?\n")
    odd = replace(letter, summary=replace(letter.summary, date=1e20, from_=()))
    assert "On 9999-12-31 at 23:59 UTC, someone wrote:" in answering.quotation(odd)
