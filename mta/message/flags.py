"""Flags of a message in a mailbox (RFC 9051 §2.3.2 and the IANA keyword registry)."""
import enum


class Flags(enum.IntFlag):
    """System flags and the keywords every client knows, as stored in one integer."""

    NONE = 0
    SEEN = 1
    ANSWERED = 2
    FLAGGED = 4
    DELETED = 8
    DRAFT = 16
    FORWARDED = 32
    JUNK = 64
    NOT_JUNK = 128
    MDN_SENT = 256
    PHISHING = 512


#: The names IMAP and our own API use.
NAMES: dict[Flags, str] = {
    Flags.SEEN: "\\Seen", Flags.ANSWERED: "\\Answered", Flags.FLAGGED: "\\Flagged",
    Flags.DELETED: "\\Deleted", Flags.DRAFT: "\\Draft", Flags.FORWARDED: "$Forwarded",
    Flags.JUNK: "$Junk", Flags.NOT_JUNK: "$NotJunk", Flags.MDN_SENT: "$MDNSent", Flags.PHISHING: "$Phishing",
}
BY_NAME = {name.lower(): flag for flag, name in NAMES.items()}


def names(flags: Flags | int) -> list[str]:
    """The names of the flags that are set, in a fixed order."""
    return [name for flag, name in NAMES.items() if flags & flag]
