"""Everything the command line can do, as one table.

A verb names the code that does it as text, in workers.commands, so that asking for help
loads none of it.
"""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Argument:
    """What argparse's add_argument takes."""

    names: tuple[str, ...]
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verb:
    """words as typed; code as module:function in workers.commands; data: it prints data and so takes --json."""

    words: str
    code: str
    help: str
    takes: tuple[Argument, ...] = ()
    examples: tuple[str, ...] = field(default=())
    data: bool = False


def take(*names: str, **options: Any) -> Argument:
    """One argument or option of a verb."""
    return Argument(names, options)


def choice(yes: str, no: str, help: str) -> tuple[Argument, Argument]:
    """A pair of options that switch one thing on and off; neither leaves it as it is (None)."""
    name = yes.removeprefix("--")
    return (take(yes, dest=name, action="store_true", default=None, help=help),
            take(no, dest=name, action="store_false", default=None, help=f"the opposite of {yes}"))


ACCOUNT = take("account", metavar="ACCOUNT", help="name of an account, or one of its addresses")
DOMAIN = take("domain", metavar="DOMAIN", help="a domain, like example.org")
ADDRESS = take("address", metavar="ADDRESS", help="an address, like ann@example.org")
MEMBERS = take("members", metavar="MEMBER", nargs="+", help="addresses that the alias stands for, here or anywhere")
MESSAGE = take("id", metavar="ID", type=int, help="id of a message, as `message list` shows it")
QUEUED = take("ids", metavar="ID", type=int, nargs="+", help="ids as `queue list` shows them")
LIMIT = take("--limit", type=int, default=100, metavar="N", help="show at most N (100)")
DESCRIPTION = take("--description", metavar="TEXT", help="a note for yourself")
FULL_NAME = take("--full-name", metavar="NAME", help="the person's name")
QUOTA = take("--quota", metavar="SIZE", help="most octets of mail, like 500M or 10G; 0 is no bound")

VERBS: Final = (
    Verb("serve", "running:serve", "Run the server.", examples=("pillarbox serve --config /etc/pillarbox/pillarbox.toml",)),
    Verb("localserve", "running:localserve", "Run the whole server on this machine alone, to look at it; needs nothing else.", (
        take("--ip", default="127.0.0.1", metavar="IP", help="listen on this address (127.0.0.1)"),
        take("--port-offset", type=int, default=1_000, metavar="N", help="add N to all usual ports (1000)")),
        ("pillarbox localserve", "pillarbox localserve --dir /tmp/look --port-offset 2000")),
    Verb("check", "checking:check", "Check the configuration, the data directory and their permissions, and say all that is wrong.",
         examples=("pillarbox check --config pillarbox.toml",)),
    Verb("status", "running:status", "Show the processes of the running server.", data=True),
    Verb("reload", "running:reload", "Let the running server read its configuration again."),
    Verb("stop", "running:stop", "Stop the running server."),
    Verb("verify", "checking:verify", "Check that databases and mail files agree.", (
        take("--repair", action="store_true", help="mend what can be mended safely"),
        take("--quick", action="store_true", help="do not read the mail files")), ("pillarbox verify --repair",)),
    Verb("config sample", "checking:sample", "Print a commented configuration file with every setting.",
         examples=("pillarbox config sample > /etc/pillarbox/pillarbox.toml",)),
    Verb("version", "running:version", "Print the version."),

    Verb("domain list", "domains:list_domains", "List the domains.", data=True),
    Verb("domain add", "domains:add", "Take mail for a domain; makes its DKIM keys.", (DOMAIN, DESCRIPTION),
         ("pillarbox domain add example.org",)),
    Verb("domain show", "domains:show", "Show a domain, and the DNS records that publish its DKIM keys.", (DOMAIN,), data=True),
    Verb("domain set", "domains:set_domain", "Change a domain.", (
        DOMAIN, DESCRIPTION,
        take("--separator", metavar="CHAR", help="what follows it in a local part is ignored, usually +; empty is off"),
        take("--catchall", metavar="ACCOUNT", help="account that gets mail to unknown addresses; empty is nobody"),
        take("--sign", metavar="SELECTOR", action="append", default=[], help="let this DKIM key sign"),
        take("--no-sign", metavar="SELECTOR", action="append", default=[], help="let it not sign"),
        *choice("--enabled", "--disabled", "take mail for it"),
        *choice("--case-sensitive", "--ignore-case", "tell Ann from ann")),
        ("pillarbox domain set example.org --catchall ann", "pillarbox domain set example.org --sign 20300101e")),
    Verb("domain remove", "domains:remove", "Take mail for a domain no longer; it must have no addresses.", (DOMAIN,)),

    Verb("account list", "accounts:list_accounts", "List the accounts.", data=True),
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
        ACCOUNT, take("--yes", action="store_true", help="do not ask"))),
    Verb("password set", "accounts:set_password", "Set the password of an account, or of the administrator; asks for it.", (
        take("account", metavar="ACCOUNT", nargs="?", help="name of an account"),
        take("--admin", action="store_true", help="the password for the administrator's pages")),
        ("pillarbox password set ann", "echo $PASSWORD | pillarbox password set --admin")),
    Verb("address list", "accounts:list_addresses", "List the addresses of an account, or of all.", (
        take("account", metavar="ACCOUNT", nargs="?", help="name of an account"),), data=True),
    Verb("address add", "accounts:add_address", "Give an account another address.", (ACCOUNT, ADDRESS),
         ("pillarbox address add ann info@example.org",)),
    Verb("address set", "accounts:set_address", "Give an address to another account.", (ADDRESS, ACCOUNT)),
    Verb("address remove", "accounts:remove_address", "Take an address from its account.", (ADDRESS,)),
    Verb("alias list", "accounts:list_aliases", "List the aliases.", (
        take("domain", metavar="DOMAIN", nargs="?", help="only those of this domain"),), data=True),
    Verb("alias add", "accounts:add_alias", "Add an address that stands for others.", (ADDRESS, MEMBERS),
         ("pillarbox alias add team@example.org ann@example.org bob@example.net",)),
    Verb("alias set", "accounts:set_alias", "Give an alias other members.", (ADDRESS, MEMBERS)),
    Verb("alias remove", "accounts:remove_alias", "Remove an alias.", (ADDRESS,)),

    Verb("mailbox list", "mail:list_mailboxes", "List the mailboxes of an account.", (ACCOUNT,), data=True),
    Verb("message list", "mail:list_messages", "List the messages in a mailbox, newest first.", (
        ACCOUNT, take("mailbox", metavar="MAILBOX", help="name of a mailbox, like Inbox"), LIMIT),
        ("pillarbox message list ann Inbox", "pillarbox message list ann Archive/2030 --json"), data=True),
    Verb("message show", "mail:show", "Show a message: its header in short, its text, its attachments.", (MESSAGE,), data=True),
    Verb("message raw", "mail:raw", "Print a message exactly as it is stored.", (MESSAGE,), ("pillarbox message raw 12 > 12.eml",)),
    Verb("message deliver", "mail:deliver", "Put a message from a file into an account's Inbox.", (
        ACCOUNT, take("file", metavar="FILE", help="the message, or - for standard input")),
        ("pillarbox message deliver ann letter.eml",), data=True),
    Verb("search", "mail:search", "Search the mail of an account; `search rebuild` makes the index anew.", (
        take("account", metavar="ACCOUNT", help="name of an account"),
        take("query", metavar="QUERY", nargs="*", help="words, each of which must be in the message; word* for its beginning"), LIMIT),
        ("pillarbox search ann holiday photos", "pillarbox search rebuild"), data=True),

    Verb("junk explain", "junk:explain", "Show what the junk filter makes of a message, and which words decided.", (
        ACCOUNT, take("message", metavar="MESSAGE", help="id of a message of the account; or a file, or - for standard input"),
        take("--limit", type=int, default=30, metavar="N", help="show at most N words (30)")),
        ("pillarbox junk explain ann 12", "pillarbox junk explain ann letter.eml --json"), data=True),
    Verb("junk train", "junk:train", "Teach the filter that messages are junk, or good, without moving them.", (
        ACCOUNT, take("verdict", choices=("junk", "good"), help="what they are"),
        take("ids", metavar="ID", type=int, nargs="*", help="ids of messages, as `message list` shows them"),
        take("--mailbox", metavar="MAILBOX", help="all messages of a mailbox")),
        ("pillarbox junk train ann junk 12 13", "pillarbox junk train ann good --mailbox Archive")),
    Verb("junk undo", "junk:undo", "Take back what messages taught, as if nobody had ever said it; they may be gone.", (
        ACCOUNT, take("ids", metavar="ID", type=int, nargs="+", help="ids of messages")), ("pillarbox junk undo ann 12",)),

    Verb("queue list", "queue:list_queue", "List the mail that waits for other servers.", (
        take("--sender", metavar="TEXT", help="only from senders with this in their address"),
        take("--recipient", metavar="TEXT", help="only to recipients with this in their address"),
        *choice("--held", "--not-held", "only what is held"), LIMIT), data=True),
    Verb("queue show", "queue:show", "Show one waiting delivery and what happened to it so far.", (
        take("id", metavar="ID", type=int, help="id as `queue list` shows it"),), data=True),
    Verb("queue retry", "queue:retry", "Try waiting deliveries now.", (QUEUED,)),
    Verb("queue hold", "queue:hold", "Do not try these until they are released.", (QUEUED,)),
    Verb("queue release", "queue:release", "Let held deliveries go on.", (QUEUED,)),
    Verb("queue drop", "queue:drop", "Give these up; the sender is told unless --silent.", (
        QUEUED, take("--silent", action="store_true", help="tell nobody"))),
    Verb("queue route", "queue:route", "Send waiting mail another way.", (
        take("transport", metavar="TRANSPORT", help="name of a transport of the configuration, or \"direct\""), QUEUED),
        ("pillarbox queue route relay 17 18",)),
    Verb("trace search", "traces:search", "Find what happened: by address, message id, IP address or trace id.", (
        take("text", metavar="TEXT", nargs="?", help="what to look for; nothing means the newest"),
        take("--since", metavar="TIME", help="not before: 2030-01-31, 2030-01-31T12:00, or like 2h, 3d"), LIMIT),
        ("pillarbox trace search bob@example.net --since 2d", "pillarbox trace search 192.0.2.7"), data=True),
    Verb("trace show", "traces:show", "Show every step of one session or message.", (
        take("trace", metavar="TRACE", help="trace id: it stands in parentheses in every reply we gave"),), data=True),

    Verb("sendmail", "sendmail:sendmail", "Send a message from standard input, as programs expect it of /usr/sbin/sendmail.",
         examples=("pillarbox sendmail -t < letter", "pillarbox sendmail -f ann@example.org -- bob@example.net < letter")),
)

#: What the groups of verbs are about.
GROUPS: Final = {
    "config": "The configuration file.", "domain": "Domains we take mail for.", "account": "People and their mailboxes.",
    "password": "Passwords.", "address": "Addresses of accounts.", "alias": "Addresses that stand for others.",
    "mailbox": "Mailboxes of an account.", "message": "Messages.", "junk": "What people taught the junk filter.",
    "queue": "Mail that waits for other servers.",
    "trace": "What happened, step by step.",
}
