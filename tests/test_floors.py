"""Imports go down the floors, and what a floor may reach for is written here.

DESIGN §5: a module sees its own package and lower floors; sockets, databases, threads,
clocks, randomness, files and the environment stay in the few places that are made for
them.  Whoever needs a new power adds a line to POWERS, and a reviewer sees it.
"""
import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FLOORS = {
    "mta.base": 0,
    "mta.config": 1, "mta.message": 1, "mta.dns": 1, "mta.smtp": 1,
    "mta.auth": 2, "mta.secure": 2, "mta.imap": 2,
    "mta.judge": 3, "mta.report": 3,
    "mta.store": 4, "mta.net": 4,
    "mta.flow": 5,
    "web": 6,
    "workers": 7,
}

#: Modules that are a power, and who may import them: packages or single modules.
POWERS: dict[str, set[str]] = {
    "time": {"mta.base.clock"},
    "random": {"mta.base.tokens"},
    "secrets": {"mta.base.tokens"},
    "uuid": set(),
    "apsw": {"mta.store"},
    "sqlite3": {"mta.store.bell"},
    "huey": {"mta.store.bell"},
    "fcntl": {"mta.base.metrics", "mta.store", "workers.preparing"},
    "mmap": {"mta.base.metrics", "mta.store", "mta.smtp", "mta.flow", "mta.message", "workers.loads"},
    "socket": {"mta.net", "web", "workers"},
    "socketserver": set(),
    "ssl": {"mta.net", "mta.smtp", "mta.flow.opening", "mta.imap", "web", "workers"},    # opening and imap only name its types
    "select": {"mta.store.bell", "workers"},
    "selectors": {"workers"},
    "threading": {"mta.base.metrics", "mta.base.watching", "mta.store", "web", "workers"},
    "concurrent.futures": {"mta.store", "web", "workers"},
    "multiprocessing": set(),
    "subprocess": {"workers"},
    "signal": {"workers"},
    "ctypes": {"workers.machine", "workers.memory", "workers.privileges"},
    "pwd": {"workers"},
    "http.client": {"mta.net"},
    "urllib.request": set(),
    "smtplib": set(),
    "email.parser": set(),
    "email.message": set(),
    "pickle": set(),
    "marshal": set(),
    "bottle": {"web"},
    "uvicorn": {"web"},
    "h11": {"mta.net.https", "web"},
    "uvloop": {"workers"},
    "dns": {"mta.dns", "mta.net", "workers.resolver"},
    "prometheus_client": set(),
    "cryptography": {"mta.auth", "mta.base.sasl", "mta.net", "mta.secure", "mta.store.sealing"},
    "nh3": {"mta.message"},
    "acme": {"mta.net.acme"},    # heavy: only the process that renews certificates imports it
    "josepy": {"mta.net.acme"},
    "requests": {"mta.net.acme"},
    "segno": {"web.programs"},
    "logging": {"web"},
}

#: Calls that are a power.  Names are as they are written in the code.
CALLS: dict[str, set[str]] = {
    "open": {"mta.store", "mta.net", "workers"},
    "os.open": {"mta.base.metrics", "mta.store", "mta.net", "mta.flow.people", "workers"},
    "os.fork": {"workers.child"},
    "os.kill": {"workers.child"},
    "os.killpg": {"workers.certifying"},
    "os.posix_spawn": {"workers.rehearsal"},
    "os.execve": {"workers.handover"},
    "os.urandom": {"mta.base.tokens"},
    "datetime.now": {"mta.base.clock"},
    "datetime.utcnow": set(),
    "datetime.today": set(),
    "date.today": set(),
    "asyncio.run": {"workers"},
    "asyncio.new_event_loop": {"web", "workers"},
    "eval": set(),
    "exec": set(),
    "print": {"workers"},
    "input": set(),
}

#: Attributes that are a power even without a call.
ATTRIBUTES: dict[str, set[str]] = {
    "os.environ": {"workers.certifying", "workers.sdnotify", "workers.handover", "workers.rehearsal", "workers.commands"},
    "os.getenv": set(),
    "sys.argv": {"workers.command"},
    "sys.orig_argv": {"workers.handover"},
    "sys.exit": {"web.typescript", "workers.command"},
    "sys.stdin": {"workers.commands"},
    "sys.stdout": {"workers"},
}

#: STYLE: names that say nothing.
BANNED_NAMES = {"util", "utils", "helpers", "common", "misc", "manager", "core"}


@cache
def modules() -> list[Path]:
    """All source modules of the product."""
    return sorted(path for top in ("mta", "web", "workers") for path in (ROOT / top).rglob("*.py") if "node_modules" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    """A module, parsed."""
    return ast.parse(path.read_text())


def dotted(path: Path) -> str:
    """mta/dns/wire.py as mta.dns.wire."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def within(name: str, place: str) -> bool:
    """Whether name is place or in it."""
    return f"{name}.".startswith(f"{place}.")


def home(name: str) -> str | None:
    """The package on a floor that name belongs to, or None for foreign code."""
    return next((package for package in FLOORS if within(name, package)), None)


def imported(path: Path) -> Iterator[str]:
    """Every module that path imports, wherever in the file it does so."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def written(node: ast.expr) -> str:
    """A name or attribute as it stands in the code, like os.environ; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = written(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


every_module = pytest.mark.parametrize("path", modules(), ids=dotted)


@every_module
def test_imports_go_down(path: Path) -> None:
    """A module sees its own package and lower floors, nothing beside or above."""
    here = home(dotted(path))
    for name in imported(path):
        there = home(name)
        if here is None:
            assert there is None, f"{dotted(path)} has no floor and imports {name}"
        elif there not in (None, here):
            assert FLOORS[str(there)] < FLOORS[here], f"{dotted(path)} imports {name}"


@every_module
def test_powers_stay_where_they_belong(path: Path) -> None:
    """Sockets, threads, clocks, databases and the like only where the table says so."""
    here = dotted(path)
    for name in imported(path):
        for power, places in POWERS.items():
            if within(name, power):
                assert any(within(here, place) for place in places), f"{here} may not import {name}"


@every_module
def test_calls_stay_where_they_belong(path: Path) -> None:
    """Files, clocks, processes and the environment too, which need no import of their own."""
    here = dotted(path)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            name, table = written(node.func), CALLS
        elif isinstance(node, ast.Attribute):
            name, table = written(node), ATTRIBUTES
        else:
            continue
        # datetime.datetime.now is datetime.now.
        name = name.removeprefix("datetime.") if name.startswith("datetime.datetime.") else name
        assert name not in table or any(within(here, place) for place in table[name]), f"{here}:{node.lineno} may not use {name}"


@every_module
def test_modules_are_pages(path: Path) -> None:
    """A docstring first, a name that says something, at most 500 lines, no relative or star import, no bare except."""
    assert ast.get_docstring(tree(path)), f"{dotted(path)} does not say what it is for"
    assert not BANNED_NAMES & set(dotted(path).split("."))
    assert len(path.read_text().splitlines()) <= 500
    for node in ast.walk(tree(path)):
        assert not (isinstance(node, ast.ExceptHandler) and node.type is None), f"{dotted(path)}:{node.lineno} has a bare except"
        assert not (isinstance(node, ast.alias) and node.name == "*"), f"{dotted(path)} imports *"


@every_module
def test_each_module_has_its_tests(path: Path) -> None:
    """mta/store/queue.py is tested in tests/store/test_queue.py; what only names types or gathers modules needs none."""
    if path.name == "__init__.py" or not any(does_something(node) for node in ast.walk(tree(path))):
        return
    parts = dotted(path).split(".")
    if parts[0] == "mta":
        parts = parts[1:]
    tests = ROOT.joinpath("tests", *parts[:-1], f"test_{parts[-1]}.py")
    assert tests.exists(), f"{dotted(path)} has no {tests.relative_to(ROOT)}"


def does_something(node: ast.AST) -> bool:
    """Whether node is a function with a body: more than a docstring and an ellipsis."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return not all(isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) for line in node.body)


def test_the_tables_name_what_is_there() -> None:
    """A line about a package that has gone misleads."""
    known = {dotted(path) for path in modules()}
    named = {place for table in (POWERS, CALLS, ATTRIBUTES) for places in table.values() for place in places}

    assert {place for place in named if not any(within(module, place) for module in known)} <= {"mta.secure", "mta.imap"}


def test_the_tests_are_tests() -> None:
    """Each test has a docstring of its own: what is promised, in one line."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                assert ast.get_docstring(node), f"{path.relative_to(ROOT)}:{node.lineno} {node.name} does not say what it shows"
