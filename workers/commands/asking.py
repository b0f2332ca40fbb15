"""What commands that look into a message need: the DNS or a file instead of it, the message, and paper for findings.

None of them needs a server or its data; where there is one, its name and its DNS servers
are used.
"""
import asyncio
import json
import sys
import textwrap
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from mta.auth.advice import Finding
from mta.auth.status import Status
from mta.base.clock import Clock, SetClock
from mta.base.errors import BadName, SetupError, UserError
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain, IPAddress, ip_address
from mta.config.model import Config, Dns
from mta.dns.answer import Answer, RecordType
from mta.dns.cache import CachingResolver
from mta.dns.master import BadZone
from mta.dns.resolver import Resolver
from mta.dns.zone import Zone
from mta.flow import identify
from mta.flow.identify import Writing
from mta.message import header
from mta.message.header import Header
from mta.net.upstream import Server, Upstreams, servers
from workers.commands.paper import Row
from workers.commands.site import Site
from workers.commands.traces import moment

T = TypeVar("T")
WIDTH = 100


class Counted:
    """A Resolver that counts the questions it is asked."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self.questions = 0

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        self.questions += 1
        return await self._resolver.ask(name, kind)


def ask(site: Site, arguments: Namespace, work: Callable[[Resolver], Awaitable[T]]) -> tuple[T, int]:
    """What work finds out from the DNS, or from the file of --zone, and how many questions that took.  UserError for a bad file."""
    counted = Counted(source(site, arguments.zone))

    async def run() -> T:
        asked = CachingResolver(counted, site.clock, LIMITS)
        try:
            return await work(asked)
        finally:
            await asked.close()

    return asyncio.run(run()), counted.questions


def source(site: Site, zone: str | None) -> Resolver:
    """The DNS, or the master file zone instead; UserError for a bad file."""
    if zone:
        try:
            return Zone.read(Path(zone))
        except BadZone as problem:
            raise UserError(str(problem)) from None
    return Upstreams(_servers(site), site.clock)


def believes(site: Site) -> bool:
    """Whether any of the DNS servers that would be asked is trusted about DNSSEC."""
    return any(server.trusted for server in _servers(site))


def _servers(site: Site) -> list[Server]:
    config = configured(site)
    dns = config.dns if config else Dns()
    return servers(dns.upstreams, dns.trusted)


def configured(site: Site) -> Config | None:
    """The server's configuration; None if none was named and there is none that we can read."""
    try:
        return site.config
    except (SetupError, OSError):
        if site.named:
            raise
        return None


def hostname(site: Site) -> Domain:
    """Whose name is on what we find out."""
    config = configured(site)
    return config.hostname if config else Domain("localhost")


def clock(site: Site, arguments: Namespace) -> Clock:
    """The time that counts: now, or what --at says."""
    if not arguments.at:
        return site.clock
    return SetClock(datetime.fromtimestamp(moment(arguments.at, site.clock.timestamp()), UTC))


def ip(arguments: Namespace) -> IPAddress:
    """--ip; UserError if it is none."""
    try:
        return ip_address(arguments.ip.removeprefix("[").removesuffix("]"))
    except BadName as problem:
        raise UserError(str(problem)) from None


def address(text: str | None) -> Address | None:
    """The address that was typed, None for the null sender; UserError if it is none."""
    bare = (text or "").strip().removeprefix("<").removesuffix(">")
    try:
        return Address.parse(bare) if bare else None
    except BadName as problem:
        raise UserError(str(problem)) from None


def domain(text: str) -> Domain:
    """The domain that was typed; UserError if it is none."""
    try:
        return Domain.parse(text)
    except BadName as problem:
        raise UserError(str(problem)) from None


def message(arguments: Namespace) -> tuple[bytes, Header, Writing]:
    """The message in FILE, or on standard input: its octets with CRLF line ends, its header, what it says of its author."""
    octets = sys.stdin.buffer.read() if arguments.file == "-" else Path(arguments.file).read_bytes()
    octets = octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    top = header.parse(octets)
    if not top.fields:
        raise UserError(f"{arguments.file}: that is no message: it does not begin with fields like From and Date")
    return octets, top, identify.read(top, octets)


def told(arguments: Namespace, findings: Iterable[Finding], questions: int, *, details: Iterable[Row] = (), before: str = "",
         after: str = "", ok: bool | None = None) -> int:
    """Print findings for people, or as JSON with details; the exit status: 0 if ok, or without that if all passed."""
    found = list(findings)
    if arguments.json:
        extra = [*details, *({} for _ in found)]
        print(json.dumps([{**_row(one), **more, "questions": questions} for one, more in zip(found, extra, strict=False)],
                         ensure_ascii=False, indent=1))
    else:
        lines = [before] if before else []
        for one in found:
            lines += _lines(one)
        lines += [after] if after else []
        print("\n".join(map(_printable, lines)))
        print(f"\n{questions} question{'' if questions == 1 else 's'} asked of {arguments.zone or 'the DNS'}.")
    passed = all(one.status is Status.PASS for one in found) if ok is None else ok
    return 0 if passed else 1


def _row(one: Finding) -> dict[str, Any]:
    return {"method": one.method, "status": str(one.status), "what": one.what, "mend": one.mend, "dnssec": one.authentic}


def _lines(one: Finding) -> list[str]:
    start = f"{one.method:<11} {one.status!s:<10} "
    what = one.what + (" (DNSSEC vouches for that.)" if one.authentic else "")
    # Names with hyphens stay whole, so that they can be copied.
    lines = textwrap.wrap(what, WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_long_words=False,
                          break_on_hyphens=False)
    if one.mend:
        lines += textwrap.wrap(f"To be mended: {one.mend}", WIDTH, initial_indent=" " * len(start), subsequent_indent=" " * len(start),
                               break_long_words=False, break_on_hyphens=False)
    return lines


def _printable(text: str) -> str:
    """text as a terminal may have it: strangers wrote parts of it."""
    return "".join(char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}" for char in text)
