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
FILE = take("file", metavar="FILE", help="the message, or - for standard input")
ZONE = take("--zone", metavar="FILE", help="ask this master file instead of the DNS; NAME TIMEOUT and NAME SERVFAIL are names in trouble")
AT = take("--at", metavar="TIME", help="judge as at this time: 2030-01-31T12:00, or like 3d for three days ago")
IP = take("--ip", metavar="IP", required=True, help="address of the server that brought the message")
MAIL_FROM = take("--mail-from", metavar="ADDRESS", help="sender of the envelope; <> is the null sender")
RETURN_PATH = take("--mail-from", metavar="ADDRESS", help="sender of the envelope, <> for the null sender; unless given, as in Return-Path")
HELO = take("--helo", metavar="NAME", help="what that server called itself")
SELECTOR = take("selector", metavar="SELECTOR", help="name of the key, which stands before ._domainkey.DOMAIN")
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

    Verb("auth check", "auth:check", "Check who a message is from, as the server does on arrival; exit status 0 if the author is proven.", (
        FILE, IP, RETURN_PATH, HELO, AT, ZONE),
        ("pillarbox auth check letter.eml --ip 192.0.2.1 --mail-from bob@example.net --helo mail.example.net",
         "pillarbox auth check letter.eml --ip 192.0.2.1 --zone reported.zone --at 2030-01-31"), data=True),
    Verb("spf check", "auth:spf_check", "May this address send for this sender (SPF)?  Exit status 0 if it may.", (
        IP, MAIL_FROM, HELO, ZONE), ("pillarbox spf check --ip 192.0.2.1 --mail-from bob@example.net --helo mail.example.net",), data=True),
    Verb("dkim verify", "dkim:check", "Check the DKIM signatures of a message; exit status 0 if one counts.", (FILE, AT, ZONE),
         ("pillarbox dkim verify letter.eml",), data=True),
    Verb("dkim sign", "dkim:sign", "Print a message with a DKIM signature on top, by a key in a file or by the server's own.", (
        FILE, take("--key", metavar="FILE", help="private key (PEM); unless given, the server's keys for the author's domain"),
        take("--selector", metavar="SELECTOR", help="under which name that key is published"),
        take("--domain", metavar="DOMAIN", help="for which domain; unless given, the author's"), AT),
        ("pillarbox dkim sign letter.eml --key key.pem --selector 2030 > signed.eml",), data=True),
    Verb("dkim gen", "dkim:gen", "Make a DKIM key; prints it, and the DNS record that publishes it.", (
        SELECTOR, DOMAIN, take("--algorithm", choices=("rsa", "ed25519"), default="rsa", help="kind of the key (rsa)"),
        take("--out", metavar="FILE", help="write the private key into this new file instead")),
        ("pillarbox dkim gen 2030 example.org --out key.pem",), data=True),
    Verb("dkim lookup", "dkim:lookup", "Show the DKIM key that a domain publishes; exit status 0 if it can be used.", (
        SELECTOR, DOMAIN, ZONE), ("pillarbox dkim lookup 2030 example.org",), data=True),
    Verb("dmarc verify", "auth:dmarc_verify", "Does the author's domain stand by a message (DMARC)?  Exit status 0 if it does.", (
        FILE, IP, RETURN_PATH, HELO, AT, ZONE),
        ("pillarbox dmarc verify letter.eml --ip 192.0.2.1 --mail-from bob@example.net --helo mail.example.net",), data=True),
    Verb("dmarc lookup", "auth:dmarc_lookup", "Show the DMARC policy that counts for a domain; exit status 0 if there is one.", (
        DOMAIN, ZONE), ("pillarbox dmarc lookup example.org",), data=True),
    Verb("arc verify", "auth:arc_verify", "Check who sealed a message on its way (ARC); exit status 0 if the chain holds.", (
        FILE, AT, ZONE), ("pillarbox arc verify letter.eml",), data=True),

    Verb("sendmail", "sendmail:sendmail", "Send a message from standard input, as programs expect it of /usr/sbin/sendmail.",
         examples=("pillarbox sendmail -t < letter", "pillarbox sendmail -f ann@example.org -- bob@example.net < letter")),
)

#: What the groups of verbs are about.
GROUPS: Final = {
    "config": "The configuration file.", "domain": "Domains we take mail for.", "account": "People and their mailboxes.",
    "password": "Passwords.", "address": "Addresses of accounts.", "alias": "Addresses that stand for others.",
    "mailbox": "Mailboxes of an account.", "message": "Messages.", "queue": "Mail that waits for other servers.",
    "trace": "What happened, step by step.", "auth": "Who a message is from: all checks together.",
    "spf": "Who may send for a domain.", "dkim": "Signatures of mail and their keys.",
    "dmarc": "What a domain asks to do with mail in its name that is not its own.", "arc": "What servers on the way found out.",
}
