"""Types of the administration: transports and routes of outgoing mail."""
from typing import Literal

from msgspec import Struct

TransportTls = Literal["starttls", "implicit", "opportunistic", "none"]
TransportDkim = Literal["none", "rsa", "all"]


class TransportPage(Struct, frozen=True):
    """A server that takes outgoing mail; `in_file`: it is in the configuration file and is changed there.

    The password is never told; `waiting` is how many deliveries wait for this transport.  `version` goes back with a change.
    """

    name: str
    host: str
    port: int
    tls: TransportTls
    username: str
    dkim: TransportDkim
    in_file: bool
    waiting: int
    version: str


class RoutePage(Struct, frozen=True):
    """Which mail ("" is any) takes a transport, "direct" or "fail" (given up, the sender is told).

    `number` says which is looked at first, `id` is 0 for those of the configuration file.  `version` goes back with a change.
    """

    id: int
    number: int
    account: str
    sender_domain: str
    recipient_domain: str
    attempts: int
    transport: str
    words: str
    version: str


class WaysPage(Struct, frozen=True):
    """Everything that decides which way mail leaves; the first of the routes that fits wins, and without one mail goes direct."""

    transports: list[TransportPage]
    routes: list[RoutePage]


class RouteTrial(Struct, frozen=True):
    """Which way a message would take: `way` is "here", "direct", "fail" or "transport".

    `route` is the number of the route that says so, null if none fits.
    """

    way: Literal["here", "direct", "fail", "transport"]
    transport: str
    route: int | None
    words: str
