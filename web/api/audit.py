"""The type of the audit log."""
from msgspec import Struct

from web.api.whole import Whole


class AuditEntry(Struct, frozen=True):
    """A change: `who` is "admin", an account or a user of the machine, `origin` an IP address or "command line".

    `function` is a name of the API or the words of a verb, `arguments` are in short and without secrets;
    `outcome` is "ok", the code of an error, or "begun" if the server ended in the middle of it.
    """

    id: Whole
    at: float
    who: str
    origin: str
    function: str
    arguments: str
    outcome: str
