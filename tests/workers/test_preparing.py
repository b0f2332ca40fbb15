"""workers.preparing: directories, lock, certificate, databases."""
import io
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mta.base.clock import SetClock, SystemClock
from mta.base.errors import SetupError
from mta.base.events import Journal
from mta.base.names import Domain
from mta.config.model import Config, Tls, local
from mta.net.certificates import facts, served
from mta.net.tls import Certificates, self_signed, server_context
from mta.store import certificates
from mta.store.certificates import Attempt
from mta.store.database import Store
from mta.store.verify import problems
from workers.preparing import check_authorities, install_certificate, locked, make_directories, prepare, read_certificate
from workers.privileges import Identity, whoever

CLOCK = SystemClock()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A server in a directory."""
    return Config(hostname=Domain("mx.example.org"), data=tmp_path / "var" / "data", run=tmp_path / "run", user="")


def test_directories_are_made_closed(config: Config) -> None:
    """Once; the second time they are there.  The umask of whoever starts us does not keep others from the sendmail socket."""
    before = os.umask(0o077)
    try:
        make_directories(config, whoever())
    finally:
        os.umask(before)
    make_directories(config, whoever())

    assert config.data.stat().st_mode & 0o777 == 0o700
    assert config.run.stat().st_mode & 0o777 == 0o755
    assert config.counters.stat().st_mode & 0o777 == 0o700


def test_a_strict_umask_shuts_nobody_out(config: Config) -> None:
    """Root's umask is not ours: the service user, and whoever calls sendmail, must get to the sockets."""
    before = os.umask(0o077)
    try:
        make_directories(config, whoever())
    finally:
        os.umask(before)

    assert config.run.stat().st_mode & 0o777 == 0o755


def test_somebody_elses_directory_is_refused(config: Config) -> None:
    """With the command that would hand it over."""
    make_directories(config, whoever())

    with pytest.raises(SetupError, match=r"data belongs to .*, not to other, who needs it: `chown -R other"):
        make_directories(config, Identity("other", whoever().uid + 1, 1))


def test_what_is_in_the_way_is_named(config: Config, tmp_path: Path) -> None:
    """A file where a directory should be."""
    (tmp_path / "var").write_text("")

    with pytest.raises(SetupError, match=r"setting data"):
        make_directories(config, whoever())


def test_a_data_directory_serves_one_server(config: Config) -> None:
    """The lock holds until the last process of a server is gone."""
    make_directories(config, whoever())
    lock = str(config.data / "server.lock")
    code = f"import fcntl, sys; f = open({lock!r}, 'w'); fcntl.flock(f, fcntl.LOCK_EX); print('!', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"!\n"
        clock = Hasty()
        with pytest.raises(SetupError, match="another Pillarbox serves"), locked(config, whoever(), clock):
            pass
        other.communicate()

    with locked(config, whoever(), CLOCK) as held:
        with locked(config, whoever(), CLOCK, os.dup(held)) as again:    # the next program in the same process
            assert again != held
        with pytest.raises(SetupError, match="another Pillarbox serves"), locked(config, whoever(), Hasty()):
            pass


class Hasty(SetClock):
    """A clock by which waiting is over at once."""

    def monotonic(self) -> float:
        self.advance(10.0)
        return super().monotonic()


def test_a_link_in_place_of_the_lock_is_not_followed(config: Config, tmp_path: Path) -> None:
    """Root must not be led to write elsewhere by who owns the data."""
    make_directories(config, whoever())
    (config.data / "server.lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SetupError, match="cannot be opened"), locked(config, whoever(), CLOCK):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_the_operators_certificate_is_copied(config: Config, tmp_path: Path) -> None:
    """Read by who may, written by the service user, replaced as a whole."""
    make_directories(config, whoever())
    certificate, key = self_signed([config.hostname], [], tmp_path / "operator", CLOCK)
    config = replace(config, tls=Tls(certificate, key))

    install_certificate(config, read_certificate(config), CLOCK)

    assert config.certificate.read_bytes() == certificate.read_bytes()
    assert config.certificate_key.stat().st_mode & 0o777 == 0o600
    server_context(config.certificate, config.certificate_key)


def test_an_unfit_certificate_leaves_the_old_one(config: Config, tmp_path: Path) -> None:
    """And names the operator's files, not our copies."""
    make_directories(config, whoever())
    certificate, key = self_signed([config.hostname], [], tmp_path / "one", CLOCK)
    _, other_key = self_signed([config.hostname], [], tmp_path / "two", CLOCK)
    config = replace(config, tls=Tls(certificate, key))
    install_certificate(config, read_certificate(config), CLOCK)

    wrong = replace(config, tls=Tls(certificate, other_key))
    with pytest.raises(SetupError, match=r"two/.* are not a certificate and its key"):
        install_certificate(wrong, read_certificate(wrong), CLOCK)

    server_context(config.certificate, config.certificate_key)
    assert not list(config.certificate.parent.glob("*.new"))
    missing = replace(config, tls=Tls(tmp_path / "none", key))
    with pytest.raises(SetupError, match=r"none: cannot be read \(settings of \[tls\]\): No such file"):
        read_certificate(missing)


def test_authorities_that_cannot_be_used_stop_the_start(config: Config, tmp_path: Path) -> None:
    """In one line, before any role wants them."""
    make_directories(config, whoever())
    config = replace(config, tls=Tls(ca_file=tmp_path / "none.pem"))
    with pytest.raises(SetupError, match=r"none.pem: cannot be read \(setting ca_file of \[tls\]\)"):
        prepare(config, None, CLOCK, Journal("prepare", CLOCK, stream=io.StringIO()), True)
    certificate, _ = self_signed([config.hostname], [], tmp_path / "company", CLOCK)
    check_authorities(replace(config, tls=Tls(ca_file=certificate)))


def test_all_is_prepared_and_then_nothing_is_to_do(config: Config) -> None:
    """Databases, the host's keys and certificates of our own with them; the second time it is quiet."""
    make_directories(config, whoever())
    log = io.StringIO()

    prepare(config, None, CLOCK, Journal("prepare", CLOCK, stream=log), True)
    assert "pillarbox.db" in log.getvalue()
    assert (config.data / "pillarbox.db").exists()
    pairs = served(config)
    assert [facts(file).key for file, _ in pairs] == ["EC P-256", "RSA 2048"]
    assert len(Certificates(pairs).leaves) == 2
    assert {path.stat().st_mode & 0o777 for path in (config.data / "keys" / "host").iterdir()} == {0o600}

    said = log.getvalue()
    before = [file.read_bytes() for file, _ in pairs]
    prepare(config, None, CLOCK, Journal("prepare", CLOCK, stream=log), False)
    assert log.getvalue() == said
    assert [file.read_bytes() for file, _ in served(config)] == before


def test_the_first_certificates_are_in_the_history(config: Config, tmp_path: Path) -> None:
    """Noted when they are made, once; and at the next start where whoever made them died before."""
    for one, labels in ((config, ["self-signed-ec", "self-signed-rsa"]), (local(tmp_path / "local"), ["self-signed"])):
        make_directories(one, whoever())

        def noted(one: Config = one) -> list[Attempt]:
            prepare(one, None, CLOCK, Journal("prepare", CLOCK, stream=io.StringIO()), False)
            with closing(Store.open(one.data, CLOCK)) as store:
                return sorted(store.read(lambda db: certificates.history(db, 9)), key=lambda row: row.label)

        first = noted()
        assert [attempt.label for attempt in first] == labels
        assert all(attempt.until == facts(file).until and 0 <= CLOCK.timestamp() - attempt.at < 60
                   for attempt, (file, _) in zip(first, served(one), strict=True))
        assert noted() == first
        with closing(Store.open(one.data, CLOCK)) as store:
            store.write_now(lambda db: db.execute("DELETE FROM certificate_event"))
        assert noted() == first
        with closing(Store.open(one.data, CLOCK)) as store:
            assert problems(store) == []
