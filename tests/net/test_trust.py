"""mta.net.trust: whose certificates are believed."""
import ssl
from pathlib import Path

import pytest

from mta.base.errors import SetupError
from mta.base.names import Domain
from mta.net import trust
from mta.net.trust import trusted
from mta.secure import pkix
from tests.secure.chains import NOW, Made, make, shown

ROOT, OWN = make("Root", ca=True), make("mx.b.test")


def test_the_systems() -> None:
    """As many as OpenSSL knows, and none of ours."""
    known = trusted()
    assert trust.known() == len(ssl.create_default_context().get_ca_certs())
    assert known.size == len(set(ssl.create_default_context().get_ca_certs(binary_form=True)))
    assert not pkix.verify(shown(ROOT.signs("mx.b.test")), Domain("mx.b.test"), known, NOW).good


@pytest.mark.parametrize("made", [ROOT, OWN], ids=["authority", "server"])
def test_the_operators(made: Made, tmp_path: Path) -> None:
    """Besides the system's; a server's own certificate may be believed for itself."""
    file = make("Other", ca=True).files(tmp_path, made)[0]
    file.write_text("Words between them\n" + file.read_text() + "and behind.\n")
    known = trusted(file)
    assert known.size == trusted().size + 2
    leaf = ROOT.signs("mx.b.test") if made is ROOT else OWN
    assert pkix.verify(shown(leaf), Domain("mx.b.test"), known, NOW).good


NO_BASE64 = b"-----BEGIN CERTIFICATE-----\n???\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("content", [None, b"", b"rubbish", NO_BASE64], ids=["missing", "empty", "rubbish", "no base64"])
def test_a_file_that_is_unfit(content: bytes | None, tmp_path: Path) -> None:
    """The place and the remedy in one line."""
    file = tmp_path / "authorities.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SetupError, match=r"authorities\.pem"):
        trusted(file)


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    """Some systems have each authority in a file of its own."""
    folder = tmp_path / "certs"
    ROOT.files(folder / "one")[0].rename(folder / "root.pem")
    (folder / "README").write_text("no certificate")
    (folder / "empty.crt").write_text("-----BEGIN CERTIFICATE-----\n???\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\ncut")
    assert [der for der in trust._folder(str(folder)) if pkix.read(der)] == [ROOT.der]
    assert [*trust._folder(None)] == [*trust._folder(str(tmp_path / "missing"))] == []
