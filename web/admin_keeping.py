"""The administrator's functions about backups and removed accounts: thin, what may be is for mta.flow.backups and people."""
import shutil

from mta.base.errors import NotFound
from mta.base.limits import LIMITS
from mta.flow import backups as flow
from mta.flow import people
from mta.store import archive, backupstate, schedule
from web.api.keeping import BackupLine, Backups, RemovedAccount
from web.call import Call

#: Backups that are shown.
SHOWN = 200


def backups(call: Call) -> Backups:
    """The backups that the server makes, what became of the last ones, and when the next one is due."""
    world, chosen = call.world, call.world.config.backup
    state = world.store.read(backupstate.get)
    due = {row.kind: row for row in world.store.read(schedule.listing)}.get(flow.MAKING)
    found = archive.every(chosen.to)[:SHOWN] if chosen.to else []
    free = shutil.disk_usage(chosen.to).free if chosen.to and chosen.to.is_dir() else 0
    return Backups(
        str(chosen.to or ""), bool(chosen.recipient), chosen.hour, chosen.keep_daily, chosen.keep_weekly, free,
        due.due if due and chosen.to else None, bool(chosen.to and archive.unfinished(chosen.to)), state.failed if state.problem else None,
        state.problem, state.tested, state.tested_name, list(state.unfit), flow.problems(world), [_line(one) for one in found])


def backup_run(call: Call) -> Backups:
    """Have a backup made at once.  user:error if the configuration names no place for it."""
    flow.run_now(call.world, by=call.by)
    return backups(call)


def backup_try(call: Call) -> Backups:
    """Have the newest backup restored aside and compared, as is done each week.  user:notFound if there is none."""
    flow.try_now(call.world, by=call.by)
    return backups(call)


def accounts_removed(call: Call) -> list[RemovedAccount]:
    """Accounts that were removed and can be brought back, by name."""
    return [RemovedAccount(row.name, row.full_name, row.messages, row.size, since, since + LIMITS.removed_age)
            for row, since in people.removed_accounts(call.world)]


def account_restore(call: Call, name: str) -> list[RemovedAccount]:
    """Bring a removed account back, with its mail, addresses and passwords.  user:notFound if it is gone for good."""
    people.restore_account(call.world, name, by=call.by)
    return accounts_removed(call)


def account_forget(call: Call, name: str) -> list[RemovedAccount]:
    """Remove an account that was removed for good, now; its name and addresses are free then, its masked addresses never."""
    if name not in {row.name for row, _ in people.removed_accounts(call.world)}:
        raise NotFound(f"no account {name!r} was removed lately")
    people.remove_account(call.world, name, for_good=True, by=call.by)
    return accounts_removed(call)


FUNCTIONS = (backups, backup_run, backup_try, accounts_removed, account_restore, account_forget)


def _line(one: archive.Backup) -> BackupLine:
    facts = one.facts
    return BackupLine(one.name, facts.made, facts.messages, facts.accounts, facts.total, facts.octets, bool(facts.recipient), facts.trouble,
                      facts.notes)
