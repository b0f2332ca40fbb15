"""How far a domain of ours has come, from an empty server to a first letter out and in, and what is next.

Each stage is told by what is really so (rows, certificates, what the last check of the DNS
found, what became of a letter), never by what somebody said to have done.
"""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from mta.base.errors import BadName, TemporaryError, UserError
from mta.base.events import Event
from mta.base.names import Address, ip_address
from mta.flow import certificates, origins, people, relaying, submit, survey, ways
from mta.flow import trace as tracing
from mta.flow.blocklists import configured
from mta.flow.survey import Line, Machine
from mta.flow.world import World
from mta.message import compose
from mta.message.address import Mailbox
from mta.message.identifiers import new_message_id
from mta.store import accounts, dnschecks, mailboxes, messages
from mta.store import settling as rows
from mta.store.accounts import AccountRow
from mta.store.connection import Connection
from mta.store.dnschecks import CheckRow
from mta.store.domains import DomainRow

Key = Literal["domain", "account", "dns", "certificate", "outgoing", "incoming"]
#: What others have to reach, for the survey's words about a router.
OUTSIDE: Final = (25, 80, 443, 465, 587)
#: Domains that the overview looks at; more are no beginner's.
MANY: Final = 20
TEXT: Final = """\
This is the first letter of a mail server: {host} wrote it for {domain}, to see
whether mail from there arrives, and where.

If you find it in a folder for junk, tell your mail program that it is none. An
answer to this letter shows that mail arrives in the other direction, too.
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: done or not, and how it stands in sentences; "waiting" is not done, but nothing that is known to be wrong."""

    key: Key
    state: Literal["done", "waiting", "wrong"]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """The test letter: to whom, when (seconds since 1970), its trace, what became of it and what the other server said."""

    to: str
    at: float
    trace: str
    state: Literal["waiting", "delivered", "failed"]
    said: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """The newest letter that another server brought: from whom, subject, when, where it lies and what is known of its author."""

    author: str
    subject: str
    at: float
    account: str
    mailbox: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Way:
    """All stages in order, and the letters."""

    stages: tuple[Stage, ...]
    sent: Sent | None
    arrived: Arrived | None

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return all(stage.state == "done" for stage in self.stages)

    @property
    def next(self) -> Stage | None:
        """The first stage that is not done."""
        return next((stage for stage in self.stages if stage.state != "done"), None)


async def machine(world: World, look: Callable[[], Machine], row: DomainRow | None) -> list[Line]:
    """What the machine and the network say of it, as before the quickstart; a server that runs has its ports already."""
    config = world.config
    if config.local:
        return [Line("this machine", True, "This server is for this machine alone, and nobody else reaches it.")]
    named = [ip_address(ip) for listener in config.listeners for ip in listener.nat_ips]
    domain = row.domain if row else config.hostname
    relay = relaying.relay(ways.ways(world), domain)
    plan = survey.Plan(
        domain, config.hostname, (), OUTSIDE, tuple(dict.fromkeys(named)), survey.reached(relay.host, relay.port) if relay else None,
        authority=config.acme.directory, blocklists=tuple(configured(config)))
    return await survey.survey(look(), plan, world.resolver, world.clock)


def way(world: World, row: DomainRow) -> Way:
    """How far a domain has come.  Blocks; asks nobody."""
    last, held, keeper = world.store.read(lambda db: (
        dnschecks.latest(db, row.id), _accounts(db, row), accounts.by_login(db, world.config.postmaster)))
    sent, arrived = _sent(world, row), _arrived(world, row)
    stages = (_domain(row), _account(row, held, keeper, world.config.postmaster), _dns(last), _certificate(world), _outgoing(sent),
              _incoming(row, arrived))
    found = Way(stages, sent, arrived)
    if found.done and not _arrived_once(world, row):
        _remember(world, row, {"done": True})
    return found


def _accounts(db: Connection, row: DomainRow) -> list[str]:
    """The first addresses at a domain."""
    held = [one.address for account in accounts.all(db) for one in accounts.addresses(db, account.id)]
    return [str(one) for one in held if one.domain == row.domain]


def _domain(row: DomainRow) -> Stage:
    if not row.enabled:
        return Stage("domain", "wrong", (f"{row.domain} is switched off: it takes no mail.",))
    if not any(key.signing for key in row.dkim):
        return Stage("domain", "wrong", ("Its mail is not signed (DKIM): switch a key on.",))
    return Stage("domain", "done", (f"{row.domain} is served, and its mail is signed.",))


def _account(row: DomainRow, held: list[str], keeper: AccountRow | None, postmaster: str) -> Stage:
    if not held:
        return Stage("account", "waiting", (f"Nobody has an address at {row.domain} yet.",))
    if keeper is None:
        return Stage("account", "wrong", (f"Mail to postmaster has no place: there is no account {postmaster!r}, which the configuration "
                                          "names. Add it, or name another there.",))
    more = f" and {len(held) - 3} more" if len(held) > 3 else ""
    return Stage("account", "done", (f"{', '.join(held[:3])}{more}; mail to postmaster goes to {keeper.name}.",))


def _dns(last: CheckRow | None) -> Stage:
    if last is None:
        return Stage("dns", "waiting", ("Nobody has looked at the DNS yet.",))
    wrong = [part["name"] for part in last.sections if part["errors"]]
    better = [part["name"] for part in last.sections if part["warnings"] and not part["errors"]]
    unknown = [part["name"] for part in last.sections if part["unknown"] and not part["errors"]]
    if wrong:
        return Stage("dns", "wrong", (f"Not yet as it should be: {', '.join(wrong)}.",))
    hints = tuple(f"{text}: {', '.join(names)}." for text, names in (("Could be better", better), ("Not known", unknown)) if names)
    return Stage("dns", "done", ("Nothing is wrong.", *hints))


def _certificate(world: World) -> Stage:
    host = world.config.hostname.ascii
    found = certificates.status(world)
    serves = [one for one in found if one.facts and not one.facts.self_signed and _names(one.facts.names, host)]
    troubles = tuple(problem for one in found for problem in one.problems)
    if serves and not troubles:
        return Stage("certificate", "done", (f"{serves[0].facts.issuer if serves[0].facts else ''} vouches for {host}.",))
    if troubles:
        return Stage("certificate", "wrong", troubles)
    if not world.config.acme.directory:
        return Stage("certificate", "wrong", (f"Nobody vouches for {host}, and no authority is asked: set [acme] directory, or certificate "
                                              "files in [tls], in pillarbox.toml.",))
    return Stage("certificate", "waiting", ("The authority has not issued a certificate yet; it is asked as soon as the host's name "
                                            "leads here.",))


def _names(names: tuple[str, ...], host: str) -> bool:
    return host in names or f"*.{host.partition('.')[2]}" in names


# --- letters --------------------------------------------------------------------------------


async def send(world: World, row: DomainRow, account: str, to: str, trace: str, *, by: str) -> None:
    """Write the test letter from an account's address at the domain; what became of the one before is forgotten.

    UserError says what was typed wrong or why it may not be sent.
    """
    try:
        recipient = Address.parse(to.strip())
    except BadName as problem:
        raise UserError(f"{to!r} is no address: {problem}") from None
    writer = people.get_account(world, account)
    own = next((one.address for one in people.addresses(world, account) if one.address.domain == row.domain), None)
    if own is None:
        raise UserError(f"{account} has no address at {row.domain}; give it one, or choose another account")
    letter = compose.Letter(
        from_=[Mailbox(writer.full_name, own)], to=[Mailbox("", recipient)], subject=f"First letter of {world.config.hostname}",
        date=world.clock.timestamp(), message_id=new_message_id(row.domain), flowed=True,
        text=TEXT.format(host=world.config.hostname, domain=row.domain))
    try:
        await submit.send(world, writer.id, compose.compose(letter), own, [recipient], trace, protocol="HTTP", save_to_sent=True)
    except submit.SendRefused as problem:
        raise UserError(str(problem)) from None
    facts = {"sent": {"to": str(recipient), "at": world.clock.timestamp(), "trace": trace, "by": by}}
    await world.store.write(lambda db: rows.note(db, row.id, facts))


def writer(world: World, row: DomainRow) -> str:
    """The first account with an address at a domain; UserError if nobody has one."""
    for account in people.all_accounts(world):
        if any(one.address.domain == row.domain for one in people.addresses(world, account.name)):
            return account.name
    raise UserError(f"nobody has an address at {row.domain} yet: `pillarbox account add NAME --address NAME@{row.domain}`")


def _sent(world: World, row: DomainRow) -> Sent | None:
    known: dict[str, Any] = world.store.read(lambda db: rows.noted(db, row.id)).get("sent", {})
    if not known:
        return None
    if "state" in known:
        return Sent(known["to"], known["at"], known["trace"], known["state"], known["said"])
    story = tracing.show(world, known["trace"])
    if story.finished:
        done = story.finished[0]
        state: Literal["delivered", "failed"] = "delivered" if done.outcome == "delivered" else "failed"
        said = " ".join(f"{done.host or 'This server'}: {done.code or ''} {done.enhanced} {done.text}".split())
        # The history forgets in time; how the letter fared stays.
        _remember(world, row, {"sent": {**known, "state": state, "said": said}})
        return Sent(known["to"], known["at"], known["trace"], state, said)
    tried = next((one.last_text for _, one in story.waiting if one.last_text), "")
    return Sent(known["to"], known["at"], known["trace"], "waiting", tried)


def _arrived(world: World, row: DomainRow) -> Arrived | None:
    found = world.store.read(lambda db: _newest(db, row))
    if found is not None:
        facts = {"arrived": {name: getattr(found, name) for name in Arrived.__slots__}}
        if world.store.read(lambda db: rows.noted(db, row.id)).get("arrived") != facts["arrived"]:
            _remember(world, row, facts)
        return found
    kept = world.store.read(lambda db: rows.noted(db, row.id)).get("arrived")
    return Arrived(**kept) if kept else None


def _remember(world: World, row: DomainRow, facts: dict[str, Any]) -> None:
    """Keep what was seen.  Who only looks is not told that it could not be kept (as with a full disk): it is seen again."""
    try:
        world.store.write_now(lambda db: rows.note(db, row.id, facts))
    except TemporaryError as problem:
        world.journal.note(Event.STORE_TROUBLE, where="settling", problem=str(problem))


def _newest(db: Connection, row: DomainRow) -> Arrived | None:
    place = rows.latest_arrival(db, row.domain.ascii)
    message = messages.get(db, *place) if place else None
    if message is None:
        return None
    account = accounts.get(db, message.account_id)
    mailbox = mailboxes.get(db, message.mailbox_id)
    known = origins.origin(message)
    return Arrived(
        message.from_text, message.subject, message.received, account.name if account else "", mailbox.name if mailbox else "",
        " ".join(known.sentences[:1]) if known else "")


def _outgoing(sent: Sent | None) -> Stage:
    if sent is None:
        return Stage("outgoing", "waiting", ("No letter was sent yet.",))
    if sent.state == "delivered":
        return Stage("outgoing", "done", (f"The letter to {sent.to} was taken.",))
    if sent.state == "failed":
        return Stage("outgoing", "wrong", (f"The letter to {sent.to} was not taken: {sent.said}",))
    return Stage("outgoing", "waiting", (f"The letter to {sent.to} is on its way{f': {sent.said}' if sent.said else '.'}",))


def _incoming(row: DomainRow, arrived: Arrived | None) -> Stage:
    if arrived is None:
        return Stage("incoming", "waiting", (f"No letter to {row.domain} has come from another server yet.",))
    return Stage("incoming", "done", (f"A letter of {arrived.author} came to {arrived.account}, and lies in {arrived.mailbox}.",))


def unfinished(world: World, served: list[DomainRow]) -> list[str]:
    """Names of domains whose way is not at its end, for the overview; none where this server is for this machine alone."""
    if world.config.local:
        return []
    return [row.domain.unicode for row in served[:MANY] if row.enabled and not _arrived_once(world, row) and not way(world, row).done]


def _arrived_once(world: World, row: DomainRow) -> bool:
    """Whether the way was once at its end: what goes wrong later has other alarms."""
    return bool(world.store.read(lambda db: rows.noted(db, row.id)).get("done"))
