"""Everything the command line can do, as one table.

A verb names the code that does it as text, in workers.commands, so that asking for help
loads none of it.
"""
from typing import Final

from workers import (
    answerverbs,
    contactverbs,
    guardverbs,
    importverbs,
    keepingverbs,
    keyverbs,
    pushverbs,
    queueverbs,
    quickstartverb,
    receivedverbs,
    wayverbs,
)
from workers.verb import DOMAIN, ZONE, Verb, choice, count, take

ACCOUNT = take("account", metavar="ACCOUNT", help="name of an account, or one of its addresses")
ADDRESS = take("address", metavar="ADDRESS", help="an address, like ann@example.org")
MEMBERS = "addresses that the alias stands for, here or anywhere"
SENDABLE = take("--sendable", choices=("yes", "no"), help="whether members here may write in its name (a new one: no)")
POST = take("--post", choices=("everybody", "members", "domain"), help="who may write to it (a new one: everybody)")
MESSAGE = take("id", metavar="ID", type=count, help="id of a message, as `message list` shows it")
LIMIT = take("--limit", type=count, default=100, metavar="N", help="show at most N (100)")
DESCRIPTION = take("--description", metavar="TEXT", help="a note for yourself")
FULL_NAME = take("--full-name", metavar="NAME", help="the person's name")
FILE = take("file", metavar="FILE", help="the message, or - for standard input")
PORT = take("--port", type=count, default=25, metavar="PORT", help="the port to connect to (25)")
AT = take("--at", metavar="TIME", help="judge as at this time: 2030-01-31T12:00, or like 3d for three days ago")
IP = take("--ip", metavar="IP", required=True, help="address of the server that brought the message")
MAIL_FROM = take("--mail-from", metavar="ADDRESS", help="sender of the envelope; <> is the null sender")
RETURN_PATH = take("--mail-from", metavar="ADDRESS", help="sender of the envelope, <> for the null sender; unless given, as in Return-Path")
HELO = take("--helo", metavar="NAME", help="what that server called itself")
SELECTOR = take("selector", metavar="SELECTOR", help="name of the key, which stands before ._domainkey.DOMAIN")
QUOTA = take("--quota", metavar="SIZE", help="most octets of mail, like 500M or 10G; 0 is no bound")

REPORT = take("id", metavar="ID", type=count, help="id of a report, as `report dmarc list` and `report tls list` show it")
RULE = take("id", metavar="ID", type=count, help="id of a rule, as `rule list` shows it")
#: What a rule asks for.
CONDITIONS = (
    take("--from", dest="author", metavar="PATTERN", help="the address in From"),
    take("--sender", metavar="PATTERN", help="the address that the sending server named (MAIL FROM)"),
    take("--to", dest="recipient", metavar="PATTERN", help="the address by which it came"),
    take("--verified", metavar="DOMAIN", help="a domain that stands by it: as proven author, signer or sender"),
    take("--network", metavar="NETWORK", help="the address or network that it came from"),
    take("--list", dest="list_id", metavar="PATTERN", help="the mailing list (List-Id)"),
    take("--header", metavar="NAME:PATTERN", action="append", help="a field of the header; may be given several times"))
#: And what it does.
ACTIONS = (
    take("--name", metavar="TEXT", help="what to call it"),
    take("--file", metavar="MAILBOX", help="put it into this mailbox, if it is no junk"),
    take("--mark", metavar="FLAG", action="append", help="\\Seen, \\Flagged or a keyword; may be given several times"),
    take("--forward", metavar="ADDRESS", help="forward it there, an address of `forward list` that is confirmed; a copy stays here"),
    take("--reply", metavar="TEXT", help="answer it with this text, once in seven days to each sender"),
    *choice("--accept", "--no-accept", "let it in whatever else is known of it"),
    *choice("--forwarder", "--no-forwarder", "who sends it forwards your mail: DMARC and network count for nothing"),
    *choice("--mailing-list", "--no-mailing-list", "who sends it is a mailing list: DMARC counts for nothing"),
    *choice("--last", "--go-on", "if it fits, do not look at the rules below it (usual)"),
    *choice("--enabled", "--disabled", "let it count"))

#: What people see of a message in a list.
MESSAGES = ("id", "received", "from", "subject", "size", "flags")

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
RULES = """\
All conditions of a rule must hold.  In a PATTERN * stands for anything, and case does
not matter: *@example.org is everybody there, "Subject: *invoice*" a word anywhere in it.
What stands in From, To, List-Id and other fields anybody may write; --verified and
--network cannot be forged, so --forwarder and --mailing-list need one of them.

Rules are looked at in their order, and the first that fits is the last, unless it says
--go-on.  In `rule set` an empty value takes a condition, mailbox or mark away."""
HOSTKEYS = """\
The keys stay when certificates are renewed, so that TLSA records about them stay true.
To change them: --next makes new ones; publish all records of `pillarbox dane record`; when
the DNS has listed them for two TTLs, --switch.  New certificates are made or asked for;
when they are in use, remove the records that `dane record` no longer prints."""
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

def reports(kind: str, what: str) -> tuple[Verb, ...]:
    """The verbs of one kind of reports to others; what says what waits for them."""
    return (
        Verb(f"report {kind} list", "reports:list_reports", "List the reports that were sent or planned, newest first.", (
            take("--domain", metavar="DOMAIN", help="only those about this domain"), LIMIT), (f"pillarbox report {kind} list",),
            data=True, columns=("id", "domain", "state", "due", "settled", "counted", "to", "text")),
        Verb(f"report {kind} show", "reports:show", "Show a report and what became of it at each address.", (REPORT,),
             (f"pillarbox report {kind} show 7",), data=True),
        Verb(f"report {kind} waiting", "reports:waiting", f"List the {what} that are to be reported, by domain.",
             examples=(f"pillarbox report {kind} waiting",), data=True),
        Verb(f"report {kind} send", "reports:send", f"Report the {what} of a domain now, without waiting for the end of the day.", (
            DOMAIN, take("--dry-run", action="store_true", help="only show the report and who would get it; changes nothing"), ZONE),
            (f"pillarbox report {kind} send example.net --dry-run",), data=True),
        Verb(f"report {kind} remove", "reports:remove", "Forget a report; if it was not sent yet, it never is.", (REPORT,),
             (f"pillarbox report {kind} remove 7",)),
        Verb(f"report {kind} forget", "reports:forget", f"Forget the {what} of a domain that are of no report yet.", (DOMAIN,),
             (f"pillarbox report {kind} forget example.net",), data=True),
    )


VERBS: Final = (
    Verb("serve", "running:serve", "Run the server.", examples=("pillarbox serve --config /etc/pillarbox/pillarbox.toml",)),
    quickstartverb.VERB,
    Verb("localserve", "running:localserve", "Run the whole server on this machine alone, to look at it; needs nothing else.", (
        take("--ip", default="127.0.0.1", metavar="IP", help="listen on this address (127.0.0.1)"),
        take("--port-offset", type=int, default=1_000, metavar="N", help="add N to all usual ports (1000)")),
        ("pillarbox localserve", "pillarbox localserve --dir /tmp/look --port-offset 2000")),
    Verb("check", "checking:check", "Check the configuration, the data directory and their permissions, and say all that is wrong.",
         examples=("pillarbox check", "pillarbox check --config pillarbox.toml"), more=CHECK, data=True),
    Verb("status", "running:status", "Show the processes of the running server.", data=True,
         examples=("pillarbox status", "pillarbox status --json")),
    Verb("health", "health:show_health", "Show in one look how the server is: queue, disk, certificates, DNS, errors.", data=True,
         examples=("pillarbox health", "pillarbox health --json"), more="Exit status 1 if something is in trouble."),
    Verb("reload", "running:reload", "Let the running server read its configuration and its own program again; nobody is disconnected.",
         examples=("pillarbox check && pillarbox reload",)),
    Verb("stop", "running:stop", "Stop the running server, and wait until it has.", examples=("pillarbox stop",)),
    Verb("verify", "checking:verify", "Check that databases and mail files agree.", (
        take("--repair", action="store_true", help="mend what can be mended safely"),
        take("--quick", action="store_true", help="do not read the mail files")),
        ("pillarbox verify", "pillarbox verify --repair", "pillarbox verify --quick --json"), data=True),
    *keepingverbs.VERBS,
    Verb("config sample", "checking:sample", "Print a commented configuration file with every setting.",
         examples=("pillarbox config sample > /etc/pillarbox/pillarbox.toml",)),
    Verb("config show", "loudness:show_config", "Show every setting in force, and where its value comes from.", (
        take("--changed", action="store_true", help="only what is not as by default"),),
        ("pillarbox config show --changed", "pillarbox config show --json"), data=True, columns=("name", "value", "source", "line")),
    Verb("log list", "loudness:list_levels", "Show from which level on each part of the program is logged.",
         examples=("pillarbox log list",), data=True, columns=("module", "level", "until")),
    Verb("log set", "loudness:set_level", "Log a part of the program more or less for a while; then it is as before by itself.", (
        take("module", metavar="MODULE", help="a part of the program, as `log list` shows it"),
        take("level", choices=("debug", "info", "notice", "error", "usual"), help="this and everything graver; usual: as configured"),
        take("--minutes", type=count, default=60, metavar="N", help="for how long (60)")),
        ("pillarbox log set mtasts debug", "pillarbox log set smtp error --minutes 10"), data=True),
    Verb("completion", "describing:completion", "Print what lets a shell complete this command.", (
        take("shell", choices=("bash", "zsh", "fish"), help="for which shell"),),
        ("pillarbox completion bash > /usr/share/bash-completion/completions/pillarbox",
         "pillarbox completion zsh > /usr/local/share/zsh/site-functions/_pillarbox",
         "pillarbox completion fish > /etc/fish/completions/pillarbox.fish")),
    Verb("manual", "describing:manual", "Print the manual page, for man.", examples=(
        "pillarbox manual > /usr/local/share/man/man1/pillarbox.1", "pillarbox manual | man -l -")),
    Verb("version", "running:version", "Print the version.", examples=("pillarbox version",), data=True),

    Verb("domain list", "domains:list_domains", "List the domains.", data=True, examples=("pillarbox domain list",),
         columns=("domain", "enabled", "catchall", "separator", "case_sensitive", "signing", "mtasts", "description")),
    Verb("domain add", "domains:add", "Take mail for a domain; makes its DKIM keys.", (DOMAIN, DESCRIPTION),
         ("pillarbox domain add example.org",), data=True),
    Verb("domain show", "domains:show", "Show a domain, and the DNS records that it needs.", (DOMAIN,),
         ("pillarbox domain show example.org",), data=True),
    Verb("domain set", "domains:set_domain", "Change a domain.", (
        DOMAIN, DESCRIPTION,
        take("--separator", metavar="CHAR", help="what follows it in a local part is ignored, usually +; empty is off"),
        take("--catchall", metavar="ACCOUNT", help="account that gets mail to unknown addresses; empty is nobody"),
        take("--dmarc-reports", metavar="ADDRESS",
             help="where others are to send DMARC reports about it, at a domain of ours; empty is nowhere"),
        take("--tls-reports", metavar="ADDRESS", help="where others are to send reports about TLS to it; empty is nowhere"),
        take("--sign", metavar="SELECTOR", action="append", default=[], help="let this DKIM key sign"),
        take("--no-sign", metavar="SELECTOR", action="append", default=[], help="let it not sign"),
        *choice("--enabled", "--disabled", "take mail for it"),
        *choice("--case-sensitive", "--ignore-case", "tell Ann from ann"),
        take("--mtasts", choices=("off", "none", "testing", "enforce"), help="publish an MTA-STS policy; none before off ends one"),
        take("--mtasts-max-age", type=count, metavar="SECONDS", help="how long others keep it (604800, a week)"),
        take("--mtasts-mx", metavar="HOSTS", help="hosts besides this one that take mail for it, like 'mx2.example.org *.example.net'")),
        ("pillarbox domain set example.org --catchall ann", "pillarbox domain set example.org --sign 20300101e",
         "pillarbox domain set client.example --dmarc-reports dmarc-reports@example.org"), data=True),
    Verb("domain remove", "domains:remove", "Take mail for a domain no longer; it must have no addresses.", (DOMAIN,),
         ("pillarbox domain remove example.org",)),

    *keyverbs.VERBS,

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
        *choice("--enabled", "--disabled", "let it sign in and send; mail for it is kept in any case"),
        *choice("--junk-filter", "--no-junk-filter", "judge mail by its words as well, and learn them"),
        take("--threshold", type=float, metavar="P", help="from which probability on words alone make junk, 0.5 to 0.999 (0.9)"),
        *choice("--subject-pass", "--no-subject-pass", "offer a refused person a word for the subject that lets the message in"),
        take("--reject-days", type=int, metavar="N", help="how long refused mail is kept in Rejects; 0 keeps none (14)"),
        *choice("--slow-first-time", "--no-slow-first-time", "let strangers without good signs wait some seconds"),
        take("--undo-seconds", type=int, metavar="N", help="how long what the webmail sent can be had back, 0 to 120 (10)"),
        *choice("--write-html", "--no-write-html", "let new messages in the webmail be formatted"),
        *choice("--warn-attachment", "--no-warn-attachment", "ask before sending if a file seems to be missing"),
        *choice("--warn-external", "--no-warn-external", "ask before sending to other domains than its own"),
        *choice("--collect-contacts", "--no-collect-contacts", "make whom mail is sent to a contact"),
        *choice("--push-details", "--no-push-details", "let notices to browsers say who wrote and about what"),
        *choice("--push-everywhere", "--no-push-everywhere", "let them tell of mail in other mailboxes than the Inbox, too")),
        ("pillarbox account set ann --quota 10G", "pillarbox account set ann --threshold 0.8 --no-slow-first-time")),
    Verb("account show", "accounts:show", "Show an account and what it chose for itself.", (ACCOUNT,), ("pillarbox account show ann",),
         data=True),
    Verb("account remove", "accounts:remove", "Remove an account with all its mail; `account restore` brings it back for 30 days.", (
        ACCOUNT, take("--for-good", action="store_true", help="at once and without a way back; also one that was removed before"),
        take("--yes", action="store_true", help="do not ask")),
        ("pillarbox account remove ann", "pillarbox account remove ann --for-good"), more=keepingverbs.REMOVED),
    Verb("account removed", "accounts:list_removed", "List the accounts that were removed and can be brought back.", data=True,
         examples=("pillarbox account removed",), columns=("name", "full_name", "messages", "size", "since", "until")),
    Verb("account restore", "accounts:restore", "Bring a removed account back, with its mail, addresses and passwords.", (
        take("account", metavar="ACCOUNT", help="name of the account"),), ("pillarbox account restore ann",), data=True,
        columns=("name", "full_name", "enabled", "messages", "size", "quota", "created")),
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
    Verb("clients", "clients:clients", "Print what to type into a mail program for an address; programs that look for it find the same.", (
        ADDRESS,), ("pillarbox clients ann@example.org", "pillarbox clients ann@example.org --json"), data=True),
    Verb("alias list", "accounts:list_aliases", "List the aliases.", (
        take("domain", metavar="DOMAIN", nargs="?", help="only those of this domain"),),
        ("pillarbox alias list", "pillarbox alias list example.org"), data=True),
    Verb("alias add", "accounts:add_alias", "Add an address that stands for others.", (
        ADDRESS, take("members", metavar="MEMBER", nargs="+", help=MEMBERS), SENDABLE, POST),
        ("pillarbox alias add team@example.org ann@example.org bob@example.net",
         "pillarbox alias add info@example.org ann@example.org --sendable yes")),
    Verb("alias set", "accounts:set_alias", "Give an alias other members, or let them write in its name.", (
        ADDRESS, take("members", metavar="MEMBER", nargs="*", help=f"{MEMBERS}; none leaves them as they are"), SENDABLE, POST),
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
    Verb("message deleted", "mail:list_deleted", "List the messages that an account removed for good and can have back, the last first.", (
        ACCOUNT, LIMIT), ("pillarbox message deleted ann",), data=True,
        columns=("id", "deleted", "days_left", "mailbox", "from", "subject", "size"), more=keepingverbs.DELETED),
    Verb("message undelete", "mail:undelete_messages", "Bring removed messages back.", (
        ACCOUNT, take("ids", metavar="ID", type=count, nargs="+", help="ids of messages, as `message deleted` shows them")),
        ("pillarbox message undelete ann 12 13",), data=True, more=keepingverbs.DELETED),
    Verb("message forget", "mail:forget_deleted", "Remove messages that could still be had back.", (
        ACCOUNT, take("ids", metavar="ID", type=count, nargs="*", help="ids of messages, as `message deleted` shows them"),
        take("--all", action="store_true", help="all of them")), ("pillarbox message forget ann 12", "pillarbox message forget ann --all"),
        data=True),
    Verb("message deliver", "mail:deliver", "Put a message from a file into an account's Inbox.", (
        ACCOUNT, take("file", metavar="FILE", help="the message, or - for standard input")),
        ("pillarbox message deliver ann letter.eml", "pillarbox message deliver ann - < letter.eml"), data=True, columns=MESSAGES),
    Verb("search", "mail:search", "Search the mail of an account; `search rebuild` makes the index anew.", (
        take("account", metavar="ACCOUNT", help="name of an account"),
        take("query", metavar="QUERY", nargs="*", help="words, each of which must be in the message"), LIMIT),
        ("pillarbox search ann holiday photos", "pillarbox search ann from:bob is:unread after:2030", "pillarbox search rebuild"),
        data=True, columns=(*MESSAGES[:2], "mailbox", *MESSAGES[2:]), more=SEARCH),

    Verb("rule list", "rules:list_rules", "List the rules of an account in the order they are looked at.", (ACCOUNT,),
         ("pillarbox rule list ann",), data=True, columns=("id", "name", "enabled", "if", "then"), more=RULES),
    Verb("rule add", "rules:add", "Add a rule below the others.", (ACCOUNT, *CONDITIONS, *ACTIONS), (
        "pillarbox rule add ann --from '*@shop.example' --file Shopping",
        "pillarbox rule add ann --list talk.lists.example --verified lists.example --mailing-list --file Lists/Talk",
        "pillarbox rule add ann --network 192.0.2.7 --forwarder --go-on"), data=True, columns=("id", "name", "if", "then"), more=RULES),
    Verb("rule set", "rules:set_rule", "Change a rule.", (ACCOUNT, RULE, *CONDITIONS, *ACTIONS),
         ("pillarbox rule set ann 3 --disabled", "pillarbox rule set ann 3 --file '' --mark '\\Flagged'"), data=True,
         columns=("id", "name", "enabled", "if", "then"), more=RULES),
    Verb("rule remove", "rules:remove", "Remove a rule.", (ACCOUNT, RULE), ("pillarbox rule remove ann 3",)),
    Verb("rule move", "rules:move", "Put a rule at another place among the others.", (
        ACCOUNT, RULE, take("place", metavar="PLACE", type=count, help="1 is looked at first")), ("pillarbox rule move ann 3 1",),
        data=True, columns=("id", "name", "enabled", "if", "then")),
    Verb("rule try", "rules:try_rules", "Show which of the newest messages fit a rule, or conditions that are no rule yet, or any rule.", (
        ACCOUNT, take("id", metavar="ID", type=count, nargs="?", help="id of a rule"), *CONDITIONS,
        take("--last", type=count, default=1_000, metavar="N", help="look at the N newest messages, at most 1000")),
        ("pillarbox rule try ann", "pillarbox rule try ann 3", "pillarbox rule try ann --from '*@shop.example' --last 200"),
        data=True, more=RULES),

    Verb("junk explain", "junk:explain", "Show what the junk filter makes of a message, and which words decided.", (
        ACCOUNT, take("message", metavar="MESSAGE", help="id of a message of the account; or a file, or - for standard input"),
        take("--limit", type=count, default=30, metavar="N", help="show at most N words (30)")),
        ("pillarbox junk explain ann 12", "pillarbox junk explain ann letter.eml --json"), data=True),
    Verb("junk train", "junk:train", "Teach the filter that messages are junk, or good, without moving them.", (
        ACCOUNT, take("verdict", choices=("junk", "good"), help="what they are"),
        take("ids", metavar="ID", type=count, nargs="*", help="ids of messages, as `message list` shows them"),
        take("--mailbox", metavar="MAILBOX", help="all messages of a mailbox")),
        ("pillarbox junk train ann junk 12 13", "pillarbox junk train ann good --mailbox Archive"), data=True),
    Verb("junk undo", "junk:undo", "Take back what messages taught, as if nobody had ever said it; they may be gone.", (
        ACCOUNT, take("ids", metavar="ID", type=count, nargs="+", help="ids of messages")), ("pillarbox junk undo ann 12",), data=True),

    *pushverbs.VERBS,
    *queueverbs.VERBS,
    *wayverbs.VERBS,
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
    Verb("dmarc parse", "documents:dmarc_parse", "Show a DMARC report: a file or a message that has it, compressed or not.", (
        take("file", metavar="FILE", help="the report, or a message with it; - for standard input"),),
        ("pillarbox dmarc parse report.eml", "pillarbox dmarc parse report.xml.gz --json"), data=True),
    Verb("dmarc checkreportaddrs", "reportaddresses:dmarc_check",
         "Do those to whom a domain's DMARC record sends reports take them?  Exit status 0 if all do.", (DOMAIN, ZONE),
         ("pillarbox dmarc checkreportaddrs example.org",), data=True),
    Verb("tlsrpt parse", "documents:tlsrpt_parse", "Show a report about TLS: a file or a message that has it, compressed or not.", (
        take("file", metavar="FILE", help="the report, or a message with it; - for standard input"),),
        ("pillarbox tlsrpt parse report.eml", "pillarbox tlsrpt parse report.json.gz --json"), data=True),
    Verb("tlsrpt lookup", "reportaddresses:tlsrpt_lookup",
         "Show who gets a domain's reports about TLS (TLSRPT); exit status 0 if there is a record that counts.", (DOMAIN, ZONE),
         ("pillarbox tlsrpt lookup example.org",), data=True),
    *receivedverbs.VERBS,
    *answerverbs.VERBS,
    *guardverbs.VERBS,
    *contactverbs.VERBS,
    *importverbs.VERBS,
    Verb("arc verify", "auth:arc_verify", "Check who sealed a message on its way (ARC); exit status 0 if the chain holds.", (
        FILE, AT, ZONE), ("pillarbox arc verify letter.eml",), data=True),

    Verb("dns lookup", "dns:lookup", "Ask the DNS as the server does, and show what DNSSEC says of the answer; exit status 0 if there is "
         "a record.", (
        take("kind", metavar="KIND", help="a, aaaa, ip (both), caa, cname, dnskey, ds, mx, ns, ptr, soa, srv, tlsa or txt"),
        take("name", metavar="NAME", help="the name to ask for; for ptr, an IP address will do"), ZONE),
        ("pillarbox dns lookup mx example.org", "pillarbox dns lookup tlsa _25._tcp.mail.example.org",
         "pillarbox dns lookup ptr 192.0.2.1 --json"), data=True),
    Verb("dns records", "dnsrecords:records", "Print the DNS records that a domain of ours should have, with what is there.", (
        DOMAIN, take("--zone-file", action="store_true", help="as text for a zone file"),
        take("--diff", action="store_true", help="each beside what the DNS has now"), ZONE),
        ("pillarbox dns records example.org", "pillarbox dns records example.org --diff", "pillarbox dns records example.org --zone-file"),
        data=True),
    Verb("setup", "dnsrecords:setup", "Say how far a domain has come, from its first record to a first letter, and what is next.  "
         "Exit status 0 if nothing is left.", (
        DOMAIN, take("--send", metavar="ADDRESS", help="write the test letter to this address elsewhere first"),
        take("--account", metavar="NAME", help="the account that writes it (the first that has an address at the domain)")),
        ("pillarbox setup example.org", "pillarbox setup example.org --send you@elsewhere.example"), data=True,
        more="The same is a page of the administration, /admin/#setup, which looks again by itself."),
    Verb("dns check", "dnsrecords:check", "Look whether the DNS of a domain of ours, and what its servers show, are as they should be.  "
         "Exit status 0 if nothing is wrong.", (DOMAIN, ZONE), (
        "pillarbox dns check example.org", "pillarbox dns check example.org --json"),
         data=True, more="Takes 30 seconds at most; the server does it each night, and tells the postmaster what has changed."),

    Verb("mtasts lookup", "mtasts:lookup", "Show what a domain says about protected transport (MTA-STS), and whether its hosts fit.  "
         "Exit status 0 if all is in order.", (
             DOMAIN, ZONE, take("--policy", metavar="FILE", help="read the policy from this file instead of the domain's web server")),
         ("pillarbox mtasts lookup example.org", "pillarbox mtasts lookup example.org --policy new-policy.txt --json"), data=True),
    Verb("mtasts fetch", "mtasts:fetch", "Fetch the policy of a domain now, whatever is known of it.", (DOMAIN,),
         ("pillarbox mtasts fetch example.org",), data=True),
    Verb("mtasts forget", "mtasts:forget", "Forget what is known of a policy; it is looked for again when mail goes there.", (DOMAIN,),
         ("pillarbox mtasts forget example.org",), data=True),
    Verb("mtasts list", "mtasts:list_policies", "List the policies of other domains that the server knows of.", data=True,
         columns=("domain", "mode", "mx", "valid_until", "used", "problem"), examples=("pillarbox mtasts list",)),

    Verb("dane dial", "dane:dial", "Connect to a mail host and judge what it shows by its TLSA records (DANE) and by authorities.  "
         "Exit status 0 if mail would be sent there.", (
             take("host", metavar="HOST", help="a mail host, like mx.example.org"), PORT, AT, ZONE),
         ("pillarbox dane dial mx.example.org", "pillarbox dane dial mx.example.org --port 2525 --json"), data=True),
    Verb("dane dialmx", "dane:dialmx", "Connect to the mail hosts of a domain: what its DNS, its MTA-STS policy and its hosts come to.  "
         "Exit status 0 if mail would be sent to one of them.", (DOMAIN, PORT, AT, ZONE),
         ("pillarbox dane dialmx example.org", "pillarbox dane dialmx example.org --json"), data=True),

    Verb("dnsbl status", "dnsbl:status", "Show the configured block lists as last examined, and our own addresses on them.", (
        take("--now", action="store_true", help="examine them first"),), ("pillarbox dnsbl status", "pillarbox dnsbl status --now --json"),
        data=True),
    Verb("dnsbl check", "dnsbl:check", "Do the DNS block lists work, and do they have an address?  Exit status 0 if they do and do not.", (
        take("ip", metavar="IP", nargs="?", help="an address to look up"),
        take("--list", metavar="ZONE", action="append", default=[], dest="lists", help="this list instead of the configured ones"), ZONE),
        ("pillarbox dnsbl check 192.0.2.1", "pillarbox dnsbl check --list bl.example 192.0.2.1 --json"), data=True),

    *reports("dmarc", "messages"),
    *reports("tls", "sessions"),
    Verb("report suppress list", "reports:list_suppressed", "List the addresses that get no reports from here.",
         examples=("pillarbox report suppress list",), data=True),
    Verb("report suppress add", "reports:suppress", "Send no reports to an address, whoever asks for it.", (
        take("address", metavar="ADDRESS", help="a mail address, or the https URL that reports are posted to"),
        take("--days", type=count, metavar="N", help="for so many days; unless given, for good"),
        take("--reason", metavar="TEXT", default="", help="a note for yourself")),
        ("pillarbox report suppress add dmarc@example.net --days 30 --reason bounces",), data=True),
    Verb("report suppress remove", "reports:allow", "Let an address have reports again.", (
        take("address", metavar="ADDRESS", help="as `report suppress list` shows it"),),
        ("pillarbox report suppress remove dmarc@example.net",)),
    Verb("tls status", "tls:status", "Show every certificate: names, issuer, end, key; exit status 0 if nothing is wrong.", data=True,
         examples=("pillarbox tls status", "pillarbox tls status --json")),
    Verb("tls hostkeys", "tls:host_keys", "Show the keys of this host, make missing ones, and change them.", (
        take("--next", action="store_true", help="make the keys that follow those in use"),
        take("--switch", action="store_true", help="use them from now on; only when the DNS has listed them for two TTLs"),
        take("--now", action="store_true", help="switch without looking at that")),
        ("pillarbox tls hostkeys", "pillarbox tls hostkeys --next", "pillarbox tls hostkeys --switch"), data=True, more=HOSTKEYS),
    Verb("acme status", "acme:status", "Show what the certificate authority was asked for; exit status 0 if all went well.", data=True,
         examples=("pillarbox acme status",)),
    Verb("acme renew", "acme:renew", "Renew certificates now, whatever their age, and wait for it; exit status 0 if all went well.", (
        take("labels", metavar="CERTIFICATE", nargs="*", help="as `acme status` calls it; none means all"),),
        ("pillarbox acme renew", "pillarbox acme renew host-ec host-rsa"), data=True),
    Verb("dane record", "tls:dane_record", "Print the TLSA records for the keys of this host.", data=True,
         examples=("pillarbox dane record",)),
    Verb("metrics show", "metrics:show", "Show the counters of the running server, those that are not 0.", (
        take("name", metavar="TEXT", nargs="?", default="", help="only those with this in their name or labels"),
        take("--all", action="store_true", help="those that are 0 too"),
        take("--raw", action="store_true", help="the page as Prometheus reads it")),
        ("pillarbox metrics show", "pillarbox metrics show deliveries", "pillarbox metrics show --all --json"), data=True),
    Verb("metrics list", "metrics:list_metrics", "List everything that is counted and measured, and what it means.", data=True,
         columns=("name", "kind", "labels", "help"), examples=("pillarbox metrics list", "pillarbox metrics list --json")),
    Verb("metrics rules", "metrics:rules", "Print alerting rules for Prometheus.", examples=(
        "pillarbox metrics rules > /etc/prometheus/pillarbox.rules",)),
    Verb("metrics dashboard", "metrics:dashboard", "Print a dashboard for Grafana.", examples=(
        "pillarbox metrics dashboard > pillarbox-dashboard.json",)),

    Verb("sendmail", "sendmail:sendmail", "Send a message from standard input, as programs expect it of /usr/sbin/sendmail.", examples=(
        "pillarbox sendmail -t < letter", "pillarbox sendmail -i -f ann@example.org -- bob@example.net < letter",
        "ln -s /opt/pillarbox/bin/pillarbox /usr/sbin/sendmail"), more=SENDMAIL),
)

#: What the groups of verbs are about.
GROUPS: Final = {
    "config": "The configuration file.", "domain": "Domains we take mail for.", "domain key": "The DKIM keys of a domain.",
    "account": "People and their mailboxes.",
    "password": "Passwords.", "address": "Addresses of accounts.", "alias": "Addresses that stand for others.",
    "mailbox": "Mailboxes of an account.", "message": "Messages.", "rule": "An account's own rules for mail that comes in.",
    "transport": "Servers that take outgoing mail.", "route": "Which way outgoing mail leaves.",
    "log": "How much is logged.", "queue": "Mail that waits for other servers.", "queue rule": "Rules that hold mail until it is released.",
    "trace": "What happened, step by step.",
    "auth": "Who a message is from: all checks together.", "spf": "Who may send for a domain.",
    "dkim": "Signatures of mail and their keys.", "dmarc": "What a domain asks to do with mail in its name that is not its own.",
    "report received": "What others report about mail in our name and connections to us.",
    "tlsrpt": "Who hears of trouble with TLS, and what they hear.", "mtasts": "What domains say about protected transport.",
    "dane": "What mail hosts show, and what the DNS promises of them; what it should promise of ours.",
    "report": "Reports to the owners of other domains, and theirs to us.",
    "report dmarc": "What mail came in a domain's name, and whether it was its own.",
    "report tls": "How connections to a domain's mail servers were protected.", "report suppress": "Who gets no reports.",
    "tls": "Certificates and their keys.", "acme": "Certificates from an authority.", "arc": "What servers on the way found out.",
    "dns": "The domain name system.", "dnsbl": "DNS block lists.", "junk": "What people taught the junk filter.",
    "metrics": "What the server counts, for Prometheus and for you.",
    **answerverbs.GROUPS, **contactverbs.GROUPS, **guardverbs.GROUPS, **importverbs.GROUPS, **keepingverbs.GROUPS, **pushverbs.GROUPS,
}
