"""mta.secure.mtasts: records and policies, good and bad."""
import json

import pytest

from mta.base.names import Domain
from mta.secure.mtasts import LONGEST, BadPolicy, Mode, Policy, Record, parse_policy, parse_record, record_problem
from tests.message.vectors import need

GOOD = "version: STSv1\r\nmode: enforce\r\nmx: mx.example.org\r\nmx: *.mail.example.org\r\nmax_age: 86400\r\n"


@pytest.mark.parametrize(("texts", "id"), [
    (["v=STSv1; id=20300101T000000;"], "20300101T000000"),
    (["v=STSv1;id=a"], "a"),
    (["v=STSv1; \t new.thing=x+/y! ; id=" + "a" * 32 + " ; "], "a" * 32),
    (["v=STSv1; id=first; id=second; id=not-one"], "first"),
    (["v=spf1 -all", "v=STSv1; id=1", "v=STSv10; id=2", "V=STSv1; id=3", " v=STSv1; id=4"], "1"),
    ([], None),
    (["v=STSv1; id=1", "v=STSv1; id=1"], None),
    (["v=STSv1; id=1", "v=STSv1;"], None),
    (["v=STSv1;"], None),
    (["v=STSv1"], None),
    (["v=STSv1 ; id=1"], None),
    (["v=STSv1; id=" + "a" * 33], None),
    (["v=STSv1; id=a-b"], None),
    (["v=STSv1; id=ä"], None),
    (["v=STSv1; ID=1"], None),
    (["v=STSv1; id=1; ; x=y"], None),
    (["v=STSv1; id=1; x"], None),
    (["v=STSv1; id=1; _x=y"], None),
    (["v=STSv1; id=1; " + "x" * 33 + "=y"], None),
    (["v=STSv1; id=1\n"], None),
], ids=range(20))
def test_records(texts: list[str], id: str | None) -> None:
    """RFC 8461 §3.1: just one record, readable, with its id; the first id counts, what is unknown does not matter."""
    assert parse_record(texts) == (Record(id) if id else None)


def test_what_is_wrong_with_a_record() -> None:
    """In words for its owner; nothing is wrong with other people's records."""
    assert record_problem(["v=spf1 -all"]) == record_problem([]) == record_problem(["v=STSv1; id=1", "x"]) == ""
    assert "2 MTA-STS records" in record_problem(["v=STSv1; id=1", "v=STSv1; id=2"])
    assert "cannot be read" in record_problem(["v=STSv1; id=a.b"])
    assert "does not begin with v=STSv1;" in record_problem(["v=STSV1; id=1"])


@pytest.mark.parametrize(("text", "wanted"), [
    (GOOD, Policy(Mode.ENFORCE, 86_400, ("mx.example.org", "*.mail.example.org"))),
    (GOOD.replace("\r\n", "\n"), Policy(Mode.ENFORCE, 86_400, ("mx.example.org", "*.mail.example.org"))),
    (GOOD.removesuffix("\r\n"), Policy(Mode.ENFORCE, 86_400, ("mx.example.org", "*.mail.example.org"))),
    ("max_age:0\nversion:STSv1\nmode:none", Policy(Mode.NONE, 0)),
    ("version: STSv1  \nmode:\ttesting \nmx: MX.Bücher.example.\nmax_age: 9999999999\n\n\n",
     Policy(Mode.TESTING, LONGEST, ("mx.xn--bcher-kva.example",))),
    ("version: STSv1\nversion: STSv2\nmode: testing\nmode: bad\nmx: a.example\nmx: a.example\nmax_age: 1\nmax_age: x\n",
     Policy(Mode.TESTING, 1, ("a.example",))),
    ("version: STSv1\nmode: none\nmax_age: 1\nnew.thing: of any \u00fc kind: with colons\nMX: b.example\n", Policy(Mode.NONE, 1)),
], ids=["crlf", "lf", "no-end", "any-order", "spaces", "twice", "extension"])
def test_policies(text: str, wanted: Policy) -> None:
    """RFC 8461 §3.2, from text and from octets."""
    assert parse_policy(text) == parse_policy(text.encode()) == wanted


@pytest.mark.parametrize(("old", "new", "said"), [
    ("version: STSv1\r\n", "", "no version"), ("STSv1", "stsv1", "version is 'stsv1'"), ("mode: enforce\r\n", "", "no mode"),
    ("enforce", "Enforce", "mode is 'Enforce'"), ("max_age: 86400", "", "no max_age"), ("86400", "-1", "max_age"),
    ("86400", "86400.0", "max_age"), ("86400", "12345678901", "max_age"), ("86400", "\u0661", "max_age"), ("mx:", "max:", "names no mx"),
    ("mode: ", "mode ", "line 2"), ("mode: ", "mode : ", "line 2"), ("mode: ", " mode: ", "line 2"), ("mode: enforce", "mode:", "line 2"),
    ("mx.ex", "*.*.ex", "no host"), ("mx.ex", "m*.ex", "no host"), ("mx.example.org", "*", "no host"),
    ("mx.example", "mx..example", "no host"),
    ("enforce\r\n", "enforce\r", "line 2"), ("enforce", "en\0force", "line 2"),
])
def test_bad_policies(old: str, new: str, said: str) -> None:
    """What is wrong is told."""
    with pytest.raises(BadPolicy) as problem:
        parse_policy(GOOD.replace(old, new))
    assert said in str(problem.value)


def test_a_policy_is_utf_8() -> None:
    """Other octets are no text."""
    with pytest.raises(BadPolicy, match="octet 3 is not UTF-8"):
        parse_policy(b"ver\xff")


@pytest.mark.parametrize(("host", "allowed"), [
    ("mx.example.org", True), ("MX.Example.ORG.", True), ("a.mail.example.org", True), ("mail.example.org", False),
    ("a.b.mail.example.org", False), ("mx2.example.org", False), ("a.mx.example.org", False), ("org", False), ("example.org", False),
])
def test_hosts(host: str, allowed: bool) -> None:
    """RFC 8461 §4.1: names in full, a wildcard for one label and no more."""
    assert parse_policy(GOOD).allows(Domain.parse(host)) is allowed


def test_international_names_are_compared_in_a_labels() -> None:
    """A host in A-labels fits a pattern in either form."""
    policy = Policy(Mode.ENFORCE, 1, ("*.xn--bcher-kva.example",))
    assert policy.allows(Domain.parse("mx.bücher.example"))


def test_a_policy_is_written_as_it_is_read() -> None:
    """Line by line, for reports and for serving our own."""
    policy = parse_policy(GOOD)
    assert policy.lines == ("version: STSv1", "mode: enforce", "mx: mx.example.org", "mx: *.mail.example.org", "max_age: 86400")
    assert parse_policy("\n".join(policy.lines)) == policy


def test_vectors() -> None:
    """Cases by others: what is a record and a policy, and what is not."""
    cases = json.loads((need("records-mox") / "parse-mtasts.json").read_text())
    assert len(cases) > 15
    for case in cases:
        try:
            taken = parse_record([case["input"]]) is not None if case["test"] == "TestRecord" else bool(parse_policy(case["input"]))
        except BadPolicy:
            taken = False
        assert taken == (case["verdict"] == "accept"), case
