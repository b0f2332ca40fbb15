"""What is thought of a sender, from what people did with earlier mail."""
import enum
from dataclasses import dataclass


class Leaning(enum.Enum):
    """Which way it goes."""

    GOOD = "good"
    BAD = "bad"
    MIXED = "mixed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What earlier mail says of the sender, and of the network it came from."""

    sender: Leaning = Leaning.UNKNOWN
    network: Leaning = Leaning.UNKNOWN


NO_OPINION = Opinion()
