"""Types that every application shares: who is signed in, and from where."""
from typing import Literal

from msgspec import Struct

#: What a message asks of the connections it travels over.
Protection = Literal["default", "required", "not-required"]


class Identity(Struct, frozen=True):
    """An address one may write from: name may be "", address is as people read it (U-labels); signature stands under a message."""

    name: str
    address: str
    signature: str


class State(Struct, frozen=True):
    """Who is signed in.  Ask for it first; all but `signed_in`, `hostname` and `version` is empty if nobody is.

    `csrf` goes into the X-Pillarbox-Csrf header of every call (`call` does that).
    `identities` are the addresses one may write from, the usual one first.
    `modseq` is where an event stream may start (see /webmail/events).  `pages` are those that
    are offered at this address: "webmail", "account", "admin".  `webmail_only`: it began with an
    app password, which opens nothing else.
    """

    signed_in: bool
    csrf: str
    account_id: int
    account: str
    full_name: str
    identities: list[Identity]
    modseq: int
    hostname: str
    version: str
    message_octets: int
    pages: list[str]
    webmail_only: bool


class SignedIn(Struct, frozen=True):
    """A browser that is signed in; `account` is "" for the administrator's own session."""

    id: int
    account: str
    created: float
    used: float
    ip: str
    agent: str
    this: bool
