"""What push services are handed: the examples of the standards to the octet, and what a browser makes of ours."""
import json

import pytest
from cryptography.exceptions import InvalidTag

from mta.secure import webpush
from mta.secure.webpush import MOST, RECORD, BadKeys, Receiver, unpack
from tests.pushservice import Browser, claims

#: RFC 8291 §5 and Appendix A.
TOLD = b"When I grow up, I want to be a watermelon"
SENDER = unpack("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
BROWSER = unpack("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")
BROWSER_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SALT = unpack("DGv6ra1nlYgDCS1FRnbzlw")
SHARED = "BTBZMqHH6r4Tts7J_aSIgg"
BODY = unpack("DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95b"
              "Qpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN")


def test_example_of_web_push() -> None:
    """RFC 8291 §5: keys, salt and text give just this body."""
    receiver = Receiver.parse(BROWSER_PUBLIC, SHARED)
    assert webpush.encrypt(TOLD, receiver, SENDER, SALT, step=0) == BODY
    assert Browser(BROWSER, unpack(SHARED)).open(BODY) == TOLD


def test_example_of_the_coding() -> None:
    """RFC 8188 §3.1: one record, a key without a name."""
    salt, material = unpack("I1BsxtFttlv3u_Oo94xnmw"), unpack("yqdlZ-tYemfogSmv7Ws5PQ")
    told = unpack("I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg")
    assert webpush.coded(b"I am the walrus", material, salt, b"") == told


def test_example_of_a_token() -> None:
    """RFC 8292 §2.4: the tests' own push service, which judges ours below, takes it, and no other."""
    token = ("eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0"
             "bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA")
    key = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"
    assert claims(f"vapid t={token}, k={key}") == {"aud": "https://push.example.net", "exp": 1453523768, "sub": "mailto:push@example.com"}
    with pytest.raises(ValueError, match="signature"):
        claims(f"vapid t={token.replace('i3CY', 'i3CX')}, k={key}")


def test_our_token() -> None:
    """It names the service, ends within a day, and is signed by the key that it shows."""
    key = webpush.new_key()
    said = webpush.authorization("https://push.test:8443", "mailto:postmaster@example.org", key, 1_000.7)
    assert claims(said) == {"aud": "https://push.test:8443", "exp": 1_000 + 12 * 3_600, "sub": "mailto:postmaster@example.org"}
    assert said.endswith(f", k={webpush.pack(webpush.public(key))}")


@pytest.mark.parametrize("length", [0, 1, 511, 512, 513, MOST - 1, MOST])
def test_lengths(length: int) -> None:
    """What fits comes out as it went in, and tells its length in steps only."""
    browser, content = Browser.new(), bytes(range(256)) * 16
    body = webpush.encrypt(content[:length], browser.receiver, webpush.new_key(), SALT)
    assert browser.open(body) == content[:length]
    assert len(body) <= RECORD
    steps = max(1, -(-length // webpush.STEP))
    assert len(body) == min(steps * webpush.STEP, MOST) + RECORD - MOST


def test_too_long() -> None:
    """A service need not take more than 4,096 octets, so there is no such body."""
    with pytest.raises(ValueError, match="do not fit"):
        webpush.encrypt(bytes(MOST + 1), Browser.new().receiver, webpush.new_key(), SALT)


def test_nobody_else_opens_it() -> None:
    """Neither another browser, nor one that knows the key but not the secret, nor if an octet was changed."""
    browser = Browser.new()
    body = webpush.encrypt(json.dumps({"subject": "x"}).encode(), browser.receiver, webpush.new_key(), SALT)
    for other in (Browser.new(), Browser(browser.key, bytes(16))):
        with pytest.raises(InvalidTag):
            other.open(body)
    with pytest.raises(InvalidTag):
        browser.open(body[:-1] + bytes([body[-1] ^ 1]))


@pytest.mark.parametrize(("key", "secret"), [
    ("", SHARED), ("AAAA", SHARED), (BROWSER_PUBLIC[:-2], SHARED), ("B" + "A" * 86, SHARED), (BROWSER_PUBLIC[:-1] + "!", SHARED),
    ("Ä" * 87, SHARED), (BROWSER_PUBLIC, ""), (BROWSER_PUBLIC, SHARED[:-2]), (BROWSER_PUBLIC, SHARED + "AAAA"), (BROWSER_PUBLIC, "*" * 22),
])
def test_no_keys(key: str, secret: str) -> None:
    """A point that is not on the curve would betray our key of the message; nothing is made with it."""
    with pytest.raises(BadKeys):
        Receiver.parse(key, secret)
