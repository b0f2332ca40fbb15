"""chasquid's dialogs, played against our session: the same codes, or a reason why not."""
import ast
import re
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from mta.base.names import Address
from mta.base.reply import Reply
from mta.smtp.desk import Login, Session, Transaction
from tests.smtp.plaindesk import PlainDesk
from tests.smtp.talk import Talk, talking

FOLDER = Path(__file__).parent.parent / "vectors" / "smtp-chasquid-dialogs"
DIALOGS = sorted(FOLDER.glob("*.cmy"))
EXPRESSION = re.compile(r"(?:\((?P<sum>[^)]*)\)|(?P<one>.*?)) *(?:\* *(?P<times>\d+))? *(?:\+ *(?P<rest>'.*'))?$")
#: Where we answer otherwise: (dialog, line) to our code, and why.
OTHERWISE = {
    ("auth_multi_dialog", 9): (504, "RFC 4954 §4 has 504 for an unknown mechanism; 534 means too weak a one"),
    ("bad_data", 35): (250, "what the content must be is for the desk, and the one here takes everything"),
    ("bad_data_dot_2", 28): (554, "521 says that a host takes no mail at all (RFC 7504); we refuse one message and go on"),
    ("bad_data_dot_on_message_too_big", 36): (554, "the same"),
    ("bad_mail_from", 8): (501, "the verb is known, its argument is wrong (RFC 5321 §4.2.4)"),
    ("bad_mail_from", 11): (501, "the same"),
    ("bad_rcpt_to", 11): (501, "the same"),
    ("bad_rcpt_to", 14): (501, "the same"),
    ("bad_rcpt_to", 41): (553, "RFC 6531 §3.5: beyond ASCII without the parameter SMTPUTF8"),
    ("line_too_long", 5): (501, "RFC 4954 §4 wants lines of 12,288 octets; this one is none, but its name is too long"),
}


class Chasquid(PlainDesk):
    """The user and the limits of chasquid's test server; TLS is taken as there where it listens with it."""

    async def check_password(self, session: Session, name: str, password: str, mechanism: str) -> Login | Reply:
        if (name, password) == ("user@testserver", "secretpassword"):
            return Login(1, 1, name, mechanism)
        return await super().check_password(session, name, password, mechanism)

    async def recipient(self, transaction: Transaction, recipient: Address) -> Reply:
        return Reply(250, "2.1.5", "Yes")


def octets(expression: str) -> bytes:
    """The Python expression of a "~>" line: strings, sums and one repetition."""
    found = EXPRESSION.fullmatch(expression)
    assert found, expression
    parts = (found["sum"] or found["one"]).split(" + ")
    text = "".join(_times(part) for part in parts) * int(found["times"] or 1) + (ast.literal_eval(found["rest"]) if found["rest"] else "")
    return text.encode()


def _times(part: str) -> str:
    text, _, times = part.partition(" * ")
    return str(ast.literal_eval(text)) * int(times or 1)


def steps(file: Path) -> list[tuple[int, str]]:
    """The lines that do something, with their numbers."""
    return [(number, line) for number, line in enumerate(file.read_text().split("\n"), 1) if line.strip() and not line.startswith("#")]


def verified(file: Path) -> str:
    """What the message's body has to be, "" where nothing is said about it."""
    verify = file.with_suffix(".cmy.verify")
    return verify.read_text().split("\n\n", 1)[1].rstrip() if verify.exists() else ""


@pytest.mark.parametrize("file", DIALOGS, ids=lambda file: file.stem)
async def test_dialog(file: Path) -> None:
    """Every reply has the code that chasquid gives, or the one of the table above; what it stored is what it verifies."""
    desk, seen = Chasquid(auth="always", max_size=1024 * 1024), set[tuple[str, int]]()
    talk: Talk | None = None
    async with AsyncExitStack() as stack:
        for number, line in steps(file):
            _, verb, rest = (line + "  ").split(" ", 2)
            rest = rest[:-2] if rest.endswith("  ") else rest.rstrip(" ")
            if verb.strip() == "close":
                assert talk is not None
                await talk.finish()
                continue
            if verb in ("tcp_connect", "tls_connect"):
                desk.auth = "always" if verb == "tls_connect" else "never"
                talk = await stack.enter_async_context(talking(desk))
                continue
            assert talk is not None
            if verb == "->":
                await talk.send(rest.encode() + b"\r\n")
            elif verb == "~>":
                await talk.send(octets(rest.strip()))
            else:
                code = OTHERWISE.get((file.stem, number), (int(rest.strip()[:3]), ""))[0]
                seen |= {(file.stem, number)} & OTHERWISE.keys()
                assert (await talk.reply())[:3] == str(code), f"line {number}: {line}"
    assert seen == {place for place in OTHERWISE if place[0] == file.stem}, "a reason without its place"

    if wanted := verified(file):
        (_, content), = desk.messages
        assert content.decode().replace("\r\n", "\n").split("\n\n", 1)[1].rstrip() == wanted


def test_octets() -> None:
    """The notation of chasquid's "~>" lines."""
    assert octets(r"'xxx\n.\n'") == b"xxx\n.\n"
    assert octets(r"('a' * 3 + '\r\n') * 2") == b"aaa\r\naaa\r\n"
    assert octets(r"'b' * 2 + '\r\n'") == b"bb\r\n"
