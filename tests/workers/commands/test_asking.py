"""workers.commands.asking: what the commands that look into messages have in common."""
from argparse import Namespace
from pathlib import Path

import pytest

from mta.auth.advice import Finding
from mta.auth.status import Status
from mta.base.errors import SetupError, UserError
from mta.base.names import Domain
from workers.commands import asking
from workers.commands.site import Site


def test_no_server_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none was named and none is there, a default name; a server that was named has to be there."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert asking.hostname(Site(None, None)) == Domain("localhost")
    with pytest.raises(SetupError):
        asking.hostname(Site(tmp_path, None))


def test_a_zone_that_cannot_be_read(tmp_path: Path) -> None:
    """The line that is wrong is named."""
    (tmp_path / "zone").write_text("a.test. A 192.0.2.1\na.test. A nonsense\n")
    with pytest.raises(UserError, match=r"zone.*2"):
        asking.ask(Site(None, None), Namespace(zone=str(tmp_path / "zone")), lambda dns: dns.ask)  # type: ignore[arg-type,return-value]  # not reached


def test_strangers_do_not_write_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters in what they published are shown as something else."""
    status = asking.told(Namespace(json=False, zone=None), [Finding("spf", Status.FAIL, "It says \x1b[2J.")], 1)

    out = capsys.readouterr().out
    assert (status, "\x1b" in out, "1 question asked of the DNS." in out) == (1, False, True)
