"""mta.flow.records: what goes into a domain's zone."""
from dataclasses import replace

import pytest

from mta.base.names import Domain
from mta.config.model import Acme, Clients, Config, Listener, Route, Transport
from mta.dns.master import Reader
from mta.flow import hostkeys, people, records, reportaddresses
from mta.flow.published import There
from mta.flow.world import World
from mta.store import certificates as standings

DIRECTORY = "https://acme-v02.api.letsencrypt.org/directory"


def of(world: World, name: str = "example.org", there: There = records.NOBODY_LOOKED) -> dict[tuple[str, str], str]:
    """The records of a domain by name and type; of several TLSA the last."""
    return {(one.name, one.kind): one.value for one in records.records(world, people.domain(world, name), there)}


def test_records(served: World) -> None:
    """Mail comes here (MX), ours is believed (SPF, DKIM for both keys, DMARC), reports come; names and values are in A-labels."""
    row = people.add_domain(served, "bücher.example", by="a test")
    found = records.records(served, row)
    assert [(record.name, record.kind) for record in found[:4]] == [
        ("xn--bcher-kva.example.", "MX"), ("xn--bcher-kva.example.", "TXT"), ("_dmarc.xn--bcher-kva.example.", "TXT"),
        ("_smtp._tls.xn--bcher-kva.example.", "TXT")]
    assert [one.value for one in found[:4]] == [
        "10 mx.example.org.", '"v=spf1 mx -all"', '"v=DMARC1; p=none; rua=mailto:dmarc-reports@xn--bcher-kva.example"',
        '"v=TLSRPTv1; rua=mailto:tls-reports@xn--bcher-kva.example"']
    assert [record.name.partition("._domainkey.")[2] for record in found if "._domainkey." in record.name] == ["xn--bcher-kva.example."] * 2
    assert all(record.value.isascii() and record.why for record in found)
    assert len({(record.name, record.kind, record.value) for record in found}) == len(found)


def test_the_host_has_records_too(served: World) -> None:
    """SPF for what it calls itself, its own TLSRPT; those of a domain that bears its name are not said twice."""
    found = of(served)
    assert found["mx.example.org.", "TXT"] == '"v=spf1 a -all"'
    assert found["_smtp._tls.mx.example.org.", "TXT"] == '"v=TLSRPTv1; rua=mailto:tls-reports@mx.example.org"'
    people.add_domain(served, "mx.example.org", by="a test")
    same = [(one.name, one.kind) for one in records.records(served, people.domain(served, "mx.example.org"))]
    assert same.count(("mx.example.org.", "TXT")) == same.count(("_smtp._tls.mx.example.org.", "TXT")) == 1


def test_the_policy_of_a_domain(served: World) -> None:
    """Reject only where nobody had mail before; a policy that is there stays, with our address added once."""
    def dmarc(there: There) -> str:
        return of(served, there=there)["_dmarc.example.org.", "TXT"]

    assert dmarc(There(mailed=False)) == '"v=DMARC1; p=reject; rua=mailto:dmarc-reports@example.org"'
    assert dmarc(There(mailed=True)) == dmarc(There()) == '"v=DMARC1; p=none; rua=mailto:dmarc-reports@example.org"'
    kept = dmarc(There(dmarc="v=DMARC1;p=quarantine; rua=mailto:a@else.example!10m ; adkim=s"))
    assert kept == '"v=DMARC1; p=quarantine; rua=mailto:a@else.example!10m,mailto:dmarc-reports@example.org; adkim=s"'
    assert dmarc(There(dmarc=kept.strip('"'))) == kept
    encoded = "v=DMARC1; p=none; rua=mailto:dmarc%2Dreports@EXAMPLE.org"
    assert dmarc(There(dmarc=encoded)) == f'"{encoded}"'
    reportaddresses.set_for_domain(served, "example.org", dmarc="", by="a test")
    assert dmarc(There(mailed=False)) == '"v=DMARC1; p=reject"'
    assert dmarc(There(dmarc="v=DMARC1; p=none")) == '"v=DMARC1; p=none"'


def test_one_spf_record(served: World) -> None:
    """Who may send stays; ours is added; there is one, as strict as the first."""
    def spf(*there: str) -> str:
        return of(served, there=There(spf=there))["example.org.", "TXT"]

    assert spf() == spf("v=spf1 -all") == spf("v=spf1 mx -all") == '"v=spf1 mx -all"'
    assert spf("v=spf1 +mx -all") == '"v=spf1 +mx -all"'
    assert spf("v=spf1 include:_spf.else.example ~all") == '"v=spf1 mx include:_spf.else.example ~all"'
    assert spf("v=spf1 ip4:192.0.2.1 mx ~all", "v=spf1 IP4:192.0.2.1 a -all") == '"v=spf1 ip4:192.0.2.1 mx a ~all"'
    assert spf("v=spf1 redirect=_spf.else.example") == '"v=spf1 mx redirect=_spf.else.example"'
    assert spf('v=spf1 exp=a"b\\c -all') == '"v=spf1 mx exp=a\\"b\\\\c -all"'


@pytest.mark.parametrize(("host", "mechanism"), [
    ("relay.example.net", "a:relay.example.net"), ("192.0.2.9", "ip4:192.0.2.9"), ("2001:db8::9", "ip6:2001:db8::9")])
def test_mail_that_goes_through_another_server(served: World, host: str, mechanism: str) -> None:
    """It sends for the domain."""
    served.config = replace(served.config, transports=(Transport("out", host),), routes=(
        Route(recipient_domain=Domain("b.test"), transport="direct"), Route(sender_domain=Domain("example.org"), transport="out")))
    assert of(served)["example.org.", "TXT"] == f'"v=spf1 mx {mechanism} -all"'
    people.add_domain(served, "other.example", by="a test")
    assert of(served, "other.example")["other.example.", "TXT"] == '"v=spf1 mx -all"'


def test_keys_of_the_host(served: World) -> None:
    """TLSA for both, if DNSSEC vouches for the host's name; no others could count."""
    hostkeys.ensure(served.store, served.clock)
    row = people.domain(served, "example.org")
    assert not [one for one in records.records(served, row, There(signed=False)) if one.kind == "TLSA"]
    found = [one for one in records.records(served, row, There(signed=True)) if one.kind == "TLSA"]
    assert [one.name for one in found] == ["_25._tcp.mx.example.org."] * 2
    assert all(one.value.startswith("3 1 1 ") for one in found)
    assert len({one.value for one in found}) == 2


def test_who_may_issue_certificates(served: World) -> None:
    """The authority that is asked, with our account once there is one; at the domain only if somebody wants it."""
    assert not [one for one in records.records(served, people.domain(served, "example.org")) if one.kind == "CAA"]
    served.config = replace(served.config, acme=Acme(DIRECTORY))
    assert of(served)["mx.example.org.", "CAA"] == '0 issue "letsencrypt.org"'
    account = "https://acme-v02.api.letsencrypt.org/acme/acct/7"
    served.store.write_now(lambda db: standings.add_account(db, served.clock, DIRECTORY, "keys/acme/a.pem"))
    served.store.write_now(lambda db: standings.registered(db, DIRECTORY, account, "", ""))
    found = [one for one in records.records(served, people.domain(served, "example.org")) if one.kind == "CAA"]
    assert [(one.name, one.value, one.optional) for one in found] == [
        ("mx.example.org.", f'0 issue "letsencrypt.org; accounturi={account}"', False),
        ("example.org.", f'0 issue "letsencrypt.org; accounturi={account}"', True)]


@pytest.mark.parametrize(("directory", "issuer"), [
    (DIRECTORY, "letsencrypt.org"), ("https://acme-staging-v02.api.letsencrypt.org/directory", "letsencrypt.org"),
    ("https://acme.zerossl.com/v2/DV90", "sectigo.com"), ("https://dv.acme-v02.api.pki.goog/directory", "pki.goog"),
    ("https://localhost:14000/dir", ""), ("https://notletsencrypt.org/dir", ""), ("", "")])
def test_what_authorities_call_themselves(directory: str, issuer: str) -> None:
    """By their own documentation; of those that are not known nothing is said."""
    assert records.issuer_of(directory) == issuer


def test_addresses(config: Config) -> None:
    """Those that the configuration names: the public ones behind a router, none of loopback, none that it leaves to the system."""
    def of_listeners(*listeners: Listener) -> list[str]:
        return list(map(str, records.addresses(replace(config, listeners=listeners))))

    assert of_listeners(Listener("a", smtp=25)) == []
    assert of_listeners(Listener("a", ("2001:db8::1", "192.0.2.1", "127.0.0.1"), smtp=25), Listener("b", ("192.0.2.7",), https=443)) == [
        "192.0.2.1", "2001:db8::1"]
    assert of_listeners(Listener("a", ("10.0.0.1",), ("192.0.2.3",), smtp=25)) == ["192.0.2.3"]


def test_services(served: World) -> None:
    """What is offered and what is not, at the host itself and never an alias of it."""
    found = of(served)
    assert found["_autodiscover._tcp.example.org.", "SRV"] == "0 1 443 mx.example.org."
    assert found["_imaps._tcp.example.org.", "SRV"] == "0 0 0 ."
    assert "once this server offers IMAP" in why(served, "autoconfig.example.org.")
    served.config = replace(served.config, clients=Clients(imap=True))
    assert of(served)["_imaps._tcp.example.org.", "SRV"] == "0 1 993 mx.example.org."
    assert why(served, "autoconfig.example.org.").startswith("Thunderbird")


def why(world: World, name: str) -> str:
    """What the record of that name is good for."""
    return next(one.why for one in records.records(world, people.domain(world, "example.org")) if one.name == name)


def test_as_a_file(served: World) -> None:
    """A reader of zone files takes it as it is, without a class; what is optional is a comment."""
    served.config = replace(served.config, acme=Acme(DIRECTORY))
    found = records.records(served, people.domain(served, "example.org"))
    text = records.zone_file(found)
    assert " IN " not in text
    assert len(list(Reader(300).read(text))) == len([one for one in found if not one.optional])
    assert '; example.org. CAA 0 issue "letsencrypt.org"' in text


def test_report_addresses(served: World) -> None:
    """As chosen, with what has a meaning in a record percent-encoded; another organisation agrees; what is not wanted is not there."""
    row = people.add_domain(served, "far.example", by="a test")
    reportaddresses.set_for_domain(served, "far.example", dmarc='"a,b!c"@Example.org', tls="", by="a test")
    found = {record.name: record.value for record in records.records(served, row)}

    assert found["_dmarc.far.example."] == '"v=DMARC1; p=none; rua=mailto:%22a%2Cb%21c%22@example.org"'
    assert found["far.example._report._dmarc.example.org."] == '"v=DMARC1;"'
    # Nothing of it is here but its reports: its mail is none of our business.
    assert len(found) == 2
    # It belongs into the zone of the domain where the reports go, so it is shown there too.
    assert of(served)["far.example._report._dmarc.example.org.", "TXT"] == '"v=DMARC1;"'
    people.add_address(served, "ann", "ann@far.example", by="a test")
    whole = of(served, "far.example")
    assert whole["far.example.", "MX"] == "10 mx.example.org."
    assert "p=none; rua" in whole["_dmarc.far.example.", "TXT"]
    reportaddresses.set_for_domain(served, "far.example", dmarc=" ", by="a test")
    assert of(served, "far.example")["_dmarc.far.example.", "TXT"] == '"v=DMARC1; p=none"'
    assert ("far.example._report._dmarc.example.org.", "TXT") not in of(served)


def test_records_of_the_host(served: World) -> None:
    """It has its own address for reports about TLS, or none."""
    assert ("_smtp._tls.mx.example.org.", '"v=TLSRPTv1; rua=mailto:tls-reports@mx.example.org"') in [
        (record.name, record.value) for record in records.of_host(served)]
    assert [record.name for record in records.asking_for_host(served)] == ["_smtp._tls.mx.example.org."]
    reportaddresses.set_for_host(served, "", by="a test")
    assert [record.name for record in records.of_host(served)] == ["mx.example.org."]
