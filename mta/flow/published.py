"""What the DNS has of a domain now, and how our records go together with it.

A domain that moves here brings records along: servers that may send in its name, places
that get reports, a DMARC policy that its owner chose.  These stay; ours are added.

Standards: RFC 7208 §3.2 (one SPF record), RFC 9989 §4.7, RFC 8460 §3.
"""
import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from mta.auth import dmarcrecord, spfrecord
from mta.base.names import Address, Domain
from mta.config.model import Config
from mta.dns.answer import Answer, RecordType
from mta.dns.resolver import Resolver
from mta.flow import relaying, ways
from mta.flow.ways import Ways
from mta.flow.world import World
from mta.message.reporturi import ReportUri, mailto
from mta.secure import tlsrpt
from mta.store import domains
from mta.store.domains import DomainRow

#: Longest record that is taken over into one of ours; nobody writes a longer one by hand.
TAKEN_OVER: Final = 2_000
SPF: Final = "v=spf1"


@dataclass(frozen=True, slots=True)
class There:
    """What was found; with nothing in it, nobody has looked.

    spf, dmarc and tls are the texts of records that are there.  signed says whether DNSSEC
    vouches for the host's addresses, mailed whether the domain had mail before it came here;
    None is unknown.  known says that the DNS did tell which records are there to be merged.
    relay is the SPF mechanism that lets in the server that mail goes out through, if there is one.
    """

    spf: tuple[str, ...] = ()
    dmarc: str = ""
    tls: str = ""
    host_tls: str = ""
    signed: bool | None = None
    mailed: bool | None = None
    known: bool = False
    relay: str = ""


#: What people are told where it did not.
UNKNOWN: Final = ("The DNS does not tell what is there already. Keep what an SPF record has that names others who send for the domain, "
                  "and the policy of a DMARC record.")


async def look(world: World, row: DomainRow, resolver: Resolver | None = None) -> There:
    """Look, and remember whether the domain had mail when it was looked at first.  What the DNS does not tell is as if it were absent."""
    there = await find(world.config, row.domain, resolver or world.resolver, ways.ways(world))
    if row.had_mail is not None:
        return replace(there, mailed=row.had_mail)
    if there.mailed is not None:
        known = there.mailed
        await world.store.write(lambda db: domains.note_mail(db, row.id, known))
    return there


async def find(config: Config, domain: Domain, dns: Resolver, known: Ways | None = None) -> There:
    """Look at a domain that nobody need know here; mailed is what its records make one think now.

    known are transports and routes, if there are others than those of config.
    """
    host, relay = config.hostname, relaying.relay(known or config, domain)
    questions = [(domain, RecordType.MX), (domain, RecordType.TXT), (domain.below("_dmarc"), RecordType.TXT),
                 (host, RecordType.A), (host, RecordType.AAAA)]
    (mx, text, dmarc, four, six), (tls, host_tls), terms = await asyncio.gather(
        asyncio.gather(*(dns.ask(name, kind) for name, kind in questions)),
        asyncio.gather(tlsrpt.lookup(domain, dns), tlsrpt.lookup(host, dns)),
        asyncio.gather(*([relaying.term(relay.host, dns)] if relay else [])))
    spf = tuple(one for one in text.texts if spfrecord.is_spf(one) and len(one) <= TAKEN_OVER)
    policy = dmarc_text(dmarc)
    told = not (mx.temporary or text.temporary or dmarc.temporary)
    unknown = four.temporary and six.temporary
    return There(spf, policy, tls.record.text if tls.record else "", host_tls.record.text if host_tls.record else "",
                 None if unknown else (four.authentic and four.found) or (six.authentic and six.found),
                 _had_mail(config, mx, spf, policy) if told else None, not (text.temporary or dmarc.temporary or tls.temporary),
                 terms[0].text if terms else "")


def dmarc_text(answer: Answer) -> str:
    """The one DMARC record of an answer, "" if there is none that counts."""
    found = [one for one in answer.texts if dmarcrecord.parse(one) and len(one) <= TAKEN_OVER]
    return found[0] if len(found) == 1 else ""


def _had_mail(config: Config, mx: Answer, spf: tuple[str, ...], policy: str) -> bool:
    """Whether somebody had mail at the domain: a host that is not this one took it, or servers were named that send."""
    elsewhere = any(one.host is not None and one.host != config.hostname for one in mx.exchangers)
    senders = any(set(one.lower().split()) - {SPF, "-all", "~all", "?all", "mx", "+mx"} for one in spf)
    return elsewhere or senders or bool(policy)


# --- ours and theirs in one ----------------------------------------------------------------


def merged_spf(there: Iterable[str], ours: Iterable[str]) -> str:
    """One SPF record that lets in all that the records there do, and ours (mechanisms like "mx"); as strict as the first."""
    terms: dict[str, str] = {}
    last = ""
    for word in (word for text in there for word in text.split()[1:]):
        name = word.lower()
        if name.lstrip("+-~?") == "all":
            last = last or name
        elif name.startswith("redirect="):
            last = last or word
        else:
            terms.setdefault(name.removeprefix("+"), word)
    # RFC 7208 §5.1: what stands behind all is never looked at, so it comes last; ours first, for most mail is ours.
    added = [one for one in ours if one not in terms]
    return " ".join([SPF, *added, *terms.values(), last or "-all"])


def asking(there: str, address: Address | None) -> str:
    """A DMARC or TLSRPT record that asks for what it did, and has reports sent to address too (None: no more than before)."""
    parts = [part.strip() for part in there.split(";") if part.strip()]
    if address is None:
        return "; ".join(parts)
    for number, part in enumerate(parts):
        name, equals, value = part.partition("=")
        if equals and name.strip().lower() == "rua":
            named = [one.strip() for one in value.split(",") if one.strip()]
            if not names(address, _uris(there)):
                named.append(mailto(address))
            parts[number] = f"rua={','.join(named)}"
            return "; ".join(parts)
    return "; ".join([*parts, f"rua={mailto(address)}"])


def _uris(text: str) -> tuple[ReportUri, ...]:
    dmarc, tls = dmarcrecord.parse(text), tlsrpt.parse_record(text)
    return dmarc.rua if dmarc else tls.rua if tls else ()


def names(address: Address, uris: Iterable[ReportUri]) -> bool:
    """Whether address is among uris, however it is written there (`a,b!c` is `a%2Cb%21c`)."""
    return address.ascii.lower() in {uri.address.ascii.lower() for uri in uris if uri.address}


def quoted(text: str) -> str:
    """A TXT record's text as a zone file wants it: strings of at most 255 octets (RFC 1035 §3.3.14, §5.1)."""
    octets = text.encode("latin-1", "replace")
    pieces = [octets[at:at + 255].decode("latin-1") for at in range(0, len(octets), 255)] or [""]
    return " ".join(f'"{re.sub(UNSAFE, _escaped, piece)}"' for piece in pieces)


#: What would end a string, or is no printable ASCII.
UNSAFE: Final = re.compile(r'["\\]|[^ -~]')


def _escaped(found: "re.Match[str]") -> str:
    char = found[0]
    return f"\\{char}" if char in '"\\' else f"\\{ord(char):03}"
