"""Who a stored message is from, proven or not, in words for the one who reads it.

From what was kept when it came: facts beside the row, and the Authentication-Results that
we wrote in front of it.  Nothing is asked of the DNS again: keys and records of that day
may be gone.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mta.auth import results
from mta.auth.results import Method
from mta.judge import facts as kept
from mta.judge.facts import Facts
from mta.message import header
from mta.store.messages import MessageRow

#: What each check is called, and which property says what it was about.
NAMES: Final = {"iprev": "Reverse name", "spf": "SPF", "dkim": "DKIM", "arc": "ARC", "dmarc": "DMARC"}
ABOUT: Final = (("smtp", "mailfrom"), ("smtp", "helo"), ("header", "d"), ("header", "from"), ("policy", "iprev"), ("smtp", "remote-ip"))


@dataclass(frozen=True, slots=True)
class Check:
    """A check by its name, what it came to ("pass", "fail", …), and whom it was about ("" if nobody)."""

    name: str
    outcome: str
    about: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Who it is from: author ("" if that is not clear), whether that is proven, sentences for people, checks for experts."""

    author: str
    proven: bool
    sentences: tuple[str, ...]
    checks: tuple[Check, ...]


def origin(row: MessageRow) -> Origin | None:
    """What is known of a message; None if nothing was checked, because it was written here or came before there were checks."""
    facts = kept.unpack(row.identity) if row.identity else None
    if facts is None:
        return None
    author = str(facts.author_address) if facts.author_address else ""
    return Origin(author, facts.proven, tuple(_sentences(facts)), tuple(_checks(row.prefix)))


def _sentences(facts: Facts) -> Iterator[str]:
    author = facts.author_address
    if author is None:
        yield "It does not say clearly who wrote it."
    elif facts.proven:
        yield f"{author.domain} stands by this message: it is really from there."
    else:
        yield f"Nothing proves that it is from {author}: anybody may have written that name."
    others = [domain for domain in facts.dkim_domains if not (facts.proven and author and domain == author.domain)]
    if others:
        yield f"It is signed by {', '.join(map(str, others))}."
    if facts.spf_domain and not (facts.proven and author and facts.spf_domain == author.domain):
        yield f"Who brought it may send for {facts.spf_domain}."
    if facts.ip:
        yield f"It came from the address {facts.ip}, which called itself {facts.hello or 'nothing'}."


def _checks(prefix: bytes) -> Iterator[Check]:
    ours = header.parse(prefix).get("authentication-results")
    if ours is not None:
        for method in results.read(ours.unfolded()).methods:
            yield Check(NAMES.get(method.method, method.method), str(method.status), _about(method))


def _about(method: Method) -> str:
    return next((value for kind, name in ABOUT if (value := method.value(kind, name))), "")
