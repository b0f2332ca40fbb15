"""From a person's TOML file to a Config, or to the list of everything that is wrong with it.

All mistakes are found in one go and each names its line.  Behind this module nobody
checks settings again: what comes out is of the types of mta.config.model.
"""
import dataclasses
import json
import re
import tomllib
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal, TypeVar
from urllib.parse import urlsplit

from mta.base.errors import BadName, SetupError
from mta.base.names import Address, Domain, ip_address
from mta.config.lines import Lines, Way
from mta.config.model import PAGES, SERVICES, Acme, Config, Listener

T = TypeVar("T")

#: struct sockaddr_un has room for this many octets of a path.
SOCKET_PATH = 107
WILDCARDS: Final = ("0.0.0.0", "::")
#: The public half of a key of backups, as it is written (mta.store.sealing).
RECIPIENT: Final = re.compile(r"pbx1-[0-9a-z]{55}")
#: What a route may name besides transports (mta.judge.route).
BUILT_IN: Final = frozenset({"direct", "fail"})


def load(path: Path) -> Config:
    """The configuration in that file; SetupError with a line for each mistake."""
    return dataclasses.replace(_sound(*examine(path)), file=path.absolute())


def parse(text: str, where: str = "pillarbox.toml", base: Path = Path("/")) -> Config:
    """The configuration that text describes; relative paths start at base.  SetupError as in load."""
    return _sound(*_examined(text, where, base))


def examine(path: Path) -> tuple["Reading", Config]:
    """The file as far as it can be understood: its mistakes, and a configuration in which those are left out.

    Who knows more about the settings can add to the mistakes.  SetupError if it cannot be read at all.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise SetupError(f"{path}: cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        raise SetupError(f"{path}: is not UTF-8 text (octet {problem.start})") from None
    return _examined(text, str(path), path.absolute().parent)


def _examined(text: str, where: str, base: Path) -> tuple["Reading", Config]:
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise SetupError(_syntax(where, str(problem))) from None
    reading = Reading(where, base, Lines(text))
    config = reading.table(Config, given, ())
    if config is None:
        # What can be said about the rest is said even if there is no usable host name.
        config = Reading(where, base, Lines("")).table(Config, {**given, "hostname": "mx.example.org"}, ())
        assert config is not None    # nothing else must be given
    check(config, reading)
    return reading, dataclasses.replace(config, origins=tuple(reading.lines.all.items()))


def _sound(reading: "Reading", config: Config) -> Config:
    if reading.mistakes:
        raise SetupError("\n".join(reading.report()))
    return config


def _syntax(where: str, problem: str) -> str:
    """tomllib says "Invalid value (at line 3, column 7)"; the line goes where it stands for other mistakes."""
    said, _, place = problem.removesuffix(")").partition(" (at line ")
    line, _, column = place.partition(", ")
    return f"{where}:{line}: {said} ({column})" if column else f"{where}: {problem}"


@dataclass
class Reading:
    """One file being read: where things are in it, and the mistakes so far with their lines."""

    where: str
    base: Path
    lines: Lines
    mistakes: list[tuple[int, str]] = field(default_factory=list)

    def wrong(self, way: Way, text: str) -> None:
        """Note a mistake in what way leads to."""
        line = self.lines.of(way)
        place = f"{self.where}:{line}" if line else self.where
        table = ".".join(str(step) for step in way[:-1] if isinstance(step, str))
        self.mistakes.append((line, f"{place}: {f'[{table}] ' if table else ''}{text}"))

    def report(self) -> list[str]:
        """The mistakes, each once, in the order of the file."""
        return [text for _, text in sorted(set(self.mistakes))]

    def table(self, kind: type[T], given: object, way: Way) -> T | None:
        """Make a kind from a TOML table, wrong values left at their defaults; None if one that must be there is wrong."""
        if not isinstance(given, dict):
            self.wrong(way, f"{way[-1]} must be a table, not {_shown(given)}")
            return None
        known = {one.name: one for one in settings(kind)}
        hints = typing.get_type_hints(kind)
        for name in given.keys() - known.keys():
            near = get_close_matches(name, known, n=1)
            self.wrong((*way, name), f"no setting {name!r}{f', perhaps {near[0]!r}' if near else ''}")
        good = {}
        for name, one in known.items():
            if name in given:
                value = self.value(hints[name], one, given[name], (*way, name))
                if value is not None:
                    good[name] = value
            elif needed(one):
                self.wrong((*way, name), f"{name} is missing: {one.metadata['help']}")
        return kind(**good) if all(name in good for name, one in known.items() if needed(one)) else None

    def value(self, hint: Any, one: "dataclasses.Field[Any]", given: object, way: Way) -> Any:
        """given as the type of the setting; None, with the mistake noted, if it is of another."""
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if is_table(hint):
            return self.table(typing.cast(type, hint), given, way)
        if origin is tuple and is_table(inner[0]):
            return self.tables(typing.cast(type, inner[0]), given, way)
        if origin is tuple:
            if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
                return self.wrong(way, f"{way[-1]} must be a list of texts, not {_shown(given)}")
            return tuple(self.shaped(one, item, way) or "" for item in given)
        if origin is Literal:
            if given not in inner:
                return self.wrong(way, f"{way[-1]} must be one of {', '.join(map(_shown, inner))}, not {_shown(given)}")
            return given
        if origin in (types.UnionType, typing.Union):    # X | None: what is not set is None, what is set is an X
            hint = next(kind for kind in inner if kind is not types.NoneType)
        return self.plain(hint, one, given, way)

    def plain(self, kind: type, one: "dataclasses.Field[Any]", given: object, way: Way) -> Any:
        """given as a number, yes or no, text, path or domain."""
        if kind is bool:
            return given if isinstance(given, bool) else self.wrong(way, f"{way[-1]} must be true or false, not {_shown(given)}")
        if kind is int:
            least, most = one.metadata["least"], one.metadata["most"]
            if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
                return self.wrong(way, f"{way[-1]} must be a whole number from {least} to {most}, not {_shown(given)}")
            return given
        if not isinstance(given, str):
            return self.wrong(way, f"{way[-1]} must be a text in quotes, not {_shown(given)}")
        if kind is Path:
            return self.base / Path(given).expanduser() if given else self.wrong(way, f"{way[-1]} must not be empty")
        if kind is Domain:
            try:
                return Domain.parse(given)
            except BadName as problem:
                return self.wrong(way, f"{way[-1]}: {problem}")
        return self.shaped(one, given, way)

    def shaped(self, one: "dataclasses.Field[Any]", given: str, way: Way) -> str | None:
        """given, after the check that the setting asks for; None if it failed."""
        check_shape = SHAPES.get(one.metadata.get("shape", ""))
        if check_shape:
            try:
                return check_shape(given)
            except ValueError as problem:
                self.wrong(way, f"{way[-1]}: {problem}")
                return None
        return given

    def tables(self, kind: type[T], given: object, way: Way) -> tuple[T, ...]:
        """Several of a kind: [way.NAME] tables if it has a name, else [[way]]."""
        if "name" in {one.name for one in settings(kind)}:
            if not isinstance(given, dict):
                self.wrong(way, f"write each as a table of its own: [{way[-1]}.NAME]")
                return ()
            named: Iterable[tuple[str | int, object]] = (
                (name, {**inner, "name": name} if isinstance(inner, dict) else inner) for name, inner in given.items())
        elif isinstance(given, list):
            named = enumerate(given)
        else:
            self.wrong(way, f"write each as a table of its own: [[{way[-1]}]]")
            return ()
        made = [self.table(kind, inner, (*way, name)) for name, inner in named]
        return tuple(one for one in made if one is not None)


def settings(kind: type) -> list["dataclasses.Field[Any]"]:
    """What a file may set of kind, in the order of the model."""
    return [one for one in dataclasses.fields(kind) if not one.metadata.get("internal")]


def is_table(kind: object) -> bool:
    """Whether kind is a group of settings rather than a value."""
    return dataclasses.is_dataclass(kind) and kind is not Domain


def needed(one: "dataclasses.Field[Any]") -> bool:
    """Whether a file must give this setting."""
    return one.default is MISSING and one.default_factory is MISSING


def _shown(value: object) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


def _ip(text: str) -> str:
    return str(ip_address(text))


def _host(text: str) -> str:
    try:
        return _ip(text)
    except BadName:
        return Domain.parse(text).ascii


def _domain(text: str) -> str:
    return Domain.parse(text).ascii


def _endpoint(text: str) -> str:
    """An IP, or IP:port; an IPv6 address with a port stands in brackets."""
    host, _, number = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif text.count(":") != 1:
        return _ip(text.strip("[]"))
    if not number.isdecimal() or not 0 < int(number) < 65_536:
        raise BadName(f"{text!r} has no port from 1 to 65535 after the colon")
    ip = _ip(host)
    return f"[{ip}]:{number}" if ":" in ip else f"{ip}:{number}"


def _page(text: str) -> str:
    """One of what the web role has for people who sign in."""
    if text not in PAGES:
        raise BadName(f"{text!r} is none of {', '.join(PAGES)}")
    return text


def _https(text: str) -> str:
    """The URL of a service that is reached over TLS; "" stays."""
    url = urlsplit(text)
    if text and (url.scheme != "https" or not url.hostname or url.username or url.fragment or not text.isprintable() or " " in text):
        raise BadName(f"{text!r} is no URL that begins with https:// and a host name")
    return text


def _mail_address(text: str) -> str:
    """A mail address; "" stays."""
    return Address.parse(text).ascii if text else text


def _recipient(text: str) -> str:
    """To whom backups are encrypted; "" stays.  mta.store.sealing knows the sum that finds a mistyped one."""
    if text and not RECIPIENT.fullmatch(text):
        raise ValueError("it must be as `pillarbox backup key` prints it: pbx1- and 55 letters and digits")
    return text


#: Checks of texts that `setting` can ask for: each returns the text as it is kept, or raises ValueError.
SHAPES: Final[Mapping[str, Callable[[str], str]]] = {
    "ip": _ip, "host": _host, "endpoint": _endpoint, "domain": _domain, "https": _https, "address": _mail_address, "page": _page,
    "recipient": _recipient}


def check(config: Config, reading: Reading) -> None:
    """Note what is wrong between settings that are each fine."""
    if len(config.hostname.labels) < 2:
        reading.wrong(("hostname",), f"hostname must be a full name with a dot, like mx.example.org, not {config.hostname}")
    if (config.tls.certificate is None) != (config.tls.key is None):
        reading.wrong(("tls", "key" if config.tls.key else "certificate"), "certificate and key go together: set both or none")
    if config.data == config.run:
        reading.wrong(("run",), "run must not be the data directory")
    if len(bytes(config.sendmail_socket)) > SOCKET_PATH:
        reading.wrong(("run",), f"run is too long: socket paths in it may have {SOCKET_PATH} octets")
    if config.queue.delay_notice_after >= config.queue.give_up_after:
        reading.wrong(("queue", "delay_notice_after"), "delay_notice_after must be less than give_up_after")
    _check_listeners(config.listeners, reading)
    _check_acme(config, reading)
    names = {transport.name for transport in config.transports}
    for transport in config.transports:
        if transport.username and transport.password_file is None:
            reading.wrong(("transports", transport.name, "username"), "username needs a password_file")
        if transport.name in BUILT_IN:
            reading.wrong(("transports", transport.name), f"{transport.name!r} is a way of its own; call the transport something else")
    for number, route in enumerate(config.routes):
        if route.transport not in names | BUILT_IN and not reading.lines.of(("transports", route.transport), exactly=True):
            known = ", ".join(sorted(names | BUILT_IN))
            reading.wrong(("routes", number, "transport"), f"no transport {route.transport!r}; there are: {known}")


def _check_acme(config: Config, reading: Reading) -> None:
    """What the authority will want, and the way by which it looks at us."""
    acme = config.acme
    if not acme:
        set_without = [one.name for one in settings(Acme) if getattr(acme, one.name) != one.default]
        if set_without and not reading.lines.of(("acme", "directory"), exactly=True):
            reading.wrong(("acme", set_without[0]), f"{set_without[0]} does nothing without a directory")
        return
    if bool(acme.eab_kid) != (acme.eab_key_file is not None):
        reading.wrong(("acme", "eab_kid" if acme.eab_kid else "eab_key_file"), "eab_kid and eab_key_file go together: set both or none")
    if acme.challenge == "dns-01" and acme.dns_hook is None:
        reading.wrong(("acme", "challenge"), "challenge \"dns-01\" needs a dns_hook that sets the records")
    needed = {"http-01": "http", "tls-alpn-01": "https"}.get(acme.challenge)
    if needed and not any(getattr(listener, needed) for listener in config.listeners):
        reading.wrong(("acme", "challenge"), f"challenge {acme.challenge!r} needs a listener with {needed}")


def _check_listeners(listeners: tuple[Listener, ...], reading: Reading) -> None:
    """No port twice on one address; somewhere to listen at all."""
    taken: dict[tuple[str, int], str] = {}
    for listener in listeners:
        if any(ip in WILDCARDS for ip in listener.nat_ips):
            reading.wrong(("listeners", listener.name, "nat_ips"), "nat_ips are addresses that others connect to; 0.0.0.0 and :: are none")
        if not listener.ips and any(getattr(listener, service) for service in SERVICES):
            reading.wrong(("listeners", listener.name, "ips"), "ips is empty: these ports are open nowhere")
        for service in SERVICES:
            number = getattr(listener, service)
            for ip in listener.ips if number else ():
                rivals = [ip, *(wild for wild in WILDCARDS if (":" in wild) == (":" in ip))]
                if ip in WILDCARDS:
                    rivals += [other for other, there in taken if there == number and (":" in other) == (":" in ip)]
                clash = next((taken[rival, number] for rival in rivals if (rival, number) in taken), None)
                if clash:
                    reading.wrong(("listeners", listener.name, service), f"{service}: port {number} on {ip} is taken by {clash}")
                taken.setdefault((ip, number), f"{service} of [listeners.{listener.name}]")
    if not taken and not reading.mistakes:
        reading.wrong(("listeners",), "no listener has a port: the server would hear nobody")
