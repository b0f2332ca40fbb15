"""Is the DNS of a domain of ours as it should be, and do its servers show what it promises?

Everything is looked at side by side, within some seconds; what is not known by then is
said to be unknown.  Nothing that the DNS or a server says, or does not say, is an error of
ours: each is a finding in plain words, with the record that mends it.

Trusted with: connections to the hosts that the domain's DNS names, on the ports of mail
and web; to its name servers on port 53.

Read on: section.py has what a part is; naming.py, hosts.py, sending.py and services.py are
the parts; internetnl.py gives the score of a well-known public test; mta.flow.nightly
does it by the clock.
"""
import asyncio
from collections.abc import Awaitable
from typing import Final

from mta.base.names import Domain
from mta.dns.answer import Answer, Outcome, RecordType
from mta.flow import published, records
from mta.flow.dnscheck import hosts, naming, sending, services
from mta.flow.dnscheck.section import Facts, Means, Section, Subject
from mta.flow.world import World
from mta.store.domains import DomainRow

__all__ = ["BUDGET", "Means", "Section", "check"]

#: Seconds for all of it.
BUDGET: Final = 30.0


async def check(world: World, row: DomainRow, means: Means, budget: float = BUDGET) -> list[Section]:
    """The sections, in the order in which they are best mended; takes budget seconds at most."""
    loop = asyncio.get_running_loop()
    end = loop.time() + budget
    subject = await _subject(world, row, means, budget / 3)
    dialled = asyncio.ensure_future(hosts.look(subject))

    async def with_hosts(name: str) -> Section:
        known = await asyncio.shield(dialled)
        return await {"MX": hosts.mx, "TLS of the mail hosts": hosts.tls, "DANE": hosts.dane_records}[name](subject, known)

    reports_only = not subject.want(subject.domain.ascii, "MX")
    parts: list[tuple[str, Awaitable[Section]]] = [("Name servers", naming.name_servers(subject))]
    if not reports_only:
        parts += [
            ("DNSSEC", naming.dnssec(subject)), ("Host and reverse names", naming.host(subject)),
            *((name, with_hosts(name)) for name in ("MX", "TLS of the mail hosts", "DANE")),
            ("SPF", sending.spf_records(subject)), ("DKIM", sending.dkim_records(subject))]
    parts += [("DMARC", sending.dmarc_record(subject)), ("TLS reports about the domain", sending.domain_tlsrpt(subject))]
    if not reports_only:
        parts += [
            ("TLS reports about the host", sending.host_tlsrpt(subject)), ("MTA-STS", services.mta_sts(subject)),
            ("Services (SRV)", services.srv(subject)), ("Autoconfig", services.autoconfig(subject)),
            ("Autodiscover", services.autodiscover(subject)), ("Certificate authorities (CAA)", services.authority(subject))]
    tasks = {name: asyncio.ensure_future(work) for name, work in parts}
    try:
        await asyncio.wait(tasks.values(), timeout=max(0.1, end - loop.time()))
        return [task.result() if task.done() else late(name, budget) for name, task in tasks.items()]
    finally:
        for task in (*tasks.values(), dialled):
            task.cancel()
        await asyncio.gather(*tasks.values(), dialled, return_exceptions=True)


def late(name: str, budget: float) -> Section:
    """A section of which nothing is known in time."""
    return Section(name, unknown=[f"It took longer than {budget:.0f} seconds; try again later."])


async def _subject(world: World, row: DomainRow, means: Means, wait: float) -> Subject:
    """What all sections need, as far as it is known within wait seconds."""
    async def ask(name: Domain, kind: RecordType) -> Answer:
        try:
            async with asyncio.timeout(wait):
                return await means.resolver.ask(name, kind)
        except TimeoutError:
            return Answer(name, kind, Outcome.TROUBLE, error="no answer in time")

    async def there() -> published.There:
        try:
            async with asyncio.timeout(wait):
                return await published.look(world, row, means.resolver)
        except TimeoutError:
            return published.There()

    host = world.config.hostname
    mx, four, six = await asyncio.gather(ask(row.domain, RecordType.MX), ask(host, RecordType.A), ask(host, RecordType.AAAA))
    found = await there()
    wanted = await asyncio.to_thread(records.records, world, row, found)
    return Subject(world, row, means, Facts(found, mx, four, six), wanted)
