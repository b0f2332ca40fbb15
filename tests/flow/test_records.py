"""mta.flow.records: what goes into a domain's zone."""
from mta.flow import people, records
from mta.flow.world import World


def test_records(served: World) -> None:
    """Mail comes here (MX), ours is believed (SPF, DKIM for both keys, DMARC); names and values are in A-labels."""
    row = people.add_domain(served, "bücher.example", by="a test")
    found = records.records(served, row)
    assert [(record.name, record.kind) for record in found[:3]] == [
        ("xn--bcher-kva.example.", "MX"), ("xn--bcher-kva.example.", "TXT"), ("_dmarc.xn--bcher-kva.example.", "TXT")]
    assert found[0].value == "10 mx.example.org."
    assert {record.name.partition("._domainkey.")[2] for record in found[3:]} == {"xn--bcher-kva.example."}
    assert all(record.value.isascii() and record.why for record in found)


def test_long_texts_are_cut() -> None:
    """A string of a TXT record has at most 255 octets (RFC 1035 §3.3.14)."""
    assert records.quoted("a" * 300) == f'"{"a" * 255}" "{"a" * 45}"'
    assert records.quoted("short") == '"short"'
