"""`pillarbox backup …` and `restore`."""
import contextlib
import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from mta.base.errors import NotFound, SetupError, UserError
from mta.flow import backupjobs, backups, restoring
from mta.flow.restoring import Wanted
from mta.store import accounts, archive, backup, mailboxes, sealing
from mta.store import restore as restoring_all
from mta.store.archive import Backup
from mta.store.backupjobs import Job
from workers.commands.paper import Row, show
from workers.commands.site import Site
from workers.privileges import user_name


def make(site: Site, arguments: Namespace) -> list[Row]:
    """A backup; root makes the directory for the service user if it is missing."""
    to = _place(site, arguments)
    what = backups.wish(site.config, to, arguments.recipient, full=arguments.full)
    if os.geteuid() == 0 and not to.exists():
        with _told(to):
            to.mkdir(mode=0o700, parents=True)
            facts = site.config.data.stat()
            os.chown(to, facts.st_uid, facts.st_gid)
    made = backups.make(site.world, what)
    return [{**_row(made), "new": made.facts.new, "linked": made.facts.linked}]


def list_backups(site: Site, arguments: Namespace) -> list[Row]:
    """The backups in a directory."""
    to = _place(site, arguments)
    if not to.is_dir():
        raise NotFound(f"there is no directory {to}")
    return [_row(one) for one in archive.every(to)]


def verify(site: Site, arguments: Namespace) -> int:
    """Compare with the hashes; 1 if something is wrong."""
    chosen = _chosen(site, arguments)
    tried = archive.every(chosen.path.parent) if arguments.all else [chosen]
    return _verdicts(arguments, [(one, archive.problems(one)) for one in tried], "{} files are as they were")


def try_restore(site: Site, arguments: Namespace) -> int:
    """Restore aside; 1 if something is wrong."""
    chosen = _chosen(site, arguments)
    secret = _secret(site, arguments)
    if chosen.facts.recipient and secret is None:
        raise UserError("this backup is encrypted: say --key FILE, or compare its files with `pillarbox backup verify`")
    return _verdicts(arguments, [(chosen, backups.trial(site.world, chosen, secret))], "it can be restored; {} files were compared")


def list_accounts(site: Site, arguments: Namespace) -> list[Row]:
    """The accounts in a backup."""
    chosen = archive.find(Path(arguments.backup))
    with restoring_all.inside(site.world.store.directory, site.clock, chosen, _secret(site, arguments)) as old:
        return [{"account": row.name, "full_name": row.full_name, "messages": row.messages, "size": row.size}
                for row in old.read(accounts.all)]


def list_mailboxes(site: Site, arguments: Namespace) -> list[Row]:
    """The mailboxes of an account in a backup."""
    chosen = archive.find(Path(arguments.backup))
    with restoring_all.inside(site.world.store.directory, site.clock, chosen, _secret(site, arguments)) as old:
        row = old.read(lambda db: accounts.by_login(db, arguments.account))
        if row is None:
            raise NotFound(f"the backup {chosen.name} has no account {arguments.account!r}")
        return [{"mailbox": one.name, "messages": one.total + one.deleted, "size": one.size}
                for one in old.read(lambda db: mailboxes.all(db, row.id))]


def list_jobs(site: Site, arguments: Namespace) -> list[Row]:
    """What was asked of backups in the browser."""
    return [{"id": one.id, "at": one.created, "backup": one.backup, "what": _what(one), "state": one.state, "done": one.done,
             "total": one.total, "added": one.added, "by": one.by, "ended": one.ended, "problems": list(one.problems)}
            for one in backupjobs.jobs(site.world)]


def stop_job(site: Site, arguments: Namespace) -> str:
    """Break one of them off."""
    backupjobs.stop(site.world, arguments.id, by=site.by)
    return f"{arguments.id} is stopped"


def _what(job: Job) -> str:
    if job.kind == "verify":
        return "compare"
    some = f"{len(job.messages)} messages of " if job.messages else ""
    return f"bring back {some}{job.account}{f', {job.mailbox}' if job.mailbox else ''}{f', to {job.target}' if job.target else ''}"


def messages(site: Site, arguments: Namespace) -> list[Row]:
    """The messages of an account in a backup."""
    found = restoring.listing(site.world, archive.find(arguments.backup and Path(arguments.backup)), _secret(site, arguments),
                              arguments.account, arguments.mailbox, arguments.limit)
    return [{"id": row.id, "received": row.received, "mailbox": place.name, "from": row.from_text, "subject": row.subject, "size": row.size}
            for place, row in found]


def prune(site: Site, arguments: Namespace) -> list[Row]:
    """Remove what need not be kept."""
    to = _place(site, arguments)
    if not to.is_dir():
        raise NotFound(f"there is no directory {to}")
    site.enter()
    return [{"removed": name} for name in backup.prune(to, arguments.daily, arguments.weekly)]


def key(site: Site, arguments: Namespace) -> list[Row] | str:
    """A new key."""
    secret = sealing.new_secret()
    phrase = site.secret("passphrase of the key") if arguments.passphrase else ""
    sealing.write_secret(Path(arguments.file), secret, phrase)
    recipient = sealing.recipient_of(secret)
    if arguments.json:
        return [{"recipient": recipient, "file": arguments.file}]
    return (f"{recipient}\n\nBackups that are encrypted for it are opened by {arguments.file} alone: keep copies of that file,"
            f"\nand none on this server.  In the configuration:\n\n[backup]\nrecipient = \"{recipient}\"")


def restore(site: Site, arguments: Namespace) -> list[Row] | int:
    """Bring back all of a backup, or some mail of it."""
    chosen = archive.find(Path(arguments.backup))
    secret = _secret(site, arguments)
    if chosen.facts.recipient:
        archive.need(chosen, secret)
    if arguments.account is None:
        if arguments.mailbox or arguments.ids or arguments.to:
            raise UserError("say --account: whose mail is it?")
        return _whole(site, arguments, chosen, secret)
    wanted = Wanted(arguments.account, arguments.mailbox, tuple(arguments.ids), arguments.to)
    done = restoring.bring_back(site.world, chosen, secret, wanted, by=site.by)
    for text in done.wrong:
        print(text, file=sys.stderr)
    show([{"backup": chosen.name, "account": done.account, "brought_back": done.messages, "still_there": done.present,
           "wrong": list(done.wrong) if arguments.json else len(done.wrong)}], as_json=arguments.json)
    return 1 if done.wrong else 0


def _whole(site: Site, arguments: Namespace, chosen: Backup, secret: str | None) -> int:
    """All of it, in the place of what is there."""
    from mta.store.migrate import prepare

    config = site.config
    there = (config.data / "pillarbox.db").exists()
    if there and not arguments.yes:
        if not sys.stdin.isatty():
            raise UserError(f"this takes the place of all that is in {config.data}: say --yes if you mean it")
        print(f"Put the backup {chosen.name} ({chosen.facts.messages} messages) in the place of {config.data}? "
              "What is there is moved aside.  Type yes: ", end="", flush=True)
        if sys.stdin.readline().strip() != "yes":
            raise UserError("nothing was changed")
    site.enter()
    if not os.access(chosen.path / "data", os.R_OK | os.X_OK):
        who = user_name(config.data.stat().st_uid)
        raise SetupError(f"{chosen.path} cannot be read by {who}, to whom {config.data} belongs: `chown -R {who} {chosen.path}`")
    wrong = restoring_all.whole(chosen, config.data, secret, site.clock.timestamp())
    lines = prepare(config.data, site.clock)
    aside = sorted(one.name for one in config.data.iterdir() if one.name.startswith("replaced-")) if there else []
    row = {"backup": chosen.name, "messages": chosen.facts.messages, "files": chosen.facts.files, "wrong": wrong, "done": lines,
           "before": str(config.data / aside[-1]) if aside else ""}
    if arguments.json:
        show([row], as_json=True)
    else:
        print(f"restored {chosen.name}: {chosen.facts.accounts} accounts, {chosen.facts.messages} messages")
        if aside:
            print(f"what was there before is in {row['before']}; remove it when all is well")
        for file in sorted((chosen.path / "config").glob("*")) if not chosen.facts.recipient else ():
            print(f"the configuration of then is {file}")
        print("mail that waited in the queue is held: `pillarbox queue list` shows it")
    for text in wrong:
        print(text, file=sys.stderr)
    return 1 if wrong else 0


def _place(site: Site, arguments: Namespace) -> Path:
    return Path(arguments.place).absolute() if arguments.place else backups.place(site.config)


def _chosen(site: Site, arguments: Namespace) -> Backup:
    return archive.find(Path(arguments.backup).absolute() if arguments.backup else backups.place(site.config))


def _secret(site: Site, arguments: Namespace) -> str | None:
    if arguments.key is None:
        return None

    def ask() -> str:
        if sys.stdin.isatty():
            import getpass
            return getpass.getpass("passphrase of the key: ")
        return sys.stdin.readline().rstrip("\n")

    return sealing.read_secret(Path(arguments.key), ask)


def _verdicts(arguments: Namespace, found: list[tuple[Backup, list[str]]], well: str) -> int:
    if arguments.json:
        show([{"name": one.name, "good": not wrong, "problems": wrong} for one, wrong in found], as_json=True)
    else:
        for one, wrong in found:
            print(f"{one.name}: {well.format(one.facts.files) if not wrong else f'{len(wrong)} things are wrong'}")
            for text in wrong:
                print(f"  {text}", file=sys.stderr)
    return 1 if any(wrong for _, wrong in found) else 0


def _row(one: Backup) -> Row:
    facts = one.facts
    return {"name": one.name, "path": str(one.path), "at": facts.made, "accounts": facts.accounts, "messages": facts.messages,
            "files": facts.files, "size": facts.total, "new_size": facts.octets, "encrypted": bool(facts.recipient),
            "version": facts.version, "trouble": facts.trouble, "notes": facts.notes}


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise SetupError(f"{path} cannot be made: {problem.strerror}") from problem
