"""A connection to somebody's IMAP server: found in the DNS, encrypted, and believed only with a sound certificate.

Where a stranger may choose the server, addresses that are not of the public internet are
refused: we are no way into the networks behind us.

Standards: RFC 8314 §3 (implicit TLS, else STARTTLS; never in the clear), RFC 9525.
"""
import asyncio
import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from mta.base.errors import BadName, UserError
from mta.base.limits import LIMITS
from mta.base.names import Domain, IPAddress
from mta.dns.answer import RecordType
from mta.dns.resolver import Resolver
from mta.imap.answer import Lost
from mta.imap.client import Client
from mta.net.connect import Connection, connect, reason
from mta.net.https import is_public
from mta.net.tls import client_context

RAN_OUT: Final = 10
OTHER_NAME: Final = 62


async def reach(resolver: Resolver, host: str, port: int, security: str, *, private: bool, authorities: Path | None = None) -> \
        tuple[Client, Connection]:
    """A session with the server, before the sign-in; UserError if it cannot be had at all, Lost if another try may work.

    security is "tls" or "starttls"; private lets it be on this machine or in a network behind it.
    """
    context = client_context(verify=True, authorities=authorities)
    connection = await _connect(await _addresses(resolver, host, private), host, port)
    client = Client(connection)
    try:
        async with asyncio.timeout(LIMITS.tls_handshake):
            if security == "tls":
                await connection.start_tls(context, host)
                await client.greet()
            else:
                await client.greet()
                await client.start_tls(context, host)
    except ssl.SSLCertVerificationError as problem:
        connection.abort()
        raise UserError(_distrust(host, problem)) from None
    except ssl.SSLError as problem:
        connection.abort()
        raise UserError(f"No encryption could be agreed on with {host}, port {port}: {problem.reason or problem}. "
                        "Is this the right port? 993 is for TLS from the start, 143 for STARTTLS.") from None
    except (OSError, TimeoutError) as problem:
        connection.abort()
        raise Lost(f"{host} does not answer" if isinstance(problem, TimeoutError) else f"{host}: {reason(problem)}") from None
    except BaseException:
        connection.abort()
        raise
    return client, connection


async def _addresses(resolver: Resolver, host: str, private: bool) -> list[IPAddress]:
    try:
        found: list[IPAddress] = [ip_address(host)]
    except ValueError:
        try:
            name = Domain.parse(host)
        except BadName:
            raise UserError(f"{host!r} is no name of a server: write it like imap.example.org") from None
        answers = await asyncio.gather(*(resolver.ask(name, kind) for kind in (RecordType.AAAA, RecordType.A)))
        found = [ip for one in answers for ip in one.addresses]
        if not found:
            if any(one.temporary for one in answers):
                raise Lost(f"the DNS does not tell the address of {host} now") from None
            raise UserError(f"There is no server {host}: the DNS knows no address for that name.") from None
    usable = [ip for ip in found if private or is_public(ip)]
    if not usable:
        raise UserError(f"{host} is at {found[0]}, which is not of the public internet: only the administrator may import from there, "
                        "with `pillarbox import imap`.")
    return usable[:LIMITS.https_addresses]


async def _connect(addresses: list[IPAddress], host: str, port: int) -> Connection:
    problem = ""
    for ip in addresses:
        try:
            return await connect(ip, port, wait=LIMITS.connect_wait)
        except TimeoutError:
            problem = f"{ip} does not answer"
        except OSError as trouble:
            problem = f"{ip}: {reason(trouble)}"
    raise Lost(f"{host}, port {port}, cannot be reached ({problem})")


def _distrust(host: str, problem: ssl.SSLCertVerificationError) -> str:
    why = {RAN_OUT: "it has expired", OTHER_NAME: "it is for another name"}.get(problem.verify_code, problem.verify_message)
    return (f"The certificate of {host} is not to be trusted: {why}. Your password was not sent. If the server has one of its own making, "
            "the administrator can name it with the setting ca_file of [tls].")
