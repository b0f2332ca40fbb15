"""What DMARC came to for one message, as it is kept until it is reported (RFC 9990 §3.1.1.7).

Messages that are alike in all that is told here are one row of a report; that is why
nothing in here is particular to one message, and why it is packed always in the same way.

Read on: mta.report.aggregate has the report that it gets into.
"""
import hashlib
from dataclasses import dataclass
from typing import Final, Self

import cbor2

from mta.base.names import ip_address
from mta.report.aggregate import DkimSeen, Override, Row, SpfSeen

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
    result): what was asked for the sender, which for the null sender is
    the name in HELO.
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
    spf_results: tuple[tuple[str, str], ...] = ()

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
        return cls(*plain, *(tuple(map(tuple, rows)) for rows in (reasons, dkim, spf)))


    def row(self, count: int) -> Row:
        """The row of a report in which count messages were like this."""
        return Row(
            ip_address(self.source_ip), count, self.disposition, _result(self.dkim), _result(self.spf), self.header_from,
            self.envelope_from, self.envelope_to, tuple(Override(*reason) for reason in self.reasons),
            tuple(DkimSeen(*seen) for seen in self.dkim_results), tuple(SpfSeen(*seen) for seen in self.spf_results))


def digest(packed: bytes) -> bytes:
    """What tells packed evaluations apart."""
    return hashlib.blake2b(packed, digest_size=DIGEST).digest()


def _result(passed: bool) -> str:
    return "pass" if passed else "fail"
