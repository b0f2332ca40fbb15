"""Tests of mta.judge.features."""
import pytest

from mta.base.limits import LIMITS
from mta.judge.features import features, key
from mta.message import structure
from tests.message.vectors import crlf

PLAIN = b"""\
From: "Big Bob" <Bob99x9@Shop.example>
Reply-To: other@else.example
To: Ann <ann@example.org>
Subject: BUY now
Message-ID: <1@mailer.example>
X-Mailer: Sender 2
List-Id: <offers.shop.example>
Date: Tue, 01 Jan 2030 12:00:00 +0000
Received: from secret.example by mx.example.org

Buy this at http://www.shop.example/a for $99.50 today!!
"""


def of(text: bytes) -> list[str]:
    """The features of a message whose lines may end in LF."""
    octets = crlf(text)
    return features(octets, structure.analyse(octets))


def html(source: str) -> list[str]:
    """The features of a page."""
    return of(b"Content-Type: text/html; charset=utf-8\n\n" + source.encode())


@pytest.mark.parametrize("feature", [
    "subject:buy", "subject:now", "subject:buy now", "from:big", "from:bob99x9@shop.example", "from:shop.example",
    "from:a name with digits",
    "reply-to:else.example", "to:ann", "to:1 people", "no answer", "x-mailer:sender", "list-id:<offers.shop.example>", "id:mailer.example",
    "id:of another domain", "part:text/plain", "link:about 1", "link:www.shop.example", "link:shop.example", "buy", "buy this", "$99.50",
    "today!!", "$99.50 today!!"])
def test_what_is_seen(feature: str) -> None:
    """Words and pairs of the body as they are, everything else with where it was found."""
    assert feature in of(PLAIN)


def test_the_way_it_came_is_not_seen() -> None:
    """Neither Date nor Received says anything: that is reputation's business."""
    assert not [feature for feature in of(PLAIN) if "secret" in feature or "2030" in feature]


def test_each_once_and_in_one_order() -> None:
    """A message has the same features in the same order each time, none of them twice."""
    found = of(PLAIN)

    assert found == of(PLAIN)
    assert len(found) == len(set(found))


def test_text_and_page_are_both_read() -> None:
    """What only one of two alternatives says is seen too."""
    found = of(b"Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\nharmless\n"
               b"--x\nContent-Type: text/html\n\n<p>casino</p>\n--x--\n")

    assert {"harmless", "casino"} <= set(found)


@pytest.mark.parametrize(("source", "feature"), [
    ("vi<b></b>agra", "viagra"), ("<td>one</td><td>two</td>", "one two"), ("f&#114;ee", "free"), ("fr\u200bee", "free"),
    ('<img src="https://pixel.example/x" alt="click here">', "click here"), ('<img src="https://pixel.example/x">', "link:pixel.example"),
    ('<a href="//user@evil.example:80/">x</a>', "link:evil.example"), ("<script>casino()</script>plain", "plain")])
def test_a_page_as_it_is_seen(source: str, feature: str) -> None:
    """Tags within a word, entities and invisible characters hide nothing; links and texts of pictures count."""
    assert feature in html(source)


def test_scripts_and_relative_links_are_no_words() -> None:
    """What is not shown is not read, and a file name is no host."""
    found = html('<script>casino()</script><style>poker</style><a href="page.html">x</a><img src="cid:a@b.example">')

    assert not [feature for feature in found if "casino" in feature or "poker" in feature or feature.startswith(("link:page", "link:b."))]


@pytest.mark.parametrize(("text", "feature"), [
    ("ＦＲＥＥ", "free"), ("未承諾広告", "承諾"), ("未承諾広告", "広告"), ("x" * 37, "30 characters"), ("1234567", "7 digits"),
    ("1234", "1234"),
    ("Ärger", "ärger"), ("don’t", "don’t")])
def test_words_of_all_scripts(text: str, feature: str) -> None:
    """Letters in disguise are read plainly, scripts without spaces in pairs of characters, what is endless by its length."""
    assert feature in of(f"Content-Type: text/plain; charset=utf-8\n\n{text}\n".encode())


def test_attachments_are_named() -> None:
    """The kind of a part and the ending of its name count."""
    found = of(b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: application/zip\n"
               b"Content-Disposition: attachment; filename=\"Invoice.pdf.EXE\"\n\nAAAA\n--x--\n")

    assert {"part:application/zip", "file:exe"} <= set(found)


@pytest.mark.parametrize(("octets", "feature"), [
    (b"From: a@b.example\nMessage-ID: <1@mail.b.example>\n\nx\n", "id:of the author's domain"), (b"From: a@b.example\n\nx\n", "id:none"),
    (b"In-Reply-To: <1@b.example>\n\nx\n", "an answer"), (b"Subject: HELLO you\n\nx\n", "subject:2 quarters in capitals")])
def test_traits(octets: bytes, feature: str) -> None:
    """Where the Message-ID is from, whether it answers, how loud its subject is."""
    assert feature in of(octets)


def test_bounded() -> None:
    """However long a message, it has no more features than the bound, and what its header says is among them."""
    body = " ".join(f"w{number}" for number in range(100_000)).encode()
    for form in (b"", b"Content-Type: text/html\n", b"Content-Type: text/plain; charset=utf-16\n"):
        found = of(b"Subject: last\n" + form + b"\n" + body)
        assert len(found) <= LIMITS.junk_features
        assert "subject:last" in found


def test_keys_differ() -> None:
    """Numbers of 32 bits, the same on every machine; text that is no Unicode has one too."""
    assert key("free") == 0x4D2EC1C8
    assert 0 <= key("free") < 1 << 32
    assert len({key(word) for word in ("free", "freee", "subject:free", "\udcff")}) == 4
