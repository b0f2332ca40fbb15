"""mta.secure.der: the key in a certificate, as it stands there."""
import contextlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from mta.secure.der import NotDer, public_key_info
from tests.secure.chains import make


@pytest.mark.parametrize("key", [None, rsa.generate_private_key(65_537, 2_048), ed25519.Ed25519PrivateKey.generate()],
                         ids=["ecdsa", "rsa", "ed25519"])
def test_the_key_of_a_certificate(key: object) -> None:
    """The same octets that cryptography writes."""
    made = make("mx.b.test", key=key)
    assert public_key_info(made.der) == made.info


def test_octets_cut_or_changed_anywhere() -> None:
    """Whatever is sent, it is the octets of something within, or NotDer; nothing else is raised."""
    der = make("mx.b.test").der
    for end in range(len(der)):
        with pytest.raises(NotDer):
            public_key_info(der[:end])
    for at in range(200):
        for octet in (0, 0x7F, 0x80, 0x84, 0xFF):
            changed = der[:at] + bytes([octet]) + der[at + 1:]
            with contextlib.suppress(NotDer):
                assert public_key_info(changed) in changed


@pytest.mark.parametrize("octets", [b"", b"\x30", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"\x31\x02\x30\x00", b"\x30\x00"])
def test_no_certificate(octets: bytes) -> None:
    """Lengths that lie, and things that are something else."""
    with pytest.raises(NotDer):
        public_key_info(octets)
