"""`pillarbox clients`."""
from argparse import Namespace
from typing import Final

from mta.base.errors import NotFound
from mta.base.names import Address
from mta.flow import clients as settings
from mta.flow import people
from workers.commands.paper import Row
from workers.commands.site import Site

PURPOSE: Final = {"imap": "reading (IMAP)", "smtp": "sending (SMTP)"}
SECURITY: Final = {"implicit": "SSL/TLS", "starttls": "STARTTLS"}
#: Whoever may sign in with a password may do so in these ways.
SIGN_IN: Final = "normal password"


def clients(site: Site, arguments: Namespace) -> list[Row]:
    """A row for each service that the owner of an address can use, of each kind the best first; the webmail is one of them."""
    account = people.get_account(site.world, arguments.address)
    found = settings.for_account(site.world, account)
    user = next((one for one in found.addresses if arguments.address.lower() in (one.ascii.lower(), str(one).lower())), None)
    if user is None:
        raise NotFound(f"{arguments.address} is no address of an account; {account.name} has {_listed(found.addresses)}")
    rows: list[Row] = [{"for": PURPOSE[one.protocol], "server": one.host.ascii, "port": one.port, "security": SECURITY[one.tls],
             "user": str(user), "sign_in": SIGN_IN} for one in found.services]
    if found.webmail:
        rows.append({"for": "webmail", "server": found.webmail, "port": None, "security": None, "user": str(user), "sign_in": SIGN_IN})
    return rows


def _listed(addresses: tuple[Address, ...]) -> str:
    return ", ".join(map(str, addresses)) or "none"
