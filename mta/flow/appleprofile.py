"""Profiles that set up Apple's mail programs (.mobileconfig): one address, no password.

The program asks for the password when the profile is installed.  What identifies a profile
is made of host and address alone, so that installing it again replaces the earlier one.  It
is signed as the host, if somebody vouches for the host's certificate; a telephone shows by
whom.

Without IMAP there is no profile: Apple's programs have no accounts that only send.

Read on: profilelinks.py lets a telephone fetch one; mta.net.cms signs.  The format is
Apple's Device Management, com.apple.mail.managed.
"""
import hashlib
import plistlib
from collections.abc import Sequence
from typing import Final

from mta.base.clock import Clock
from mta.base.errors import NotFound
from mta.base.names import Address
from mta.config.model import Config
from mta.flow import clients
from mta.net import certificates, cms
from mta.net.tls import Pair

TYPE: Final = "application/x-apple-aspen-config"
NAME: Final = "mail.mobileconfig"


def lacking(config: Config) -> str:
    """Why there are no profiles; "" if there are."""
    protocols = {one.protocol for one in clients.services(config)}
    if "imap" not in protocols:
        return "This server does not offer IMAP, without which Apple's mail programs have nothing to set up."
    return "" if "smtp" in protocols else "No listener takes mail from programs of the outside."


def pairs(config: Config) -> Sequence[Pair]:
    """The certificates of the host itself, as files with their keys; those of domains are for other names."""
    return [pair for pair in certificates.served(config) if not pair[0].name.startswith(certificates.DOMAIN)]


def signer(config: Config, clock: Clock) -> str:
    """As whom profiles are signed, "" if they are not.  Reads files."""
    return cms.signer(pairs(config), clock)


def profile(config: Config, clock: Clock, address: Address, full_name: str) -> bytes:
    """The profile for an address, signed if it can be; NotFound says why there is none.  Reads files."""
    if reason := lacking(config):
        raise NotFound(reason)
    return cms.signed(_plist(config, address, full_name), pairs(config), clock)


def _plist(config: Config, address: Address, full_name: str) -> bytes:
    offered = clients.services(config)
    reading = next(one for one in offered if one.protocol == "imap")
    sending = next(one for one in offered if one.protocol == "smtp")
    # Apple shows and sends the address as it stands here; programs that cannot write U-labels are the rule.
    shown, identity = address.ascii, f"{'.'.join(reversed(config.hostname.labels))}.mail.{_digest(config, address)[:16]}"
    account = {
        "PayloadType": "com.apple.mail.managed", "PayloadVersion": 1, "PayloadIdentifier": f"{identity}.account",
        "PayloadUUID": _uuid(config, address, "account"), "PayloadDisplayName": f"Mail of {shown}",
        "EmailAccountType": "EmailTypeIMAP", "EmailAccountDescription": shown, "EmailAccountName": full_name, "EmailAddress": shown,
        "IncomingMailServerAuthentication": "EmailAuthPassword", "IncomingMailServerHostName": reading.host.ascii,
        "IncomingMailServerPortNumber": reading.port, "IncomingMailServerUseSSL": True, "IncomingMailServerUsername": shown,
        "OutgoingMailServerAuthentication": "EmailAuthPassword", "OutgoingMailServerHostName": sending.host.ascii,
        "OutgoingMailServerPortNumber": sending.port, "OutgoingMailServerUseSSL": True, "OutgoingMailServerUsername": shown,
        "OutgoingPasswordSameAsIncomingPassword": True,
    }
    return plistlib.dumps({
        "PayloadType": "Configuration", "PayloadVersion": 1, "PayloadIdentifier": identity,
        "PayloadUUID": _uuid(config, address, "profile"), "PayloadDisplayName": f"Mail of {shown}",
        "PayloadOrganization": config.hostname.ascii,
        "PayloadDescription": f"Lets mail programs read and send mail of {shown}. It holds no password.",
        "PayloadContent": [account],
    })


def _digest(config: Config, address: Address, what: str = "") -> str:
    return hashlib.sha256(f"{config.hostname.ascii}\n{address.ascii}\n{what}".encode()).hexdigest()


def _uuid(config: Config, address: Address, what: str) -> str:
    """A UUID made of what it stands for (RFC 9562 §5.8)."""
    digest = _digest(config, address, what)
    text = f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-{'89ab'[int(digest[16], 16) & 3]}{digest[17:20]}-{digest[20:32]}"
    return text.upper()
