"""What other servers meant: well-known replies are recognised, and explained with the next step.

A reply of a mail server is written for people who know that server.  The table (causetable)
has one row for each cause that is met often; recognise() finds the row for a reply, and
`advice` and the pages of the administrator say what it says.  A reply that no row knows is
explained by its enhanced code alone (advice.MEANINGS).

Rows are looked at in their order, the particular ones of one provider before those of
everybody; the first that fits counts.

Standards: RFC 3463 (enhanced codes).
"""
import re
from functools import cache
from typing import Final

from mta.base.errors import Failure, Reach
from mta.report.cause import Cause
from mta.report.causetable import CAUSES

#: Characters of a reply that are looked at: what matters stands at its beginning.
LOOKED_AT: Final = 1_500
#: "550", or "550 5.7.1", at the beginning of what was typed or copied.
CODES: Final = re.compile(r"\s*(?:smtp;\s*)?([245]\d\d)?[ \-]*([245]\.\d{1,3}\.\d{1,3})?[ \-]*")

ADDRESS: Final = re.compile(r"<?[^\s<>@:;,]{1,64}@[^\s<>@:;,)]{1,255}>?")


def recognise(failure: Failure) -> Cause | None:
    """The cause that a reply names, None if no row fits or no server has said anything (code 0)."""
    if not failure.code:
        return None
    # Somebody's address may hold any word.
    said = ADDRESS.sub("<>", failure.text[:LOOKED_AT].lower())
    text = " ".join(f"{failure.code} {failure.enhanced} {said}".split())
    return next((cause for cause in CAUSES if _is_there(cause, failure.host, text) and _pattern(cause.fits).search(text)), None)


def called(name: str) -> Cause | None:
    """The row with that name; None if there is none (any more)."""
    return next((cause for cause in CAUSES if cause.name == name), None)


def read(reply: str, host: str = "") -> Failure:
    """A reply as somebody copied it from a log or a notice: with codes or without, over several lines."""
    lines = [line.strip() for line in reply.splitlines() if line.strip()]
    found = CODES.match(lines[0]) if lines else None
    code, enhanced = (found[1] or "", found[2] or "") if found else ("", "")
    # Each line of a long reply repeats the codes.
    texts = [CODES.sub("", line, count=1) for line in lines]
    if not code:
        # Whatever it is about, a reply was copied because something failed.
        code = "450" if enhanced.startswith("4") else "550"
    return Failure(Reach.RECIPIENT, code.startswith("5"), int(code), enhanced, " ".join(texts), "", host.lower())


def _is_there(cause: Cause, host: str, text: str) -> bool:
    if not cause.hosts:
        return True
    if host:
        name = host.lower().rstrip(".")
        return any(name == one or name.endswith(f".{one}") for one in cause.hosts)
    return bool(cause.mark) and _pattern((cause.mark,)).search(text) is not None


@cache
def _pattern(fits: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in fits))
