"""A server with what a small company's would hold after some months: long names, trouble, and things in every state.

Most of it goes in as people put it in (the functions of the pages, SMTP); what takes months,
or other servers that fail, is written as the roles would write it.
"""
import io
import smtplib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import APIRequestContext

from mta.base.clock import SystemClock
from mta.base.errors import Failure, Reach
from mta.base.events import Journal
from mta.base.names import Address, Domain
from mta.base.reply import Reply
from mta.config.model import local
from mta.flow import backups, deposit, destinations
from mta.flow.world import World
from mta.secure.protection import Seen
from mta.store import archive, backupjobs, bodies, certificates, messages, queue, seen
from mta.store.bodies import SpooledBody
from mta.store.certificates import Attempt
from mta.store.connection import Connection
from mta.store.queue import NewQueued
from tests.browser import test_reports as reported
from tests.flow import reportmail
from tests.serving import Server
from workers.worlds import open_world

LONG_DOMAIN = "the-benevolent-society-of-river-and-harbour-pilots.example"
LONG_ADDRESS = f"an.extraordinarily.long.local.part.of.an.address.for.tests@{LONG_DOMAIN}"
LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh, Alexandrina (Harbour Office)"
LONG_SUBJECT = "Re: Fwd: AW: Minutes of the extraordinary general meeting of the river and harbour pilots, second draft with remarks"
#: What other servers answer: recipient, host, whether it lasts, reply.
REPLIES = (
    ("dee@hotmail.com", "hotmail-com.olc.protection.outlook.com", True, 550, "5.7.1",
     "Unfortunately, messages from [192.0.2.25] weren't sent. Please contact your Internet service provider since part of their "
     "network is on our block list (S3150)."),
    ("lee@gmail.com", "gmail-smtp-in.l.google.com", False, 421, "4.7.28",
     "Gmail has detected an unusual rate of unsolicited mail originating from your IP address."),
    ("kim@full.example", "mx1.full.example", False, 452, "4.2.2", "The email account that you tried to reach is over quota"),
    (LONG_ADDRESS, f"mx.{LONG_DOMAIN}", False, 450, "4.7.1",
     "Greylisted, please try again in 300 seconds, see https://postgrey.example/help/your-server-is-fine.html?"),
)

Caller = Callable[..., Any]


def caller(requests: APIRequestContext, app: str, **credentials: str) -> Caller:
    """Calls functions of an application as its pages do, signed in."""
    def post(function: str, token: str, arguments: dict[str, Any]) -> Any:
        answer = requests.post(f"/api/{app}/{function}", data=arguments, headers={"X-Pillarbox-Csrf": token})
        assert answer.ok, f"{function}: {answer.text()}"
        return answer.json()["result"]

    token = post("login", "", credentials)["csrf"]
    return lambda function, **arguments: post(function, token, arguments)


def prepare(folder: Path) -> None:
    """What has to be there before the server starts: the names of the world."""
    folder.mkdir(mode=0o700)
    (folder / "zone").write_text(reported.ZONE + reported.tls_message()[1])


def company(server: Server, admin: Caller) -> None:
    """Domains and people, mail that came and that waits, reports of both kinds."""
    people(admin)
    post(server)
    reports(server, admin)
    trouble(server)
    kept(server)


def people(admin: Caller) -> None:
    """Domains, accounts and aliases."""
    for name, about in (("example.org", "Harbour office"), (LONG_DOMAIN, "Society, with a description that says a little more than needed"),
                        ("bücher.example", "")):
        admin("domain_add", name=name, description=about)
    page = admin("domain", name="bücher.example")
    admin("domain_change", name="bücher.example", description="", enabled=False, catchall="", separator=page["separator"],
          case_sensitive=False, dmarc_reports="", tls_reports="")
    admin("domain_policy", name="example.org", mode="testing", max_age=86_400 * 7, mx="mx2.example.org")
    admin("dkim_rotate", domain="example.org", algorithm="ed25519", selector="next")
    for name, full in (("ann", "Ann Archer"), ("alexandrina.wolfeschlegelsteinhausen", LONG_NAME), ("left", "Somebody who left")):
        admin("account_add", name=name, password="correct horse battery", full_name=full, address=f"{name}@example.org", quota=2 * 10**9)
    for name in ("gone", f"gone.{'long.' * 8}ago"):
        admin("account_add", name=name, password="correct horse battery", full_name=LONG_NAME, address=f"{name}@example.org")
        admin("account_remove", name=name)
    admin("account_change", name="left", full_name="Somebody who left", enabled=False, quota=0, messages_per_day=0, first_time_per_day=0)
    for address in ("demo@example.org", LONG_ADDRESS):
        admin("address_add", account="demo", address=address)
    admin("alias_add", address="team@example.org", post="members", sendable=True,
          members=["ann@example.org", "demo@example.org", f"secretary-of-the-board@{LONG_DOMAIN}", "carla@example.net"])
    admin("mask_domain", domain="example.org", allowed=True)
    admin("hold_rule_add", recipient_domain="elsewhere.example", reason="until their new server is there")


def post(server: Server) -> None:
    """Mail of strangers, mail to nobody, mail of ours that is held."""
    for number, subject in enumerate(("Lunch on Thursday?", LONG_SUBJECT, "Invoice 2041", "")):
        server.send(f"From: Carla Night <carla{number}@example.net>\r\nTo: demo@example.org\r\nSubject: {subject}\r\n"
                    f"\r\nGood day.\r\n".encode(), f"carla{number}@example.net", "demo@example.org")
    with smtplib.SMTP("127.0.0.1", server.smtp) as client:
        client.ehlo("mail.example.net")
        client.mail("carla@example.net")
        client.rcpt("nobody.of.that.name@example.org")
    with smtplib.SMTP("127.0.0.1", server.submission) as client:
        client.starttls()
        client.login("demo", "pillarbox")
        client.sendmail("demo@example.org", ["carla@example.net"], f"From: demo@example.org\r\nSubject: {LONG_SUBJECT}\r\n\r\nText\r\n")


def reports(server: Server, admin: Caller) -> None:
    """Those that others send, and what is told to others."""
    for day in range(9, 0, -1):
        server.send(reportmail.dmarc_mail(reported.of_day(day)), reportmail.SENDER, reported.ADDRESS)
    server.send(reported.tls_message()[0], reportmail.SENDER, "tls-reports@example.org")
    reported.seen(server)
    admin("sent_report_suppress", address=f"dmarc@{LONG_DOMAIN}", days=30, reason="their mailbox is full, and they know")


def trouble(server: Server) -> None:
    """Mail that other servers put off or refused."""
    clock = SystemClock()
    with open_world(local(server.folder), clock, Journal("test", clock, stream=io.StringIO()), lambda role: None) as world:
        for number, (to, host, lasting, code, enhanced, text) in enumerate(REPLIES):
            failure = Failure(Reach.HOST, lasting, code, enhanced, text, "MAIL", host)
            sink = world.store.bodies.sink()
            sink.write(f"From: demo@example.org\r\nSubject: Waits {number}\r\n\r\nText {number}\r\n".encode())
            body = sink.finish()
            message = partial(_waiting, world=world, body=body, recipient=Address.parse(to), failure=failure, number=number)
            world.store.write_now(message, [body])
        for _ in range(40):
            world.store.write_now(lambda db: destinations.note(
                db, world, Address.parse("lee@gmail.com"), "gmail-smtp-in.l.google.com", Reply(250, "2.0.0", "OK")))


def _waiting(db: Connection, *, world: World, body: SpooledBody, recipient: Address, failure: Failure, number: int) -> None:
    """A message that waits after an attempt, or that came back."""
    new = NewQueued(
        1, Address.parse("demo@example.org"), [recipient], bodies.insert(db, body), body.size, b"", smtputf8=False, eight_bit=False,
        message_id=f"{number}@example.org", subject=LONG_SUBJECT if number == 3 else f"Waits {number}", header_from="demo@example.org",
        trace=f"00000000tst{number}.1")
    message = queue.add(db, world.clock, new, lambda one: one.domain.ascii)
    found = queue.get(db, message)
    assert found is not None
    [row] = found[1]
    destinations.note(db, world, recipient, failure.host, failure)
    if failure.lasting:
        queue.failed(db, world.clock, row.id, failure)
    else:
        queue.defer(db, world.clock, row.id, world.clock.timestamp() + 7_200, failure)


def kept(server: Server) -> None:
    """Backups, one of them made when something was wrong; messages that were removed for good."""
    server.command("backup")
    clock = SystemClock()
    with open_world(local(server.folder), clock, Journal("test", clock, stream=io.StringIO()), lambda role: None) as world:
        for role, subject in (("inbox", LONG_SUBJECT), ("junk", "Win a boat"), ("inbox", "")):
            row = deposit.file_in(world, 1, f"From: Carla Night <carla@example.net>\nSubject: {subject}\n\nText\n".encode(), role)
            world.store.write_now(partial(messages.expunge, account_id=1, ids=[row.id]))
        lost, content = next((path, path.read_bytes()) for path in sorted(world.store.bodies.root.rglob("*/*")))
        lost.unlink()
        try:
            backups.make(world, backups.wish(world.config, backups.place(world.config), full=True))
        finally:
            lost.write_bytes(content)
        backups.remember(world, tested=clock.timestamp() - 86_400, tested_name="2030-01-31T020000Z", made=clock.timestamp())
        world.store.write_now(lambda db: elsewhere(db, clock.timestamp()))
        name = archive.find(backups.place(world.config)).name
        job = world.store.write_now(
            lambda db: backupjobs.add(db, clock, "restore", name, "admin at 192.0.2.1", account="demo", mailbox="Inbox"))
        world.store.write_now(lambda db: backupjobs.end(db, clock, job, "failed", [
            f"message 7 ({LONG_SUBJECT[:60]!r} in Inbox): its content in the backup is damaged"]))


def elsewhere(db: Connection, now: float) -> None:
    """What was seen of other domains, and how certificates came."""
    for seen_domain, verified, dane in (("example.net", "dane", True), (LONG_DOMAIN, "", None)):
        seen.note(db, [1], Seen(Domain(seen_domain), True, verified, bool(dane), now - 3_600, None, dane, dane))
    certificates.attempted(db, Attempt(now - 9_000, "host-ec", "https://acme.example/directory", (LONG_DOMAIN,), None,
                                       f"{LONG_DOMAIN}: urn:ietf:params:acme:error:connection: timeout", now - 8_000))
    certificates.attempted(db, Attempt(now, "host-ec", "Example Authority", (LONG_DOMAIN,), now + 7e6, "", now + 5e6))


def owner(server: Server, account: Caller) -> None:
    """What the owner of an account has set up."""
    rule = {"id": 0, "name": "", "enabled": True, "last": False, "author": "", "sender": "", "recipient": "", "verified": "", "network": "",
            "list_id": "", "headers": [], "mailbox_id": None, "lost_mailbox": "", "marks": [], "accept": False, "forwarder": False,
            "mailing_list": False, "forward": "", "reply": ""}
    account("rule_add", rule={**rule, "name": "Pilots", "list_id": f"members.{LONG_DOMAIN}", "marks": ["$label1"], "last": True})
    account("rule_add", rule={**rule, "author": "*@example.net", "headers": [{"name": "Subject", "pattern": "*invoice*"}],
                              "marks": ["\\Flagged"]})
    account("rule_add", rule={**rule, "name": LONG_NAME, "enabled": False, "author": f"*@{LONG_DOMAIN}", "marks": ["\\Seen"]})
    account("identity_save", identity={"id": 0, "name": "Demo at Work", "address": "demo@example.org", "reply_to": "",
                                       "signature": "Demo\nHarbour 1"})
    account("identity_save", identity={"id": 0, "name": LONG_NAME, "address": LONG_ADDRESS,
                                       "reply_to": f"answers@{LONG_DOMAIN}", "signature": ""})
    day = datetime.now(UTC) + timedelta(days=3)
    account("away_change", answer={"enabled": True, "first_day": f"{day:%Y-%m-%d}", "last_day": f"{day + timedelta(days=14):%Y-%m-%d}",
                                   "zone": "Europe/Berlin", "subject": "", "text": "I am at sea until the 14th.", "active": False})
    for address in ("me@example.net", f"a.long.address.of.somebody@{LONG_DOMAIN}"):
        account("forward_add", address=address, choices={"everything": True, "keep": "inbox", "seal": True, "attach": False})
    first = account("mask_add", site="shop.example", note="tea and coffee")["address"]
    account("mask_add", site=f"a-shop-with-a-name.{LONG_DOMAIN}", note=f"{LONG_NAME}, and what else there is to say of it")
    account("mask_key_add", label="Password manager on the laptop")
    server.send(b"From: shop@shop.example\r\nSubject: Welcome\r\n\r\nHello.\r\n", "shop@shop.example", first)
