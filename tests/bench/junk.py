"""The junk filter: how much it finds, how much good mail it misjudges, what it costs."""
import random
import tarfile
import time
from pathlib import Path

import pytest

from mta.store.learned import Learned
from tests.judge import corpus
from tests.message.vectors import need

#: Ways to cut the corpus in two; each is measured in both directions.
SALTS = ("x", "y", "z")
#: How many lessons of good mail and of junk a beginner has given.
BEGINNINGS = ((50, 20), (100, 50), (300, 100), (700, 300))


def measure(folder: Path) -> list[tuple[str, str]]:
    """Train on half, judge the other; beginnings; processor time of one message of 5 kB and of one of 25 MB."""
    try:
        found = corpus.samples()
    except pytest.skip.Exception as reason:
        return [("junk", f"not measured: {reason}")]
    rows: list[tuple[str, str]] = []
    good: list[float] = []
    bad: list[float] = []
    for salt in SALTS:
        for way, (lessons, questions) in enumerate((pair := corpus.halves(found, salt), pair[::-1])):
            learned = corpus.teach(folder / f"{salt}{way}", lessons)
            outcome = corpus.judge(learned, questions)
            learned.close()
            good.append(outcome.misjudged)
            bad.append(outcome.found)
            rows.append((f"half {salt}{way}: {len(outcome.good)} good, {len(outcome.junk)} junk",
                         f"{outcome.misjudged:.2%} of good mail misjudged, {outcome.found:.2%} of junk found"))
    rows.append(("mean of these", f"{sum(good) / len(good):.2%} misjudged, {sum(bad) / len(bad):.2%} found"))
    rows += [_beginning(folder, found, *numbers) for numbers in BEGINNINGS]
    return rows + _costs(folder, found)


def _beginning(folder: Path, found: list[corpus.Sample], good: int, bad: int) -> tuple[str, str]:
    """What it makes of all others after a few lessons; the mean of five."""
    misjudged = caught = 0.0
    for seed in range(5):
        order = random.Random(seed).sample(found, len(found))
        lessons = [sample for sample in order if not sample.junk][:good] + [sample for sample in order if sample.junk][:bad]
        names = {(sample.group, sample.name) for sample in lessons}
        learned = corpus.teach(folder / f"beginning{good}-{bad}-{seed}", lessons, seed)
        outcome = corpus.judge(learned, [sample for sample in found if (sample.group, sample.name) not in names])
        learned.close()
        misjudged += outcome.misjudged / 5
        caught += outcome.found / 5
    return f"after {good} lessons of good mail and {bad} of junk", f"{misjudged:.2%} misjudged, {caught:.1%} found"


def _costs(folder: Path, found: list[corpus.Sample]) -> list[tuple[str, str]]:
    start = time.process_time()
    learned = corpus.teach(folder / "all", found)
    used = time.process_time() - start
    size = (folder / "all" / "learned.db").stat().st_size + (folder / "all" / "learned.db-wal").stat().st_size
    rows = [("processor time of a lesson", f"{used / len(found) * 1e3:.1f} ms"),
            (f"learned.db after {len(found)} lessons", f"{size / 1e6:.0f} MB")]
    for octets, what in ((_near(5_000), "of 5 kB"), (_large(), "of 25 MB")):
        rows.append(_cost(learned, octets, what))
    learned.close()
    return rows


def _cost(learned: Learned, octets: bytes, what: str) -> tuple[str, str]:
    alone, whole, number = corpus.cost(learned, octets)
    return f"processor time of a message {what}, {number} features", f"{whole * 1e3:.2f} ms, of which features {alone * 1e3:.2f} ms"


def _near(size: int) -> bytes:
    """The message of the corpus that is nearest to size."""
    with tarfile.open(need("spam-corpus") / "corpus.tar.gz") as archive:
        entry = min((entry for entry in archive if entry.isfile()), key=lambda entry: abs(entry.size - size))
        file = archive.extractfile(entry)
        assert file is not None
        return corpus.prepared(file.read())


def _large() -> bytes:
    """25 MB of HTML and text, all different."""
    chance = random.Random(1)
    words = " ".join(f"<b>{chance.getrandbits(40):x}</b>" for _ in range(60_000))
    return (b"From: a@example.net\r\nSubject: large\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
            b"--x\r\nContent-Type: text/html\r\n\r\n" + words.encode() * 12 +
            b"\r\n--x\r\nContent-Type: text/plain\r\n\r\n" + words.encode() * 12 + b"\r\n--x--\r\n")
