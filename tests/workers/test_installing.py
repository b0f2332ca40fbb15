"""workers.installing: whole or not at all."""
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.base.errors import SetupError
from mta.base.names import Domain
from mta.config.model import Config
from mta.config.parse import load
from mta.flow import people
from mta.flow.world import World
from mta.store.database import Store
from mta.store.verify import problems
from workers import installing
from workers.installing import Places

CLOCK = SystemClock()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A server that whoever runs the tests can make."""
    return Config(hostname=Domain("mx.example.org"), data=tmp_path / "var" / "mail", run=tmp_path / "run", user="")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """All of its files, in folders that are not there."""
    return Places(tmp_path / "etc" / "p.toml", tmp_path / "system" / "p.service", (tmp_path / "etc" / "password", "secret\n"))


def fill(world: World) -> None:
    """What is in it."""
    people.add_domain(world, "example.org", by="a test")


def everything(folder: Path) -> list[str]:
    """What is there, of whatever kind."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_all_of_it(config: Config, places: Places, tmp_path: Path) -> None:
    """Each in its place, with its content and mode, and nothing beside."""
    installing.install(config, places, "[Unit]\n", CLOCK, fill)

    assert load(places.config) == config
    assert [path.name for path in sorted(tmp_path.rglob("*")) if path.name.startswith(".")] == []
    modes = {file.name: file.stat().st_mode & 0o777 for file in places.files}
    assert modes == {"p.toml": 0o644, "p.service": 0o644, "password": 0o640}
    assert (tmp_path / "etc" / "password").read_text() == "secret\n"
    assert (tmp_path / "system" / "p.service").read_text() == "[Unit]\n"
    assert {path.stat().st_mode & 0o077 for path in (config.data, *config.data.rglob("*"))} == {0}
    store = Store.open(config.data, CLOCK)
    try:
        assert problems(store) == []
    finally:
        store.close()


@pytest.mark.parametrize("there", ["etc/p.toml", "system/p.service", "etc/password", "var/mail/something"])
def test_nothing_is_overwritten(config: Config, places: Places, tmp_path: Path, there: str) -> None:
    """Whatever is there is named, and all stays as it is."""
    file = tmp_path / there
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    before = everything(tmp_path)

    with pytest.raises(SetupError, match="is there already, and is not overwritten") as refused:
        installing.install(config, places, "", CLOCK, fill)
    assert there.removesuffix("/something") in str(refused.value)
    assert everything(tmp_path) == before
    assert file.read_text() == "mine"


def test_an_empty_folder_is_used(config: Config, places: Places) -> None:
    """As a mounted disk may be."""
    config.data.mkdir(parents=True)
    installing.install(config, places, "", CLOCK, fill)

    assert (config.data / "pillarbox.db").exists()


class Fell(Exception):
    """Something that nobody thought of."""


def test_whatever_goes_wrong_nothing_is_left(config: Config, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the store is filled, and at each step that puts something in its place."""
    def fall(world: World) -> None:
        fill(world)
        raise Fell

    with pytest.raises(Fell):
        installing.install(config, places, "", CLOCK, fall)
    assert everything(tmp_path) == []

    link, linked = os.link, list[Path]()
    for at in range(3):
        linked.clear()

        def broken(source: Path, target: Path, at: int = at) -> None:
            if len(linked) == at:
                raise OSError(28, "No space left on device", str(target))
            linked.append(target)
            link(source, target)

        monkeypatch.setattr(os, "link", broken)
        with pytest.raises(SetupError, match="No space left on device; nothing was changed"):
            installing.install(config, places, "", CLOCK, fill)
        assert everything(tmp_path) == []


def test_somebody_is_quicker(config: Config, places: Places, tmp_path: Path) -> None:
    """A file that came meanwhile stays, and ours go."""
    def meanwhile(world: World) -> None:
        (tmp_path / "etc").mkdir()
        places.config.write_text("theirs")

    with pytest.raises(SetupError, match="nothing was changed"):
        installing.install(config, places, "", CLOCK, meanwhile)
    assert everything(tmp_path) == ["etc", "etc/p.toml"]
    assert places.config.read_text() == "theirs"


def test_a_file_that_the_server_would_refuse(config: Config, places: Places, tmp_path: Path) -> None:
    """It is found out before anything is in its place."""
    wrong = replace(config, queue=replace(config.queue, delay_notice_after=config.queue.give_up_after))
    with pytest.raises(SetupError, match="give_up_after"):
        installing.install(wrong, places, "", CLOCK, fill)
    assert everything(tmp_path) == []


def test_a_place_that_cannot_be_had(config: Config, places: Places, tmp_path: Path) -> None:
    """A file where a folder should be."""
    (tmp_path / "etc").write_text("a file")

    with pytest.raises(SetupError, match=r"p\.toml cannot be made"):
        installing.install(config, places, "", CLOCK, fill)
    assert everything(tmp_path) == ["etc"]


def test_the_service_user(config: Config, monkeypatch: pytest.MonkeyPatch, places: Places, tmp_path: Path) -> None:
    """Made if it is missing, by the machine's own command; removed if the rest fails."""
    assert installing.user_command(config) == []
    assert installing.user_command(replace(config, user="root")) == []
    missing = replace(config, user="pillarbox-of-a-test")
    command = installing.user_command(missing)
    assert command[0] == "useradd"
    assert command[-1] == "pillarbox-of-a-test"

    ran: list[list[str]] = []

    def run(words: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        ran.append(words)
        return subprocess.CompletedProcess(words, 9 if len(ran) == 1 else 0, "", "useradd: group\nexists\n")

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(SetupError, match="could not be made: useradd: group exists"):
        installing.install(missing, places, "", CLOCK, fill)
    # It says that it made one, and did not: that is an error as well, and undone.
    with pytest.raises(SetupError, match="there is no user"):
        installing.install(missing, places, "", CLOCK, fill)
    assert [words[0] for words in ran] == ["useradd", "useradd", "userdel"]
    assert everything(tmp_path) == []


def test_only_root_can_make_a_server_for_another(config: Config, places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said before anything is done."""
    monkeypatch.setattr(os, "geteuid", lambda: 65_534)
    with pytest.raises(SetupError, match="do this as root"):
        installing.check_rights(replace(config, user="pillarbox-of-a-test"), places)
