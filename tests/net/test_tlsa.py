"""mta.net.tlsa: records for what is in files."""
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from mta.base.names import Domain
from mta.dns.answer import TLSA
from mta.net import tlsa
from mta.secure import dane
from tests.secure.chains import make

ROOT = make("Root", ca=True)
LEAF = ROOT.signs("mx.example.org")


def test_records_are_those_that_senders_check(tmp_path: Path) -> None:
    """Each of them alone is proof enough of the chain that it was made of."""
    chain, _ = LEAF.files(tmp_path, ROOT)
    shown = [LEAF.certificate.public_bytes(Encoding.DER), ROOT.certificate.public_bytes(Encoding.DER)]
    made = tlsa.of_pem(chain.read_bytes())
    assert [value[:6] for value, _ in made] == ["3 1 1 ", "3 0 1 ", "2 1 1 "]
    for value, _ in made:
        usage, selector, matching, data = value.split()
        record = TLSA(int(usage), int(selector), int(matching), bytes.fromhex(data))
        assert dane.verify([record], shown, [Domain("mx.example.org")], datetime(2030, 1, 1, tzinfo=UTC)).good


def test_keys(tmp_path: Path) -> None:
    """Private or public, the record is that of the certificate; what is locked or nothing is said to be so."""
    chain, file = LEAF.files(tmp_path)
    key = load_pem_private_key(file.read_bytes(), None)
    wanted = tlsa.of_pem(chain.read_bytes())[0][0]
    assert tlsa.of_pem(file.read_bytes())[0][0] == wanted
    assert tlsa.of_pem(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))[0][0] == wanted
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word"))
    for pem in (locked, b"", b"nothing", b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"):
        with pytest.raises(ValueError):  # noqa: PT011
            tlsa.of_pem(pem)
