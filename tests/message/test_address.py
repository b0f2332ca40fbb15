"""Address lists."""
import dataclasses
import json
import xml.etree.ElementTree as ET

import pytest

from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.message import address, header
from mta.message.address import Mailbox, authors, parse_field, parse_list
from tests.message.vectors import need

ANN = Address.parse("ann@example.org")


def seen(text: str) -> list[tuple[str, str]]:
    """(name, address or what stood there) of each mailbox; "!" marks what is no address."""
    return [(mailbox.name, str(mailbox.address) if mailbox.address else "!" + mailbox.raw) for mailbox in parse_list(text)]


@pytest.mark.parametrize(("text", "found"), [
    ("ann@example.org", [("", "ann@example.org")]),
    ("<ann@example.org>", [("", "ann@example.org")]),
    ("Ann Example <ann@example.org>, bob@example.net", [("Ann Example", "ann@example.org"), ("", "bob@example.net")]),
    ('"Example, Ann" <ann@example.org>', [("Example, Ann", "ann@example.org")]),
    ('"a \\"b\\" c" <ann@example.org>', [('a "b" c', "ann@example.org")]),
    ("ann@example.org (Ann (the first) Example)", [("Ann (the first) Example", "ann@example.org")]),
    ("Ann (comment) Example <ann(x)@example(y).org>", [("Ann Example", "ann@example.org")]),
    ("=?utf-8?q?J=C3=BCrgen?= <j@example.org>", [("Jürgen", "j@example.org")]),
    ("=?utf-8?q?Doe,_J?= <j@example.org>", [("Doe, J", "j@example.org")]),
    ('"=?utf-8?q?J=C3=BCrgen?=" <j@example.org>', [("Jürgen", "j@example.org")]),
    ("Jürgen <jürgen@bücher.example>", [("Jürgen", "jürgen@bücher.example")]),
    ("<@a.example,@b.example:ann@example.org>", [("", "ann@example.org")]),
    ("Ann <@a.example:ann@example.org>, bob@example.net", [("Ann", "ann@example.org"), ("", "bob@example.net")]),
    ('"ann smith"@example.org', [("", '"ann smith"@example.org')]),
    ('<"a@b"@example.org>', [("", '"a@b"@example.org')]),
    ("a . b @ c . example", [("", "a.b@c.example")]),
    ("Ann Example ann@example.org", [("Ann Example", "ann@example.org")]),
    ("ann@[192.0.2.1]", [("", "!ann@[192.0.2.1]")]),
    ("root", [("", "!root")]),
    ("Ann <>", [("", "!Ann")]),
    ("<>", []),
    ("", []),
    (" , ,, ", []),
    ("undisclosed-recipients:;", []),
    ("Friends: ann@example.org, Bob <bob@example.net>; carl@example.com",
     [("", "ann@example.org"), ("Bob", "bob@example.net"), ("", "carl@example.com")]),
    ("ann@example.org; bob@example.net", [("", "ann@example.org"), ("", "bob@example.net")]),
    ("Ann <ann@example.org", [("Ann", "ann@example.org")]),
    ("Ann <ann@example.org, Bob <bob@example.net>", [("Ann", "ann@example.org"), ("Bob", "bob@example.net")]),
    ("<<ann@example.org>>", [("", "ann@example.org")]),
    ('"Ann <ann@example.org>', [("Ann", "ann@example.org")]),
    ("Ann (never ended <ann@example.org>", [("", "!Ann")]),
    ("J. R. Ewing <jr@example.org>", [("J. R. Ewing", "jr@example.org")]),
    ("ann@@example.org", [("", "!ann@@example.org")]),
    ("ann@example.org bob@example.net", [("ann@example.org", "bob@example.net")]),
    ("boss@bank.example <ann@example.org>", [("boss@bank.example", "ann@example.org")]),
    ("a\x00b@example.org", [("", "!a\x00b@example.org")]),
    ("@example.org", [("", "!@example.org")]),
])
def test_parse_list(text: str, found: list[tuple[str, str]]) -> None:
    """Good and bad lists give what was meant."""
    assert seen(text) == found


def test_groups_are_named() -> None:
    """A mailbox knows the group it was in."""
    assert [mailbox.group for mailbox in parse_list('"My Friends": a@b.example; c@d.example')] == ["My Friends", ""]


def test_bounds() -> None:
    """Only so many addresses are looked at, and names are cut."""
    limits = dataclasses.replace(LIMITS, addresses_in_field=10)

    assert len(parse_list("ann@example.org, " * 100, limits)) == 10
    assert len(parse_list("(x) ann@example.org, " * 100, limits)) == 10
    assert len(parse_list('"' + "n" * 5_000 + '" <ann@example.org>')[0].name) == LIMITS.kept_text


def test_several_fields_are_one_list() -> None:
    """A second To field is not lost, nor does it run into the first."""
    top = header.parse(b"To: a@b.example\r\nTo: c@d.example\r\n\r\n")

    assert [str(mailbox.address) for mailbox in parse_field(top, "to")] == ["a@b.example", "c@d.example"]
    assert parse_field(top, "cc") == []


@pytest.mark.parametrize(("fields", "addresses", "sound"), [
    (b"From: ann@example.org\r\n", ["ann@example.org"], True),
    (b"From: Ann Example <ann@example.org>\r\n", ["ann@example.org"], True),
    (b"From: =?utf-8?q?A=40b?=\r\n <ann@example.org> (hi)\r\n", ["ann@example.org"], True),
    (b"From: ann@example.org <ann@example.org>\r\n", ["ann@example.org"], True),
    (b"From: \"boss@bank.example\" <ann@example.org>\r\n", ["ann@example.org"], True),
    (b"From: ann@example.org, bob@example.net\r\n", ["ann@example.org", "bob@example.net"], True),
    (b"To: ann@example.org\r\n", [], False),
    (b"From: ann@example.org\r\nFROM: bob@example.net\r\n", ["ann@example.org", "bob@example.net"], False),
    (b"From: ann@example.org\r\nFrom : ann@example.org\r\n", ["ann@example.org", "ann@example.org"], False),
    (b"From: boss@bank.example <ann@example.org>\r\n", ["ann@example.org"], False),
    (b"From: <boss@bank.example> <ann@example.org>\r\n", ["boss@bank.example", "ann@example.org"], False),
    (b"From: <ann@example.org> boss@bank.example\r\n", ["ann@example.org"], False),
    (b"From: ann@example.org, nobody\r\n", ["ann@example.org"], False),
    (b"From: \"ann@example.org\r\n", ["ann@example.org"], False),
    (b"From: ann@example.org (never ended\r\n", ["ann@example.org"], False),
    (b"From: <ann@example.org\r\n", ["ann@example.org"], False),
    (b"From: ann@[192.0.2.1]\r\n", [], False),
    (b"From: nobody:;\r\n", [], False),
    (b"From: group: ann@example.org;\r\n", ["ann@example.org"], True),
    (b"From:\r\n", [], False),
    (b"From: a@b@example.org\r\n", [], False),
])
def test_authors(fields: bytes, addresses: list[str], sound: bool) -> None:
    """Who wrote a message is known only if From is there once and can be read in one way."""
    found = authors(header.parse(fields + b"\r\n"))

    assert list(map(str, found.addresses)) == addresses
    assert (found.problem == "") is sound


@pytest.mark.parametrize("mailboxes", [
    [Mailbox("", ANN)], [Mailbox("Ann Example", ANN)],
    [Mailbox("Example, Ann", ANN), Mailbox("Jürgen Müller", Address.parse("j@x.example"))],
    [Mailbox('"quo\\ted"', ANN)], [Mailbox("日本語" * 30, ANN)] * 30, [Mailbox("", Address.parse('"a b"@example.org'))],
    [Mailbox("Ü", Address.parse("ü@bücher.example"))], [Mailbox("A-label", Address.parse("ann@bücher.example"))]])
def test_format_comes_back(mailboxes: list[Mailbox]) -> None:
    """What is written, on one line or folded, reads as the same mailboxes."""
    for text in (address.format(mailboxes), address.folded(mailboxes, 6)):
        again = parse_list(text.replace("\r\n", ""))

        assert [(mailbox.name, mailbox.address) for mailbox in again] == [(mailbox.name, mailbox.address) for mailbox in mailboxes]
        assert text.isascii() is not any(mailbox.address and mailbox.address.needs_smtputf8 for mailbox in mailboxes)
        assert "\n" not in text.replace("\r\n ", "")
    assert all(len(line) <= 78 for line in ("xxxxxx" + address.folded(mailboxes, 6)).split("\r\n"))


def test_for_people() -> None:
    """A mailbox is shown with U-labels and without quotes."""
    assert str(Mailbox("Ann, E.", Address.parse("ann@xn--bcher-kva.example"))) == "Ann, E. <ann@bücher.example>"
    assert str(Mailbox("", None, "root")) == "root"
    assert Mailbox("", None, "root").spec == "root"


def test_vectors() -> None:
    """Others' list of address fields has the same addresses in it."""
    different = []
    for case in json.loads((need("mime-mail-parser") / "address.json").read_text()):
        want = case["expected"]
        wanted: list[str] = []
        for each in (want or {}).get("List", []):
            wanted.append(each["address"])
        for group in (want or {}).get("Group", []):
            wanted += [each["address"] for each in group["addresses"]]
        text = case["header"].replace("\n", "")
        if [mailbox.raw for mailbox in parse_list(text)] != [each for each in wanted if each]:
            different.append(text[:24])

    # Theirs keep routes and spaces inside an address and read until a line that is not folded.
    assert different == ["Mary Smith <@node.test:m", "John Doe <jdoe@machine(c", "test@test.cominvalid@add"]


def test_isemail_vectors() -> None:
    """Addresses that exist in SMTP are read, those that exist nowhere are not."""
    wrong = []
    for case in ET.parse(need("smtp-address-isemail") / "tests.xml").getroot().iter("test"):
        text = "".join(chr(ord(char) - 0x2400) if 0x2400 <= ord(char) <= 0x2420 else char for char in case.findtext("address") or "")
        category, diagnosis = case.findtext("category"), case.findtext("diagnosis") or ""
        good = category in ("ISEMAIL_VALID_CATEGORY", "ISEMAIL_DNSWARN", "ISEMAIL_RFC5321")
        if good or category == "ISEMAIL_ERR":
            # Mail to address literals is not sent from here.
            if "ADDRESSLITERAL" not in diagnosis and (address.read_spec(text) is not None) is not good:
                wrong.append(text)
            parse_list(text)

    # A last dot names the same domain; an empty local part is none; RFC 6531 lets "\©" be.
    assert wrong == ["test@iana.org.", '""@iana.org', '"test\\©"@iana.org']
