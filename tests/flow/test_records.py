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
    assert [record.name.partition("._domainkey.")[2] for record in found if "._domainkey." in record.name] == ["xn--bcher-kva.example."] * 2
    assert all(record.value.isascii() and record.why for record in found)


def test_records_for_mail_programs(served: World) -> None:
    """Where they find their settings; the services that there are and those that there are not, each to the host itself."""
    found = {record.name.removesuffix(".example.org."): (record.kind, record.value)
             for record in records.records(served, people.domain(served, "example.org"))}
    assert found["autoconfig"] == ("CNAME", "mx.example.org.")
    assert found["_autodiscover._tcp"] == ("SRV", "0 1 443 mx.example.org.")
    assert found["_submissions._tcp"] == ("SRV", "0 1 465 mx.example.org.")
    assert found["_imaps._tcp"] == ("SRV", "0 0 0 .")


def test_long_texts_are_cut() -> None:
    """A string of a TXT record has at most 255 octets (RFC 1035 §3.3.14)."""
    assert records.quoted("a" * 300) == f'"{"a" * 255}" "{"a" * 45}"'
    assert records.quoted("short") == '"short"'
