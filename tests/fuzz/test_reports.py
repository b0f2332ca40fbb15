"""Reports of strangers: XML, JSON, archives, messages, and the records that ask for reports.

Invariant: whatever the octets, they are a report or refused with a reason, nothing else
is raised; what is read is bounded; what was read can be written, and reads back the same.
"""
import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar
from xml.parsers import expat

from hypothesis import example, given
from hypothesis import strategies as some
from lxml import etree

from mta.auth.dmarcrecord import parse as dmarc_record
from mta.auth.reportaddress import Addressee, addressees
from mta.base.limits import LIMITS
from mta.base.names import Domain, ip_address
from mta.dns.zone import Zone
from mta.message.reporturi import report_uri
from mta.report import arf, dmarcxml, tlsrptjson, unpacking
from mta.report.aggregate import DISPOSITIONS, DKIM_RESULTS, OVERRIDES, SPF_RESULTS, DkimSeen, Override, Row, SpfSeen, merged
from mta.report.badreport import BadReport
from mta.report.compressed import unpack
from mta.report.tlsrptjson import KINDS
from mta.report.xmlmending import mended
from mta.secure.tlsrpt import parse_record
from tests.fuzz.effort import tries
from tests.report.archives import gzipped, zipped
from tests.report.test_arf import WHOLE as FIELDS
from tests.report.test_arf import message as about_one_message
from tests.report.test_dmarcxml import WHOLE
from tests.report.test_foreign import schema
from tests.report.test_tlsrptjson import WHOLE as TLS
from tests.report.test_unpacking import message, multipart, part
from tests.report.written import METADATA, POLICY, ROW

T = TypeVar("T")
TIME = tries(200)
XML_WORDS = some.sampled_from([
    METADATA, POLICY, ROW, "<feedback>", "</feedback>", "<feedback xmlns='urn:x'>", "<record>", "</record>", "<row>", "</row>", "<count>", "</count>",
    "<source_ip>", "::1", "7", "<dkim>", "</dkim>", "<a/>", "<!--", "-->", "<![CDATA[", "]]>", "<?xml version='1.0'?>", "<?xml", "?>", "<!DOCTYPE x>",
    "<!ENTITY", "&amp;", "&x;", "&#0;", "&", "<", ">", "</", "/>", "=", "'", '"', ":", " ", "\n", "\0", "é", "\ud7ff", "\ufffe",
    "<?xml version='1.0' encoding='utf-16'?>", "<?xml version='1.0' encoding='iso-2022-jp'?>"])
XML = some.lists(some.one_of(XML_WORDS, some.text(max_size=4)), max_size=30).map("".join)


def cut(octets: bytes) -> some.SearchStrategy[bytes]:
    """octets with a piece replaced by others, somewhere."""
    return some.tuples(some.integers(0, len(octets)), some.integers(0, 20), some.binary(max_size=20)).map(
        lambda at: octets[:at[0]] + at[2] + octets[at[0] + at[1]:])


def read(reader: Callable[[bytes], T], octets: bytes) -> T | None:
    """What reader makes of octets, None if it refuses them with a reason."""
    reason = ""
    try:
        return reader(octets)
    except BadReport as problem:
        reason = str(problem)
    assert reason
    return None


OURS = dmarcxml.write(WHOLE)


@TIME
@given(some.one_of(
    XML.map(lambda text: text.encode("utf-8", "surrogatepass")), XML.map(lambda text: f"<feedback>{METADATA}{POLICY}{ROW}{text}".encode(
        "utf-8", "surrogatepass")), cut(OURS), some.binary(), XML.map(lambda text: text.encode("utf-16", "surrogatepass"))))
@example(f"<feedback>{METADATA}{POLICY}{ROW}<record>{ROW}".encode())
def test_any_octets_are_an_aggregate_report_or_not(octets: bytes) -> None:
    """The invariant; and rows have what is needed to count them."""
    report = read(dmarcxml.parse, octets)
    if report is None:
        return
    assert report.rows
    assert all(row.count >= 0 and row.disposition in ("none", "pass", "quarantine", "reject") for row in report.rows)
    assert len(report.problems) <= LIMITS.report_problems
    assert len(report.metadata.org_name) <= LIMITS.report_text
    again = dmarcxml.parse(dmarcxml.write(report))
    assert (again.metadata.org_name, again.metadata.report_id) == (report.metadata.org_name, report.metadata.report_id)
    assert [(row.source_ip, row.count, row.dkim, row.header_from) for row in again.rows] == [
        (row.source_ip, row.count, row.dkim, row.header_from) for row in report.rows]
    assert sum(row.count for row in merged(report.rows)) == report.messages


TEXTS = some.text(max_size=8)
ROWS = some.builds(
    Row, some.ip_addresses(), some.integers(0, 10**12 - 1), some.sampled_from(DISPOSITIONS), some.sampled_from(["pass", "fail"]),
    some.sampled_from(["pass", "fail"]), TEXTS, some.none() | TEXTS, some.none() | TEXTS,
    some.lists(some.builds(Override, some.sampled_from([*OVERRIDES, "forwarded", "sampled_out"]), TEXTS), max_size=2).map(tuple),
    some.lists(some.builds(DkimSeen, TEXTS, TEXTS, some.sampled_from(DKIM_RESULTS), TEXTS), max_size=3).map(tuple),
    some.lists(some.builds(SpfSeen, TEXTS, some.sampled_from(SPF_RESULTS), some.sampled_from(["mfrom", "helo"]), TEXTS), max_size=2).map(tuple))


@TIME
@given(TEXTS, TEXTS, TEXTS, some.lists(ROWS, min_size=1, max_size=3))
def test_any_report_can_be_written(org_name: str, error: str, report_id: str, rows: list[Row]) -> None:
    """Whatever strangers' names are in it, it keeps to the schema, and the counts come back."""
    metadata = replace(WHOLE.metadata, org_name=org_name, errors=(error,), report_id=f"x{report_id}")
    written = dmarcxml.write(replace(WHOLE, metadata=metadata, rows=tuple(rows)))

    schema().assertValid(etree.fromstring(written))
    assert [(row.source_ip, row.count, row.disposition) for row in dmarcxml.parse(written).rows] == [
        (ip_address(str(row.source_ip)), row.count, row.disposition) for row in rows]


@TIME
@given(XML)
@example("<!-- -- --><feedback>")
@example("</feedback><feedback>")
def test_what_was_mended_is_well_formed(text: str) -> None:
    """Whatever it was before; if it was mended at all."""
    try:
        found = mended(text, "feedback", LIMITS)
    except BadReport:
        return
    expat.ParserCreate("utf-8").Parse(found.encode(), True)


JSON = some.recursive(
    some.one_of(some.none(), some.booleans(), some.integers(), some.floats(), some.text(max_size=5)),
    lambda inner: some.one_of(some.lists(inner, max_size=3), some.dictionaries(some.sampled_from([
        "policies", "policy", "date-range", "start-datetime", "summary", "policy-type", "x"]), inner, max_size=3)), max_leaves=10)


@TIME
@given(some.one_of(cut(tlsrptjson.write(TLS)), some.binary(), JSON.map(lambda value: repr(value).replace("'", '"').encode("utf-8", "replace"))))
def test_any_octets_are_a_tls_report_or_not(octets: bytes) -> None:
    """The invariant; what was read comes back, but for kinds of policies that there are not."""
    report = read(tlsrptjson.parse, octets)
    if report is None:
        return
    assert report.policies
    assert 0 <= report.begin <= report.end
    if all(policy.kind in KINDS for policy in report.policies):
        again = tlsrptjson.parse(tlsrptjson.write(report))
        assert (again.policies, again.begin, again.end) == (report.policies, report.begin, report.end)


@TIME
@given(some.one_of(
    cut(gzipped(OURS)), cut(zipped(("a.xml", OURS))), cut(zipped(("a", b"<"), ("b", b"<"))), cut(gzipped(zipped(("a", OURS)))),
    some.binary().map(lambda octets: b"PK\x03\x04" + octets), some.binary().map(lambda octets: b"\x1f\x8b" + octets)))
def test_any_archive_is_unpacked_or_not(octets: bytes) -> None:
    """The invariant; and a bound on what comes out."""
    found = read(unpack, octets)
    assert found is None or len(found) <= LIMITS.report_unpacked


@TIME
@given(some.one_of(
    cut(message(multipart(part("text/plain", b"x"), part("application/gzip", gzipped(OURS), "a.xml.gz")))), cut(about_one_message(FIELDS)),
    some.binary(max_size=500)))
def test_any_message_has_reports_or_not(octets: bytes) -> None:
    """The invariant, for what is found in messages and for reports about one."""
    assert read(unpacking.in_file, octets) != []
    report = read(arf.parse, octets)
    assert report is None or (report.kind and len(report.authentication_results) <= LIMITS.report_results)


RECORD = some.lists(some.one_of(some.sampled_from([
    "v=TLSRPTv1", "v=DMARC1", ";", "; ", "rua=", "p=none", "mailto:", "a@b.example", "a@example.org", "https://b.example/", "!10m", "!", ",", " ",
    "\t", "%", "%41", "%2C", "%ff", "é", "\0"]), some.text(max_size=3)), max_size=15).map("".join)


@TIME
@given(RECORD, some.lists(some.tuples(some.sampled_from(["example.org._report._dmarc.b.example", "*.b.example", "_dmarc.example.org"]),
                                      RECORD.map(lambda text: f"v=DMARC1;{text}")), max_size=3))
def test_any_record_names_addresses_or_not(text: str, published: list[tuple[str, str]]) -> None:
    """No address is another place's than the record's or its own owner's; none twice."""
    record = parse_record(f"v=TLSRPTv1;{text}")
    assert record is not None
    assert len({uri.address or uri.uri for uri in record.rua}) == len(record.rua) <= LIMITS.dmarc_uris
    assert parse_record(text) is None or text.startswith("v=TLSRPTv1")
    uri = report_uri(text)
    assert uri is None or (uri.address is not None) == (uri.scheme == "mailto")

    policy = dmarc_record(f"v=DMARC1; p=none; rua={text}")
    if policy is None:
        return
    zone = Zone()
    for name, one in published:
        zone.add(f"{name} TXT " + '"' + "".join(f"\\{octet:03}" for octet in one.encode("utf-8", "replace")) + '"')
    found = asyncio.run(addressees(Domain("example.org"), policy, zone))
    named = {uri.address.domain for uri in policy.rua if uri.address}
    addresses = [one.address for one in found if isinstance(one, Addressee)]
    assert len(addresses) == len(set(addresses))
    assert {address.domain for address in addresses} <= named
    assert len(zone.questions) == len(set(zone.questions))
