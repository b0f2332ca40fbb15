"""Mail with reports in it, as other servers send it."""
import base64
import gzip
from dataclasses import replace

from mta.auth import dkim
from mta.auth.canon import BodyHash
from mta.auth.dkim import Signer
from mta.auth.message import Message
from mta.base.names import Domain, ip_address
from mta.report import dmarcxml, tlsrptjson
from mta.report.aggregate import AggregateReport, DkimSeen, Metadata, Published, Row, SpfSeen
from mta.report.tlsrptjson import FailureDetail, PolicyResult, TlsReport

#: Seconds of the tests' clock, and a day before it: reports are about the past.
NOW = 1_893_456_000
DAY = 86_400
#: What makes mail from reporter.example at 192.0.2.1 pass DMARC.
ZONE = 'reporter.example TXT "v=spf1 ip4:192.0.2.1 -all"\n_dmarc.reporter.example TXT "v=DMARC1; p=reject"\n'
SENDER = "noreply@reporter.example"


def row(ip: str = "203.0.113.9", count: int = 1, *, dkim: str = "pass", spf: str = "pass", disposition: str = "none") -> Row:
    """Messages of one kind in the name of example.org."""
    return Row(
        ip_address(ip), count, disposition, dkim, spf, "example.org", "example.org", None, (),
        (DkimSeen("example.org", "20300101r", "pass" if dkim == "pass" else "fail"),), (SpfSeen("example.org", spf),))


def aggregate(*rows: Row, domain: str = "example.org", ident: str = "r1", org: str = "Reporter", begin: int = NOW - DAY) -> AggregateReport:
    """A DMARC report about a day."""
    return AggregateReport(
        Metadata(org, "dmarc@reporter.example", ident, begin, begin + DAY - 1), Published(Domain(domain), "quarantine"), rows or (row(),))


def tls_report(
    *failures: FailureDetail, domain: str = "example.org", ident: str = "t1", good: int = 10, kind: str = "sts", more: tuple[str, ...] = (),
) -> TlsReport:
    """A TLS report about a day, for one domain or several."""
    first = PolicyResult(
        kind, Domain(domain), good, sum(one.count for one in failures), ("version: STSv1", "mode: enforce"), ("mx.example.org",), failures)
    others = (PolicyResult("no-policy-found", Domain(name), 1, 0) for name in more)
    return TlsReport("Reporter Inc.", "tls@reporter.example", ident, NOW - DAY, NOW - 1, (first, *others))


def mail(octets: bytes, name: str, kind: str = "application/gzip", *, to: str = "dmarc-reports@example.org", author: str = SENDER) -> bytes:
    """A message with octets attached."""
    encoded = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    head = (
        f"From: {author}\r\nTo: {to}\r\nSubject: Report Domain: example.org Submitter: reporter.example Report-ID: <{name}>\r\n"
        f"Date: Tue, 1 Jan 2030 00:00:00 +0000\r\nMessage-ID: <{name}@reporter.example>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=cut\r\n\r\n--cut\r\nContent-Type: text/plain\r\n\r\nA report.\r\n--cut\r\n"
        f"Content-Type: {kind}; name=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n")
    return head.encode() + encoded + b"--cut--\r\n"


def dmarc_mail(report: AggregateReport | None = None, **more: str) -> bytes:
    """A message with a DMARC report."""
    report = report or aggregate()
    return mail(gzip.compress(dmarcxml.write(report), mtime=0), f"{report.metadata.report_id}.xml.gz", **more)


def tls_mail(report: TlsReport | None = None, **more: str) -> bytes:
    """A message with a TLS report."""
    report = report or tls_report()
    return mail(gzip.compress(tlsrptjson.write(report), mtime=0), f"{report.report_id}.json.gz", "application/tlsrpt+gzip",
                **{"to": "tls-reports@example.org", **more})


def signed(message: bytes, domain: str = "reporter.example", *, services: str = "", at: int = NOW) -> tuple[bytes, str]:
    """The message with a DKIM signature, and the record of its key for the zone; services is the key's s= tag, at when it was made."""
    key = dkim.make_key("ed25519")
    signer = Signer(Domain(domain), "rep", key)
    read = Message.read(message)
    hashed = BodyHash()
    for block in read.body():
        hashed.update(block)
    tag = f"s={services}; " if services else ""
    record = f"v=DKIM1; k=ed25519; {tag}p={dkim.public_text(key)}"
    return dkim.sign(list(read.fields), hashed.digest(), signer, at) + message, f'rep._domainkey.{domain} TXT "{record}"\n'


def many(number: int) -> AggregateReport:
    """A report with so many rows, each of another address."""
    rows = [replace(row(), source_ip=ip_address(f"10.{at >> 16 & 255}.{at >> 8 & 255}.{at & 255}")) for at in range(number)]
    return aggregate(*rows, ident=f"many{number}")
