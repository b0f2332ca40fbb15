"""An account's rules and choices for mail that comes in: thin, what may be written is for mta.flow.ruling and preferences."""
from contextlib import closing
from dataclasses import asdict

import msgspec

from mta.flow import learning, ruling, versions
from mta.flow import preferences as choices
from mta.judge import rules as judged
from mta.judge.junk import LEAST_GOOD, LEAST_JUNK
from mta.judge.rules import Actions
from mta.message import flags
from mta.store.learned import Learned
from web import shapes
from web.api.rules import FieldPattern, JunkLessons, Preferences, Rule, RuleTrial, TriedMessage
from web.call import Call


def rules(call: Call) -> list[Rule]:
    """The rules of the account, in the order they are looked at."""
    return [_shown(rule) for rule in ruling.all_rules(call.world, call.account)]


def rule_add(call: Call, rule: Rule) -> list[Rule]:
    """A new rule below all others; the answer is all of them.  user:error says what cannot be."""
    ruling.add(call.world, call.account, _written(rule), by=call.by)
    return rules(call)


def rule_change(call: Call, rule: Rule) -> list[Rule]:
    """Another meaning for the rule with that id; the answer is all of them."""
    ruling.change(call.world, call.account, _written(rule), version=rule.version or None, by=call.by)
    return rules(call)


def rule_remove(call: Call, id: int) -> list[Rule]:
    """Forget a rule; the answer is those that are left."""
    ruling.remove(call.world, call.account, id, by=call.by)
    return rules(call)


def rule_move(call: Call, id: int, place: int) -> list[Rule]:
    """Look at a rule as the first (1), second and so on; the answer is all of them."""
    ruling.move(call.world, call.account, id, place, by=call.by)
    return rules(call)


def rule_try(call: Call, rule: Rule | None = None, last: int = 1_000) -> RuleTrial:
    """Which of the newest messages (at most 1,000) fit a rule, stored or not; without one, what all rules would have said of each."""
    found = ruling.trial(call.world, call.account, None if rule is None else _written(rule), last)
    return RuleTrial(found.examined, found.fitting, [
        TriedMessage(shapes.summary(one.message), one.mailbox, list(one.rules)) for one in found.messages])


def rule_suggestions(call: Call, message_id: int) -> list[Rule]:
    """Rules that one may want after a message, for its list, sender and sender's domain; nothing is stored."""
    return [_shown(rule) for rule in ruling.suggestions(call.world, call.account, message_id)]


def preferences(call: Call) -> Preferences:
    """What the account chose about mail that comes in."""
    return _chosen(choices.get(call.world, call.account))


def preferences_change(call: Call, preferences: Preferences) -> Preferences:
    """Choose; the answer is what holds now.  user:error for numbers out of bounds."""
    given = msgspec.structs.asdict(preferences)
    version = given.pop("version") or None
    return _chosen(choices.change(call.world, call.account, given, version=version, by=call.by))


def junk_lessons(call: Call) -> JunkLessons:
    """What the junk filter has learned so far."""
    with closing(Learned(call.world.store.learned_db, call.world.clock)) as learned:
        found = learning.taught(learned, call.account)
    return JunkLessons(found.own_good, found.own_junk, found.good, found.junk, LEAST_GOOD, LEAST_JUNK, found.enough)


FUNCTIONS = (rules, rule_add, rule_change, rule_remove, rule_move, rule_try, rule_suggestions, preferences, preferences_change,
             junk_lessons)


def _chosen(now: choices.Preferences) -> Preferences:
    shown = {name: getattr(now, name) for name in Preferences.__struct_fields__ if name != "version"}
    return Preferences(**shown, version=versions.version(asdict(now)))


def _shown(rule: judged.Rule) -> Rule:
    asked, done = rule.conditions, rule.actions
    return Rule(
        rule.id, rule.name, rule.enabled, rule.last, asked.author, asked.sender, asked.recipient, str(asked.verified or ""),
        asked.way, asked.list_id, [FieldPattern(name, pattern) for name, pattern in asked.headers],
        done.mailbox, done.lost, [*flags.names(done.flags), *done.keywords], done.accept, done.forwarder, done.mailing_list,
        done.forward, done.reply, versions.version(ruling.fields(rule)))


def _written(rule: Rule) -> judged.Rule:
    asked = ruling.conditions(
        author=rule.author, sender=rule.sender, recipient=rule.recipient, verified=rule.verified, network=rule.network,
        list_id=rule.list_id, headers=[(field.name, field.pattern) for field in rule.headers])
    done = Actions(rule.mailbox_id, *ruling.marks(rule.marks), rule.accept, rule.forwarder, rule.mailing_list, rule.lost_mailbox,
                   rule.forward, rule.reply)
    return judged.Rule(rule.name, asked, done, rule.enabled, rule.last, rule.id)
