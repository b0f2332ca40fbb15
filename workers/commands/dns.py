"""`pillarbox dns lookup`."""
import asyncio
import json
from argparse import Namespace

from mta.base.errors import BadName, UserError
from mta.base.names import Domain, ip_address
from mta.dns.answer import Answer, Outcome, RecordType
from mta.dns.rdata import written
from mta.dns.resolver import Resolver, reverse_name
from workers.commands import asking, paper
from workers.commands.paper import Row
from workers.commands.site import Site

ADDRESSES = (RecordType.A, RecordType.AAAA)


def lookup(site: Site, arguments: Namespace) -> int:
    """The records of a name, and what the answer is worth; 0 if there are any."""
    kinds, name = _kinds(arguments.kind), _name(arguments)

    async def work(resolver: Resolver) -> list[Answer]:
        return await asyncio.gather(*(resolver.ask(name, kind) for kind in kinds))

    answers, questions = asking.ask(site, arguments, work)
    rows = [row for answer in answers for row in _rows(answer)]
    if arguments.json:
        print(json.dumps([{**row, "questions": questions} for row in rows], indent=1))
    else:
        paper.show([_short(row) for row in rows], as_json=False)
        print()
        for text in dict.fromkeys(_worth(answer) for answer in answers):
            print(paper.safe(text))
        if not arguments.zone and not any(answer.authentic for answer in answers) and not asking.believes(site):
            print("None of the DNS servers is on this machine or among [dns] trusted, so whatever they say of DNSSEC counts for nothing.")
    return 0 if any(answer.found for answer in answers) else 1


def _kinds(word: str) -> tuple[RecordType, ...]:
    if word.lower() == "ip":
        return ADDRESSES
    try:
        return (RecordType[word.upper()],)
    except KeyError:
        known = ", ".join(sorted([*(kind.name.lower() for kind in RecordType), "ip"]))
        raise UserError(f"there are no records of kind {word!r} to ask for; there are {known}") from None


def _name(arguments: Namespace) -> Domain:
    """What to ask for: a name, or for PTR the reverse name of an address."""
    text = arguments.name
    if arguments.kind.lower() == "ptr":
        try:
            return reverse_name(ip_address(text.removeprefix("[").removesuffix("]")))
        except BadName:
            pass
    return asking.domain(text)


def _rows(answer: Answer) -> list[Row]:
    """A row for each record; one without a record if there is none."""
    records = [written(answer.kind, record) for record in answer.records] or [""]
    return [{
        "name": answer.name.ascii, "kind": answer.kind.name, "record": record, "ttl": answer.ttl, "dnssec": _dnssec(answer),
        "outcome": answer.outcome.name.lower(), "aliases": [alias.ascii for alias in answer.chain], "error": answer.error,
    } for record in records]


def _short(row: Row) -> Row:
    return {name: row[name] for name in ("name", "kind", "ttl", "dnssec", "record")}


def _dnssec(answer: Answer) -> str:
    """What DNSSEC says: authentic, insecure (it says nothing), bogus, or unknown since there was no answer."""
    if answer.outcome is Outcome.BOGUS:
        return "bogus"
    if answer.outcome is Outcome.TROUBLE:
        return "unknown"
    return "authentic" if answer.authentic else "insecure"


def _worth(answer: Answer) -> str:
    """The answer in a sentence."""
    what = f"{answer.kind.name}: {answer.outcome.value}"
    via = f" (through {', '.join(alias.ascii for alias in answer.chain)})" if answer.chain else ""
    says = {"authentic": "DNSSEC vouches for this answer.", "insecure": "DNSSEC does not vouch for this answer."}.get(
        _dnssec(answer), "Mail is not sent on the strength of this; it waits.")
    return f"{what}{via}{f': {answer.error}' if answer.error else ''}. {says}"
