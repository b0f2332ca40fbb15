"""Replies of other servers: recognised, explained, and never by the words of somebody's address."""
import time
from itertools import pairwise
from pathlib import Path

import pytest

from mta.base.errors import Failure, Reach
from mta.report import causes
from mta.report.advice import advice
from mta.report.causetable import CAUSES

VECTORS = Path(__file__).parent.parent / "vectors" / "replies"


def rows(name: str) -> list[tuple[str, str, str]]:
    """Cause, host and reply of each line of a file."""
    lines = (VECTORS / name).read_text("utf-8").splitlines()
    return [(cause, host, reply) for cause, host, reply in (line.split("\t") for line in lines)]


@pytest.mark.parametrize(("cause", "host", "reply"), [*rows("providers.tsv"), *rows("bounces.tsv")])
def test_real_replies(cause: str, host: str, reply: str) -> None:
    """Each is what somebody who read it says that it is."""
    found = causes.recognise(causes.read(reply, host))
    assert (found.name if found else "-") == cause


def test_most_are_known() -> None:
    """Of the bounces of all kinds of servers, 19 of 20 at least."""
    known = [cause for cause, _, _ in rows("bounces.tsv")]
    assert known.count("-") / len(known) < 0.05


def test_the_table() -> None:
    """Names are unique; sentences are whole and, for the sender, without jargon; each row can be reached."""
    names = [cause.name for cause in CAUSES]
    assert len(names) == len(set(names)) >= 40
    for cause in CAUSES:
        for sentence in (cause.what, cause.todo, cause.step):
            assert sentence[0].isupper() or sentence.startswith("[")
            assert sentence.rstrip().endswith(".")
        assert not any(word in cause.what + cause.todo for word in ("SMTP", "MTA", "MX", "RCPT", "TLS"))
        assert cause.link == "" or cause.link.startswith("https://")


def test_an_address_proves_nothing() -> None:
    """Who is called spam, dmarc or mailbox.full is not taken for it."""
    for name in ("spam", "dmarc", "virus", "greylisting", "mailbox.full"):
        found = causes.recognise(Failure(Reach.RECIPIENT, True, 550, "5.1.1", f"<{name}@b.test>: User unknown", "RCPT", "mx.b.test"))
        assert found is not None
        assert found.name == "no-such-user"


def test_a_domain_without_mail() -> None:
    """Found out here or said by a relay, it is not taken for an address that does not exist (RFC 7505 §4)."""
    for text in ("the domain b.test takes no mail (null MX)", "Recipient address has null MX"):
        found = causes.recognise(Failure(Reach.RECIPIENT, True, 556, "5.1.10", text, "DNS"))
        assert found is not None
        assert found.name == "no-mail-domain"
        assert found.what == "The domain of this address takes no mail at all."


def test_codes_of_one_provider_are_its_own() -> None:
    """5.7.27 means SPF at Gmail, and a null MX of the sender elsewhere (RFC 7505)."""
    def said(host: str) -> Failure:
        return Failure(Reach.RECIPIENT, True, 550, "5.7.27", "no", "RCPT", host)

    gmail, other = causes.recognise(said("aspmx.l.google.com")), causes.recognise(said("mx.b.test"))
    assert gmail is not None
    assert gmail.name == "gmail-spf"
    assert other is None
    assert causes.recognise(said("aspmx.l.google.com.evil.test")) is None


def test_what_we_saw_ourselves_is_no_reply() -> None:
    """Code 0: nobody said anything."""
    assert causes.recognise(Failure(Reach.HOST, False, 0, "4.4.1", "greylisting spamhaus", "connect", "mx.b.test")) is None


def test_the_sender_is_told() -> None:
    """A known cause says more than the code."""
    failure = causes.read("550 5.7.1 (S3150) part of their network is on our block list", "mx.outlook.com")
    assert advice(failure).what == "Microsoft takes no mail from the network that your mail server stands in."


def test_reading_what_was_copied() -> None:
    """Several lines, with codes on each or none at all, from a notice or a log."""
    long = causes.read("550-5.7.26 This mail\n550-5.7.26 is unauthenticated\n550 5.7.26 gsmtp")
    assert (long.code, long.enhanced, long.text, long.lasting) == (550, "5.7.26", "This mail is unauthenticated gsmtp", True)
    assert causes.read("smtp; 421 4.7.0 [TSS04] later").code == 421
    assert (causes.read("mailbox is full").code, causes.read("4.2.2 full").code, causes.read("").text) == (550, 450, "")


def test_time() -> None:
    """No reply can hold us up: twice the text takes no more than about twice the time, and is cut."""
    worst = ["user " * 4_000, "5.7.1 " * 3_000, "a" * 20_000, "@" * 20_000, "message mail size " * 1_500, "is on a " * 2_500]
    for text in worst:
        spent = []
        for piece in (text[:700], text):
            began = time.process_time()
            causes.recognise(Failure(Reach.RECIPIENT, True, 550, "5.0.0", piece, "RCPT", "mx.b.test"))
            spent.append(time.process_time() - began)
        assert all(later < 0.25 for _, later in pairwise(spent))
