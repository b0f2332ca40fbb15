"""workers.commands.dialog: SMTP on standard input and output."""
import io
from collections.abc import Iterator

import pytest

from workers.commands.dialog import Broken, Transaction, converse


class Server:
    """Takes what is sent; answers with status."""

    def __init__(self, status: int = 0, reads: bool = True) -> None:
        self.status, self.reads = status, reads
        self.taken: list[tuple[str | None, list[str], bytes]] = []

    def __call__(self, transaction: Transaction, message: Iterator[bytes]) -> tuple[int, str]:
        self.taken.append((transaction.sender, list(transaction.recipients), b"".join(message) if self.reads else next(message)))
        return self.status, "so it is"


def talk(server: Server, said: str) -> list[str]:
    """What is replied, the first four letters of each line."""
    replies = io.BytesIO()
    converse(server, io.BytesIO(said.encode()), replies)
    return [line[:4] for line in replies.getvalue().decode().splitlines()]


MAIL = "MAIL FROM:<ann@example.org> BODY=8BITMIME\r\nRCPT TO:<bob@example.net>\r\nRCPT TO: <\"c, d\"@example.net>\r\nDATA\r\n"


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_messages_are_passed_on(end: str) -> None:
    """One after the other, with dots unstuffed, whatever ends the lines."""
    server = Server()
    said = f"EHLO here\r\n{MAIL}Subject: x\r\n\r\n..dot\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\ny\r\n.\r\nQUIT\r\n"

    assert talk(server, said.replace("\r\n", end)) == [
        "220 ", "250-", "250-", "250-", "250-", "250 ", "250 ", "250 ", "250 ", "354 ", "250 ", "250 ", "250 ", "354 ", "250 ", "221 "]
    assert server.taken == [
        ("ann@example.org", ["bob@example.net", '"c, d"@example.net'], b"Subject: x\r\n\r\n.dot\r\n"), ("<>", ["postmaster"], b"y\r\n")]


@pytest.mark.parametrize(("status", "code"), [(65, "554 "), (67, "550 "), (70, "554 "), (75, "451 "), (77, "550 ")])
@pytest.mark.parametrize("reads", [True, False])
def test_refusals_are_replies(status: int, code: str, reads: bool) -> None:
    """Final or not, as the exit status says; the rest of the message is no command."""
    text = "QUIT\r\n" * 20_000

    assert talk(Server(status, reads), f"HELO x\r\n{MAIL}{text}.\r\nNOOP\r\n")[-2:] == [code, "250 "]


def test_order_and_syntax_are_kept() -> None:
    """Nothing is sent for half a transaction."""
    server = Server()
    said = ("RCPT TO:<a@b.example>", "DATA", "MAIL FROM:<a@b.example>", "DATA", "RCPT TO:<>", "RCPT TO:<a b@c>", "RSET",
            "RCPT TO:<a@b.example>", "VRFY x", "TURN", "MAIL a@b.example", "MAIL FROM:<a@[192.0.2.1]>", "\x01")

    assert talk(server, "".join(f"{line}\r\n" for line in said)) == [
        "220 ", "503 ", "503 ", "250 ", "503 ", "550 ", "501 ", "250 ", "503 ", "252 ", "502 ", "501 ", "501 ", "500 "]
    assert server.taken == []


def test_requiretls_is_refused_rather_than_forgotten() -> None:
    """It cannot be asked for on a pipe, so it is not taken as if it had been heard."""
    server = Server()
    said = "EHLO x\r\nMAIL FROM:<a@b.example> requiretls\r\nRCPT TO:<c@d.example>\r\nQUIT\r\n"
    assert talk(server, said)[-3:] == ["555 ", "503 ", "221 "]
    assert talk(server, "MAIL FROM:<a@b.example> SIZE=5\r\nQUIT\r\n")[-2:] == ["250 ", "221 "]


def test_a_message_without_an_end_is_none() -> None:
    """Whoever reads it learns that it broke off."""
    with pytest.raises(Broken):
        talk(Server(), f"{MAIL}half\r\n")
