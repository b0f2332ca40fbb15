"""How a mail that carries a report is named: its subject, and the file in it.

DMARC and TLS reports are named alike, so that whoever gets them can sort, recognise what
came twice, and ignore the rest.

Standards: RFC 9990 §3.5.2 (DMARC), RFC 8460 §5.1 (file), §5.3 (subject).
"""
import re
from typing import Final

from mta.base.names import Domain

#: RFC 9990 §3.5.2 and RFC 8460 §5.1: ALPHA / DIGIT.
UNIQUE: Final = re.compile(r"[A-Za-z0-9]*")
#: RFC 9990 §3.5.1, ridfmt: dot-atom-text, perhaps an at sign and another one (RFC 5322 §3.2.3).
ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
REPORT_ID: Final = re.compile(rf"{ATOM}(\.{ATOM})*(@{ATOM}(\.{ATOM})*)?")


def file_name(submitter: Domain, policy_domain: Domain, begin: int, end: int, extension: str, unique: str = "") -> str:
    """The name of the attached file; begin and end are seconds since 1970, extension is like "xml.gz" or "json.gz".

    unique tells apart several reports of one period.  A report that is sent again keeps its
    name (RFC 9990 §3.5.2).  ValueError if unique is more than letters and digits.
    """
    if not UNIQUE.fullmatch(unique):
        raise ValueError(f"{unique!r} has more than letters and digits")
    parts = [submitter.ascii, policy_domain.ascii, str(begin), str(end), *([unique] if unique else [])]
    return f"{'!'.join(parts)}.{extension}"


def subject(policy_domain: Domain, submitter: Domain, report_id: str) -> str:
    """The subject, not folded yet; ValueError if report_id cannot stand in it.

    RFC 8460 §5.3 wants an at sign in the id, RFC 9990 §3.5.1 leaves that open.
    """
    if not REPORT_ID.fullmatch(report_id):
        raise ValueError(f"{report_id!r} is not of the form that a Report-ID has")
    return f"Report Domain: {policy_domain.ascii} Submitter: {submitter.ascii} Report-ID: <{report_id}>"
