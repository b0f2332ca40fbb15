"""Everything the command line can do, as one table.

A verb names the code that does it as text, in workers.commands, so that asking for help
loads none of it.
"""
from argparse import ArgumentTypeError
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Argument:
    """What argparse's add_argument takes."""

    names: tuple[str, ...]
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verb:
    """words as typed; code as module:function in workers.commands; more is said by its own --help alone.

    data: it prints data and so takes --json.  Of that people are shown columns, machines all.
    """

    words: str
    code: str
    help: str
    takes: tuple[Argument, ...] = ()
    examples: tuple[str, ...] = ()
    data: bool = False
    columns: tuple[str, ...] = ()
    more: str = ""


def take(*names: str, **options: Any) -> Argument:
    """One argument or option of a verb."""
    return Argument(names, options)


def choice(yes: str, no: str, help: str) -> tuple[Argument, Argument]:
    """A pair of options that switch one thing on and off; neither leaves it as it is (None)."""
    name = yes.removeprefix("--")
    return (take(yes, dest=name, action="store_true", default=None, help=help),
            take(no, dest=name, action="store_false", default=None, help=f"the opposite of {yes}"))


def count(text: str) -> int:
    """A number from 1 on; ArgumentTypeError if it is none."""
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


ACCOUNT = take("account", metavar="ACCOUNT", help="name of an account, or one of its addresses")
DOMAIN = take("domain", metavar="DOMAIN", help="a domain, like example.org")
ADDRESS = take("address", metavar="ADDRESS", help="an address, like ann@example.org")
MEMBERS = "addresses that the alias stands for, here or anywhere"
SENDABLE = take("--sendable", choices=("yes", "no"), help="whether members here may write in its name (a new one: no)")
MESSAGE = take("id", metavar="ID", type=count, help="id of a message, as `message list` shows it")
QUEUED = take("ids", metavar="ID", type=count, nargs="+", help="ids as `queue list` shows them")
LIMIT = take("--limit", type=count, default=100, metavar="N", help="show at most N (100)")
DESCRIPTION = take("--description", metavar="TEXT", help="a note for yourself")
FULL_NAME = take("--full-name", metavar="NAME", help="the person's name")
QUOTA = take("--quota", metavar="SIZE", help="most octets of mail, like 500M or 10G; 0 is no bound")

#: What people see of a message in a list.
MESSAGES = ("id", "received", "from", "subject", "size", "flags")
#: And of what waits.
QUEUE = ("id", "sender", "recipient", "state", "created", "due", "attempts", "last")

CHECK = """\
Nothing is changed by it.  It is best run as root, who may look everywhere; while the
server does not run, it also tries whether the ports can be had."""
SEARCH = """\
A query is what the search field of the webmail takes:

  invoice march        both words, anywhere in sender, recipients, subject and text
  '"blue lorry"'       the words in this order
  invo\\*               words that begin so
  -- -draft            without this word
  from:ann  to:bob  subject:plan  in:archive  has:attachment
  is:unread  is:read  is:flagged  is:answered  is:draft
  before:2030-03-01  after:2029  on:2030-02"""
TIMES = """\
Times are UTC.  TEXT may be the beginning of an IP address or of a trace id."""
SENDMAIL = """\
Any user of this machine may call it: the server knows who that is, and sends as the
account of that name, or as the one that [[local_users]] names.  A command that is
called sendmail, mailq or newaliases is this one.

  -t            take the recipients from To, Cc and Bcc, besides those named
  -i, -oi       a line with only a dot does not end the message
  -f ADDRESS    sender, an address of the account; -r is the same
  -F NAME       the sender's name, if the message has no From
  -bs           speak SMTP on standard input and output
  -bp           list what waits, as `pillarbox queue list`
  --            what follows are recipients

Other options of the original are taken and change nothing.  Exit status: 0 it is
queued, 64 typed wrong, 65 the message or an address is unfit, 67 no such recipient
here, 75 try again later (no server runs), 77 this user may not."""

VERBS: Final = (
    Verb("serve", "running:serve", "Run the server.", examples=("pillarbox serve --config /etc/pillarbox/pillarbox.toml",)),
    Verb("localserve", "running:localserve", "Run the whole server on this machine alone, to look at it; needs nothing else.", (
        take("--ip", default="127.0.0.1", metavar="IP", help="listen on this address (127.0.0.1)"),
        take("--port-offset", type=int, default=1_000, metavar="N", help="add N to all usual ports (1000)")),
        ("pillarbox localserve", "pillarbox localserve --dir /tmp/look --port-offset 2000")),
    Verb("check", "checking:check", "Check the configuration, the data directory and their permissions, and say all that is wrong.",
         examples=("pillarbox check", "pillarbox check --config pillarbox.toml"), more=CHECK),
    Verb("status", "running:status", "Show the processes of the running server.", data=True,
         examples=("pillarbox status", "pillarbox status --json")),
    Verb("reload", "running:reload", "Let the running server read its configuration and its own program again; nobody is disconnected.",
         examples=("pillarbox check && pillarbox reload",)),
    Verb("stop", "running:stop", "Stop the running server, and wait until it has.", examples=("pillarbox stop",)),
    Verb("verify", "checking:verify", "Check that databases and mail files agree.", (
        take("--repair", action="store_true", help="mend what can be mended safely"),
        take("--quick", action="store_true", help="do not read the mail files")), ("pillarbox verify", "pillarbox verify --repair")),
    Verb("config sample", "checking:sample", "Print a commented configuration file with every setting.",
         examples=("pillarbox config sample > /etc/pillarbox/pillarbox.toml",)),
    Verb("version", "running:version", "Print the version.", examples=("pillarbox version",)),

    Verb("domain list", "domains:list_domains", "List the domains.", data=True, examples=("pillarbox domain list",)),
    Verb("domain add", "domains:add", "Take mail for a domain; makes its DKIM keys.", (DOMAIN, DESCRIPTION),
         ("pillarbox domain add example.org",)),
    Verb("domain show", "domains:show", "Show a domain, and the DNS records that publish its DKIM keys.", (DOMAIN,),
         ("pillarbox domain show example.org",), data=True),
    Verb("domain set", "domains:set_domain", "Change a domain.", (
        DOMAIN, DESCRIPTION,
        take("--separator", metavar="CHAR", help="what follows it in a local part is ignored, usually +; empty is off"),
        take("--catchall", metavar="ACCOUNT", help="account that gets mail to unknown addresses; empty is nobody"),
        take("--sign", metavar="SELECTOR", action="append", default=[], help="let this DKIM key sign"),
        take("--no-sign", metavar="SELECTOR", action="append", default=[], help="let it not sign"),
        *choice("--enabled", "--disabled", "take mail for it"),
        *choice("--case-sensitive", "--ignore-case", "tell Ann from ann")),
        ("pillarbox domain set example.org --catchall ann", "pillarbox domain set example.org --sign 20300101e")),
    Verb("domain remove", "domains:remove", "Take mail for a domain no longer; it must have no addresses.", (DOMAIN,),
         ("pillarbox domain remove example.org",)),

    Verb("account list", "accounts:list_accounts", "List the accounts.", data=True, examples=("pillarbox account list",),
         columns=("name", "full_name", "enabled", "messages", "size", "quota", "created")),
    Verb("account add", "accounts:add", "Add an account; asks for its password.", (
        take("name", metavar="NAME", help="name to sign in with"), FULL_NAME, QUOTA,
        take("--address", metavar="ADDRESS", help="its first address"),
        take("--no-password", action="store_true", help="nobody signs in until there is one")),
        ("pillarbox account add ann --address ann@example.org", "echo $PASSWORD | pillarbox account add ann")),
    Verb("account set", "accounts:set_account", "Change an account.", (
        ACCOUNT, FULL_NAME, QUOTA,
        take("--messages-per-day", type=int, metavar="N", help="most messages it sends in 24 hours; 0: as everybody"),
        take("--first-time-per-day", type=int, metavar="N", help="most recipients in 24 hours it never wrote to; 0: as everybody"),
        *choice("--enabled", "--disabled", "let it sign in and get mail")), ("pillarbox account set ann --quota 10G",)),
    Verb("account remove", "accounts:remove", "Remove an account with all its mail, for good.", (
        ACCOUNT, take("--yes", action="store_true", help="do not ask")), ("pillarbox account remove ann",)),
    Verb("password set", "accounts:set_password", "Set the password of an account, or of the administrator; asks for it.", (
        take("account", metavar="ACCOUNT", nargs="?", help="name of an account"),
        take("--admin", action="store_true", help="the password for the administrator's pages")),
        ("pillarbox password set ann", "echo $PASSWORD | pillarbox password set --admin")),
    Verb("address list", "accounts:list_addresses", "List the addresses of an account, or of all.", (
        take("account", metavar="ACCOUNT", nargs="?", help="name of an account"),),
        ("pillarbox address list", "pillarbox address list ann"), data=True),
    Verb("address add", "accounts:add_address", "Give an account another address.", (ACCOUNT, ADDRESS),
         ("pillarbox address add ann info@example.org",)),
    Verb("address set", "accounts:set_address", "Give an address to another account.", (ADDRESS, ACCOUNT),
         ("pillarbox address set info@example.org bob",)),
    Verb("address remove", "accounts:remove_address", "Take an address from its account.", (ADDRESS,),
         ("pillarbox address remove info@example.org",)),
    Verb("alias list", "accounts:list_aliases", "List the aliases.", (
        take("domain", metavar="DOMAIN", nargs="?", help="only those of this domain"),),
        ("pillarbox alias list", "pillarbox alias list example.org"), data=True),
    Verb("alias add", "accounts:add_alias", "Add an address that stands for others.", (
        ADDRESS, take("members", metavar="MEMBER", nargs="+", help=MEMBERS), SENDABLE),
        ("pillarbox alias add team@example.org ann@example.org bob@example.net",
         "pillarbox alias add info@example.org ann@example.org --sendable yes")),
    Verb("alias set", "accounts:set_alias", "Give an alias other members, or let them write in its name.", (
        ADDRESS, take("members", metavar="MEMBER", nargs="*", help=f"{MEMBERS}; none leaves them as they are"), SENDABLE),
        ("pillarbox alias set team@example.org ann@example.org", "pillarbox alias set team@example.org --sendable yes")),
    Verb("alias remove", "accounts:remove_alias", "Remove an alias.", (ADDRESS,), ("pillarbox alias remove team@example.org",)),

    Verb("mailbox list", "mail:list_mailboxes", "List the mailboxes of an account.", (ACCOUNT,), ("pillarbox mailbox list ann",), data=True,
         columns=("id", "name", "role", "total", "unread", "size")),
    Verb("message list", "mail:list_messages", "List the messages in a mailbox, newest first.", (
        ACCOUNT, take("mailbox", metavar="MAILBOX", help="name of a mailbox, like Inbox"), LIMIT),
        ("pillarbox message list ann Inbox", "pillarbox message list ann Archive/2030 --json"), data=True, columns=MESSAGES),
    Verb("message show", "mail:show", "Show a message: its header in short, its text, its attachments.", (MESSAGE,),
         ("pillarbox message show 12",), data=True),
    Verb("message raw", "mail:raw", "Print a message exactly as it is stored.", (MESSAGE,), ("pillarbox message raw 12 > 12.eml",)),
    Verb("message deliver", "mail:deliver", "Put a message from a file into an account's Inbox.", (
        ACCOUNT, take("file", metavar="FILE", help="the message, or - for standard input")),
        ("pillarbox message deliver ann letter.eml", "pillarbox message deliver ann - < letter.eml"), data=True, columns=MESSAGES),
    Verb("search", "mail:search", "Search the mail of an account; `search rebuild` makes the index anew.", (
        take("account", metavar="ACCOUNT", help="name of an account"),
        take("query", metavar="QUERY", nargs="*", help="words, each of which must be in the message"), LIMIT),
        ("pillarbox search ann holiday photos", "pillarbox search ann from:bob is:unread after:2030", "pillarbox search rebuild"),
        data=True, columns=(*MESSAGES[:2], "mailbox", *MESSAGES[2:]), more=SEARCH),

    Verb("queue list", "queue:list_queue", "List the mail that waits for other servers.", (
        take("--sender", metavar="TEXT", help="only from senders with this in their address"),
        take("--recipient", metavar="TEXT", help="only to recipients with this in their address"),
        *choice("--held", "--not-held", "only what is held"), LIMIT),
        ("pillarbox queue list", "pillarbox queue list --recipient @example.net"), data=True,
        columns=QUEUE),
    Verb("queue show", "queue:show", "Show one waiting delivery and what happened to it so far.", (
        take("id", metavar="ID", type=count, help="id as `queue list` shows it"),),
        ("pillarbox queue show 17",), data=True),
    Verb("queue retry", "queue:retry", "Try waiting deliveries now.", (QUEUED,), ("pillarbox queue retry 17 18",)),
    Verb("queue hold", "queue:hold", "Do not try these until they are released.", (QUEUED,), ("pillarbox queue hold 17",)),
    Verb("queue release", "queue:release", "Let held deliveries go on.", (QUEUED,), ("pillarbox queue release 17",)),
    Verb("queue drop", "queue:drop", "Give these up; the sender is told unless --silent.", (
        QUEUED, take("--silent", action="store_true", help="tell nobody")),
        ("pillarbox queue drop 17", "pillarbox queue drop 17 18 --silent")),
    Verb("queue route", "queue:route", "Send waiting mail another way.", (
        take("transport", metavar="TRANSPORT", help="name of a transport of the configuration, or \"direct\""), QUEUED),
        ("pillarbox queue route relay 17 18", "pillarbox queue route direct 17")),
    Verb("trace search", "traces:search", "Find what happened: by address, message id, IP address, trace id or time.", (
        take("text", metavar="TEXT", nargs="?", help="what to look for; nothing means the newest"),
        take("--since", metavar="TIME", help="not before: 2030-01-31, 2030-01-31T12:00, or like 2h, 3d"),
        take("--until", metavar="TIME", help="not after; written likewise"),
        take("--level", choices=("debug", "info", "notice", "error"), default="debug", help="only where something this grave happened"),
        LIMIT),
        ("pillarbox trace search bob@example.net --since 2d", "pillarbox trace search 192.0.2.7", "pillarbox trace search 192.0.2.",
         "pillarbox trace search '<12@mail.example.net>'", "pillarbox trace search --since 2030-01-31T12:00 --until 2030-01-31T12:10"),
        data=True, columns=("trace", "at", "ip", "sender", "recipients", "outcome", "size"), more=TIMES),
    Verb("trace show", "traces:show", "Show every step of one session or message.", (
        take("trace", metavar="TRACE", help="trace id: it stands in parentheses in every reply we gave"),),
        ("pillarbox trace show k3v9x0a2bc.1", "pillarbox trace show k3v9x0a2bc"), data=True),

    Verb("sendmail", "sendmail:sendmail", "Send a message from standard input, as programs expect it of /usr/sbin/sendmail.", examples=(
        "pillarbox sendmail -t < letter", "pillarbox sendmail -i -f ann@example.org -- bob@example.net < letter",
        "ln -s /opt/pillarbox/bin/pillarbox /usr/sbin/sendmail"), more=SENDMAIL),
)

#: What the groups of verbs are about.
GROUPS: Final = {
    "config": "The configuration file.", "domain": "Domains we take mail for.", "account": "People and their mailboxes.",
    "password": "Passwords.", "address": "Addresses of accounts.", "alias": "Addresses that stand for others.",
    "mailbox": "Mailboxes of an account.", "message": "Messages.", "queue": "Mail that waits for other servers.",
    "trace": "What happened, step by step.",
}
