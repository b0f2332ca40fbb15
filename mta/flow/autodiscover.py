"""The settings that Microsoft's programs look for: autodiscover in XML (POX) and JSON (version 2).

A program posts XML with an address to /autodiscover/autodiscover.xml at the domain, at
autodiscover.DOMAIN, or where the SRV record _autodiscover._tcp leads (to this host); newer
ones ask /autodiscover/autodiscover.json for the place of that XML first.  What is answered
depends on the address's domain alone.

What comes is a stranger's: bounded in octets, elements and depth, and without a document
type, hence without entities.

Read on: the protocols are [MS-OXDSCLI] §2.2.3, §2.2.4 and [MS-OXABREF].
"""
from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element, SubElement
from xml.parsers import expat

from mta.base.clock import Clock
from mta.base.errors import BadName, UserError
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.config.model import Config
from mta.flow import clients
from mta.flow.autoconfig import written
from mta.flow.clients import Service

PATH: Final = "/autodiscover/autodiscover.xml"
#: Namespace of every answer, and the one of settings that ordinary mail programs can use.
ENVELOPE: Final = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
SETTINGS: Final = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
#: Numbers of errors: what was asked is unfit; no such kind of answer is to be had here.
INVALID, NO_PROVIDER = 600, 601
WORDS: Final = {INVALID: "Invalid Request", NO_PROVIDER: "Provider is not available"}
ENCRYPTION: Final = {"implicit": "SSL", "starttls": "TLS"}
#: What of a request counts.
ASKED: Final = ("EMailAddress", "AcceptableResponseSchema")
#: The one protocol for which the JSON knows a place.
POX: Final = "AutodiscoverV1"


class BadRequest(UserError):
    """A request that is no autodiscover."""


def read(body: bytes) -> tuple[Address, str]:
    """The address that a request is about, and the kind of answer it takes ("" if it does not say); BadRequest."""
    if len(body) > LIMITS.autodiscover_octets:
        raise BadRequest(f"a request has at most {LIMITS.autodiscover_octets} octets")
    found = _Reader().read(body)
    try:
        return Address.parse(found.get("EMailAddress", "")[:clients.ADDRESS].strip()), found.get("AcceptableResponseSchema", "").strip()
    except BadName:
        raise BadRequest("a request names an address in EMailAddress") from None


def answer(config: Config, clock: Clock, address: Address, schema: str) -> bytes:
    """The settings for an address, as XML; those that phones synchronise by (ActiveSync) are not to be had."""
    if schema not in ("", SETTINGS):
        return error(clock, NO_PROVIDER)
    root, response = _envelope(SETTINGS)
    SubElement(SubElement(response, "User"), "DisplayName").text = address.ascii
    account = SubElement(response, "Account")
    SubElement(account, "AccountType").text = "email"
    SubElement(account, "Action").text = "settings"
    for service in clients.services(config):
        _protocol(account, service, address)
    return written(root)


def error(clock: Clock, code: int) -> bytes:
    """What is answered to a request that cannot be fulfilled."""
    root, response = _envelope("")
    now = clock.now()
    problem = SubElement(response, "Error", Time=f"{now:%H:%M:%S.%f}", Id="1")
    SubElement(problem, "ErrorCode").text = str(code)
    SubElement(problem, "Message").text = WORDS[code]
    SubElement(problem, "DebugData")
    return written(root)


def place(config: Config, protocol: str) -> tuple[int, Mapping[str, str]]:
    """Status and JSON for who asks where the settings of a protocol are."""
    if not protocol:
        return 400, {"ErrorCode": "MandatoryParameterMissing",
                     "ErrorMessage": "A valid value must be provided for the query parameter 'Protocol'."}
    if protocol.lower() != POX.lower():
        return 400, {"ErrorCode": "InvalidProtocol", "ErrorMessage": f"The only protocol that is supported is '{POX}'."}
    return 200, {"Protocol": POX, "Url": clients.web_url(config, PATH)}


def _protocol(account: Element, service: Service, address: Address) -> None:
    protocol = SubElement(account, "Protocol")
    for name, text in (
            ("Type", service.protocol.upper()), ("Server", service.host.ascii), ("Port", str(service.port)), ("DomainRequired", "off"),
            ("LoginName", address.ascii), ("SPA", "off"), ("SSL", "on"), ("Encryption", ENCRYPTION[service.tls]), ("AuthRequired", "on")):
        SubElement(protocol, name).text = text
    if service.protocol == "smtp":
        # "As for reading": the same name and password.
        SubElement(protocol, "UsePOPAuth").text = "on"
        SubElement(protocol, "SMTPLast").text = "off"


def _envelope(namespace: str) -> tuple[Element, Element]:
    """Root and response; the namespaces are defaults, since Microsoft's readers have been seen to stumble over prefixes."""
    root = Element("Autodiscover", {"xmlns": ENVELOPE})
    return root, SubElement(root, "Response", {"xmlns": namespace} if namespace else {})


class _Reader:
    """One pass over a request; of what is asked for the first one counts."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self.within = ""
        self.depth = self.elements = 0

    def read(self, body: bytes) -> dict[str, str]:
        """Texts by name; BadRequest."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = self.refuse
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.text
        try:
            parser.Parse(body, True)
        except (expat.ExpatError, LookupError, ValueError) as problem:    # no XML, or in an encoding that nobody knows
            raise BadRequest(f"a request is XML: {problem}") from None
        return self.found

    def refuse(self, *_declaration: object) -> None:
        raise BadRequest("a request has no document type")

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self.elements += 1
        self.depth += 1
        if self.elements > LIMITS.autodiscover_elements or self.depth > LIMITS.autodiscover_depth:
            raise BadRequest("a request has a handful of elements")
        bare = name.rpartition(":")[2]
        self.within = bare if bare in ASKED and bare not in self.found else ""
        if self.within:
            self.found[bare] = ""

    def text(self, text: str) -> None:
        if self.within:
            self.found[self.within] += text

    def end(self, _name: str) -> None:
        self.depth -= 1
        self.within = ""
