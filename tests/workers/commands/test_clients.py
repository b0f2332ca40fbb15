"""workers.commands.clients: what to type into a mail program, at a terminal."""
from tests.workers.commands.conftest import Typing


def test_what_to_type(typed: Typing) -> None:
    """Sending, the best first, and the webmail; in any writing of the address."""
    typed("domain add bücher.example")
    typed("account add ann --no-password --address ann@bücher.example")
    rows = typed.json("clients Ann@BÜCHER.example")
    assert rows == typed.json("clients ann@xn--bcher-kva.example")
    usual = {"server": "localhost", "user": "ann@bücher.example", "sign_in": "normal password"}
    assert rows[:2] == [
        {**usual, "for": "sending (SMTP)", "port": 1465, "security": "SSL/TLS"},
        {**usual, "for": "sending (SMTP)", "port": 1587, "security": "STARTTLS"}]
    assert [(row["for"], row["server"]) for row in rows[2:]] == [("webmail", "https://localhost:1443/webmail/")]
    shown = typed("clients ann@bücher.example")
    assert all(word in shown for word in ("1465", "SSL/TLS", "STARTTLS", "https://localhost:1443/webmail/"))


def test_nobody_there(typed: Typing) -> None:
    """An address that nobody has; the name of an account, which is none."""
    typed("domain add example.org")
    typed("account add ann --no-password --address ann@example.org")
    for address, said in (("bob@example.org", "bob@example.org"), ("ann", "ann has ann@example.org")):
        status, out, err = typed.attempt(f"clients {address}")
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert said in err
