"""A week in which two Pillarboxes and a Postfix write to one another, with all that goes wrong; what happened is written down here.

Days pass by the servers' clock alone (tests.lab.shifted).  What a server reports must agree
with what the *other* side saw: the ledger of what was sent, and the log of who was
connected to.
"""
import re
import smtplib
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mta.store.bell import Bell
from tests.lab.conftest import ONE, ONE6, STRANGER6, THREE, TWO, TWO6
from tests.lab.names import Names
from tests.lab.namespace import Namespace
from tests.lab.policies import Policies, policy
from tests.lab.postfix import Postfix
from tests.lab.protection import NOTHING_FITS, STS, Protection, chain
from tests.lab.server import Pillarbox
from tests.lab.shifted import Shift
from tests.lab.told import Row
from tests.lab.vouched import tlsa
from tests.lab.waiting import until
from tests.lab.writing import letter, submit

PATIENT = "first_wait = 7200"
#: What a domain is advised to ask for, whatever that is on its first day.
POLICY = re.compile(r"\bp=(?:none|quarantine|reject)\b")
SETTINGS = """
[tls]
ca_file = "{authority}"

[acceptor]
copies = 1
"""
ADDRESS = {"one.test": ONE, "two.test": TWO, "three.test": THREE}
FROM_AFAR = {"one.test": ONE6, "two.test": TWO6}
ASKING = '\n_dmarc TXT "v=DMARC1; p=none; rua=mailto:dmarc@three.test"\n_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@three.test"'
FILED = "mailbox.name IN ('DMARC', 'TLSRPT')"
MESSAGES = "FROM message JOIN message_detail ON message_id = message.id JOIN mailbox ON mailbox.id = mailbox_id"


@dataclass(frozen=True)
class Session:
    """A connection that one server had, or would have had, to another: the sender of its first message, "" if there was none.

    state says how the other one was protected then, as Week.state has it.
    """

    by: str
    to: str
    first: str
    state: str

    @property
    def counted(self) -> bool:
        """Whether a report about TLS tells of it: of those for reports about TLS none does."""
        return not self.first.startswith("tls-report-sender@")

    @property
    def reason(self) -> bool:
        """Whether it is a reason for a report."""
        return self.counted and not self.first.startswith("dmarc-report-sender@")


@dataclass
class Day:
    """What happened on one day: messages of people, and mail with reports, by receiver and author's domain; and connections."""

    date: str
    messages: dict[tuple[str, str], Counter[Row]] = field(default_factory=dict)
    reports: dict[tuple[str, str], Counter[Row]] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)


class Week:
    """The servers, the clock, and the days that have begun, the first of which is number 1."""

    def __init__(self, space: Namespace, names: Names, protected: Protection) -> None:
        self.names = names
        self._shift = Shift(space.folder / "week")
        (space.folder / "week").chmod(0o644)
        self._midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        self.days: dict[int, Day] = {}
        #: How each is protected, in a word: "right" or "wrong" are TLSA records, else it is the mode and hosts of a policy.
        self.state = dict.fromkeys(ADDRESS, "")
        self._number = 0
        #: How much each had logged when the day began, and when its protection changed.
        self._seen = dict.fromkeys(ADDRESS, 0)
        self._changes: dict[str, list[tuple[int, str]]] = {domain: [(0, "")] for domain in ADDRESS}
        self._begin(1)
        self._set(1, 10)
        self._policies = Policies(protected)
        self.pillarboxes: dict[str, Pillarbox] = {}
        self._records: dict[str, str] = {}
        for domain in ("one.test", "two.test"):
            server = self.pillarboxes[domain] = Pillarbox(
                space, domain.partition(".")[0], (ADDRESS[domain], FROM_AFAR[domain]), domain, ("ann",),
                SETTINGS.format(authority=protected.authority.file), queue=PATIENT, shift=space.folder / "week")
            self._records[domain] = self._advised(server)
        self._certificate = self.pillarboxes["two.test"].shown()
        self.pin("right")
        self.announce("")
        names.change("three.test", names.records("three.test") + ASKING)
        certificate = protected.authority.issue(["mx.three.test"])
        self.postfix = Postfix(space, "three", (THREE,), ("three.test",), (
            f"smtpd_tls_chain_files = {chain(certificate)}\nsmtpd_tls_security_level = may\nsmtp_tls_security_level = may\n"))

    def close(self) -> None:
        """Stop everybody; the stores must be in order."""
        for server in self.pillarboxes.values():
            assert server.stop() == 0, server.text()[-3000:]
            assert "agree" in server.command("verify")
        self.postfix.stop()
        self._policies.close()

    # --- the DNS ------------------------------------------------------------------------------------------

    def pin(self, state: str) -> None:
        """Let the TLSA record of mx.two.test be "right" or "wrong"."""
        record = tlsa(self._certificate) if state == "right" else NOTHING_FITS
        self.names.change("two.test", f"{self._records['two.test']}\n_25._tcp.mx TLSA {record}")
        self._changed("two.test", state)

    def announce(self, state: str) -> None:
        """Let one.test have an MTA-STS policy: its mode, and a host; or none."""
        lines = [self._records["one.test"]]
        if state:
            self._number += 1
            self._policies.set("one.test", policy(*state.split()))
            lines.append(f'mta-sts A {STS}\n_mta-sts TXT "v=STSv1; id={self._number};"')
        self.names.change("one.test", "\n".join(lines))
        self._changed("one.test", state)

    def _changed(self, domain: str, state: str) -> None:
        self.state[domain] = state
        self._changes[domain].append((len(self.pillarboxes[domain].text()), state))

    def _advised(self, server: Pillarbox) -> str:
        """The records that a server wants for its domain and itself, once it was told where reports shall go."""
        domain = server.domain
        address = f"tls-reports@{domain}"
        server.command("domain", "set", domain, "--dmarc-reports", f"dmarc-reports@{domain}", "--tls-reports", address)
        server.command("report", "host-address", address)
        [facts] = server.json("domain", "show", domain)
        lines = [f"{one['name']} {one['type']} {one['value']}" for one in facts["records"]]
        lines.append(f"mx A {ADDRESS[domain]}")
        text, found = POLICY.subn("p=reject" if domain == "two.test" else "p=quarantine", "\n".join(lines))
        assert found == 1, text
        return text

    # --- the clock --------------------------------------------------------------------------------------------

    def go(self, day: int, hour: int, minute: int = 0) -> None:
        """Let it be that time, and everybody look whether something is due."""
        self._set(day, hour, minute)
        for server in self.pillarboxes.values():
            with closing(Bell(server.folder / "data", lambda role: None)) as bell:
                bell.ring("reporter", "clock")

    def night(self, day: int, *, anew: bool = True) -> None:
        """The first hour of a day: reports about the day before are planned, made and sent.

        Whoever stops writes down what was gathered, so if the servers begin anew nothing of the day before is missing.
        """
        servers = self.pillarboxes.values()
        if anew:
            _all(self._stop, servers)
        self._note_sessions()
        self._begin(day)
        if anew:
            self._set(day, 0, 5)
            _all(Pillarbox.start, servers)
        else:
            self.go(day, 0, 5)
        done = f"SELECT 1 FROM schedule WHERE kind = 'plan-reports' AND last_done > {self.at(day, 0)}"
        _all(lambda server: until(lambda: server.rows(done), why=lambda: server.text()[-3000:]), servers)
        self.go(day, 0, 50)
        due = "SELECT policy_domain FROM sent_report WHERE due IS NOT NULL"
        _all(lambda server: until(lambda: not server.rows(due), why=lambda: f"{server.rows(due)}; {server.text()[-3000:]}"), servers)

    def settle(self) -> None:
        """Wait until nobody has mail to send."""
        waiting = "SELECT recipient, last_text FROM queue_recipient"

        def done(server: Pillarbox) -> None:
            until(lambda: not server.rows(waiting), why=lambda: f"{server.rows(waiting)}; {server.text()[-3000:]}")
        _all(done, self.pillarboxes.values())

    @staticmethod
    def _stop(server: Pillarbox) -> None:
        assert server.stop() == 0, server.text()[-3000:]

    def _begin(self, day: int) -> None:
        self.days[day] = Day(f"{self._midnight + timedelta(days=day - 1):%Y-%m-%d}")

    def at(self, day: int, hour: int, minute: int = 0) -> float:
        """That time, seconds since 1970."""
        return (self._midnight + timedelta(days=day - 1, hours=hour, minutes=minute)).timestamp()

    def _set(self, day: int, hour: int, minute: int = 0) -> None:
        self._shift.set(self.at(day, hour, minute))

    # --- mail ----------------------------------------------------------------------------------------------------

    @property
    def today(self) -> Day:
        """The last day that has begun."""
        return self.days[max(self.days)]

    def write(self, author: str, to: str, subject: str, *, wait: bool = True) -> None:
        """Ann of one.test or two.test writes: signed, from where SPF allows it."""
        who = f"ann@{author}"
        submit(who, [f"ann@{to}"], letter(subject, who, f"ann@{to}"), server=ADDRESS[author])
        if to in self.pillarboxes:
            self._count(to, (ADDRESS[author], "none", "pass", "pass", author, author, to))
        if wait:
            self.arrives(to, subject)

    def carry(self, author: str, to: str, subject: str) -> None:
        """The Postfix sends something in its own name, or in that of somebody else for whom it may not sign."""
        self.postfix.sendmail("carl@three.test", f"ann@{to}", message=letter(subject, f"carl@{author}", f"ann@{to}"))
        own = author == "three.test"
        self._count(to, (THREE, "none" if own else "quarantine", "fail", "pass" if own else "fail", author, "three.test", to))
        self.arrives(to, subject, "Inbox" if own else "Junk")

    def forge(self, author: str, to: str, subject: str, disposition: str) -> None:
        """A machine that nobody knows sends in the name of author; it is taken unless the disposition is reject."""
        message = letter(subject, f"boss@{author}", f"ann@{to}").replace(b"\n", b"\r\n")
        with smtplib.SMTP(FROM_AFAR[to], 25, local_hostname="stranger.test", source_address=(STRANGER6, 0), timeout=60) as client:
            said = 250
            try:
                client.sendmail(f"boss@{author}", [f"ann@{to}"], message)
            except smtplib.SMTPDataError as refused:
                said = refused.smtp_code
        assert said == (550 if disposition == "reject" else 250)
        self._count(to, (STRANGER6, disposition, "fail", "fail", author, author, to))

    def arrives(self, to: str, subject: str, mailbox: str = "Inbox") -> None:
        """Wait for a message at ann's, or in the Postfix."""
        if to not in self.pillarboxes:
            self.postfix.wait_for(f"Subject: {subject}".encode())
            return
        server = self.pillarboxes[to]
        question = f"SELECT 1 {MESSAGES} WHERE subject = '{subject}' AND mailbox.name = '{mailbox}'"
        until(lambda: server.rows(question), why=lambda: f"{subject} in {mailbox}; {server.text()[-3000:]}")

    def retry(self, domain: str) -> None:
        """Try what waits at a server now."""
        server = self.pillarboxes[domain]
        server.command("queue", "retry", *(str(ident) for ident, in server.rows("SELECT id FROM queue_recipient")))

    def waits(self, domain: str, recipient: str) -> str:
        """Wait until nothing but a message to that recipient waits at a server, once tried; what it said last."""
        server = self.pillarboxes[domain]

        def look() -> str:
            rows = server.rows("SELECT recipient, attempts > 0 AND claimed_by IS NULL, last_text FROM queue_recipient")
            return str(rows[0][2]) if [row[:2] for row in rows] == [(recipient, 1)] else ""
        return until(look, why=lambda: f"{server.rows('SELECT * FROM queue_recipient')}; {server.text()[-3000:]}")

    def _count(self, to: str, row: Row) -> None:
        self.today.messages.setdefault((to, row[4]), Counter())[row] += 1

    # --- what the other side saw --------------------------------------------------------------------------------

    def count_reports(self) -> None:
        """Count the reports that reached the Pillarboxes, each on the day when it came: they are mail like other mail."""
        by_date = {day.date: day for day in self.days.values()}
        for domain, server in self.pillarboxes.items():
            for received, sender, ip in server.rows(f"SELECT received, mail_from, remote_ip {MESSAGES} WHERE {FILED}"):
                by = sender.rpartition("@")[2]
                assert ip == ADDRESS[by]
                day = by_date[f"{datetime.fromtimestamp(received, UTC):%Y-%m-%d}"]
                day.reports.setdefault((domain, by), Counter())[ip, "none", "pass", "pass", by, by, domain] += 1

    def reports(self, domain: str) -> list[bytes]:
        """The mails with reports that somebody got."""
        if domain not in self.pillarboxes:
            return [mail for mail in self.postfix.received() if b"Subject: Report Domain: " in mail]
        server = self.pillarboxes[domain]
        bodies = server.rows(f"SELECT body.name {MESSAGES} JOIN body ON body.id = body_id WHERE {FILED}")
        return [(server.folder / "data" / "mail" / name).read_bytes() for name, in bodies]

    def held_back(self, by: str, to: str, first: str) -> None:
        """Note what nobody but the sender can see: a host that it did not even connect to."""
        self.today.sessions.append(Session(by, to, first, self.state[to]))

    def _note_sessions(self) -> None:
        """Read from the logs who was connected to since the last time."""
        names = {address: domain for domain, address in ADDRESS.items()}
        for domain in ADDRESS:
            text = self.pillarboxes[domain].text() if domain in self.pillarboxes else self.postfix.log()
            found = _pillarbox(text) if domain in self.pillarboxes else _postfix(text)
            for at, ip, first in found:
                if at >= self._seen[domain] and ip in names and names[ip] != domain:
                    state = [state for since, state in self._changes[domain] if since <= at][-1]
                    self.today.sessions.append(Session(names[ip], domain, first, state))
            self._seen[domain] = len(text)


def _all(work: Callable[[Pillarbox], object], servers: Iterable[Pillarbox]) -> None:
    """Do that with each of them at the same time; the first error."""
    with ThreadPoolExecutor() as threads:
        list(threads.map(work, servers))


def _pillarbox(log: str) -> list[tuple[int, str, str]]:
    """Place in the log, address, and first sender of each encrypted session at a Pillarbox."""
    began: dict[str, tuple[int, str]] = {}
    senders: dict[str, str] = {}
    for found in re.finditer(r"event=smtp\.(tls|mail) .*?trace=(\w+)\S* ip=(\S+)(?:.* sender=(\S*))?", log):
        if found[1] == "tls":
            began[found[2]] = found.start(), found[3]
        else:
            senders.setdefault(found[2], found[4] or "")
    return [(at, ip, senders.get(session, "")) for session, (at, ip) in began.items()]


def _postfix(log: str) -> list[tuple[int, str, str]]:
    """The same at a Postfix."""
    sessions: list[tuple[int, str, list[str]]] = []
    by_process: dict[str, list[str]] = {}
    senders: dict[str, str] = {}
    patterns = r"smtpd\[(\d+)\]: connect from \S+\[(\S+)\]|smtpd\[(\d+)\]: (\w+): client=|qmgr\[\d+\]: (\w+): from=<(\S*)>"
    for found in re.finditer(patterns, log):
        if found[1]:
            by_process[found[1]] = []
            sessions.append((found.start(), found[2], by_process[found[1]]))
        elif found[3]:
            by_process[found[3]].append(found[4])
        else:
            senders[found[5]] = found[6]
    return [(at, ip, senders[queued[0]] if queued else "") for at, ip, queued in sessions]
