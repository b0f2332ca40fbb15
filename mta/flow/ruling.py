"""The rules of an account: writing them, putting them in order, trying them on mail that is there.

What people type is read here and nowhere else, so a stored rule holds what it promises:
it asks for something, its patterns are bounded, and what lifts the protection of DMARC
rests on something that a stranger cannot write himself.

Pages and command line call these.  Everything is asked for one account, and what is not
that account's does not exist (NotFound).

Read on: mta.judge.rules says what a rule means.
"""
import ipaddress
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Final

from mta.auth import orgdomain
from mta.auth.author import author
from mta.base.errors import BadName, NotFound, UserError
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain, IPNetwork, ip_address
from mta.flow import reading, typed, versions
from mta.flow.accountnames import named
from mta.flow.reading import Summary
from mta.flow.settings import adopt
from mta.flow.world import World
from mta.judge import facts as kept
from mta.judge.facts import Facts
from mta.judge.rules import Actions, Conditions, Mail, Rule, apply, fits, list_name
from mta.message import flags, header
from mta.message.flags import Flags
from mta.message.header import NAME
from mta.store import forwards, messages, rules
from mta.store.connection import Connection
from mta.store.messages import MessageRow

#: The flags that a rule may set; all others are for people to set, or teach.
SETTABLE: Final = Flags.SEEN | Flags.FLAGGED
#: Where nothing comes in, and where it does not stay.
NEVER_FILED: Final = ("sent", "drafts")
PASSING: Final = "rejects"
#: No sender has a wider network than this.
WIDEST: Final = 8
#: Messages that a trial shows of those that fit.
SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Tried:
    """A message that rules fit: the name of its mailbox, and the names of the rules."""

    message: Summary
    mailbox: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What would have been: how many of the newest messages were looked at, how many fit, and the newest of those."""

    examined: int
    fitting: int
    messages: tuple[Tried, ...]


# --- writing rules -----------------------------------------------------------------------


def all_rules(world: World, account: int) -> list[Rule]:
    """The rules of an account in their order."""
    return world.store.read(lambda db: rules.all(db, account))


def one_rule(world: World, account: int, id: int) -> Rule:
    """The rule with this id; NotFound."""
    found = world.store.read(lambda db: rules.get(db, account, id))
    if found is None:
        raise NotFound(f"there is no rule {id}")
    return found


def add(world: World, account: int, rule: Rule, *, by: str) -> Rule:
    """A new rule below all others; gives it with its id.  UserError if it cannot be one."""
    def change(db: Connection) -> Rule:
        wanted = _checked(db, account, replace(rule, actions=replace(rule.actions, lost="")))
        if len(rules.all(db, account)) >= LIMITS.rules:
            raise UserError(f"an account can have {LIMITS.rules} rules, no more")
        return replace(wanted, id=rules.add(db, account, wanted))

    return adopt(world, by, f"added the rule “{_name(rule)}” of account {named(world, account)}", change)


def fields(rule: Rule) -> dict[str, object]:
    """What a rule says, for its version."""
    asked, done = rule.conditions, rule.actions
    parts = {name: _said(value) for part in (asked, done) for name, value in asdict(part).items()}
    return {"name": rule.name, "enabled": rule.enabled, "last": rule.last, **parts}


def _said(value: object) -> object:
    """A part of a rule as people are shown it when somebody else has changed it."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, tuple | list | set | frozenset):
        return ", ".join(sorted(str(one) for one in value))
    return "" if value is None else str(value)


def change(world: World, account: int, rule: Rule, *, version: str | None = None, by: str) -> Rule:
    """Another meaning for the rule with rule.id; NotFound, UserError; version is of fields().

    If its mailbox is gone, it still files nowhere else and remembers the name, as long as
    rule.actions does not name another mailbox, or neither one nor the lost one.
    """
    def change(db: Connection) -> Rule:
        before, done = rules.get(db, account, rule.id), rule.actions
        if before is not None:
            versions.require(version, fields(before), f"the rule “{_name(before)}”")
        lost = before.actions.lost if before and done.lost and done.mailbox is None else ""
        wanted = _checked(db, account, replace(rule, actions=replace(done, lost=lost)))
        rules.change(db, account, wanted)
        return wanted

    return adopt(world, by, f"changed the rule “{_name(rule)}” of account {named(world, account)}", change)


def remove(world: World, account: int, id: int, *, by: str) -> None:
    """Forget a rule; NotFound."""
    gone = one_rule(world, account, id)
    adopt(world, by, f"removed the rule “{gone.name}” of account {named(world, account)}", lambda db: rules.remove(db, account, id))


def move(world: World, account: int, id: int, place: int, *, by: str) -> None:
    """Look at a rule as the first (1), second and so on; NotFound."""
    moved = one_rule(world, account, id)
    adopt(world, by, f"moved the rule “{moved.name}” of account {named(world, account)}", lambda db: rules.move(db, account, id, place))


def conditions(
    *, author: str = "", sender: str = "", recipient: str = "", verified: str = "", network: str = "", list_id: str = "",
    headers: Iterable[tuple[str, str]] = (),
) -> Conditions:
    """The conditions that a person wrote, "" for those not wanted; UserError says which cannot be."""
    return Conditions(
        _pattern(author), _pattern(sender), _pattern(recipient), _domain(verified), _network(network), _pattern(list_id),
        tuple((_field(name), _pattern(pattern) or "*") for name, pattern in headers))


def marks(names: Iterable[str]) -> tuple[Flags, tuple[str, ...]]:
    r"""The flags and keywords among names; UserError for what a rule cannot set."""
    found, keywords = Flags.NONE, []
    for name in names:
        flag = flags.BY_NAME.get(name.lower())
        if flag is not None and flag in SETTABLE:
            found |= flag
        elif flag is not None or name.startswith("\\"):
            raise UserError(f"a rule cannot set {name}; it sets {' and '.join(flags.names(SETTABLE))}, and keywords")
        else:
            keywords.append(name)
    if len(keywords) > LIMITS.keywords_per_message:
        raise UserError(f"a message can have {LIMITS.keywords_per_message} keywords, no more")
    return found, tuple(messages.check_keywords(keywords))


# --- trying them -------------------------------------------------------------------------


def trial(world: World, account: int, rule: Rule | None = None, last: int = LIMITS.rule_trial) -> Trial:
    """Which of the newest messages fit a rule, stored or not; without one, what all rules together would have said of each.

    Looks at what came in, wherever it is now, whether a rule is switched on or not.
    """
    stored = [] if rule else all_rules(world, account)
    rows = world.store.read(lambda db: messages.newest(db, account, max(1, min(last, LIMITS.rule_trial)), without=NEVER_FILED))
    names = {row.id: row.name for row in reading.all_mailboxes(world, account)}
    examined = fitting = 0
    shown: list[Tried] = []
    for row in rows:
        try:
            mail = _mail(world, row)
        except FileNotFoundError:
            continue    # removed meanwhile
        examined += 1
        fit = apply(stored, mail).names if rule is None else (rule.name,) if fits(rule.conditions, mail) else ()
        fitting += bool(fit)
        if fit and len(shown) < SHOWN:
            shown.append(Tried(reading.summary(world, row), names.get(row.mailbox_id, ""), fit))
    return Trial(examined, fitting, tuple(shown))


def suggestions(world: World, account: int, message: int) -> list[Rule]:
    """Rules that one may want after a message: for its list, its sender, its sender's domain.  They file nowhere yet.

    A domain that stands by the message is asked for, so that nobody else's mail fits.
    """
    row = world.store.read(lambda db: reading.own_message(db, account, message))
    mail = _mail(world, row)
    found: list[Rule] = []
    name = next(iter(map(list_name, mail.values("list-id"))), "")
    if name and len(name) <= LIMITS.rule_pattern:
        verified = _stands_for(mail, name)
        found.append(Rule(f"List {name}", Conditions(list_id=name, verified=verified), Actions(mailing_list=verified is not None)))
    writer = mail.facts.author_address
    if writer is not None:
        verified = writer.domain if mail.facts.proven else None
        found += [
            Rule(f"From {writer}", Conditions(author=str(writer), verified=verified), Actions()),
            Rule(f"From everybody at {writer.domain}", Conditions(author=f"*@{writer.domain}", verified=verified), Actions())]
    return found


def _stands_for(mail: Mail, name: str) -> Domain | None:
    """The domain among those that stand by a message which a list of that name belongs to."""
    try:
        place = Domain.parse(name)
    except BadName:
        return None
    return next((domain for domain in mail.standing if orgdomain.related(domain, place)), None)


def _mail(world: World, row: MessageRow) -> Mail:
    """A stored message as rules saw it when it came."""
    with reading.body_of(world, row) as octets:
        top = header.parse(octets)
    facts = kept.unpack(row.identity) if row.identity else None
    if facts is None:    # it was written here, or is older than the checks
        facts = Facts(author(top).address, False, ip=ip_address(row.remote_ip) if row.remote_ip else None)
    return Mail(facts, top, _address(row.mail_from), _address(row.rcpt_to))


def _address(text: str) -> Address | None:
    try:
        return Address.parse(text)
    except BadName:
        return None


# --- reading what people type --------------------------------------------------------------


def _checked(db: Connection, account: int, rule: Rule) -> Rule:
    """The rule as it is stored; UserError if it would not do what its writer wants."""
    asked, done = rule.conditions, rule.actions
    if asked == Conditions():
        raise UserError("a rule needs a condition: without one it would fit every message")
    if len(asked.headers) > LIMITS.rule_headers:
        raise UserError(f"a rule can look at {LIMITS.rule_headers} header fields, no more")
    if done == Actions() and not rule.last:
        raise UserError("this rule would do nothing: let it file, mark, forward, answer or accept, "
                        "or keep the rules below it from being looked at")
    if (done.forwarder or done.mailing_list) and not asked.certain:
        raise UserError("who passes mail on must be certain, since DMARC then counts for nothing: "
                        "give a verified domain or a network as well, which a stranger cannot write")
    if done.mailbox is not None and reading.own_mailbox(db, account, done.mailbox).role == PASSING:
        raise UserError("what is in Rejects is removed after some days: file into another mailbox")
    return replace(rule, name=_name(rule), actions=replace(done, forward=_forward(db, account, done.forward), reply=_reply(done.reply)))


def _forward(db: Connection, account: int, text: str) -> str:
    """The confirmed address to forward to that a person means."""
    wanted = text.strip().lower()
    if not wanted:
        return ""
    known = [one for one in forwards.all(db, account) if wanted in (one.address.ascii.lower(), str(one.address).lower())]
    if not known:
        raise UserError(f"{text} is no address that this account may forward to: add it under Forwarding first, and confirm it")
    if known[0].confirmed is None:
        raise UserError(f"{text} has not confirmed yet that mail may be forwarded there")
    return known[0].address.ascii


def _reply(text: str) -> str:
    """The text of an automatic answer."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LIMITS.answer_text or any(not char.isprintable() and char not in "\n\t" for char in text):
        raise UserError(f"an answer is plain text of at most {LIMITS.answer_text} characters")
    return text


def _name(rule: Rule) -> str:
    """What a rule is called: as its writer says, or by what it asks for."""
    asked = rule.conditions
    parts = (
        ("From ", asked.author), ("Sent by ", asked.sender), ("To ", asked.recipient), ("List ", asked.list_id),
        ("By ", str(asked.verified or "")), ("Via ", asked.way),
        *((f"{name}: ", pattern) for name, pattern in asked.headers))
    name = " ".join(rule.name.split()) or next((words + said for words, said in parts if said), "Rule")[:LIMITS.rule_pattern]
    if len(name) > LIMITS.rule_pattern or not name.isprintable():
        raise UserError(f"the name of a rule is one line of at most {LIMITS.rule_pattern} characters")
    return name


def _pattern(text: str) -> str:
    text = text.strip()
    if len(text) > LIMITS.rule_pattern or not text.isprintable():
        raise UserError(f"what a rule looks for has at most {LIMITS.rule_pattern} characters, all of them visible; * stands for anything")
    return text


def _field(name: str) -> str:
    name = name.strip().removesuffix(":").lower()
    if not name.isascii() or not NAME.fullmatch(name.encode()):
        raise UserError(f"{name!r} is no name of a header field; write it like Subject or X-Priority")
    return name


def _domain(text: str) -> Domain | None:
    text = text.strip().removeprefix("@").removeprefix("*.")    # those below it fit anyway
    if not text:
        return None
    found = typed.domain(text)
    if orgdomain.registered(found) is None:
        raise UserError(f"{found} is no domain of somebody's own: everybody below it would be meant")
    return found


def _network(text: str) -> IPNetwork | None:
    text = text.strip()
    if not text:
        return None
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise UserError(f"{text!r} is no network; write an IP address, or like 192.0.2.0/24 or 2001:db8::/32") from None
    if found.prefixlen < WIDEST:
        raise UserError(f"{found} is too wide: a network that says something has a length of {WIDEST} or more")
    return found
