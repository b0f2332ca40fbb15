"""`pillarbox acme`: what the authority was asked for, and asking it now."""
import json
import select
import sys
from argparse import Namespace

from mta.base.errors import SetupError, TemporaryError
from mta.flow import certificates
from mta.flow.certificates import Wanted
from mta.net import certificates as files
from mta.net.certificates import moment
from mta.store import certificates as standings
from mta.store.certificates import Standing
from workers import control
from workers.commands.paper import Row
from workers.commands.site import Site

#: Seconds that renew waits for the authority.
PATIENCE = 900.0


def status(site: Site, arguments: Namespace) -> int:
    """How each certificate stands with the authority; 1 if something is wrong with one."""
    world = site.world
    acme, asked = world.config.acme, certificates.wanted(world)
    if not acme:
        raise SetupError("no authority is asked for certificates: set directory of [acme]")
    account = world.store.read(lambda db: standings.account(db, acme.directory))
    found = [_row(site, want) for want in asked]
    if arguments.json:
        print(json.dumps(found, indent=1))
    else:
        print(f"authority  {acme.directory}")
        print(f"account    {account.url if account and account.url else 'none yet'}")
        print(f"challenge  {acme.challenge}\n")
        for row in found:
            print(_told(row))
    return 1 if any(row["problem"] or row["left_out"] for row in found) else 0


def _row(site: Site, want: Wanted) -> Row:
    world = site.world
    standing = world.store.read(lambda db: standings.get(db, want.label))
    try:
        facts = files.facts(files.issued(world.config, want.label))
    except SetupError:
        facts = None
    return {
        "label": want.label, "names": list(want.names), "until": facts.until if facts else None,
        "renew": certificates.renew_at(world.config, facts, standing) if facts else None,
        "advised": bool(facts and standing.renew is not None and standing.renew_for == f"{facts.serial:x}"),
        "order": standing.order_url, "failures": standing.failures, "retry": standing.retry or None, "problem": standing.problem,
        "left_out": {
            name: {"problem": out.problem, "failures": out.failures, "retry": out.retry} for name, out in standing.left_out.items()}}


def _told(row: Row) -> str:
    """A certificate for people."""
    lines = [row["label"], f"  wanted   {', '.join(row['names'])}"]
    lines.append(f"  until    {moment(row['until'])}" if row["until"] else "  until    there is none yet")
    if row["renew"]:
        lines.append(f"  renew    {moment(row['renew'])}{', as the authority wants it' if row['advised'] else ''}")
    if row["order"]:
        lines.append(f"  order    {row['order']}, under way")
    if row["problem"]:
        lines.append(f"  problem  {row['problem']} ({row['failures']} in a row; again from {moment(row['retry'] or 0.0)} on)")
    lines += [f"  without  {name}: {out['problem']}" for name, out in row["left_out"].items()]
    return "\n".join([*lines, ""])


def renew(site: Site, arguments: Namespace) -> int:
    """Have certificates renewed now and wait for it; 1 if one could not be."""
    socket = site.config.control_socket
    control.ask(socket, "status")    # without a server nobody would answer the authority
    labels = certificates.ask_again(site.world, tuple(arguments.labels), by=site.by)
    before: dict[str, Standing] = {label: site.world.store.read(lambda db, label=label: standings.get(db, label)) for label in labels}    # type: ignore[misc]
    control.certify(socket)
    until = site.clock.monotonic() + PATIENCE
    while control.ask(socket, "status")["certifying"]:
        if site.clock.monotonic() > until:
            raise TemporaryError(f"the authority is still being asked after {PATIENCE:.0f} seconds; see `pillarbox acme status`")
        select.poll().poll(100)
    found = [_row(site, want) for want in certificates.wanted(site.world) if want.label in before]
    if arguments.json:
        print(json.dumps(found, indent=1))
    else:
        for row in found:
            print(_told(row), file=sys.stderr if row["problem"] else sys.stdout)
    return 1 if any(row["problem"] for row in found) else 0
