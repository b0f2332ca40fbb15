"""What quickstart tells machines (`--json`): one list of objects, whose `kind` says what each is.

look: a thing that was looked at; do: what is done, or would be; configuration: the text of the
file; record: for the DNS; password, program, snippet and next: as people are told.
"""
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mta.base.names import Domain
from mta.config.model import Config
from mta.flow import clients, webservers
from mta.flow.founding import PROXIED_PORT, Passwords
from mta.flow.records import Record
from mta.flow.survey import Line

Row = Mapping[str, Any]


def looked(lines: Iterable[Line]) -> list[Row]:
    """What the machine is like."""
    return [{"kind": "look", "about": one.about, "well": one.well, "what": one.what, "mend": one.mend} for one in lines]


def doing(command: list[str], data: Path, files: Iterable[Path]) -> list[Row]:
    """What is run, made and written."""
    return [*([{"kind": "do", "what": "run", "command": command}] if command else []),
            {"kind": "do", "what": "make", "path": str(data)}, *({"kind": "do", "what": "write", "path": str(file)} for file in files)]


def configured(file: Path, text: str) -> Row:
    """The configuration."""
    return {"kind": "configuration", "path": str(file), "text": text}


def secrets(config: Config, address: str, passwords: Passwords) -> list[Row]:
    """What is told once."""
    return [{"kind": "password", "role": "account", "name": config.postmaster, "address": address, "password": passwords.account},
            {"kind": "password", "role": "administrator", "name": "", "address": "", "password": passwords.admin}]


def published(records: Iterable[Record], *, signed: bool, spf: str) -> list[Row]:
    """What the DNS should have; of an unsigned zone nobody believes TLSA.  spf is what to know about the relay's term, if there is one."""
    return [{"kind": "record", "name": one.name, "type": one.kind, "value": one.value, "why": one.why,
             "now": signed or one.kind != "TLSA", "note": spf if one.kind == "TXT" and one.value.startswith('"v=spf1 mx') else ""}
            for one in records]


def programs(config: Config) -> list[Row]:
    """What mail programs are told."""
    return [{"kind": "program", "protocol": one.protocol, "host": str(one.host), "port": one.port, "tls": one.tls}
            for one in clients.services(config)]


def snippets(hostname: Domain, domain: Domain) -> list[Row]:
    """What other web servers have to pass on."""
    return [{"kind": "snippet", "server": name, "text": write(hostname, domain, PROXIED_PORT)}
            for name, write in webservers.SNIPPETS.items()]


def following(commands: Iterable[str]) -> list[Row]:
    """How to go on."""
    return [{"kind": "next", "command": one} for one in commands]
