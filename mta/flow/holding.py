"""What an alias does not pass on to its members elsewhere, and who has it then.

Nobody is sent junk by us: a server that forwards it is soon taken for its sender.  And
nothing that was accepted may be lost.  So if nobody takes a message it is refused, and
what was refused for now is in somebody's Rejects; if somebody takes it, whose answer is
everybody's, it is kept here with the reason: members of the alias who are here have it
anyway, else the account that gets the mail for postmaster.

Read on: mta.judge.screen.decide_onward says what is passed on.
"""
from collections.abc import Mapping
from dataclasses import replace

from mta.base.errors import TemporaryError
from mta.base.events import Event
from mta.base.names import Address
from mta.flow import preferences
from mta.flow.deposit import Copy, Happening
from mta.flow.labels import Labels
from mta.flow.world import World
from mta.judge.facts import Facts
from mta.judge.reason import Reason, in_words
from mta.judge.screen import Verdict
from mta.message.flags import Flags
from mta.store import accounts
from mta.store.accounts import Resolution
from mta.store.connection import Connection

#: Aliases that do not pass a message on: whom they stand for, and why not.
Held = Mapping[Address, tuple[Resolution, Verdict]]


def kept(world: World, label: Labels, copies: list[Copy], held: Held) -> list[Copy]:
    """The copies of a message that is taken, and those by which somebody here has what is held; these say so.

    TemporaryError if there is nobody who could have it.
    """
    by_account = {copy.account: copy for copy in copies}
    for alias, (resolved, verdict) in held.items():
        why = Reason(f"It was not passed on to the members of {alias} elsewhere: no junk goes to other servers.", key="not-passed-on")
        for account in resolved.accounts or (_keeper(world),):
            known = by_account.get(account) or _copy(label, alias, account, verdict, "junk")
            by_account[account] = replace(known, reasons=(*known.reasons, why))
    return list(by_account.values())


def refused(world: World, label: Labels, judged: Mapping[Copy, Verdict], held: Held) -> list[Copy]:
    """The copies of a message that nobody takes which are to be kept in Rejects."""
    wanted = [copy for copy, verdict in judged.items() if verdict.keep_reject]
    for alias, (resolved, verdict) in held.items():
        if not verdict.keep_reject or resolved.accounts:
            continue
        keeper = world.store.read(lambda db: _rejects_of_keeper(db, world))
        if keeper is not None and all(copy.account != keeper for copy in wanted):
            wanted.append(_copy(label, alias, keeper, verdict, "rejects"))
    return wanted


def happenings(held: Held) -> list[Happening]:
    """What is told, with the message, of what is held."""
    return [(Event.JUDGED, {"recipient": alias, "reply": "not passed on to members elsewhere", "reason": in_words(verdict.reasons)})
            for alias, (_, verdict) in held.items()]


def _copy(label: Labels, alias: Address, account: int, verdict: Verdict, mailbox: str) -> Copy:
    facts = Facts.of(label.identity).forwarded().pack() if verdict.forwarded else b""
    return Copy(alias, account, mailbox, verdict.reasons, bounded=False, flags=Flags.SEEN if mailbox == "rejects" else Flags.NONE,
                fields=label.results(verdict), identity=facts)


def _keeper(world: World) -> int:
    row = world.store.read(lambda db: accounts.by_login(db, world.config.postmaster))
    if row is None:
        raise TemporaryError("there is no account for postmaster, who would keep what an alias does not pass on")
    return row.id


def _rejects_of_keeper(db: Connection, world: World) -> int | None:
    """The account for postmaster, if it keeps what is refused."""
    row = accounts.by_login(db, world.config.postmaster)
    return row.id if row and preferences.of(db, row.id).reject_days > 0 else None
