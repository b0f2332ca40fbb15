"""workers.rehearsal: what would not run is never started, and nobody is disturbed by the attempt."""
import signal

import pytest

from tests.workers.outside import Running
from workers.child import Child
from workers.rehearsal import last_words


@pytest.mark.parametrize(("code", "said"), [
    ("WORD = (", "the new program cannot be loaded: SyntaxError: '(' was never closed ({code}, line 1)"),
    ("\n\nWORD = nonsense", "the new program cannot be loaded: NameError: name 'nonsense' is not defined ({code}, line 3)"),
    ("import os; os._exit(0)", "the new program ended with status 0"),
])
def test_broken_code_is_refused(server: Running, code: str, said: str) -> None:
    """In one line that says where; those who serve go on, and a mended program is taken."""
    server.start()
    server.until("pillarbox ready")
    before = server.status()

    server.write(code)
    server.ask("reload")
    line = server.until("supervisor.reload_refused")

    reason = said.format(code=server.code)
    assert f'reason="{reason}"' in line
    assert server.settled()["refused"] == reason
    assert {role["pid"] for role in server.status().values()} == {role["pid"] for role in before.values()}
    assert not any("Traceback" in line or "supervisor.replaced" in line for line in server.said)
    assert server.greeted()

    server.write('WORD = "mended"')
    server.ask("reload")
    server.until("event=supervisor.reloaded")
    assert any(line.endswith(", mended") for line in server.said)
    assert server.settled()["refused"] == ""


def test_data_that_cannot_be_prepared_refuses_the_reload(server: Running) -> None:
    """As when the new program wants another schema: before the old one has gone."""
    server.start()
    server.until("pillarbox ready")

    (server.data / "no-room").touch()
    server.ask("reload")
    line = server.until("supervisor.reload_refused")

    assert "1 GB is needed, 3 MB are there" in line
    assert not any("supervisor.replaced" in line for line in server.said)
    assert server.greeted()


def test_a_rehearsal_ends_with_the_server(server: Running) -> None:
    """SIGTERM while it goes on is a stop like any other."""
    server.start()
    server.until("pillarbox ready")

    server.write("import time; print('rehearses', flush=True); time.sleep(600)")
    server.send(signal.SIGHUP)
    server.until("rehearses")
    server.send(signal.SIGTERM)
    server.until("END")

    assert server.ended() == 0, "\n".join(server.said)
    assert "\n".join(server.said).count("is done") == 3


def test_the_last_words_are_one_line() -> None:
    """Of a traceback its end and its last place; our own lines as they are."""
    child = Child("rehearsal", 1, -1, 0.0, said=b"""Traceback (most recent call last):
  File "/a/command.py", line 3, in <module>
    import web
  File "/a/web.py", line 7, in <module>
    import nowhere
ModuleNotFoundError: No module named 'nowhere'
""")

    assert last_words(child, 1) == "the new program cannot be loaded: ModuleNotFoundError: No module named 'nowhere' (/a/web.py, line 7)"
    child.said = b"pillarbox: x.toml:3: no setting 'a'\npillarbox: x.toml:4: no setting 'b'\n"
    assert last_words(child, 1) == "x.toml:3: no setting 'a'\nx.toml:4: no setting 'b'"
    child.said = b""
    assert last_words(child, -9) == "the new program ended with status -9"
