"""Mail that leaves by MTA-STS: policies that are right, wrong, gone and changing, in enforce and testing mode; and beside DANE."""
import json
from collections.abc import Iterator

import pytest

from tests.lab.names import Names
from tests.lab.namespace import Namespace
from tests.lab.policies import Policies, policy
from tests.lab.postfix import Postfix
from tests.lab.protection import SAFE, STS_HOSTS, STS_SIGNED, Protection, policed
from tests.lab.server import Pillarbox
from tests.lab.test_protection_out import arrived, at, connected, delayed, demand, forget, hurry, wait_for
from tests.lab.test_sending import send
from tests.lab.waiting import until

ENFORCED = {"sts-good.test": "mx.sts-good.test", "sts-elsewhere.test": "mx.elsewhere.test", "sts-own.test": "mx.sts-own.test",
            "sts-clear.test": "mx.sts-clear.test", "sts-untrusted.test": "mx.elsewhere.test", "sts-changes.test": "mx.old.test",
            "sts-kept.test": "mx.old.test", "sts-dane.test": "mx.sts-dane.test", "sts-rescue.test": "*.sts-rescue.test"}
#: Whether the host proves who it is.
ARRIVES = {
    "sts-good.test": True, "sts-testing.test": False, "sts-missing.test": False, "sts-bad.test": False, "sts-untrusted.test": False}
#: A word of the reason that the queue gives.
WAITS = {"sts-elsewhere.test": "MTA-STS", "sts-own.test": "does not prove its name", "sts-clear.test": "STARTTLS",
         "sts-changes.test": "MTA-STS", "sts-kept.test": "MTA-STS", "sts-dane.test": "does not prove its name", "sts-rescue.test": "DANE"}


@pytest.fixture(scope="module")
def policies(space: Namespace, protected: Protection) -> Iterator[Policies]:
    """The web server, with all policies as they are at first; sts-missing.test has none to be found."""
    with space.entered():
        served = Policies(protected)
    for domain, host in ENFORCED.items():
        served.set(domain, policy("enforce", host))
    served.set("sts-testing.test", policy("testing", "mx.elsewhere.test"))
    served.set("sts-missing.test", "", 404)
    served.set("sts-bad.test", "mode: enforce\r\nmx: mx.elsewhere.test\r\nmax_age: 700000\r\n")
    yield served
    served.close()


@pytest.fixture(scope="module")
def sent(us: Pillarbox, faces: Postfix, policies: Policies, space: Namespace) -> Iterator[None]:
    """One message to all of them."""
    with space.entered():
        send("policed", *map(at, (*STS_HOSTS, *STS_SIGNED)))
        yield
        forget(us, *WAITS)


@pytest.mark.parametrize("domain", ARRIVES)
def test_delivered(us: Pillarbox, faces: Postfix, sent: None, domain: str) -> None:
    """An enforced policy is met and counts as proof; one that is tested, missing, none, or from who cannot prove its name stops nothing."""
    assert "with ESMTPS id" in wait_for(faces, "policed", domain)
    [line] = connected(us, domain)
    assert f"verified={ARRIVES[domain]}" in line


def test_not_delivered(us: Pillarbox, faces: Postfix, sent: None) -> None:
    """A host that the policy does not name, a certificate that proves nothing, no STARTTLS: the message waits, unseen by the host.

    So it does where DANE is content and the policy is not, and the other way round (RFC 8461 §2).
    """
    rows = delayed(us, *WAITS)

    assert {domain: row["last"] for domain, row in rows.items() if WAITS[domain] not in row["last"]} == {}
    assert not [domain for domain in WAITS if arrived(faces, "policed", domain)]
    assert not us.notices("ann", "policed")


def test_what_is_written_down(us: Pillarbox, faces: Postfix, sent: None) -> None:
    """For the reports about TLS (RFC 8460): what each domain came to, though its mail was delivered."""
    delayed(us, *WAITS)
    wanted = {
        "sts-good.test": ("sts", ""), "sts-elsewhere.test": ("sts", "validation-failure"),
        "sts-own.test": ("sts", "certificate-not-trusted"), "sts-clear.test": ("sts", "starttls-not-supported"),
        "sts-testing.test": ("sts", "validation-failure"), "sts-missing.test": ("no-policy-found", "sts-policy-fetch-error"),
        "sts-bad.test": ("no-policy-found", "sts-policy-invalid"), "sts-untrusted.test": ("no-policy-found", "sts-webpki-invalid")}

    def look() -> dict[str, tuple[str, str]]:
        return {domain: (kind, failure) for domain, kind, failure in us.evidence() if domain in wanted}
    until(lambda: look() == wanted, why=lambda: str(look()))
    assert dict(us.rows("SELECT domain, verified FROM recipient_tls"))["sts-good.test"] == "mta-sts"


def test_fetched_once(us: Pillarbox, faces: Postfix, sent: None, policies: Policies) -> None:
    """A policy is kept: the next message asks for none."""
    wait_for(faces, "policed", "sts-good.test")
    before = policies.asked.count("sts-good.test")
    send("again", at("sts-good.test"))
    wait_for(faces, "again", "sts-good.test")

    assert before == policies.asked.count("sts-good.test") == 1


def test_a_policy_that_is_mended(us: Pillarbox, faces: Postfix, sent: None, policies: Policies, names: Names) -> None:
    """With a new id the new policy is fetched, and what waited goes out."""
    delayed(us, "sts-changes.test")
    policies.set("sts-changes.test", policy("enforce", "mx.sts-changes.test"))
    names.change("sts-changes.test", policed(SAFE, 2))

    def done() -> bytes:
        hurry(us, "sts-changes.test")
        return arrived(faces, "policed", "sts-changes.test")
    assert b"with ESMTPS id" in until(done, why="it arrives under the new policy")
    assert policies.asked.count("sts-changes.test") == 2


def test_a_policy_that_cannot_be_had_any_more(us: Pillarbox, faces: Postfix, sent: None, policies: Policies, names: Names) -> None:
    """What is kept counts on, though a new one is announced and is not to be found, and though the record is gone."""
    policies.set("sts-kept.test", "", 500)
    for text in (policed(SAFE, 2), f"@ MX 10 mx\nmx A {SAFE}"):
        names.change("sts-kept.test", text)
        before = delayed(us, "sts-kept.test")["sts-kept.test"]["attempts"]
        hurry(us, "sts-kept.test")
        assert "MTA-STS" in delayed(us, "sts-kept.test", attempts=before + 1)["sts-kept.test"]["last"]

    assert not arrived(faces, "policed", "sts-kept.test")


def test_requiretls_needs_more_than_a_policy(us: Pillarbox, faces: Postfix, policies: Policies) -> None:
    """Verified by MTA-STS, but Postfix does not promise to go on like that: 5.7.30."""
    demand("sts-promise", at("sts-good.test"))
    [notice] = until(lambda: us.notices("ann", "sts-promise"), why=lambda: f"the bounce; {us.text()[-3000:]}")

    assert "Status: 5.7.30" in notice
    assert not arrived(faces, "sts-promise", "sts-good.test")


def test_mtasts_at_the_command_line(us: Pillarbox, policies: Policies) -> None:
    """`mtasts lookup` shows a policy, and why there is none; `mtasts list` what is remembered."""
    good = {row["method"]: row for row in us.json("mtasts", "lookup", "sts-good.test")}
    assert (good["policy"]["mode"], good["policy"]["mx"]) == ("enforce", ["mx.sts-good.test"])
    wrong = {"sts-missing.test": "404", "sts-untrusted.test": "certificate", "sts-elsewhere.test": "mx.sts-elsewhere.test"}
    for domain, said in wrong.items():
        bad = json.loads(us.command("mtasts", "lookup", domain, "--json", check=False))
        assert any(said in row["what"] and row["status"] != "pass" for row in bad), bad
