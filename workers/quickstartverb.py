"""The row of the command line's table for `pillarbox quickstart`."""
from pathlib import Path
from typing import Final

from workers.verb import Verb, take

#: By using it one accepts its terms: https://letsencrypt.org/repository/
LETS_ENCRYPT: Final = "https://acme-v02.api.letsencrypt.org/directory"
UNIT: Final = Path("/etc/systemd/system/pillarbox.service")
MORE: Final = """\
Looks at addresses, names, DNS, ports, clock and room, and says of each that it is well, or
what to do.  Then makes the service user, keys, databases, the domain, an account with a
password, the configuration and a systemd unit: all of it, or, if anything cannot be made,
nothing.  What is there already is not overwritten.  By asking an authority (--acme) for
certificates you accept its terms."""

VERB: Final = Verb(
    "quickstart", "quickstart:quickstart", "Make a mail server of this machine: look at it, write everything, say what is next.", (
        take("address", metavar="ADDRESS", help="your address as it will be, like you@example.org: domain and first account"),
        take("--hostname", metavar="NAME", help="full name of this machine for others (its own, else that of its address, else mx.DOMAIN)"),
        take("--existing-webserver", action="store_true", help="another web server has ports 80 and 443; prints what it has to pass on"),
        take("--nat-ip", metavar="IP", action="append", default=[], help="public address that a router translates; may be repeated"),
        take("--relay", metavar="HOST", help="send everything through this server, HOST or HOST:PORT (587): for blocked ports 25"),
        take("--relay-user", metavar="NAME", help="name to sign in with there; asks for the password"),
        take("--acme", metavar="URL", default=LETS_ENCRYPT, help="directory of the authority for certificates (Let's Encrypt), or none"),
        take("--dry-run", action="store_true", help="look, and say what would be done; change nothing"),
        take("--dnsbl", metavar="ZONE", action="append", default=[], help="also ask whether this block list has the machine's addresses"),
        take("--probe", metavar="DOMAIN", action="append", default=[],
             help="see whether mail can go out at a mail host of this domain (gmail.com, gmx.net)"),
        take("--user", metavar="NAME", default="pillarbox", help="service user, made if it is missing (pillarbox)"),
        take("--data", metavar="DIR", type=Path, default=Path("/var/lib/pillarbox"), help="where mail and keys go (/var/lib/pillarbox)"),
        take("--run", metavar="DIR", type=Path, default=Path("/run/pillarbox"), help="where sockets go (/run/pillarbox)"),
        take("--unit", metavar="FILE", type=Path, help="where the systemd unit goes (/etc/systemd/system/pillarbox.service)")),
        ("pillarbox quickstart you@example.org --dry-run", "pillarbox quickstart you@example.org --dry-run --json",
         "pillarbox quickstart you@example.org --hostname mx.example.org",
         "pillarbox quickstart you@example.org --existing-webserver", "pillarbox quickstart you@example.org --relay smtp.relay.example"),
        data=True, more=MORE)
