"""mta.store.archive: what is in a place with backups, compared with what was put there."""
import hashlib
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.errors import NotFound, SetupError
from mta.store import archive
from mta.store.archive import Backup
from mta.store.backup import Wish, make, prune
from mta.store.database import Store
from tests.store import test_backup

full, place = test_backup.full, test_backup.place


def test_sums_are_as_sha256sum_reads_them(full: Store, place: Path) -> None:
    """Whoever has no Pillarbox can compare, too."""
    made = make(full, Wish(place))

    for line in (made.path / archive.MANIFEST).read_text().splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((made.path / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("harm", ["changed", "missing", "more", "manifest", "facts"])
def test_verify_finds_harm(full: Store, place: Path, harm: str) -> None:
    """A changed, missing or added file, a changed list, changed facts: each is told."""
    made = make(full, Wish(place))
    victim = next(iter(sorted((made.path / "data" / "mail").rglob("*/*"))))
    match harm:
        case "changed":
            victim.write_bytes(victim.read_bytes()[:-1] + b"!")
        case "missing":
            victim.unlink()
        case "more":
            (made.path / "data" / "stranger").write_text("x")
        case "manifest":
            text = (made.path / archive.MANIFEST).read_text()
            (made.path / archive.MANIFEST).write_text(text.replace("data/keys", "data/../../etc"))
        case _:
            (made.path / archive.FACTS).write_text("{")
            with pytest.raises(SetupError, match="damaged"):
                archive.read(made.path)
            return
    told = archive.problems(made)
    assert len(told) == 1
    assert {"changed": "was changed or is damaged", "missing": "No such file", "more": "is not in the manifest",
            "manifest": "is not as it was"}[harm] in told[0]


def test_paths_of_a_forged_list(full: Store, place: Path) -> None:
    """A list that leads out of the backup is refused, also if its sum was made to fit."""
    made = make(full, Wish(place))
    (made.path / archive.MANIFEST).write_text(f"{'0' * 64}  data/../../../etc/passwd\n")
    made.facts.manifest = archive.sha256(made.path / archive.MANIFEST)
    with pytest.raises(SetupError, match="a line that cannot be read"):
        list(made.entries())


def test_what_is_kept(full: Store, place: Path, clock: SetClock) -> None:
    """The newest of each of the last days and weeks; the newest of all in any case."""
    for _ in range(30):
        make(full, Wish(place))
        clock.advance(12 * 3_600)
    gone = prune(place, 3, 2)
    left = [each.name for each in archive.every(place)]

    assert len(gone) + len(left) == 30
    assert left == ["2030-01-15T120000Z", "2030-01-14T120000Z", "2030-01-13T120000Z"]
    assert prune(place, 3, 2) == []
    assert all(archive.problems(each) == [] for each in archive.every(place))
    assert archive.surplus([], 1, 1) == []
    only = [Backup(place / left[0], archive.every(place)[0].facts)]
    assert archive.surplus(only, 0, 0) == []


def test_an_unfinished_one_is_never_taken_for_whole(full: Store, place: Path) -> None:
    """What a crash left is told by its name, is in no list, and goes with the next backup."""
    made = make(full, Wish(place))
    left = place / f"{archive.UNFINISHED}2031-01-01T000000Z"
    (left / "data").mkdir(parents=True)
    (left / "data" / "pillarbox.db").write_bytes(b"half")
    renamed = place / "2031-01-01T000000Z"
    renamed.mkdir()    # somebody was clever

    assert [each.name for each in archive.every(place)] == [made.name]
    assert archive.find(place).name == made.name
    with pytest.raises(NotFound, match="never finished"):
        archive.find(left)
    with pytest.raises(NotFound, match="no backup"):
        archive.find(renamed)
    make(full, Wish(place))
    assert not left.exists()
