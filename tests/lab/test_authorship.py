"""Who is writing: Postfix with OpenDKIM, forwarders, lists, forgers and broken DNS, and what we write on their mail."""
import smtplib
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from mta.auth import arc, results
from mta.auth.bodyhashes import hash_body
from mta.auth.message import Message
from mta.auth.results import Method, Results
from mta.base.clock import SystemClock
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.message import header
from mta.net.upstream import Upstreams, servers
from tests.lab.conftest import FORWARDER, SIGNER, SILENT, STRANGER, STRANGER6, US, US6
from tests.lab.names import Names
from tests.lab.namespace import Namespace
from tests.lab.opendkim import OpenDkim
from tests.lab.postfix import Postfix
from tests.lab.server import Pillarbox
from tests.lab.waiting import until
from tests.lab.writing import letter


@pytest.fixture(scope="session")
def signer(space: Namespace, names: Names) -> Iterator[Postfix]:
    """A Postfix of signs.test whose mail OpenDKIM signs; the domain asks for p=reject."""
    with space.entered():
        milter = OpenDkim(space, "signs.test")
        names.change("signs.test", f"{names.records('signs.test')}\n{milter.record}")
        postfix = Postfix(space, "signs", (SIGNER,), (), milter.settings)
    yield postfix
    postfix.stop()


@pytest.fixture(scope="session")
def forwarder(space: Namespace, names: Names) -> Iterator[Postfix]:
    """A Postfix that passes on what comes for ann@forwards.test, envelope and content as they are."""
    with space.entered():
        postfix = Postfix(space, "forwards", (FORWARDER,), (), (
            "virtual_alias_domains = forwards.test\nvirtual_alias_maps = inline:{ { ann@forwards.test = ann@us.test } }\n"))
    yield postfix
    postfix.stop()


@pytest.fixture
def silent() -> Iterator[None]:
    """A name server that takes every question and answers none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf, socket.socket() as mute:
        deaf.bind((SILENT, 53))
        mute.bind((SILENT, 53))
        mute.listen()
        yield


def landed(us: Pillarbox, subject: str, account: str = "ann") -> tuple[str, str]:
    """The mailbox in which the message with that subject is, and its text."""
    def look() -> tuple[str, dict[str, Any]] | None:
        rows = ((mailbox, row) for mailbox in ("Inbox", "Junk", "Rejects") for row in us.json("message", "list", account, mailbox))
        return next(((mailbox, row) for mailbox, row in rows if row["subject"] == subject), None)
    found = until(look, why=f"{subject}; {us.text()[-3000:]}")
    assert found is not None
    return found[0], us.raw(found[1])


def stated(text: str) -> Results:
    """What our Authentication-Results on a message says; there is only one of ours, and it is in its place."""
    fields = header.parse(text.replace("\n", "\r\n").encode()).fields
    names = [one.lower for one in fields]
    assert names[:5] == ["return-path", "delivered-to", "authentication-results", "received-spf", "received"]
    found = results.read(fields[2].unfolded())
    assert (found.by, found.problem) == ("mx.us.test", "")
    assert len(results.forged(fields, Domain("mx.us.test"))) == 1
    return found


def one(found: Results, method: str) -> Method:
    """The first statement of a method."""
    return next(each for each in found.methods if each.method == method)


def brief(found: Results) -> dict[str, str]:
    """The first result of each method."""
    return {each.method: str(each.status) for each in reversed(found.methods)}


def checked(us: Pillarbox, sender: str) -> dict[str, Any]:
    """What the trace says of the only message of sender, whatever became of it."""
    def look() -> dict[str, Any] | None:
        summaries = us.json("trace", "search", sender)
        steps = us.json("trace", "show", summaries[0]["trace"]) if summaries else []
        return next((step["facts"] for step in steps if step["event"] == "auth.checked"), None)
    found = until(look, why=f"{sender} in the trace")
    assert found is not None
    return found


def say(message: bytes, sender: str, *, source: str = STRANGER, name: str = "stranger.test") -> None:
    """Bring a message as a client of one's own making, from any address."""
    with smtplib.SMTP(US6 if ":" in source else US, 25, local_hostname=name, source_address=(source, 0), timeout=60) as client:
        client.sendmail(sender, ["ann@us.test"], message.replace(b"\n", b"\r\n"))




def test_aligned(us: Pillarbox, signer: Postfix) -> None:
    """Signed by OpenDKIM, sent from where SPF allows it, DNSSEC from root to key: everything passes and says so."""
    signer.sendmail("carl@signs.test", "ann@us.test", message=letter("aligned", "carl@signs.test", "ann@us.test"))
    mailbox, text = landed(us, "aligned")
    found = stated(text)

    assert mailbox == "Inbox"
    assert brief(found) == {"iprev": "pass", "spf": "pass", "dkim": "pass", "dmarc": "pass"}
    assert one(found, "dkim").value("header", "d") == "signs.test"
    assert one(found, "dkim").comment == "2048 bit rsa, DNSSEC"
    assert one(found, "spf").comment == "DNSSEC"
    assert one(found, "dmarc").comment == "p=reject, disposition=none, DNSSEC"
    assert (one(found, "dmarc").value("header", "from"), one(found, "dmarc").value("policy", "dmarc")) == ("signs.test", "reject")
    assert "Received-SPF: pass" in text
    assert f"(mx.signs.test [{SIGNER}])" in text


def test_large_mail_is_checked_too(us: Pillarbox, signer: Postfix) -> None:
    """A body that is hashed in a thread from its file."""
    signer.sendmail("carl@signs.test", "ann@us.test", message=letter("much", "carl@signs.test", "ann@us.test", b"0123456789\n" * 300_000))

    assert brief(stated(landed(us, "much")[1]))["dkim"] == "pass"


def test_misaligned(us: Pillarbox, them: Postfix) -> None:
    """SPF passes for the envelope's domain, and DMARC fails since the author's is another one: Junk, but no 550 for that alone."""
    them.sendmail("carl@them.test", "ann@us.test", message=letter("misaligned", "carl@signs.test", "ann@us.test"))
    mailbox, text = landed(us, "misaligned")
    found = stated(text)

    assert mailbox == "Junk"
    assert brief(found) == {"iprev": "pass", "spf": "pass", "dkim": "none", "dmarc": "fail"}
    assert one(found, "spf").value("smtp", "mailfrom") == "carl@them.test"
    assert "p=reject, disposition=quarantine, override=local_policy" in one(found, "dmarc").comment


def test_forwarded(us: Pillarbox, signer: Postfix, forwarder: Postfix) -> None:
    """SPF fails on the way, the signature holds, so the author is proven all the same."""
    signer.sendmail("carl@signs.test", "ann@forwards.test", message=letter("forwarded", "carl@signs.test", "ann@forwards.test"))
    mailbox, text = landed(us, "forwarded")

    assert mailbox == "Inbox"
    assert brief(stated(text)) == {"iprev": "pass", "spf": "fail", "dkim": "pass", "dmarc": "pass"}
    assert "Received-SPF: fail" in text


def test_through_a_mailing_list(us: Pillarbox, signer: Postfix, them: Postfix) -> None:
    """A list adds a footer: the signature is broken, the policy asks for reject: Junk, and no 550 makes the list give ann up."""
    signer.sendmail("carl@signs.test", "list@them.test", message=letter("on the list", "carl@signs.test", "list@them.test"))
    original = them.wait_for(b"Subject: on the list")
    posted = b"List-Id: <list.them.test>\nPrecedence: list\n" + original[original.index(b"DKIM-Signature"):] + b"-- \nfooter of the list\n"
    them.sendmail("list-bounces@them.test", "ann@us.test", message=posted)
    mailbox, text = landed(us, "on the list")
    found = stated(text)

    assert mailbox == "Junk"
    assert "disposition=quarantine, override=mailing_list" in one(found, "dmarc").comment
    assert brief(found) == {"iprev": "pass", "spf": "pass", "dkim": "fail", "dmarc": "fail"}
    assert one(found, "dkim").reason == "the body was changed"
    ident = them.wait_for_log("from=<list-bounces@them.test>, size").partition(": from=")[0].rpartition(" ")[2]
    assert "status=sent" in them.wait_for_log(f"{ident}: to=<ann@us.test>")


def test_forged(us: Pillarbox) -> None:
    """From a machine that nobody knows, in the name of a domain that asks for reject: nothing passes, and 550 says whose policy it is."""
    with pytest.raises(smtplib.SMTPDataError) as refused:
        say(letter("forged", "forger@signs.test", "ann@us.test"), "forger@signs.test", source=STRANGER6)
    said = refused.value.smtp_error
    text = said.decode() if isinstance(said, bytes) else said
    facts = checked(us, "forger@signs.test")

    assert (refused.value.smtp_code, text[:7]) == (550, "5.7.26 ")
    assert "The DMARC policy of signs.test" in text
    assert (facts["spf"], facts["dkim"], facts["dmarc"], facts["proven"]) == ("fail", [], "fail p=reject", False)


def test_results_forged_by_a_stranger(us: Pillarbox, signer: Postfix) -> None:
    """What claims to be found out by us goes, after the signature that does not cover it was checked."""
    lie = b"Authentication-Results: mx.us.test; dmarc=pass header.from=bank.test\n"
    signer.sendmail("carl@signs.test", "ann@us.test", message=lie + letter("a lie", "carl@signs.test", "ann@us.test"))
    text = landed(us, "a lie")[1]

    assert brief(stated(text))["dkim"] == "pass"
    assert "bank.test" not in text


@pytest.mark.parametrize(("subject", "sender", "signature", "spf", "dkim", "dmarc"), [
    ("bad records", "a@wrong.test", "s", "permerror", "permerror", "none"),
    ("bad loops", "a@loop.wrong.test", "t", "permerror", "temperror", "none"),
    ("bad names", "a@names.wrong.test", "none", "temperror", "permerror", "none"),
])
def test_broken_records(us: Pillarbox, names: Names, subject: str, sender: str, signature: str, spf: str, dkim: str, dmarc: str) -> None:
    """Records that are none and loops of every kind are told as what they are, and nothing hangs."""
    field = f"DKIM-Signature: v=1; a=rsa-sha256; d=wrong.test; s={signature}; h=from; bh=AAAA; b=AAAA\n".encode()
    began = time.monotonic()
    say(field + letter(subject, sender, "ann@us.test"), sender)

    assert time.monotonic() - began < LIMITS.identity_wait
    mailbox, text = landed(us, subject)
    found = stated(text)
    assert mailbox == "Inbox"
    assert (brief(found)["spf"], brief(found)["dkim"], brief(found)["dmarc"]) == (spf, dkim, dmarc)


def test_a_name_server_that_never_answers(us: Pillarbox, names: Names, silent: None) -> None:
    """Every name of the author is in a zone whose server is silent: the message is in all the same, after the time for all checks."""
    field = b"DKIM-Signature: v=1; a=rsa-sha256; d=silent.test; s=s; h=from; bh=AAAA; b=AAAA\n"
    began = time.monotonic()
    say(field + letter("silence", "a@silent.test", "ann@us.test"), "a@silent.test", name="mx.silent.test")
    took = time.monotonic() - began
    mailbox, text = landed(us, "silence")
    found = stated(text)

    assert mailbox == "Inbox"
    assert took < LIMITS.identity_wait + 5
    assert brief(found)["spf"] == brief(found)["dkim"] == brief(found)["dmarc"] == "temperror"


async def test_what_an_alias_passes_on_is_sealed(us: Pillarbox, names: Names, signer: Postfix, them: Postfix) -> None:
    """The next server sees with our key in the DNS what we saw, though the mail comes from us."""
    us.command("alias", "add", "far@us.test", "dora@them.test")
    [domain] = us.json("domain", "show", "us.test")
    key = domain["dkim"][0]
    strings = " ".join(f'"{key["record"][at:at + 255]}"' for at in range(0, len(key["record"]), 255))
    before = names.records("us.test")
    names.change("us.test", f"{before}\n{key['record_name']}. TXT {strings}")
    try:
        signer.sendmail("carl@signs.test", "far@us.test", message=letter("sealed", "carl@signs.test", "far@us.test"))
        octets = them.wait_for(b"Subject: sealed").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        message = Message.read(octets)
        clock = SystemClock()
        dns = Upstreams(servers(("127.0.0.1",), ()), clock)
        found = await arc.verify(message, dns, clock.timestamp(), hashes=hash_body(message))
    finally:
        names.change("us.test", before)
        us.command("alias", "remove", "far@us.test")

    assert (str(found.status), found.problem, [each.ascii for each in found.sealers]) == ("pass", "", ["us.test"])
    assert "dmarc=pass" in found.results
