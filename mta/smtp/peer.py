"""What a server says it can do: its answer to EHLO, read once.

Standards: RFC 5321 §4.1.1.1, RFC 1870 (SIZE), RFC 2920 (PIPELINING), RFC 6152 (8BITMIME),
RFC 6531 (SMTPUTF8), RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 8689 (REQUIRETLS),
RFC 9422 (LIMITS).
"""
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

#: RFC 9422 §4: limits that we honour, and the values they may have (RCPTMAX may be below
#: the 100 of RFC 5321 §4.5.3.1.8).
LIMIT_NAMES: Final = ("MAILMAX", "RCPTMAX", "RCPTDOMAINMAX")
#: RFC 5321 §4.5.3.1.8: a server that says nothing takes at least this many.
USUAL_RECIPIENTS: Final = 100
MOST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Offers:
    """The extensions of a server; the defaults are those of one that only knows HELO.

    size is in octets, 0 if it names none; mechanisms are in upper case.  recipients and
    recipient_domains bound one transaction, transactions one connection.
    """

    extended: bool = False
    pipelining: bool = False
    eight_bit: bool = False
    smtputf8: bool = False
    start_tls: bool = False
    requiretls: bool = False
    size: bool = False
    most_octets: int = 0
    mechanisms: frozenset[str] = frozenset()
    transactions: int = MOST
    recipients: int = USUAL_RECIPIENTS
    recipient_domains: int = MOST

    @classmethod
    def read(cls, lines: Iterable[str]) -> Self:
        """The offers in the lines of a positive answer to EHLO, without the first; nonsense is passed over."""
        given: dict[str, list[str]] = {}
        mechanisms: set[str] = set()
        for line in lines:
            # Old servers wrote AUTH=LOGIN, for clients older still.
            keyword, *parameters = line.upper().replace("AUTH=", "AUTH ", 1).split()[:100] or [""]
            if keyword == "AUTH":
                mechanisms.update(parameters)
            given.setdefault(keyword, parameters)
        limits = _limits(given.get("LIMITS", []))
        return cls(
            extended=True, pipelining="PIPELINING" in given, eight_bit="8BITMIME" in given, smtputf8="SMTPUTF8" in given,
            start_tls="STARTTLS" in given, requiretls="REQUIRETLS" in given, size="SIZE" in given,
            most_octets=_number((given.get("SIZE") or ["0"])[0]) or 0, mechanisms=frozenset(mechanisms),
            transactions=limits.get("MAILMAX", MOST), recipients=limits.get("RCPTMAX", USUAL_RECIPIENTS),
            recipient_domains=limits.get("RCPTDOMAINMAX", MOST))


def _limits(parameters: list[str]) -> dict[str, int]:
    """The limits of RFC 9422 §4 that make sense, by name."""
    limits = {}
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        number = _number(value)
        if name in LIMIT_NAMES and number:
            limits[name] = min(number, MOST)
    return limits


def _number(text: str) -> int | None:
    """text as a number; None if it is none.  RFC 1870 §3 allows 20 digits."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 20 else None
