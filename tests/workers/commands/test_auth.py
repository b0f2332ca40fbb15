"""workers.commands.auth: who a message is from, asked at the command line."""
from pathlib import Path

import pytest

from tests.auth.signing import NOW, letter, record, signature
from tests.workers.commands.conftest import Typing

ZONE = f"""
example.test. TXT "v=spf1 ip4:192.0.2.1 -all"
mail.example.test. CNAME other.test.
other.test. TXT "v=spf1 a -all"
other.test. A 192.0.2.1
dead.test. TIMEOUT
1.2.0.192.in-addr.arpa. PTR other.test.
s._domainkey.example.test. TXT "{record('ed25519')}"
_dmarc.example.test. TXT "v=DMARC1; p=reject; rua=mailto:reports@example.test"
_dmarc.dead.test. SERVFAIL
"""
AT = "2023-11-14T22:13:20"


@pytest.fixture
def zone(tmp_path: Path) -> str:
    """A file of names."""
    (tmp_path / "zone").write_text(ZONE)
    return str(tmp_path / "zone")


@pytest.fixture
def signed(tmp_path: Path) -> str:
    """A signed message, with line ends as files have them."""
    (tmp_path / "signed.eml").write_bytes(letter(signature({"x": str(int(NOW) + 60)})).replace(b"\r\n", b"\n"))
    return str(tmp_path / "signed.eml")


def test_spf(typed: Typing, zone: str) -> None:
    """Both identities; the file's CNAMEs are followed, its troubles are troubles, and questions are counted."""
    status, out, _ = typed.attempt(f"spf check --ip 192.0.2.1 --mail-from ann@example.test --helo mail.example.test --zone {zone}")
    assert (status, out.count("pass"), out.splitlines()[-1]) == (0, 2, f"3 questions asked of {zone}.")

    status, out, _ = typed.attempt(f"spf check --ip 192.0.2.9 --mail-from ann@example.test --zone {zone}")
    assert status == 1
    assert "may not send in its name (-all)" in out
    assert "To be mended: If 192.0.2.9 is a server of example.test" in out
    assert typed.attempt(f"spf check --ip 192.0.2.9 --mail-from ann@dead.test --zone {zone} --json")[1].count('"status": "temperror"') == 1


def test_every_check_at_once(typed: Typing, zone: str, signed: str) -> None:
    """As the server does it: the findings, and the fields that it writes into the message."""
    line = f"auth check {signed} --ip 192.0.2.1 --mail-from ann@example.test --helo mail.example.test --zone {zone}"
    status, out, _ = typed.attempt(f"{line} --at {AT}")
    assert status == 0, out
    assert out.startswith("The message says that it is from ann@example.test. That is proven.\n")
    assert "Authentication-Results: localhost;\n\tiprev=pass (other.test) policy.iprev=192.0.2.1;\n" in out
    assert "Received-SPF: pass" in out

    rows = typed.json(f"{line} --at {AT}")
    assert [(row["method"], row["status"]) for row in rows] == [
        ("iprev", "pass"), ("spf", "pass"), ("spf (HELO)", "pass"), ("dkim", "pass"), ("arc", "none"), ("dmarc", "pass")]
    assert (rows[3]["domain"], rows[5]["policy"], rows[5]["aligned_dkim"]) == ("example.test", "reject", ["example.test"])
    # The signature has run out by now; SPF still proves the author.
    late = typed.json(line)
    assert (late[3]["problem"], late[5]["status"]) == ("expired", "pass")


def test_standard_input_and_return_path(typed: Typing, zone: str) -> None:
    """A message as a mailbox has it says itself who sent it; one that nobody stands by is status 1."""
    text = "Return-Path: <ann@example.test>\nFrom: Ann <ann@example.test>\n\nhello\n"
    assert typed.attempt(f"dmarc verify - --ip 192.0.2.1 --zone {zone}", stdin=text)[0] == 0
    status, out, _ = typed.attempt(f"dmarc verify - --ip 192.0.2.1 --zone {zone} --mail-from <>", stdin=text)
    assert status == 1
    assert "does not stand by this message; example.test asks for p=reject" in out
    assert typed.attempt(f"auth check - --ip 192.0.2.9 --zone {zone}", stdin=text)[0] == 1


def test_dmarc_lookup(typed: Typing, zone: str) -> None:
    """The record that counts, from wherever it stands; none, and no answer."""
    row, = typed.json(f"dmarc lookup a.b.example.test --zone {zone}")
    assert (row["policy"], row["published_at"], row["organization"], row["reports_to"]) == (
        "reject", "_dmarc.example.test", "example.test", ["mailto:reports@example.test"])
    assert "policy:" in typed(f"dmarc lookup example.test --zone {zone}")
    status, out, _ = typed.attempt(f"dmarc lookup other.test --zone {zone}")
    assert (status, "No DMARC record counts for other.test" in out) == (1, True)
    status, out, _ = typed.attempt(f"dmarc lookup dead.test --zone {zone}")
    assert (status, "temperror" in out) == (1, True)


def test_arc(typed: Typing, zone: str, signed: str) -> None:
    """A message without seals is no success."""
    status, out, _ = typed.attempt(f"arc verify {signed} --zone {zone}")

    assert (status, "No server on the way sealed" in out) == (1, True)
    assert f"0 questions asked of {zone}." in out


@pytest.mark.parametrize(("line", "said"), [
    ("spf check --ip nonsense --helo a.test", "not an IP address"), ("spf check --ip 192.0.2.1", "give --mail-from"),
    ("spf check --ip 192.0.2.1 --mail-from nobody", "not an address"), ("dmarc lookup a..b", "a..b"),
    ("arc verify /nonexistent", "/nonexistent"), ("arc verify -", "that is no message"),
])
def test_mistakes_are_one_line(typed: Typing, zone: str, line: str, said: str) -> None:
    """With what is wrong."""
    status, out, err = typed.attempt(f"{line} --zone {zone}")

    assert (status, out, err.count("\n")) == (1, "", 1)
    assert said in err
