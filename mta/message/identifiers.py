"""Message identifiers: Message-ID, In-Reply-To, References (RFC 5322 §3.6.4).

An identifier is kept with its angle brackets, as IMAP and other messages write it.
"""
import re

from mta.base import tokens
from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain

#: Deployed identifiers lack an @, or hold spaces where a fold was; brackets are what counts.
BRACKETED = re.compile(r"<([^<>]{1,900})>")
LONGEST = 900


def new_message_id(domain: Domain) -> str:
    """An identifier nobody else will use, in brackets."""
    return f"<{tokens.short_id(20)}@{domain.ascii}>"


def parse_ids(text: str, limits: Limits = LIMITS) -> tuple[str, ...]:
    """The identifiers in an unfolded value, each once; the nearest ancestors come last.

    Of more than the bound the first (the thread's root) and the last ones are kept.
    """
    found = ["<" + "".join(inner.split()) + ">" for inner in BRACKETED.findall(text)]
    if not found:
        # RFC 5322 §4.5.4: some write only the identifier, others prose with an address in it.
        found = [f"<{word.strip('<>,;')}>" for word in text.split() if "@" in word[1:-1] and len(word) <= LONGEST]
    unique = tuple(dict.fromkeys(identifier for identifier in found if identifier != "<>"))
    if len(unique) > limits.references:
        return unique[:1] + unique[1 - limits.references:]
    return unique


def parse_id(text: str) -> str:
    """The one identifier of a Message-ID or Content-ID value, "" if it has none."""
    found = BRACKETED.search(text)
    if found:
        inner = "".join(found[1].split())
        return f"<{inner}>" if inner else ""
    bare = "".join(text.strip("<> ").split())
    return f"<{bare}>" if bare and len(bare) <= LONGEST else ""
