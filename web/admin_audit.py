"""The administrator's view of the audit log; mta.flow.audit writes it."""
from mta.flow import audit
from web.api.audit import AuditEntry
from web.call import Call

PAGE = 100


def audit_log(call: Call, text: str = "", before: int | None = None) -> list[AuditEntry]:
    """Who changed what: the newest 100 in which all words of text are, or those before an id."""
    return [AuditEntry(one.id, one.at, one.who, one.origin, one.function, one.arguments, one.outcome)
            for one in audit.listing(call.world, before=before, limit=PAGE, text=text)]


FUNCTIONS = (audit_log,)
