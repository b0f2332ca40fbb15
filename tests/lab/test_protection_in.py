"""Mail that comes in over protected connections: what Postfix makes of our certificate, and what we write of DNSSEC."""
import json
from collections.abc import Iterator

import pytest

from tests.lab import protection
from tests.lab.conftest import OTHER, THEM, US
from tests.lab.names import Names
from tests.lab.namespace import Namespace
from tests.lab.postfix import Postfix
from tests.lab.server import Pillarbox
from tests.lab.test_authorship import landed, one, stated
from tests.lab.vouched import tlsa
from tests.lab.writing import letter

OURS = "_25._tcp.mx TLSA {}"


@pytest.fixture(scope="module")
def record(us: Pillarbox) -> str:
    """The data of the TLSA record for the certificate that we show at port 25."""
    return tlsa(us.shown())


@pytest.fixture
def published(names: Names, record: str) -> Iterator[str]:
    """It stands in the DNS; returns the other records of us.test."""
    before = names.records("us.test")
    names.change("us.test", f"{before}\n{OURS.format(record)}")
    yield before
    names.change("us.test", before)


@pytest.fixture(scope="module")
def dane(them: Postfix, space: Namespace) -> Iterator[Postfix]:
    """A Postfix that delivers by DANE wherever there are TLSA records."""
    with space.entered():
        them.configure(smtp_tls_security_level="dane", smtp_dns_support_level="dnssec", smtp_tls_loglevel="1", smtp_host_lookup="dns")
        yield them
        them.configure(smtp_tls_security_level="may", smtp_dns_support_level="", smtp_tls_loglevel="0")


def test_postfix_verifies_us_by_dane(us: Pillarbox, dane: Postfix, published: str) -> None:
    """With the right record Postfix delivers, and says that it knows whom to."""
    since = len(dane.log())
    dane.sendmail("carl@them.test", "ann@us.test", message=letter("by dane", "carl@them.test", "ann@us.test"))
    text = us.raw(us.wait_for("ann", "by dane"))

    assert "with ESMTPS" in text
    assert dane.wait_for_log(f"Verified TLS connection established to mx.us.test[{US}]:25: TLSv1.3", since=since)


def test_postfix_waits_while_our_record_is_wrong(us: Pillarbox, dane: Postfix, published: str, names: Names, record: str) -> None:
    """With another certificate's record it does not hand us the message, in whatever way; once the record is mended it does."""
    names.change("us.test", f"{published}\n{OURS.format(protection.NOTHING_FITS)}")
    dane.reload()
    since = len(dane.log())
    dane.sendmail("carl@them.test", "bob@us.test", message=letter("by wrong dane", "carl@them.test", "bob@us.test"))
    line = dane.wait_for_log("to=<bob@us.test>", since=since)
    assert "dsn=4.7.5, status=deferred (Server certificate not verified)" in line
    assert "no matching DANE TLSA records" in dane.log()[since:]
    assert not [row for row in us.json("message", "list", "bob", "Inbox") if row["subject"] == "by wrong dane"]

    names.change("us.test", f"{published}\n{OURS.format(record)}")
    us.wait_for("bob", "by wrong dane")
    assert "status=bounced" not in dane.log()[since:]


def test_posttls_finger(us: Pillarbox, dane: Postfix, space: Namespace, published: str, names: Names, record: str) -> None:
    """Postfix's own probe finds us verified with our record, with a set in which it is one of two, and not with another."""
    def probe() -> str:
        # It wants a main.cf, whose settings do not matter.
        settings = f"MAIL_CONFIG={dane.folder}/etc"
        return space.run("env", settings, "posttls-finger", "-c", "-L", "summary,verbose", "-l", "dane-only", "us.test")

    right = probe()
    assert f"Matched DANE EE certificate at depth 0: {record.upper()}" in right
    assert "Verified TLS connection established to mx.us.test" in right

    names.change("us.test", f"{published}\n{OURS.format(protection.NOTHING_FITS)}\n{OURS.format(record)}")
    assert "Verified TLS connection established" in probe()

    names.change("us.test", f"{published}\n{OURS.format(protection.NOTHING_FITS)}")
    wrong = probe()
    assert "no matching DANE TLSA records" in wrong
    assert "Verified TLS connection" not in wrong


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_no_session_tickets_on_port_25(us: Pillarbox, other: Postfix, space: Namespace, version: str) -> None:
    """Whoever connects gets none, which Postfix gives: Microsoft's senders stumble over them."""
    def tickets(address: str) -> bool:
        # With -ign_eof and QUIT the conversation goes on long enough for tickets of TLS 1.3 to come.
        said = space.run("openssl", "s_client", "-connect", f"{address}:25", "-starttls", "smtp", version, "-ign_eof", stdin=b"QUIT\r\n")
        assert "221 " in said
        return "session ticket" in said.lower()

    assert not tickets(US)
    assert tickets(OTHER)


# --- DNSSEC on what was checked ------------------------------------------------------------------


def test_a_signed_domain_is_told(us: Pillarbox, them: Postfix) -> None:
    """Reverse name, SPF and DMARC rest on signed zones: each check says so, and Received of the client's name."""
    them.sendmail("carl@them.test", "ann@us.test", message=letter("all signed", "carl@them.test", "ann@us.test"))
    _, text = landed(us, "all signed")
    found = stated(text)

    assert one(found, "iprev").comment == "mx.them.test, DNSSEC"
    assert one(found, "spf").comment == "DNSSEC"
    assert one(found, "dmarc").comment.split(", ")[-1] == "DNSSEC"
    assert f"(mx.them.test [{THEM}]) (DNSSEC) by mx.us.test" in " ".join(text.split())
    assert "as permitted sender, DNSSEC)" in " ".join(text.split())


def test_an_unsigned_domain_is_not(us: Pillarbox, other: Postfix) -> None:
    """Nothing of it is vouched for, though the zone of the reverse name is signed."""
    other.sendmail("carl@other.test", "ann@us.test", message=letter("not signed", "carl@other.test", "ann@us.test"))
    _, text = landed(us, "not signed")
    ours = text.partition("\nReceived: by ")[0].partition("\nReceived: from localhost")[0]

    assert [str(one(stated(text), method).status) for method in ("iprev", "spf")] == ["pass", "pass"]
    assert "mx.other.test" in ours
    assert "DNSSEC" not in text


@pytest.mark.parametrize(("kind", "name", "dnssec"), [
    ("mx", "us.test", "authentic"), ("mx", "plain.test", "insecure"), ("tlsa", "_25._tcp.mx.safe.test", "authentic"),
    ("tlsa", "_25._tcp.mx.bare.test", "authentic"), ("ptr", US, "authentic"), ("a", "mx.forged.test", "bogus"),
    ("a", "mx.alias.test", "insecure")])
def test_dns_lookup(us: Pillarbox, kind: str, name: str, dnssec: str) -> None:
    """The command says what DNSSEC says, for what is there and for what is not."""
    rows = json.loads(us.command("dns", "lookup", kind, name, "--json", check=False))

    assert {row["dnssec"] for row in rows} == {dnssec}
