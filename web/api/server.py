"""Types of the administration: what the server remembers of others, its certificates, its log and its configuration."""
from typing import Literal

from msgspec import Struct

Verdict = Literal["good", "could be better", "wrong", "not known"]
LogLevel = Literal["", "debug", "info", "notice", "error"]


class StsPolicy(Struct, frozen=True):
    """What is known of the MTA-STS policy of a domain that mail goes to; `mode` "" is none, only what went wrong.

    `live`: it has not run out.  `problem` is of the last attempt to fetch it, "" if that went well;
    `again` is when it may be tried again.
    """

    domain: str
    mode: str
    live: bool
    mx: list[str]
    id: str
    fetched: float | None
    valid_until: float | None
    used: float
    failures: int
    problem: str
    again: float | None


class StsFetched(Struct, frozen=True):
    """What came of fetching a policy: `words` for people, and all that is known now."""

    words: str
    policies: list[StsPolicy]


class NeighbourDomain(Struct, frozen=True):
    """How a domain takes our mail: what was seen `at` that time (null: never), null where nobody knows.

    `verified` is how its server proved to be the right one: "dane", "mta-sts", "dnssec" or "" if it did not.  `mtasts`
    is the mode of its policy, "" if it has none that is known.  `accounts` is how many have written there.
    """

    domain: str
    starttls: bool | None
    verified: str
    mtasts: str
    dnssec: bool | None
    dane: bool | None
    requiretls: bool | None
    at: float | None
    accounts: int


class LookFinding(Struct, frozen=True):
    """One thing that was found when a domain's mail servers were looked at; `mend` is what its owner should do, "" for nothing."""

    host: str
    about: str
    verdict: Verdict
    what: str
    mend: str


class NeighbourLook(Struct, frozen=True):
    """What looking at a domain came to, and all that is known now; `usable`: usual mail would be sent there."""

    usable: bool
    findings: list[LookFinding]
    domains: list[NeighbourDomain]


class ListedAddress(Struct, frozen=True):
    """What a block list said of an address that our mail leaves from."""

    ip: str
    listed: bool


class WatchedList(Struct, frozen=True):
    """A block list of the configuration as last examined, with our addresses; `problem` is "" if it works, null if nobody has looked."""

    zone: str
    problem: str | None
    at: float | None
    addresses: list[ListedAddress]


class CertificatePage(Struct, frozen=True):
    """A certificate that is served or wanted; `until` is null if there is none yet, `renew` if the server does not renew it.

    `asked`: an authority gives it; `order` is under way there.  `retry` is when a failure is tried again.
    """

    label: str
    names: list[str]
    issuer: str
    self_signed: bool
    since: float | None
    until: float | None
    key: str
    file: str
    ports: list[int]
    renew: float | None
    asked: bool
    order: str
    failures: int
    retry: float | None
    problems: list[str]


class HostKeyPage(Struct, frozen=True):
    """A key of this host: what it is to its TLSA record, and since when the DNS has that (null: it does not)."""

    algorithm: str
    state: Literal["next", "current", "old"]
    record: str
    created: float
    listed: float | None


class CertificateAttempt(Struct, frozen=True):
    """An attempt to get a certificate: `issuer` gave it, or is the authority that was asked; `until` is its end, null if none came.

    `problem` says why none came, or which names it lacks; `next` is when it is renewed or tried again.
    """

    at: float
    label: str
    issuer: str
    names: list[str]
    until: float | None
    problem: str
    next: float | None


class CertificatesPage(Struct, frozen=True):
    """All about certificates; `authority` "" is none, `account` "" is not registered there yet; `advice` is about the host's keys.

    `history` has the last attempts, the newest first.
    """

    authority: str
    account: str
    challenge: str
    certificates: list[CertificatePage]
    keys: list[HostKeyPage]
    advice: str
    history: list[CertificateAttempt]


class ModuleLogLevel(Struct, frozen=True):
    """What is logged of a part of the program; `until` is null as long as it is what the configuration says."""

    module: str
    level: LogLevel
    until: float | None


class SettingLine(Struct, frozen=True):
    """A setting in force: `source` says where its value comes from, `changed` whether it is another than the default."""

    name: str
    value: str
    source: Literal["default", "file", "localserve", "database"]
    line: int
    changed: bool
    help: str
