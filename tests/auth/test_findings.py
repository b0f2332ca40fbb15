"""mta.auth.findings: what was found out, as header fields."""
from dataclasses import replace

from mta.auth import findings, results
from mta.auth.arc import ArcResult
from mta.auth.author import Author
from mta.auth.dmarc import DmarcResult
from mta.auth.dmarcrecord import DmarcRecord, Policy
from mta.auth.identity import Identity, unchecked
from mta.auth.iprev import IprevResult
from mta.auth.spf import SpfResult
from mta.auth.status import Status
from mta.auth.verify import DkimResult
from mta.base.names import Address, Domain, ip_address
from mta.message import header
from tests.auth.signing import letter, only, record, signature, zone

HOST = Domain("mx.example.org")
IP = ip_address("192.0.2.1")
DOMAIN = Domain("example.test")
ANN = Address.parse("ann@example.test")
EMPTY = unchecked(IP, "mail.example.test", ANN, Author((DOMAIN,), "", (ANN,)))
POLICY = DmarcResult(Status.FAIL, DOMAIN, DOMAIN, DOMAIN, DmarcRecord("v=DMARC1; p=reject", Policy.REJECT), Policy.REJECT, "p",
                     problem="neither SPF nor DKIM passed")


def text(identity: Identity, disposition: str = "", override: str = "") -> str:
    """The field, which has to be what it claims."""
    field = findings.results_field(identity, HOST, disposition, override)
    [parsed] = header.parse(field + b"\r\n").fields
    read = results.read(parsed.unfolded())
    assert (read.by, read.problem) == (HOST.ascii, "")
    return field.decode()


async def test_a_message_that_passes() -> None:
    """One method a line, in order, with what was checked and whether DNSSEC vouches for it."""
    signed = replace(await only(letter(signature()), zone(record("ed25519"))), start="abcd/123")
    identity = replace(
        EMPTY, iprev=IprevResult(Status.PASS, IP, (Domain("mail.example.test"),), authentic=True),
        spf=SpfResult(Status.PASS, "mailfrom", DOMAIN, "ann@example.test", "a", authentic=True),
        helo_spf=SpfResult(Status.PASS, "helo", Domain("mail.example.test"), "postmaster@mail.example.test"),
        dkim=(signed, replace(signed, status=Status.FAIL, problem="the body was changed")),
        arc=ArcResult(Status.PASS, 2, (DOMAIN, Domain("list.test")), ("", ""), 0),
        dmarc=replace(POLICY, status=Status.PASS, problem=""))

    assert text(identity, "none") == (
        "Authentication-Results: mx.example.org;\r\n"
        "\tiprev=pass (mail.example.test, DNSSEC) policy.iprev=192.0.2.1;\r\n"
        "\tspf=pass (DNSSEC) smtp.mailfrom=ann@example.test;\r\n"
        "\tspf=pass smtp.helo=mail.example.test;\r\n"
        "\tdkim=pass (256 bit ed25519) header.d=example.test header.s=s\r\n"
        '\t  header.i=@example.test header.a=ed25519-sha256 header.b="abcd/123";\r\n'
        '\tdkim=fail (256 bit ed25519) reason="the body was changed"\r\n'
        "\t  header.d=example.test header.s=s header.i=@example.test\r\n"
        '\t  header.a=ed25519-sha256 header.b="abcd/123";\r\n'
        "\tarc=pass (2 sets, the last by list.test) smtp.remote-ip=192.0.2.1\r\n"
        "\t  header.oldest-pass=0;\r\n"
        "\tdmarc=pass (p=reject, disposition=none) header.from=example.test\r\n"
        "\t  policy.dmarc=reject\r\n")


def test_a_message_that_fails() -> None:
    """What is wrong is the reason; the comment of dmarc says policy, disposition and why they differ."""
    identity = replace(EMPTY, spf=SpfResult(Status.FAIL, "mailfrom", DOMAIN, "ann@example.test", "-all"), dmarc=POLICY)
    field = text(identity, "quarantine", "local_policy")

    assert 'dkim=none reason="the message is not signed";' in field
    assert "spf=fail smtp.mailfrom=ann@example.test;" in field
    assert 'dmarc=fail (p=reject, disposition=quarantine, override=local_policy)\r\n\t  reason="neither SPF nor DKIM passed"' in field
    assert "policy.dmarc=reject" in field
    assert " arc=" not in field
    assert "\tarc=" not in field


def test_a_policy_from_above() -> None:
    """Where the record is somebody else's, it is said whose."""
    field = text(replace(EMPTY, dmarc=replace(POLICY, author=Domain("a.example.test"))), "none")

    assert "(p=reject, policy of example.test, disposition=none)" in field
    assert "header.from=a.example.test" in field


def test_nothing_known() -> None:
    """Without a record nothing is said of a policy; a signature that cannot be read has no domain."""
    broken = DkimResult(Status.NEUTRAL, None, problem="there is no d=")
    field = text(replace(EMPTY, dkim=(broken,), dmarc=DmarcResult(Status.NONE, None, problem="the message has no From")), "none")

    assert 'dkim=neutral reason="there is no d=";' in field
    assert 'dmarc=none reason="the message has no From"' in field


def test_a_check_that_was_not_finished_claims_no_policy() -> None:
    """The policy is known, but nothing may follow from it: neither the owner's nor "none" is said to be asked for."""
    unfinished = replace(POLICY, status=Status.TEMPERROR, policy=Policy.NONE, problem="no answer from the DNS")
    field = text(replace(EMPTY, dmarc=unfinished), "none")

    assert '\tdmarc=temperror reason="no answer from the DNS"' in field
    assert "p=" not in field.partition("dmarc=")[2]


async def test_passes_that_do_not_count() -> None:
    """A key that is tested and a signature over a part say so."""
    tested = await only(letter(signature({"l": "5"})), zone(record("ed25519", t="y")))

    assert "(256 bit ed25519, the key is only tested, a part of the body is not signed)" in text(replace(EMPTY, dkim=(tested,))).replace(
        "\r\n\t  ", " ")


def test_received_spf() -> None:
    """The sender's identity, or HELO's for the null sender (RFC 7208 §9.1)."""
    assert findings.spf_field(EMPTY, HOST).startswith(b"Received-SPF: none (mx.example.org: domain of ann@example.test")
    null = unchecked(IP, "mail.example.test", None, Author(()))
    assert b"identity=helo" in findings.spf_field(null, HOST)
