"""mta.smtp.login: the exchanges, line by line, against a desk that knows two people."""
from base64 import b64encode

import pytest

from mta.base.names import ip_address
from mta.base.reply import Reply
from mta.base.sasl import END_POINT, BadExchange, ScramSecrets
from mta.base.saslclient import Scram
from mta.smtp.desk import Login, Peer, Session
from mta.smtp.login import CANCELLED, Cancelled, answer, challenge_reply, offered, sign_in
from tests.smtp.plaindesk import PlainDesk

IP = ip_address("192.0.2.9")


def session() -> Session:
    """Some session."""
    return Session(Peer(IP, 4000, IP, 587, "submission", "0123456789"), 0.0)


class Answers:
    """A client with prepared answers; None stands for cancelling."""

    def __init__(self, *answers: bytes | None) -> None:
        self.answers, self.asked = list(answers), list[bytes]()

    async def __call__(self, challenge: bytes) -> bytes:
        self.asked.append(challenge)
        said = self.answers.pop(0)
        if said is None:
            raise Cancelled
        return said


def test_offers() -> None:
    """Strongest first; binding a channel needs one to bind."""
    assert offered({}) == ("SCRAM-SHA-256", "PLAIN", "LOGIN")
    assert offered({END_POINT: b""})[0] == "SCRAM-SHA-256-PLUS"


def test_lines() -> None:
    """RFC 4954 §4: base64 both ways, a star cancels."""
    assert challenge_reply(b"").wire() == b"334 \r\n"
    assert challenge_reply(b"Username:").wire() == b"334 VXNlcm5hbWU6\r\n"
    assert answer(b"AGI=") == b"\0b"
    assert answer(b"") == b""
    with pytest.raises(Cancelled):
        answer(b"*")
    with pytest.raises(BadExchange):
        answer(b"=")


@pytest.mark.parametrize(("argument", "answers", "asked"), [
    ("PLAIN " + b64encode(b"\0ann@example.test\0correct horse").decode(), [], []),
    ("plain", [b"\0ann@example.test\0correct horse"], [b""]),
    ("LOGIN", [b"ann@example.test", b"wrong horse"], [b"Username:", b"Password:"]),
    ("LOGIN " + b64encode(b"ann@example.test").decode(), [b"correct horse"], [b"Password:"]),
])
async def test_passwords(argument: str, answers: list[bytes | None], asked: list[bytes]) -> None:
    """PLAIN and LOGIN, with and without initial response."""
    client = Answers(*answers)

    outcome = await sign_in(argument, client, PlainDesk(), session(), {})

    assert isinstance(outcome, Login)
    assert (outcome.account, outcome.name, outcome.mechanism) == (7, "ann@example.test", argument.split()[0].upper())
    assert client.asked == asked


@pytest.mark.parametrize(("argument", "answers", "code"), [
    ("", [], 504), ("CRAM-MD5", [], 504), ("SCRAM-SHA-256-PLUS", [], 504), ("PLAIN a b", [], 501), ("PLAIN !", [], 501),
    ("PLAIN =", [], 501), ("PLAIN é", [], 501), ("PLAIN", [None], 501), ("LOGIN", [b"ann", None], 501), ("LOGIN =", [], 501),
    ("LOGIN", [b"ann", b""], 501), ("LOGIN", [b"ann@example.test", b"x"], 535), ("SCRAM-SHA-256", [b""], 501),
    ("SCRAM-SHA-256", [b"n,,n=ann,r=x", b"c=biws,r=y,p=AA=="], 501),
])
async def test_refusals(argument: str, answers: list[bytes | None], code: int) -> None:
    """Whatever goes wrong has its code, and no secret in its text."""
    outcome = await sign_in(argument, Answers(*answers), PlainDesk(), session(), {})

    assert isinstance(outcome, Reply)
    assert outcome.code == code
    assert (outcome is CANCELLED) == (None in answers)


class ScramAnswers(Answers):
    """A client that does SCRAM, and says something more at its end."""

    def __init__(self, mechanism: Scram, last: bytes = b"") -> None:
        super().__init__()
        self.mechanism, self.last = mechanism, last

    async def __call__(self, challenge: bytes) -> bytes:
        self.asked.append(challenge)
        if len(self.asked) == 1:
            return self.mechanism.begin()
        return self.mechanism.answer(challenge) or self.last


async def test_scram() -> None:
    """The whole exchange without an initial response, every credential of the account."""
    for number, password in enumerate(("wrong horse", "correct horse"), 1):
        client = ScramAnswers(Scram("ann@example.test", password))
        outcome = await sign_in("SCRAM-SHA-256", client, PlainDesk(), session(), {})

        assert outcome == Login(7, number, "ann@example.test", "SCRAM-SHA-256")
        assert client.mechanism.done
        assert client.asked[0] == b""
        assert [message[:2] for message in client.asked[1:]] == [b"r=", b"v="]


async def test_scram_for_nobody() -> None:
    """An unknown user gets the same challenge and learns at the end."""
    client = ScramAnswers(Scram("nobody", "correct horse"))

    outcome = await sign_in("SCRAM-SHA-256", client, PlainDesk(), session(), {})

    assert isinstance(outcome, Reply)
    assert outcome.code == 535
    assert [message[:2] for message in client.asked] == [b"", b"r="]


async def test_scram_with_something_left_to_say() -> None:
    """After the server's last message the client has nothing but an empty line."""
    outcome = await sign_in("SCRAM-SHA-256", ScramAnswers(Scram("ann@example.test", "correct horse"), b"more"), PlainDesk(), session(), {})

    assert isinstance(outcome, Reply)
    assert outcome.code == 501


async def test_a_desk_that_refuses_before_the_challenge() -> None:
    """Too many failures are refused before any key is looked at."""
    class Busy(PlainDesk):
        async def secrets(self, session: Session, name: str) -> ScramSecrets | Reply:
            return Reply(454, "4.7.0", "Too many attempts")

    outcome = await sign_in("SCRAM-SHA-256", Answers(b"n,,n=ann,r=x"), Busy(), session(), {})

    assert outcome == Reply(454, "4.7.0", "Too many attempts")
