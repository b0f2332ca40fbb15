"""Every dialog goes as written, wherever the network cuts it and whatever follows it."""
from pathlib import Path

import pytest

from mta.smtp.session import SmtpSession
from tests.dialogs.runner import octets, play, read

DIALOGS = sorted((Path(__file__).parent / "smtp").glob("*.dialog"))
all_dialogs = pytest.mark.parametrize("file", DIALOGS, ids=lambda file: file.stem)
#: What a peer may send behind its last command.
RUBBISH = (b"\r\n.\r\nMAIL FROM:<x@a.example>\r\n", b"\0\xff\r", b"\x16\x03\x01\r\n\n\r", b"A" * 200_000)


@all_dialogs
async def test_played_whole(file: Path) -> None:
    """The client's commands in as few pieces as can be."""
    await play(file)


@all_dialogs
async def test_played_octet_by_octet(file: Path) -> None:
    """Every octet on its own."""
    await play(file, singly=True)


@pytest.mark.parametrize("rubbish", RUBBISH, ids=["another message", "octets", "half lines", "a flood"])
@all_dialogs
async def test_rubbish_behind_the_last_command(file: Path, rubbish: bytes) -> None:
    """What was well said is answered the same, and nothing breaks."""
    await play(file, rubbish=rubbish)


def _inherited() -> list[str]:
    """aiosmtpd's methods that read what a peer said, or answer it."""
    base = SmtpSession.__mro__[1]
    assert base.__module__ == "aiosmtpd.smtp"
    kept = {"_cb_client_connected", "_create_envelope", "_create_session", "_reset_timeout", "_set_post_data_state", "_set_rset_state",
            "connection_made", "__init__", "__del__"}
    return [name for name, thing in vars(base).items() if callable(thing) and name not in kept and name not in vars(SmtpSession)]


def _tripwire(name: str) -> object:
    def tripped(*_arguments: object) -> None:
        raise AssertionError(f"aiosmtpd's {name} was reached")
    return tripped


@all_dialogs
async def test_no_parser_of_aiosmtpd_is_reachable(file: Path) -> None:
    """Whatever is said, nothing of aiosmtpd that reads or answers it runs."""
    names = _inherited()
    assert {"smtp_MAIL", "smtp_RCPT", "smtp_DATA", "smtp_AUTH", "_getaddr", "push", "_auth_interact", "smtp_STARTTLS"} <= set(names)
    wired = type("Wired", (SmtpSession,), {name: _tripwire(name) for name in names})

    desk = await play(file, kind=wired)

    if file.stem != "24-refused-sender":
        assert "unexpected" not in [event.key for event, _, _ in desk.events]


def test_octets() -> None:
    """The runner's own notation."""
    assert octets(r"a\r\n\x00\\") == b"a\r\n\0\\"
    assert octets("ab *3") == b"ababab"
    assert octets("2 *x") == b"2 *x"


def test_a_line_that_is_no_step(tmp_path: Path) -> None:
    """A typing error in a dialog is found, not skipped."""
    (tmp_path / "x.dialog").write_text("why  x\nQ    what\n")
    with pytest.raises(ValueError, match=r"x\.dialog:2"):
        read(tmp_path / "x.dialog")
