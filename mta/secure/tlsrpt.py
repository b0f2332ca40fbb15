"""Who wants to hear how TLS went: the TLSRPT record of a domain, `v=TLSRPTv1; rua=mailto:tls@example.org`.

Reading never fails.  A URI that cannot be read is passed over and named in `problems`; a
record without any that can is still one, so that its owner can be told.

Standards: RFC 8460 §3.

Read on: mta.report.tlsrptjson has what is sent there.
"""
import re
from dataclasses import dataclass
from typing import Final

from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain
from mta.dns.answer import Answer, RecordType
from mta.dns.resolver import Resolver
from mta.message.reporturi import ReportUri, report_uri

#: Where the record stands, below the domain.
LABEL: Final = "_smtp._tls"
VERSION: Final = "v=TLSRPTv1"
WSP: Final = " \t"
#: RFC 8460 §3, tlsrpt-extension; rua is a name like these.
FIELD: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31})=(.*)", re.DOTALL)
#: How reports travel (RFC 8460 §3): by mail, or posted over HTTPS.
SCHEMES: Final = ("mailto", "https")


@dataclass(frozen=True, slots=True)
class TlsrptRecord:
    """One record: where reports go, by mailto: or https:, each once; problems says what of it cannot be used."""

    text: str
    rua: tuple[ReportUri, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a domain publishes.

    record is None if there is none that counts, problem says why in words for its owner;
    temporary if the DNS does not say now.  authentic: DNSSEC vouches for it.
    """

    domain: Domain
    record: TlsrptRecord | None = None
    problem: str = ""
    temporary: bool = False
    authentic: bool = False


def parse_record(text: str, limits: Limits = LIMITS) -> TlsrptRecord | None:
    """The record that text is, None if it is none: it begins with v=TLSRPTv1, in just these letters, and a semicolon."""
    version, semicolon, rest = text[:limits.tlsrpt_record + 1].partition(";")
    if version.rstrip(WSP) != VERSION or not semicolon or len(text) > limits.tlsrpt_record:
        return None
    uris: dict[object, ReportUri] = {}
    problems: list[str] = []
    written = _rua(rest, problems)
    for one in written[:limits.dmarc_uris]:
        uri = report_uri(one)
        if uri is None:
            problems.append(f"rua= has no URI in {one[:80]!r}")
        elif uri.scheme not in SCHEMES:
            problems.append(f"reports are not sent by {uri.scheme}:, which stands in rua=")
        else:
            uris.setdefault(uri.address or uri.uri, uri)
    if len(written) > limits.dmarc_uris:
        problems.append(f"rua= names more than {limits.dmarc_uris} addresses")
    return TlsrptRecord(text, tuple(uris.values()), tuple(problems))


def _rua(fields: str, problems: list[str]) -> list[str]:
    """The URIs of rua=, as written; what else is wrong goes to problems."""
    found: list[str] | None = None
    parts = [part.strip(WSP) for part in fields.split(";")]
    for part in parts[:-1] if not parts[-1] else parts:
        field = FIELD.fullmatch(part)
        if not field:
            problems.append(f"{part[:40]!r} is no field of a record")
        elif field[1] == "rua" and found is not None:
            # Nobody can say which is meant; the first is what a reader sees first.
            problems.append("rua= is there more than once; the first counts")
        elif field[1] == "rua":
            found = [uri.strip(WSP) for uri in field[2].split(",")]
    if found is None:
        problems.append("rua= is missing: it says where reports go")
    return found or []


async def lookup(domain: Domain, resolver: Resolver, limits: Limits = LIMITS) -> Found:
    """The record of domain; trouble is in what is returned, nothing is raised."""
    try:
        name = Domain.parse(f"{LABEL}.{domain.ascii}")
    except ValueError:
        return Found(domain, problem=f"{domain} is too long a name to have a TLSRPT record")
    return _found(domain, await resolver.ask(name, RecordType.TXT), limits)


def _found(domain: Domain, answer: Answer, limits: Limits) -> Found:
    if answer.temporary:
        why = answer.error or answer.outcome.value
        return Found(domain, problem=f"the DNS does not say what is at {answer.name} ({why})", temporary=True)
    # RFC 8460 §3: what does not begin like a record is somebody else's; more than one record counts as none.
    records = [record for text in answer.texts if (record := parse_record(text, limits))]
    if len(records) == 1:
        record = records[0]
        return Found(domain, record, "; ".join(record.problems), authentic=answer.authentic)
    if records:
        problem = f"{answer.name} has {len(records)} TLSRPT records, so that none counts"
    elif any("tlsrpt" in text.lower() for text in answer.texts):
        problem = f"what stands at {answer.name} is no TLSRPT record: it does not begin with {VERSION} and a semicolon"
    else:
        problem = f"{domain} asks for no reports about TLS: there is no TXT record at {answer.name}"
    return Found(domain, problem=problem, authentic=answer.authentic)
