"""Verbs about mail that waits, and about the servers that it waits for."""
from typing import Final

from workers.verb import Verb, choice, count, take

LIMIT = take("--limit", type=count, default=100, metavar="N", help="show at most N (100)")
#: Which of those that wait are meant.
STATE = take("--state", choices=("active", "due", "waiting", "held"), help="only what is being tried, due, waiting or held")
HOP = take("--next-hop", metavar="NAME", help="only what goes there: a domain, or transport:NAME")
QUEUED = (
    take("ids", metavar="ID", type=count, nargs="*", help="ids as `queue list` shows them"),
    take("--from", dest="from_sender", metavar="TEXT", help="all from senders with this in their address"),
    take("--to", dest="to_recipient", metavar="TEXT", help="all to recipients with this in their address"),
    take("--account", dest="from_account", metavar="ACCOUNT", help="all of an account"), HOP, STATE,
    take("--all", action="store_true", help="all that waits"))
#: What people see of what waits.
QUEUE = ("id", "sender", "recipient", "state", "created", "due", "attempts", "last")

PROTECTION = """\
It holds for the whole message, that is all its recipients, from the next attempt on:

  default       as the recipient's domain asks (MTA-STS, DANE), else TLS if it can be had
  required      only over verified TLS, to a server that promises the same (REQUIRETLS)
  not-required  by all means, unprotected if need be (TLS-Required: No)

A message that is being sent at this moment stays as it is."""
HOLDS = """\
A rule holds what fits all that it names: what waits already, and what is sent from now on,
until somebody releases it (`pillarbox queue release`).  Taking the rule away releases
nothing."""

VERBS: Final = (
    Verb("explain", "destinations:explain", "Explain what another server said, and what to do next.", (
        take("reply", metavar="REPLY", nargs="+", help="the reply, as a notice or log has it, or - for standard input"),
        take("--host", metavar="HOST", help="the mail host that said so; some codes mean different things at different providers")),
        ('pillarbox explain "550 5.7.1 ... (S3150)"', 'pillarbox explain --host aspmx.l.google.com "550 5.7.27 ..."'), data=True),
    Verb("destinations", "destinations:destinations", "Show how mail did at other servers: sent, deferred, refused, and why.", (
        take("name", metavar="NAME", nargs="?", help="only operators and domains with this in their name"),
        take("--days", type=count, default=30, metavar="N", help="the last N days, at most 31 (30)")),
        ("pillarbox destinations", "pillarbox destinations gmail --days 7", "pillarbox destinations --json"), data=True,
        columns=("name", "sent", "deferred", "refused", "reasons")),

    Verb("queue list", "queue:list_queue", "List the mail that waits for other servers.", (
        take("--sender", metavar="TEXT", help="only from senders with this in their address"),
        take("--recipient", metavar="TEXT", help="only to recipients with this in their address"),
        take("--account", metavar="ACCOUNT", help="only of an account"), HOP, STATE,
        *choice("--held", "--not-held", "only what is held"), LIMIT),
        ("pillarbox queue list", "pillarbox queue list --recipient @example.net"), data=True,
        columns=QUEUE),
    Verb("queue show", "queue:show", "Show one waiting delivery and what happened to it so far.", (
        take("id", metavar="ID", type=count, help="id as `queue list` shows it"),),
        ("pillarbox queue show 17",), data=True),
    Verb("queue raw", "queue:raw", "Print a waiting message as it will be sent.", (
        take("id", metavar="ID", type=count, help="id as `queue list` shows it"),), ("pillarbox queue raw 17 > message.eml",)),
    Verb("queue retry", "queue:retry", "Try waiting deliveries now.", QUEUED,
         ("pillarbox queue retry 17 18", "pillarbox queue retry --to @example.net"), data=True),
    Verb("queue hold", "queue:hold", "Do not try these until they are released.", QUEUED,
         ("pillarbox queue hold 17", "pillarbox queue hold --account ann"), data=True),
    Verb("queue release", "queue:release", "Let held deliveries go on.", QUEUED,
         ("pillarbox queue release 17", "pillarbox queue release --state held"), data=True),
    Verb("queue drop", "queue:drop", "Give these up; the sender is told unless --silent.", (
        *QUEUED, take("--silent", action="store_true", help="tell nobody")),
        ("pillarbox queue drop 17", "pillarbox queue drop 17 18 --silent", "pillarbox queue drop --account ann --to @example.net"),
        data=True),
    Verb("queue route", "queue:route", "Send waiting mail another way.", (
        take("transport", metavar="TRANSPORT", help="name of a transport, as `transport list` shows it, or \"direct\""), *QUEUED),
        ("pillarbox queue route relay 17 18", "pillarbox queue route direct --next-hop example.net"), data=True),
    Verb("queue tls", "queue:tls", "Change what waiting messages ask of the connections they travel over.", (
        take("protection", choices=("default", "required", "not-required"), help="what to ask for"), *QUEUED),
        ("pillarbox queue tls not-required 17", "pillarbox queue tls required 17 18"), more=PROTECTION, data=True),
    Verb("queue schedule", "queue:schedule", "Try waiting deliveries at another time, not before.", (
        take("at", metavar="TIME", help="like 2h (in two hours), 3d, or 2030-01-31T12:00"), *QUEUED),
        ("pillarbox queue schedule 2h 17", "pillarbox queue schedule 2030-01-31T12:00 --to @example.net"), data=True),
    Verb("queue rule list", "queue:list_holds", "List the rules that hold mail.", examples=("pillarbox queue rule list",), data=True,
         columns=("id", "account", "from", "to", "host", "reason", "created")),
    Verb("queue rule add", "queue:add_hold", "Hold mail of an account, from or to a domain, or for a mail host, until it is released.", (
        take("--account", metavar="ACCOUNT", help="what this account sends"),
        take("--from", dest="sender_domain", metavar="DOMAIN", help="from addresses at this domain"),
        take("--to", dest="recipient_domain", metavar="DOMAIN", help="to addresses at this domain"),
        take("--host", metavar="HOST", help="whatever goes to this mail host; the end of a name will do (outlook.com)"),
        take("--reason", metavar="TEXT", help="a note for yourself")),
        ("pillarbox queue rule add --host outlook.com --reason 'until the IP is off their list'",
         "pillarbox queue rule add --account ann --to example.net"), data=True, more=HOLDS),
    Verb("queue rule remove", "queue:remove_hold", "Remove a rule; what it held waits until it is released.", (
        take("id", metavar="ID", type=count, help="id of a rule, as `queue rule list` shows it"),), ("pillarbox queue rule remove 3",),
        data=True),
)
