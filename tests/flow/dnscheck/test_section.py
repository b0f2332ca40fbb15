"""mta.flow.dnscheck.section: what a part of a check is."""
from mta.base.names import Domain
from mta.dns.answer import Answer, Outcome, RecordType
from mta.flow.dnscheck import Means, Section
from mta.flow.dnscheck.section import listed
from mta.flow.records import Record
from mta.flow.world import World


def test_verdicts() -> None:
    """The gravest of what was found."""
    found = Section("SPF")
    assert found.verdict == "good"
    assert found.silent(Answer(Domain("a.test"), RecordType.TXT, Outcome.TROUBLE, error="SERVFAIL"))
    assert (found.verdict, found.unknown) == ("not known", ["The DNS does not say what is at a.test (TXT): SERVFAIL."])
    assert not found.silent(Answer(Domain("a.test"), RecordType.TXT, Outcome.EMPTY))
    found.warn("a")
    assert found.verdict == "could be better"
    found.error("b", Record("a.test.", "MX", "10 b.test.", ""), "c.test. A 192.0.2.1")
    found.error("c", "c.test. A 192.0.2.1")
    assert (found.verdict, found.records) == ("wrong", ["a.test. MX 10 b.test.", "c.test. A 192.0.2.1"])
    assert found.as_row()["errors"] == ["b", "c"]


def test_many_names() -> None:
    """A sentence stays one."""
    assert listed(["a", "b"]) == "a, b"
    assert listed(range(9)) == "0, 1, 2, 3, 4, 5 and 3 more"


async def test_the_means_of_a_server(world: World) -> None:
    """Everything is there, and name servers are asked by themselves."""
    means = Means.usual(world)
    assert means.resolver is world.resolver
    assert None not in (means.authority, means.trust, means.https)
