"""Reports between real servers: two Pillarboxes and a Postfix write to one another for three days, and nobody for three more.

For three days there are mails with good and bad alignment, forgeries, TLSA records and
MTA-STS policies that are right and wrong (tests.lab.week).  Each reports to the others, and
the numbers must be what happened, message by message and session by session.
"""
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lxml import etree

from tests.lab import told
from tests.lab.names import Names
from tests.lab.namespace import Namespace
from tests.lab.protection import Protection
from tests.lab.told import Policy, Told
from tests.lab.week import ADDRESS, Week
from tests.message.vectors import need

# The week takes a minute and a quarter of a machine's whole attention.
pytestmark = pytest.mark.timeout(300)

#: The days on which people write.
BUSY = (1, 2, 3)
ELSEWHERE = "mx.elsewhere.test"


def first_day(week: Week) -> None:
    """Everything is protected as it should be; some mail is not what it says it is."""
    # A stranger is made to wait, so that goes on beside the rest.
    with ThreadPoolExecutor(2) as beside:
        forged = [beside.submit(week.forge, "one.test", "two.test", "forged 1a", "quarantine"),
                  beside.submit(week.forge, "two.test", "one.test", "forged 1b", "reject")]
        for number in range(2):
            week.write("one.test", "two.test", f"good 1a{number}")
        week.write("two.test", "one.test", "good 1b")
        week.write("one.test", "three.test", "good 1c")
        week.write("two.test", "three.test", "good 1d")
        week.carry("three.test", "one.test", "carried 1a")
        week.carry("three.test", "two.test", "carried 1b")
        week.carry("one.test", "two.test", "misaligned 1a")
        week.carry("two.test", "one.test", "misaligned 1b")
        for each in forged:
            each.result()


def second_day(week: Week) -> None:
    """A TLSA record is wrong for a while: the message waits.  A policy that is tested names another host: nothing waits."""
    week.pin("wrong")
    week.announce(f"testing {ELSEWHERE}")
    week.write("one.test", "two.test", "good 2a", wait=False)
    assert "DANE" in week.waits("one.test", "ann@two.test")
    week.pin("right")
    week.retry("one.test")
    week.arrives("two.test", "good 2a")
    with ThreadPoolExecutor(1) as beside:
        forged = beside.submit(week.forge, "three.test", "one.test", "forged 2a", "none")
        for number in range(2):
            week.write("two.test", "one.test", f"good 2b{number}")
        week.carry("one.test", "two.test", "misaligned 2a")
        week.carry("three.test", "one.test", "carried 2a")
        forged.result()


def third_day(week: Week) -> None:
    """A policy that is enforced names another host: the message waits until the policy is mended; then it is spoilt again."""
    week.announce(f"enforce {ELSEWHERE}")
    week.write("two.test", "one.test", "good 3a", wait=False)
    assert "MTA-STS" in week.waits("two.test", "ann@one.test")
    week.held_back("two.test", "one.test", "ann@two.test")
    week.announce("testing mx.one.test")
    week.retry("two.test")
    week.arrives("one.test", "good 3a")
    week.write("one.test", "two.test", "good 3b")
    week.forge("two.test", "one.test", "forged 3a", "reject")
    week.announce(f"enforce {ELSEWHERE}")


def fourth_night(week: Week) -> None:
    """The policy lets no mail in: a report about TLS arrives all the same (TLS-Required: No), one about DMARC waits until it is mended."""
    assert "MTA-STS" in week.waits("two.test", "dmarc-reports@one.test")
    week.announce("testing mx.one.test")
    week.retry("two.test")


@pytest.fixture(scope="module")
def week(space: Namespace, names: Names, protected: Protection) -> Iterator[Week]:
    """The week, over."""
    with space.entered():
        week = Week(space, names, protected)
        try:
            for number, happens in enumerate((first_day, second_day, third_day), 1):
                happens(week)
                week.night(number + 1)
                if number == 3:
                    fourth_night(week)
                week.settle()
                week.go(number + 1, 10)
            for day in (5, 6, 7):
                week.night(day, anew=day == 5)
                week.settle()
            week.count_reports()
            yield week
        finally:
            week.close()


@pytest.fixture(scope="module")
def reports(week: Week) -> dict[str, list[Told]]:
    """What each domain was told."""
    return {domain: [told.read(told.in_mail(mail)) for mail in week.reports(domain)] for domain in ADDRESS}


def expected_messages(week: Week, day: int, to: str, author: str) -> Counter[told.Row]:
    """What a report about author's mail to a server tells: nothing, unless people wrote; else all of it."""
    happened = week.days[day]
    people = happened.messages.get((to, author), Counter())
    return people + happened.reports.get((to, author), Counter()) if people else Counter()


def expected_policies(week: Week, day: int, by: str, to: str) -> dict[str, list[Policy]]:
    """What reports about connections tell, by policy domain; nothing, unless one was made for people's mail."""
    sessions = [one for one in week.days[day].sessions if (one.by, one.to) == (by, to)]
    if not any(one.reason for one in sessions):
        return {}
    counts = Counter(one.state for one in sessions if one.counted)
    found: dict[str, list[Policy]] = {to: []}
    for state, number in counts.items():
        # Nobody signed the certificates of the Pillarboxes; where nothing says otherwise, that is a remark.
        if state in ("right", "wrong"):
            bad = number if state == "wrong" else 0
            found.setdefault(f"mx.{to}", []).append(("tlsa", number - bad, bad, (("validation-failure", bad),) if bad else ()))
        elif state:
            what = "validation-failure" if ELSEWHERE in state else "certificate-not-trusted"
            found[to].append(("sts", 0, number, ((what, number),)))
    bare = sum(number for state, number in counts.items() if state in ("", "right", "wrong"))
    if bare:
        found[to].append(("no-policy-found", bare, 0, () if to == "three.test" else (("certificate-not-trusted", bare),)))
    return found


def pairs(week: Week) -> Iterator[tuple[str, str]]:
    """Who may tell whom."""
    return ((by, to) for by in week.pillarboxes for to in ADDRESS if by != to)


def test_each_report_came_once(week: Week, reports: dict[str, list[Told]]) -> None:
    """About each of three days, to each who had mail in his name or connections, from each who saw that; no other."""
    wanted = []
    for day in week.days:
        for by, to in pairs(week):
            wanted += [(to, by, "dmarc", to, week.days[day].date)] if expected_messages(week, day, by, to) else []
            wanted += [(to, by, "tls", domain, week.days[day].date) for domain in expected_policies(week, day, by, to)]

    came = [(to, one.by, one.kind, one.domain, one.day) for to, several in reports.items() for one in several]
    assert sorted(came) == sorted(wanted), [happened.sessions for happened in week.days.values()]
    assert {date for *_, date in wanted} == {week.days[day].date for day in BUSY}
    assert len(wanted) >= 20


def test_message_by_message(week: Week, reports: dict[str, list[Told]]) -> None:
    """DMARC reports tell of each message that was written, where it came from, what was found out, and what became of it."""
    dates = {happened.date: day for day, happened in week.days.items()}
    compared = 0
    for to, several in reports.items():
        for one in several:
            if one.kind == "dmarc":
                rows = told.messages(one.document)
                assert rows == expected_messages(week, dates[one.day], one.by, to), (to, one)
                compared += rows.total()
    assert compared > sum(counts.total() for day in BUSY for counts in week.days[day].messages.values())


def test_session_by_session(week: Week, reports: dict[str, list[Told]]) -> None:
    """TLS reports tell of each connection that the other side saw, by the policy of its time; and of those that were not made."""
    dates = {happened.date: day for day, happened in week.days.items()}
    kinds = set()
    for to, several in reports.items():
        for one in several:
            if one.kind == "tls":
                found = told.policies(one.document)
                assert found == sorted(expected_policies(week, dates[one.day], one.by, to)[one.domain]), (to, one)
                kinds |= {(kind, result) for kind, _, failed, failures in found if failed for result, _ in failures}
    assert kinds == {("tlsa", "validation-failure"), ("sts", "validation-failure"), ("sts", "certificate-not-trusted")}


def test_valid(week: Week, reports: dict[str, list[Told]]) -> None:
    """The XML is as the schema of RFC 9990 wants it.  (The JSON went through a strict reader.)"""
    schema = etree.XMLSchema(etree.parse(need("dmarc-report-schema") / "dmarc-xml-0.2.xsd"))
    for several in reports.values():
        for one in several:
            if one.kind == "dmarc":
                schema.assertValid(etree.fromstring(one.document))


def test_others_count_the_same(week: Week, reports: dict[str, list[Told]], tmp_path: Path) -> None:
    """parsedmarc, too, reads all of them, and counts what we count."""
    files: dict[str, Told] = {}
    for one in (one for several in reports.values() for one in several):
        path = tmp_path / f"{len(files)}.{'xml' if one.kind == 'dmarc' else 'json'}"
        path.write_bytes(one.document)
        files[str(path)] = one
    program = Path(__file__).parents[1] / "report" / "parsedmarc_counts.py"
    done = subprocess.run([sys.executable, str(program), *files], capture_output=True, text=True, check=True)
    for path, (kind, *counted) in json.loads(done.stdout).items():
        one = files[path]
        if one.kind == "dmarc":
            assert (kind, counted[0]) == ("aggregate", one.domain)
            assert sum(row[1] for row in counted[1]) == told.messages(one.document).total()
        else:
            assert kind == "tls"
            assert sorted((row[0], row[2], row[3]) for row in counted[0]) == [row[:3] for row in told.policies(one.document)]


def test_what_is_kept(week: Week, reports: dict[str, list[Told]]) -> None:
    """The rows at who got a report add up to what its document tells; the document can be had at a command."""
    for domain, server in week.pillarboxes.items():
        rows = server.json("report", "received", "list", "--limit", "500")
        kept = [(row["organization"], row["kind"], row["domains"], row["begin"][:10], row["good"], row["bad"]) for row in rows]
        assert sorted(kept) == sorted((one.by, one.kind, [one.domain], one.day, *sums(one)) for one in reports[domain])
        assert told.read(server.command("report", "received", "show", str(rows[0]["id"]), "--raw").encode()) in reports[domain]


def sums(one: Told) -> tuple[int, int]:
    """How much was good in a report, and how much bad."""
    if one.kind == "tls":
        found = told.policies(one.document)
        return sum(each[1] for each in found), sum(each[2] for each in found)
    counts = told.messages(one.document)
    good = sum(count for row, count in counts.items() if "pass" in row[2:4])
    return good, counts.total() - good


def test_dmarc_reports_wait_for_protection(week: Week) -> None:
    """While a policy lets no mail in, TLS reports went there; DMARC reports did only when it was mended."""
    went = [(one.first.partition("@")[0], one.state) for one in week.days[4].sessions if (one.by, one.to) == ("two.test", "one.test")]
    assert went == [("tls-report-sender", f"enforce {ELSEWHERE}"), ("dmarc-report-sender", "testing mx.one.test")]


def test_over_tls(week: Week) -> None:
    """The Postfix got every report encrypted."""
    mails = week.reports("three.test")
    assert len(mails) >= 4
    assert all(b"with ESMTPS id" in mail for mail in mails)


def test_no_report_causes_a_report(week: Week) -> None:
    """On the fourth day only reports are sent, which is no reason for more; later nothing is sent at all."""
    for server in week.pillarboxes.values():
        last = server.rows(f"SELECT state, count(*) FROM sent_report WHERE start >= {week.at(4, 0)} GROUP BY state")
        assert [state for state, _ in last] == ["needless"], "what was seen of reports was looked at, and told to nobody"
        assert not server.rows("SELECT 1 FROM sent_report WHERE state = 'unsent'")
        assert server.rows("SELECT count(*) FROM dmarc_evaluation") == server.rows("SELECT count(*) FROM tls_result") == [(0,)]
    for day in (4, 5, 6, 7):
        assert not week.days[day].messages
    assert week.days[4].reports
    assert not any(week.days[day].reports or week.days[day].sessions for day in (5, 6, 7))
