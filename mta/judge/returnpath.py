"""Return paths of mail that we forward: the sender rewriting scheme.

A server that passes a message on may not send in its sender's name (SPF), so the message
leaves with a return path of ours:

    SRS0=<mark><account>=<day>=<domain>=<local part>@ours     for a sender local part@domain
    SRS1=<mark><account>=<day>=<domain>==<rest>@ours          for one that was rewritten already

The mark is an HMAC-SHA-256 over all that follows it, in lower case, since servers on the
way may change case.  It says that we wrote it, and the day when: after 21 days it is void.
What comes back to it is for the account whose forwarding it was, which keeps a copy of
each message; nothing is ever sent on from here.  So what stands behind the day is only
for people to read, and is cut where a local part has no more room (RFC 5321 §4.5.3.1.1).
"""
import hashlib
import hmac
import re
from typing import Final

from mta.base.names import Address, Domain
from mta.base.tokens import BASE32

DAY: Final = 86_400
#: Days that a return path is good for; queues give up after five.
GOOD_FOR: Final = 21
#: Days are counted in this circle: two characters.
CIRCLE: Final = 1_024
#: Characters of the mark, 5 bits each.
MARK: Final = 8
FORM: Final = re.compile(rf"(srs[01])=([{BASE32}]{{{MARK}}})([{BASE32}]+)=([{BASE32}]{{2}})=(.*)", re.IGNORECASE)
REWRITTEN: Final = re.compile(r"srs([01])[=+-]", re.IGNORECASE)
#: RFC 5321 §4.5.3.1.1.
ROOM: Final = 64


def make(key: bytes, sender: Address, account: int, at: Domain, now: float) -> Address:
    """The return path for a message of sender that account forwards from a domain of ours."""
    found = REWRITTEN.match(sender.localpart)
    if not found:
        kind, origin = "SRS0", f"{sender.domain.ascii}={sender.localpart}"
    elif found[1] == "1":    # the one who rewrote it first stays the one who is named
        kind, origin = "SRS1", sender.localpart[5:].partition("=")[2] or sender.localpart[5:]
    else:
        kind, origin = "SRS1", f"{sender.domain.ascii}={sender.localpart[4:]}"
    day = int(now) // DAY % CIRCLE
    rest = f"{_text(account)}={BASE32[day >> 5]}{BASE32[day & 31]}="
    room = ROOM - len(kind) - 1 - MARK
    rest = (rest + origin).encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
    return Address(f"{kind}={_mark(key, kind + rest)}{rest}", at)


def account_of(key: bytes, address: Address, now: float) -> int | None:
    """The account whose forwarding a return path is for; None if we did not write it, or too long ago."""
    found = FORM.fullmatch(address.localpart)
    if found is None:
        return None
    kind, mark, account, day, origin = found.groups()
    if not hmac.compare_digest(mark.lower().encode(), _mark(key, f"{kind}{account}={day}={origin}").encode()):
        return None
    written = BASE32.index(day[0].lower()) << 5 | BASE32.index(day[1].lower())
    age = (int(now) // DAY - written) % CIRCLE
    return _number(account) if age <= GOOD_FOR else None


def is_one(address: Address) -> bool:
    """Whether an address looks like such a return path, ours or somebody's."""
    return REWRITTEN.match(address.localpart) is not None


def loop_mark(key: bytes, account: int) -> str:
    """What a message bears that an account has forwarded; nobody else can write it, so nobody can keep it from being forwarded."""
    return _mark(key, f"loop {account}", 16)


def _mark(key: bytes, text: str, characters: int = MARK) -> str:
    number = int.from_bytes(hmac.digest(key, text.lower().encode("utf-8", "surrogatepass"), hashlib.sha256), "big")
    return "".join(BASE32[number >> 5 * place & 31] for place in range(characters))


def _text(number: int) -> str:
    digits = ""
    while number or not digits:
        digits = BASE32[number & 31] + digits
        number >>= 5
    return digits


def _number(digits: str) -> int:
    number = 0
    for digit in digits.lower():
        number = number << 5 | BASE32.index(digit)
    return number
