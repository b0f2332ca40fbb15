"""mta.store.sealing: files that only the holder of a key reads."""
import io
from pathlib import Path

import pytest

from mta.base.errors import SetupError, UserError
from mta.store import sealing
from mta.store.sealing import PIECE, TAG, Unsealable


def sealed(content: bytes, recipient: str, name: str = "data/x", step: int = 1_000) -> bytes:
    """content as a sealed file."""
    out = bytearray()
    sealing.seal((content[at:at + step] for at in range(0, len(content), step)), out.extend, recipient, name)
    return bytes(out)


def opened(octets: bytes, secret: str, name: str = "data/x") -> bytes:
    """What a sealed file has in it."""
    return b"".join(sealing.unseal(io.BytesIO(octets), secret, name))


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 17])
def test_there_and_back(size: int) -> None:
    """Any size comes back, also those at the ends of pieces."""
    secret = sealing.new_secret()
    content = bytes(at % 251 for at in range(size))
    octets = sealed(content, sealing.recipient_of(secret))

    assert opened(octets, secret) == content
    assert len(octets) == len(sealing.MARK) + sealing.KEY + size + TAG * max(1, -(-size // PIECE))


def test_what_was_tampered_with_does_not_open() -> None:
    """Cut, turned round, doubled, changed, renamed, for another: none opens."""
    secret = sealing.new_secret()
    octets = sealed(b"a" * (2 * PIECE + 5), sealing.recipient_of(secret))
    head, piece = len(sealing.MARK) + sealing.KEY, PIECE + TAG
    one, two, rest = octets[head:head + piece], octets[head + piece:head + 2 * piece], octets[head + 2 * piece:]
    for wrong in (octets[:-1], octets[:head + piece], octets[:head + 2 * piece], octets[:head] + two + one + rest,
                  octets[:head] + one + one + two + rest, octets[:-1] + bytes([octets[-1] ^ 1]), octets[:5], b"",
                  sealing.MARK + bytes(32) + octets[head:], octets + b"x"):
        with pytest.raises(Unsealable):
            opened(wrong, secret)
    with pytest.raises(Unsealable):
        opened(octets, secret, "data/y")
    with pytest.raises(Unsealable):
        opened(octets, sealing.new_secret())


def test_mistyped_keys() -> None:
    """A letter that is wrong or missing is found; so is the half that is not asked for."""
    secret = sealing.new_secret()
    recipient = sealing.recipient_of(secret)
    assert sealing.check_recipient(recipient) == recipient
    for wrong in (recipient[:-1], recipient + "0", recipient[:-1] + ("a" if recipient[-1] != "a" else "b"), "", "pbx1-", secret):
        with pytest.raises(UserError, match="is not a recipient of backups"):
            sealing.check_recipient(wrong)
    with pytest.raises(UserError, match="is not a secret key of backups"):
        sealing.recipient_of(recipient)


def test_the_file_of_a_key(tmp_path: Path) -> None:
    """It is its owner's alone, is never overwritten, and needs its passphrase if it has one."""
    secret, plain, locked = sealing.new_secret(), tmp_path / "plain.key", tmp_path / "locked.key"
    sealing.write_secret(plain, secret)
    sealing.write_secret(locked, secret, "Grüße aus Köln")

    assert sealing.read_secret(plain, lambda: pytest.fail("no passphrase is needed")) == secret
    assert sealing.read_secret(locked, lambda: "Gru\u0308ße aus Ko\u0308ln") == secret
    assert secret not in locked.read_text()
    assert plain.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UserError, match="not the passphrase"):
        sealing.read_secret(locked, lambda: "something else")
    with pytest.raises(SetupError, match="File exists"):
        sealing.write_secret(plain, secret)
    (tmp_path / "other").write_text("hello")
    with pytest.raises(UserError, match="is no key of a backup"):
        sealing.read_secret(tmp_path / "other", lambda: "")
    with pytest.raises(SetupError, match="No such file"):
        sealing.read_secret(tmp_path / "nowhere", lambda: "")
