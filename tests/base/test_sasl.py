"""mta.base.sasl: the server's side of each mechanism, against the RFCs' examples and our own client."""
import ast
import base64
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mta.base.sasl import END_POINT, BadExchange, Plain, ScramSecrets, ScramServer, decode, parse_login, parse_plain, prepare, scram_keys
from mta.base.saslclient import Scram

CORPUS = sorted((Path(__file__).parent.parent / "vectors" / "smtp-fuzz-chasquid" / "auth").rglob("*/FuzzDecodeResponse/*"))
SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")


def secrets(*passwords: str) -> ScramSecrets:
    """An account with these passwords; credential ids count from 1."""
    keys = [(number, *scram_keys(password, SALT, 4096)) for number, password in enumerate(passwords, 1)]
    return ScramSecrets(SALT, 4096, keys, 1 if keys else None)


def test_plain() -> None:
    """RFC 4616 §4, and clients that name themselves twice."""
    assert parse_plain(b"\0tim\0tanstaaftanstaaf") == Plain("", "tim", "tanstaaftanstaaf")
    assert parse_plain(b"tim\0tim\0secret") == Plain("tim", "tim", "secret")
    assert parse_plain("\0zoë\0pässword".encode()).password == "pässword"


@pytest.mark.parametrize("message", [
    b"", b"tim", b"\0tim", b"\0tim\0", b"\0\0secret", b"\0tim\0a\0b", b"kurt\0tim\0secret", b"\0\xff\0x", b"\0tim\0a\nb"])
def test_no_plain(message: bytes) -> None:
    """Messages that are none, and acting for somebody else; the text has no password in it."""
    with pytest.raises(BadExchange) as caught:
        parse_plain(message)
    assert "secret" not in str(caught.value)


def test_login() -> None:
    """Answers as they come, with a NUL at their end too."""
    assert parse_login(b"tim") == "tim"
    assert parse_login(b"tim\0") == "tim"
    for message in (b"", b"\0", b"\xff", b"a\0b"):
        with pytest.raises(BadExchange):
            parse_login(message)


@pytest.mark.parametrize(("text", "wanted"), [
    ("plain", "plain"), ("I\u00adX", "IX"), ("ª", "a"), ("Ⅸ", "IX"), ("e\u0301", "é"), ("a\u00a0b", "a b"), ("☃ 🙂", "☃ 🙂"), ("", ""),
])
def test_prepare(text: str, wanted: str) -> None:
    """RFC 4013 §3 and what we do otherwise: new characters are let through."""
    assert prepare(text) == wanted
    assert prepare(wanted) == wanted


@pytest.mark.parametrize("text", ["\x07", "a\x7f", "a\u0085b", "a\ud800"])
def test_control_characters_are_no_text(text: str) -> None:
    """RFC 4013 §2.3."""
    with pytest.raises(BadExchange):
        prepare(text)


def test_base64() -> None:
    """Strict: no line ends, no garbage, whole groups."""
    assert decode(b"AGI=") == b"\0b"
    assert decode(b"") == b""
    for line in (b"AGI", b"AG I=", b"A\nGI=", b"*", b"AGI=="[:3] + b"!", b"\xff"):
        with pytest.raises(BadExchange):
            decode(line)


def test_scram_example_of_rfc_7677() -> None:
    """The exchange of RFC 7677 §3, octet by octet."""
    server = ScramServer(b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", {}, plus=False)
    pencil = secrets("pencil")

    assert server.name == "user"
    assert server.challenge(pencil) == b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    assert server.verify(
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", pencil,
    ) == (1, b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")


@pytest.mark.parametrize("password", ["one", "two", "Ⅳ"])
@pytest.mark.parametrize("binding", [None, (END_POINT, b"hash")])
@pytest.mark.parametrize("name", ["ann", "a=n,n", "zoë@example.test"])
def test_scram_with_our_client(name: str, password: str, binding: tuple[str, bytes] | None) -> None:
    """Each of several credentials is found, and the server proves itself; with a binding and without."""
    client, known = Scram(name, password, binding), secrets("one", "two", "IV")
    server = ScramServer(client.begin(), "nonce", dict([binding] if binding else []), plus=binding is not None)

    assert server.name == name
    credential, last = server.verify(client.answer(server.challenge(known)), known)

    assert credential == {"one": 1, "two": 2, "Ⅳ": 3}[password]
    assert client.answer(last) == b""
    assert client.done


@pytest.mark.parametrize("known", [secrets("other"), secrets()], ids=["wrong password", "unknown user"])
def test_scram_that_fails(known: ScramSecrets) -> None:
    """A wrong password and an unknown user go the whole way and look the same."""
    client = Scram("ann", "one")
    server = ScramServer(client.begin(), "nonce", {}, plus=False)

    assert server.verify(client.answer(server.challenge(known)), known) == (None, b"e=invalid-proof")


@pytest.mark.parametrize(("first", "bindings", "plus"), [
    (b"", {}, False), (b"n,,", {}, False), (b"n,,n=ann", {}, False), (b"n,,r=x,n=ann", {}, False), (b"n,,n=,r=x", {}, False),
    (b"n,,n=ann,r=", {}, False), (b"n,,m=x,n=ann,r=x", {}, False), (b"x,,n=ann,r=x", {}, False), (b"n,a=eve,n=ann,r=x", {}, False),
    (b"n,eve,n=ann,r=x", {}, False), (b"n,,n=a=nn,r=x", {}, False), (b"n,,n=a=2c,r=x", {}, False), (b"\xff,,n=ann,r=x", {}, False),
    (b"p=tls-unique,,n=ann,r=x", {END_POINT: b"h"}, True), (b"p=tls-server-end-point,,n=ann,r=x", {END_POINT: b"h"}, False),
    (b"n,,n=ann,r=x", {END_POINT: b"h"}, True), (b"y,,n=ann,r=x", {END_POINT: b"h"}, False), (b"p=,,n=ann,r=x", {END_POINT: b"h"}, True),
])
def test_no_first_message(first: bytes, bindings: dict[str, bytes], plus: bool) -> None:
    """Messages that are none, and signs of somebody in between (RFC 5802 §6)."""
    with pytest.raises(BadExchange):
        ScramServer(first, "nonce", bindings, plus=plus)


def test_a_server_of_two_certificates() -> None:
    """Whichever of them the client saw is fine; any other is not."""
    known = secrets("one")
    for seen, fine in ((b"a", True), (b"b", True), (b"c", False)):
        client = Scram("ann", "one", (END_POINT, seen))
        server = ScramServer(client.begin(), "nonce", {END_POINT: (b"a", b"b")}, plus=True)
        final = client.answer(server.challenge(known))
        if fine:
            assert server.verify(final, known)[0] is not None
        else:
            with pytest.raises(BadExchange, match="someone may sit between us"):
                server.verify(final, known)


def test_acting_for_oneself_is_fine() -> None:
    """An authorization identity may be there if it is the name itself; "y" is fine where nothing can be bound."""
    assert ScramServer(b"n,a=ann,n=ann,r=x", "nonce", {}, plus=False).name == "ann"
    assert ScramServer(b"y,,n=ann,r=x", "nonce", {}, plus=False).name == "ann"


def test_the_final_message_must_belong_to_the_first() -> None:
    """Another nonce, another binding, a missing part: refused before any key is tried."""
    known, bindings = secrets("one"), {END_POINT: b"hash"}
    header = base64.b64encode(b"p=tls-server-end-point,,hash").decode()
    server = ScramServer(b"p=tls-server-end-point,,n=ann,r=x", "nonce", bindings, plus=True)
    server.challenge(known)
    for final in (b"", f"c={header},r=xnonce".encode(), f"c={header},r=other,p=AAAA".encode(), b"c=biws,r=xnonce,p=AAAA",
                  f"r=xnonce,c={header},p=AAAA".encode(), f"c={header},r=xnonce,p=!".encode(), b"\xff"):
        with pytest.raises(BadExchange):
            server.verify(final, known)
    assert server.verify(f"c={header},r=xnonce,p=AAAA".encode(), known)[0] is None


def test_keys_are_what_the_rfc_says() -> None:
    """RFC 5802 §3: StoredKey is the hash of ClientKey; preparation comes first."""
    stored, server = scram_keys("pencil", SALT, 4096)
    assert len(stored) == len(server) == hashlib.sha256().digest_size
    assert scram_keys("Ⅸ", SALT, 4096) == scram_keys("IX", SALT, 4096)


@given(some.binary(max_size=60), some.booleans())
def test_any_octets(octets: bytes, plus: bool) -> None:
    """Whatever a stranger sends, it is understood or BadExchange."""
    for read in (parse_plain, parse_login, decode, lambda first: ScramServer(first, "n", {END_POINT: b"h"}, plus=plus)):
        try:
            read(octets)
        except BadExchange:
            continue


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.name[:8])
def test_chasquids_corpus(file: Path) -> None:
    """What once made trouble for chasquid's decoder of PLAIN."""
    literal = file.read_text(errors="surrogateescape").split("\n")[1].removeprefix("string(").removesuffix(")")
    text = ast.literal_eval(literal).encode("utf-8", "surrogateescape")
    try:
        plain = parse_plain(decode(text))
    except BadExchange:
        return
    assert plain.name
