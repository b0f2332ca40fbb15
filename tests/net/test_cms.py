"""mta.net.cms: signatures that OpenSSL believes."""
import datetime
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from mta.base.clock import SetClock
from mta.base.names import Domain
from mta.net import cms
from mta.net.tls import Pair, self_signed
from tests.net.chain import Key, chained

CONTENT = b"<plist>\nline ends \r\n and \xff stay\n</plist>\n"


@pytest.fixture
def clock() -> SetClock:
    """OpenSSL looks at the real clock, so certificates are made for it."""
    return SetClock(datetime.datetime.now(datetime.UTC))


def put(folder: Path, clock: SetClock, key: Key | None = None, *, together: bool = False) -> Pair:
    """A certificate as files, its root beside it."""
    made = chained(clock, key=key)
    (folder / "root.pem").write_bytes(made.root)
    (folder / "host.pem").write_bytes(made.chain + made.key if together else made.chain)
    (folder / "host.key").write_bytes(made.key)
    return folder / "host.pem", folder / ("host.pem" if together else "host.key")


@pytest.mark.parametrize("kind", ["ec", "rsa", "together"])
def test_openssl_believes_it(tmp_path: Path, clock: SetClock, kind: str) -> None:
    """Knowing the root alone, and gets the content octet for octet."""
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else None
    pair = put(tmp_path, clock, key, together=kind == "together")
    assert cms.signer([pair], clock) == "mx.example.org"
    (tmp_path / "signed").write_bytes(cms.signed(CONTENT, [pair], clock))
    done = subprocess.run(
        ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "signed", "-CAfile", tmp_path / "root.pem",
         "-purpose", "any", "-out", tmp_path / "content"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "content").read_bytes() == CONTENT


def test_who_cannot_sign(tmp_path: Path, clock: SetClock) -> None:
    """Our own word, a certificate out of its time, a key that nobody signs such things with, files that are none: left out."""
    own = self_signed([Domain("mx.example.org")], [], tmp_path, clock)
    unfit: list[Pair] = [own, (tmp_path / "nothing", tmp_path / "nothing"), (tmp_path / "garbage", tmp_path / "garbage")]
    (tmp_path / "garbage").write_bytes(b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n")
    (tmp_path / "ed").mkdir()
    unfit.append(put(tmp_path / "ed", clock, ed25519.Ed25519PrivateKey.generate()))
    assert (cms.signer(unfit, clock), cms.signed(CONTENT, unfit, clock)) == ("", CONTENT)
    good = put(tmp_path, clock)
    assert cms.signed(CONTENT, [*unfit, good], clock) != CONTENT
    clock.advance(datetime.timedelta(days=2))
    assert cms.signer([good], clock) == ""
    assert cms.signed(CONTENT, [good], clock) == CONTENT
