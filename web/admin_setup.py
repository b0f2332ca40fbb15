"""The administrator's walk from an empty server to a first letter out and in; the stages are in mta.flow.settling."""
from typing import Final

from mta.base.errors import TemporaryError
from mta.flow import people, published, records, settling, standing
from mta.flow.world import World
from mta.store import accounts as account_rows
from mta.store.connection import Connection
from mta.store.domains import DomainRow
from web.admin_people import dns_record
from web.api.setup import Arrival, RecordState, Setup, SetupStage, SurveyLine, TestLetter
from web.call import Call

#: Seconds for the DNS to tell of all records of a domain.
LOOK: Final = 15.0


def setup(call: Call, domain: str = "") -> Setup:
    """How far a domain has come; asks nobody, so that it may be called often."""
    return _setup(call.world, people.domain(call.world, domain) if domain else None)


def setup_machine(call: Call, domain: str = "") -> list[SurveyLine]:
    """What the machine is like, and what the network says of it: each in order, or what to do.  Takes a quarter of a minute at most."""
    world = call.world
    look = world.look
    if look is None:
        raise TemporaryError("This process cannot look at the machine.")
    row = people.domain(world, domain) if domain else None
    return [SurveyLine(line.about, line.well, line.what, line.mend) for line in call.wait(settling.machine(world, look, row))]


def setup_send(call: Call, domain: str, account: str, to: str) -> Setup:
    """Write the test letter from an account's address at the domain to an address elsewhere."""
    row = people.domain(call.world, domain)
    call.wait(settling.send(call.world, row, account, to, f"{call.trace}.1", by=call.by))
    return _setup(call.world, row)


def domain_records(call: Call, name: str) -> list[RecordState]:
    """Each record that a domain should have, and what the DNS has of it now."""
    row = people.domain(call.world, name)
    found = call.wait(_compared(call.world, row), LOOK)
    return [RecordState(dns_record(one.record), one.state, list(one.there), one.said) for one in found]


async def _compared(world: World, row: DomainRow) -> list[standing.Standing]:
    there = await published.look(world, row)
    return await standing.compare(records.records(world, row, there), world.resolver)


def _setup(world: World, row: DomainRow | None) -> Setup:
    def question(db: Connection) -> tuple[list[str], list[str]]:
        all_accounts = account_rows.all(db)
        writers = [one.name for one in all_accounts
                   if row and any(held.address.domain == row.domain for held in account_rows.addresses(db, one.id))]
        return [one.name for one in all_accounts], writers

    accounts, writers = world.store.read(question)
    domains = [one.domain.unicode for one in people.all_domains(world)]
    name, host, postmaster = row.domain.unicode if row else "", world.config.hostname.unicode, world.config.postmaster
    if row is None:
        return Setup(name, host, domains, accounts, postmaster, writers, [], None, None, False)
    way = settling.way(world, row)
    sent, arrived = way.sent, way.arrived
    return Setup(
        name, host, domains, accounts, postmaster, writers,
        [SetupStage(stage.key, stage.state, list(stage.sentences)) for stage in way.stages],
        TestLetter(sent.to, sent.at, sent.trace, sent.state, sent.said) if sent else None,
        Arrival(arrived.author, arrived.subject, arrived.at, arrived.account, arrived.mailbox, arrived.verdict) if arrived else None,
        way.done)
