"""Senders who look like somebody one knows, but are not.

A domain is compared with those known (our own, and where mail of the account went) by its
skeleton, in which characters that look alike are the same, and by one letter more, less or
other.  A name is compared with the address behind it.  Nothing is refused for this: it is
said where the message is read.
"""
import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Final

from mta.auth.orgdomain import organization, related
from mta.base.names import Address, Domain

#: Letters that look like those beside them: Cyrillic and Greek as Latin, digits as letters.
ALIKE: Final = str.maketrans(
    "аеорсухіјѕһԁԛԝвнкмтпɡıαοινυτρκχγωη01|ł",
    "aeopcyxijshdqwbhkmtngiaoivutpkxywnolll")
PAIRS: Final = (("rn", "m"), ("vv", "w"), ("-", ""), ("i", "l"))
#: Shorter names are like too many others.
SHORTEST: Final = 5
ADDRESS: Final = re.compile(r"[^\s<>\"'(),;:@]+@((?:[\w-]+\.)+[\w-]{2,})")


def skeleton(name: str) -> str:
    """name with characters replaced by those they look like."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(char)).translate(ALIKE)
    for pair, single in PAIRS:
        plain = plain.replace(pair, single)
    return plain


def resembled(domain: Domain, known: Collection[Domain]) -> Domain | None:
    """The known domain of another owner that domain looks like."""
    if any(related(domain, one) for one in known):
        return None
    own = organization(domain)
    mine, written = skeleton(own.unicode), own.ascii
    for one in known:
        theirs = organization(one)
        long_enough = len(theirs.labels[0]) >= SHORTEST
        if mine == skeleton(theirs.unicode) or (long_enough and _one_step(written, theirs.ascii)) \
                or f".{domain.ascii}".find(f".{theirs.ascii}.") >= 0:
            return one
    return None


def warnings(name: str, address: Address, known: Collection[Domain]) -> Iterator[str]:
    """What to say of a sender with this name, who writes from address."""
    alike = resembled(address.domain, known)
    if alike is not None:
        yield f"{address.domain} looks like {alike}, but it is another domain with another owner."
    said = ADDRESS.search(name)
    if said and not _is(said[1], address.domain):
        yield f"The name says {said[0]}, but the message is from {address}."
    if "xn--" in address.domain.ascii:
        yield f"The domain {address.domain} has letters beyond a to z; it is written {address.domain.ascii} in the DNS."


def _is(text: str, domain: Domain) -> bool:
    try:
        return related(Domain.parse(text), domain)
    except ValueError:
        return False


def _one_step(one: str, other: str) -> bool:
    """Whether a letter more, less, another, or two that changed places make one of the other."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    at = next((place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), min(len(one), len(other)))
    left, right = one[at:], other[at:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
