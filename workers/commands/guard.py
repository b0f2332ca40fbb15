"""Who may sign in and who changed what: `password app …`, `account two-factor`, `account freeze`, `session …`, `signin …`, `audit`."""
from argparse import Namespace
from typing import Any

from mta.base.errors import UserError
from mta.flow import apppasswords, audit, freezing, people, twofactor
from mta.store import accounts, credentials, signins
from mta.store.apppasswords import AppPassword
from mta.store.connection import Connection
from workers.commands.paper import Row
from workers.commands.site import Site

DAY = 86_400.0


def list_app_passwords(site: Site, arguments: Namespace) -> list[Row]:
    """Those of an account."""
    return [_row(one) for one in apppasswords.listing(site.world, _account(site, arguments))]


def add_app_password(site: Site, arguments: Namespace) -> list[Row]:
    """A new one, shown once."""
    world = site.world
    made, text = apppasswords.add(world, _account(site, arguments), arguments.label, arguments.scopes or ("imap", "smtp"),
                                  apppasswords.days_until(world, arguments.last_day), by=site.by)
    return [{"id": made.id, "password": text}]


def revoke_app_password(site: Site, arguments: Namespace) -> None:
    """It opens nothing any more."""
    apppasswords.remove(site.world, _account(site, arguments), arguments.id, by=site.by)


def two_factor(site: Site, arguments: Namespace) -> list[Row]:
    """How it stands, or off."""
    if arguments.admin and arguments.account:
        raise UserError("name an account, or say --admin")
    world = site.world
    if arguments.off:
        if not arguments.admin and not arguments.account:
            raise UserError("name an account, or say --admin")
        twofactor.switch_off(world, None if arguments.admin else _account(site, arguments), by=site.by)
    if arguments.admin:
        return [_factor(site, "admin", None)]
    if arguments.account:
        row = people.get_account(world, arguments.account)
        return [_factor(site, row.name, row.id)]
    return [_factor(site, "admin", None), *(_factor(site, row.name, row.id) for row in people.all_accounts(world))]


def freeze(site: Site, arguments: Namespace) -> None:
    """Stop an account from sending."""
    freezing.freeze(site.world, _account(site, arguments), arguments.reason, by=site.by)


def unfreeze(site: Site, arguments: Namespace) -> list[Row]:
    """Let it send again."""
    return [{"account": arguments.account, "released": freezing.unfreeze(site.world, _account(site, arguments), by=site.by)}]


def frozen(site: Site, arguments: Namespace) -> list[Row]:
    """Who cannot send."""
    return [{"account": name, "since": one.since, "waiting": count, "by": one.by, "reason": one.reason}
            for name, one, count in freezing.listing(site.world)]


def list_sessions(site: Site, arguments: Namespace) -> list[Row]:
    """Who is signed in on the web."""
    world = site.world
    wanted = _account(site, arguments) if arguments.account else None

    def question(db: Connection) -> list[Row]:
        names = {row.id: row.name for row in accounts.all(db)}
        rows = credentials.all_sessions(db, world.clock) if wanted is None else credentials.sessions(db, world.clock, wanted)
        return [{"id": row.id, "account": "admin" if row.account_id is None else names.get(row.account_id, ""), "ip": row.ip,
                 "created": row.created, "used": row.seen, "agent": row.agent} for row in rows]

    return world.store.read(question)


def end_session(site: Site, arguments: Namespace) -> None:
    """Sign a browser out, or all of somebody."""
    if sum(map(bool, (arguments.id, arguments.account, arguments.admin))) != 1:
        raise UserError("give the id of a session, or --account, or --admin")
    world = site.world
    if arguments.id:
        world.store.write_now(lambda db: credentials.end_any_session(db, arguments.id))
        return
    whose = None if arguments.admin else _account(site, arguments)
    world.store.write_now(lambda db: credentials.drop_sessions(db, whose))


def list_sign_ins(site: Site, arguments: Namespace) -> list[Row]:
    """Who signed in, or tried to."""
    world = site.world
    wanted = _account(site, arguments) if arguments.account else None
    names = {signins.ADMIN: "admin", **{row.id: row.name for row in people.all_accounts(world)}}
    rows = signins.ask(world.store, lambda db: signins.listing(
        db, account_id=wanted, limit=arguments.limit, text=arguments.text, failed=True if arguments.failed else None))
    return [{"at": one.latest, "first": one.first, "times": one.times,
             "account": names.get(-1 if one.account_id is None else one.account_id, ""), "name": one.name, "outcome": one.outcome,
             "service": one.service, "mechanism": one.mechanism, "ip": one.ip, "place": one.place,
             "new_place": one.new_place, "app_password": one.credential, "agent": one.agent, "trace": one.trace} for one in rows]


def audit_log(site: Site, arguments: Namespace) -> list[Row]:
    """Who changed what."""
    since = site.clock.timestamp() - arguments.days * DAY if arguments.days else 0.0
    return [{"id": one.id, "at": one.at, "who": one.who, "origin": one.origin, "function": one.function, "outcome": one.outcome,
             "arguments": one.arguments}
            for one in audit.listing(site.world, text=arguments.text, who=arguments.who, since=since, limit=arguments.limit)]


def _account(site: Site, arguments: Namespace) -> int:
    return people.get_account(site.world, arguments.account).id


def _row(one: AppPassword) -> dict[str, Any]:
    return {"id": one.id, "label": one.label, "for": list(one.scopes), "created": one.created, "until": one.expires, "used": one.used,
            "used_from": one.used_from, "used_for": one.used_for}


def _factor(site: Site, name: str, account: int | None) -> Row:
    now = twofactor.standing(site.world, account)
    return {"name": name, "two_factor": now.on, "since": now.since, "recovery_codes": now.codes}
