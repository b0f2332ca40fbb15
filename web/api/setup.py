"""Types of the walk from an empty server to a first letter."""
from typing import Literal

from msgspec import Struct

from web.api.admin import DnsRecord


class RecordState(Struct, frozen=True):
    """A record that should be in the DNS, and what is there of its name and type.

    "right": it is there, and nothing that contradicts it.  `there` has what is to be
    replaced, as lines of a zone file have it.  "unknown": the DNS does not tell, `said` says why.
    """

    record: DnsRecord
    state: Literal["right", "missing", "differs", "unknown"]
    there: list[str]
    said: str


class SurveyLine(Struct, frozen=True):
    """One thing about the machine: whether it is well, what it is like, and what to do if it is not."""

    about: str
    well: bool
    what: str
    mend: str


class SetupStage(Struct, frozen=True):
    """One stage of the way: how it stands, in sentences."""

    key: Literal["domain", "account", "dns", "certificate", "outgoing", "incoming"]
    state: Literal["done", "waiting", "wrong"]
    sentences: list[str]


class TestLetter(Struct, frozen=True):
    """The test letter: to whom, when, its trace, what became of it and what the other server said."""

    to: str
    at: float
    trace: str
    state: Literal["waiting", "delivered", "failed"]
    said: str


class Arrival(Struct, frozen=True):
    """The newest letter that another server brought to the domain; `verdict` is what is known of its author."""

    author: str
    subject: str
    at: float
    account: str
    mailbox: str
    verdict: str


class Setup(Struct, frozen=True):
    """How far a domain has come; without a domain (`domain` is "") only what there is to choose from.

    `writers` are the accounts that have an address at the domain, with that address;
    `postmaster` is the account that the configuration names for mail to postmaster, `accounts` all.
    """

    domain: str
    hostname: str
    domains: list[str]
    accounts: list[str]
    postmaster: str
    writers: list[str]
    stages: list[SetupStage]
    sent: TestLetter | None
    arrived: Arrival | None
    done: bool
