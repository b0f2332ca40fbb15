"""Who passed a message on: mailing lists, by their marks, and handlers whose word on its sender is believed (ARC).

The marks of a list prove nothing, a forger can write them too: they only keep a message
from being refused.  A sealer's word counts only if the server's owner trusts him.
"""
from collections.abc import Collection

from mta.auth import orgdomain, results
from mta.auth.identity import Identity
from mta.auth.results import Method
from mta.auth.status import Status
from mta.base.errors import BadName
from mta.base.names import Domain
from mta.message.header import Header

#: RFC 2919 §3, RFC 2369 §3.4, and what lists wrote before there were standards.
MARKS = ("list-id", "list-post", "mailing-list", "x-mailing-list", "x-beenthere")


def like_list(header: Header) -> bool:
    """Whether a message bears the marks of a mailing list.  List-Unsubscribe is none: senders of newsletters set it too."""
    return any(header.all(name) for name in MARKS) or header.unfolded("precedence").lower() == "list"


def vouching(identity: Identity, trusted: Collection[Domain]) -> Domain | None:
    """The trusted sealer who found the author proven; None if there is no such one.

    The chain is followed back as long as its sealers are trusted: each was handed the
    message by the one before.
    """
    arc, author = identity.arc, identity.author.domain
    if arc.status is not Status.PASS or not arc.whole or author is None:
        return None
    for sealer, report in zip(reversed(arc.sealers), reversed(arc.reports), strict=True):
        if sealer not in trusted:
            return None
        if any(_proves(method, author) for method in results.read(report).methods):
            return sealer
    return None


def _proves(method: Method, author: Domain) -> bool:
    """Whether what a sealer found out proves the author: DMARC, or DKIM or SPF of his organisation."""
    if method.status is not Status.PASS:
        return False
    match method.method:
        case "dmarc":
            return _named(method.value("header", "from")) == author
        case "dkim":
            domain = _named(method.value("header", "d")) or _named(method.value("header", "i"))
        case "spf":
            domain = _named(method.value("smtp", "mailfrom"))
        case _:
            return False
    return domain is not None and orgdomain.related(domain, author)


def _named(value: str) -> Domain | None:
    """The domain in a property: a name, an address, or @ and a name."""
    try:
        return Domain.parse(value.rpartition("@")[2])
    except BadName:
        return None
