"""One row of the table of causes (mta.report.causes)."""
from dataclasses import dataclass
from typing import Literal

#: Who can mend it: the administrator here, the people at the other side, the sender, or nobody needs to.
Side = Literal["here", "there", "sender", "nobody"]


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause: name is for programs, what and todo are for the sender, step for the administrator of this server.

    fits are regular expressions for "CODE ENHANCED TEXT" in lower case, of which one has to
    be found; hosts are endings of names of mail hosts, of which one has to fit if there are
    any (or, where the host is not known, mark has to be found in the text).
    """

    name: str
    title: str
    side: Side
    what: str
    todo: str
    step: str
    link: str
    fits: tuple[str, ...]
    hosts: tuple[str, ...] = ()
    mark: str = ""
