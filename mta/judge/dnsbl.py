"""DNS block lists."""
from dataclasses import dataclass

from mta.base.names import Domain


@dataclass(frozen=True, slots=True)
class Listing:
    """A block list that has an address, and what it says of it ("" if nothing)."""

    zone: Domain
    text: str = ""
