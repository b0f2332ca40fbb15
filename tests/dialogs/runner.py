"""Plays a dialog file against a session in memory.

A dialog is text, one step a line, the first word saying what it is:

    why   what the dialog shows (one or more lines, first)
    desk  submission | auth=always | size=1000 | no-requiretls | nobody-may-connect   (before the first step)
    C     a line the client sends; CRLF is added
    C=    octets the client sends as they are, with \\r \\n \\t \\0 \\xnn \\\\ and *n to repeat the whole n times
    S     the server's next reply, exactly, without trace id; "\\n" stands between its lines
    S~    a regular expression for the whole of the next reply
    S*    the next reply has this code and this line among its lines
    S.    the server closes, and has nothing more to say
    M     a message was stored; its octets, written as for C=
    M0    no message was stored since the last M
    E     an event with this key was noted since the last E

Client steps that follow one another are sent together: that is pipelining.
"""
import re
from dataclasses import dataclass
from pathlib import Path

from mta.base.reply import Reply
from mta.smtp.session import SmtpSession
from tests.smtp.plaindesk import PlainDesk
from tests.smtp.talk import Talk, talking

STEPS = {"why", "desk", "C", "C=", "S", "S~", "S*", "S.", "M", "M0", "E"}
ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|(.))")
PLAIN = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a dialog."""

    number: int
    kind: str
    text: str


def read(file: Path) -> list[Step]:
    """The steps of a dialog; ValueError with the place if a line is none."""
    steps = []
    for number, line in enumerate(file.read_text().split("\n"), 1):
        kind, _, text = line.partition(" ")
        if not line.strip() or line.startswith("#"):
            continue
        if kind not in STEPS:
            raise ValueError(f"{file.name}:{number}: what is {kind!r}?")
        steps.append(Step(number, kind, text.lstrip(" ")))
    if not steps or steps[0].kind != "why":
        raise ValueError(f"{file.name} does not say why it exists")
    return steps


def octets(text: str) -> bytes:
    """The octets that C= and M mean."""
    body, _, times = text.rpartition(" *")
    if body and times.isdecimal():
        return octets(body) * int(times)
    return ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else PLAIN[found[2]], text).encode("latin-1")


def make_desk(words: list[str]) -> PlainDesk:
    """The desk that the `desk` lines describe."""
    wishes = dict(word.partition("=")[::2] for word in words)
    desk = PlainDesk(submission="submission" in wishes, auth=wishes.get("auth", "never"), max_size=int(wishes.get("size", 1_000_000)),
                     requiretls="no-requiretls" not in wishes)
    if "nobody-may-connect" in wishes:
        desk.refusal = Reply(554, "5.7.1", "You may not connect")
    return desk


async def play(file: Path, *, singly: bool = False, rubbish: bytes = b"", kind: type[SmtpSession] = SmtpSession) -> PlainDesk:
    """Play the dialog, the client's octets group by group or singly; AssertionError at the first step that goes otherwise.

    rubbish follows what the client sends last; what the server says to it does not matter.
    """
    steps = read(file)
    desk = make_desk([word for step in steps if step.kind == "desk" for word in step.text.split()])
    played = [step for step in steps if step.kind not in ("why", "desk")]
    last = max((at for at, step in enumerate(played) if step.kind in ("C", "C=")), default=-1)
    async with talking(desk, kind=kind) as talk:
        waiting, seen, stored = b"", 0, 0
        for at, step in enumerate(played):
            where = f"{file.name}:{step.number}"
            if step.kind in ("C", "C="):
                waiting += octets(step.text) if step.kind == "C=" else step.text.encode() + b"\r\n"
                waiting += rubbish if at == last else b""
                continue
            await talk.send(waiting, singly=singly)
            waiting = b""
            if step.kind == "E":
                keys = [event.key for event, _, _ in desk.events[seen:]]
                assert step.text in keys, f"{where}: no {step.text} among {keys}"
                seen = len(desk.events)
            elif step.kind in ("M", "M0"):
                fresh = [content for _, content in desk.messages[stored:]]
                assert fresh == ([octets(step.text)] if step.kind == "M" else []), f"{where}: stored {fresh}"
                stored = len(desk.messages)
            elif not (rubbish and step.kind == "S."):
                await _hear(step, talk, where)
        await talk.send(waiting, singly=singly)
    return desk


async def _hear(step: Step, talk: Talk, where: str) -> None:
    if step.kind == "S.":
        assert await talk.line() == "", f"{where}: the server goes on"
        return
    reply = await talk.reply()
    assert reply, f"{where}: the server has closed"
    if step.kind == "S":
        assert reply == step.text.replace("\\n", "\n"), f"{where}: {reply!r}"
    elif step.kind == "S~":
        assert re.fullmatch(step.text, reply, re.DOTALL), f"{where}: {reply!r}"
    else:
        code, _, line = step.text.partition(" ")
        lines = reply[4:].split("\n")
        assert reply[:3] == code, f"{where}: {reply!r}"
        assert line in lines, f"{where}: {line!r} is not among {lines}"
