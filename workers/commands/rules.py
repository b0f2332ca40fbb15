"""`pillarbox rule …`: an account's own rules for mail that comes in."""
from argparse import Namespace
from dataclasses import replace

from mta.base.errors import UserError
from mta.base.limits import LIMITS
from mta.flow import people, reading, ruling
from mta.flow.world import World
from mta.judge.rules import Actions, Conditions, Rule
from mta.message import flags
from workers.commands.paper import Row
from workers.commands.site import Site

#: Options that are conditions of their name.
TEXTS = ("author", "sender", "recipient", "verified", "network", "list_id")
#: And those that are actions of theirs.
GIVEN = ("accept", "forwarder", "mailing_list", "forward", "reply")
NEW = Rule("", Conditions(), Actions())


def list_rules(site: Site, arguments: Namespace) -> list[Row]:
    """The rules of an account in their order."""
    account = people.get_account(site.world, arguments.account).id
    return _rows(site.world, account, ruling.all_rules(site.world, account))


def add(site: Site, arguments: Namespace) -> list[Row]:
    """A new rule below all others."""
    account = people.get_account(site.world, arguments.account).id
    return _rows(site.world, account, [ruling.add(site.world, account, _written(site.world, account, NEW, arguments), by=site.by)])


def set_rule(site: Site, arguments: Namespace) -> list[Row]:
    """Change what was given."""
    account = people.get_account(site.world, arguments.account).id
    before = ruling.one_rule(site.world, account, arguments.id)
    return _rows(site.world, account, [
        ruling.change(site.world, account, _written(site.world, account, before, arguments), by=site.by)])


def remove(site: Site, arguments: Namespace) -> None:
    """Forget a rule."""
    ruling.remove(site.world, people.get_account(site.world, arguments.account).id, arguments.id, by=site.by)


def move(site: Site, arguments: Namespace) -> list[Row]:
    """Put a rule at a place among the others; the order as it is then."""
    account = people.get_account(site.world, arguments.account).id
    ruling.move(site.world, account, arguments.id, arguments.place, by=site.by)
    return _rows(site.world, account, ruling.all_rules(site.world, account))


def try_rules(site: Site, arguments: Namespace) -> list[Row]:
    """Which messages fit a rule, conditions that are no rule yet, or any rule at all."""
    world = site.world
    account = people.get_account(world, arguments.account).id
    asked = _conditions(Conditions(), arguments)
    if arguments.id and asked != Conditions():
        raise UserError("try a rule by its id, or conditions that are no rule yet, not both")
    rule = ruling.one_rule(world, account, arguments.id) if arguments.id else replace(NEW, conditions=asked, name="(this)")
    found = ruling.trial(world, account, None if rule.conditions == Conditions() else rule, min(arguments.last, LIMITS.rule_trial))
    return [{"id": one.message.id, "received": one.message.received, "mailbox": one.mailbox,
             "from": ", ".join(str(each.address or each.name or each.raw) for each in one.message.from_), "subject": one.message.subject,
             "rules": list(one.rules)} for one in found.messages]


def _written(world: World, account: int, before: Rule, arguments: Namespace) -> Rule:
    """The rule before with what the options say."""
    done = before.actions
    if arguments.file is not None:
        done = replace(done, mailbox=reading.mailbox_named(world, account, arguments.file).id if arguments.file else None, lost="")
    if arguments.mark is not None:
        set_flags, keywords = ruling.marks(name for name in arguments.mark if name)
        done = replace(done, flags=set_flags, keywords=keywords)
    given = {name: getattr(arguments, name) for name in GIVEN if getattr(arguments, name) is not None}
    own = {name: getattr(arguments, name) for name in ("name", "enabled", "last") if getattr(arguments, name) is not None}
    return replace(before, conditions=_conditions(before.conditions, arguments), actions=replace(done, **given), **own)


def _conditions(before: Conditions, arguments: Namespace) -> Conditions:
    given = {name: getattr(arguments, name) for name in TEXTS}
    texts = {name: str(getattr(before, name) or "") if value is None else value for name, value in given.items()}
    headers = before.headers if arguments.header is None else tuple(map(_header, filter(None, arguments.header)))
    return ruling.conditions(**texts, headers=headers)


def _header(text: str) -> tuple[str, str]:
    name, colon, pattern = text.partition(":")
    if not colon:
        raise UserError(f"{text!r} names no field: write it like 'Subject: *invoice*'")
    return name, pattern


def _rows(world: World, account: int, found: list[Rule]) -> list[Row]:
    names = {row.id: row.name for row in reading.all_mailboxes(world, account)}
    return [_row(rule, names) for rule in found]


def _row(rule: Rule, mailboxes: dict[int, str]) -> Row:
    asked, done = rule.conditions, rule.actions
    set_marks = [*flags.names(done.flags), *done.keywords]
    fields: dict[str, object] = {
        "id": rule.id, "name": rule.name, "enabled": rule.enabled, "from": asked.author, "sender": asked.sender, "to": asked.recipient,
        "verified": str(asked.verified or ""), "network": asked.way, "list": asked.list_id,
        "headers": [f"{name}: {pattern}" for name, pattern in asked.headers],
        "file": mailboxes.get(done.mailbox, "") if done.mailbox is not None else "", "lost": done.lost, "mark": set_marks,
        "accept": done.accept, "forwarder": done.forwarder, "mailing_list": done.mailing_list, "forward": done.forward, "reply": done.reply,
        "last": rule.last}
    said = ("from", "sender", "to", "verified", "network", "list")
    asks = [f"{name} {fields[name]}" for name in said if fields[name]] + [f"{name}: {pattern}" for name, pattern in asked.headers]
    does = [*([f"file into {fields['file']}"] if fields["file"] else []),
            *([f"file into {done.lost}, which is gone: into the Inbox"] if done.lost else []),
            *([f"mark {' '.join(set_marks)}"] if set_marks else []),
            *([f"forward to {done.forward}"] if done.forward else []), *(["answer it"] if done.reply else []),
            *(name.replace("_", " ") for name in ("accept", "forwarder", "mailing_list") if fields[name]),
            *([] if rule.last else ["go on"])]
    return {**fields, "if": "; ".join(asks), "then": "; ".join(does) or "nothing more"}
