"""What DMARC came to for one message, as it is kept until it is reported (RFC 9990 §3.1.1).

Messages that are alike in all that is told here are one row of a report; that is why
nothing in here is particular to one message, and why it is packed always in the same way.
"""
import hashlib
from dataclasses import dataclass
from typing import Any, Final, Self

import cbor2

#: The form of packed evaluations.
VERSION: Final = 1
#: Octets of a digest: two different rows never have the same by chance.
DIGEST: Final = 16


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One row of a report.

    disposition is what became of the message ("none", "quarantine", "reject"), dkim and spf
    whether an aligned identifier passed; reasons are (type, comment) of RFC 9990 §3.1.6,
    for what is not as the policy asks.  The domains are in A-labels, envelope_from is ""
    for the null sender.  dkim_results are (domain, selector, result), spf_results (domain,
    scope, result).
    """

    source_ip: str
    disposition: str
    dkim: bool
    spf: bool
    header_from: str
    envelope_from: str
    envelope_to: str
    reasons: tuple[tuple[str, str], ...] = ()
    dkim_results: tuple[tuple[str, str, str], ...] = ()
    spf_results: tuple[tuple[str, str, str], ...] = ()

    def pack(self) -> bytes:
        """CBOR for dmarc_evaluation.facts; the same for what is equal."""
        return cbor2.dumps([
            VERSION, self.source_ip, self.disposition, self.dkim, self.spf, self.header_from, self.envelope_from, self.envelope_to,
            self.reasons, self.dkim_results, self.spf_results])

    @classmethod
    def unpack(cls, packed: bytes) -> Self | None:
        """What pack() made; None for another version's."""
        version, *facts = cbor2.loads(packed)
        if version != VERSION:
            return None
        *plain, reasons, dkim, spf = facts
        return cls(*plain, _rows(reasons), _rows(dkim), _rows(spf))    # type: ignore[arg-type]  # rows of as many texts as pack() wrote


def digest(packed: bytes) -> bytes:
    """What tells packed evaluations apart."""
    return hashlib.blake2b(packed, digest_size=DIGEST).digest()


def _rows(packed: Any) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row) for row in packed)
