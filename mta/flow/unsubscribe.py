"""Leaving a mailing list with one press, where the list says how and is proven to say it.

A list's message names addresses to leave by.  One press does it (we POST to the list's
server) only if a signature that passed when the message came covers both fields that ask
for it: else anybody could make us call anything.  No cookie goes with it, no redirect is
followed, no private address is called (mta.net.https).

Standards: RFC 2369 §3.2, RFC 8058 §3.1, §4.
"""
import re
from dataclasses import dataclass
from typing import Final

from mta.auth import results, signature
from mta.auth.status import Status
from mta.base.errors import NotAllowed, SetupError, TemporaryError
from mta.base.limits import LIMITS
from mta.flow.reading import own_message, stored_structure
from mta.flow.world import World
from mta.message import header
from mta.message.header import Header
from mta.net.https import BadUrl, Https, HttpsError, Place
from mta.net.tls import client_context
from mta.store import messages
from mta.store.messages import MessageRow

URI: Final = re.compile(r"<\s*([^<>\s]{1,2000})\s*>")
BOTH: Final = ("list-unsubscribe", "list-unsubscribe-post")
BODY: Final = b"List-Unsubscribe=One-Click"
#: Octets of the list's answer: what it says is not shown.
ANSWER: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Ways:
    """How to leave a list: one press at a host ("" if that is not proven), an address to write to, a page to visit."""

    host: str
    mail: str
    page: str
    list_id: str


def ways(world: World, account: int, message: int) -> Ways | None:
    """How to leave the list that sent a message; None if it names no way.  NotFound."""
    row, octets, fields = _read(world, account, message)
    uris = _uris(fields)
    post = _one_click(row, octets, fields, uris)
    mail = next((uri for uri in uris if uri.lower().startswith("mailto:")), "")
    page = next((uri for uri in uris if uri.lower().startswith(("https:", "http:"))), "")
    if not uris or not (post or mail or page):
        return None
    return Ways(post.host.unicode if post else "", mail, page, fields.text("list-id")[:300])


async def leave(world: World, account: int, message: int, https: Https | None = None) -> str:
    """Leave by one press: the host that agreed.  NotAllowed where that is not proven, TemporaryError if its server does not answer well."""
    row, octets, fields = _read(world, account, message)
    place = _one_click(row, octets, fields, _uris(fields))
    if place is None:
        raise NotAllowed("it is not proven that the list itself named this way to leave it; use its page, or write to it")
    try:
        client = https or Https(world.resolver, client_context(verify=True, authorities=world.config.tls.ca_file))
        answer = await client.post(place, BODY, "application/x-www-form-urlencoded", most=ANSWER)
    except (HttpsError, SetupError) as problem:
        raise TemporaryError(f"the list's server could not be told: {problem}") from None
    # RFC 8058 §3.1: redirects are not followed.
    if not 200 <= answer.status < 300:
        raise TemporaryError(f"the list's server {place.host} answered {answer.status}, so it may not have taken note")
    return place.host.unicode


def _read(world: World, account: int, message: int) -> tuple[MessageRow, bytes, Header]:
    row = world.store.read(lambda db: own_message(db, account, message))
    start = stored_structure(world, row).body_start
    octets = messages.part(world.store, row, len(row.prefix), min(start, LIMITS.header_octets))
    return row, octets, header.parse(octets)


def _uris(fields: Header) -> list[str]:
    return URI.findall(fields.unfolded("list-unsubscribe"))[:10]


def _one_click(row: MessageRow, octets: bytes, fields: Header, uris: list[str]) -> Place | None:
    """Where one press goes, if the message may ask for it."""
    # A second field of the name need not be signed, and readers differ in which they take.
    if any(fields.count(name) != 1 for name in BOTH) or fields.unfolded(BOTH[1]).strip().lower() != BODY.decode().lower():
        return None
    if not _covered(row, octets, fields):
        return None
    for uri in uris:
        if uri.lower().startswith("https:"):
            try:
                return Place.parse(uri)
            except BadUrl:
                continue
    return None


def _covered(row: MessageRow, octets: bytes, fields: Header) -> bool:
    """Whether a signature that passed when the message came covers both fields (RFC 8058 §4)."""
    ours = header.parse(row.prefix).get("authentication-results")
    passed = {(method.value("header", "d"), method.value("header", "s")) for method in results.read(ours.unfolded()).methods
              if method.method == "dkim" and method.status is Status.PASS} if ours else set()
    for field in fields.all("dkim-signature")[:LIMITS.dkim_signatures]:
        try:
            one = signature.read_dkim(octets[field.start:field.end])
        except signature.BadSignature:
            continue
        if (one.domain.ascii, one.selector) in passed and set(BOTH) <= {name.lower() for name in one.names}:
            return True
    return False
