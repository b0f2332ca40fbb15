"""An mbox of many messages is imported by the command line, killed and resumed: is memory flat, is every message there once?

    .venv/bin/python -m tests.bench.long_import [--messages 200000] [--kills 3] [--octets 3000]

Not run by `scripts/bench`: it takes some minutes and a gigabyte of disk.
"""
import argparse
import hashlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mta.base.clock import SystemClock
from mta.store.database import Store
from mta.store.verify import problems

WORDS = [hashlib.sha256(str(number).encode()).hexdigest()[:random.Random(number).randint(3, 9)] for number in range(5_000)]


def main() -> None:
    """Make the mailbox, import it, print what was seen."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--octets", type=int, default=3_000)
    parser.add_argument("--kills", type=int, default=3)
    wanted = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="long-import-"))
    try:
        run(place, wanted.messages, wanted.octets, wanted.kills)
    finally:
        shutil.rmtree(place)


def run(place: Path, messages: int, octets: int, kills: int) -> None:
    """One measurement."""
    mailbox, directory = place / "old.mbox", place / "server"
    (directory / "data").mkdir(parents=True, mode=0o700)
    write(mailbox, messages, octets)
    pillarbox = [sys.executable, "-m", "workers.command", "--dir", str(directory)]
    for words in ("domain add example.org", "account add ann --address ann@example.org --no-password"):
        subprocess.run([*pillarbox, *words.split()], check=True)
    command = [*pillarbox, "import", "mbox", str(mailbox), "--account", "ann", "--json"]
    began = time.monotonic()
    for turn in range(kills + 1):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        seen: list[tuple[int, int]] = []
        while process.poll() is None:
            time.sleep(1)
            seen.append((count(directory), memory(process.pid)))
            if turn < kills and seen[-1][0] >= messages * (turn + 1) // (kills + 1):
                process.send_signal(signal.SIGKILL)
                process.wait()
        grown = [kilobytes for _, kilobytes in seen if kilobytes]
        print(f"run {turn + 1}: ended with {process.returncode} at {count(directory)} messages; resident "
              f"{grown[min(3, len(grown) - 1)] // 1024} MB after 4 s, {max(grown) // 1024} MB at most, "
              f"{grown[-1] // 1024} MB at last", flush=True)
    seconds = time.monotonic() - began
    print(f"{messages} messages, {mailbox.stat().st_size / 1e6:.0f} MB, killed {kills} times: "
          f"{seconds:.0f} s, {messages / seconds:.0f} messages/s")
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    again = time.monotonic() - began
    store = Store.open(directory / "data", SystemClock())
    try:
        rows = store.read(lambda db: list(db.execute(
            "SELECT count(*), count(DISTINCT header_id), (SELECT count(*) FROM imported) FROM message_detail")))
        print(f"once more, with nothing new: {again:.0f} s, {messages / again:.0f} messages/s")
        print(f"stored {rows[0][0]}, different {rows[0][1]}, remembered {rows[0][2]}")
        assert rows[0] == (messages, messages, messages)
        assert problems(store) == []
        print("verify: no problems")
    finally:
        store.close()


def write(path: Path, messages: int, octets: int) -> None:
    """An mbox of mail that refers to mail before it."""
    chance = random.Random(1)
    with path.open("w") as out:
        for number in range(messages):
            text = " ".join(chance.choices(WORDS, k=octets // 7))
            answers = f"In-Reply-To: <{number - chance.randint(1, 50)}@old.example>\n" if number > 50 and chance.random() < 0.4 else ""
            out.write(f"From bob@old.example Mon Jan  1 10:00:00 2024\nFrom: Bob {number % 977} <bob{number % 977}@old.example>\n"
                      f"To: ann@example.org\nSubject: {chance.choice(WORDS)} {number}\nMessage-ID: <{number}@old.example>\n{answers}"
                      f"Date: Mon, 01 Jan 2024 10:00:00 +0000\nStatus: RO\n\n{text[:octets]}\n\n")


def count(directory: Path) -> int:
    """How many messages there are."""
    import sqlite3
    try:
        with sqlite3.connect(f"file:{directory}/data/pillarbox.db?mode=ro", uri=True) as db:
            return int(db.execute("SELECT sum(messages) FROM account").fetchone()[0] or 0)
    except sqlite3.Error:
        return 0


def memory(pid: int) -> int:
    """Resident kilobytes of a process."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


if __name__ == "__main__":
    main()
