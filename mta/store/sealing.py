"""Files of a backup, encrypted so that the server itself cannot read them again.

A backup is sealed to a recipient, the public half of an X25519 key pair (RFC 7748 §5)
whose other half is kept elsewhere.  Each file has a key pair of its own for one exchange;
what comes of it goes through HKDF (RFC 5869 §2) together with the file's name, so that no
file can be passed off as another.  The content is cut into pieces of PIECE octets,
each encrypted with ChaCha20-Poly1305 (RFC 8439 §2.8); its nonce has the piece's number and
whether it is the last: pieces that are missing, doubled or in another order do not open.

Layout of a sealed file: MARK, 32 octets of public key, then the pieces, each PIECE octets
and 16 of tag; the last one may be shorter, and is there even if it is empty.

A secret key may itself be locked with a passphrase (scrypt, RFC 7914 §2): then its file may lie
beside the backups.

Sealing hides and protects; it does not say who sealed: whoever can write to the place of a
backup can put another one there.
"""
import base64
import binascii
import hashlib
import os
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from mta.base.errors import SetupError, UserError
from mta.base.tokens import BASE32, secret_octets

MARK: Final = b"pillarbox-sealed-1\n"
#: What sealed files are called beside their own name.
SUFFIX: Final = ".sealed"
#: How the texts of the two halves of a key begin.
RECIPIENT, SECRET, LOCKED = "pbx1", "pbx-secret-1", "pbx-locked-1-"
PIECE, TAG, KEY = 64 * 1024, 16, 32
#: Cost of a passphrase: 128 MiB and about half a second for each guess.
COST, SALT = 2**17, 16


class Unsealable(SetupError):
    """A sealed file is damaged, or the key is not its."""


def new_secret() -> str:
    """The text of a new secret key, which opens what is sealed to recipient_of() it."""
    return _text(SECRET, secret_octets(KEY))


def recipient_of(secret: str) -> str:
    """The text of the public half, which only seals.  UserError if that is no secret key."""
    return _text(RECIPIENT, X25519PrivateKey.from_private_bytes(_octets(SECRET, secret)).public_key().public_bytes_raw())


def check_recipient(text: str) -> str:
    """The text of a recipient as it is; UserError if it is none."""
    _octets(RECIPIENT, text)
    return text


def read_secret(path: Path, ask: Callable[[], str]) -> str:
    """The secret key that `pillarbox backup key` wrote to a file; ask() for its passphrase if it has one.

    SetupError if the file cannot be read, UserError if it has no key or the passphrase is wrong.
    """
    try:
        words = path.read_text("ascii", errors="replace").split()
    except OSError as problem:
        raise SetupError(f"{path}: {problem.strerror}") from None
    found = [word for word in words if word.startswith((SECRET, LOCKED))]
    if len(found) != 1:
        raise UserError(f"{path} is no key of a backup: `pillarbox backup key FILE` makes one")
    secret = _unlock(found[0], ask()) if found[0].startswith(LOCKED) else found[0]
    _octets(SECRET, secret)
    return secret


def _lock(secret: str, passphrase: str) -> str:
    salt = secret_octets(SALT)
    # The key is used once, so the nonce need not differ.
    return LOCKED + base64.b64encode(salt + _stretch(passphrase, salt).encrypt(bytes(12), secret.encode(), None)).decode()


def _unlock(text: str, passphrase: str) -> str:
    try:
        octets = base64.b64decode(text.removeprefix(LOCKED), validate=True)
        return _stretch(passphrase, octets[:SALT]).decrypt(bytes(12), octets[SALT:], None).decode()
    except (binascii.Error, ValueError):
        raise UserError("the file of the key is damaged") from None
    except InvalidTag:
        raise UserError("that is not the passphrase of the key") from None


def _stretch(passphrase: str, salt: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(Scrypt(salt, KEY, COST, 8, 1).derive(unicodedata.normalize("NFC", passphrase).encode()))


def seal(pieces: Iterator[bytes], out: Callable[[bytes], None], recipient: str, name: str) -> None:
    """Encrypt what comes in pieces of any size to recipient, as the file called name."""
    other = X25519PublicKey.from_public_bytes(_octets(RECIPIENT, recipient))
    own = X25519PrivateKey.from_private_bytes(secret_octets(KEY))
    public = own.public_key().public_bytes_raw()
    cipher = _cipher(own.exchange(other), public + other.public_bytes_raw(), name)
    out(MARK + public)
    waiting, number = bytearray(), 0
    for piece in pieces:
        waiting += piece
        while len(waiting) > PIECE:
            out(cipher.encrypt(_nonce(number, last=False), bytes(waiting[:PIECE]), None))
            del waiting[:PIECE]
            number += 1
    out(cipher.encrypt(_nonce(number, last=True), bytes(waiting), None))


def unseal(file: BinaryIO, secret: str, name: str) -> Iterator[bytes]:
    """The content of a sealed file; what was yielded is genuine, but only the end says that it is all.  Unsealable."""
    own = X25519PrivateKey.from_private_bytes(_octets(SECRET, secret))
    head = file.read(len(MARK) + KEY)
    if not head.startswith(MARK) or len(head) != len(MARK) + KEY:
        raise Unsealable(f"{name} is not a sealed file")
    public = head[len(MARK):]
    try:
        shared = own.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise Unsealable(f"{name} is damaged at its beginning") from None
    cipher = _cipher(shared, public + own.public_key().public_bytes_raw(), name)
    number, piece = 0, file.read(PIECE + TAG)
    while True:
        following = file.read(PIECE + TAG) if len(piece) == PIECE + TAG else b""
        try:
            yield cipher.decrypt(_nonce(number, last=not following), piece, None)
        except InvalidTag:
            raise Unsealable(f"{name} cannot be opened: it is damaged, or sealed to another key") from None
        if not following:
            return
        number, piece = number + 1, following


def fingerprint(salt: bytes, path: Path) -> str:
    """Tells whether a file changed, to who knows salt; nothing to others."""
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return hashlib.blake2b(digest.digest(), key=salt[:64], digest_size=16).hexdigest()


def write_secret(path: Path, secret: str, passphrase: str = "") -> None:
    """Write a secret key to a new file that only its owner can read, locked if there is a passphrase.  SetupError."""
    kept = _lock(secret, passphrase) if passphrase else secret
    hint = "It is locked with a passphrase." if passphrase else "Keep it away from the server."
    text = f"# Opens backups of Pillarbox that are sealed to {recipient_of(secret)}\n# {hint}\n{kept}\n"
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        raise SetupError(f"{path}: {problem.strerror}") from None
    try:
        os.write(file, text.encode())
        os.fsync(file)
    finally:
        os.close(file)


def _cipher(shared: bytes, salt: bytes, name: str) -> ChaCha20Poly1305:
    info = b"pillarbox backup\0" + name.encode("utf-8", "surrogateescape")
    return ChaCha20Poly1305(HKDF(hashes.SHA256(), KEY, salt, info).derive(shared))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _text(begin: str, octets: bytes) -> str:
    number = int.from_bytes(octets + _check(begin, octets), "big")
    places = (len(octets) + 2) * 8 // 5 + 1
    return begin + "-" + "".join(BASE32[(number >> (5 * place)) & 31] for place in reversed(range(places)))


def _octets(begin: str, text: str) -> bytes:
    """The octets of a key's text.  UserError if it was mistyped."""
    what = "a recipient of backups" if begin == RECIPIENT else "a secret key of backups"
    head, _, letters = text.strip().rpartition("-")
    number = 0
    if head == begin and letters and set(letters) <= set(BASE32) and len(letters) == (KEY + 2) * 8 // 5 + 1:
        for letter in letters:
            number = number * 32 + BASE32.index(letter)
        if number < 1 << 8 * (KEY + 2):
            octets = number.to_bytes(KEY + 2, "big")
            if _check(begin, octets[:KEY]) == octets[KEY:]:
                return octets[:KEY]
    raise UserError(f"{text[:80]!r} is not {what}: it begins with {begin}- and has 55 letters and digits after that")


def _check(begin: str, octets: bytes) -> bytes:
    """Two octets by which a mistyped key is recognised."""
    return hashlib.sha256(begin.encode() + octets).digest()[:2]
