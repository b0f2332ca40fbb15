"""Verbs that look into one thing: a record, a key, a message, a mail host; none of them needs a server."""
from typing import Final

from workers.verb import DOMAIN, ZONE, Verb, count, take

FILE = take("file", metavar="FILE", help="the message, or - for standard input")
PORT = take("--port", type=count, default=25, metavar="PORT", help="the port to connect to (25)")
AT = take("--at", metavar="TIME", help="judge as at this time: 2030-01-31T12:00, or like 3d for three days ago")
KNOWN: Final = ("domain", "starttls", "verified", "mtasts", "dnssec", "dane", "requiretls", "at")

VERBS: Final = (
    Verb("spf lookup", "records:spf_lookup", "Show the SPF record of a domain, term by term; exit status 0 if there is one that counts.", (
        DOMAIN, ZONE), ("pillarbox spf lookup example.org", "pillarbox spf lookup example.org --json"), data=True),
    Verb("spf parse", "records:spf_parse", "Show what an SPF record says before it is published; exit status 0 if it is one.", (
        take("record", metavar="RECORD", help="the text of the record"),), ('pillarbox spf parse "v=spf1 mx ip4:192.0.2.0/24 -all"',),
        data=True),
    Verb("dkim record", "records:dkim_record", "Print the DNS record that publishes a private key.", (
        take("file", metavar="FILE", help="the private key (PEM)"),
        take("--selector", metavar="SELECTOR", help="under which name, and"), take("--domain", metavar="DOMAIN", help="at which domain")),
        ("pillarbox dkim record key.pem --selector 2030 --domain example.org",), data=True),
    Verb("dane makerecord", "records:dane_record", "Print the TLSA records of a certificate or key in a file, of whichever server.", (
        take("file", metavar="FILE", help="a certificate (PEM, with its chain if there is one), or a private or public key"),
        take("--host", metavar="HOST", help="the mail host that shows it"), PORT),
        ("pillarbox dane makerecord chain.pem --host mx.example.org",), data=True),
    Verb("message parse", "records:message_parse", "Show how a message is understood: its parts, and what is wrong with it.", (FILE,),
         ("pillarbox message parse letter.eml", "pillarbox message parse - < letter.eml"), data=True,
         columns=("part", "kind", "charset", "encoding", "name", "octets", "defects")),
    Verb("dane list", "dane:list_domains", "List the domains that mail went to, and how it was protected on its way there.", (
        take("text", metavar="TEXT", nargs="?", default="", help="only domains with this in their name"),),
        ("pillarbox dane list", "pillarbox dane list example --json"), data=True, columns=KNOWN),
    Verb("dane look", "dane:look", "Look again how a domain takes mail, and remember it.  Exit status 0 if mail would be sent there.", (
        DOMAIN,), ("pillarbox dane look example.org",), data=True,
        more="As `dane dialmx`, and the policy (MTA-STS) and what `dane list` shows of the domain are brought up to date."),
    Verb("dane dial", "dane:dial", "Connect to a mail host and judge what it shows by its TLSA records (DANE) and by authorities.  "
         "Exit status 0 if mail would be sent there.", (
             take("host", metavar="HOST", help="a mail host, like mx.example.org"), PORT, AT, ZONE),
         ("pillarbox dane dial mx.example.org", "pillarbox dane dial mx.example.org --port 2525 --json"), data=True),
    Verb("dane dialmx", "dane:dialmx", "Connect to the mail hosts of a domain: what its DNS, its MTA-STS policy and its hosts come to.  "
         "Exit status 0 if mail would be sent to one of them.", (DOMAIN, PORT, AT, ZONE),
         ("pillarbox dane dialmx example.org", "pillarbox dane dialmx example.org --json"), data=True),
)
