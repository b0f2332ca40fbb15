"""`pillarbox quickstart`: from a fresh machine to a mail server, with everything that is still to be done said."""
import asyncio
import textwrap
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from mta.base.errors import BadName, SetupError, UserError
from mta.base.names import Address, Domain, IPAddress, ip_address
from mta.config.model import SERVICES, Config, Dns, Transport
from mta.config.sample import sample
from mta.dns.answer import RecordType
from mta.dns.cache import CachingResolver
from mta.dns.resolver import Resolver
from mta.flow import clients, founding, published, relaying, webservers
from mta.flow.founding import INSIDE_PORT, PROXIED_PORT, Passwords
from mta.flow.published import There
from mta.flow.records import Record
from mta.flow.relaying import Term
from mta.flow.survey import PROBES, Line, Machine, Plan, find_hostname, find_nat, reached, survey
from mta.flow.world import World
from mta.net.https import BadUrl, Place
from mta.net.upstream import Upstreams, servers
from mta.store.accounts import check_name
from workers import installing, machine
from workers.commands import quickrows
from workers.commands.paper import Row, safe, show
from workers.commands.site import USUAL_FILE, Site
from workers.installing import Places
from workers.quickstartverb import UNIT
from workers.unit import this_program, unit, word

WIDTH: Final = 100
BY: Final = "quickstart"
#: What others have to reach, whoever of this machine answers there.
OUTSIDE: Final = (25, 80, 443, 465, 587)
#: Where a relay takes mail of its customers.
RELAY_PORT: Final = 587


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for, understood."""

    address: Address
    places: Places
    config: Config
    plan: Plan
    #: Whether DNSSEC vouches for what the zone of the host's name says.
    signed: bool
    #: What the domain brings along, and what SPF says of the relay.
    there: There
    spf: Term | None


def quickstart(site: Site, arguments: Namespace) -> list[Row] | None:
    """Look at the machine, make the server, and say what is next.  SetupError or UserError if it cannot be; then nothing was changed."""
    if arguments.dir:
        raise UserError("--dir is for `pillarbox localserve`; a server has --config and --data")
    address, file = _address(arguments.address), (arguments.config or USUAL_FILE).absolute()
    draft = _draft(address, file, arguments)
    places = _places(file, arguments)
    installing.check_free(draft, places)
    if not arguments.dry_run:
        installing.check_rights(draft, places)
    here = machine.look(draft.data)
    wanted, lines = asyncio.run(_look(site, here, address, draft, places, arguments))
    rows = quickrows.looked(lines)
    if not arguments.json:
        _told("This machine", lines)
    try:
        _check_web(here, arguments.existing_webserver)
    except SetupError:
        if arguments.json:
            show(rows, as_json=True)    # what was looked at is no less true
        raise
    if arguments.dry_run:
        if not arguments.json:
            _dry(wanted)
            return None
        return [*rows, *_plan_rows(wanted)]
    secret = _secret(site, wanted.config)
    passwords = Passwords.make()
    told: list[Record] = []

    def fill(world: World) -> None:
        founding.found(world, address, passwords, by=BY)
        told.extend(founding.published(world, address.domain, wanted.plan.nat_ips or here.public, wanted.there))

    places = replace(places, secret=secret)
    done = _plan_rows(wanted)
    installing.install(wanted.config, places, _unit(wanted), site.clock, fill)
    if not arguments.json:
        _say(wanted, passwords, told, arguments.existing_webserver, places)
        return None
    config, plan = wanted.config, wanted.plan
    return [*rows, *done, *quickrows.secrets(config, str(address), passwords),
            *quickrows.published(told, signed=wanted.signed, spf=wanted.spf.about if wanted.spf else ""), *quickrows.programs(config),
            *(quickrows.snippets(plan.hostname, address.domain) if arguments.existing_webserver else ()),
            *quickrows.following(_next(wanted))]


# --- what was typed ---------------------------------------------------------------------------


def _address(text: str) -> Address:
    try:
        address = Address.parse(text.strip())
    except BadName:
        raise UserError(f"{text!r} is no address; write yours as it will be, like you@example.org") from None
    if len(address.domain.labels) < 2:
        raise UserError(f"{address.domain} is no domain that others know; write one like example.org")
    if address.localpart.lower() in ("postmaster", "abuse"):
        raise UserError(f"the first account is a person's, who gets the mail to {address.localpart} as well: write one like "
                        f"you@{address.domain}")
    check_name(address.localpart)
    return address


def _named(text: str, option: str) -> Domain:
    try:
        name = Domain.parse(text)
    except BadName as problem:
        raise UserError(f"{option}: {problem}") from None
    if len(name.labels) < 2:
        raise UserError(f"{option}: {text!r} is no full name, like mx.example.org")
    return name


def _authority(text: str) -> str:
    """The URL of the authority; "" if there is to be none."""
    if text == "none":
        return ""
    try:
        Place.parse(text)
    except BadUrl as problem:
        raise UserError(f"--acme: {text!r} is no address of an authority, like https://acme.example/directory: {problem}") from None
    return text


def _ips(texts: Iterable[str]) -> tuple[IPAddress, ...]:
    try:
        return tuple(dict.fromkeys(map(ip_address, texts)))
    except BadName as problem:
        raise UserError(f"--nat-ip: {problem}") from None


def _draft(address: Address, file: Path, arguments: Namespace) -> Config:
    """The settings as far as they are known before anybody asked the network."""
    authority = _authority(arguments.acme)
    hostname = _named(arguments.hostname, "--hostname") if arguments.hostname else address.domain.below("mx")
    if hostname == address.domain:
        raise UserError(f"--hostname: the machine needs a name of its own below the domain, like mx.{address.domain}")
    nat_ips = _ips(arguments.nat_ip)
    config = Config(
        hostname=hostname, data=arguments.data.absolute(), run=arguments.run.absolute(), user=arguments.user,
        postmaster=check_name(address.localpart), listeners=founding.listeners(proxied=arguments.existing_webserver, nat_ips=nat_ips),
        acme=founding.acme(authority, address))
    if arguments.relay:
        config = founding.relayed(config, _transport(arguments, file))
    elif arguments.relay_user:
        raise UserError("--relay-user goes with --relay HOST")
    return config


def _transport(arguments: Namespace, file: Path) -> Transport:
    """The server that takes what goes out: HOST or HOST:PORT."""
    host, _, number = arguments.relay.partition(":") if arguments.relay.count(":") == 1 else (arguments.relay, "", "")
    if number and not (number.isdecimal() and 0 < int(number) < 65_536):
        raise UserError(f"--relay: {number!r} is no port from 1 to 65535")
    try:
        named = str(ip_address(host.strip("[]")))
    except BadName:
        named = _named(host, "--relay").ascii
    port = int(number or RELAY_PORT)
    return Transport(
        founding.RELAY, named, port, "implicit" if port == 465 else "starttls", arguments.relay_user or "",
        file.with_name("relay-password") if arguments.relay_user else None)


def _places(file: Path, arguments: Namespace) -> Places:
    place = arguments.unit.absolute() if arguments.unit else UNIT if UNIT.parent.is_dir() else None
    return Places(file, place, (file.with_name("relay-password"), "") if arguments.relay_user else None)


def _secret(site: Site, config: Config) -> tuple[Path, str] | None:
    """The password for the relay, asked for, and where it goes."""
    for transport in config.transports:
        if transport.password_file:
            return transport.password_file, site.secret(f"Password of {transport.username} at {transport.host}") + "\n"
    return None


# --- the survey -------------------------------------------------------------------------------


async def _look(site: Site, here: Machine, address: Address, draft: Config, places: Places, arguments: Namespace,
                ) -> tuple[Wanted, list[Line]]:
    """What will be made, and what was found."""
    resolver = CachingResolver(Upstreams(servers(Dns().upstreams, ()), site.clock), site.clock)
    try:
        wanted = await _decide(here, address, draft, places, arguments, resolver)
        return wanted, await survey(here, wanted.plan, resolver, site.clock)
    finally:
        await resolver.close()


async def _decide(here: Machine, address: Address, draft: Config, places: Places, arguments: Namespace, resolver: Resolver) -> Wanted:
    """Host name and addresses, where nobody named them; then the plan is complete."""
    config, hostname = draft, draft.hostname
    if not arguments.hostname:
        hostname = await find_hostname(here, address.domain, resolver)
        if hostname == address.domain:
            hostname = draft.hostname
    nat_ips = _ips(arguments.nat_ip) or await find_nat(here, hostname, resolver)
    listeners = founding.listeners(proxied=arguments.existing_webserver, nat_ips=nat_ips)
    config = replace(config, hostname=hostname, listeners=listeners)
    ports = tuple(sorted({getattr(listener, service) for listener in listeners for service in SERVICES} - {0}))
    relay = next((one for one in config.transports), None)
    probes = tuple(_named(text, "--probe") for text in arguments.probe) or PROBES
    plan = Plan(address.domain, hostname, ports, OUTSIDE, nat_ips,
                reached(relay.host, relay.port) if relay else None, config.acme.directory, probes,
                tuple(_named(text, "--dnsbl") for text in arguments.dnsbl))
    there, signed, terms = await asyncio.gather(
        published.find(config, address.domain, resolver), _signed(address.domain, hostname, resolver),
        asyncio.gather(*([relaying.term(relay.host, resolver)] if relay else [])))
    return Wanted(address, places, config, plan, signed, there, terms[0] if terms else None)


async def _signed(domain: Domain, hostname: Domain, resolver: Resolver) -> bool:
    """Whether TLSA records of the host would be believed, as far as the resolver can tell."""
    asked = (domain, RecordType.SOA) if domain.covers(hostname) else (hostname, RecordType.A)
    return (await resolver.ask(*asked)).authentic


def _check_web(here: Machine, existing: bool) -> None:
    """SetupError if the web's ports are somebody else's and nobody said so: the configuration would be another one."""
    taken = [port for port in (80, 443) if port in here.ports]
    if taken and not existing:
        who = here.ports[taken[0]] or "another program"
        raise SetupError(f"port {taken[0]} is taken by {who}: say --existing-webserver to set the server up beside it, or stop it; "
                         "nothing was changed")


# --- what is printed ----------------------------------------------------------------------------


def _told(title: str, lines: Iterable[Line]) -> None:
    _head(title)
    for line in lines:
        start = f"{'OK ' if line.well else '-> '} {line.about:<13} "
        _fold(start, line.what)
        if line.mend:
            _fold(" " * len(start), line.mend)


def _head(title: str) -> None:
    print(f"\n{title}\n{'-' * len(title)}")


def _fold(start: str, text: str) -> None:
    print("\n".join(textwrap.wrap(safe(text), WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_long_words=False,
                                  break_on_hyphens=False)))


def _comment(text: str) -> None:
    """What is said among records, which are copied with all that is between them."""
    print("\n".join(textwrap.wrap(safe(text), WIDTH, initial_indent="; ", subsequent_indent="; ", break_long_words=False,
                                  break_on_hyphens=False)))


def _unit(wanted: Wanted) -> str:
    return unit(this_program(), wanted.places.config, "Made by `pillarbox quickstart`; yours to change.")


def _plan_rows(wanted: Wanted) -> list[Row]:
    """What is done, for machines; asked before it is."""
    return [*quickrows.doing(installing.user_command(wanted.config), wanted.config.data, wanted.places.files),
            quickrows.configured(wanted.places.config, sample(wanted.config))]


def _dry(wanted: Wanted) -> None:
    """What would be done."""
    _head("What would be done (nothing was)")
    if command := installing.user_command(wanted.config):
        print(f"run    {' '.join(command)}")
    print(f"make   {wanted.config.data}: databases, keys of the host, DKIM keys of {wanted.address.domain}, "
          f"account {wanted.config.postmaster} with {wanted.address}, administrator's password")
    for file in wanted.places.files:
        print(f"write  {file}")
    _head(f"{wanted.places.config} would set")
    head = ""
    for line in sample(wanted.config).splitlines():
        if line.startswith("["):
            head = line
        elif line and not line.startswith("#") and not line.endswith(" = 0"):
            print("\n".join(filter(None, (head, line))))
            head = ""


def _say(wanted: Wanted, passwords: Passwords, told: Iterable[Record], existing: bool, places: Places) -> None:
    """Everything that a person has to know now, the passwords once and never again."""
    config, plan, domain = wanted.config, wanted.plan, wanted.address.domain
    _head("Made")
    for path in (config.data, *places.files):
        print(path)
    _head("Passwords (kept nowhere: write them down)")
    print(f"{wanted.address}   {passwords.account}\nadministrator   {passwords.admin}")
    _head(f"DNS records for {domain}, as a zone file has them")
    for record in told:
        print(f"{'; ' if record.kind == 'TLSA' and not wanted.signed else ''}{record.name} {record.kind} {record.value}")
    if not wanted.signed:
        _comment("As long as the zone is not signed (DNSSEC) nobody believes the TLSA records: leave them out until it is.")
    if wanted.spf:
        _comment(f"SPF, {wanted.spf.text}: {wanted.spf.about}")
    if existing:
        for name, write in webservers.SNIPPETS.items():
            _head(f"For {name}")
            print(write(plan.hostname, domain, PROXIED_PORT), end="")
    _head("Mail programs")
    for service in clients.services(config):
        print(f"sending (SMTP)   {service.host} port {service.port}, {'SSL/TLS' if service.tls == 'implicit' else 'STARTTLS'}, "
              f"user {wanted.address}, normal password")
    print("reading          the webmail, below")
    _head("How to go on")
    start, check, tunnel = _next(wanted)
    print(f"1. Publish the DNS records, then start:      {start}")
    print(f"2. See whether others find what they need:   {check}")
    print(f"3. On your own computer, as long as you use it:  {tunnel}")
    print(f"   webmail http://localhost:{INSIDE_PORT}/webmail/   account http://localhost:{INSIDE_PORT}/account/   "
          f"administration http://localhost:{INSIDE_PORT}/admin/")
    _fold("", "They are inside, where only users of this machine get, until web = [\"webmail\", \"account\"] of [listeners.public] in "
              f"{places.config} says otherwise.")


def _next(wanted: Wanted) -> tuple[str, str, str]:
    """The commands that start the server, look at the domain, and lead inside."""
    places = wanted.places
    named = "" if places.config == USUAL_FILE else f" --config {word(str(places.config))}"
    start = f"systemctl enable --now {places.unit.stem}" if places.unit and places.unit == UNIT else f"pillarbox serve{named}"
    return (start, f"pillarbox dns check {wanted.address.domain}{named}",
            f"ssh -N -L {INSIDE_PORT}:127.0.0.1:{INSIDE_PORT} root@{wanted.plan.hostname.ascii}")
