"""DMARC aggregate reports as XML, read and written.

Reading is generous: reports come from many programs, of three editions of the format
(the drafts before RFC 7489, that, RFC 9990), and an owner would rather have a report with
an odd corner than none.  What had to be overlooked is named in `problems`.  What cannot
be counted is refused: no period, no policy domain, no id, no row that has an address and
a number.  Writing is strict: what the schema of RFC 9990 does not have is not written.

Standards: RFC 9990 §3.1.1 (elements), §A (schema), RFC 7489 §7.2 and its appendix C.

Read on: mta.report.xmlreader reads the XML, mta.report.aggregate has the report itself.
"""
import re
from collections.abc import Iterator, Sequence
from typing import Final

from mta.base.errors import BadName
from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain, ip_address
from mta.message.header import clean
from mta.report.aggregate import (
    DISPOSITIONS,
    DKIM_RESULTS,
    OVERRIDES,
    SPF_RESULTS,
    AggregateReport,
    DkimSeen,
    Metadata,
    Override,
    Published,
    Row,
    SpfSeen,
)
from mta.report.badreport import BadReport
from mta.report.xmlmending import escaped
from mta.report.xmlreader import Element, Shape, read

#: RFC 9990 §3.1.1.1.
NAMESPACE: Final = "urn:ietf:params:xml:ns:dmarc-2.0"
ROOT: Final = "feedback"
ROW: Final = "record"
_IDENTIFIERS: Final[Shape] = dict.fromkeys(("header_from", "envelope_from", "envelope_to"))
_DKIM: Final[Shape] = dict.fromkeys(("domain", "selector", "result", "human_result"))
_SPF: Final[Shape] = dict.fromkeys(("domain", "scope", "result", "human_result"))
#: RFC 9990 §3.1.1.2 to §3.1.1.14, and pct of RFC 7489; the first drafts called the identifiers identities.
SHAPE: Final[Shape] = {
    "version": None,
    "report_metadata": {
        **dict.fromkeys(("org_name", "email", "extra_contact_info", "report_id", "error", "generator")),
        "date_range": dict.fromkeys(("begin", "end"))},
    "policy_published": dict.fromkeys(
        ("domain", "p", "sp", "np", "adkim", "aspf", "fo", "testing", "discovery_method", "pct")),
    ROW: {
        "row": {"source_ip": None, "count": None, "policy_evaluated": {
            **dict.fromkeys(("disposition", "dkim", "spf")), "reason": dict.fromkeys(("type", "comment"))}},
        "identifiers": _IDENTIFIERS,
        "identities": _IDENTIFIERS,
        "auth_results": {"dkim": _DKIM, "spf": _SPF},
    },
}
#: Twelve digits are 31,000 years, or more mail than there is; some programs write fractions.
NUMBER: Final = re.compile(r"\+?([0-9]{1,12})(?:\.[0-9]*)?")
POLICIES: Final = ("none", "quarantine", "reject")
#: Words of older drafts, and of programs that know their own: RFC 7489 appendix C names the first two.
OLDER: Final = {"unknown": "permerror", "error": "temperror", "hardfail": "fail", "soft-fail": "softfail", "hard-fail": "fail",
                "invalid": "permerror", "softpass": "neutral"}

#: Overrides of RFC 7489 §7.2 that RFC 9990 §3.1.6 has another word for.
SUCCESSORS: Final = {"forwarded": "trusted_forwarder", "sampled_out": "other"}


def parse(octets: bytes, limits: Limits = LIMITS) -> AggregateReport:
    """The report in octets, unpacked already; BadReport says why it is none.

    The largest that there may be takes two seconds of processor time: not for a loop that
    others wait for.
    """
    if not octets.strip():
        raise BadReport("it is empty")
    problems = _Problems(limits.report_problems)
    root, converted, damage = read(octets, ROOT, SHAPE, ROW, _Rows(problems).row, limits)
    if damage:
        problems.add(f"the XML is damaged and was mended: {damage}")
    metadata = _metadata(_below(root, "report_metadata"), problems)
    policy = _policy(_below(root, "policy_published"), problems)
    rows = tuple(row for row in converted if row is not None)
    if not rows:
        raise BadReport("it has no row that could be counted" if converted else "it has no rows")
    return AggregateReport(metadata, policy, rows, _text(root, "version"), tuple(problems))


def write(report: AggregateReport) -> bytes:
    """The document, valid against RFC 9990's schema, readable by those who know only RFC 7489's.

    What the schema has no word for is left out or replaced: overrides of RFC 7489, the SPF
    result of HELO (RFC 9990 §3.1.1.13), results beyond the number that RFC 9990 §3.1.3
    wants.  ValueError if there are no rows, or a word that no edition has.
    """
    if not report.rows:
        raise ValueError("a report has at least one row (RFC 9990 §3.1.1.2)")
    return "".join(_document(report)).encode()


class _Problems(list[str]):
    """What was overlooked: each once, and not without end."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def add(self, text: str) -> None:
        if len(self) < self.most and text not in self:
            self.append(text)


def _metadata(element: Element, problems: _Problems) -> Metadata:
    period = _below(element, "date_range")
    begin, end = _number(_text(period, "begin")), _number(_text(period, "end"))
    if begin is None or end is None:
        raise BadReport("it does not say which period it is about")
    if end < begin:
        raise BadReport("its period ends before it begins")
    report_id = _text(element, "report_id").strip("<> ")
    if not report_id:
        raise BadReport("it has no id")
    org_name, email = _text(element, "org_name"), _text(element, "email")
    if not org_name:
        org_name = email.rpartition("@")[2]
        problems.add("it does not say who reports")
    if not org_name:
        raise BadReport("it does not say who reports, and has no address of them")
    errors = tuple(text for text in _texts(element, "error") if text)
    return Metadata(org_name, email, report_id, begin, end, _text(element, "extra_contact_info"), errors, _text(element, "generator"))


def _policy(element: Element, problems: _Problems) -> Published:
    written = _text(element, "domain")
    try:
        domain = Domain.parse(written)
    except BadName:
        raise BadReport(f"it names no domain whose policy it is about, but {written[:80]!r}" if written else
                        "it names no domain whose policy it is about") from None
    policy = _word(element, "p", POLICIES)
    if not policy:
        problems.add("it does not say what the policy asks for")
    testing = _word(element, "testing", ("y", "n"))
    return Published(
        domain, policy, _word(element, "sp", POLICIES), _word(element, "np", POLICIES), _word(element, "adkim", ("r", "s")),
        _word(element, "aspf", ("r", "s")), _text(element, "fo")[:20].lower(), None if not testing else testing == "y",
        _word(element, "discovery_method", ("psl", "treewalk")), _number(_text(element, "pct")))


class _Rows:
    """Rows out of their elements."""

    def __init__(self, problems: _Problems) -> None:
        self.problems = problems

    def row(self, element: Element, number: int) -> Row | None:
        """The row, None if it cannot be counted."""
        row = _below(element, "row")
        evaluated = _below(row, "policy_evaluated")
        address, count = _text(row, "source_ip"), _number(_text(row, "count"))
        try:
            source_ip = ip_address(address.removeprefix("[").removesuffix("]"))
        except BadName:
            self.problems.add(f"row {number} is left out: {address[:60]!r} is no IP address")
            return None
        if count is None:
            self.problems.add(f"row {number} is left out: it does not say of how many messages it is")
            return None
        disposition = _word(evaluated, "disposition", DISPOSITIONS)
        if not disposition:
            self.problems.add(f"row {number} does not say what became of the messages")
        identifiers = _below(element, "identifiers") or _below(element, "identities")
        results = _below(element, "auth_results")
        return Row(
            source_ip, count, disposition or "none", _word(evaluated, "dkim", ("pass",)) or "fail",
            _word(evaluated, "spf", ("pass",)) or "fail", _name(_text(identifiers, "header_from")),
            _domain(identifiers, "envelope_from"), _domain(identifiers, "envelope_to"),
            tuple(Override(_text(reason, "type").lower() or "other", _text(reason, "comment")) for reason in _elements(evaluated, "reason")
                  if any(reason.values())),
            tuple(_dkim(result) for result in _elements(results, "dkim") if _text(result, "domain")),
            tuple(_spf(result) for result in _elements(results, "spf") if _text(result, "domain")))


def _dkim(element: Element) -> DkimSeen:
    return DkimSeen(_name(_text(element, "domain")), _text(element, "selector"), _result(element, DKIM_RESULTS),
                    _text(element, "human_result"))


def _spf(element: Element) -> SpfSeen:
    scope = "helo" if _text(element, "scope").lower() == "helo" else "mfrom"
    return SpfSeen(_name(_text(element, "domain")), _result(element, SPF_RESULTS), scope, _text(element, "human_result"))


# --- writing ---------------------------------------------------------------------------------------


def _document(report: AggregateReport) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<{ROOT} xmlns="{NAMESPACE}">\n<version>1.0</version>\n'
    metadata, policy = report.metadata, report.policy
    yield _element("report_metadata", [
        _tag("org_name", metadata.org_name), _tag("email", metadata.email), _optional("extra_contact_info", metadata.extra_contact),
        _tag("report_id", metadata.report_id),
        _element("date_range", [_tag("begin", str(metadata.begin)), _tag("end", str(metadata.end))]),
        _optional("error", "; ".join(metadata.errors)), _optional("generator", metadata.generator)])
    p = _one_of(policy.p or "none", POLICIES)
    sp = _one_of(policy.sp or p, POLICIES)
    yield _element("policy_published", [
        _tag("domain", policy.domain.ascii), _tag("adkim", _one_of(policy.adkim or "r", ("r", "s"))),
        _tag("aspf", _one_of(policy.aspf or "r", ("r", "s"))), _tag("p", p), _tag("sp", sp), _tag("np", _one_of(policy.np or sp, POLICIES)),
        _tag("fo", policy.fo or "0"), _tag("testing", "y" if policy.testing else "n"),
        _optional("discovery_method", policy.discovery_method and _one_of(policy.discovery_method, ("psl", "treewalk")))])
    for row in report.rows:
        yield _record(row)
    yield f"</{ROOT}>\n"


def _record(row: Row) -> str:
    evaluated = [
        _tag("disposition", _one_of(row.disposition, DISPOSITIONS)), _tag("dkim", _one_of(row.dkim, ("pass", "fail"))),
        _tag("spf", _one_of(row.spf, ("pass", "fail"))), *map(_reason, row.reasons[:LIMITS.report_results])]
    identifiers = [_tag("header_from", row.header_from)]
    for name, domain in (("envelope_from", row.envelope_from), ("envelope_to", row.envelope_to)):
        if domain is not None:
            identifiers.append(_tag(name, domain))
    results = [_element("dkim", [
        _tag("domain", one.domain), _tag("selector", one.selector), _tag("result", _one_of(one.result, DKIM_RESULTS)),
        _optional("human_result", one.human)]) for one in row.dkim_results[:LIMITS.report_results]]
    results += [_element("spf", [
        _tag("domain", one.domain), _tag("scope", "mfrom"), _tag("result", _one_of(one.result, SPF_RESULTS)),
        _optional("human_result", one.human)]) for one in [one for one in row.spf_results if one.scope == "mfrom"][:1]]
    return _element(ROW, [
        _element("row", [_tag("source_ip", str(row.source_ip)), _tag("count", str(row.count)), _element("policy_evaluated", evaluated)]),
        _element("identifiers", identifiers), _element("auth_results", results)])


def _reason(reason: Override) -> str:
    kind, comment = reason.kind, reason.comment
    if kind not in OVERRIDES:
        kind, comment = SUCCESSORS.get(kind, "other"), ": ".join(filter(None, (kind, comment)))
    return _element("reason", [_tag("type", kind), _optional("comment", comment)])


def _element(name: str, parts: Sequence[str]) -> str:
    return f"<{name}>\n{''.join(parts)}</{name}>\n"


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escaped(text)}</{name}>\n"


def _optional(name: str, text: str) -> str:
    return _tag(name, text) if text else ""


def _one_of(word: str, allowed: tuple[str, ...]) -> str:
    if word not in allowed:
        raise ValueError(f"{word!r} is not one of {', '.join(allowed)}")
    return word


# --- what an element has ---------------------------------------------------------------------------


def _elements(element: Element, name: str) -> list[Element]:
    return [found for found in element.get(name, ()) if isinstance(found, dict)]


def _below(element: Element, name: str) -> Element:
    """The first element of that name, an empty one if there is none."""
    return next(iter(_elements(element, name)), {})


def _texts(element: Element, name: str) -> list[str]:
    return [clean(found).strip() for found in element.get(name, ()) if isinstance(found, str)]


def _text(element: Element, name: str) -> str:
    """The first text of that name, "" if there is none."""
    return next(iter(_texts(element, name)), "")


def _word(element: Element, name: str, allowed: tuple[str, ...]) -> str:
    """A text that has few values, "" if it is absent or none of them; programs write Pass for pass."""
    word = _text(element, name).lower()
    return word if word in allowed else ""


def _result(element: Element, allowed: tuple[str, ...]) -> str:
    word = _text(element, "result").lower()
    word = OLDER.get(word, word)
    return word if word in allowed else "none"


def _number(text: str) -> int | None:
    found = NUMBER.fullmatch(text)
    return int(found[1]) if found else None


def _name(text: str) -> str:
    """A domain as it is compared, or what stands in its place."""
    try:
        return Domain.parse(text).ascii
    except BadName:
        return text.lower()


def _domain(element: Element, name: str) -> str | None:
    return _name(_text(element, name)) if name in element else None
