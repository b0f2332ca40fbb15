"""mta.net.keys: keys and requests that OpenSSL agrees with."""
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from mta.base.errors import SetupError
from mta.net import keys


@pytest.mark.parametrize(("algorithm", "kind"), [("ec", "EC P-256"), ("rsa", "RSA 2048")])
def test_keys_are_what_openssl_says(algorithm: str, kind: str, tmp_path: Path) -> None:
    """The digest is that of `openssl dgst` over the public key; the request is good and for these names."""
    pem = keys.make(algorithm)
    file = tmp_path / "key.pem"
    file.write_bytes(pem)
    der = subprocess.run(["openssl", "pkey", "-in", file, "-pubout", "-outform", "DER"], capture_output=True, check=True).stdout
    digest = subprocess.run(["openssl", "dgst", "-sha256", "-r"], input=der, capture_output=True, check=True).stdout.split()[0].decode()

    assert keys.digest(pem) == digest
    assert keys.kind(keys.parsed(pem).public_key()) == kind
    assert keys.read(file) == pem
    request = keys.request(pem, ["mx.example.org", "mail.example.org"])
    said = subprocess.run(["openssl", "req", "-verify", "-noout", "-text"], input=request, capture_output=True, check=True).stdout.decode()
    assert "DNS:mx.example.org, DNS:mail.example.org" in said
    assert keys.spki_digest(x509.load_pem_x509_csr(request).public_key()) == digest


def test_what_is_no_key(tmp_path: Path) -> None:
    """It is told of which file, and what is wrong with it."""
    other = ed25519.Ed25519PrivateKey.generate()
    pem = other.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for name, content, said in (("half", b"-----BEGIN PRIVATE KEY-----", ""), ("ed", pem, "neither RSA nor elliptic curve")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SetupError, match=f"{name}: is no private key: .*{said}"):
            keys.read(tmp_path / name)
    with pytest.raises(SetupError, match="none: the key cannot be read: No such file"):
        keys.read(tmp_path / "none")
    assert keys.kind(other.public_key()) == "Ed25519"
