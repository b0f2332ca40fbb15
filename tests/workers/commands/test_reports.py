"""workers.commands.reports: reports to others from the command line."""
import json
from pathlib import Path
from typing import Any

import pytest

from mta.base.clock import SystemClock
from mta.report.evaluation import Evaluation, digest
from mta.store import evaluations
from mta.store.database import Store
from mta.store.evaluations import Fresh
from mta.store.verify import problems
from workers.command import main

RECORD = "v=DMARC1; p=none; rua=mailto:agg@b.test"


class Server:
    """Commands typed at a server that could send reports."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self.zone, self._file, self._capsys = folder / "data", folder / "zone", folder / "pillarbox.toml", capsys
        self._file.write_text(f'hostname = "mx.example.org"\ndata = "{self.data}"\nrun = "{folder / "run"}"\nuser = ""\n')
        self.zone.write_text(f'_dmarc.b.test TXT "{RECORD}"\n')

    def attempt(self, line: str) -> tuple[int, str, str]:
        """Status, standard output and standard error."""
        status = main(["--config", str(self._file), *line.split()])
        captured = self._capsys.readouterr()
        return status, captured.out, captured.err

    def __call__(self, line: str) -> str:
        """What was printed; it must succeed."""
        status, out, err = self.attempt(line)
        assert status == 0, err
        return out

    def json(self, line: str) -> list[dict[str, Any]]:
        """The same with --json, read."""
        rows = json.loads(self(f"{line} --json"))
        assert isinstance(rows, list)
        return rows


@pytest.fixture
def server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Server:
    """One that has something to tell b.test."""
    (tmp_path / "data").mkdir(mode=0o700)
    server = Server(tmp_path, capsys)
    server("domain add example.org")
    store = Store.open(server.data, SystemClock())
    packed = Evaluation("192.0.2.1", "none", True, True, "b.test", "b.test", "example.org", (), (), (("b.test", "pass"),)).pack()
    store.write_now(lambda db: evaluations.add(db, Fresh("b.test", digest(packed), packed, RECORD, store.clock.timestamp(), 3)))
    store.close()
    return server


def test_looking(server: Server) -> None:
    """What waits; nothing was sent; the other kind has nothing."""
    [row] = server.json("report dmarc waiting")
    assert (row["domain"], row["counted"], row["optional"]) == ("b.test", 3, 0)
    assert "b.test" in server("report dmarc waiting")
    assert server.json("report dmarc list") == server.json("report tls waiting") == []


def test_a_dry_run(server: Server) -> None:
    """The whole document, and who would get it; nothing is changed by looking."""
    [row] = server.json(f"report dmarc send b.test --dry-run --zone {server.zone}")
    assert (row["to"], row["from"], row["counted"], row["why_not"]) == (["mailto:agg@b.test"], "example.org", 3, None)
    assert "<count>3</count>" in row["document"]
    assert row["subject"].startswith("Report Domain: b.test Submitter: example.org")
    assert "<count>3</count>" in server(f"report dmarc send b.test --dry-run --zone {server.zone}")
    assert server.json("report dmarc list") == []
    server.zone.write_text("")
    [row] = server.json(f"report dmarc send b.test --dry-run --zone {server.zone}")
    assert (row["document"], row["why_not"]) == (None, "b.test has no DMARC record any more")


def test_sending_and_removing(server: Server) -> None:
    """It is bound to a report at once; the running server sends it."""
    said = server("report dmarc send b.test")
    assert "report 1 will be sent within a minute" in said
    [row] = server.json("report dmarc list")
    assert (row["id"], row["domain"], row["state"], row["to"]) == (1, "b.test", "due", [])
    [row] = server.json("report dmarc show 1")
    assert row["name"].isalnum()
    assert row["sent"] == []
    assert "b.test" in server("report dmarc show 1")
    assert server.json("report dmarc waiting") == []
    server("report dmarc remove 1")
    assert server.json("report dmarc list --domain b.test") == []
    status, _, err = server.attempt("report dmarc show 1")
    assert (status, "no dmarc report 1" in err) == (1, True)


def test_forgetting(server: Server) -> None:
    """What waits for a domain."""
    assert server("report dmarc forget b.test") == "3 messages forgotten\n"
    status, _, err = server.attempt("report dmarc forget b.test")
    assert (status, "nothing waits" in err) == (1, True)
    assert server.attempt("report tls send b.test")[0] == 1


def test_suppressing(server: Server) -> None:
    """For a time or for good, and no more."""
    [row] = server.json("report suppress add Agg@b.test --days 30 --reason bounces")
    assert (row["address"], row["reason"]) == ("agg@b.test", "bounces")
    assert 29.9 * 86_400 < row["until"] - row["created"] < 30.1 * 86_400
    [row] = server.json("report suppress add https://b.test/tls")
    assert row["until"] is None
    assert [row["address"] for row in server.json("report suppress list")] == ["agg@b.test", "https://b.test/tls"]
    server("report suppress remove agg@b.test")
    assert len(server.json("report suppress list")) == 1
    assert server.attempt("report suppress add nobody")[0] == 1


def test_the_store_is_whole(server: Server) -> None:
    """After all of it."""
    server("report dmarc send b.test")
    store = Store.open(server.data, SystemClock())
    try:
        assert problems(store) == []
    finally:
        store.close()
