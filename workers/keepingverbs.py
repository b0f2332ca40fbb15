"""Verbs that keep what the server has: backups, restoring, upgrades."""
from typing import Final

from workers.verb import Verb, count, take

PLACE = take("place", metavar="DEST", nargs="?", help="the directory of backups; unless given, [backup] to of the configuration")
BACKUP = take("backup", metavar="BACKUP", nargs="?", help="a backup, or a directory with several, of which the newest is meant; unless "
              "given, the newest in [backup] to")
NEEDED = take("backup", metavar="BACKUP", help="a backup, or a directory with several, of which the newest is meant")
KEY = take("--key", metavar="FILE", help="the key of an encrypted backup; its passphrase is asked for, or read from standard input")

BACKUPS = """\
`pillarbox backup DEST` makes one; the server may run, and mail comes and goes meanwhile.
DEST has a folder for each backup, named by its time (UTC), with the data directory, the
configuration and a list of SHA-256 sums that `sha256sum -c MANIFEST.sha256` understands.
What did not change is there once, as hard links: copy DEST with `rsync -aH`, or give it
to restic or borg.  A backup that was cut off, or for which there was no room, is never
taken for a whole one, and the next one removes what is left of it."""
RESTORE = """\
Without --account, all of it: the server must not run.  What is there now is not removed
but moved to replaced-TIME in the data directory.  The backup is compared with its sums
on the way; an older schema is brought up to date.  Mail that waited in the queue is held
until you release it, for it may have been delivered since.

With --account the server may run: what the account does not have any more comes back to
mailboxes of the same names.  An account that is gone is made anew."""
SALVAGE = """\
For when only data/mail is left, or it is newer than the database: each file in it that no
message and nothing in the queue uses becomes a message again, in the mailbox Salvaged of
the account whose address it bears, else of the account that --account names.  What the
account has already is left out.  Nothing is removed, and a second run does nothing."""
ROLLBACK = """\
After an upgrade that changed the schema, the database from before it lies beside the new
one.  This puts it back, for the version of the program that goes with it; the server must
not run.  The newer database is kept as pillarbox.db.after-N, and the files of mail that
came since as mail.after-N.  Run `pillarbox salvage` of that older program before its
server: it makes messages of that mail again, which the older database does not know."""
UPGRADE = """\
Each database is copied, the copy is brought up to date, checked, and put in its place; the
old one stays beside it as NAME.before-N for `pillarbox rollback`.  The server must not run
meanwhile; --dry-run does the same with copies that are then removed, and changes nothing."""

REMOVED = """\
Nobody can sign in to a removed account or write to it, and what it had stays its own: its
name, its addresses and its masked addresses are nobody else's, and no catch-all gets their
mail.  After 30 days it goes for good; masked addresses are not given to anybody even then."""
DELETED = """\
What leaves a mailbox for good (out of Trash, Junk or Drafts, or with a mailbox that is
removed) is kept for 30 days.  It does not count for the quota; an account with a quota has
at most as much of it as its quota, the oldest go first.  What comes back counts again."""

VERBS: Final = (
    Verb("backup make", "backups:make", "Make a backup of everything; `pillarbox backup DEST` is the same.", (
        PLACE, take("--full", action="store_true", help="copy every file anew, not only what changed"),
        take("--recipient", metavar="PBX1", help="encrypt it for this key, instead of that of the configuration")),
        ("pillarbox backup /mnt/backup", "pillarbox backup make /mnt/backup --full"), data=True,
        columns=("name", "messages", "new", "linked", "size", "trouble", "notes"), more=BACKUPS),
    Verb("backup list", "backups:list_backups", "List the backups in a directory, the newest first.", (PLACE,),
         ("pillarbox backup list", "pillarbox backup list /mnt/backup --json"), data=True,
         columns=("name", "accounts", "messages", "size", "new_size", "encrypted", "version", "trouble")),
    Verb("backup verify", "backups:verify", "Compare every file of a backup with its hash; exit status 0 if all are as they were.", (
        BACKUP, take("--all", action="store_true", help="every backup in the directory")),
        ("pillarbox backup verify /mnt/backup", "pillarbox backup verify /mnt/backup/2030-01-31T020000Z"), data=True),
    Verb("backup try", "backups:try_restore", "Restore a backup aside and compare every message.  Exit status 0 if it is good.", (
        BACKUP, KEY), ("pillarbox backup try /mnt/backup", "pillarbox backup try /mnt/backup --key backup.key"), data=True),
    Verb("backup accounts", "backups:list_accounts", "List the accounts in a backup.", (NEEDED, KEY),
         ("pillarbox backup accounts /mnt/backup",), data=True),
    Verb("backup mailboxes", "backups:list_mailboxes", "List the mailboxes of an account in a backup.", (
        NEEDED, take("account", metavar="ACCOUNT", help="an account, as it was called then"), KEY),
        ("pillarbox backup mailboxes /mnt/backup ann",), data=True),
    Verb("backup jobs", "backups:list_jobs", "List what was asked of backups in the browser: comparisons, and mail that is brought back.",
         examples=("pillarbox backup jobs",), data=True, columns=("id", "at", "backup", "what", "state", "done", "total", "problems")),
    Verb("backup stop", "backups:stop_job", "Break one of them off; mail that came back stays.", (
        take("id", type=count, metavar="ID", help="as `backup jobs` shows it"),), ("pillarbox backup stop 7",), data=True),
    Verb("backup messages", "backups:messages", "List the messages of an account in a backup, the newest first.", (
        NEEDED, take("account", metavar="ACCOUNT", help="an account, as it was called then"),
        take("--mailbox", metavar="MAILBOX", help="only this one, and those below it"),
        take("--limit", type=count, default=100, metavar="N", help="show at most N (100)"), KEY),
        ("pillarbox backup messages /mnt/backup ann --mailbox Inbox",), data=True,
        columns=("id", "received", "mailbox", "from", "subject", "size")),
    Verb("backup prune", "backups:prune", "Remove old backups: all but the newest of each of the last days and weeks.", (
        PLACE, take("--daily", type=count, default=7, metavar="N", help="days of which one is kept (7)"),
        take("--weekly", type=int, default=8, metavar="N", help="weeks of which one is kept (8)")),
        ("pillarbox backup prune /mnt/backup --daily 14 --weekly 26",), data=True),
    Verb("backup key", "backups:key", "Make a key for encrypted backups: the file opens them, what is printed encrypts them.", (
        take("file", metavar="FILE", help="the new file; keep it where this server is not"),
        take("--passphrase", action="store_true", help="lock the file with a passphrase, which is asked for")),
        ("pillarbox backup key backup.key --passphrase",), data=True),
    Verb("restore", "backups:restore", "Bring back a backup: all of it, an account, a mailbox, or single messages.", (
        NEEDED, take("--account", metavar="ACCOUNT", help="only mail of this account; the server may run"),
        take("--mailbox", metavar="MAILBOX", help="only this mailbox, and those below it"),
        take("--message", dest="ids", type=count, action="append", default=[], metavar="ID",
             help="only this message, as `backup messages` lists it; may be given several times"),
        take("--to", metavar="ACCOUNT", help="give it to this account instead"), KEY,
        take("--yes", action="store_true", help="do not ask")),
        ("pillarbox restore /mnt/backup", "pillarbox restore /mnt/backup/2030-01-31T020000Z --account ann --mailbox Projects"),
        data=True, more=RESTORE),
    Verb("salvage", "upgrading:salvage", "Make messages again of mail files that the database does not know.", (
        take("--account", metavar="ACCOUNT", help="who gets what bears no address of an account"),
        take("--new-database", action="store_true", help="make a database if there is none, and that account in it"),
        take("--dry-run", action="store_true", help="only say what would be done")),
        ("pillarbox salvage --dry-run", "pillarbox salvage --account ann", "pillarbox salvage --new-database --account ann"), data=True,
        more=SALVAGE),
    Verb("upgrade", "upgrading:upgrade", "Bring the databases up to the schema of this program, as `serve` does when it starts.", (
        take("--dry-run", action="store_true", help="try it with copies, while the server may run"),),
        ("pillarbox upgrade --dry-run", "pillarbox upgrade"), data=True, more=UPGRADE),
    Verb("rollback", "upgrading:rollback", "Put the databases from before the last upgrade back.", (
        take("--yes", action="store_true", help="do not ask"),), ("pillarbox rollback",), data=True, more=ROLLBACK),
)
GROUPS: Final = {"backup": "Copies of everything, and what is in them."}
