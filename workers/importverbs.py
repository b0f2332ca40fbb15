"""Verbs that bring mail in from elsewhere, and out."""
from typing import Final

from workers.verb import ZONE, Argument, Verb, count, take

ACCOUNT = take("account", metavar="ACCOUNT", help="name of an account, or one of its addresses")
INTO = take("--account", metavar="ACCOUNT", required=True, help="whose mail it becomes")
ID = take("id", metavar="ID", type=count, help="id of an import, as `import list` shows it")
CHOSEN: Final = (
    INTO, take("--mailbox", metavar="MAILBOX", default="", help="put all of it there, and not where it belongs"),
    take("--train", action="store_true", help="let the junk filter learn: what is in Junk is junk, the rest is good"))
MORE = """\
It may be done as often as you like, with the server running or not: what is here already
is known by its content and does not come twice, and flags that changed at the source are
brought up to date.  An import that was broken off goes on where it was; type it again.
No rule is asked, nothing is answered, nobody is notified.

PATH is a file or folder, or a zip, tgz or tar archive of them.  Archives in archives,
links and encrypted files are passed over and named."""
TAKEOUT = """\
A message with several labels comes once: into Trash, Junk, Drafts, the Inbox, Sent or the
mailbox of its first label of your own, in this order; the other labels become keywords."""
IMAP = """\
Nothing changes at the other server.  Type it again to take what is new there since: until
all programs use the new server, as often as you like.  What was removed there stays here.

The password is asked for, or read from the first line of standard input.  It is stored
only as long as the command runs, sealed.  The certificate of the server has to be sound; one
of its own making is believed if the setting ca_file of [tls] names it."""
EXPORT = """\
Maildir keeps flags, keywords and times in the way of Dovecot, mbox in fields of each
message.  FILE may be - for standard output.  Nothing is changed."""

#: What the groups of these verbs are about.
GROUPS: Final = {"import": "Mail from files and from other servers."}


def _path(words: str, format: str, help: str, example: str, more: str = MORE, *, name: str = "PATH") -> Verb:
    path: Argument = take("path", metavar=name, help="where it lies")
    return Verb(f"import {words}", f"importing:{format}", help, (path, *CHOSEN), (example,), data=True, more=more,
                columns=("id", "state", "added", "known", "changed", "skipped", "problem"))


VERBS: Final = (
    _path("auto", "auto", "Import whatever mail lies at a path.", "pillarbox import auto old-mail.tgz --account ann"),
    _path("mbox", "mbox", "Import mbox files.", "pillarbox import mbox Sent.mbox --account ann --mailbox Sent"),
    _path("maildir", "maildir", "Import a Maildir with its folders.", "pillarbox import maildir /home/ann/Maildir --account ann"),
    _path("takeout", "takeout", "Import an archive of Google Takeout.", "pillarbox import takeout takeout-20300101.zip --account ann",
          TAKEOUT + "\n\n" + MORE, name="ARCHIVE"),
    Verb("import imap", "importing:imap", "Import from another server over IMAP.", (
        take("host", metavar="HOST", help="name of the other server, like imap.example.net"),
        take("--user", metavar="NAME", required=True, help="the name that it knows you by"), *CHOSEN,
        take("--port", metavar="PORT", type=count, help="993, or 143 with --starttls"),
        take("--starttls", action="store_true", help="encrypt with STARTTLS, where there is no TLS from the start"), ZONE),
        ("pillarbox import imap imap.example.net --user ann@example.net --account ann",), data=True, more=IMAP,
        columns=("id", "state", "added", "known", "changed", "skipped", "problem")),
    Verb("import list", "importing:list_imports", "List the imports of an account, the newest first.", (ACCOUNT,),
         ("pillarbox import list ann",), data=True,
         columns=("id", "created", "source", "state", "percent", "added", "known", "changed", "skipped", "problem")),
    Verb("import skipped", "importing:skipped", "List what an import could not take, and why.", (ACCOUNT, ID),
         ("pillarbox import skipped ann 3",), data=True),
    Verb("import stop", "importing:stop", "Stop an import; what came stays.", (ACCOUNT, ID), ("pillarbox import stop ann 3",)),
    Verb("import remove", "importing:remove", "Forget an import; what came stays.", (ACCOUNT, ID), ("pillarbox import remove ann 3",)),
    Verb("export", "exporting:export", "Write the mail of an account into an archive.", (
        ACCOUNT, take("file", metavar="FILE", help="the archive, ending in .tgz or .zip; - is standard output"),
        take("--format", choices=("maildir", "mbox"), default="maildir", help="mbox only as .zip (maildir)"),
        take("--mailbox", metavar="MAILBOX", default="", help="this one only, not all")),
        ("pillarbox export ann ann.tgz", "pillarbox export ann archive.zip --format mbox --mailbox Archive"), more=EXPORT),
)
