"""mta.smtp.grammar: what others hold to be an address, and what we do."""
import json
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mta.base.errors import BadName
from mta.base.names import Address, Domain, ip_address
from mta.smtp.grammar import BadSyntax, Literal, command, hello_name, mailbox, path
from mta.smtp.grammar import Path as Mailbox

VECTORS = Path(__file__).parent.parent / "vectors"
HOST = Domain("mx.example.test")

ISEMAIL = {
    test.get("id", ""): (test.findtext("address") or "", test.findtext("category") or "")
    for test in ElementTree.parse(VECTORS / "smtp-address-isemail" / "tests.xml").getroot().iter("test")
}
#: Where we decide otherwise than the category says, and why.
OTHERWISE = {
    "71": "RFC 5952 forbids writing :: for one group of zeros; whoever reads may take it, and it is one address only",
}
MOX = json.loads((VECTORS / "records-mox" / "address-smtp.json").read_text())


def octets_of(text: str) -> bytes:
    """The set writes control characters as their pictures."""
    pictured = {0x2400 + code: code for code in range(0x21)} | {0x2421: 0x7F}
    return text.translate(pictured).encode()


def accepted(line: bytes) -> bool:
    """True if line is RCPT with a whole address."""
    try:
        found, words = path(command(line)[1], "TO")
    except BadSyntax:
        return False
    return found is not None and found.domain is not None and not words


@pytest.mark.parametrize("number", ISEMAIL)
def test_isemail(number: str) -> None:
    """Paths are exactly the addresses that RFC 5321 allows, whether or not their domains exist."""
    address, category = ISEMAIL[number]
    wanted = category in ("ISEMAIL_VALID_CATEGORY", "ISEMAIL_RFC5321", "ISEMAIL_DNSWARN")

    assert accepted(b"RCPT TO:<" + octets_of(address) + b">") is (wanted != (number in OTHERWISE))


@pytest.mark.parametrize("case", MOX, ids=lambda case: case["input"])
def test_mox(case: dict[str, str]) -> None:
    """mox's own cases."""
    address = case["input"] if case["test"] == "TestParseAddress" else f"{case['input']}@example.com"

    assert accepted(f"RCPT TO:<{address}>".encode()) is (case["verdict"] == "accept")


@pytest.mark.parametrize(("argument", "wanted", "words"), [
    ("FROM:<>", None, []),
    ("from: <> SIZE=1", None, ["SIZE=1"]),
    ("FROM:<bob@a.example>", Mailbox("bob", Domain("a.example")), []),
    ("FROM :  <bob@A.Example>   SIZE=1  BODY=7BIT ", Mailbox("bob", Domain("a.example")), ["SIZE=1", "BODY=7BIT"]),
    ("FROM:bob@a.example SIZE=1", Mailbox("bob", Domain("a.example")), ["SIZE=1"]),
    ('FROM:<"a > b"@a.example> X', Mailbox("a > b", Domain("a.example")), ["X"]),
    ('FROM:<"a\\"\\\\b"@a.example>', Mailbox('a"\\b', Domain("a.example")), []),
    ('FROM:<""@a.example>', Mailbox("", Domain("a.example")), []),
    ("FROM:<@x.example,@[192.0.2.1]:bob@a.example>", Mailbox("bob", Domain("a.example")), []),
    ("FROM:<a%b!c@a.example>", Mailbox("a%b!c", Domain("a.example")), []),
    ("FROM:<bob@bücher.example>", Mailbox("bob", Domain("xn--bcher-kva.example")), []),
    ("FROM:<bob@[192.0.2.7]>", Mailbox("bob", Literal("192.0.2.7", ip_address("192.0.2.7"))), []),
    ("FROM:<bob@[ipv6:2001:db8::1]>", Mailbox("bob", Literal("ipv6:2001:db8::1", ip_address("2001:db8::1"))), []),
    ("FROM:<PostMaster>", Mailbox("PostMaster", None), []),
    ("FROM:<Ü@a.example>", Mailbox("Ü", Domain("a.example")), []),
])
def test_paths(argument: str, wanted: Mailbox | None, words: list[str]) -> None:
    """What is written and what is meant."""
    assert path(argument, "FROM") == (wanted, words)


@pytest.mark.parametrize("argument", [
    "", "FROM", "FROM:", "FROM:  ", "FROM:<", "FROM:<bob", "FROM:<bob@a.example", "FROM:bob@a.example>", "FROM:<bob@a.example>SIZE=1",
    "FROM:< bob@a.example>", "FROM:<bob @a.example>", "FROM:<bob@a.example >", "FROM:<<bob@a.example>>", "FROM:<bob@>",
    "FROM:<@a.example>", "FROM:<bob>", "FROM:<.bob@a.example>", "FROM:<bob.@a.example>", "FROM:<b..b@a.example>",
    "FROM:<bob@a.example.>", "FROM:<bob@-a.example>", "FROM:<bob@[300.1.1.1]>", "FROM:<bob@[1.2.3]>", "FROM:<bob@[IPv6:::1%eth0]>",
    "FROM:<bob@[IPv6:1.2.3.4]>", "FROM:<bob@[tag:x]>", "FROM:<bob@[]>", "FROM:<a.example:bob@a.example>",
    "FROM:<@x_,y.example:bob@a.example>", 'FROM:<"bob@a.example>', 'FROM:<"bob"x@a.example>', "FROM:<>x", "TO:<bob@a.example>",
    f"FROM:<{'b' * 65}@a.example>", f"FROM:<bob@{'a.' * 126}example>", "FROM:<bob@a.example><eve@a.example>",
    'FROM:<"\\é"@a.example>', "FROM:<bob,eve@a.example>",
    "FROM:\xa0<bob@a.example>", "FROM:<bob@a.example>\xa0SIZE=1", "FROM\u2028:<bob@a.example>",
])
def test_no_paths(argument: str) -> None:
    """What is not an address, and gets a text that says so."""
    with pytest.raises(BadSyntax) as caught:
        path(argument, "FROM")
    assert str(caught.value)


def test_whose_address_a_path_is() -> None:
    """A missing domain, and our own literal, mean our host; another's literal and an empty local part mean nobody."""
    own = ip_address("192.0.2.1")

    assert Mailbox("postmaster", None).at(HOST) == Address("postmaster", HOST)
    assert mailbox("ann@[192.0.2.1]").at(HOST, own) == Address("ann", HOST)
    assert mailbox("ann@a.example").at(HOST, own) == Address("ann", Domain("a.example"))
    for nobody in ("ann@[192.0.2.2]", '""@a.example'):
        with pytest.raises(BadName):
            mailbox(nobody).at(HOST, own)
    with pytest.raises(BadName):
        mailbox("ann@[192.0.2.1]").at(HOST)


def test_mailbox_takes_no_more_than_a_mailbox() -> None:
    """No brackets, no source route, nothing behind."""
    for text in ("<ann@a.example>", "@x.example:ann@a.example", "ann@a.example x", ""):
        with pytest.raises(BadSyntax):
            mailbox(text)


@pytest.mark.parametrize(("line", "wanted"), [
    (b"noop", ("NOOP", "")), (b"MAIL FROM:<>  ", ("MAIL", "FROM:<>")), (b"EHLO  x y ", ("EHLO", "x y")), (b"", ("", "")),
    (b" NOOP", ("", "NOOP")), ("VRFY zoë".encode(), ("VRFY", "zoë")), (b"NOOP\tx", ("NOOP\tX", "")),
    ("NOOP x\xa0".encode(), ("NOOP", "x\xa0")),
])
def test_command(line: bytes, wanted: tuple[str, str]) -> None:
    """Verb and argument."""
    assert command(line) == wanted


@pytest.mark.parametrize("line", [b"NOOP \xff", b"NO\0OP", b"NOOP \x1b[2J", b"NOOP \x7f", b"NOOP a\rb", b"NOOP a\nb"])
def test_no_command(line: bytes) -> None:
    """Octets that no command has."""
    with pytest.raises(BadSyntax):
        command(line)


def test_hello_name() -> None:
    """One word, whatever it is."""
    assert hello_name("mail.example.org") == "mail.example.org"
    assert hello_name("[IPv6:2001:db8::1] and more") == "[IPv6:2001:db8::1]"
    assert hello_name("my_laptop!") == "my_laptop!"
    for name in ("", " x", "a\u200bb", "x" * 256):
        with pytest.raises(BadSyntax):
            hello_name(name)


@pytest.mark.parametrize("argument", [
    "FROM:<" + "@a.b," * 3_000, "FROM:<" + "a." * 6_000, 'FROM:<"' + "\\a" * 6_000, "FROM:<" + "a" * 12_000 + "@", "FROM:" + " " * 12_000,
    "FROM:<bob@" + "a-" * 6_000 + ">", 'FROM:<"' + '" "' * 4_000, "FROM:<bob@[" + "1." * 6_000,
])
def test_hostile_arguments_take_no_time(argument: str) -> None:
    """The longest line that can come is refused in linear time."""
    start = time.process_time()
    for _ in range(10):
        with pytest.raises(BadSyntax):
            path(argument, "FROM")

    assert time.process_time() - start < 1.0
