"""mta.flow.records: what goes into a domain's zone."""
from mta.flow import people, records, reportaddresses
from mta.flow.world import World


def test_records(served: World) -> None:
    """Mail comes here (MX), ours is believed (SPF, DKIM for both keys, DMARC), reports come; names and values are in A-labels."""
    row = people.add_domain(served, "bücher.example", by="a test")
    found = records.records(served, row)
    assert [(record.name, record.kind) for record in found[:4]] == [
        ("xn--bcher-kva.example.", "MX"), ("xn--bcher-kva.example.", "TXT"), ("_dmarc.xn--bcher-kva.example.", "TXT"),
        ("_smtp._tls.xn--bcher-kva.example.", "TXT")]
    assert found[0].value == "10 mx.example.org."
    assert found[2].value == '"v=DMARC1; p=quarantine; rua=mailto:dmarc-reports@xn--bcher-kva.example"'
    assert found[3].value == '"v=TLSRPTv1; rua=mailto:tls-reports@xn--bcher-kva.example"'
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


def test_report_addresses(served: World) -> None:
    """As chosen, with what has a meaning in a record percent-encoded; another organisation agrees; what is not wanted is not there."""
    row = people.add_domain(served, "far.example", by="a test")
    reportaddresses.set_for_domain(served, "far.example", dmarc="rep!orts&all@Example.org", tls="", by="a test")
    found = {record.name: record.value for record in records.records(served, row)}

    assert found["_dmarc.far.example."] == '"v=DMARC1; p=none; rua=mailto:rep%21orts%26all@example.org"'
    assert found["far.example._report._dmarc.example.org."] == '"v=DMARC1;"'
    # Nothing of it is here but its reports: its mail is none of our business.
    assert len(found) == 2
    people.add_address(served, "ann", "ann@far.example", by="a test")
    whole = {(record.name, record.kind): record.value for record in records.records(served, row)}
    assert whole["far.example.", "MX"] == "10 mx.example.org."
    assert "p=quarantine; rua" in whole["_dmarc.far.example.", "TXT"]
    reportaddresses.set_for_domain(served, "far.example", dmarc=" ", by="a test")
    assert ("_dmarc.far.example.", "TXT", '"v=DMARC1; p=quarantine"') in [
        (record.name, record.kind, record.value) for record in records.records(served, row)]


def test_records_of_the_host(served: World) -> None:
    """It has its own address for reports about TLS, or none."""
    assert [(record.name, record.value) for record in records.of_host(served)] == [
        ("_smtp._tls.mx.example.org.", '"v=TLSRPTv1; rua=mailto:tls-reports@mx.example.org"')]
    reportaddresses.set_for_host(served, "", by="a test")
    assert records.of_host(served) == []
