"""All that speaks for and against a message, for one recipient: what the decision is made from.

mta.flow.judging gathers it, mta.judge.screen decides.
"""
from dataclasses import dataclass

from mta.auth.identity import Identity
from mta.base.names import Domain
from mta.judge.dnsbl import Listing
from mta.judge.reputation import NO_OPINION, Opinion
from mta.message.flags import Flags

#: The probability from which on content counts as junk, unless the account says otherwise.
THRESHOLD = 0.9


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the account's own rules say of a message; by default, nothing.

    names are those of the rules that fit.  accept: neither a policy nor an opinion counts.
    mailbox is a role or "#<id>", "" for where it would go anyway.  forwarder and
    mailing_list: somebody whom the account trusts passes mail on, and breaks SPF or DKIM.
    """

    names: tuple[str, ...] = ()
    accept: bool = False
    mailbox: str = ""
    flags: Flags = Flags.NONE
    keywords: tuple[str, ...] = ()
    forwarder: bool = False
    mailing_list: bool = False


NO_RULING = Ruling()


@dataclass(frozen=True, slots=True)
class Content:
    """What the words of a message say: how probably it is junk, and which of them weighed most, for people."""

    probability: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence for one recipient.

    written_to: somebody of the account has written to the author's address.  content is
    None if the filter abstains or is off; threshold is the account's.  list_like: it bears
    the marks of a mailing list.  sealer is a trusted handler who says (ARC) that the
    author was proven when the message came to him.  passed: the subject has a valid token;
    token is one to offer to a person who is refused, "" if the account does not want that.
    """

    identity: Identity
    account: int | None = None
    postmaster: bool = False
    written_to: bool = False
    opinion: Opinion = NO_OPINION
    ruling: Ruling = NO_RULING
    content: Content | None = None
    threshold: float = THRESHOLD
    listings: tuple[Listing, ...] = ()
    list_like: bool = False
    sealer: Domain | None = None
    passed: bool = False
    token: str = ""
