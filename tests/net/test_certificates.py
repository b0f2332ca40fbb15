"""mta.net.certificates: the files, what they say, which of them serve."""
import datetime
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mta.base.clock import SetClock
from mta.base.errors import SetupError
from mta.base.names import Domain
from mta.config.model import Acme, Config, Tls
from mta.net import certificates, keys
from mta.net.tls import Certificates, self_signed

NAMES = ("mx.example.org", "mail.example.org")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """mx.example.org, which asks an authority."""
    return Config(hostname=Domain(NAMES[0]), data=tmp_path, run=tmp_path / "run", user="",
                  acme=Acme(directory="https://ca.example/dir", names=NAMES[1:]))


def chain(key: bytes, names: tuple[str, ...] = NAMES, days: int = 90) -> bytes:
    """A certificate for key by somebody else, who has a certificate too."""
    signer = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Trust"), x509.NameAttribute(NameOID.COMMON_NAME, "R3")])
    start = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)

    def made(subject: x509.Name, public: object) -> x509.CertificateBuilder:
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)    # type: ignore[arg-type]
                .serial_number(77).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=days)))

    leaf = (made(x509.Name([]), keys.parsed(key).public_key())
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
            .sign(signer, hashes.SHA256()))
    above = made(issuer, signer.public_key()).sign(signer, hashes.SHA256())
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (leaf, above))


def test_what_a_certificate_says(tmp_path: Path) -> None:
    """Names, issuer, times, key; the same number for its spread at each look."""
    key = keys.make("ec")
    file = tmp_path / "x.pem"
    file.write_bytes(chain(key))

    facts = certificates.facts(file)

    assert (facts.names, facts.issuer, facts.key, facts.self_signed) == (NAMES, "Trust R3", "EC P-256", False)
    assert (facts.digest, facts.serial, facts.lifetime) == (keys.digest(key), 77, 90 * 86_400)
    assert len(facts.authority_key) == 20
    assert 0 <= facts.spread == certificates.facts(file).spread < 1
    assert certificates.moment(facts.until) == "2030-04-01 00:00 UTC"
    file.write_text("nothing")
    with pytest.raises(SetupError, match=r"x\.pem is not a certificate in PEM"):
        certificates.facts(file)
    with pytest.raises(SetupError, match=r"none\.pem: No such file"):
        certificates.facts(tmp_path / "none.pem")


def test_installing(config: Config) -> None:
    """Chain and key in one file of ours alone; what does not fit is not taken."""
    key, file = keys.make("ec"), certificates.issued(config, "host-ec")
    certificates.install(file, chain(key), key, NAMES)

    content = file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert content.count(b"BEGIN CERTIFICATE") == 2
    assert Certificates([(file, file)]).leaves[0].serial_number == 77
    for wrong, said in ((chain(keys.make("ec")), "another key"), (chain(key, NAMES[:1]), r"lacks mail\.example\.org"),
                        (b"no", "no certificate")):
        with pytest.raises(SetupError, match=said):
            certificates.install(file, wrong, key, NAMES)
    assert file.read_bytes() == content
    assert [path.name for path in file.parent.iterdir()] == ["host-ec.pem"]


def test_our_own(config: Config, clock: SetClock) -> None:
    """Made with the host's key, kept while it fits, made anew for other names, keys and before its end."""
    key = keys.make("rsa")
    assert certificates.make_own(config, "rsa", key, clock)
    assert not certificates.make_own(config, "rsa", key, clock)
    facts = certificates.facts(certificates.own(config, "rsa"))
    assert (facts.names, facts.key, facts.self_signed, facts.digest) == (NAMES, "RSA 2048", True, keys.digest(key))
    assert certificates.make_own(replace(config, acme=Acme()), "rsa", key, clock)
    assert certificates.make_own(config, "rsa", keys.make("rsa"), clock)
    certificates.own(config, "rsa").write_text("half")
    assert certificates.make_own(config, "rsa", key, clock)
    clock.advance(datetime.timedelta(days=368))
    assert certificates.make_own(config, "rsa", key, clock)


def test_which_serve(config: Config, clock: SetClock, tmp_path: Path) -> None:
    """The operator's before the authority's before our own; domains' behind the host's; localserve has one."""
    def labels(of: Config) -> list[str]:
        return [certificates.label_of(of, file) for file, _ in certificates.served(of)]

    assert labels(config) == []
    for algorithm in ("ec", "rsa"):
        certificates.make_own(config, algorithm, keys.make(algorithm), clock)
    assert labels(config) == ["self-signed-ec", "self-signed-rsa"]
    key = keys.make("ec")
    for label in ("domain-b.example", "domain-a.example", "host-ec"):
        certificates.install(certificates.issued(config, label), chain(key), key, NAMES)
    assert labels(config) == ["host-ec", "self-signed-ec", "self-signed-rsa", "domain-a.example", "domain-b.example"]
    assert labels(replace(config, acme=Acme())) == ["self-signed-ec", "self-signed-rsa"]
    files = Tls(tmp_path / "a", tmp_path / "b")
    assert labels(replace(config, tls=files)) == ["files", "domain-a.example", "domain-b.example"]
    assert labels(replace(config, local=True)) == ["self-signed"]


def test_a_broken_one_keeps_nobody_from_starting(config: Config, clock: SetClock) -> None:
    """Our own serve then; what is wrong is told; a broken file that comes later changes nothing."""
    for algorithm in ("ec", "rsa"):
        certificates.make_own(config, algorithm, keys.make(algorithm), clock)
    broken = certificates.issued(config, "host-ec")
    broken.parent.mkdir()
    broken.write_text("-----BEGIN CERTIFICATE-----\nhalf")

    loaded = Certificates(lambda: certificates.served(config))

    assert [leaf.issuer == leaf.subject for leaf in loaded.leaves] == [True, True]
    assert len(loaded.unfit) == 1
    assert str(broken) in loaded.unfit[0]
    key, changes = keys.make("ec"), [loaded.changed()]
    certificates.install(broken, chain(key), key, NAMES)
    changes.append(loaded.changed())
    assert changes == [False, True]
    loaded.reload()
    assert [leaf.issuer == leaf.subject for leaf in loaded.leaves] == [False, True, True]
    assert loaded.leaves[0].serial_number == 77
    assert loaded.unfit == []
    self_signed([Domain("x.example")], [], config.data / "other", clock)
    assert not loaded.changed()
