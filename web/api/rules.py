"""Types of what an account decides about mail that comes in: its rules, its choices."""
from msgspec import Struct

from web.api.webmail import Summary
from web.api.whole import Whole


class FieldPattern(Struct, frozen=True):
    """A header field, and what one of that name must say; * stands for anything."""

    name: str
    pattern: str


class Rule(Struct, frozen=True):
    """A rule for mail that comes in.

    All conditions must hold, "" and [] ask for nothing.  In `author` (the address in
    From), `sender` (that of MAIL FROM), `recipient` (by which address it came) and
    `list_id` * stands for anything.  `verified` is a domain that stands by the message,
    `network` an address or 192.0.2.0/24.  The message goes to `mailbox_id` (null: where it
    would go anyway) with `marks`, flags and keywords; `lost_mailbox` is the name of the one
    that it filed into, if that is gone (sent back as it is, it is remembered).  `accept`: it is let in whatever else
    is known of it.  `forwarder` and `mailing_list` pass mail on, so DMARC counts for
    nothing; they need `verified` or `network`.  `last`: if it fits, the rules below it are
    not looked at.  `forward` is a confirmed address to forward to, `reply` the text of an
    automatic answer; "" for neither.  `id` is 0 for a new one.
    """

    id: Whole
    name: str
    enabled: bool
    last: bool
    author: str
    sender: str
    recipient: str
    verified: str
    network: str
    list_id: str
    headers: list[FieldPattern]
    mailbox_id: Whole | None
    lost_mailbox: str
    marks: list[str]
    accept: bool
    forwarder: bool
    mailing_list: bool
    forward: str
    reply: str
    version: str = ""


class TriedMessage(Struct, frozen=True):
    """A message that rules fit: where it is now, and their names."""

    message: Summary
    mailbox: str
    rules: list[str]


class RuleTrial(Struct, frozen=True):
    """How many of the newest messages were looked at, how many fit, and the newest of those (at most 200)."""

    examined: int
    fitting: int
    messages: list[TriedMessage]


class Preferences(Struct, frozen=True):
    """What an account chose.

    `junk_filter`: the words of mail count, and are learned; from `threshold` on (0.5 to
    0.999) they alone make junk.  `subject_pass`: a person who is refused may be offered a
    word for the subject that lets the message in.  `reject_days`: how long refused mail is
    kept in Rejects (0: not at all).  `slow_first_time`: strangers without good signs wait
    some seconds.
    """

    junk_filter: bool
    threshold: float
    subject_pass: bool
    reject_days: Whole
    slow_first_time: bool
    version: str = ""


class JunkLessons(Struct, frozen=True):
    """How many messages were called good and junk: by this account, and all together that count for it.

    While an account has called few, everybody's count for it.  The filter says nothing
    (`enough` is false) before there are `least_good` and `least_junk`.
    """

    own_good: int
    own_junk: int
    good: int
    junk: int
    least_good: int
    least_junk: int
    enough: bool
