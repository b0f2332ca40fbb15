"""Mail that leaves over protected connections: DANE and REQUIRETLS, to Postfix and to a second Pillarbox; test_mtasts.py has MTA-STS.

What is asked for in vain must wait, and go out once the other side has mended what is
wrong: neither a bounce nor a delivery in the clear.
"""
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.names import Names
from tests.lab.namespace import Namespace
from tests.lab.postfix import Postfix
from tests.lab.protection import FAR, ROLLS, SHAKY, TRAP_LOG, Protection, chain, records
from tests.lab.server import Pillarbox
from tests.lab.test_sending import ANN, send
from tests.lab.vouched import tlsa
from tests.lab.waiting import until
from tests.lab.writing import letter, submit

#: To whom the message goes that most tests here are about, and whether the host proves who it is.
ARRIVES = {
    "safe.test": True, "linked.test": True, "second.test": True,
    "anchored.test": True, "stale.test": True, "rolls.test": True, "unusable.test": False, "bare.test": True}
WAITS = {
    "misnamed.test": "its authority is right, its name is not", "mistaken.test": "another certificate's record",
    "staleanchor.test": "under an authority a certificate must not have run out", "clear.test": "a record, and no STARTTLS",
    "old.test": "a record, and TLS that is too old"}


def at(domain: str) -> str:
    """The recipient there."""
    return f"dora@{domain}"


def arrived(faces: Postfix, token: str, domain: str) -> bytes:
    """The message as it was delivered there, b"" if it was not."""
    marks = (f"Delivered-To: {at(domain)}".encode(), token.encode())
    return next((mail for mail in faces.received() if all(mark in mail for mark in marks)), b"")


def wait_for(faces: Postfix, token: str, domain: str, seconds: float = 30.0) -> str:
    """The same; waits for it."""
    return until(lambda: arrived(faces, token, domain), seconds, lambda: f"{token} at {domain}; {faces.log()[-2000:]}").decode()


def delayed(us: Pillarbox, *domains: str, attempts: int = 1) -> dict[str, dict[str, Any]]:
    """The queue's rows by domain, once so many attempts were made for each."""
    def tried() -> bool:
        # Commands take half a second each: the wait is for what is in the database.
        made = dict(us.rows("SELECT recipient, attempts FROM queue_recipient"))
        return all(made.get(at(domain), 0) >= attempts for domain in domains)
    until(tried, why=lambda: f"attempts for {domains}; {us.text()[-3000:]}")
    rows = {row["recipient"].partition("@")[2]: row for row in us.json("queue", "list", "--limit", "500")}
    return {domain: rows[domain] for domain in domains}


def waiting(us: Pillarbox, *domains: str) -> list[str]:
    """The ids of what waits for these."""
    recipients = set(map(at, domains))
    return [str(ident) for ident, recipient in us.rows("SELECT id, recipient FROM queue_recipient") if recipient in recipients]


def hurry(us: Pillarbox, *domains: str) -> None:
    """Try what waits for these now; what has gone out meanwhile needs none."""
    if ids := waiting(us, *domains):
        us.command("queue", "retry", *ids, check=False)


def forget(us: Pillarbox, *domains: str) -> None:
    """Give up what waits for these, without a word."""
    if ids := waiting(us, *domains):
        us.command("queue", "drop", *ids, "--silent", check=False)


def connected(us: Pillarbox, domain: str) -> list[str]:
    """What our log says of encrypted connections to the host of a domain."""
    return [line for line in us.text().splitlines() if "delivery.tls " in line and f"host=mx.{domain} " in line]


@pytest.fixture(scope="module")
def sent(us: Pillarbox, faces: Postfix, space: Namespace) -> Iterator[None]:
    """One message to all of them."""
    with space.entered():
        send("protected", *map(at, (*ARRIVES, *WAITS)))
        yield
        forget(us, *WAITS)


# --- DANE ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", ARRIVES)
def test_delivered_over_tls(us: Pillarbox, faces: Postfix, sent: None, domain: str) -> None:
    """At the first attempt, encrypted; verified where a usable record says how, a certificate's own end notwithstanding (RFC 7672 §3.1)."""
    mail = wait_for(faces, "protected", domain)

    assert "with ESMTPS id" in mail
    assert "using TLSv1.3" in mail
    lines = connected(us, "safe.test" if domain == "second.test" else domain)
    assert lines
    assert all(f"verified={ARRIVES[domain]}" in line for line in lines)


def test_not_delivered_to_the_wrong_host(us: Pillarbox, faces: Postfix, sent: None) -> None:
    """Whatever is wrong, it is told in the queue, the message waits, and the other side never saw it."""
    rows = delayed(us, *WAITS)

    assert not [domain for domain in WAITS if arrived(faces, "protected", domain)]
    assert not us.notices("ann", "protected")
    for domain in ("misnamed.test", "mistaken.test", "staleanchor.test"):
        assert "DANE" in rows[domain]["last"], rows[domain]
    assert "STARTTLS" in rows["clear.test"]["last"], rows["clear.test"]
    assert "must be encrypted" in rows["old.test"]["last"], rows["old.test"]
    assert not [line for line in faces.log().splitlines() if any(f"to=<{at(domain)}>" in line for domain in WAITS)]


def test_what_is_written_down(us: Pillarbox, faces: Postfix, sent: None) -> None:
    """For the reports about TLS (RFC 8460): what each host came to under its own policy; and for who writes there again."""
    delayed(us, *WAITS)
    wanted = {
        "mx.safe.test": "", "mx.anchored.test": "", "mx.stale.test": "", "mx.unusable.test": "tlsa-invalid",
        "mx.mistaken.test": "validation-failure", "mx.misnamed.test": "certificate-host-mismatch",
        "mx.staleanchor.test": "certificate-expired", "mx.clear.test": "starttls-not-supported", "mx.second.test": "validation-failure",
        "mx.old.test": "validation-failure"}

    def look() -> dict[str, str]:
        return {host: failure for host, kind, failure in us.evidence() if kind == "tlsa" and host in wanted}
    until(lambda: look() == wanted, why=lambda: str(look()))
    assert ("bare.test", "no-policy-found", "") in us.evidence()
    reasons = dict(us.rows("SELECT mx_host, reason FROM tls_failure"))
    assert reasons["mx.mistaken.test"] == "dane-no-match"
    assert "alert" in reasons["mx.old.test"], reasons
    seen = dict(us.rows("SELECT domain, verified FROM recipient_tls"))
    assert (seen["safe.test"], seen["bare.test"], seen["unusable.test"]) == ("dane", "dnssec", "")
    assert "mistaken.test" not in seen


def test_rollover(us: Pillarbox, faces: Postfix, names: Names, protected: Protection) -> None:
    """With both keys in the records either is taken; a record that was forgotten makes mail wait until it is mended."""
    old, new = protected.rolling
    names.change("rolls.test", records(ROLLS, [old.tlsa(), new.tlsa()]))
    send("both-before", at("rolls.test"))
    wait_for(faces, "both-before", "rolls.test")
    faces.configure(rolling_chain=chain(new))
    send("both-after", at("rolls.test"))
    wait_for(faces, "both-after", "rolls.test")

    names.change("rolls.test", records(ROLLS, [old.tlsa()]))
    send("forgotten", at("rolls.test"))
    assert "DANE" in delayed(us, "rolls.test")["rolls.test"]["last"]
    assert not arrived(faces, "forgotten", "rolls.test")
    names.change("rolls.test", records(ROLLS, [new.tlsa()]))
    hurry(us, "rolls.test")

    assert "with ESMTPS id" in wait_for(faces, "forgotten", "rolls.test")


def test_broken_signatures_make_mail_wait(us: Pillarbox, faces: Postfix, names: Names) -> None:
    """A forged record of any kind on the way, or a zone whose signatures ran out: not a bounce, not in the clear, but later."""
    before = {zone: names.records(zone) for zone in SHAKY}
    for zone, forged in SHAKY.items():
        names.change(zone, before[zone], forged=forged, expired=not forged)
    send("shaky", *map(at, SHAKY))
    rows = delayed(us, *SHAKY)

    assert not [zone for zone in SHAKY if arrived(faces, "shaky", zone)]
    assert not us.notices("ann", "shaky")
    assert all("DNS" in row["last"] for row in rows.values()), rows
    assert TRAP_LOG not in faces.log(), "nobody connects to where a forged record leads"
    for zone, text in before.items():
        names.change(zone, text)

    def done() -> bool:
        # What could not be looked up is not asked again for five seconds.
        hurry(us, *SHAKY)
        return all(arrived(faces, "shaky", zone) for zone in SHAKY)
    until(done, why="all arrive once the zones are mended")
    assert all(b"with ESMTPS id" in arrived(faces, "shaky", zone) for zone in SHAKY)
    until(lambda: ("mx.shaky-tlsa.test", "tlsa", "dnssec-invalid") in us.evidence(), why=lambda: str(us.evidence()))


def test_dane_at_the_command_line(us: Pillarbox, faces: Postfix) -> None:
    """`dane dial` and `dialmx` say what mail would meet, and whether it would go there."""
    def dial(verb: str, name: str) -> dict[str, str]:
        rows = json.loads(us.command("dane", verb, name, "--json", check=False))
        return {row["method"]: row["status"] for row in rows}

    assert dial("dial", "mx.safe.test")["dane"] == "pass"
    assert dial("dialmx", "anchored.test")["dane"] == "pass"
    for host in ("mx.mistaken.test", "mx.misnamed.test", "mx.staleanchor.test"):
        assert dial("dial", host)["dane"] == "fail", host
    assert "dane" not in dial("dial", "mx.bare.test")


# --- REQUIRETLS -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def far(space: Namespace, names: Names) -> Iterator[Pillarbox]:
    """A second Pillarbox, which offers REQUIRETLS and has its certificate in the DNS."""
    with space.entered():
        server = Pillarbox(space, "far", (FAR,), "far.test", ("dora",), "\n[acceptor]\ncopies = 1\n")
        names.change("far.test", records(FAR, [tlsa(server.shown())]))
    yield server
    with space.entered():
        assert server.stop() == 0, server.text()[-3000:]


def demand(token: str, *recipients: str) -> None:
    """Hand in a message that must not travel unprotected."""
    submit(ANN, list(recipients), letter(token, ANN, recipients[0], f"{token}\n".encode()), options=("REQUIRETLS",))


@pytest.mark.parametrize(("domain", "why"), [
    ("safe.test", "verified, and does not know REQUIRETLS"), ("other.test", "nothing vouches for it"), ("them.test", "no STARTTLS")])
def test_a_host_that_cannot_promise(us: Pillarbox, faces: Postfix, them: Postfix, other: Postfix, domain: str, why: str) -> None:
    """The sender is told at once, 5.7.30 comes from us, and nobody saw the message; the notice has no more of it than its header."""
    demand(f"promise-{domain}", at(domain))
    [notice] = until(lambda: us.notices("ann", f"promise-{domain}"), why=lambda: f"the bounce; {us.text()[-3000:]}")

    assert "Status: 5.7.30" in notice
    assert "text/rfc822-headers" in notice, "RFC 8689 §5"
    assert f"\npromise-{domain}\n" not in notice, "the text of the message"
    assert not arrived(faces, f"promise-{domain}", domain)
    assert not any(f"promise-{domain}".encode() in mail for peer in (them, other) for mail in peer.received())


def test_a_host_that_promises(us: Pillarbox, far: Pillarbox) -> None:
    """A verified host that offers REQUIRETLS gets message and parameter, and writes that into its Received."""
    demand("promised", at("far.test"))
    text = far.raw(far.wait_for("dora", "promised"))

    assert "by mx.far.test with ESMTPS (requiretls) id" in " ".join(text.split())
    assert "verified=True" in connected(us, "far.test")[-1]


def test_tls_may_fail(us: Pillarbox, faces: Postfix) -> None:
    """With TLS-Required: No a message goes where the record is wrong, and in the clear where there is no TLS (RFC 8689 §4.2.2)."""
    letter_ = b"TLS-Required: No\n" + letter("may-fail", ANN, at("mistaken.test"), b"may-fail\n")
    submit(ANN, [at("mistaken.test"), at("clear.test")], letter_)

    assert "with ESMTPS id" in wait_for(faces, "may-fail", "mistaken.test")
    assert "with ESMTP id" in wait_for(faces, "may-fail", "clear.test")


def test_requiretls_wins(us: Pillarbox, faces: Postfix) -> None:
    """Who demands TLS and says that it may fail has demanded it (RFC 8689 §5): what goes anywhere otherwise comes back."""
    mail = b"TLS-Required: No\n" + letter("wins", ANN, at("bare.test"), b"wins\n")
    submit(ANN, [at("bare.test")], mail, options=("REQUIRETLS",))
    [notice] = until(lambda: us.notices("ann", "wins"), why=lambda: f"the bounce; {us.text()[-3000:]}")

    assert "Status: 5.7.30" in notice
    assert not arrived(faces, "wins", "bare.test")
