"""workers.listening: binding what the configuration asks for."""
import os
import socket
import stat
from pathlib import Path

import pytest

from mta.base.errors import SetupError
from mta.base.names import Domain
from mta.config.model import Config, Listener
from workers.listening import listen, refused
from workers.privileges import whoever


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make(tmp_path: Path, *listeners: Listener) -> Config:
    """A configuration with these listeners."""
    return Config(hostname=Domain("mx.example.org"), data=tmp_path, run=tmp_path, user="", listeners=listeners)


def test_all_that_was_asked_for_listens(tmp_path: Path) -> None:
    """Ports by service, and the Unix sockets with their rights."""
    port = free_port()
    listening = listen(make(tmp_path, Listener("a", ("127.0.0.1",), smtp=port)), whoever(), {})
    try:
        sockets = listening.of("smtp", "submission", "sendmail", "control", "resolver")

        assert sockets["smtp"][0].getsockname() == ("127.0.0.1", port)
        assert sockets["submission"] == []
        assert not sockets["smtp"][0].getblocking()
        modes = {name: stat.S_IMODE(os.stat(tmp_path / f"{name}.sock").st_mode) for name in ("sendmail", "control", "resolver")}
        assert modes == {"sendmail": 0o666, "control": 0o600, "resolver": 0o600}
        for name in modes:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(tmp_path / f"{name}.sock"))
    finally:
        listening.close()


def test_what_is_known_is_kept(tmp_path: Path) -> None:
    """A reload does not close a port that stays, and closes one that goes."""
    one, two = free_port(), free_port()
    old = listen(make(tmp_path, Listener("a", ("127.0.0.1",), smtp=one, http=two)), whoever(), {})
    new = listen(make(tmp_path, Listener("b", ("127.0.0.1",), smtp=one)), whoever(), old.sockets)
    try:
        assert new.of("smtp")["smtp"][0] is old.of("smtp")["smtp"][0]
        old.close(kept=list(new.sockets.values()))
        assert old.of("http")["http"][0].fileno() == -1
        assert new.of("smtp")["smtp"][0].fileno() >= 0
    finally:
        new.close()


def test_ipv4_and_ipv6_share_a_port(tmp_path: Path) -> None:
    """ "0.0.0.0" and "::" do not get into each other's way."""
    listening = listen(make(tmp_path, Listener("a", ("0.0.0.0", "::"), smtp=free_port())), whoever(), {})
    assert 1 <= len(listening.of("smtp")["smtp"]) <= 2
    listening.close()


def test_every_port_that_cannot_be_had_is_named(tmp_path: Path) -> None:
    """All at once, each with its setting and a remedy."""
    with socket.create_server(("127.0.0.1", 0)) as rival:
        taken = rival.getsockname()[1]
        config = make(tmp_path, Listener("a", ("127.0.0.1",), smtp=taken), Listener("b", ("192.0.2.1",), http=free_port()))
        with pytest.raises(SetupError) as raised:
            listen(config, whoever(), {})

    first, second = str(raised.value).splitlines()
    assert first.startswith(f"port {taken} on 127.0.0.1 (smtp of [listeners.a]) is in use by another program")
    assert "(http of [listeners.b]) is not an address of this machine" in second


def test_ports_can_be_tried(tmp_path: Path) -> None:
    """Without keeping them; what cannot be had is said as at the start."""
    with socket.create_server(("127.0.0.1", 0)) as rival:
        config = make(tmp_path, Listener("a", ("127.0.0.1",), smtp=rival.getsockname()[1], http=free_port()))
        (listener, service, text), = refused(config)

    assert (listener.name, service) == ("a", "smtp")
    assert "is in use by another program" in text
    assert list(refused(config)) == []


def test_a_dead_servers_sockets_are_replaced(tmp_path: Path) -> None:
    """What was left by SIGKILL is no obstacle."""
    config = make(tmp_path, Listener("a", ("127.0.0.1",), smtp=free_port()))
    listen(config, whoever(), {}).close()

    listen(config, whoever(), {}).close()
