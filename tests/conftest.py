"""The world as tests get it: a clock that stands still, a store that is checked at its end, a journal that records."""
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import hypothesis
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from mta.auth import dkim
from mta.base.clock import SetClock
from mta.base.events import Journal, Recorded
from mta.store.database import Store
from mta.store.migrate import prepare
from mta.store.verify import problems
from tests.browser.calls import Judge


def pytest_configure(config: pytest.Config) -> None:
    """Whoever runs all tests with a browser learns which functions no page called."""
    config.pluginmanager.register(Judge(config))

# How long an example takes says more of what else runs on the machine than of the code; and what failed once is to fail again.
hypothesis.settings.register_profile("calm", deadline=None, derandomize=True)
hypothesis.settings.load_profile("calm")


@pytest.hookimpl(trylast=True)    # after xdist has written the groups into the ids
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that share something run in one worker; a pair of pytest and xdist that ignores it must not pass for good luck."""
    if getattr(config.option, "loadgroup", False):
        for item in items:
            groups = sorted({str(mark.args[0]) for mark in item.iter_markers("xdist_group")})
            if groups and not item.nodeid.endswith(f"@{'_'.join(groups)}"):
                raise pytest.UsageError(f"pytest-xdist does not keep groups together with pytest {pytest.__version__}: see setup.cfg")


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands still until told to move."""
    return SetClock()


_generate = rsa.generate_private_key


class _RsaKeys:
    """RSA keys as they are asked for: those of a test differ, the next test gets the same ones; making one takes 70 ms."""

    def __init__(self) -> None:
        self._made: list[rsa.RSAPrivateKey] = []
        self._used = 0

    def renew(self) -> None:
        """A new test begins."""
        self._used = 0

    def generate_private_key(self, public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
        """The next key of this test, made if there are not yet so many."""
        assert (public_exponent, key_size) == (65_537, dkim.RSA_BITS)
        if self._used == len(self._made):
            self._made.append(_generate(public_exponent, key_size))
        self._used += 1
        return self._made[self._used - 1]


@pytest.fixture(autouse=True, scope="session")
def _keys_made() -> Iterator[_RsaKeys]:
    """DKIM keys made within this process come from the pool."""
    pool = _RsaKeys()
    # Not a test's own `monkeypatch`: that one has to be undone before the store of the test is looked through.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mta.auth.dkim.rsa.generate_private_key", pool.generate_private_key)
        yield pool


@pytest.fixture(autouse=True)
def _other_keys(_keys_made: _RsaKeys) -> None:
    """Each test begins with the first key of the pool."""
    _keys_made.renew()


@pytest.fixture
def rung() -> list[str]:
    """The roles whose doorbells the store of this test rang, in order."""
    return []


@pytest.fixture(scope="session")
def empty_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that was just made; copying it costs no syncs."""
    directory = tmp_path_factory.mktemp("empty") / "data"
    prepare(directory, SetClock())
    return directory


@pytest.fixture
def store(tmp_path: Path, empty_data: Path, clock: SetClock, rung: list[str]) -> Iterator[Store]:
    """An empty store in a directory of its own; what it holds in the end has to agree with itself."""
    directory = tmp_path / "data"
    shutil.copytree(empty_data, directory)
    store = Store.open(directory, clock, ring=rung.append)
    try:
        yield store
        assert problems(store) == []
    finally:
        store.close()


@pytest.fixture
def recorded() -> Recorded:
    """Every event that the journal of this test was told."""
    return Recorded()


@pytest.fixture
def journal(clock: SetClock, recorded: Recorded) -> Journal:
    """A journal that keeps what it is told in `recorded` and prints nothing."""
    return Journal("test", clock, stream=StringIO(), sinks=(recorded,))
