"""mta.auth.results: Authentication-Results written, read, and those that are not ours found."""
import time

import pytest

from mta.auth import results
from mta.auth.results import Method, Property, Results
from mta.auth.status import Status
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.message import header

MX = Domain("mx.example.org")


def fields(*values: str) -> list[header.Field]:
    """Header fields as a message has them."""
    return header.parse("".join(f"{value}\r\n" for value in values).encode() + b"\r\n").fields


def test_writing() -> None:
    """One line for each method; values and reasons are quoted where they must be (RFC 8601 §2.2)."""
    field = results.field(MX, [
        Method("spf", Status.PASS, comment="with dnssec", properties=(Property("smtp", "mailfrom", "a@example.net"),)),
        Method("dkim", Status.FAIL, 'bad "body" hash', properties=(
            Property("header", "d", "example.net"), Property("header", "i", "@example.net"), Property("header", "b", "a+b/c="))),
        Method("iprev", Status.PASS, comment="out (really) \\", properties=(Property("policy", "iprev", "2001:db8::1"),)),
        Method("dmarc", Status.NONE, "a@example.org"),
    ])

    assert field == (
        b"Authentication-Results: mx.example.org;\r\n\tspf=pass (with dnssec) smtp.mailfrom=a@example.net;\r\n"
        b'\tdkim=fail reason="bad \\"body\\" hash" header.d=example.net\r\n\t  header.i=@example.net header.b="a+b/c=";\r\n'
        b'\tiprev=pass (out \\(really\\) \\\\) policy.iprev="2001:db8::1";\r\n\tdmarc=none reason="a@example.org"\r\n')
    assert results.field(MX, []) == b"Authentication-Results: mx.example.org; none\r\n"


def test_what_strangers_chose_breaks_nothing() -> None:
    """It ends neither line, quote nor comment, and is bounded."""
    nasty = 'c"\r\n d; dmarc=pass\\'
    method = Method("spf", Status.FAIL, f"r\r\nBcc: x{nasty}", ")\r\n(" * 1_000, (Property("smtp", "mailfrom", nasty),))
    field = results.field(MX, [method])
    found = fields(field.decode().removesuffix("\r\n"))
    read = results.read(found[0].unfolded())

    assert len(found) == 1
    assert len(field) < 4 * LIMITS.results_value
    assert (read.problem, [one.method for one in read.methods]) == ("", ["spf"])
    assert read.methods[0].value("smtp", "mailfrom") == nasty.replace("\r\n", "  ")


def test_utf8() -> None:
    """Characters beyond ASCII only where the message may have them (RFC 8616 §3, RFC 6532 §3)."""
    method = Method("spf", Status.PASS, properties=(Property("smtp", "mailfrom", "ü@example.org"),))

    assert results.field(MX, [method]).isascii()
    assert 'smtp.mailfrom="ü@example.org"'.encode() in results.field(MX, [method], utf8=True)
    assert results.read("mx.bücher.example; spf=pass smtp.mailfrom=ü@bücher.example") == Results(
        "mx.bücher.example", (Method("spf", Status.PASS, properties=(Property("smtp", "mailfrom", "ü@bücher.example"),)),))


@pytest.mark.parametrize(("text", "by", "methods"), [
    ("example.org; none", "example.org", ()),
    ("example.org 1; none", "example.org", ()),
    ("(us) example.org (really) 1 (one) ; (nothing) none (at all)", "example.org", ()),
    ('"our server"; auth=pass (cram-md5) smtp.auth=sender@example.com', "our server",
     (Method("auth", Status.PASS, "", "cram-md5", (Property("smtp", "auth", "sender@example.com"),)),)),
    ("example.com; SPF=Pass smtp.mailfrom=example.net", "example.com",
     (Method("spf", Status.PASS, properties=(Property("smtp", "mailfrom", "example.net"),)),)),
    ("foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail policy (A dot can go here) . "
     "(like that) expired (this surprised me) = (as I wasn't expecting it) 1362471462", "foo.example.net",
     (Method("dkim", Status.FAIL, "", "Because I like it One yay wait for it A dot can go here like that this surprised me "
             "as I wasn't expecting it", (Property("policy", "expired", "1362471462"),)),)),
    ('x; dkim=fail reason="bad \\"hash\\"; really" header.i=@example.com;dkim=policy header.b="a/b="', "x",
     (Method("dkim", Status.FAIL, 'bad "hash"; really', properties=(Property("header", "i", "@example.com"),)),
      Method("dkim", Status.POLICY, properties=(Property("header", "b", "a/b="),)))),
    ('x; spf=hardfail smtp.mailfrom="joe doe"@example.org', "x",
     (Method("spf", "hardfail", properties=(Property("smtp", "mailfrom", '"joe doe"@example.org'),)),)),
    ("x; new/2=pass", "x", (Method("new", Status.PASS, version=2),)),
])
def test_reading(text: str, by: str, methods: tuple[Method, ...]) -> None:
    """The grammar with its comments, quotes and versions, the examples of RFC 8601 §B among them."""
    assert results.read(text) == Results(by, methods)


@pytest.mark.parametrize(("text", "by", "kept"), [
    ("", "", []), (";", "", []), ("; spf=pass", "", []), ("(open; spf=pass", "", []), ('"open; spf=pass', "", []),
    ("x" * (LIMITS.results_text + 1), "", []),
    ("example.org", "example.org", []), ("example.org 2; spf=pass", "example.org", []), ("a b; spf=pass", "a", []),
    ("a/b; spf=pass", "a", []),
    ("x;", "x", []), ("x; spf", "x", []), ("x; spf=", "x", []), ("x; =pass", "x", []), ("x; spf=pass smtp", "x", []),
    ("x; spf=pass smtp.mailfrom", "x", []), ("x; spf=pass smtp.mailfrom=", "x", []), ("x; spf=pass/1", "x", []), ("x; spf/=pass", "x", []),
    ("x; none; spf=pass", "x", ["spf"]), ("x; spf=pass; none", "x", ["spf"]), ("x; bad; dkim=pass; ; arc=fail", "x", ["dkim", "arc"]),
    ('x; spf=pass reason="a"smtp.helo=b', "x", []), ("x; spf=pass reason=", "x", []), ("x; spf=pass (c) (", "", []),
    ("x; spf=pass smtp.helo=a]b\"c", "", []),
])
def test_what_breaks_the_grammar(text: str, by: str, kept: list[str]) -> None:
    """It is told, and takes no other statement with it."""
    read = results.read(text)

    assert (read.by, [method.method for method in read.methods]) == (by, kept)
    assert read.problem


@pytest.mark.parametrize(("statement", "kind", "name", "value"), [
    ("dmarc=pass (p=none) action=none header.from=example.org", "header", "from", "example.org"),
    ("dkim=pass header.b=ab/c+d== header.d=example.org", "header", "b", "ab/c+d=="),
    ("iprev=pass policy.iprev=2001:db8::1", "policy", "iprev", "2001:db8::1"),
    ("spf=pass smtp.mailfrom=a@", "smtp", "mailfrom", "a@"),
])
def test_what_many_write(statement: str, kind: str, name: str, value: str) -> None:
    """Values without quotes and words beside the grammar leave no doubt; they are told and read."""
    read = results.read(f"mx.microsoft.example 1; {statement}")

    assert read.methods[0].value(kind, name) == value
    assert "is not written as RFC 8601 asks" in read.problem


def test_bounds() -> None:
    """No stranger makes us keep more than some statements, or think for long."""
    many = "x" + "; spf=pass" * 1_000
    begin = time.process_time()
    for text in (many, "x; spf=pass" + " a.b=c" * 1_000, "x; spf=pass " + "(" * 50_000, "x; spf=pass " + "()" * 30_000 + "=",
                 "x; spf=pass a.b=" + "c" * 60_000 + "/", "x; " + "a-" * 30_000, "x; spf=pass a.b=" + "c." * 30_000 + "@", '"' * 60_000):
        assert results.read(text).problem

    assert time.process_time() - begin < 2
    assert len(results.read(many).methods) == LIMITS.results_methods


@pytest.mark.parametrize("value", [
    "mx.example.org; spf=pass", "MX.Example.Org; none", "mx.example.org 2; spf=pass", "mx.example.org.; none", '"mx.example.org"; none',
    '"mx.\\example.org"; none', "(x) mx.example.org (y); none", "mx.example.org", "mx.example.org/x; none", "mx.example.org spf=pass",
    "; mx.example.org; spf=pass", '"mx.example.org; spf=pass', "(mx.example.org; spf=pass", "=?utf-8?q?mx=2Eexample=2Eorg?=; spf=pass",
    "\r\n\tmx.example.org;\r\n\tnone",
])
def test_forged_fields(value: str) -> None:
    """Whatever may be read as ours is found (RFC 8601 §5)."""
    given = fields("From: a@b.example", f"Authentication-Results: {value}", f"authentication-RESULTS : {value}")

    assert results.forged(given, MX) == given[1:]


@pytest.mark.parametrize("value", [
    "mx.example.com; none", "other.example.org; spf=pass smtp.helo=mx.example.org", "amx.example.org; none", "example.org; none",
    "x; mx.example.org",
])
def test_fields_of_others(value: str) -> None:
    """They stay, even where they name us."""
    assert results.forged(fields(f"Authentication-Results: {value}", "X-Authentication-Results: mx.example.org; none"), MX) == []


def test_our_name_in_unicode() -> None:
    """A host with letters beyond ASCII is found in both forms (RFC 8616 §3)."""
    ours = Domain.parse("mx.bücher.example")

    for name in ("mx.bücher.example", "mx.xn--bcher-kva.example", "MX.BÜCHER.example"):
        assert len(results.forged(fields(f"Authentication-Results: {name}; none"), ours)) == 1
