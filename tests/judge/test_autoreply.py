"""Who gets an answer from a program: a person who wrote to this person, and nobody else."""
import pytest

from mta.base.names import Address
from mta.judge.autoreply import named, refusal
from mta.message import header

PLAIN = "From: carl@else.example\r\nTo: Ann <ann@example.org>\r\nSubject: Hello\r\n"


def own(address: Address) -> bool:
    """Ann's address."""
    return address.ascii.lower() == "ann@example.org"


def why(text: str = PLAIN, sender: str | None = "carl@else.example", *, forged: bool = False) -> str:
    """What is said of a message with these fields."""
    return refusal(header.parse(f"{text}\r\n".encode()), Address.parse(sender) if sender else None, own, forged=forged)


@pytest.mark.parametrize("text", [
    PLAIN, f"{PLAIN}Auto-Submitted: no\r\n", f"{PLAIN}Auto-Submitted: No\r\n",
    PLAIN.replace("To: Ann <ann@example.org>", "To: bob@example.org\r\nCc: x@y.example, ANN@example.org"),
    PLAIN.replace("To: Ann <ann@example.org>", "To: list@else.example\r\nResent-To: ann@example.org"),
    f"{PLAIN}Precedence: first-class\r\n", f"{PLAIN}X-List: no\r\n"])
def test_people_are_answered(text: str) -> None:
    """A person's mail that names the owner."""
    assert why(text) == ""


@pytest.mark.parametrize(("more", "said"), [
    ("Auto-Submitted: auto-replied", "program"), ("Auto-Submitted: auto-generated; type=x", "program"),
    ("auto-submitted: Anything", "program"),
    ("List-Id: <talk.else.example>", "mailing list"), ("LIST-UNSUBSCRIBE: <mailto:x@else.example>", "mailing list"),
    ("List-Post: NO", "mailing list"), ("Precedence: bulk", "masses"), ("Precedence: JUNK", "masses"), ("Precedence: list", "masses"),
    ("Precedence: auto_reply", "masses"), ("X-Auto-Response-Suppress: All", "program"), ("X-Autoreply: yes", "program"),
    ("Content-Type: multipart/report; report-type=delivery-status", "report")])
def test_programs_and_lists_are_not(more: str, said: str) -> None:
    """What says so itself."""
    assert said in why(f"{PLAIN}{more}\r\n")


@pytest.mark.parametrize("sender", [
    None, "MAILER-DAEMON@else.example", "mailer-daemon@else.example", "noreply@else.example", "no-reply@else.example",
    "shop-noreply@else.example", "do-not-reply@else.example", "DoNotReply@else.example", "owner-talk@else.example",
    "talk-request@else.example", "talk-bounces@else.example", "bounces+123@else.example", "bounce-7-ann=example.org@else.example",
    "postmaster@else.example", "listserv@else.example", "majordomo@else.example", "root@else.example", "notifications@else.example",
    "SRS0=aaaa=bb=far.example=x@else.example", "srs1=aaaa=far.example==x@else.example", "ann@example.org", "prvs=123=x@else.example"])
def test_where_no_person_sits(sender: str | None) -> None:
    """Null paths, addresses of programs and lists, rewritten ones, and oneself."""
    assert why(sender=sender)


@pytest.mark.parametrize("sender", ["noreen@else.example", "rootes@else.example", "bouncer@else.example", "carl.bounceman@else.example"])
def test_people_with_such_names(sender: str) -> None:
    """Who only sounds like a program is a person."""
    assert why(sender=sender) == ""


def test_not_named_or_forged() -> None:
    """Mail to somebody else, blind copies, and what may be a lie."""
    assert "Neither To nor Cc" in why(PLAIN.replace("ann@", "bob@"))
    assert "Neither To nor Cc" in why("From: carl@else.example\r\n")
    assert "may not be from whom it says" in why(forged=True)


def test_a_bounded_look() -> None:
    """Of very many recipients the first hundred are looked at."""
    many = ", ".join(f"p{number}@else.example" for number in range(150))
    top = header.parse(f"To: {many}, ann@example.org\r\nCc: ann@example.org\r\n\r\n".encode())
    assert len(list(named(top))) == 100
    assert "Neither To nor Cc" in why(f"To: {many}, ann@example.org\r\n")
