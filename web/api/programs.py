"""Types of the settings that people type into mail programs."""
from typing import Literal

from msgspec import Struct


class ProgramService(Struct, frozen=True):
    """Where a program connects: `tls` "implicit" begins at once, "starttls" after a command."""

    protocol: Literal["imap", "smtp"]
    host: str
    port: int
    tls: Literal["implicit", "starttls"]


class ProgramSettings(Struct, frozen=True):
    """What is typed into a mail program, of each protocol the best first.

    `addresses` are the user names that work (of a domain: none, it is everybody's own
    address).  `webmail` is its URL, "" if it is not offered to the outside.  `no_profile`
    says why there are no profiles for Apple's programs, "" if there are; `signer` is the name
    that they are signed with, "" if they are not.
    """

    addresses: list[str]
    services: list[ProgramService]
    webmail: str
    imap: bool
    no_profile: str
    signer: str


class ProfileLink(Struct, frozen=True):
    """A link to a profile for one use within `seconds`, and the same as a QR code (SVG)."""

    url: str
    code: str
    seconds: int
