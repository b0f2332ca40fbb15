"""workers.commands.acme: without an authority or a server; tests.lab has both."""
import io
import json
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.base.events import Journal
from mta.config.parse import load
from mta.store import certificates as standings
from mta.store.certificates import LeftOut
from mta.store.database import Store
from tests.workers.commands.conftest import Typing
from workers.command import main
from workers.preparing import make_directories, prepare
from workers.privileges import whoever

FILE = """hostname = "mx.example.org"
data = "data"
run = "run"
user = ""
[listeners.a]
ips = ["127.0.0.1"]
smtp = 25
http = 80
[acme]
directory = "https://ca.example/dir"
"""


def test_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wanted, what went wrong in the authority's words, when it is tried again; 1 while something is wrong."""
    file = tmp_path / "pillarbox.toml"
    file.write_text(FILE)
    config, clock = load(file), SystemClock()
    make_directories(config, whoever())
    prepare(config, None, clock, Journal("prepare", clock, stream=io.StringIO()), True)
    store = Store.open(config.data, clock)
    store.write_now(lambda db: standings.change(
        db, "host-ec", failures=2, problem="acme:error:caa: CAA forbids", retry=1_893_456_000.0, order_url="https://ca.example/order/1",
        left_out={"mail.example.org": LeftOut("404", 1, 0.0)}))
    store.close()

    assert main(["--config", str(file), "acme", "status"]) == 1
    out = capsys.readouterr().out
    assert "authority  https://ca.example/dir\naccount    none yet\nchallenge  http-01\n" in out
    assert "  problem  acme:error:caa: CAA forbids (2 in a row; again from 2030-01-01 00:00 UTC on)" in out
    assert "  without  mail.example.org: 404" in out
    assert "  order    https://ca.example/order/1, under way" in out
    assert main(["--config", str(file), "acme", "status", "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert [(row["label"], row["failures"], row["until"]) for row in rows] == [("host-ec", 2, None), ("host-rsa", 0, None)]
    assert main(["--config", str(file), "acme", "renew"]) == 1
    assert "it does not run" in capsys.readouterr().err


def test_without_an_authority(typed: Typing) -> None:
    """The setting is named."""
    typed("domain list")
    status, _, err = typed.attempt("acme status")
    assert status == 1
    assert "set directory of [acme]" in err
