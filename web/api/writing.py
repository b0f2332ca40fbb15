"""Types of writing: what waits for its time, contacts, and what an account chose."""
from msgspec import Struct

from web.api.whole import Whole


class Delayed(Struct, frozen=True):
    """A message that was sent and goes at a time; `copy` is its message in Sent, `to` the first of whom it goes to."""

    id: int
    at: float
    copy: int | None
    subject: str
    to: str


class Contact(Struct, frozen=True):
    """One contact (`id` 0 for a new one); `collected`: nobody wrote it, it was remembered when mail was sent there."""

    id: Whole
    name: str
    addresses: list[str]
    phones: list[str]
    organisation: str
    note: str
    groups: list[str]
    collected: bool


class Imported(Struct, frozen=True):
    """What became of a file of contacts: how many are new, took the place of others, could not be used, and `why` the first could not."""

    added: int
    changed: int
    refused: int
    why: str


class WritingChoices(Struct, frozen=True):
    """What an account chose about writing.

    `undo_seconds`: how long what was sent can be had back (0 to 120).  `write_html`: a new
    message is formatted.  `warn_attachment`, `warn_external`: one is asked before sending if a
    file seems to be missing, if a recipient is outside of one's own domains.  `collect_contacts`:
    whom mail is sent to becomes a contact.
    """

    undo_seconds: Whole
    write_html: bool
    warn_attachment: bool
    warn_external: bool
    collect_contacts: bool
