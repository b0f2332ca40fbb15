"""DMARC records, From fields and Authentication-Results of strangers.

Invariant: whatever the text, nothing raises; a policy follows only from a finished
evaluation; no question is asked twice, and no more than bounds allow; what is written of
results is one field that reads back the same.
"""
import asyncio

from hypothesis import example, given
from hypothesis import strategies as some

from mta.auth import results
from mta.auth.author import author
from mta.auth.dmarc import evaluate_author
from mta.auth.dmarcrecord import DmarcRecord, Policy, parse
from mta.auth.results import Method, Property
from mta.auth.status import Status
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.dns.zone import Zone
from mta.message import header
from tests.auth.test_dmarc import Checked
from tests.fuzz.effort import tries

TIME = tries(200)
TAGS = some.sampled_from([
    "v=DMARC1", ";", "; ", "p=reject", "p=none", "p=", "sp=quarantine", "np=reject", "np=x", "psd=y", "psd=n", "t=y", "adkim=s", "aspf=s",
    "rua=", "ruf=", "mailto:a@example.org", "https://x", "!10m", "!", ",", "fo=", "0", "1", ":", "d", "=", " ", "\t", "%", "%41", "é", "\0",
])
RECORD = some.lists(some.one_of(TAGS, some.text(max_size=3)), max_size=20).map("".join)
SOUND = some.lists(TAGS.filter(lambda tag: len(tag) > 3), max_size=6).map(lambda tags: "; ".join(["v=DMARC1", *tags]))
NAMES = some.lists(some.sampled_from(["a", "b", "example", "org", "com", "_x"]), min_size=1, max_size=10).map(".".join)
WORDS = some.sampled_from(["TIMEOUT", "SERVFAIL", "BOGUS", "A 192.0.2.1", "CNAME example.org", "CNAME nowhere.com"])


@TIME
@given(some.one_of(RECORD, SOUND))
def test_any_text_is_a_record_or_not(text: str) -> None:
    """A record is bounded, and asks for nothing unless it says so."""
    record = parse(text)
    if record is None:
        return
    assert record.usable or record.policy is Policy.NONE
    assert len(record.rua) <= LIMITS.dmarc_uris
    assert all(uri.uri in text for uri in record.rua + record.ruf)
    assert isinstance(parse(f"{text};new=x"), DmarcRecord) == (len(text) + 6 <= LIMITS.dmarc_record)


@TIME
@given(
    some.lists(some.tuples(NAMES, some.one_of(SOUND, RECORD)), max_size=6), some.lists(some.tuples(NAMES, WORDS), max_size=4),
    some.lists(NAMES, max_size=3), some.lists(some.tuples(some.sampled_from(Status), NAMES), max_size=4))
@example([("example.org", "v=DMARC1; p=reject")], [("_dmarc.org", "SERVFAIL")], ["example.org"], [(Status.PASS, "com.org")])
def test_any_world_has_a_result(
        records: list[tuple[str, str]], others: list[tuple[str, str]], authors: list[str], checks: list[tuple[Status, str]]) -> None:
    """The invariant, over small worlds of few names."""
    zone = Zone()
    for name, text in records:
        zone.add(f"_dmarc.{name} TXT " + '"' + "".join(f"\\{octet:03}" for octet in text.encode("utf-8", "replace")) + '"')
    for name, what in others:
        zone.add(f"{name} {what}")
    message = header.parse(f"From: {', '.join(f'a@{name}' for name in authors)}\r\n\r\n".encode())
    given_checks = [Checked(status, Domain(name)) for status, name in checks]
    spf = given_checks.pop() if given_checks else None
    result = asyncio.run(evaluate_author(author(message), spf, given_checks, zone))

    assert result.policy is Policy.NONE or result.status in (Status.PASS, Status.FAIL)
    assert (result.record is not None) or result.status not in (Status.PASS, Status.FAIL)
    assert (result.status is Status.PASS) <= bool(result.aligned_spf or result.aligned_dkim)
    assert result.questions == len(zone.questions) == len(set(zone.questions))
    assert result.questions <= len(authors) * (8 + 1) + 8 * len(checks)
    passed = {domain.ascii for domain in result.aligned_spf + result.aligned_dkim}
    assert passed <= {name for status, name in checks if status is Status.PASS}


FIELDS = some.lists(some.one_of(some.sampled_from([
    "mx.example.org", ";", " ", "spf", "=", "pass", "none", "reason", ".", "smtp", "mailfrom", "a@b.example", "@b", '"', "\\", "(", ")", "/",
    "1", "2", "\t", "\r\n ", "é", "\0", "=?utf-8?q?x?=", "'", "header.from=example.org", "dmarc=fail ",
]), some.text(max_size=3)), max_size=40).map("".join)


@TIME
@given(FIELDS)
def test_any_field_is_read(text: str) -> None:
    """Statements that were read can be written, and read back the same."""
    read = results.read(text)
    for found in header.parse(f"Authentication-Results: {text}\r\n\r\n".encode("utf-8", "replace")).fields:
        assert results.forged([found], Domain("mx.example.org")) in ([], [found])
    assert read.problem or read.by
    again = results.read(results.payload(Domain("example.org"), read.methods, utf8=True).replace("\r\n", ""))
    assert [(one.method, one.status, one.version) for one in again.methods] == [
        (one.method, one.status, one.version) for one in read.methods]
    assert not again.problem


@TIME
@given(some.lists(some.builds(
    Method, some.sampled_from(["spf", "dkim", "x-new"]), some.sampled_from(Status), some.text(), some.text(),
    some.lists(some.builds(Property, some.just("smtp"), some.just("mailfrom"), some.text()), max_size=3).map(tuple)), max_size=4))
def test_any_text_of_strangers_can_be_written(methods: list[Method]) -> None:
    """Values come back as they were, but for what may not stand in a field; there is never more than one field."""
    written = results.field(Domain("mx.example.org"), methods, utf8=True)
    fields = header.parse(written + b"\r\n").fields
    read = results.read(fields[0].raw.decode().replace("\r\n", ""))

    assert len(fields) == 1
    assert (read.by, read.problem) == ("mx.example.org", "")
    kept = [[header.clean(one.value[:LIMITS.results_value]).encode("utf-8", "replace").decode() for one in method.properties]
            for method in methods]
    assert [[one.value for one in method.properties] for method in read.methods] == kept
