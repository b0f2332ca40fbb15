"""`pillarbox trace …`."""
import re
from argparse import Namespace
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mta.base.errors import NotFound, UserError
from mta.flow import trace
from mta.flow.trace import Step
from workers.commands.paper import Row
from workers.commands.site import Site

#: Sessions of one page.
PAGE = 500
AGO = re.compile(r"(\d+) ?([smhdw])")
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def search(site: Site, arguments: Namespace) -> list[Row]:
    """Sessions and messages that the text names, the latest first."""
    now = site.clock.timestamp()
    since, until = (None if text is None else moment(text, now) for text in (arguments.since, arguments.until))
    rows: list[Row] = []
    before = None
    while len(rows) < arguments.limit:
        found = trace.search(site.world, arguments.text or "", since=since, until=until, level=arguments.level, before=before,
                             limit=min(PAGE, arguments.limit - len(rows)))
        rows += [{"trace": each.trace, "at": each.first, "ip": each.ip, "sender": each.sender, "recipients": each.recipients,
                  "outcome": each.outcome, "size": each.octets, "message_id": each.message_id.strip("<>")} for each in found.summaries]
        before = found.before
        if before is None:
            break
    return rows[:arguments.limit]


def show(site: Site, arguments: Namespace) -> list[Row]:
    """Every step of one session or message, and who still waits."""
    story = trace.show(site.world, arguments.trace.strip().strip("()"))
    if not story.steps:
        raise NotFound(f"nothing is known of the trace {arguments.trace!r}: it may be older than what is kept")
    if arguments.json:
        return rows(story.steps, as_json=True)
    return rows(story.steps, as_json=False) + [
        {"at": one.due, "role": "queue", "what": f"{one.recipient} is still to be delivered; `pillarbox queue show {one.id}`"}
        for _, one in story.waiting]


def rows(steps: Sequence[Step], *, as_json: bool) -> list[Row]:
    """Steps with all that is known of each: for programs by name, for people in words."""
    if as_json:
        return [{"at": step.at, "role": step.role, "trace": step.trace, "event": step.key, "level": step.level,
                 "sentence": step.sentence, "facts": step.facts,
                 "cause": step.meaning.name if step.meaning else "",
                 "means": step.meaning.title or step.meaning.what if step.meaning else ""}
                for step in steps]
    return [{"at": step.at, "role": step.role, "what": " ".join([step.sentence, *_facts(step.facts), *_means(step)])} for step in steps]


def _means(step: Step) -> list[str]:
    return [f"That means: {step.meaning.title or step.meaning.what} {step.meaning.step}"] if step.meaning else []


def moment(text: str, now: float) -> float:
    """A time as people write it, in seconds since 1970: a date (UTC), or how long ago.  UserError if it is none."""
    if ago := AGO.fullmatch(text.strip()):
        return now - int(ago[1]) * SECONDS[ago[2]]
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UserError(f"{text!r} is not a time: write it like 2030-01-31, 2030-01-31T12:00 or 3d") from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _facts(facts: Mapping[str, Any]) -> list[str]:
    """name=value for each fact that says something."""
    return [f"{name}={_text(fact)}" for name, fact in facts.items() if fact not in ("", None, [])]


def _text(fact: object) -> str:
    match fact:
        case list():
            return ",".join(map(str, fact))
        case float():
            return f"{fact:.3f}"
        case str() if " " in fact:
            return f"\"{fact}\""
        case _:
            return str(fact)
