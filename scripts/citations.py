#!/usr/bin/env python3
"""Collect what the sources cite, as docs/rfcs.md: `scripts/citations.py [--check]`.

A citation is "RFC <number> §<section>", optionally followed by ", erratum <id>" and by
", deviate:" or ", stricter:" with the reason.  Without a section the standard as a whole
is meant.  --check says whether docs/rfcs.md is fresh, and exits with 1 if it is not.
"""
import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "rfcs.md"
SOURCES = ("mta", "web", "workers")
CITATION = re.compile(
    r"RFC (?P<number>\d{3,5})(?: §(?P<section>[A-Z]?[\d.]*\d|[A-Z]))?(?:, erratum (?P<erratum>\d+))?(?:, (?P<how>deviate|stricter):)?")

TITLES = {
    1034: "DNS concepts", 1035: "DNS implementation", 1870: "SIZE", 2034: "Enhanced status codes in SMTP", 2045: "MIME bodies",
    2046: "MIME media types", 2047: "MIME in header fields", 2104: "HMAC", 2142: "Mailbox names for roles",
    2181: "Clarifications of the DNS", 2183: "Content-Disposition", 2231: "MIME parameters", 2308: "Negative caching",
    2317: "Reverse names of small networks", 2369: "List fields", 2505: "Anti-spam recommendations", 2557: "MHTML", 2616: "HTTP/1.1",
    2782: "SRV", 2817: "HTTP upgrade",
    2822: "Message format (2001)", 3207: "STARTTLS", 3461: "Delivery status notifications", 3462: "multipart/report (2003)",
    3463: "Enhanced status codes", 3464: "Delivery status notification format", 3492: "Punycode", 3501: "IMAP4rev1",
    3596: "DNS for IPv6", 3629: "UTF-8", 3676: "format=flowed", 3834: "Automatic responses", 4007: "IPv6 scoped addresses",
    4013: "SASLprep", 4422: "SASL",
    4592: "DNS wildcards", 4616: "SASL PLAIN", 4648: "Base64", 4954: "SMTP AUTH", 5056: "Channel binding", 5064: "Archived-At",
    5198: "Unicode for interchange", 5256: "Threads and base subjects", 5321: "SMTP", 5322: "Message format",
    5452: "DNS against forgery", 5598: "Mail architecture", 5802: "SCRAM", 5890: "IDNA definitions", 5891: "IDNA protocol",
    5929: "Channel bindings for TLS", 6068: "mailto", 6125: "Service identity in TLS", 6152: "8BITMIME",
    6186: "Locating mail services", 6265: "Cookies", 6266: "Content-Disposition in HTTP", 6376: "DKIM", 6409: "Submission",
    6522: "multipart/report", 6530: "Internationalised mail", 6531: "SMTPUTF8", 6532: "Internationalised header fields",
    6533: "Internationalised delivery notifications", 6585: "More HTTP status codes", 6698: "DANE", 6761: "Special-use names",
    6895: "DNS numbers", 7218: "Names of TLSA fields", 7671: "DANE in operation", 5246: "TLS 1.2", 5280: "Certificates",
    9525: "Service identity in TLS",
    6797: "HSTS", 6840: "Clarifications of DNSSEC", 6891: "EDNS", 7208: "SPF", 7231: "HTTP semantics (2014)", 7489: "DMARC (2015)",
    7505: "Null MX", 7515: "JWS", 7518: "JWA", 8030: "Web push", 8188: "Encrypted content coding", 8291: "Encryption of web push",
    8292: "VAPID", 7672: "DANE for SMTP", 7677: "SCRAM-SHA-256", 7766: "DNS over TCP",
    7817: "TLS server identity for mail", 8020: "NXDOMAIN", 8058: "One-click unsubscribe", 8098: "Message disposition notifications",
    8301: "DKIM algorithms", 8314: "Implicit TLS for submission", 8446: "TLS 1.3", 8457: "$Important", 8461: "MTA-STS",
    8463: "Ed25519 for DKIM", 8601: "Authentication-Results", 8616: "Internationalised authentication", 8617: "ARC", 8620: "JMAP",
    8659: "CAA", 8689: "REQUIRETLS", 8914: "Extended DNS errors", 8949: "CBOR", 9051: "IMAP4rev2", 9110: "HTTP semantics",
    9111: "HTTP caching", 9112: "HTTP/1.1", 9266: "tls-exporter", 9422: "LIMITS", 9989: "DMARC", 9990: "DMARC aggregate reports",
    1047: "Duplicate messages in SMTP", 1912: "Common DNS errors", 2387: "multipart/related", 2920: "PIPELINING",
    3848: "Received protocol names",
    3849: "IPv6 documentation prefix", 3986: "URI",
    6604: "Response codes of aliases", 5737: "IPv4 documentation prefixes", 6066: "TLS extensions", 6154: "Special-use mailboxes",
    6854: "Groups in From", 7435: "Opportunistic security", 8187: "Parameters in HTTP fields", 8621: "JMAP for mail",
    8996: "TLS 1.0 and 1.1 are over", 9228: "Delivered-To", 2919: "List-Id", 5782: "DNS block lists",
    7372: "Status codes of authentication",
    1951: "DEFLATE", 1952: "GZIP", 3339: "Dates in the internet", 8259: "JSON", 5965: "Abuse reporting format",
    6591: "Authentication failure reports", 6692: "Source ports in abuse reports",
    9991: "DMARC failure reports",
    2986: "Certificate requests", 7301: "ALPN", 8555: "ACME", 8737: "ACME tls-alpn-01",
    9325: "Recommendations for TLS", 9773: "ACME renewal information",
}


def collect() -> dict[int, dict[str, set[str]]]:
    """Per RFC and section the modules that cite it; "deviate" and "stricter" mark the module."""
    found: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for top in SOURCES:
        for path in sorted((ROOT / top).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            for match in CITATION.finditer(re.sub(r"\n\s*#?\s*", " ", path.read_text("utf-8"))):
                how = f" ({match['how']})" if match["how"] else ""
                found[int(match["number"])][match["section"] or ""].add(module + how)
    return found


def page() -> str:
    """docs/rfcs.md."""
    lines = ["# Standards, and where they are honoured", "",
             "Made from the citations in the sources by `scripts/citations.py`; do not edit.", ""]
    for number, sections in sorted(collect().items()):
        lines += [f"## RFC {number}: {TITLES.get(number, '')}".rstrip(": "), "", "| section | where |", "| --- | --- |"]
        for section in sorted(sections, key=_order):
            places = ", ".join(f"`{name}`" for name in sorted(sections[section]))
            lines.append(f"| {'§' + section if section else 'as a whole'} | {places} |")
        lines.append("")
    return "\n".join(lines)


def _order(section: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (10_000, part) for part in section.split(".") if part]


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if PAGE.exists() and PAGE.read_text("utf-8") == page() else "docs/rfcs.md is stale: run scripts/citations.py")
    PAGE.write_text(page(), "utf-8")
