"""Mailbox names as IMAP writes them: UTF-7, modified (RFC 3501 §5.1.3)."""
import base64
import binascii
import re

ENCODED = re.compile(r"&([A-Za-z0-9+,]*)-")
FOREIGN = re.compile(r"[^\x20-\x7e]+")


def encode(name: str) -> str:
    """name in ASCII."""
    def shift(found: re.Match[str]) -> str:
        octets = base64.b64encode(found[0].encode("utf-16-be", "surrogatepass")).decode("ascii")
        return f"&{octets.rstrip('=').replace('/', ',')}-"

    return FOREIGN.sub(shift, name.replace("&", "&-"))


def decode(text: str) -> str:
    """The name that text stands for; what is not well written stays as it is."""
    def unshift(found: re.Match[str]) -> str:
        letters = found[1].replace(",", "/")
        if not letters:
            return "&"
        try:
            octets = base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
            return octets.decode("utf-16-be")
        except (binascii.Error, UnicodeDecodeError):
            return found[0]

    return ENCODED.sub(unshift, text)
