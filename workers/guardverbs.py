"""Verbs about who may sign in and who changed what: app passwords, two-factor sign-in, sessions, sign-ins, audit log, frozen sending."""
from typing import Final

from workers.verb import Verb, count, take

ACCOUNT = take("account", metavar="ACCOUNT", help="name of an account, or one of its addresses")
ID = take("id", metavar="ID", type=count, help="the id, as `list` shows it")
LIMIT = take("--limit", type=count, default=100, metavar="N", help="show at most N (100)")
APP = """\
An app password is made by the server, shown once, and good for one program: reading
(imap), sending (smtp) or the webmail.  Where two-factor sign-in is on, mail programs take
nothing else."""
FACTOR = """\
It is switched on by its owner, on the page of the account or of the administration, with
a telephone.  Here it is switched off for somebody who has lost the telephone and the
recovery codes; for the administrator this is the way back in."""
FREEZE = """\
A frozen account is refused when it sends, and what it has in the queue waits; it goes on
getting mail.  The server does it by itself when what an account sends is not like it, and
tells its owner and the postmaster."""

#: What the groups of these verbs are about.
GROUPS: Final = {
    "password app": "App passwords: one for each mail program.", "session": "Browsers that are signed in.",
    "signin": "Who signed in, and who tried to."}

VERBS: Final = (
    Verb("password app list", "guard:list_app_passwords", "List the app passwords of an account.", (ACCOUNT,),
         ("pillarbox password app list ann",), data=True, more=APP,
         columns=("id", "label", "for", "created", "until", "used", "used_from")),
    Verb("password app add", "guard:add_app_password", "Make an app password for an account, and print it.", (
        ACCOUNT, take("label", metavar="TEXT", help="which program it is for"),
        take("--for", dest="scopes", choices=("imap", "smtp", "webmail"), action="append",
             help="what it is good for; may be given several times (imap and smtp)"),
        take("--last-day", metavar="DAY", default="", help="good until the end of this day, like 2030-01-31; for ever without it")),
        ("pillarbox password app add ann 'Thunderbird on the laptop'",
         "pillarbox password app add printer scanner --for smtp --last-day 2031-12-31"), data=True, more=APP),
    Verb("password app revoke", "guard:revoke_app_password", "Let an app password open nothing any more.", (ACCOUNT, ID),
         ("pillarbox password app revoke ann 7",), more=APP),
    Verb("account two-factor", "guard:two_factor", "Show whether two-factor sign-in is on, or switch it off.", (
        take("account", metavar="ACCOUNT", nargs="?", help="name of an account; all of them without it"),
        take("--admin", action="store_true", help="that of the administrator"),
        take("--off", action="store_true", help="let the password alone sign in")),
        ("pillarbox account two-factor", "pillarbox account two-factor ann --off", "pillarbox account two-factor --admin --off"),
        data=True, columns=("name", "two_factor", "since", "recovery_codes"), more=FACTOR),
    Verb("account freeze", "guard:freeze", "Stop an account from sending; what it has in the queue waits.", (
        ACCOUNT, take("--reason", metavar="TEXT", default="", help="a note for its owner and yourself")),
        ("pillarbox account freeze ann --reason 'the laptop was stolen'",), more=FREEZE),
    Verb("account unfreeze", "guard:unfreeze", "Let an account send again, and what waited goes.", (ACCOUNT,),
         ("pillarbox account unfreeze ann",), data=True, columns=("account", "released"), more=FREEZE),
    Verb("account frozen", "guard:frozen", "List the accounts that cannot send, and why.", (), ("pillarbox account frozen",), data=True,
         columns=("account", "since", "waiting", "by", "reason")),
    Verb("session list", "guard:list_sessions", "List the browsers that are signed in, to one account or to all.", (
        take("account", metavar="ACCOUNT", nargs="?", help="name of an account"),),
        ("pillarbox session list", "pillarbox session list ann"), data=True, columns=("id", "account", "ip", "created", "used", "agent")),
    Verb("session end", "guard:end_session", "Sign a browser out, or every browser of an account.", (
        take("id", metavar="ID", type=count, nargs="?", help="as `session list` shows it"),
        take("--account", metavar="ACCOUNT", help="all of this account"),
        take("--admin", action="store_true", help="all of the administrator")),
        ("pillarbox session end 12", "pillarbox session end --account ann")),
    Verb("signin list", "guard:list_sign_ins", "List who signed in and who tried to, newest first.", (
        take("account", metavar="ACCOUNT", nargs="?", help="name of an account"),
        take("--text", metavar="TEXT", default="", help="only with this in name, address or program"),
        take("--failed", action="store_true", help="only those that failed"), LIMIT),
        ("pillarbox signin list ann", "pillarbox signin list --failed --text 192.0.2."), data=True,
        columns=("at", "times", "account", "outcome", "service", "ip", "new_place", "agent"),
        more="Kept for 90 days; the same within an hour is one line."),
    Verb("audit", "guard:audit_log", "Show who changed what, newest first: pages, programs and the command line.", (
        take("text", metavar="TEXT", nargs="?", default="", help="only with these words in it"),
        take("--who", metavar="WHO", default="", help="only by this one: admin, an account, or as the list shows it"),
        take("--days", metavar="N", type=count, help="only of the last N days"), LIMIT),
        ("pillarbox audit", "pillarbox audit domain_add --days 30", "pillarbox audit --who admin --json"), data=True,
        columns=("at", "who", "origin", "function", "outcome", "arguments"),
        more="Kept for a year; secrets are left out.  \"begun\" means that the program ended in the middle of it."),
)
