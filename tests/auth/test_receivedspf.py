"""mta.auth.receivedspf: the field, as others will read it."""
import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mta.auth.receivedspf import received_spf
from mta.auth.spf import SpfResult
from mta.auth.status import Status
from mta.base.names import Domain, ip_address

RECEIVER = Domain("mx.receiver.example")
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
QUOTED = r'"(?:[^"\\\r\n]|\\[ -~])*"'
#: RFC 7208 §9.1, unfolded and without what is optional and not used.
FIELD = re.compile(
    rf"Received-SPF: (pass|fail|softfail|neutral|none|temperror|permerror) \((?:[^()\\\r\n]|\\[()\\])*\)"
    rf" [a-z-]+=(?:{ATOM}(?:\.{ATOM})*|{QUOTED})(?:; [a-z-]+=(?:{ATOM}(?:\.{ATOM})*|{QUOTED}))*")


def test_a_field() -> None:
    """Folded, with a comment for people and pairs for programs."""
    result = SpfResult(Status.PASS, "mailfrom", Domain("example.com"), "myname@example.com", "ip4:192.0.2.0/24")

    assert received_spf(result, ip_address("192.0.2.1"), "foo.example.com", RECEIVER).decode() == (
        "Received-SPF: pass (mx.receiver.example: domain of myname@example.com\r\n"
        " designates 192.0.2.1 as permitted sender) receiver=mx.receiver.example;\r\n"
        " client-ip=192.0.2.1; envelope-from=\"myname@example.com\";\r\n"
        " helo=foo.example.com; identity=mailfrom; mechanism=\"ip4:192.0.2.0/24\"\r\n")


def unfolded(result: SpfResult, hello: str, ip: str = "2001:db8::1") -> str:
    """The field as one line; it is well folded."""
    field = received_spf(result, ip_address(ip), hello, RECEIVER).decode()
    assert field.endswith("\r\n")
    for line in field.removesuffix("\r\n").split("\r\n"):
        assert line.strip()
        assert len(line) <= 998
    return re.sub(r"\r\n(?= )", "", field.removesuffix("\r\n"))


def test_dnssec_is_told() -> None:
    """The comment says if DNSSEC vouches for the result, however long the names are."""
    result = SpfResult(Status.PASS, "mailfrom", None, "a" * 400, "a", authentic=True)

    assert re.search(r"\(mx\.receiver\.example: domain of a+, DNSSEC\) receiver=", unfolded(result, "x.example"))
    assert ", DNSSEC) receiver=" in unfolded(SpfResult(Status.FAIL, "helo", None, "a(b)c", "-all", authentic=True), "x.example")


def test_an_error_tells_its_problem_and_no_mechanism() -> None:
    """None decided it; what is to be mended is said."""
    result = SpfResult(Status.PERMERROR, "helo", None, "postmaster@x.example", "include:y.example", problem="it is \"wrong\"")
    field = unfolded(result, "x.example")

    assert 'identity=helo; problem="it is \\"wrong\\""' in field
    assert "mechanism" not in field


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.POLICY])
@pytest.mark.parametrize("hello", ["a.example", "[192.0.2.1]", "", 'a"\\b', "a\r\nSubject: x", "\udc80", "a" * 2_000, "(" * 400, " " * 500])
def test_every_result_is_in_the_grammar(status: Status, hello: str) -> None:
    """Whatever a stranger calls itself: one field, in the grammar."""
    assert FIELD.fullmatch(unfolded(SpfResult(status, "helo", None, f"postmaster@{hello}", problem=hello), hello))


@given(some.text(max_size=100), some.text(max_size=100), some.text(max_size=100))
def test_any_text_is_in_the_grammar(sender: str, hello: str, problem: str) -> None:
    """Nothing ends the line, a comment or a quoted string but we."""
    assert FIELD.fullmatch(unfolded(SpfResult(Status.FAIL, "mailfrom", None, sender, "-all", problem=problem), hello))
