"""Which functions change nothing: all others of the account's pages and the administration have an entry in the audit log.

A function that is new is taken for a change until its name stands here.  The webmail is
left out, but for what has word of one's mail sent elsewhere: what people do with their mail
is theirs, and its log is `change`.  Signing in
and out is in the log of sign-ins.
"""
from collections.abc import Mapping
from typing import Any, Final

from mta.flow import audit
from mta.store import accounts
from mta.store.connection import Connection
from web.call import Call

ACCOUNT: Final = """
    state login logout sessions programs rules rule_try rule_suggestions preferences junk_lessons app_passwords two_factor sign_ins frozen
    away away_preview away_try time_zones forwards masks persona
"""
ADMIN: Final = """
    state login logout overview sessions domains domain domain_dns domain_check domain_records setup setup_machine accounts account
    aliases account_programs domain_programs queue queue_show queue_source transports hold_rules trace_search trace explain destinations
    destination_history reports report_dmarc report_tls report_names report_asked report_list report_show report_raw sent_reports
    sent_report_list sent_report_preview mask_rules two_factor account_guard sign_ins audit_log
    mail_ways route_trial sts_policies watched_lists watched_lists_look certificates_page log_levels configuration
"""
#: What changes something in the webmail and is in the audit log all the same.
WEBMAIL: Final = frozenset({"push_on", "push_renew", "push_off", "push_choose"})
READS: Final[Mapping[str, frozenset[str]]] = {"account": frozenset(ACCOUNT.split()), "admin": frozenset(ADMIN.split())}


def is_change(app: str, name: str) -> bool:
    """Whether calls of a function are written into the audit log."""
    return name in WEBMAIL if app == "webmail" else app in READS and name not in READS[app]


def begin(call: Call, app: str, name: str, arguments: Mapping[str, Any]) -> int | None:
    """The entry of a change that is about to be made."""
    return audit.begin(call.world, _who(call), str(call.ip), f"{app}/{name}", arguments)


def _who(call: Call) -> str:
    if call.realm == "admin":
        return "admin"
    account = call.account

    def question(db: Connection) -> str:
        row = accounts.get(db, account)
        return row.name if row else f"account {account}"

    return call.world.store.read(question)
