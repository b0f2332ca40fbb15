"""workers.supervisor: a whole server of small roles, looked at from outside."""
import contextlib
import os
import pwd
import select
import signal
import socket
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.base.names import Domain
from mta.net.tls import self_signed
from tests.workers.outside import WAIT, Running
from workers import control


def test_it_gets_ready_serves_and_stops(server: Running) -> None:
    """Ready when all answer; each role has its own sockets; SIGTERM ends all within a moment."""
    server.start()
    server.until("pillarbox ready")

    assert server.greeted()
    status = server.status()
    assert set(status) == {"supervisor-0", "greeter-0", "greeter-1", "loner-0"}
    assert all(role["ready"] and role["memory"] > 0 for role in status.values())
    assert any("greeter-1 serves smtp" in line for line in server.said)
    assert server.process
    server.process.send_signal(signal.SIGTERM)
    server.until("END")
    assert server.ended() == 0
    assert "\n".join(server.said).count("is done") == 3


def test_a_fallen_role_comes_back(server: Running) -> None:
    """One that is killed is forked again; the others go on."""
    server.start()
    server.until("pillarbox ready")
    before = server.status()

    os.kill(before["greeter-1"]["pid"], signal.SIGKILL)
    server.until("supervisor.role_fell")
    server.until("supervisor.role_ready")

    after = server.status()
    assert after["greeter-1"]["pid"] != before["greeter-1"]["pid"]
    assert after["greeter-0"]["pid"] == before["greeter-0"]["pid"]
    assert server.greeted()
    counts = control.ask(server.directory / "run" / "control.sock", "events")["events"]
    assert (counts["supervisor.role_fell"], counts["supervisor.started"]) == (1, 1)


def test_no_process_outlives_a_killed_supervisor(server: Running) -> None:
    """SIGKILL for the supervisor is one for all, and the next one starts at once."""
    server.start()
    server.until("pillarbox ready")
    processes = [os.pidfd_open(role["pid"]) for role in server.status().values()]

    assert server.process
    server.process.kill()

    assert server.ended() == -signal.SIGKILL
    for process in processes:
        assert select.select([process], [], [], WAIT)[0], "it ends without being told"
        os.close(process)
    server.start()
    server.until("pillarbox ready")


def test_a_reload_makes_a_new_generation(server: Running) -> None:
    """New settings come with new processes; the old ones finish, and the port stays open."""
    server.start()
    server.until("pillarbox ready")
    before = server.status()

    server.configure(copies=3, more='log_level = "debug"')
    assert server.process
    server.process.send_signal(signal.SIGHUP)
    server.until("event=supervisor.reloaded")

    after = server.status()
    assert set(after) == {"supervisor-0", "greeter-0", "greeter-1", "greeter-2", "loner-0"}
    assert after["supervisor-0"]["pid"] == before["supervisor-0"]["pid"]
    assert after["loner-0"]["pid"] != before["loner-0"]["pid"]
    assert any("greeter-2 serves smtp at level debug" in line for line in server.said)
    assert server.greeted()


def test_a_new_log_level_reaches_the_supervisor_too(server: Running) -> None:
    """It says what the configuration in force lets it say."""
    server.configure(more='log_level = "error"')
    server.start()
    server.until("pillarbox ready")

    server.configure(more='log_level = "info"')
    server.ask("reload")
    server.until("event=supervisor.reloaded role=supervisor generation=2")
    assert not any("event=supervisor.replaced" in line for line in server.said)

    os.kill(server.status()["greeter-0"]["pid"], signal.SIGKILL)
    server.until("event=supervisor.role_started")


def test_two_generations_of_a_loner_never_meet(server: Running) -> None:
    """What takes over leases starts only when its predecessor has ended."""
    server.start()
    server.until("pillarbox ready")

    server.ask("reload")
    server.until("event=supervisor.reloaded")

    said = [line for line in server.said if "loner" in line and ("serves" in line or "is done" in line)]
    assert ["serves" in line for line in said] == [True, False, True], "\n".join(server.said)


def test_a_wrong_configuration_is_refused(server: Running) -> None:
    """The old generation stays as it was."""
    server.start()
    server.until("pillarbox ready")
    before = server.status()

    server.configure(more="nonsense = 1")
    server.ask("reload")
    line = server.until("supervisor.reload_refused")

    assert "nonsense" in line
    assert server.status().keys() == before.keys()
    assert server.greeted()


def test_the_data_directory_cannot_change_while_it_runs(server: Running) -> None:
    """It is locked for one server, and what is in memory belongs to it."""
    server.start()
    server.until("pillarbox ready")

    server.file.write_text(server.file.read_text().replace('data = "data"', 'data = "other"'))
    server.ask("reload")
    line = server.until("supervisor.reload_refused")

    assert "other while the server runs" in line
    assert not (server.directory / "other").exists()
    assert server.greeted()


def test_a_new_generation_that_cannot_start_is_refused(server: Running) -> None:
    """A role that finds its new settings impossible leaves the old one in force."""
    server.start()
    server.until("pillarbox ready")
    before = server.status()

    (server.data / "refuse").touch()
    server.configure(more='log_level = "debug"')
    server.ask("reload")
    assert "made of cheese" in server.until("supervisor.reload_refused")

    assert {role["pid"] for role in server.status().values()} == {role["pid"] for role in before.values()}
    assert server.greeted()

    (server.data / "refuse").unlink()    # a member of the old generation is replaced under the old settings
    os.kill(before["greeter-1"]["pid"], signal.SIGKILL)
    assert "at level info" in server.until("greeter-1 serves")


def test_systemd_hears_of_a_reload(server: Running) -> None:
    """RELOADING with its time, then READY: once the new generation answers, or at once when it is refused."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(server.directory / "notify"))
        manager.settimeout(WAIT)
        server.environment["NOTIFY_SOCKET"] = str(server.directory / "notify")
        server.environment["WATCHDOG_USEC"] = "60000000"
        server.start()

        def heard() -> str:
            while (said := manager.recv(200).decode()) == "WATCHDOG=1":
                pass
            return said
        assert heard() == "READY=1\nSTATUS=3 processes answer"
        server.ask("reload")
        assert heard().startswith("RELOADING=1\nMONOTONIC_USEC=")
        assert heard() == "READY=1\nSTATUS=3 processes answer"
        server.configure(more="nonsense = 1")
        server.ask("reload")
        assert heard().startswith("RELOADING=1\n")
        assert heard() == "READY=1\nSTATUS=the reload was refused"
        server.ask("stop")
        assert heard() == "STOPPING=1"
    server.until("END")


def test_a_role_that_cannot_start_says_why(server: Running) -> None:
    """At the first start that ends the server, with one line."""
    (server.data / "refuse").touch()
    server.start()

    assert "cannot start: the disk is made of cheese" in server.until("error: ")
    assert server.ended() == 1


def test_a_role_that_keeps_falling_ends_the_first_start(server: Running) -> None:
    """Nobody waits forever for a server that cannot become ready."""
    (server.data / "fall").touch()
    server.start()

    assert "ended with status 3" in server.until("error: ")
    assert server.ended() == 1


def test_data_that_cannot_be_prepared_ends_the_start(server: Running) -> None:
    """No role starts on a store that is not ready."""
    (server.data / "no-room").touch()
    server.start()

    assert server.until("error: ") == "error: 1 GB is needed, 3 MB are there"
    assert not any("role_started" in line for line in server.said)


def test_a_second_server_on_the_same_data_is_told(server: Running) -> None:
    """Two servers would claim each other's work."""
    server.start()
    server.until("pillarbox ready")
    assert server.process
    first = server.process

    second = Running.__new__(Running)
    second.__dict__.update(server.__dict__)
    second.said = []
    second.start()

    assert f"another Pillarbox serves {server.data} already (process {first.pid})" in second.until("error: ")
    assert second.ended() == 1


def test_a_port_in_use_is_one_clear_line(server: Running) -> None:
    """It names the port, the setting, and the remedy."""
    with socket.socket() as rival:
        rival.bind(("127.0.0.1", server.port))
        rival.listen()
        server.start()
        line = server.until("error: ")

    assert f"port {server.port} on 127.0.0.1 (smtp of [listeners.a]) is in use" in line
    assert "ss -ltnp" in line


def test_bells_are_rung_for_callers(server: Running) -> None:
    """The command line wakes a role after its commits."""
    server.start()
    server.until("pillarbox ready")

    server.ask("ring", role="loner")

    server.until("loner heard its bell")


def test_who_does_not_finish_is_ended(server: Running) -> None:
    """A role that hears no signal does not keep the server from stopping in time."""
    server.start()
    server.until("pillarbox ready")

    (server.data / "stubborn").touch()
    server.ask("stop")
    server.until("END")

    assert server.ended() == 0, "\n".join(server.said)
    assert sum("role_ended" in line and "status=-9" in line for line in server.said) == 3


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_roles_of_root_run_as_the_service_user(server: Running) -> None:
    """No role keeps root's rights, or a way back to them; nothing root makes lies in the data."""
    for place in (server.directory, *server.directory.parents):    # pytest keeps its folders to itself
        if not place.stat().st_mode & 0o001:
            place.chmod(0o711)
    server.data.rmdir()
    server.file.write_text(server.file.read_text().replace('user = ""', 'user = "nobody"'))
    server.start()
    server.until("pillarbox ready")

    nobody = pwd.getpwnam("nobody")
    for name, role in server.status().items():
        facts = dict(line.split(":\t", 1) for line in Path(f"/proc/{role['pid']}/status").read_text().splitlines() if ":\t" in line)
        uids = set(map(int, facts["Uid"].split()))
        if name == "supervisor-0":
            assert uids == {0}
        else:
            assert uids == {nobody.pw_uid}
            assert set(map(int, facts["Gid"].split())) == {nobody.pw_gid}
            assert facts["NoNewPrivs"] == "1"
            assert int(facts["CapEff"], 16) == 0
            assert facts["Umask"] == "0077"
    assert {path.stat().st_uid for path in [server.data, *server.data.rglob("*")]} == {nobody.pw_uid}
    assert server.greeted()


def test_stop_is_a_command_too(server: Running) -> None:
    """`pillarbox stop` ends it as SIGTERM does."""
    server.start()
    server.until("pillarbox ready")

    server.ask("stop")
    server.until("END")

    assert server.ended() == 0


def test_signals_may_come_at_any_moment(server: Running) -> None:
    """A storm of them, with processes ending meanwhile, neither loses the stop nor breaks the loop."""
    server.start()
    server.until("pillarbox ready")
    assert server.process
    for role in [role for name, role in server.status().items() if name != "supervisor-0"] * 3:
        with contextlib.suppress(ProcessLookupError):
            os.kill(role["pid"], signal.SIGKILL)
        for _ in range(200):
            server.process.send_signal(signal.SIGCHLD)
    server.process.send_signal(signal.SIGTERM)
    server.until("END")

    assert server.ended() == 0, "\n".join(server.said)


def test_who_gets_certificates_comes_and_goes(server: Running) -> None:
    """A child does it when somebody asks, one at a time; its failure is told; a stop ends it."""
    socket_path = server.directory / "run" / "control.sock"
    server.start()
    server.until("pillarbox ready")
    control.certify(socket_path)
    server.until("loner heard its bell")
    while control.ask(socket_path, "status")["certifying"]:
        select.poll().poll(20)
    pids = [line.split()[-1] for line in server.said if line.startswith("certify as")]
    assert len(pids) == 1
    assert not Path(f"/proc/{pids[0]}").exists()

    (server.data / "authority").touch()
    control.certify(socket_path)
    assert "made of cheese" in server.until("certificate.unfit")
    (server.data / "slow").touch()
    control.certify(socket_path)
    # Not its bell: that of the one before may be heard as late as this.
    server.until("certify as")
    control.certify(socket_path)
    assert control.ask(socket_path, "status")["certifying"]
    assert len([line for line in server.said if line.startswith("certify as")]) == 3
    assert server.process
    server.process.send_signal(signal.SIGTERM)
    assert server.ended() == 0


def test_who_asks_for_certificates_while_others_start_gets_them(server: Running) -> None:
    """What the first role asks for is not forgotten: a new server has its certificates at once, not with the next look."""
    (server.data / "early").touch()
    server.start()
    server.until("pillarbox ready")
    server.until("certify as")


def test_a_reload_does_not_wait_for_an_authority(server: Running) -> None:
    """Who gets certificates is ended; what it began goes on another time."""
    server.start()
    server.until("pillarbox ready")
    (server.data / "slow").touch()
    control.certify(server.directory / "run" / "control.sock")
    server.until("loner heard its bell")
    assert server.process
    server.process.send_signal(signal.SIGHUP)
    server.until("event=supervisor.reloaded")
    pid = next(line for line in server.said if line.startswith("certify as")).split()[-1]
    assert not Path(f"/proc/{pid}").exists()
    assert not control.ask(server.directory / "run" / "control.sock", "status")["certifying"]


def test_the_operators_certificate_is_watched(server: Running) -> None:
    """Another one is put in place without a reload; half a change, or a broken one, is told and changes nothing."""
    clock = SystemClock()
    first, second = (self_signed([Domain("mx.example.org")], [], server.directory / name, clock) for name in ("one", "two"))
    pair = server.directory / "mx.pem", server.directory / "mx.key"
    for target, source in zip(pair, first, strict=True):
        target.write_bytes(source.read_bytes())
    server.configure(more=f'[tls]\ncertificate = "{pair[0]}"\nkey = "{pair[1]}"\n')
    server.start()
    server.until("pillarbox ready")
    copied = server.data / "tls" / "host.pem"

    pair[0].write_bytes(second[0].read_bytes())
    assert "are not a certificate and its key" in server.until("certificate.unfit")
    assert not copied.exists(), "small servers prepare nothing"
    pair[1].write_bytes(second[1].read_bytes())
    end = clock.monotonic() + WAIT
    while not copied.exists() or copied.read_bytes() != second[0].read_bytes():
        assert clock.monotonic() < end
        select.poll().poll(20)
    pair[1].unlink()
    assert "cannot be read" in server.until("certificate.unfit")
    assert copied.read_bytes() == second[0].read_bytes()
