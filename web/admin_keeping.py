"""The administrator's functions about backups and removed accounts: thin, what may be is for mta.flow.backups and people."""
import shutil
from collections.abc import Mapping

from mta.base.errors import NotFound
from mta.base.limits import LIMITS
from mta.flow import backupjobs, people
from mta.flow import backups as flow
from mta.flow.restoring import Wanted
from mta.store import archive, backupstate, schedule
from mta.store import backupjobs as job_rows
from mta.store.backupjobs import Job
from mta.store.backupstate import BackupState
from web.api.keeping import BackupAccount, BackupFolder, BackupJob, BackupLine, BackupMessage, Backups, RemovedAccount
from web.call import Call

#: Backups that are shown.
SHOWN = 200


def backups(call: Call) -> Backups:
    """The backups that the server makes, what became of the last ones, and when the next one is due."""
    world, chosen = call.world, call.world.config.backup
    state = world.store.read(backupstate.get)
    due = {row.kind: row for row in world.store.read(schedule.listing)}.get(flow.MAKING)
    found = archive.every(chosen.to)[:SHOWN] if chosen.to else []
    checked = world.store.read(job_rows.verdicts)
    free = shutil.disk_usage(chosen.to).free if chosen.to and chosen.to.is_dir() else 0
    return Backups(
        str(chosen.to or ""), bool(chosen.recipient), chosen.hour, chosen.keep_daily, chosen.keep_weekly, free,
        due.due if due and chosen.to else None, bool(chosen.to and archive.unfinished(chosen.to)), state.failed if state.problem else None,
        state.problem, state.tested, state.tested_name, list(state.unfit), flow.problems(world),
        [_line(one, state, checked) for one in found], [_job(one) for one in backupjobs.jobs(world)])


def backup_run(call: Call) -> Backups:
    """Have a backup made at once.  user:error if the configuration names no place for it."""
    flow.run_now(call.world, by=call.by)
    return backups(call)


def backup_try(call: Call) -> Backups:
    """Have the newest backup restored aside and compared, as is done each week.  user:notFound if there is none."""
    flow.try_now(call.world, by=call.by)
    return backups(call)


def backup_verify(call: Call, name: str) -> Backups:
    """Have one backup compared with its hashes, file by file."""
    backupjobs.verify(call.world, name, by=call.by)
    return backups(call)


def backup_accounts(call: Call, name: str) -> list[BackupAccount]:
    """The accounts in a backup.  user:error if it is encrypted: its key is not here."""
    return [BackupAccount(one.name, one.full_name, one.messages, one.size, one.here) for one in backupjobs.inside(call.world, name)]


def backup_folders(call: Call, name: str, account: str) -> list[BackupFolder]:
    """The mailboxes of an account in a backup."""
    return [BackupFolder(one.name, one.total + one.deleted, one.size) for one in backupjobs.folders(call.world, name, account)]


def backup_messages(call: Call, name: str, account: str, mailbox: str, limit: int = 100) -> list[BackupMessage]:
    """The newest messages of a mailbox in a backup."""
    return [BackupMessage(one.id, one.received, one.from_text, one.subject, one.size)
            for one in backupjobs.messages(call.world, name, account, mailbox, limit)]


def backup_restore(call: Call, name: str, account: str, mailbox: str = "", messages: list[int] | None = None,
                   target: str = "", sure: bool = False) -> Backups:
    """Have mail of an account brought back: all, of a `mailbox` and those below it, or some `messages` by their ids there.

    What the account still has is left as it is.  user:conflict says what would happen, and `sure` that it may: where the
    account is gone and would be made anew, or where `target`, another account, gets the mail.
    """
    wanted = Wanted(account, mailbox or None, tuple(messages or ()), target or None)
    backupjobs.bring_back(call.world, name, wanted, sure=sure, by=call.by)
    return backups(call)


def backup_stop(call: Call, id: int) -> Backups:
    """Break off work on a backup; what came back stays."""
    backupjobs.stop(call.world, id, by=call.by)
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


FUNCTIONS = (backups, backup_run, backup_try, backup_verify, backup_accounts, backup_folders, backup_messages, backup_restore, backup_stop,
             accounts_removed, account_restore, account_forget)


def _line(one: archive.Backup, state: BackupState, checked: Mapping[str, Job]) -> BackupLine:
    """A backup with the later of what its trial and its comparison found."""
    facts, job = one.facts, checked.get(one.name)
    at, wrong = (job.ended, list(job.problems)) if job else (None, [])
    if state.tested is not None and state.tested_name == one.name and (at is None or state.tested >= at):
        at, wrong = state.tested, list(state.unfit)
    return BackupLine(one.name, facts.made, facts.messages, facts.accounts, facts.total, facts.octets, bool(facts.recipient), facts.trouble,
                      facts.notes, at, wrong, str(one.path))


def _job(one: Job) -> BackupJob:
    return BackupJob(one.id, one.kind, one.backup, one.account, one.mailbox, len(one.messages), one.target, one.by, one.created, one.state,
                     one.ended, one.done, one.total, one.added, list(one.problems))
