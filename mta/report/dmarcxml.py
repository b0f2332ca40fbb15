"""DMARC aggregate reports as XML, read and written."""
from mta.base.limits import LIMITS, Limits
from mta.report.aggregate import AggregateReport
from mta.report.badreport import BadReport


def parse(octets: bytes, limits: Limits = LIMITS) -> AggregateReport:
    """The report in octets, unpacked already; BadReport says why it is none."""
    raise BadReport("not read yet")


def write(report: AggregateReport) -> bytes:
    """The document, valid against the schema of RFC 9990 §A; ValueError if the report has no rows."""
    raise ValueError("not written yet")
