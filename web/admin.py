"""The administration: its own session, the overview, and the table of all its functions.

The rest is in admin_people.py (domains and accounts), admin_setup.py (the way to a first letter), admin_mail.py (queue and trace),
admin_reports.py (reports of others) and admin_sent.py (reports to others).
"""
import shutil
from typing import Final

from mta import VERSION
from mta.base.errors import NotFound, TemporaryError
from mta.flow import blocklists, certificates, freezing, health, nightly, people, settling, sources
from mta.flow import setup as first_steps
from mta.flow import trace as tracing
from mta.store import accounts as account_rows
from mta.store import credentials
from mta.store import domains as domain_rows
from mta.store import queue as queue_rows
from mta.store.connection import Connection
from web import admin_audit, admin_guard, admin_keeping, admin_masks, admin_server, admin_ways
from web.account import signed_in
from web.admin_destinations import destination_history, destinations, explain
from web.admin_mail import (
    hold_rule_add,
    hold_rule_remove,
    hold_rules,
    queue,
    queue_all,
    queue_drop,
    queue_hold,
    queue_release,
    queue_retry,
    queue_schedule,
    queue_show,
    queue_source,
    queue_tls,
    queue_transport,
    trace,
    trace_line,
    trace_search,
    transports,
)
from web.admin_people import (
    account,
    account_add,
    account_change,
    account_password,
    account_remove,
    accounts,
    address_add,
    address_remove,
    alias_add,
    alias_change,
    alias_remove,
    aliases,
    dkim_give_up,
    dkim_look,
    dkim_remove,
    dkim_rotate,
    dkim_signing,
    domain,
    domain_add,
    domain_change,
    domain_check,
    domain_dns,
    domain_policy,
    domain_remove,
    domains,
)
from web.admin_reports import (
    report_asked,
    report_dmarc,
    report_host_address,
    report_list,
    report_names,
    report_raw,
    report_remove,
    report_show,
    report_tls,
    reports,
)
from web.admin_sent import (
    sent_report_allow,
    sent_report_forget,
    sent_report_list,
    sent_report_preview,
    sent_report_remove,
    sent_report_send,
    sent_report_suppress,
    sent_reports,
)
from web.admin_setup import domain_records, setup, setup_machine, setup_send
from web.api.account import SignedIn
from web.api.admin import AdminState, BlockList, HealthLine, Overview, RoleState
from web.call import Call
from web.programs import account_programs, domain_programs
from web.rpc import make_api

#: Octets of free disk below which the overview warns.
LITTLE_ROOM: Final = 1024**3
#: Events that the overview shows.
RECENT: Final = 30


def state(call: Call) -> AdminState:
    """Whether the administrator is signed in in this browser.  Works without a session and without a CSRF token."""
    return AdminState(call.session is not None, call.session.csrf if call.session else "", call.world.config.hostname.unicode, VERSION)


def login(call: Call, password: str, code: str = "") -> AdminState:
    """Sign in with the administrator's password; sets the cookie.

    user:notAllowed if it is wrong, user:tooMany after too many tries, user:codeWanted if it takes
    the `code` of an authenticator, or a recovery code, as well.
    """
    call.house.guard.check_admin(call.client, password, code)
    call.enter(None)
    return state(call)


def logout(call: Call) -> None:
    """End this session."""
    call.leave()


def password(call: Call, old: str, new: str) -> AdminState:
    """Change the administrator's password; the other administrator sessions end, and this one gets a new token."""
    call.house.guard.check_again(call.client, None, old)
    people.set_admin_password(call.world, new, by=call.by)
    call.enter(None)
    return state(call)


def sessions(call: Call) -> list[SignedIn]:
    """All browsers that are signed in, to accounts and to the administration (account ""), the last used first."""
    def question(db: Connection) -> list[SignedIn]:
        names = {row.id: row.name for row in account_rows.all(db)}
        rows = credentials.all_sessions(db, call.world.clock)
        return [signed_in(call, row, names.get(row.account_id or 0, "")) for row in rows]

    return call.world.store.read(question)


def session_end(call: Call, id: int) -> None:
    """Sign one browser out."""
    def change(db: Connection) -> None:
        found = next((row for row in credentials.all_sessions(db, call.world.clock) if row.id == id), None)
        if found is None:
            raise NotFound("This session has ended already.")
        credentials.end_session(db, found.account_id, id)

    call.world.store.write_now(change)


def overview(call: Call) -> Overview:
    """The state of the server."""
    world = call.world
    roles, problem, old = _roles(call)

    def question(db: Connection) -> tuple[int, int, queue_rows.Totals]:
        return len(domain_rows.all(db)), len(account_rows.all(db)), queue_rows.totals(db, world.clock)

    domain_count, account_count, totals = world.store.read(question)
    events = [trace_line(step) for step in tracing.recent(world, limit=RECENT)]
    return Overview(
        world.config.hostname.unicode, VERSION, world.clock.timestamp(), roles, problem, domain_count, account_count, totals.recipients,
        totals.held, totals.oldest, _warnings(call, roles), events, _block_lists(call), _health(call, roles, problem, old))


def _health(call: Call, roles: list[RoleState], problem: str, old: float) -> list[HealthLine]:
    """Every part of the server, the processes first."""
    unready = [role.role for role in roles if not role.ready]
    first = health.processes(unready, problem, sum(role.restarts for role in roles), sum(role.memory for role in roles), old)
    return [HealthLine(line.topic, line.state, line.summary, list(line.todo), line.page) for line in (first, *health.lines(call.world))]


def _block_lists(call: Call) -> list[BlockList]:
    """The configured lists, as they were last examined."""
    known = {one.zone: one for one in blocklists.health(call.world)}
    return [BlockList(str(zone), known[zone].problem, known[zone].at) if zone in known else BlockList(str(zone), "", None)
            for zone in blocklists.configured(call.world.config)]


def _roles(call: Call) -> tuple[list[RoleState], str, float]:
    """What the supervisor says of its processes, or why it says nothing; and how many seconds ago it said that."""
    try:
        told = call.house.status()
    except TemporaryError as problem:
        return [], str(problem), 0.0
    old: float = told["old"]
    return [
        RoleState(role["role"], role["number"], role["pid"] or 0, role["ready"], role["uptime"] + old, role["memory"], role["falls"])
        for role in told["roles"]], "", old


def _warnings(call: Call, roles: list[RoleState]) -> list[str]:
    """What the administrator should look at."""
    found = [f"The process {role.role} does not answer." for role in roles if not role.ready]
    free = shutil.disk_usage(call.world.store.directory).free
    if free < LITTLE_ROOM:
        found.append(f"The disk has only {free // 2**20} MiB left; without room no mail is accepted.")
    unfinished = settling.unfinished(call.world, people.all_domains(call.world))
    found += [f"{name} is not set up yet: Set up says what is left." for name in unfinished]
    for look in (first_steps.lacking, freezing.problems, certificates.problems, nightly.problems, sources.problems, blocklists.problems):
        found += look(call.world)
    return found


ADMIN = make_api(
    "admin", "Administration",
    open=(state, login),
    closed=(logout, overview, password, sessions, session_end, domains, domain, domain_add, domain_change, domain_policy, domain_remove,
            domain_dns, domain_check, domain_records, setup, setup_machine, setup_send,
            dkim_signing, dkim_rotate, dkim_look, dkim_give_up, dkim_remove,
            accounts, account, account_add, account_change, account_remove, account_password, address_add, address_remove,
            aliases, alias_add, alias_change, alias_remove, account_programs, domain_programs,
            queue, queue_show, queue_source, transports, queue_retry, queue_hold, queue_release, queue_drop, queue_transport,
            queue_tls, queue_schedule, queue_all, hold_rules, hold_rule_add, hold_rule_remove,
            trace_search, trace, explain, destinations, destination_history,
            reports, report_host_address, report_dmarc, report_tls, report_names, report_asked,
            report_list, report_show, report_raw, report_remove,
            sent_reports, sent_report_list, sent_report_preview, sent_report_send, sent_report_forget, sent_report_remove,
            sent_report_suppress, sent_report_allow, *admin_masks.FUNCTIONS, *admin_ways.FUNCTIONS,
            *admin_server.FUNCTIONS, *admin_guard.FUNCTIONS, *admin_audit.FUNCTIONS, *admin_keeping.FUNCTIONS),
)
