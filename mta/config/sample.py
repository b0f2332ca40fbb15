"""The commented sample file, generated from the model: every setting with its help and default."""
import dataclasses
import inspect
import json
import textwrap
import typing
from dataclasses import MISSING
from pathlib import Path
from typing import Any, Final

from mta.base.names import Domain
from mta.config.model import Config
from mta.config.parse import is_table, settings

WIDTH = 100
EXAMPLE: Final = Config(hostname=Domain.parse("mx.example.org"))
#: What the sample shows for settings that have no default, or an empty one.
EXAMPLES: Final[dict[str, object]] = {
    "hostname": "mx.example.org", "certificate": "/etc/letsencrypt/live/mx.example.org/fullchain.pem",
    "key": "/etc/letsencrypt/live/mx.example.org/privkey.pem", "sender_domain": "example.org", "recipient_domain": "example.net",
    "password_file": "/etc/pillarbox/relay-password", "transport": "relay", "host": "smtp.relay.example", "username": "me",
    "user": "www-data", "account": "web", "upstreams": ["127.0.0.1"], "trusted": ["192.0.2.53"],
    "nat_ips": ["192.0.2.1"], "directory": "https://acme-v02.api.letsencrypt.org/directory", "contact": "me@example.org",
    "names": ["mail.example.org"], "eab_kid": "kid-1", "eab_key_file": "/etc/pillarbox/eab-key",
    "dns_hook": "/usr/local/bin/acme-dns", "ca_file": "/etc/ssl/company-ca.pem",
    "dnsbl": ["zen.spamhaus.org"], "arc_sealers": ["lists.example.org"],
    "to": "/mnt/backup/pillarbox", "recipient": "pbx1-1djw98trs8wnxkhr174pwwrjks3wt9dgtsjg00270yv975e64kqey3f",
}
TOP = """\
Pillarbox: sample configuration, as printed by `pillarbox config sample`.
Only hostname must be set.  What is commented out shows the default, or an example where there is none.
After a change: `pillarbox check`, then `systemctl reload pillarbox` (or SIGHUP to the server).
"""
#: The same at the top of a file that was made for a server.
OWN = """\
Pillarbox: the configuration of this server, made by `pillarbox quickstart`; it is yours to change.
What is commented out shows the default, or an example where there is none.
After a change: `pillarbox check`, then `systemctl reload pillarbox` (or SIGHUP to the server).
"""


def sample(config: Config | None = None) -> str:
    """The text of the sample file; of config, if that is given: what it sets is set, all else commented out."""
    out = [*_comment(TOP if config is None else OWN)]
    shown = EXAMPLE if config is None else config
    tables = []
    hints = typing.get_type_hints(Config)
    for one in settings(Config):
        inner = typing.get_args(hints[one.name])[0] if typing.get_origin(hints[one.name]) is tuple else hints[one.name]
        if is_table(inner):
            tables.append((one, typing.cast(type, inner)))
        else:
            out += ["", *_own(one, shown)]
    for one, kind in tables:
        out += ["", "", *_comment(inspect.cleandoc(str(kind.__doc__))), *_table(one, kind, shown)]
    return "\n".join(out) + "\n"


def _own(one: "dataclasses.Field[Any]", thing: object) -> list[str]:
    """The lines of a setting: set, if thing has another value than the default."""
    value = getattr(thing, one.name)
    usual = value == one.default
    return _setting(one, commented=usual, value=None if usual else value)


def _table(one: "dataclasses.Field[Any]", kind: type, config: Config) -> list[str]:
    """The lines of one table, or of each that config has, or of an example."""
    inner, held = settings(kind), getattr(config, one.name)
    if "name" not in {part.name for part in inner}:
        if not isinstance(held, tuple):
            return [f"[{one.name}]", *(line for part in inner for line in _own(part, held))]
        if not held:
            return [f"#[[{one.name}]]", *(line for part in inner for line in _setting(part, commented=True))]
        return [line for thing in held for line in (f"[[{one.name}]]", *(line for part in inner for line in _own(part, thing)))]
    lines = []
    for thing in held or ({"name": "relay"},):
        example = isinstance(thing, dict)
        name = thing["name"] if isinstance(thing, dict) else thing.name
        lines.append(f"{'#' if example else ''}[{one.name}.{name}]")
        for part in inner:
            if part.name != "name":
                value = None if example else getattr(thing, part.name)
                unset = value in (None, "") or (value == () == part.default)
                lines += _setting(part, commented=example or unset, value=None if unset else value)
    return lines


def _setting(one: "dataclasses.Field[Any]", *, commented: bool, value: object = None) -> list[str]:
    shown = value
    if value is None:
        shown = EXAMPLES[one.name] if one.default in (MISSING, None, (), "") else one.default
    return [*_comment(one.metadata["help"]), f"{'#' if commented else ''}{one.name} = {_toml(shown)}"]


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        value = list(value)
    elif isinstance(value, Path | Domain):
        value = str(value)
    return json.dumps(value, ensure_ascii=False)


def _comment(text: str) -> list[str]:
    """text as comment lines; lines that belong to a paragraph are joined, then folded."""
    return [f"# {line}" for paragraph in text.strip().splitlines() for line in textwrap.wrap(paragraph, WIDTH)]
