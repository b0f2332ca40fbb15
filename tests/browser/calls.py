"""Which functions of the server the pages called in Chromium, all tests of a session together.

A session that ran every test with a browser, all of them with success, fails with one line if
there is a function that no page called: either a test is missing, or a control, or nobody needs
the function.  A part of the tests proves nothing of the kind, and is not judged.
"""
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from tests.clientpackages import CLIENT
from web.rpc import Api

#: Functions that pages do not call, or not so that it is heard here, each with the reason.
UNASKED: Final = {
    "admin/aliases": "for programs: the page of a domain brings its aliases along",
}
ROOT: Final = CLIENT.parent.parent
#: All that Chromium asked the server for in this process, as API/FUNCTION.
HEARD: Final[set[str]] = set()


def modules() -> set[str]:
    """The test modules with a browser, as the ids of their tests begin."""
    labs = (file for file in (ROOT / "tests/lab").glob("test_*.py") if "chromium" in file.read_text("utf-8").lower())
    return {str(file.relative_to(ROOT)) for file in (*(ROOT / "tests/browser").glob("test_*.py"), *labs)}


def called(method: str, url: str, headers: Mapping[str, str]) -> str:
    """The function that a request of a page asked for, "" if it was none, or not answered by the server but by the test."""
    match urlsplit(url).path.split("/"):
        case ["", "api", api, function] if method == "POST" and function and "x-content-type-options" in headers:
            return f"{api}/{function}"
    return ""


def uncalled(heard: set[str], apis: Iterable[Api], unasked: Mapping[str, str] = UNASKED) -> str:
    """What is wrong with what was called, in one line; "" if nothing is."""
    known = {f"{api.name}/{function}" for api in apis for function in api.functions}
    wrong = {
        "no page called": known - heard - unasked.keys(),
        "tests/browser/calls.py excepts without need": unasked.keys() - (known - heard),
    }
    return "; ".join(f"{what} {', '.join(sorted(names))}" for what, names in wrong.items() if names)


@contextmanager
def listening() -> Iterator[None]:
    """Until the end, every browser that a test starts is listened to."""
    from playwright.sync_api import Browser, BrowserContext, Response

    made = Browser.new_context

    def hear(response: Response) -> None:
        if function := called(response.request.method, response.url, response.headers):
            HEARD.add(function)

    def new_context(self: Browser, **options: Any) -> BrowserContext:
        context = made(self, **options)
        context.on("response", hear)
        return context

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Browser, "new_context", new_context)
        yield


class Judge:
    """A plugin of the session: gathers what the workers heard, and whether they ran everything."""

    def __init__(self, config: pytest.Config) -> None:
        self._config, self._modules = config, modules()
        self._ran: set[str] = set()
        self._partly = False
        self._verdict = ""

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """A choice among tests with a browser is a part of them."""
        self._partly |= any(_module(item.nodeid) in self._modules for item in items)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One that was skipped called nothing."""
        if _module(report.nodeid) in self._modules:
            self._partly |= not report.passed
            self._ran.add(_module(report.nodeid))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker of pytest-xdist is at its end."""
        told = getattr(node, "workeroutput", {}).get("calls")
        self._partly |= bool(error) or told is None or told["partly"]
        HEARD.update(told["heard"] if told else ())

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """A worker tells what it heard; who has all of it judges."""
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput["calls"] = {"heard": sorted(HEARD), "partly": self._partly}
        elif exitstatus == pytest.ExitCode.OK and not self._partly and self._ran == self._modules:
            from web.registry import APIS

            self._verdict = uncalled(HEARD, APIS.values())
            if self._verdict:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The one line."""
        if self._verdict:
            terminalreporter.write_line(f"FAILED tests/browser/calls.py - {self._verdict}", red=True)


def _module(nodeid: str) -> str:
    return nodeid.partition("::")[0]
