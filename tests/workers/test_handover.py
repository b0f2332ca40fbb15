"""workers.handover: one program takes the place of another, and nobody notices who did not ask for it."""
import contextlib
import dataclasses
import os
import re
import select
import shutil
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from mta.base.errors import SetupError
from mta.base.names import Domain
from mta.config.model import Config, Route, Transport
from tests.workers.outside import WAIT, Running
from workers import handover
from workers.child import Child
from workers.generation import Generation
from workers.handover import Estate, Standing
from workers.listening import Listening
from workers.privileges import whoever
from workers.process import Role


def test_new_code_comes_with_a_reload_and_nobody_is_turned_away(server: Running) -> None:
    """Clients that connect without a pause see no refusal; the process stays, all that it knew stays."""
    server.start()
    server.until("pillarbox ready")
    before, done, greeted, failed = server.status(), threading.Event(), [0], [0]

    def connect() -> None:
        while not done.is_set():
            try:
                greeted[0] += server.greeted()
            except OSError:
                failed[0] += 1
    clients = [threading.Thread(target=connect) for _ in range(3)]
    for client in clients:
        client.start()
    try:
        for generation, word in ((2, "new"), (3, "newer")):
            server.write(f'WORD = "{word}"')
            server.send(signal.SIGHUP)
            server.until(f"event=supervisor.reloaded role=supervisor generation={generation}")
            assert sum("serves" in line and line.endswith(f", {word}") for line in server.said) == 3
    finally:
        done.set()
        for client in clients:
            client.join()

    assert failed == [0]
    assert greeted[0] > 50
    after = server.status()
    assert after["supervisor-0"]["pid"] == before["supervisor-0"]["pid"]
    assert after["supervisor-0"]["uptime"] > before["supervisor-0"]["uptime"]
    assert server.events()["supervisor.started"] == 1
    assert server.events()["supervisor.replaced"] == 2
    server.send(signal.SIGTERM)
    server.until("END")
    assert server.ended() == 0
    assert "\n".join(server.said).count("is done") == 9, "each process finished as it was told"


def test_nothing_piles_up(server: Running) -> None:
    """After each reload the supervisor comes to have the same kinds and numbers of open files as at the start."""
    server.start()
    server.until("pillarbox ready")
    before = open_files(server.pid)
    for _ in range(2):
        server.send(signal.SIGHUP)
        server.until("event=supervisor.reloaded")
        end = time.monotonic() + WAIT
        while (now := open_files(server.pid)) != before:    # the last of the old ones has yet to be reaped
            assert time.monotonic() < end, f"{now - before} too many, {before - now} too few"
            time.sleep(0.02)


def open_files(pid: int) -> Counter[str]:
    """What a process has open, without numbers."""
    found: Counter[str] = Counter()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found[re.sub(r"\d+", "N", os.readlink(file))] += 1
    return found


def test_a_signal_in_the_middle_waits_for_the_new_program(server: Running) -> None:
    """SIGTERM while the new program cannot hear yet would end it, and all, at once; so it stops in good order."""
    server.start()
    server.until("pillarbox ready")

    (server.data / "at-exec").write_text(f"{server.pid} {int(signal.SIGTERM)}\n")
    server.send(signal.SIGHUP)
    server.until("END")

    assert server.ended() == 0, "\n".join(server.said)
    assert sum("event=supervisor.role_ended" in line and line.endswith("status=0") for line in server.said) == 3, "\n".join(server.said)


def test_who_falls_in_the_middle_comes_back(server: Running) -> None:
    """A role that is killed while the program changes is missed as soon as somebody looks."""
    server.start()
    server.until("pillarbox ready")
    (server.data / "refuse").touch()    # so that the old generation stays, and has to be mended
    fallen = server.status()["loner-0"]["pid"]

    (server.data / "at-exec").write_text(f"{fallen} {int(signal.SIGKILL)}\n")
    server.write('WORD = "new"')
    server.send(signal.SIGHUP)
    server.until("event=supervisor.role_fell role=supervisor process=loner status=-9")
    server.until("event=supervisor.reload_refused")
    (server.data / "refuse").unlink()

    assert "new" in server.until("loner serves")
    server.settled()
    assert {role["ready"] for role in server.status().values()} == {True}


def test_a_second_reload_comes_after_the_first(server: Running) -> None:
    """It is not forgotten with the program that heard it."""
    server.start()
    server.until("pillarbox ready")

    server.send(signal.SIGHUP)
    server.until("imported by")
    server.send(signal.SIGHUP)
    server.until("event=supervisor.reloaded role=supervisor generation=2")
    server.until("event=supervisor.reloaded role=supervisor generation=3")

    assert server.settled()["generation"] == 3


def test_the_old_ones_are_not_forgotten(server: Running) -> None:
    """Processes of older generations that do not finish are still ours after two reloads, and are ended with us."""
    (server.data / "stubborn").touch()
    server.configure(copies=1)
    server.start()
    server.until("pillarbox ready")
    first = server.status()["greeter-0"]["pid"]
    for _ in range(2):
        server.ask("reload")
        server.until("event=supervisor.replaced")
        server.until("greeter serves")

    server.ask("stop")
    server.until("END")

    assert server.ended() == 0
    assert not Path(f"/proc/{first}").exists()
    assert sum("event=supervisor.role_ended" in line and "status=-9" in line for line in server.said) == 4, "\n".join(server.said)


def test_a_caller_is_heard_to_the_end(server: Running) -> None:
    """Who began to speak to one program is answered by the next."""
    server.start()
    server.until("pillarbox ready")
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(WAIT)
        caller.connect(str(server.directory / "run" / "control.sock"))
        caller.sendall(b'{"do": "sta')
        server.send(signal.SIGHUP)
        server.until("event=supervisor.reloaded")
        caller.sendall(b'tus"}\n')

        assert b'"ok": true' in caller.recv(100)


def test_a_program_that_cannot_be_started_changes_nothing(server: Running) -> None:
    """If exec fails at the last moment, the old program goes on as if nothing had happened."""
    server.python = str(own_python(server.directory / "venv"))
    server.start()
    server.until("pillarbox ready")
    before = server.status()

    (server.data / "vanish").touch()
    server.ask("reload")
    line = server.until("supervisor.reload_refused")

    assert f"{server.python} cannot be started anew: No such file or directory" in line
    assert {role["pid"] for role in server.status().values()} == {role["pid"] for role in before.values()}
    assert server.greeted()
    server.send(signal.SIGTERM)    # signals are heard again
    server.until("END")
    assert server.ended() == 0


def own_python(place: Path) -> Path:
    """A Python of our own, which can vanish: an environment that borrows everything of the one we run in."""
    (place / "bin").mkdir(parents=True)
    (place / "lib").symlink_to(Path(sys.prefix) / "lib")
    if (settings := Path(sys.prefix) / "pyvenv.cfg").exists():
        shutil.copy(settings, place)
    (place / "bin" / "python").symlink_to(Path(sys.executable).resolve())
    return place / "bin" / "python"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_stays_root(server: Running) -> None:
    """The supervisor can still bind any port and become the service user; its roles are that user, and write no file of root's."""
    for place in (server.directory, *server.directory.parents):    # pytest keeps its folders to itself
        if not place.stat().st_mode & 0o001:
            place.chmod(0o711)
    server.data.rmdir()
    server.file.write_text(server.file.read_text().replace('user = ""', 'user = "nobody"'))
    server.start()
    server.until("pillarbox ready")
    server.send(signal.SIGHUP)
    server.until("event=supervisor.reloaded")

    owners = {name: Path(f"/proc/{role['pid']}").stat().st_uid for name, role in server.status().items()}
    nobody = (server.data).stat().st_uid
    assert owners == {"supervisor-0": 0, "greeter-0": nobody, "greeter-1": nobody, "loner-0": nobody}
    assert nobody != 0
    assert {path.stat().st_uid for path in server.data.rglob("*")} == {nobody}


@pytest.fixture
def estate() -> Iterator[Estate]:
    """One with something of everything; the open files in it are closed afterwards."""
    config = Config(
        hostname=Domain("mx.example.org"), transports=(Transport("relay", "relay.example.net", password_file=Path("/etc/secret")),),
        routes=(Route(sender_domain=Domain("xn--bcher-kva.example"), transport="relay"),))
    role = Role("greeter", "tests.workers.small_role", ("smtp",), lambda config: 2, alone=True)
    listening = Listening({("smtp", "127.0.0.1", 0): socket.create_server(("127.0.0.1", 0))})
    generation = Generation.make(3, config, whoever(), listening, (role,), None)
    generation.posts[1].child = Child("greeter-1", 12, os.open(os.devnull, os.O_RDONLY), 1.5, ready=True, said=b"\xff")
    generation.loads["greeter"].set(1, 7)
    standing = Standing.of(generation)
    release(generation)
    yield Estate(os.getpid(), 1_009, 1.25, 3, 2, True, frozenset({signal.SIGHUP}), {"supervisor.started": 1}, ((1_011, b"{"),),
                 ((Child("loner", 13, 1_014, 2.5), 99.5),), standing)
    for descriptor in standing.descriptors():
        os.close(descriptor)


def release(generation: Generation) -> None:
    """Leave its sockets open, but to somebody else."""
    for sock in (*generation.listening.sockets.values(), *(end for pair in generation.doorbells.pairs.values() for end in pair)):
        sock.detach()


def test_an_estate_is_plain_data(estate: Estate) -> None:
    """What is written is what is read; the open files in it are all named."""
    with open(handover.write(estate), "rb") as letter:
        letter.seek(0)
        assert handover.read(letter.read()) == estate
    named = set(estate.descriptors())
    assert {1_009, 1_011, 1_014} < named
    assert len(named) == 3 + 1 + 4 + 1 + 1    # and a socket, two bells of two ends, a memory, a report


def test_a_generation_lives_again(estate: Estate) -> None:
    """Sockets, bells and counters are the same ones, not copies."""
    again = estate.serving.generation()

    assert [(post.name, post.role.alone, post.child and post.child.pid) for post in again.posts] == [
        ("greeter", True, None), ("greeter-1", True, 12)]
    [listening] = again.listening.of("smtp")["smtp"]
    assert not listening.getblocking()
    with socket.create_connection(listening.getsockname()):
        select.select([listening], [], [], WAIT)
        listening.accept()[0].close()
    again.doorbells.ring("greeter")
    assert again.doorbells.of("greeter", 1).clear()
    assert again.loads["greeter"].get(1) == 7
    release(again)


@pytest.mark.parametrize("text", [
    msgspec.json.encode({"format": handover.FORMAT + 1, "estate": {}}), msgspec.json.encode({"format": handover.FORMAT, "estate": {}}),
    b"", b"{}"])
def test_another_format_is_refused(text: bytes) -> None:
    """By the new program, in its rehearsal; the remedy is a real restart."""
    with pytest.raises(SetupError, match=r"cannot take over from the one that runs \(.*\): stop the server, then start it"):
        handover.read(text)


def test_a_path_that_is_no_text_is_not_handed_over(estate: Estate) -> None:
    """It cannot be written as JSON; that refuses the reload and no more."""
    odd = dataclasses.replace(estate.serving.config, data=Path(os.fsdecode(b"/var/\xff")))
    with pytest.raises(SetupError, match="not UTF-8"):
        handover.write(dataclasses.replace(estate, serving=dataclasses.replace(estate.serving, config=odd)))


def test_nobody_else_hands_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody left in the environment is no estate."""
    monkeypatch.setenv(handover.VARIABLE, "replace me")
    with pytest.raises(SetupError, match="unset it"):
        handover.received()
    assert handover.received() is None
