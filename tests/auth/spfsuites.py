"""The SPF suites of others, read from their files into one form."""
import contextlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from mta.auth.spf import SpfResult, check, check_host
from mta.base.errors import BadName
from mta.base.limits import LIMITS, Limits
from mta.base.names import Address, Domain, ip_address
from mta.dns.answer import MX, Answer, Outcome, Record, RecordType
from mta.dns.resolver import reverse_name
from tests.message.vectors import VECTORS

RECEIVER = Domain("receiver.example")
NOW = 1_700_000_000.0


class Book:
    """A Resolver that answers from the records of a suite; what is in `trouble` has no usable answer."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, RecordType], list[Record]] = defaultdict(list)
        self.trouble: set[tuple[str, RecordType | None]] = set()

    def add(self, name: str | Domain, kind: RecordType, record: Record) -> None:
        """One more record."""
        self.records[(name if isinstance(name, Domain) else Domain.of_octets(name)).ascii, kind].append(record)

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        records = self.records.get((name.ascii, kind))
        if records:
            return Answer(name, kind, Outcome.FOUND, tuple(records))
        if {(name.ascii, kind), (name.ascii, None)} & self.trouble:
            return Answer(name, kind, Outcome.TROUBLE)
        known = any(other == name.ascii for other, _ in self.records)
        return Answer(name, kind, Outcome.EMPTY if known else Outcome.NOTHING)


@dataclass(frozen=True, slots=True)
class Case:
    """One case: what is asked, and which results are right.  explanation None is not looked at, "" is none."""

    book: Book
    ip: str
    hello: str
    sender: str
    results: tuple[str, ...]
    explanation: str | None = None
    helo_first: bool = False
    mechanism: str | None = None

    async def run(self, limits: Limits = LIMITS) -> SpfResult:
        """The result that is to be compared."""
        if self.helo_first and self.sender.rpartition("@")[2] != self.hello:
            result = await self._run("", limits)
            if str(result.status) != "pass" or not self.sender:
                return result
        return await self._run(self.sender, limits)

    async def _run(self, sender: str, limits: Limits) -> SpfResult:
        ip = ip_address(self.ip)
        local, _, domain = sender.rpartition("@")
        try:
            address = Address.of(local, Domain.parse(domain)) if sender else None
        except BadName:
            return await check_host(ip, domain, sender, self.book, hello=self.hello, receiver=RECEIVER, now=NOW, limits=limits)
        return await check(ip, address, self.hello, self.book, receiver=RECEIVER, now=NOW, limits=limits)


def openspf() -> list[Any]:
    """The cases of spf-openspf."""
    path = VECTORS / "spf-openspf" / "rfc7208-tests-give.yml"
    return _params("spf-openspf", path, lambda: _openspf(path))


def mail_auth() -> list[Any]:
    """The cases of spf-mail-auth."""
    folder = VECTORS / "spf-mail-auth"
    return _params("spf-mail-auth", folder, lambda: _mail_auth(folder))


def rspamd() -> list[Any]:
    """The cases of auth-rspamd that are about SPF."""
    folder = VECTORS / "auth-rspamd"
    return _params("auth-rspamd", folder, lambda: _rspamd(folder))


def _params(name: str, path: Path, read: Any) -> list[Any]:
    if not path.exists():
        return [pytest.param(None, id=name, marks=pytest.mark.skip(f"test data {name} is not on this machine"))]
    return [pytest.param(case, id=label) for label, case in read()]


# --- spf-openspf ---------------------------------------------------------------------------


def _openspf(path: Path) -> Iterator[tuple[str, Case]]:
    for scenario in yaml.safe_load_all(path.read_text("utf-8")):
        book = Book()
        for name, entries in scenario["zonedata"].items():
            _add_entries(book, name, entries)
        for label, test in scenario["tests"].items():
            results = test["result"] if isinstance(test["result"], list) else [test["result"]]
            explanation = test.get("explanation")
            yield label, Case(
                book, test["host"], test["helo"], test["mailfrom"], tuple(results),
                "" if explanation == "DEFAULT" else explanation)


def _add_entries(book: Book, name: str, entries: list[Any]) -> None:
    pairs = [entry if isinstance(entry, str) else next(iter(entry.items())) for entry in entries]
    # "TXT: NONE" and TXT records of their own keep those of type SPF, which is history, from standing for them.
    has_texts = any(pair[0] == "TXT" for pair in pairs)
    for pair in pairs:
        if isinstance(pair, str) or pair[0] == "TIMEOUT":
            book.trouble.add((Domain.of_octets(name).ascii, None))
            continue
        kind, value = pair
        match kind:
            case "SPF" | "TXT":
                if value != "NONE" and (kind == "TXT" or not has_texts):
                    book.add(name, RecordType.TXT, value if isinstance(value, str) else "".join(value))
            case "MX":
                book.add(name, RecordType.MX, MX(int(value[0]), Domain.of_octets(value[1]) if value[1] else None))
            case "A" | "AAAA":
                book.add(name, RecordType[kind], ip_address(value))
            case _:
                book.add(name, RecordType[kind], Domain.of_octets(value))


# --- spf-mail-auth -------------------------------------------------------------------------


def _mail_auth(folder: Path) -> Iterator[tuple[str, Case]]:
    for path in sorted(folder.glob("*.yml")):
        for scenario in re.split(r"^---$", path.read_text("utf-8"), flags=re.MULTILINE):
            # Keys come more than once, so this is no YAML.
            book, tests, label = Book(), list[dict[str, str]](), ""
            for line in scenario.splitlines():
                key, _, value = line.strip().removeprefix("- ").partition(":")
                value = value.strip()
                if line.startswith("name:"):
                    label = value
                elif line.startswith("  - "):
                    tests.append({key: value})
                elif line.startswith("    "):
                    tests[-1][key] = value
                elif line.startswith("  "):
                    _add_line(book, key, *value.split(None, 1))
            for number, test in enumerate(tests):
                status, _, explanation = test["expect"].partition(" ")
                for name in (test["domain"], *re.findall(r"_dns_error[\w.]*", scenario)):
                    if name.startswith("_dns_error"):
                        book.trouble.add((name, None))
                yield f"{path.stem}: {label} {number}", Case(
                    book, test["ip"], test["domain"], test["sender"], (status,), explanation or None, helo_first=True)


def _add_line(book: Book, kind: str, name: str, value: str = "") -> None:
    values = [one.strip() for one in value.split(",")]
    match kind:
        case "spf" | "exp":
            # Some are at names that no DNS has, to show that they are not looked for.
            with contextlib.suppress(BadName):
                book.add(name, RecordType.TXT, value)
        case "a" | "aaaa":
            for ip in values:
                book.add(name, RecordType[kind.upper()], ip_address(ip))
        case "mx":
            for number, ip in enumerate(values):
                book.add(name, RecordType.MX, MX(number, Domain(f"mx{number}.{name}")))
                book.add(f"mx{number}.{name}", RecordType.A if "." in ip else RecordType.AAAA, ip_address(ip))
        case "ptr":
            for host in values:
                book.add(reverse_name(ip_address(name)), RecordType.PTR, Domain.parse(host))
        case _:
            raise AssertionError(kind)


# --- auth-rspamd ---------------------------------------------------------------------------

SYMBOLS = {
    "R_SPF_ALLOW": "pass", "R_SPF_FAIL": "fail", "R_SPF_SOFTFAIL": "softfail", "R_SPF_NEUTRAL": "neutral",
    "R_SPF_DNSFAIL": "temperror", "R_SPF_PERMFAIL": "permerror", "R_SPF_NA": "none"}


def _rspamd(folder: Path) -> Iterator[tuple[str, Case]]:
    book = Book()
    for record in json.loads((folder / "dns.json").read_text("utf-8")):
        if record["type"] not in RecordType.__members__:
            continue
        kind = RecordType[record["type"]]
        if record["rcode"] == "timeout":
            book.trouble.add((record["name"], kind))
        for reply in record["replies"]:
            if kind is RecordType.MX:
                preference, host = reply.split()
                book.add(record["name"], kind, MX(int(preference), Domain(host)))
            elif kind is RecordType.TXT:
                book.add(record["name"], kind, reply)
            else:
                book.add(record["name"], kind, ip_address(reply) if kind.name in ("A", "AAAA") else Domain.parse(reply))
    for case in json.loads((folder / "cases.json").read_text("utf-8")):
        options = case["options"]
        expected = [SYMBOLS[symbol] for action, symbol in map(tuple, case["expect"]) if action == "Expect Symbol" and symbol in SYMBOLS]
        if case["title"] == "SPF EXTERNAL RELAY":
            # The address of the second hop, which rspamd is told to look at; the expected options give the mechanism.
            yield case["title"], Case(book, "37.48.67.26", "external.com", "root@external.com", ("pass",), mechanism="ip4:37.48.67.26")
        elif case["title"] == "DMARC NONE PASS SPF":
            yield case["title"], Case(book, options["IP"], "", options["From"], ("pass",))
        elif expected and "IP" in options:
            yield case["title"], Case(
                book, options["IP"], options.get("Helo", ""), options.get("From", "").strip("<>"), tuple(expected))
