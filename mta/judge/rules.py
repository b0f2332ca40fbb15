"""An account's own rules: which of them fit a message, and what they say of it.

A rule fits if all its conditions hold.  Rules are looked at in their order, and the first
that fits is the last one, unless it lets those below it be looked at too; then marks add
up, and the message is filed where the first of them files it.

In a pattern * stands for anything and case does not matter.  That is all there is to it:
what people write here is compared with what strangers write, and must never take long.

Whoever reads only what a message says of itself can be deceived: anybody may write any
name into From or List-Id.  What is verified is a domain that stands by the message
(author's, signer's or sender's), or the network it came from.

Read on: mta.flow.ruling lets people write rules; mta.flow.judging asks them about mail from
outside, mta.flow.deposit about what was written here.
"""
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from mta.base.limits import LIMITS
from mta.base.names import Address, Domain, IPNetwork
from mta.judge.evidence import NO_RULING, Ruling
from mta.judge.facts import Facts
from mta.judge.reason import Reason
from mta.message.flags import Flags
from mta.message.header import Header


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must hold, all of it; "", None and () ask for nothing.

    author, sender and recipient are patterns for the address in From, for the reverse-path
    and for the address of the account by which the message came; list_id one for the name
    in List-Id (RFC 2919 §2).  verified is a domain that must stand by the message, itself
    or one below it.  headers are names of fields with patterns for their values, of which
    one must fit.
    """

    author: str = ""
    sender: str = ""
    recipient: str = ""
    verified: Domain | None = None
    network: IPNetwork | None = None
    list_id: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def way(self) -> str:
        """The network as people write it: an address for one of a single host."""
        network = self.network
        if network is None:
            return ""
        return str(network.network_address if network.prefixlen == network.max_prefixlen else network)

    @property
    def certain(self) -> bool:
        """Whether nobody can make a message fit who is not meant."""
        return self.verified is not None or self.network is not None


@dataclass(frozen=True, slots=True)
class Actions:
    """What follows, as in Ruling; mailbox is an id, None for where the message would go anyway.

    lost is the name of the mailbox that a rule filed into, if that one is gone: mailbox is None then.
    forward is an address of the account's to forward to, reply the text of an automatic answer.
    """

    mailbox: int | None = None
    flags: Flags = Flags.NONE
    keywords: tuple[str, ...] = ()
    accept: bool = False
    forwarder: bool = False
    mailing_list: bool = False
    lost: str = ""
    forward: str = ""
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; if it fits and is the last, those below it are not looked at.  id is 0 until it is stored."""

    name: str
    conditions: Conditions
    actions: Actions
    enabled: bool = True
    last: bool = True
    id: int = 0


@dataclass(frozen=True, slots=True)
class Mail:
    """A message for one recipient, as rules see it; the header is the one it came with."""

    facts: Facts
    header: Header
    sender: Address | None
    recipient: Address | None
    _values: dict[str, list[str]] = field(default_factory=dict)

    def values(self, name: str) -> list[str]:
        """The decoded values of the first fields of that name, in lower case; each is decoded once."""
        found = self._values.get(name)
        if found is None:
            fields = self.header.all(name)[:LIMITS.rule_fields]
            found = self._values[name] = [one.text()[:LIMITS.rule_value].lower() for one in fields]
        return found

    @property
    def standing(self) -> tuple[Domain, ...]:
        """The domains that stand by the message: its author's if it is proven, those who signed, the one that sent."""
        facts = self.facts
        author = (facts.author_address.domain,) if facts.proven and facts.author_address else ()
        return (*author, *facts.dkim_domains, *((facts.spf_domain,) if facts.spf_domain else ()))


def apply(rules: Iterable[Rule], mail: Mail) -> Ruling:
    """What the rules of an account, in their order, say of a message."""
    ruling = NO_RULING
    for rule in rules:
        if rule.enabled and fits(rule.conditions, mail):
            ruling = _with(ruling, rule)
            if rule.last:
                break
    return ruling


def reasons(ruling: Ruling) -> tuple[Reason, ...]:
    """The rules that fit, as the owner of the mailbox reads it."""
    return (*(Reason(f"Your rule “{name}” fits.", key="rule") for name in ruling.names),
            *(Reason(f"Your rule “{name}” would file it into {mailbox}, but that mailbox is gone.", key="mailbox-gone")
              for name, mailbox in ruling.lost))


def fits(conditions: Conditions, mail: Mail) -> bool:
    """Whether all conditions hold; what is cheap is looked at first."""
    facts = mail.facts
    return (
        (conditions.network is None or (facts.ip is not None and facts.ip in conditions.network))
        and (conditions.verified is None or any(conditions.verified.covers(domain) for domain in mail.standing))
        and _is(conditions.author, facts.author_address)
        and _is(conditions.sender, mail.sender)
        and _is(conditions.recipient, mail.recipient)
        and (not conditions.list_id or any(matches(conditions.list_id, list_name(value)) for value in mail.values("list-id")))
        and all(any(matches(pattern, value) for value in mail.values(name)) for name, pattern in conditions.headers))


def matches(pattern: str, text: str) -> bool:
    """Whether text, in lower case, is what pattern says from its beginning to its end."""
    first, *rest = _parts(pattern)
    if not rest:
        return text == first
    *middle, last = rest
    at, end = len(first), len(text) - len(last)
    if at > end or not text.startswith(first) or not text.endswith(last):
        return False
    # What comes first is taken where it comes first: no other choice could leave more for the rest.
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def list_name(value: str) -> str:
    """What List-Id names: what stands in <>, or all of it."""
    start = value.rfind("<")
    return value[start + 1:].partition(">")[0].strip() if start >= 0 else value.strip()


def _is(pattern: str, address: Address | None) -> bool:
    """Whether an address is what pattern says, in the form for people or for machines."""
    if not pattern:
        return True
    return address is not None and any(matches(pattern, form) for form in _forms(address))


@lru_cache(maxsize=64)
def _forms(address: Address) -> frozenset[str]:
    return frozenset((address.ascii.lower(), str(address).lower()))


@lru_cache(maxsize=4_096)
def _parts(pattern: str) -> tuple[str, ...]:
    """What stands between the stars, in lower case."""
    return tuple(pattern.lower().split("*"))


def _with(ruling: Ruling, rule: Rule) -> Ruling:
    """What one more rule adds."""
    actions = rule.actions
    return replace(
        ruling, names=(*ruling.names, rule.name), accept=ruling.accept or actions.accept,
        mailbox=ruling.mailbox or (f"#{actions.mailbox}" if actions.mailbox is not None else ""),
        lost=(*ruling.lost, (rule.name, actions.lost)) if actions.lost and not ruling.mailbox else ruling.lost,
        flags=ruling.flags | actions.flags, keywords=tuple(dict.fromkeys((*ruling.keywords, *actions.keywords))),
        forwarder=ruling.forwarder or actions.forwarder, mailing_list=ruling.mailing_list or actions.mailing_list,
        forward=tuple(dict.fromkeys((*ruling.forward, *([actions.forward] if actions.forward else [])))),
        replies=(*ruling.replies, *([(rule.id, actions.reply)] if actions.reply else [])))
