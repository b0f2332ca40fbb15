"""Which of the records that a domain should have are there, and what stands in place of those that are not.

The check (mta.flow.dnscheck) says what is wrong; this shows each record beside what was found,
for whoever copies them one by one.
"""
import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from mta.base.errors import BadName
from mta.base.names import Domain
from mta.dns import master, rdata
from mta.dns.answer import MX, Answer, RecordType
from mta.dns.answer import Record as Data
from mta.dns.resolver import Resolver
from mta.flow.records import Record

#: Records of the same name and type that may stand beside ours: they are somebody else's business.
BESIDE: Final = frozenset({RecordType.A, RecordType.AAAA, RecordType.CAA, RecordType.TLSA})
#: Octets and number of what is shown of a name that has many records.
SHOWN, MANY = 2_000, 8

State = Literal["right", "missing", "differs", "unknown"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A record, and what the DNS has of its name and type: texts as a zone file has them, that one would replace.

    "right": it is there, and nothing that contradicts it.  "unknown": the DNS does not tell, said says why.
    """

    record: Record
    state: State
    there: tuple[str, ...] = ()
    said: str = ""


async def compare(records: Sequence[Record], resolver: Resolver) -> list[Standing]:
    """Ask for each record; names that several have are asked once."""
    questions = list(dict.fromkeys((one.name, one.kind) for one in records))
    answers = await asyncio.gather(*(_ask(name, kind, resolver) for name, kind in questions))
    known = dict(zip(questions, answers, strict=True))
    return [standing(one, known[one.name, one.kind]) for one in records]


async def _ask(name: str, kind: str, resolver: Resolver) -> Answer | None:
    """None for a name that nobody can ask for."""
    try:
        return await resolver.ask(Domain.of_octets(name), RecordType[kind])
    except (BadName, KeyError):
        return None


def standing(record: Record, answer: Answer | None) -> Standing:
    """How one record stands, by the answer to its name and type."""
    if answer is None or answer.temporary:
        return Standing(record, "unknown", said=answer.explained if answer else "nobody can ask for this name")
    kind = RecordType[record.kind]
    wanted = _data(record)
    same = [one for one in answer.records if _plain(one) == _plain(wanted)]
    rivals = [] if kind in BESIDE else [one for one in answer.records if one not in same and _rival(one, wanted)]
    if same and not rivals:
        return Standing(record, "right")
    # Of those that may stand beside ours, none is to be replaced unless ours is missing altogether.
    shown = rivals or ([] if same else [one for one in answer.records if _rival(one, wanted)])
    texts = tuple(rdata.written(kind, one)[:SHOWN] for one in [*same, *shown][:MANY])
    return Standing(record, "differs" if texts else "missing", texts)


def _data(record: Record) -> Data:
    entry = next(master.Reader(300).read(record.line))
    assert entry.record is not None, record.kind
    return entry.record


def _plain(data: Data) -> object:
    """Data as far as it means anything: the space around the semicolons of a text does not."""
    return re.sub(r"\s*;\s*", ";", data).strip("; ") if isinstance(data, str) else data


def _rival(data: Data, wanted: Data) -> bool:
    """Whether other data of the same name and type says something about the same thing."""
    if isinstance(data, str) and isinstance(wanted, str):
        return _topic(data) == _topic(wanted)
    return not (isinstance(data, MX) and isinstance(wanted, MX) and data.host == wanted.host) or data != wanted


def _topic(text: str) -> str:
    """What a TXT record is about: its first tag, as v=spf1 or v=dmarc1."""
    return text.strip().split(";")[0].split()[0].replace(" ", "").lower() if text.strip() else ""


def counts(found: Iterable[Standing]) -> tuple[int, int]:
    """How many of the records that are not optional are right, and how many there are."""
    needed = [one for one in found if not one.record.optional]
    return sum(one.state == "right" for one in needed), len(needed)
