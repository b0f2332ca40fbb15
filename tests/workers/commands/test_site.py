"""workers.commands.site: which server is meant."""
from pathlib import Path

import pytest

from mta.base.errors import SetupError
from mta.config.model import local
from workers.commands.site import USUAL_FILE, Site, local_directory


def test_a_directory_is_that_of_a_localserve(tmp_path: Path) -> None:
    """If it has data in it."""
    with pytest.raises(SetupError, match="it has no data in it"):
        _ = Site(tmp_path, None).config
    (tmp_path / "data").mkdir()

    assert Site(tmp_path, None).config == local(tmp_path)


def test_a_file_is_a_configuration(tmp_path: Path) -> None:
    """Read only when it is needed."""
    file = tmp_path / "p.toml"
    site = Site(None, file)
    file.write_text('hostname = "mx.example.org"\n')

    assert site.config.hostname.ascii == "mx.example.org"


def test_only_one_of_them_can_be_meant(tmp_path: Path) -> None:
    """Two would be two servers."""
    with pytest.raises(SetupError, match="name two servers"):
        _ = Site(tmp_path, tmp_path / "p.toml").config


@pytest.mark.skipif(USUAL_FILE.exists(), reason="this machine has a real server")
def test_without_either_it_is_the_usual_one() -> None:
    """The file in /etc, else where localserve keeps its data."""
    assert Site(None, None).directory == local_directory()


def test_the_store_is_made_when_it_is_needed(tmp_path: Path) -> None:
    """Domains can be added before the first start."""
    file = tmp_path / "p.toml"
    file.write_text('hostname = "mx.example.org"\nuser = ""\ndata = "deep/data"\nrun = "run"\n')

    with Site(None, file) as site:
        assert site.world.store.mail_db.exists()
        assert site.by.startswith("command line of")
    assert (tmp_path / "deep" / "data").stat().st_mode & 0o077 == 0
