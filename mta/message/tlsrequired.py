"""The field by which a sender says that a message needs no protection (RFC 8689 §3).

"TLS-Required: No" asks servers to deliver the message even where the recipient's own
policy (MTA-STS, DANE) would have them hold it back.
"""
from typing import Final

from mta.message.header import Header

NAME: Final = "TLS-Required"
VALUE: Final = "No"


def is_optional(top: Header) -> bool:
    """Whether the header says so, in the one way that the standard has.

    RFC 8689 §3: there must be no more than one such field, and "No" is all it can say.  Two
    fields, "Yes" and "no, thanks" count for nothing: the field takes protection away, and
    who was misunderstood could not have it back.
    """
    fields = top.all(NAME)
    return len(fields) == 1 and fields[0].unfolded().lower() == VALUE.lower()
