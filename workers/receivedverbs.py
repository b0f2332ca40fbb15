"""Verbs about reports of others: what they tell, whether the DNS asks for them, and where they go."""
from typing import Final

from workers.verb import DOMAIN, ZONE, Verb, count, take

RECEIVED = take("id", metavar="ID", type=count, help="number of the report, as `list` shows it")
OURS = take("domain", metavar="DOMAIN", help="a domain of ours, or the name of this host")
BACK = take("--days", metavar="N", type=count, default=30, help="look back so many days (30)")

VERBS: Final = (
    Verb("report received list", "received:list_reports", "List the reports of others about our domains and this host, newest first.", (
        take("domain", metavar="DOMAIN", nargs="?", help="only those about it: a domain of ours, or the name of this host"),
        take("--kind", choices=("dmarc", "tls", "failure"), help="only those about mail, about connections, or about single messages"),
        take("--limit", metavar="N", type=count, default=50, help="at most so many (50)")),
        ("pillarbox report received list", "pillarbox report received list example.org --kind tls"), data=True,
        columns=("id", "kind", "organization", "domains", "begin", "good", "bad", "sender")),
    Verb("report received show", "received:show", "Show a report of others with all that it tells.", (
        RECEIVED, take("--raw", action="store_true", help="print its document as it came")),
        ("pillarbox report received show 17", "pillarbox report received show 17 --raw > report.xml"), data=True),
    Verb("report received sources", "received:sources", "Show who sends in a domain's name, and whether its policy may be stricter.", (
        DOMAIN, BACK, take("--names", action="store_true", help="look up the reverse names of the busiest sources"), ZONE),
        ("pillarbox report received sources example.org", "pillarbox report received sources example.org --days 90 --names"), data=True),
    Verb("report received failures", "received:failures", "Show which connections failed, what that means and what one can do.", (
        OURS, BACK), ("pillarbox report received failures example.org", "pillarbox report received failures mx.example.org --days 7"),
        data=True, columns=("result", "sessions", "host", "reason", "meaning", "remedy")),
    Verb("report received remove", "received:remove", "Forget a report of others, with its mail.", (RECEIVED,),
         ("pillarbox report received remove 17",)),
    Verb("report asked", "received:asked", "Does the DNS ask others for reports about us, as was chosen here?  Exit status 0 if it does.", (
        OURS, ZONE), ("pillarbox report asked example.org",), data=True),
    Verb("report host-address", "received:host_address", "Show, or choose, where others are to send reports about TLS to this host.", (
        take("address", metavar="ADDRESS", nargs="?", help="an address at a domain of ours or at the host; empty is nowhere"),),
        ("pillarbox report host-address", "pillarbox report host-address tls-reports@example.org"), data=True),
)
