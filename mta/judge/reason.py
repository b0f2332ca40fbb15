"""Why a message is where it is: one thing that counted, as it is shown and kept."""
from collections.abc import Iterable
from dataclasses import dataclass

import cbor2


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that counted.

    text is for the owner of the mailbox, a whole sentence.  weight is more than 0 if it
    speaks for the message, less if against it, 0 if it only informs.  key is a short name
    that stays, like "known-sender".
    """

    text: str
    weight: float = 0.0
    key: str = ""


def in_words(reasons: Iterable[Reason]) -> str:
    """All of them in one line, each with what it weighs: for the journal and the trace."""
    return " ".join(f"{reason.text} ({reason.weight:+.1f})" if reason.weight else reason.text for reason in reasons)


def pack_reasons(reasons: Iterable[Reason]) -> bytes:
    """CBOR for message_detail.reasons; b"" for none."""
    packed = [[reason.key, reason.text, reason.weight] for reason in reasons]
    return cbor2.dumps(packed) if packed else b""


def unpack_reasons(packed: bytes) -> tuple[Reason, ...]:
    """What pack_reasons() made, or a list of texts, as it once was."""
    if not packed:
        return ()
    return tuple(Reason(entry) if isinstance(entry, str) else Reason(entry[1], float(entry[2]), entry[0]) for entry in cbor2.loads(packed))
