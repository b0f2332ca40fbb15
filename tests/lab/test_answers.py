"""Vacation, forwarding and masked addresses against Postfix, in both directions, with loops tried."""
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.conftest import ROUND, US
from tests.lab.names import Names
from tests.lab.namespace import Namespace
from tests.lab.postfix import Postfix
from tests.lab.server import Pillarbox
from tests.lab.waiting import until
from tests.lab.writing import letter, submit

#: Answers whatever it gets, without a word that a program does so: the worst that there is.
AUTO = """#!/usr/bin/python3
import smtplib, sys
sys.stdin.buffer.read()
sender = sys.argv[1]
if sender not in ("", "<>", "MAILER-DAEMON"):
    with smtplib.SMTP("{us}", source_address=("{round}", 0)) as client:
        client.sendmail("auto@round.test", [sender],
            f"From: auto@round.test\\r\\nTo: {{sender}}\\r\\nSubject: automatic\\r\\n\\r\\nI am a bad program.\\r\\n")
"""


@pytest.fixture(scope="module")
def other_way(space: Namespace, names: Names) -> Iterator[Postfix]:
    """A Postfix that keeps mail, sends some back to ann, loses some after it took it, and answers some."""
    with space.entered():
        script = space.folder / "answer"
        script.write_text(AUTO.format(us=US, round=ROUND))
        script.chmod(0o755)
        postfix = Postfix(
            space, "round", (ROUND,), ("round.test",),
            "virtual_alias_maps = inline:{ back@round.test=ann@us.test, lost@round.test=someone@nullmx.test }\n"
            "transport_maps = inline:{ auto@round.test=answer: }\nanswer_destination_recipient_limit = 1\n",
            f"answer unix - n n - - pipe\n  flags=R user=nobody argv={script} ${{sender}}\n")
    yield postfix
    postfix.stop()


@pytest.fixture(autouse=True)
def as_before(us: Pillarbox) -> Iterator[None]:
    """Nothing follows by itself after a test."""
    yield
    for name in ("ann", "bob"):
        us.command("vacation", "set", name, "--off")
        for target in us.json("forward", "list", name):
            us.command("forward", "remove", name, str(target["id"]))


def forward(us: Pillarbox, peer: Postfix, address: str, *choices: str, seen_by: str = "") -> None:
    """Let ann forward to an address, with the code that reaches it; seen_by is an account of ours if it comes back."""
    [target] = [one for one in us.json("forward", "add", "ann", address, *choices) if one["address"] == address]
    if seen_by:
        text = us.raw(us.wait_for(seen_by, "Confirm that mail is forwarded to you"))
    else:
        text = peer.wait_for(b"forward mail to " + address.encode()).decode().replace("\r\n", "\n")
    found = re.search(r"^    (\w{4}-\w{4})$", text, re.MULTILINE)
    assert found, text
    us.command("forward", "confirm", "ann", str(target["id"]), found[1])


def counts(us: Pillarbox, address: str) -> tuple[int, int]:
    """How much was forwarded there, and how much was not."""
    [one] = [one for one in us.json("forward", "list", "ann") if one["address"] == address]
    return one["forwarded"], one["kept"]


def subjects(us: Pillarbox, account: str, mailbox: str = "Inbox") -> list[str]:
    """What is in a mailbox."""
    return [str(row["subject"]) for row in us.json("message", "list", account, mailbox)]


# --- forwarding --------------------------------------------------------------------------


def test_forwarded_to_postfix(us: Pillarbox, them: Postfix, other_way: Postfix) -> None:
    """What another server brings goes on octet for octet, with a return path of ours, and a copy stays."""
    forward(us, other_way, "dora@round.test")
    body = "Grüße\n".encode() + b".\nFrom here\n"
    them.sendmail("carl@them.test", "ann@us.test", message=letter("to be forwarded", "carl@them.test", "ann@us.test", body))
    mail = other_way.wait_for(b"Subject: to be forwarded")

    assert re.match(rb"Return-Path: <SRS0=\w+=\w\w=them\.test=carl@us\.test>", mail), mail[:200]
    assert b"\nARC-Seal: " in mail
    assert mail.replace(b"\r\n", b"\n").endswith(b"\n" + body)
    us.wait_for("ann", "to be forwarded")
    assert counts(us, "dora@round.test") == (1, 0)


def test_a_circle(us: Pillarbox, them: Postfix, other_way: Postfix) -> None:
    """Postfix sends back what was forwarded: ann has it twice, and it goes nowhere any more."""
    us.command("rule", "add", "ann", "--network", ROUND, "--forwarder", "--go-on", "--name", "round")
    forward(us, other_way, "back@round.test", seen_by="ann")
    them.sendmail("carl@them.test", "ann@us.test", message=letter("round and round", "carl@them.test", "ann@us.test"))
    until(lambda: subjects(us, "ann").count("round and round") == 2, 30, lambda: f"{subjects(us, 'ann')} {us.text()[-2000:]}")
    us.wait_until_queue_is_empty()

    assert counts(us, "back@round.test") == (1, 1)
    assert other_way.log().count("to=<ann@us.test>, orig_to=<back@round.test>") >= 1
    newest = next(row for row in us.json("message", "list", "ann", "Inbox") if row["subject"] == "round and round")
    assert "X-Pillarbox-Forwarded: " in us.raw(newest)


def test_the_other_server_refuses(us: Pillarbox, them: Postfix, other_way: Postfix) -> None:
    """What it cannot deliver comes back to our return path, and to ann; carl hears nothing of it."""
    them.configure(virtual_alias_maps="inline:{ unlucky@plain.test=dora@plain.test }")
    try:
        forward(us, them, "unlucky@plain.test")
    finally:
        them.configure(virtual_alias_maps="inline:{ unlucky@plain.test=someone@nullmx.test }")
    before = len(them.received())
    try:
        them.sendmail("carl@them.test", "ann@us.test", message=letter("unlucky one", "carl@them.test", "ann@us.test"))
        us.wait_for("ann", "unlucky one")
        notice = us.raw(us.wait_for("ann", "Undelivered Mail Returned to Sender"))
    finally:
        them.configure(virtual_alias_maps="")

    assert notice.startswith("Return-Path: <>\nDelivered-To: SRS0=")
    assert "unlucky one" in notice
    us.wait_until_queue_is_empty()
    assert len(them.received()) == before, "nobody there was told"


def test_nobody_writes_to_return_paths(us: Pillarbox, them: Postfix, other_way: Postfix, space: Namespace) -> None:
    """A return path takes notices alone, and a made-up one takes nothing: neither relay nor backscatter."""
    forward(us, other_way, "erna@round.test")
    them.sendmail("carl@them.test", "ann@us.test", message=letter("for erna", "carl@them.test", "ann@us.test"))
    found = re.match(rb"Return-Path: <([^>]+)>", other_way.wait_for(b"Subject: for erna"))
    assert found
    path = found[1].decode()
    said = space.run("swaks", "--server", us.address, "--to", path, "--from", "carl@them.test", check=False)
    assert "550 5.7.1" in said
    made_up = path.replace("them.test=carl", "victim.test=dora")
    assert "550 5.1.1" in space.run("swaks", "--server", us.address, "--to", made_up, "--from", "<>", check=False)
    space.run("swaks", "--server", us.address, "--to", path, "--from", "<>", "--header", "Subject: a late notice")
    assert us.raw(us.wait_for("ann", "a late notice")).startswith("Return-Path: <>\n")


# --- vacation ----------------------------------------------------------------------------------


def test_postfix_gets_an_answer(us: Pillarbox, them: Postfix) -> None:
    """From ann, to the return path, from nobody, signed and marked; once."""
    us.command("vacation", "set", "ann", "--on", "--text", "I am at sea.")
    for number in (1, 2):
        them.sendmail("carl@them.test", "ann@us.test", message=letter(f"are you there {number}", "carl@them.test", "ann@us.test"))
        us.wait_for("ann", f"are you there {number}")
    mail = them.wait_for(b"I am at sea.")
    us.wait_until_queue_is_empty()

    assert mail.startswith(b"Return-Path: <>")
    assert b"Auto-Submitted: auto-replied" in mail
    assert b"Subject: Auto: are you there 1" in mail
    assert b"DKIM-Signature:" in mail
    assert sum(b"I am at sea." in one for one in them.received()) == 1


def test_a_bad_program_answers_everything(us: Pillarbox, other_way: Postfix) -> None:
    """Two programs that answer each other: ours answers once, from nobody, and there it ends."""
    us.command("vacation", "set", "ann", "--on", "--text", "I am at sea.")
    submit("ann@us.test", ["auto@round.test"], letter("hello program", "ann@us.test", "auto@round.test"))

    def answers() -> list[str]:
        return [one for one in subjects(us, "ann") if one == "automatic"]

    until(answers, 30, lambda: f"{other_way.log()[-2000:]}")
    us.wait_until_queue_is_empty()
    other_way.wait_for_log("from=<>, size=", 30)
    until(lambda: other_way.log().count("relay=answer") == 2, 30, lambda: other_way.log()[-2000:])
    assert len(answers()) == 1, "one to what ann wrote, none to her answer"


def test_two_who_are_away(us: Pillarbox) -> None:
    """Ann and bob, both here: bob hears ann's answer, and ann nothing of bob's."""
    for name in ("ann", "bob"):
        us.command("vacation", "set", name, "--on", "--text", f"{name} is at sea.")
    submit("bob@us.test", ["ann@us.test"], letter("both away", "bob@us.test", "ann@us.test"), account="bob")
    us.wait_for("bob", "Auto: both away")
    us.wait_until_queue_is_empty()
    assert subjects(us, "ann").count("both away") == 1
    assert not any(one.startswith("Auto:") for one in subjects(us, "ann"))


# --- masks ---------------------------------------------------------------------------------------


def test_a_mask_both_ways(us: Pillarbox, them: Postfix, space: Namespace) -> None:
    """Mail comes through and is counted, an answer goes out in its name; switched off it is refused with 550."""
    made: dict[str, Any] = us.json("mask", "add", "ann", "them.test")[0]
    mask = str(made["address"])
    them.sendmail("shop@them.test", mask, message=letter("your order", "shop@them.test", mask))
    us.wait_for("ann", "your order")
    [row] = [one for one in us.json("mask", "list", "ann") if one["id"] == made["id"]]
    assert (row["messages"], row["strangers"]) == (1, [])
    submit(mask, ["shop@them.test"], letter("about my order", mask, "shop@them.test"))
    mail = them.wait_for(b"Subject: about my order")
    assert mail.startswith(b"Return-Path: <" + mask.encode() + b">")
    assert b"ann" not in mail.replace(mask.encode(), b"")
    us.command("mask", "set", "ann", str(made["id"]), "--off")
    assert "550 5.1.1" in space.run("swaks", "--server", us.address, "--to", mask, "--from", "shop@them.test", check=False)
