"""mta.auth.advice: the results of checks in words for people."""
from dataclasses import replace

import pytest

from mta.auth import advice
from mta.auth.arc import ArcResult
from mta.auth.author import Author
from mta.auth.dmarc import DmarcResult
from mta.auth.dmarcrecord import DmarcRecord, Policy
from mta.auth.identity import unchecked
from mta.auth.iprev import IprevResult
from mta.auth.spf import SpfResult
from mta.auth.status import Status
from mta.auth.verify import DkimResult
from mta.base.names import Address, Domain, ip_address
from tests.auth.signing import KEYS, letter, only, record, signature, zone

IP = ip_address("2001:db8::1")
DOMAIN = Domain("example.test")
SPF = SpfResult(Status.PASS, "mailfrom", DOMAIN, "ann@example.test")
RECORD = DmarcRecord("v=DMARC1; p=reject", Policy.REJECT)
DMARC = DmarcResult(Status.PASS, DOMAIN, DOMAIN, DOMAIN, RECORD, Policy.REJECT, "p")
#: Results where there is nothing for anybody to mend.
CONTENT = {Status.PASS}


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.POLICY])
def test_spf(status: Status) -> None:
    """Each result is a sentence, and all but a pass say what to do."""
    explanation = "See our page" if status is Status.FAIL else ""
    found = advice.spf(replace(SPF, status=status, problem="the record is odd", explanation=explanation), IP)

    assert found.what.endswith((".", '"'))
    assert bool(found.mend) == (status not in CONTENT)
    assert ("ip6:2001:db8::1" in found.mend) == (status in (Status.FAIL, Status.SOFTFAIL))
    assert ('explains: "See our page"' in found.what) == (status is Status.FAIL)


@pytest.mark.parametrize("status", [Status.PASS, Status.FAIL, Status.TEMPERROR, Status.PERMERROR])
def test_iprev(status: Status) -> None:
    """The name, or who can set one."""
    names = (Domain("mail.example.test"),) if status is Status.PASS else ()
    found = advice.iprev(IprevResult(status, IP, names, problem=f"{IP} has no reverse name"))

    assert ("mail.example.test" in found.what) == (status is Status.PASS)
    assert bool(found.mend) == (status not in CONTENT)


async def test_dkim() -> None:
    """By whom with which key; what changed it; what makes a pass worthless."""
    good = await only(letter(signature()), zone(record("ed25519")))
    tested = await only(letter(signature({"l": "5"})), zone(record("ed25519", t="y")))
    changed = await only(letter(signature(), body=b"other\r\n"), zone(record("ed25519")))
    gone = await only(letter(signature()), zone())
    late = replace(gone, status=Status.TEMPERROR)
    broken = DkimResult(Status.NEUTRAL, None, problem="there is no d=")
    found = advice.dkim((good, tested, changed, gone, late, broken))

    assert [one.status for one in found] == [
        Status.PASS, Status.PASS, Status.FAIL, Status.PERMERROR, Status.TEMPERROR, Status.NEUTRAL]
    assert [bool(one.mend) for one in found] == [False, True, True, True, True, True]
    assert found[0].what == "Signed by example.test (key s, ed25519-sha256, 256 bits)."
    assert "t=y" in found[1].mend
    assert "l=" in found[1].mend
    assert "s._domainkey.example.test" in found[2].mend
    [none] = advice.dkim(())
    assert (none.status, bool(none.mend)) == (Status.NONE, True)


async def test_short_keys() -> None:
    """They pass, with a remark."""
    one = await only(letter(signature(algorithm="rsa")), zone(record("rsa")))
    assert one.record is not None
    [found] = advice.dkim((replace(one, record=replace(one.record, bits=1_024)),))

    assert KEYS["rsa"]
    assert "1024 bits are few" in found.mend


def test_arc() -> None:
    """Who sealed what, whether the message was changed before, and that a broken chain has somebody to mend it."""
    sealed = ArcResult(Status.PASS, 2, (DOMAIN, Domain("list.test")), ("a", "mx.list.test; spf=pass"), oldest_pass=2)

    assert advice.arc(ArcResult(Status.NONE)).mend == ""
    assert advice.arc(sealed).what == (
        "Sealed by example.test, list.test; the last one found: mx.list.test; spf=pass. The message was changed before set 2 was made. "
        "The last seal does not cover all of the message.")
    assert advice.arc(ArcResult(Status.FAIL, 1, problem="ARC-Seal 1: expired")).mend


@pytest.mark.parametrize(("result", "what", "mend"), [
    (replace(DMARC, aligned_dkim=(DOMAIN,), aligned_spf=(DOMAIN,)), "by SPF (example.test) and DKIM (example.test)", ""),
    (replace(DMARC, status=Status.FAIL), "does not stand by this message", "sign with a key of example.test"),
    (replace(DMARC, status=Status.FAIL, record=replace(RECORD, problems=("p=x is odd",))), "does not stand", "p=x is odd"),
    (replace(DMARC, status=Status.TEMPERROR, record=None, problem="the DNS is silent"), "The DNS is silent.", "name servers"),
    (DmarcResult(Status.NONE, DOMAIN, problem="example.test publishes no record"), "example.test publishes no", "_dmarc.example.test"),
    (DmarcResult(Status.NONE, None, problem="the message has no From"), "The message has no From.", ""),
])
def test_dmarc(result: DmarcResult, what: str, mend: str) -> None:
    """Whether the domain stands by it, what it asks for, what its owner should do."""
    found = advice.dmarc(result)

    assert what in found.what
    assert mend in found.mend
    assert bool(mend) == bool(found.mend)


def test_all_of_a_message() -> None:
    """One finding for each check, in the order in which they are made; HELO beside MAIL FROM."""
    who = unchecked(IP, "mail.example.test", Address.parse("ann@example.test"), Author((DOMAIN,)))
    who = replace(who, helo_spf=replace(SPF, identity="helo"))

    assert [one.method for one in advice.all_of(who)] == ["iprev", "spf", "spf (HELO)", "dkim", "arc", "dmarc"]
