"""Types of imports and exports."""
from typing import Literal

from msgspec import Struct

from web.api.whole import Whole


class Import(Struct, frozen=True):
    """Mail that is brought in from elsewhere.

    `kind`: a file that was uploaded, another server (IMAP), or a path that the administrator
    named on the command line.  `state` is "coming" while the file is on its way: `octets` of
    `size` are here.  `percent` tells how far the rest has come.  `added` are messages that
    are new, `known` those that were here already, `changed` those among them whose flags
    were brought up to date, `skipped` those that could not be taken (`import_skips`).
    """

    id: Whole
    kind: Literal["upload", "imap", "path"]
    source: str
    mailbox: str
    state: Literal["coming", "waiting", "running", "stopped", "done"]
    created: float
    latest: float
    octets: Whole
    size: Whole
    percent: Whole
    added: Whole
    known: Whole
    changed: Whole
    skipped: Whole
    problem: str


class Skip(Struct, frozen=True):
    """Something that could not be taken: where it stands, and why."""

    place: str
    reason: str
