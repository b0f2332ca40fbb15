"""mta.flow.ownpolicy: what our own policies say, and where they are read."""
import pytest

from mta.base.errors import UserError
from mta.base.names import Domain
from mta.flow import ownpolicy, people, records
from mta.flow.world import World
from mta.secure.mtasts import Mode, Policy, parse_policy, parse_record

BY = "a test"


def test_a_domain_has_none_unless_somebody_wants_it(served: World) -> None:
    """No policy, no page, no records."""
    row = people.domain(served, "example.org")
    assert ownpolicy.policy(served, row) is None
    assert ownpolicy.page(served, "mta-sts.example.org") is None
    assert not [one for one in records.records(served, row) if "sts" in one.name]


def test_a_policy(served: World) -> None:
    """Names this host first; others read just what we meant, and its record."""
    mx = "MX2.Bücher.example., *.backup.example mx.example.org"
    row = people.set_policy(served, "example.org", mode="enforce", max_age=86_400, mx=mx, by=BY)
    policy = ownpolicy.policy(served, row)
    assert policy == Policy(Mode.ENFORCE, 86_400, ("mx.example.org", "mx2.xn--bcher-kva.example", "*.backup.example"))
    page = ownpolicy.page(served, "mta-sts.example.org")
    assert page is not None
    assert parse_policy(page) == policy
    assert page.endswith("\r\n")
    assert policy.allows(served.config.hostname)
    alias, text = [one for one in records.records(served, row) if "sts" in one.name]
    assert (alias.name, alias.kind, alias.value) == ("mta-sts.example.org.", "CNAME", "mx.example.org.")
    assert (text.name, text.kind) == ("_mta-sts.example.org.", "TXT")
    assert parse_record([text.value.strip('"')]) == ownpolicy.record(policy)


def test_the_id_changes_with_the_policy(served: World) -> None:
    """Each policy has its own, the same again for the same."""
    seen = []
    for change in ({"mode": "testing"}, {"mode": "enforce"}, {"max_age": 1_000}, {"mx": "a.example"}, {"mx": ""}, {"mode": "none"}):
        policy = ownpolicy.policy(served, people.set_policy(served, "example.org", by=BY, **change))
        assert policy is not None
        seen.append(ownpolicy.record(policy).id)
    assert seen[2] == seen[4]
    assert len(set(seen)) == 5
    assert all(id.isalnum() and len(id) <= 32 for id in seen)


def test_mode_none_binds_nobody(served: World) -> None:
    """It ends an earlier policy, and needs no hosts; off is no policy at all."""
    people.set_policy(served, "example.org", mode="none", mx="a.example", by=BY)
    assert ownpolicy.page(served, "mta-sts.example.org") == "version: STSv1\r\nmode: none\r\nmax_age: 604800\r\n"
    people.set_policy(served, "example.org", mode="off", by=BY)
    assert ownpolicy.page(served, "mta-sts.example.org") is None


@pytest.mark.parametrize(("host", "there"), [
    ("mta-sts.example.org", True), ("MTA-STS.Example.ORG", True), ("mta-sts.example.org.", True), ("mta-sts.example.org:443", True),
    ("mta-sts.example.org.:8443", True), ("example.org", False), ("mta-sts.example.net", False), ("mta-sts.sub.example.org", False),
    ("x.mta-sts.example.org", False), ("mta-sts", False), ("", False), (":", False), ("[::1]:443", False), ("192.0.2.1", False),
    ("mta-sts.example.org@x", False), ("mta-sts.example.org\r\n", True), ("mta-sts..example.org", False), ("\0", False),
    ("a" * 9_000, False),
])
def test_the_host_decides(served: World, host: str, there: bool) -> None:
    """Whatever its case, port and last dot; nobody else's name gets a policy."""
    people.set_policy(served, "example.org", mode="testing", by=BY)
    assert (ownpolicy.page(served, host) is not None) == there


def test_international_domains(served: World) -> None:
    """The Host is in A-labels, as browsers and servers send it."""
    people.add_domain(served, "bücher.example", by=BY)
    people.set_policy(served, "bücher.example", mode="testing", by=BY)
    assert ownpolicy.page(served, "mta-sts.xn--bcher-kva.example") is not None


def test_a_domain_that_is_switched_off_keeps_its_policy(served: World) -> None:
    """Others would only see it come and go."""
    people.set_policy(served, "example.org", mode="enforce", by=BY)
    people.set_domain(served, "example.org", enabled=False, by=BY)
    assert ownpolicy.page(served, "mta-sts.example.org") is not None


@pytest.mark.parametrize(("change", "said"), [
    ({"mode": "hard"}, "off, none, testing, enforce"), ({"max_age": 0}, "max_age"), ({"max_age": 31_557_601}, "31557600"),
    ({"mx": "a.example, b..example"}, "'b..example' is no host"), ({"mx": "*"}, "is no host"), ({"mx": "a.*.example"}, "is no host"),
    ({"mx": " ".join(f"host-number-{number}.example" for number in range(300))}, "more hosts"),
])
def test_what_cannot_be_published(served: World, change: dict[str, str], said: str) -> None:
    """The text says what to change; nothing was."""
    before = people.domain(served, "example.org")
    with pytest.raises(UserError) as problem:
        people.set_policy(served, "example.org", by=BY, **change)    # type: ignore[arg-type]  # a table
    assert said in str(problem.value)
    assert people.domain(served, "example.org") == before
    assert before.domain == Domain("example.org")
