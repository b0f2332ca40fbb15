"""`pillarbox dns records|check` and `setup`: what the DNS of a domain of ours should have, whether it has, and what else is left."""
import asyncio
import json
import sys
import textwrap
from argparse import Namespace

from mta.base.errors import UserError
from mta.base.tokens import short_id
from mta.dns.resolver import Resolver
from mta.flow import dnscheck, nightly, people, published, settling, standing
from mta.flow import records as records_of
from mta.flow.dnscheck import Means, Section, internetnl
from mta.flow.records import Record, zone_file
from mta.flow.standing import Standing
from workers.commands import asking, paper
from workers.commands.paper import Row
from workers.commands.site import Site

WIDTH = 100


def records(site: Site, arguments: Namespace) -> int:
    """The records, as lines that can be copied; always 0."""
    world, row = site.world, people.domain(site.world, arguments.domain)

    async def work(dns: Resolver) -> tuple[list[Record], bool, list[Standing]]:
        there = await published.look(world, row, dns)
        wanted = records_of.records(world, row, there)
        return wanted, there.known, await standing.compare(wanted, dns) if arguments.diff else []

    (found, known, compared), _ = asking.ask(site, arguments, work)
    if not known:
        print(published.UNKNOWN, file=sys.stderr)
    if arguments.diff:
        _differences(compared, arguments.json)
    elif arguments.json:
        print(json.dumps([_row(one) for one in found], indent=1))
    elif arguments.zone_file:
        print(zone_file(found))
    else:
        for one in found:
            print(f"; {'optional: ' if one.optional else ''}{one.why}\n{one.line}\n")
    return 0


def _differences(found: list[Standing], as_json: bool) -> None:
    """Each record beside what is there; what is right takes one line."""
    if as_json:
        rows = [{**_row(one.record), "state": one.state, "there": list(one.there), "said": one.said} for one in found]
        print(json.dumps(rows, indent=1))
        return
    for one in found:
        state = f"{one.state}: {one.said}" if one.said else one.state
        print(paper.safe(f"{one.record.name} {one.record.kind} {'(optional) ' if one.record.optional else ''}{state}"))
        if one.state != "right":
            print("\n".join(paper.safe(line) for line in (*(f"  - {text}" for text in one.there), f"  + {one.record.value}")))
    right, all_of_them = standing.counts(found)
    print(f"{right} of {all_of_them} records are there")


def setup(site: Site, arguments: Namespace) -> int:
    """How far a domain has come, stage by stage; 1 if anything is left."""
    row = people.domain(site.world, arguments.domain)
    if arguments.send:
        account = arguments.account or settling.writer(site.world, row)
        asyncio.run(settling.send(site.world, row, account, arguments.send, f"{short_id()}.1", by=site.by))
    elif arguments.account:
        raise UserError("--account goes with --send ADDRESS")
    way = settling.way(site.world, row)
    if arguments.json:
        print(json.dumps([{"stage": one.key, "state": one.state, "sentences": list(one.sentences)} for one in way.stages], indent=1))
        return 0 if way.done else 1
    for one in way.stages:
        print(paper.safe(f"{MARKS[one.state]:<5} {one.key}: {' '.join(one.sentences)}"))
    if way.next:
        print(f"next: {NEXT[way.next.key].format(domain=arguments.domain)}")
    return 0 if way.done else 1


MARKS = {"done": "done", "waiting": "to do", "wrong": "WRONG"}
#: What brings each stage on.
NEXT = {
    "domain": "`pillarbox domain show {domain}` tells what is switched off",
    "account": "`pillarbox account add NAME --address NAME@{domain}`",
    "dns": "`pillarbox dns records {domain} --diff`, then `pillarbox dns check {domain}`",
    "certificate": "`pillarbox tls status`", "outgoing": "`pillarbox setup {domain} --send ADDRESS`",
    "incoming": "write to an address at {domain} from elsewhere",
}


def check(site: Site, arguments: Namespace) -> int:
    """What is as it should be and what is not; 1 if there are errors."""
    world, row = site.world, people.domain(site.world, arguments.domain)

    async def work(dns: Resolver) -> list[Section]:
        # What is tried out with a file is no news of the domain.
        return await (dnscheck.check(world, row, Means(dns)) if arguments.zone else nightly.check(world, row, Means.usual(world, dns)))

    found, _ = asking.ask(site, arguments, work)
    if arguments.json:
        print(json.dumps([one.as_row() for one in found], indent=1))
    else:
        for one in found:
            print("\n".join(map(paper.safe, _lines(one))))
        print("\n".join(_expected(found)))
    return 1 if any(one.errors for one in found) else 0


def _expected(found: list[Section]) -> list[str]:
    """The score of a public test, each sub-test by its own line."""
    tests = internetnl.expected(one.as_row() for one in found)
    percent = internetnl.score(tests)
    words = {True: "passes", False: "FAILS", None: "not known"}
    return [f"internet.nl: about {percent} % to expect" if percent is not None else "internet.nl: nothing is known",
            *(f"  {words[one.passed]:<9} {one.part}: {one.about}" for one in tests)]


def _row(one: Record) -> Row:
    return {"name": one.name, "type": one.kind, "value": one.value, "why": one.why, "optional": one.optional}


def _lines(one: Section) -> list[str]:
    """A section for people."""
    lines = [f"{one.name}: {one.verdict}"]
    for mark, texts in (("error", one.errors), ("warning", one.warnings), ("unknown", one.unknown), ("to do", one.instructions)):
        for text in texts:
            start = f"  {mark:<8} "
            lines += textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_long_words=False,
                                   break_on_hyphens=False)
    return [*lines, *(f"    {line}" for line in one.records), ""]
