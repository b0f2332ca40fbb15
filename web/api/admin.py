"""Types of the administration: overview, domains, accounts, queue, traces."""
from typing import Literal

from msgspec import Struct

from web.api.account import Protection
from web.api.destinations import Meaning


class AdminState(Struct, frozen=True):
    """Whether the administrator is signed in; `csrf` as in State."""

    signed_in: bool
    csrf: str
    hostname: str
    version: str


class RoleState(Struct, frozen=True):
    """A process of the server: `memory` is its proportional share (PSS) in octets, `uptime` in seconds."""

    role: str
    number: int
    pid: int
    ready: bool
    uptime: float
    memory: int
    restarts: int


class TraceLine(Struct, frozen=True):
    """One event: `facts` are its fields as text, `sentence` says it for people.

    `meaning` is what another server's refusal means, null of all other events.
    """

    at: float
    role: str
    trace: str
    event: str
    level: str
    sentence: str
    facts: dict[str, str]
    meaning: Meaning | None


class BlockList(Struct, frozen=True):
    """A configured DNS block list: `examined` when it was looked at last (null: not yet), `problem` what was wrong ("" if nothing)."""

    zone: str
    problem: str
    examined: float | None


class HealthLine(Struct, frozen=True):
    """How one part of the server is: a summary, what is to be mended in sentences, and the page of the administration about it."""

    topic: str
    state: Literal["good", "attention", "bad"]
    summary: str
    todo: list[str]
    page: str


class Overview(Struct, frozen=True):
    """The state of the server at a glance; `warnings` are sentences about what to look at, `health` says it by part.

    `roles` is empty and `problem` says why if the supervisor does not answer.  A block
    list counts only while it was found to work.
    """

    hostname: str
    version: str
    now: float
    roles: list[RoleState]
    problem: str
    domains: int
    accounts: int
    queued: int
    held: int
    oldest_queued: float | None
    warnings: list[str]
    events: list[TraceLine]
    block_lists: list[BlockList]
    health: list[HealthLine]


class DnsRecord(Struct, frozen=True):
    """A record that belongs into the DNS of a domain; `why` says what it is good for, and of an `optional` one who should have it."""

    name: str
    kind: str
    value: str
    why: str
    optional: bool


class DnsSection(Struct, frozen=True):
    """What a check found about one thing: `records` are lines of a zone file as they should be, `unknown` is what the DNS did not tell."""

    name: str
    verdict: Literal["good", "could be better", "wrong", "not known"]
    errors: list[str]
    warnings: list[str]
    unknown: list[str]
    instructions: list[str]
    records: list[str]


class DnsChange(Struct, frozen=True):
    """How many things were wrong, and could be better, from `first` to `last` (seconds since 1970)."""

    first: float
    last: float
    errors: int
    warnings: int


class DnsTest(Struct, frozen=True):
    """A sub-test of the mail test of internet.nl, and whether it would pass (null: that is not known)."""

    part: str
    about: str
    passed: bool | None


class DnsCheck(Struct, frozen=True):
    """What was found when the DNS of a domain was looked at last (`at`, null: never), and before, the newest first.

    `score` is about the percentage that internet.nl would give, null if that is not known.
    """

    at: float | None
    sections: list[DnsSection]
    history: list[DnsChange]
    tests: list[DnsTest]
    score: int | None


class DkimKey(Struct, frozen=True):
    """A key of a domain; `signing` says whether it is in use."""

    selector: str
    algorithm: Literal["rsa", "ed25519"]
    signing: bool
    created: float
    record: DnsRecord


class KeyChange(Struct, frozen=True):
    """A DKIM key that takes the place of another ("" if there was none of its kind).

    `stage` "publish": the DNS does not have the new record everywhere; "wait": the new key signs and the old
    record stays until `until`; "remove": the old record can go.  `todo` says it in words; `looked` when the DNS was asked last.
    """

    new: str
    old: str
    stage: Literal["publish", "wait", "remove"]
    todo: str
    until: float | None
    looked: float | None


class DomainLine(Struct, frozen=True):
    """A domain in the list of domains."""

    name: str
    description: str
    enabled: bool
    addresses: int
    aliases: int


class Address(Struct, frozen=True):
    """An address and the account that gets its mail."""

    address: str
    account: str


class Alias(Struct, frozen=True):
    """An address that passes on to others; `sendable` lets them write in its name, `post` says who may write to it.

    `version` goes back with a change.
    """

    address: str
    members: list[str]
    sendable: bool
    post: Literal["everybody", "members", "domain"]
    version: str


class DomainPolicy(Struct, frozen=True):
    """The MTA-STS policy of a domain: `max_age` in seconds, `mx` its hosts besides this server, `id` that of the DNS record ("" if off).

    `version` goes back with a change.
    """

    mode: Literal["off", "none", "testing", "enforce"]
    max_age: int
    mx: list[str]
    id: str
    version: str


class DomainPage(Struct, frozen=True):
    """A domain with everything that belongs to it.

    `catchall` is the account that gets mail for unknown addresses, or ""; `separator`
    cuts local parts (ann+shop is ann), "" cuts none.  Reports of others about the domain
    are to be sent to `dmarc_reports` and `tls_reports`, nowhere if that is "".  `caution`
    says what to mind with the records, if the DNS did not tell in time what is there.
    """

    line: DomainLine
    catchall: str
    separator: str
    case_sensitive: bool
    dmarc_reports: str
    tls_reports: str
    keys: list[DkimKey]
    changes: list[KeyChange]
    records: list[DnsRecord]
    caution: str
    addresses: list[Address]
    aliases: list[Alias]
    policy: DomainPolicy
    version: str


class AccountLine(Struct, frozen=True):
    """An account in the list of accounts; `quota` 0 is no limit."""

    name: str
    full_name: str
    enabled: bool
    created: float
    size: int
    messages: int
    quota: int
    addresses: list[str]


class AccountPage(Struct, frozen=True):
    """An account with its addresses; limits per 24 hours, 0 is the server's usual one.

    `version` goes back with a change, so that nobody overwrites what somebody else has just changed.
    """

    line: AccountLine
    messages_per_day: int
    first_time_per_day: int
    addresses: list[Address]
    version: str


class QueueLine(Struct, frozen=True):
    """A recipient of a waiting message; `id` is what the actions take.

    `last` is what the other side said last, "" before the first attempt, and `cause` the title of what
    that means, if it is known.  `tls` is what the message asks of the connections it travels over.
    """

    id: int
    message: int
    sender: str
    recipient: str
    next_hop: str
    transport: str
    account: str
    subject: str
    message_id: str
    kind: str
    size: int
    created: float
    attempts: int
    due: float
    held: bool
    last: str
    last_host: str
    last_at: float | None
    trace: str
    tls: Protection
    cause: str


class QueueStory(Struct, frozen=True):
    """A waiting recipient, what its last failure means (null before the first), and its steps."""

    line: QueueLine
    meaning: Meaning | None
    steps: list[TraceLine]


class TraceSummary(Struct, frozen=True):
    """A message, or a session without any, in a search: what `outcome` says is "accepted", "refused", "delivered", …

    `octets` is 0 where it is not known.
    """

    trace: str
    first: float
    latest: float
    ip: str
    sender: str
    recipients: list[str]
    outcome: str
    octets: int
    message_id: str


class TraceResults(Struct, frozen=True):
    """What a search found, the latest first; `before` continues it, null at the end."""

    results: list[TraceSummary]
    before: int | None


class Finished(Struct, frozen=True):
    """What became of a recipient at another server: `outcome` is "delivered", "failed" or "dropped".

    `reply` is what that server said, `meaning` what that means if it refused.
    """

    recipient: str
    outcome: str
    reply: str
    host: str
    attempts: int
    queued: float
    finished: float
    meaning: Meaning | None


class TraceStory(Struct, frozen=True):
    """Everything known about a trace: its steps, oldest first, who still waits, and what became of the others."""

    trace: str
    steps: list[TraceLine]
    waiting: list[QueueLine]
    finished: list[Finished]
