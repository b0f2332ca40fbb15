"""`pillarbox dns records|check`: what the DNS of a domain of ours should have, and whether it has."""
import json
import sys
import textwrap
from argparse import Namespace

from mta.dns.resolver import Resolver
from mta.flow import dnscheck, people, published
from mta.flow import records as records_of
from mta.flow.dnscheck import Means, Section, internetnl
from mta.flow.records import Record, zone_file
from workers.commands import asking, paper
from workers.commands.paper import Row
from workers.commands.site import Site

WIDTH = 100


def records(site: Site, arguments: Namespace) -> int:
    """The records, as lines that can be copied; always 0."""
    world, row = site.world, people.domain(site.world, arguments.domain)

    async def work(dns: Resolver) -> tuple[list[Record], bool]:
        there = await published.look(world, row, dns)
        return records_of.records(world, row, there), there.known

    (found, known), _ = asking.ask(site, arguments, work)
    if not known:
        print(published.UNKNOWN, file=sys.stderr)
    if arguments.json:
        print(json.dumps([_row(one) for one in found], indent=1))
    elif arguments.zone_file:
        print(zone_file(found))
    else:
        for one in found:
            print(f"; {'optional: ' if one.optional else ''}{one.why}\n{one.line}\n")
    return 0


def check(site: Site, arguments: Namespace) -> int:
    """What is as it should be and what is not; 1 if there are errors."""
    world, row = site.world, people.domain(site.world, arguments.domain)

    async def work(dns: Resolver) -> list[Section]:
        means = Means.usual(world, dns) if not arguments.zone else Means(dns)
        return await dnscheck.check(world, row, means)

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
