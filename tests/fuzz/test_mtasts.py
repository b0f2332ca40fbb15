"""Records and policies of strangers.

Invariant: whatever the text, nothing raises but BadPolicy; a policy that is read is
bounded, can be written and reads back the same, and adding what is unknown changes nothing.
"""
from hypothesis import example, given
from hypothesis import strategies as some

from mta.base.names import Domain
from mta.secure.mtasts import LONGEST, BadPolicy, Mode, parse_policy, parse_record, record_problem
from tests.fuzz.effort import tries

TIME = tries(300)
RECORD = some.lists(some.one_of(some.sampled_from(["v=STSv1", ";", "; ", "id=", "id=1", "a", "=", "x=y", " ", "\t", "é", "\0", "-"]),
                                some.text(max_size=3)), max_size=12).map("".join)
POLICY = some.lists(some.one_of(some.sampled_from([
    "version: STSv1\n", "mode: enforce\r\n", "mode: none\n", "mode:", "max_age: 86400\n", "max_age:", "9", "mx: *.example.org\n", "mx:", "*.",
    "a.example", "\n", "\r", "\r\n", ":", " ", "new: thing\n", "é", "\0", "xn--", ".",
]), some.text(max_size=3)), max_size=20).map("".join)
SOUND = some.permutations(["version: STSv1\n", "mode: testing\n", "max_age: 1\n", "mx: a.example\n", "mx: *.b.example\r\n", "x: y\n"]).map("".join)


@TIME
@given(some.lists(RECORD, max_size=3))
@example(["v=STSv1; id=1"])
def test_any_records(texts: list[str]) -> None:
    """There is one or there is none; one that counts has a sound id and nothing wrong."""
    found = parse_record(texts)
    assert found is None or (found.id.isascii() and found.id.isalnum() and len(found.id) <= 32)
    assert not (found and record_problem(texts))


@TIME
@given(some.one_of(POLICY, SOUND, some.binary(max_size=100)), some.sampled_from(["mx.example.org", "example", "a.b.example", "org"]))
def test_any_policy(text: str | bytes, host: str) -> None:
    """The invariant."""
    try:
        policy = parse_policy(text)
    except BadPolicy:
        return
    assert 0 <= policy.max_age <= LONGEST
    assert policy.mx or policy.mode is Mode.NONE
    assert parse_policy("\r\n".join(policy.lines)) == policy
    assert isinstance(text, str)
    assert parse_policy(f"{text}\nnew-thing: value\n") == policy
    named = Domain.parse(host)
    wildcard = "*." + host.partition(".")[2]
    assert policy.allows(named) == (host in policy.mx or wildcard in policy.mx)
