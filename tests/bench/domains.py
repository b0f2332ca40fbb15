"""The domains that the generator writes for: their keys, what the DNS says of them, and their signatures."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from mta.auth import dkim
from mta.auth.canon import BodyHash
from mta.auth.dkim import Signer
from mta.base.clock import SystemClock
from mta.base.names import Domain
from mta.flow.published import quoted
from mta.message import header
from tests.serving import Server

SELECTOR = "bench"


@dataclass(frozen=True, slots=True)
class SendingDomain:
    """One domain with an RSA key of 2,048 bits."""

    name: str
    signer: Signer

    @property
    def sender(self) -> str:
        """The address that writes."""
        return f"sender@{self.name}"

    @property
    def records(self) -> str:
        """Its records as in a master file: SPF by way of an include, as hosted mail has it, a key, and p=reject."""
        key = dkim.record_text("rsa", dkim.public_text(self.signer.key))
        return (f'{self.name} TXT "v=spf1 include:_spf.{self.name} -all"\n'
                f'_spf.{self.name} TXT "v=spf1 ip4:192.0.2.0/24 ip4:127.0.0.0/8 -all"\n'
                f'{SELECTOR}._domainkey.{self.name} TXT {quoted(key)}\n_dmarc.{self.name} TXT "v=DMARC1; p=reject"\n')


def sending(count: int) -> list[SendingDomain]:
    """So many domains, with new keys."""
    names = [f"sender{number}.example" for number in range(count)]
    return [SendingDomain(name, Signer(Domain(name), SELECTOR, dkim.make_key("rsa"))) for name in names]


def zone(domains: Sequence[SendingDomain]) -> str:
    """What localserve is to know: the domains, and the generator's own names."""
    return "".join(each.records for each in domains) + 'bench.example.net A 127.0.0.1\nbench.example.net TXT "v=spf1 a -all"\n'


def signed(text: bytes, signer: Signer) -> bytes:
    """text, dot-stuffed and ended (no line of it begins with a dot), with its signature on top."""
    top = header.parse(text)
    hashed = BodyHash()
    hashed.update(text[top.end:].removesuffix(b".\r\n"))
    fields = [text[each.start:each.end] for each in top.fields]
    return dkim.sign(fields, hashed.digest(), signer, SystemClock().timestamp()) + text


def served(folder: Path, domains: Sequence[SendingDomain], environment: Mapping[str, str] = MappingProxyType({})) -> Server:
    """A server, running, whose resolver knows the domains."""
    server = Server(folder / "pillarbox", environment=dict(environment))
    server.folder.mkdir()
    (server.folder / "zone").write_text(zone(domains))
    return server.start(60)
