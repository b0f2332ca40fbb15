"""All that speaks for and against a message, for one recipient: what the decision is made from.

mta.flow.judging gathers it, mta.judge.signs weighs it, mta.judge.screen decides.
"""
from dataclasses import dataclass
from typing import Final

from mta.auth.dmarcrecord import Policy
from mta.auth.identity import Identity
from mta.auth.status import Status
from mta.base.names import Domain
from mta.judge.dnsbl import Listing
from mta.judge.junk import THRESHOLD
from mta.judge.reputation import NO_OPINION, Leaning, Opinion
from mta.message.flags import Flags


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the account's own rules say of a message; by default, nothing.

    names are those of the rules that fit.  accept: neither a policy nor an opinion counts.
    mailbox is a role or "#<id>" for what would go to the Inbox, "" for the Inbox itself;
    lost has rules that file into a mailbox that is gone, with its name.
    forwarder and mailing_list: somebody whom the account trusts passes mail on, and breaks
    SPF or DKIM; of a forwarder's mail the last part of its way says nothing.  forward are
    addresses to forward to, replies ids of rules with the text that each answers.
    """

    names: tuple[str, ...] = ()
    accept: bool = False
    mailbox: str = ""
    flags: Flags = Flags.NONE
    keywords: tuple[str, ...] = ()
    forwarder: bool = False
    mailing_list: bool = False
    lost: tuple[tuple[str, str], ...] = ()
    forward: tuple[str, ...] = ()
    replies: tuple[tuple[int, str], ...] = ()


NO_RULING: Final = Ruling()


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

    @property
    def vouched(self) -> bool:
        """Whether somebody whom the account or the server trusts brings it, so that DMARC may fail (RFC 9989 §7.4)."""
        return bool(self.ruling.accept or self.ruling.forwarder or self.ruling.mailing_list or self.sealer)

    @property
    def disowned(self) -> Policy:
        """What the author's domain wants done with this message because it failed DMARC, as far as that is followed."""
        failed = self.identity.dmarc.status is Status.FAIL and not self.vouched
        return self.identity.dmarc.policy if failed else Policy.NONE

    @property
    def way_counts(self) -> bool:
        """Whether the last part of the way is the sender's: not a forwarder's, a trusted sealer's or this machine's."""
        return not (self.ruling.forwarder or self.sealer or self.identity.ip.is_loopback)

    @property
    def spf_failed(self) -> bool:
        """Whether SPF says that this host must not send for its sender, and nothing else proves the author."""
        return self.way_counts and self.identity.spf.status is Status.FAIL and not self.identity.proven

    @property
    def bad_network(self) -> bool:
        """Whether the way it came speaks against it: block lists, earlier mail, SPF where no list or known forwarder explains it."""
        network = self.opinion.network.leaning
        disallowed = self.spf_failed and not self.list_like and network is not Leaning.GOOD
        return self.way_counts and bool(self.listings or network is Leaning.BAD or disallowed)

    @property
    def bad_sender(self) -> bool:
        """Whether earlier mail of the sender speaks against it."""
        return self.opinion.sender.leaning is Leaning.BAD

    @property
    def stranger(self) -> bool:
        """Whether nothing at all is known of the sender and of the way."""
        known = self.written_to or self.opinion.sender.leaning is not Leaning.UNKNOWN or (
            self.way_counts and self.opinion.network.leaning is not Leaning.UNKNOWN)
        return not known

    @property
    def good_signs(self) -> bool:
        """Whether something speaks for a stranger: the author's domain stands by it, or somebody who is trusted."""
        return bool(self.identity.proven or self.vouched or self.ruling.names or self.passed)
