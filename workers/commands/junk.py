"""`pillarbox junk …`: what the junk filter makes of a message, and what it was taught."""
import contextlib
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime

from mta.base.errors import UserError
from mta.flow import learning, people, reading, teaching
from mta.flow.learning import Explanation
from mta.store.learned import Learned
from mta.store.lessons import Lesson, Verdict
from workers.commands.mail import read_file
from workers.commands.paper import Row
from workers.commands.site import Site

#: Messages that are taught with one change.
TOGETHER = 500


def explain(site: Site, arguments: Namespace) -> list[Row]:
    """Why a message counts as junk, or does not."""
    octets = None if arguments.message.isdecimal() else read_file(site, arguments.message)
    account = people.get_account(site.world, arguments.account).id
    with _learned(site) as learned:
        if octets is None:
            found = learning.explain_stored(site.world, learned, account, int(arguments.message))
        else:
            found = learning.explain(site.world, learned, account, octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    return [_row(found, arguments.limit, as_json=arguments.json)]


def train(site: Site, arguments: Namespace) -> str:
    """Say what messages are."""
    account = people.get_account(site.world, arguments.account).id
    ids = list(dict.fromkeys([*arguments.ids, *_in_mailbox(site, account, arguments.mailbox)]))
    if not ids and not arguments.mailbox:
        raise UserError("which messages? Give their ids, or --mailbox")
    return _say(site, account, ids, arguments.verdict)


def undo(site: Site, arguments: Namespace) -> str:
    """Take back what was said of messages."""
    return _say(site, people.get_account(site.world, arguments.account).id, arguments.ids, "none")


def _say(site: Site, account: int, ids: list[int], verdict: Verdict) -> str:
    """Write the lessons down and learn them; if the server runs, its reporter helps."""
    made = sum(teaching.told(site.world, account, ids[at:at + TOGETHER], verdict, by=site.by) for at in range(0, len(ids), TOGETHER))
    with _learned(site) as learned:
        while learning.advance(site.world, learned):
            pass
        sums = learned.volume(account)
    return f"{made} lessons were new; the account has taught {sums.good_lessons} good and {sums.junk_lessons} junk messages"


def _in_mailbox(site: Site, account: int, name: str | None) -> Iterator[int]:
    if name is None:
        return
    mailbox, after = reading.mailbox_named(site.world, account, name), None
    while True:
        page = reading.page(site.world, account, mailbox.id, after)
        yield from (message.id for message in page.messages)
        after = page.next
        if after is None:
            return


def _learned(site: Site) -> contextlib.closing[Learned]:
    return contextlib.closing(Learned(site.world.store.learned_db, site.clock))


def _row(found: Explanation, limit: int, *, as_json: bool) -> Row:
    some = found.clues[:limit]
    if as_json:
        return {
            "probability": found.probability, "threshold": found.threshold, "features": found.features, "known": len(found.known.counts),
            "good_lessons": found.known.good_lessons, "junk_lessons": found.known.junk_lessons,
            "lesson": {"verdict": found.lesson.verdict, "at": found.lesson.at, "why": found.lesson.why} if found.lesson else None,
            "words": [{"word": clue.feature, "weight": clue.weight, "good": clue.good, "junk": clue.junk} for clue in some]}
    return {
        "verdict": _verdict(found),
        "seen": f"{len(found.known.counts)} of {found.features} words and traits are known from "
                f"{found.known.good_lessons} good and {found.known.junk_lessons} junk messages",
        "lesson": _lesson(found.lesson),
        "words": "\n".join(f"{clue.weight:+.2f}  {clue.feature}  ({clue.good} good, {clue.junk} junk)" for clue in some)}


def _verdict(found: Explanation) -> str:
    if found.probability is None:
        return "none: the filter was not taught enough to say"
    verdict = "junk" if found.probability >= found.threshold else "not junk"
    return f"{verdict}: {found.probability:.1%} probable; junk begins at {found.threshold:.0%}"


def _lesson(lesson: Lesson | None) -> str:
    return f"{lesson.verdict}: {lesson.why}, {datetime.fromtimestamp(lesson.at, UTC):%Y-%m-%d %H:%M}" if lesson else ""
