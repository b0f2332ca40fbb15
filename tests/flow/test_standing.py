"""mta.flow.standing: which records are there, and what stands in their place."""
import pytest

from mta.dns.zone import Zone
from mta.flow.records import Record
from mta.flow.standing import Standing, State, compare, counts

CASES: list[tuple[str, str, str, str, State, tuple[str, ...]]] = [
    # what is there, wanted: name, type, value; how it stands, and what is shown
    ("a.test MX 10 mx.a.test.", "a.test.", "MX", "10 mx.a.test.", "right", ()),
    ("a.test MX 20 mx.a.test.", "a.test.", "MX", "10 mx.a.test.", "differs", ("20 mx.a.test.",)),
    ("a.test MX 10 mx.a.test.\na.test MX 20 old.test.", "a.test.", "MX", "10 mx.a.test.", "differs", ("10 mx.a.test.", "20 old.test.")),
    ("", "a.test.", "MX", "10 mx.a.test.", "missing", ()),
    ("a.test SERVFAIL", "a.test.", "MX", "10 mx.a.test.", "unknown", ()),
    # Texts of others stay; those about the same thing are rivals; space around semicolons means nothing.
    ('a.test TXT "v=spf1 mx -all"\na.test TXT "verify=1"', "a.test.", "TXT", '"v=spf1 mx -all"', "right", ()),
    ('a.test TXT "v=spf1 -all"\na.test TXT "verify=1"', "a.test.", "TXT", '"v=spf1 mx -all"', "differs", ('"v=spf1 -all"',)),
    ('a.test TXT "v=spf1 mx -all"\na.test TXT "v=spf1 -all"', "a.test.", "TXT", '"v=spf1 mx -all"', "differs",
     ('"v=spf1 mx -all"', '"v=spf1 -all"')),
    ('a.test TXT "verify=1"', "a.test.", "TXT", '"v=spf1 mx -all"', "missing", ()),
    ('_dmarc.a.test TXT "v=DMARC1;p=none"', "_dmarc.a.test.", "TXT", '"v=DMARC1; p=none"', "right", ()),
    # Addresses, authorities and keys of others may stand beside ours.
    ("a.test A 192.0.2.1\na.test A 192.0.2.2", "a.test.", "A", "192.0.2.1", "right", ()),
    ("a.test A 192.0.2.2", "a.test.", "A", "192.0.2.1", "differs", ("192.0.2.2",)),
    ('a.test CAA 0 issue "x.test"\na.test CAA 0 issue "y.test"', "a.test.", "CAA", '0 issue "x.test"', "right", ()),
    ("auto.a.test CNAME mx.a.test.", "auto.a.test.", "CNAME", "mx.a.test.", "right", ()),
    ("_imap._tcp.a.test SRV 0 1 143 mx.a.test.", "_imap._tcp.a.test.", "SRV", "0 0 0 .", "differs", ("0 1 143 mx.a.test.",)),
]


@pytest.mark.parametrize(
    ("there", "name", "kind", "value", "state", "shown"), CASES,
    ids=[f"{case[2]}-{case[4]}-{number}" for number, case in enumerate(CASES)])
async def test_one_record(there: str, name: str, kind: str, value: str, state: State, shown: tuple[str, ...]) -> None:
    """How it stands, and what has to be replaced."""
    [found] = await compare([Record(name, kind, value, "why")], Zone(there))
    assert (found.state, found.there) == (state, shown)
    assert bool(found.said) is (state == "unknown")


async def test_each_question_once() -> None:
    """Two texts of one name are one question."""
    zone = Zone('a.test TXT "v=spf1 mx -all"')
    await compare([Record("a.test.", "TXT", '"v=spf1 mx -all"', ""), Record("a.test.", "TXT", '"other"', "")], zone)
    assert zone.questions == [("a.test", "TXT")]


def test_what_is_optional_does_not_count() -> None:
    """Of what is needed, how much is there."""
    needed, optional = Record("a.test.", "A", "192.0.2.1", ""), Record("a.test.", "CAA", '0 issue "x"', "", optional=True)
    assert counts([Standing(needed, "right"), Standing(needed, "missing"), Standing(optional, "missing")]) == (1, 2)
