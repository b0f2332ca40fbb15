"""`pillarbox tls` and `dane record`: certificates in use, the host's keys, their records."""
import asyncio
import json
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from typing import TypeVar

from mta.base.errors import SetupError, TemporaryError
from mta.flow import certificates, hostkeys
from mta.flow.world import World
from mta.net.certificates import moment
from mta.net.resolver import SocketResolver
from mta.store import certificates as standings
from mta.store import hostkeys as rows
from workers import control
from workers.commands import paper
from workers.commands.paper import Row
from workers.commands.site import Site

T = TypeVar("T")


def status(site: Site, arguments: Namespace) -> int:
    """Every certificate; 1 if something is wrong with one."""
    found = certificates.status(site.world)
    if arguments.json:
        print(json.dumps([_row(one) for one in found], indent=1))
    else:
        for one in found:
            print(_told(one))
        if found and site.world.config.acme:
            print(f"Who asks for no name, or for none of these, gets {found[0].label}.")
    return 1 if any(one.problems for one in found) else 0


def _row(one: certificates.Status) -> Row:
    facts = one.facts
    return {
        "label": one.label, "names": list(facts.names) if facts else [], "issuer": facts.issuer if facts else "",
        "self_signed": facts.self_signed if facts else False, "since": facts.since if facts else None,
        "until": facts.until if facts else None, "key": facts.key if facts else "", "digest": facts.digest if facts else "",
        "ports": list(one.ports), "renew": one.renew, "problems": list(one.problems)}


def _told(one: certificates.Status) -> str:
    """A certificate for people."""
    lines = [one.label]
    if one.facts:
        by = "itself" if one.facts.self_signed else one.facts.issuer
        lines += [
            f"  names    {', '.join(one.facts.names)}", f"  issuer   {by}",
            f"  until    {moment(one.facts.until)}{f', renewed from {moment(one.renew)} on' if one.renew is not None else ''}",
            f"  key      {one.facts.key}, SHA-256 {one.facts.digest}", f"  ports    {', '.join(map(str, one.ports))}"]
    return "\n".join([*lines, *(f"  problem  {problem}" for problem in one.problems), ""])


def history(site: Site, arguments: Namespace) -> list[Row]:
    """What became of each attempt to get a certificate."""
    return [{"at": one.at, "certificate": one.label, "outcome": "came" if one.until is not None else "failed", "from": one.issuer,
             "names": list(one.names), "until": one.until, "next": one.next, "problem": one.problem}
            for one in site.world.store.read(lambda db: standings.history(db, arguments.limit))]


def host_keys(site: Site, arguments: Namespace) -> int:
    """Show the host's keys, after making what is missing, the next ones, or switching to them."""
    world = site.world
    if world.config.local:
        raise SetupError("localserve has no keys that others could know; this is for a server with a configuration file")
    if arguments.switch:
        asking(world, lambda: hostkeys.switch(world, by=site.by, at_once=arguments.now))
        hostkeys.take_up(world)
        _wake(site)
    elif arguments.next:
        hostkeys.make_next(world, by=site.by)
    else:
        for line in hostkeys.ensure(world.store, world.clock):
            print(line, file=sys.stderr)
        asking(world, lambda: hostkeys.look(world))
    found: list[Row] = [{
        "algorithm": row.algorithm, "state": row.state, "digest": row.digest, "created": row.created, "listed": row.listed,
        "ttl": row.ttl if row.listed is not None else None, "file": str(world.store.directory / row.path)}
        for row in world.store.read(rows.all)]
    if arguments.json:
        print(json.dumps(found, indent=1))
        return 0
    paper.show([{**row, "state": hostkeys.WORDS[row["state"]]} for row in found], as_json=False,
               columns=("algorithm", "state", "digest", "created", "listed"))
    print(f"\n{hostkeys.advice(world)}")
    return 0


def dane_record(site: Site, arguments: Namespace) -> int:
    """The TLSA records that the DNS should have."""
    world = site.world
    if world.config.local:
        raise SetupError("localserve has no records; this is for a server with a configuration file")
    hostkeys.ensure(world.store, world.clock)
    asking(world, lambda: hostkeys.look(world))
    found = hostkeys.records(world)
    if arguments.json:
        print(json.dumps([
            {"name": one.name, "type": "TLSA", "value": one.value, "about": one.about, "listed": one.listed} for one in found], indent=1))
        return 0
    for one in found:
        print(f"{one.name} TLSA {one.value} ; {one.about}{'; the DNS has it' if one.listed else ''}")
    return 0


def asking(world: World, work: Callable[[], Awaitable[T]]) -> T:
    """work(), which asks the DNS of the running server."""
    async def run() -> T:
        try:
            return await work()
        finally:
            if isinstance(world.resolver, SocketResolver):
                await world.resolver.close()
    return asyncio.run(run())


def _wake(site: Site) -> None:
    """Have the server see to its certificates, if it runs."""
    try:
        control.certify(site.config.control_socket)
    except TemporaryError:
        print("the server does not run; it gets its new certificates when it starts", file=sys.stderr)
