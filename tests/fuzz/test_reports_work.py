"""How much work hostile reports make.

Invariant: functions that are called, and characters that are searched, grow no faster
than the report.  Counted, not timed.
"""
import contextlib
import sys
from collections.abc import Callable
from typing import Any

import pytest

from mta.base.limits import LIMITS
from mta.report import arf, dmarcxml, tlsrptjson
from mta.report.badreport import BadReport
from mta.report.compressed import unpack
from mta.report.xmlmending import mended
from tests.report.archives import gzipped
from tests.report.test_arf import PROSE
from tests.report.test_arf import message as about_one_message
from tests.report.written import METADATA, POLICY, ROW, document


class Counted(str):
    """Characters that count how many of them were searched."""

    searched = 0

    def find(self, sub: Any, start: Any = None, end: Any = None) -> int:
        found = super().find(sub, start, end)
        self.searched += (found if found >= 0 else len(self)) - (start or 0) + 1
        return found


def calls(read: Callable[[bytes], object], octets: bytes) -> int:
    """Python functions called while octets are read, or refused."""
    called = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal called
        called += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        read(octets)
    except BadReport:
        pass
    finally:
        sys.setprofile(before)
    return called


HOSTILE: dict[str, tuple[Callable[[bytes], object], Callable[[int], bytes]]] = {
    "rows": (dmarcxml.parse, lambda n: document(METADATA, POLICY, ROW * n)),
    "rows that are odd": (dmarcxml.parse, lambda n: document(METADATA, POLICY, ROW.replace("192.0.2.1", "x") * n)),
    "rows to be mended": (dmarcxml.parse, lambda n: document(METADATA, POLICY, ROW * n, "&")),
    "rows that are never closed": (dmarcxml.parse, lambda n: document(METADATA, POLICY, ROW.replace("</record>", "") * n)),
    "elements that nobody wants": (dmarcxml.parse, lambda n: document(METADATA, POLICY, "<a><b/></a>" * n)),
    "reasons": (dmarcxml.parse, lambda n: document(METADATA, POLICY, ROW.replace(
        "</policy_evaluated>", "<reason><type>other</type></reason>" * n + "</policy_evaluated>"))),
    "text in pieces": (dmarcxml.parse, lambda n: document(METADATA.replace("Mail", "&lt;" * n), POLICY, ROW)),
    "beginnings of tags": (dmarcxml.parse, lambda n: b"<feedback>" + b"<" * n),
    "comments without end": (dmarcxml.parse, lambda n: b"<feedback>&" + b"<!-- " * n),
    "tags that were never open": (dmarcxml.parse, lambda n: b"<feedback>&" + b"</a>" * n),
    "open tags": (dmarcxml.parse, lambda n: b"<feedback>&" + b"<a>" * n),
    "policies": (tlsrptjson.parse, lambda n: b'{"policies":[' + b'{"policy":{"policy-type":"sts"},"summary":{}},' * n),
    "members of a gzip file": (unpack, lambda n: gzipped(b"<") * n),
    "fields": (arf.parse, lambda n: about_one_message("Feedback-Type: abuse\r\n" + "Reported-URI: x\r\n" * n)),
    "lines": (arf.parse, lambda n: (PROSE.partition("  Sender")[0] + "  Sender Domain: a\n" * n).encode()),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_calls(name: str) -> None:
    """Four times the report, at most four times the calls and a few."""
    read, make = HOSTILE[name]
    small, large = calls(read, make(100)), calls(read, make(400))

    assert large <= 4.2 * small + 100, (small, large)


@pytest.mark.parametrize("piece", ["<!--", "<!-- -->", "<![CDATA[]]>", "<![CDATA[", "<a", "<", "</feedback", "<a/>", "&", "<?x", "--><!--"])
def test_searches(piece: str) -> None:
    """Mending looks at each character a few times, however often something begins and does not end."""
    searched = []
    for number in (500, 2_000):
        text = Counted("<feedback>" + piece * number)
        with contextlib.suppress(BadReport):
            mended(text, "feedback", LIMITS)
        assert text.searched <= 5 * len(text)
        searched.append(text.searched)

    assert searched[1] <= 5 * searched[0] + 100
