"""mta.config.model: what follows from settings."""
import dataclasses
import typing
from pathlib import Path

from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.config.model import SERVICES, Config, Listener, Smtp, local
from mta.config.parse import is_table, settings


def test_every_setting_has_help() -> None:
    """The sample file and the admin page have something to say about each."""
    kinds: list[type] = [Config]
    for kind in kinds:
        hints = typing.get_type_hints(kind)
        for one in settings(kind):
            inner = next((part for part in (hints[one.name], *typing.get_args(hints[one.name])) if is_table(part)), None)
            if inner:
                kinds.append(inner)
                assert inner.__doc__
            else:
                assert one.metadata["help"].endswith((".", ")", '"direct".')), one.name
    assert len(kinds) > 8


def test_limits_follow_the_settings() -> None:
    """The wider networks get their share of what one IP may do."""
    config = Config(hostname=Domain("mx.example.org"), smtp=Smtp(max_message=70_000, connections_per_ip=5))

    assert config.limits.message == 70_000
    assert config.limits.connections == (5, 15, 45)
    assert config.limits.command_line == LIMITS.command_line
    assert Config(hostname=Domain("mx.example.org")).limits == LIMITS


def test_the_local_server_needs_nobody() -> None:
    """High ports of one address, no other user, all in one directory."""
    config = local(Path("/d"), "127.0.0.2", 3_000)

    assert [getattr(config.listeners[0], service) for service in SERVICES] == [3025, 3587, 3465, 3080, 3443, 11_180]
    assert config.listeners[0].ips == ("127.0.0.2",)
    assert (config.user, config.local, config.postmaster) == ("", True, "demo")
    assert config.sendmail_socket == Path("/d/run/sendmail.sock")


def test_services_are_fields_of_a_listener() -> None:
    """The supervisor finds each service's port by its name."""
    assert set(SERVICES) == {one.name for one in dataclasses.fields(Listener)} - {"name", "ips", "nat_ips", "web"}
