"""What a check of who is writing came to: the one vocabulary of SPF, DKIM, DMARC, ARC and iprev.

Not every method uses every value.  Standards: RFC 8601 §2.7.
"""
import enum


class Status(enum.Enum):
    """The result of one method; the value is the word that Authentication-Results uses (RFC 8601 §2.7)."""

    NONE = "none"               # there is nothing to check: no record, no signature, no name
    PASS = "pass"               # checked, and in order
    FAIL = "fail"               # checked, and the domain's owner says: not from me
    SOFTFAIL = "softfail"       # SPF: the owner thinks it is not from him, without insisting
    NEUTRAL = "neutral"         # SPF: the owner says nothing about this host; DKIM: cannot be processed
    POLICY = "policy"           # in order, and yet not acceptable to us (RFC 8601 §2.7.1)
    TEMPERROR = "temperror"     # could not be checked now; later may help
    PERMERROR = "permerror"     # cannot be checked until somebody mends something

    @property
    def temporary(self) -> bool:
        """True if asking again later may give another result."""
        return self is Status.TEMPERROR

    def __str__(self) -> str:
        return self.value
