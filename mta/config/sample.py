"""The commented sample file, generated from the model: every setting with its help and default."""
import dataclasses
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
}
TOP = """\
Pillarbox: sample configuration, as printed by `pillarbox config sample`.
Only hostname must be set.  What is commented out shows the default, or an example where there is none.
After a change: `pillarbox check`, then `systemctl reload pillarbox` (or SIGHUP to the server).
"""


def sample() -> str:
    """The text of the sample file."""
    out = [*_comment(TOP)]
    tables = []
    hints = typing.get_type_hints(Config)
    for one in settings(Config):
        inner = typing.get_args(hints[one.name])[0] if typing.get_origin(hints[one.name]) is tuple else hints[one.name]
        if is_table(inner):
            tables.append((one, typing.cast(type, inner)))
        else:
            out += ["", *_setting(one, commented=one.name != "hostname")]
    for one, kind in tables:
        out += ["", "", *_comment(str(kind.__doc__)), *_table(one, kind)]
    return "\n".join(out) + "\n"


def _table(one: "dataclasses.Field[Any]", kind: type) -> list[str]:
    """The lines of one table, or of each that the default has, or of an example."""
    inner = settings(kind)
    if "name" not in {part.name for part in inner}:
        many = one.default == ()
        lines = [f"#[[{one.name}]]" if many else f"[{one.name}]"]
        return lines + [line for part in inner for line in _setting(part, commented=True)]
    lines = []
    for thing in getattr(EXAMPLE, one.name) or ({"name": "relay"},):
        example = isinstance(thing, dict)
        name = thing["name"] if isinstance(thing, dict) else thing.name
        lines.append(f"{'#' if example else ''}[{one.name}.{name}]")
        for part in inner:
            if part.name != "name":
                value = None if example else getattr(thing, part.name)
                lines += _setting(part, commented=example or value == (), value=value)
    return lines


def _setting(one: "dataclasses.Field[Any]", *, commented: bool, value: object = None) -> list[str]:
    shown = one.default if value is None else value
    if shown in (MISSING, None, (), ""):
        shown = EXAMPLES[one.name]
    return [*_comment(one.metadata["help"]), f"{'#' if commented else ''}{one.name} = {_toml(shown)}"]


def _toml(value: object) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Path) else value)


def _comment(text: str) -> list[str]:
    """text as comment lines; lines that belong to a paragraph are joined, then folded."""
    return [f"# {line}" for paragraph in text.strip().splitlines() for line in textwrap.wrap(paragraph, WIDTH)]
