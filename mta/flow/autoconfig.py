"""The settings that Thunderbird and many others look for: autoconfig, clientConfig 1.1.

They ask http(s)://autoconfig.DOMAIN/mail/config-v1.1.xml, or
https://DOMAIN/.well-known/autoconfig/mail/config-v1.1.xml, both with ?emailaddress=…; the
elements are those of Thunderbird's own files (ISPDB).  The user name is a placeholder that
the program fills in, so nobody learns from the document which addresses there are.

Without IMAP there is no incomingServer.  Thunderbird and programs made of it take such a
document for none (each of its own files names a server to read from) and let people type;
what only sends learns where to.  A server that is not there would be worse: the program
would set up an account that never works, and blame the password.
"""
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from mta.base.names import Domain
from mta.config.model import Config
from mta.flow import clients
from mta.flow.clients import Service

#: Where programs ask for it.
PATHS: Final = ("/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml")
SOCKETS: Final = {"implicit": "SSL", "starttls": "STARTTLS"}


def document(config: Config, domain: Domain) -> bytes:
    """The settings for everybody at a domain, as XML."""
    root = Element("clientConfig", version="1.1")
    provider = SubElement(root, "emailProvider", id=domain.ascii)
    SubElement(provider, "domain").text = domain.ascii
    SubElement(provider, "displayName").text = domain.unicode
    SubElement(provider, "displayShortName").text = domain.unicode
    for service in clients.services(config):
        _server(provider, service)
    if webmail := clients.webmail(config):
        SubElement(SubElement(root, "webMail"), "loginPage", url=webmail)
    return written(root)


def written(root: Element) -> bytes:
    """A document as octets, for programs and for people who look at it."""
    ElementTree.indent(root)
    octets: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return octets + b"\n"


def _server(provider: Element, service: Service) -> None:
    server = SubElement(provider, "incomingServer" if service.protocol == "imap" else "outgoingServer", type=service.protocol)
    SubElement(server, "hostname").text = service.host.ascii
    SubElement(server, "port").text = str(service.port)
    SubElement(server, "socketType").text = SOCKETS[service.tls]
    SubElement(server, "username").text = "%EMAILADDRESS%"
    # "Encrypted" would mean CRAM-MD5 there; under TLS the password itself is safe.
    SubElement(server, "authentication").text = "password-cleartext"
