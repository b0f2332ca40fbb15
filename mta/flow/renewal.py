"""Getting certificates: what is due is ordered, proven, put in place.

Done by a short-lived process (workers.certifying), since the client is heavy.  All that
must outlive it is in the store: the account, the URL of an order that is under way, when
to try again.  The roles see new files by themselves.

A name that the authority refuses, or that does not lead to us, is left out and the rest
asked for at once: one forgotten DNS record must not end the protection of the others.
The first name of a certificate cannot be left out of the host's.
"""
import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mta.base import tokens
from mta.base.errors import PillarboxError, SetupError
from mta.base.events import Event
from mta.flow import certificates, hostkeys
from mta.flow.certificates import Wanted
from mta.flow.world import World
from mta.net import certificates as files
from mta.net import keys
from mta.net.certificates import HOST, Facts
from mta.net.challenges import Answers, ByHandshake, ByPage, ByRecord, Proof
from mta.net.tls import write_secret
from mta.store import certificates as standings
from mta.store.certificates import Attempt, LeftOut, Standing
from mta.store.connection import Connection

if TYPE_CHECKING:    # it is heavy, and needed only if there is something to ask
    from mta.net.acme import Authority

#: Seconds to the next attempt after so many failures; authorities allow five failed proofs of a name an hour.
WAITS: Final = (600.0, 1_800.0, 3_600.0, 3 * 3_600.0, 6 * 3_600.0, 12 * 3_600.0)
#: Of those, up to so much more, so that not all who failed together come again together.
JITTER: Final = 0.2
#: No order is begun when this process is this old (seconds); the next one goes on.
PATIENCE: Final = 900.0

#: RFC 8555 §7.3.4: a MAC key in base64url.
EAB_KEY: Final = re.compile(r"(?:[A-Za-z0-9_-]{4})*[A-Za-z0-9_-]{2,4}={0,2}")

#: Blocks for so many seconds; and sets or unsets a TXT record (action, name, text).
Wait = Callable[[float], object]
Hook = Callable[[str, str, str], None]


@dataclass(slots=True)
class Round:
    """One run over all certificates; it ends when the authority asks to be left alone."""

    world: World
    wait: Wait
    hook: Hook
    host_keys: dict[str, bytes]
    authority: "Authority | None" = None
    left_alone: bool = False


async def perform(world: World, wait: Wait, hook: Hook) -> list[str]:
    """Renew what is due; says what was done, a line each."""
    config = world.config
    if config.local:
        return []
    said = await asyncio.to_thread(hostkeys.ensure, world.store, world.clock)
    host_keys = hostkeys.current(world.store)
    if not config.tls.certificate:
        said += [f"made a certificate of our own with the {algorithm} key" for algorithm, key in sorted(host_keys.items())
                 if certificates.make_own(config, world.store, algorithm, key, world.clock)]
    if not config.acme:
        return said    # what an authority gave us stays, for the day that somebody takes the setting back
    asked = certificates.wanted(world)
    _forget_others(world, [want.label for want in asked])
    answers = Answers(world.store.directory)
    answers.clear()
    now, began = Round(world, wait, hook, host_keys), world.clock.monotonic()
    for want in asked:
        if now.left_alone or world.clock.monotonic() - began > PATIENCE:
            break
        said += await _one(now, want, answers)
    answers.clear()
    return said


def _forget_others(world: World, labels: list[str]) -> None:
    """What domains no longer need goes: its file, the key of an order, what is remembered."""
    for folder in (files.issued(world.config, "").parent, _pending(world, "").parent):
        for file in folder.glob("*.pem"):
            if file.stem not in (*labels, *HOST):
                file.unlink(missing_ok=True)
    kept = {*labels, *(label for label, _ in certificates.served(world))}
    world.store.write_now(lambda db: standings.forget_others(db, kept))


async def _one(now: Round, want: Wanted, answers: Answers) -> list[str]:
    """Bring one certificate up to date, if it is due."""
    world = now.world
    standing = world.store.read(lambda db: standings.get(db, want.label))
    try:
        standing = await _advised(now, want, standing)
        reason = certificates.why_due(world, want, standing, {name: keys.digest(key) for name, key in now.host_keys.items()})
        if not reason:
            return []
        refused, (names, standing) = standing.left_out, await _acceptable(world, want, standing)
        if not names:
            return []
        facts = await asyncio.to_thread(_order, now, want, names, standing, refused, answers)
        return [f"{want.label}: {', '.join(facts.names)} until {files.moment(facts.until)}"] if facts else [
            f"{want.label}: {world.store.read(lambda db: standings.get(db, want.label)).problem}"]
    except PillarboxError as problem:
        _failed(world, want, standing, str(problem), 0.0)
        return [f"{want.label}: {problem}"]


async def _acceptable(world: World, want: Wanted, standing: Standing) -> tuple[tuple[str, ...], Standing]:
    """The names to ask for now, without those that do not lead to us and those that are held back; none if there is no use in it."""
    at, left_out, names = world.clock.timestamp(), dict[str, LeftOut](), []
    for name in want.names:
        before = standing.left_out.get(name)
        problem = await certificates.misdirected(world, name)
        if problem:
            left_out[name] = LeftOut(problem, 0, at + WAITS[2])    # it is nobody's refusal: once it leads here it is asked for
            if before is None or before.problem != problem:
                world.journal.note(Event.CERTIFICATE_LEFT_OUT, certificate=want.label, name=name, problem=problem)
        elif before is not None and before.failures and before.retry > at and not standing.wanted:
            left_out[name] = before
        else:
            names.append(name)
    if want.label in HOST and want.names[0] in left_out:
        _failed(world, want, standing, f"{want.names[0]}: {left_out[want.names[0]].problem}", 0.0, {})
        return (), standing
    there = _there(world, want)
    if not names or (there and not standing.wanted and set(names) <= set(there.names) and not _time_has_come(world, there, standing)
                     and (want.label not in HOST or there.digest == certificates.key_digests(world).get(want.algorithm))):
        # There is nothing more to be had until the DNS has changed.
        world.store.write_now(lambda db: standings.change(db, want.label, left_out=left_out, retry=at + WAITS[2], wanted=False))
        return (), standing
    world.store.write_now(lambda db: standings.change(db, want.label, left_out=left_out))
    return tuple(names), world.store.read(lambda db: standings.get(db, want.label))


def _there(world: World, want: Wanted) -> Facts | None:
    try:
        return files.facts(files.issued(world.config, want.label))
    except SetupError:
        return None


def _time_has_come(world: World, facts: Facts, standing: Standing) -> bool:
    return world.clock.timestamp() >= certificates.renew_at(world.config, facts, standing)


# --- the authority -------------------------------------------------------------------------


def _authority(now: Round) -> "Authority":
    """The authority, with our account there; made once.  Refused, SetupError."""
    from mta.net.acme import Authority

    if now.authority is None:
        world, acme = now.world, now.world.config.acme
        row = world.store.read(lambda db: standings.account(db, acme.directory))
        if row is None:
            path = f"keys/acme/{tokens.short_id()}.pem"
            file = world.store.directory / path
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_secret(file, keys.make("ec"))
            row = world.store.write_now(lambda db: standings.add_account(db, world.clock, acme.directory, path))
        # Another binding means another account there.
        url = row.url if row.eab_kid == acme.eab_kid else ""
        authority = Authority(
            acme.directory, keys.read(world.store.directory / row.path), url, world.clock, now.wait, acme.ca_file)
        if not url:
            url = authority.register(acme.contact, acme.eab_kid, _eab_key(now))
        elif row.contact != acme.contact:
            authority.tell_contact(url, acme.contact)
        if (url, acme.contact) != (row.url, row.contact):
            world.store.write_now(lambda db: standings.registered(db, acme.directory, url, acme.contact, acme.eab_kid))
        now.authority = authority
    return now.authority


def _eab_key(now: Round) -> str:
    file = now.world.config.acme.eab_key_file
    if file is None:
        return ""
    try:
        text = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise SetupError(f"{file}: cannot be read (setting eab_key_file): {problem}") from None
    if not EAB_KEY.fullmatch(text):
        raise SetupError(f"{file}: is no key as authorities give them, letters and digits of base64url (setting eab_key_file)")
    return text


async def _advised(now: Round, want: Wanted, standing: Standing) -> Standing:
    """standing, after the authority was asked when it wants the certificate renewed, if it is time to ask (RFC 9773 §4)."""
    world, facts = now.world, _there(now.world, want)
    at = world.clock.timestamp()
    # RFC 9773 §4.3: not about one that has ended.
    if facts is None or facts.until <= at or (standing.ask > at and standing.renew_for in ("", f"{facts.serial:x}")):
        return standing
    from mta.net.acme import ASK_AGAIN

    try:
        window = await asyncio.to_thread(lambda: _authority(now).window(facts))
        changes: dict[str, object] = {"ask": window.ask if window else at + ASK_AGAIN, "renew": None, "renew_for": ""}
    except PillarboxError:
        # RFC 9773 §4.3.3: no reason to renew, nor not to.
        changes, window = {"ask": at + ASK_AGAIN}, None
    if window:
        serial, before = f"{facts.serial:x}", standing.renew
        same = standing.renew_for == serial and before is not None and window.start <= before <= window.end
        # RFC 9773 §4.2: a moment by chance within the window; one in the past means now.
        changes |= {"renew": before if same else world.chance.uniform(window.start, window.end), "renew_for": serial}
    world.store.write_now(lambda db: standings.change(db, want.label, **changes))
    return world.store.read(lambda db: standings.get(db, want.label))


def _order(
    now: Round, want: Wanted, names: tuple[str, ...], standing: Standing, refused: Mapping[str, LeftOut], answers: Answers,
) -> Facts | None:
    """Order a certificate for names and put it in place; None if it was refused, which is remembered.  Blocks.

    refused are names that were refused before.
    """
    from mta.net.acme import Refused, certificate_id

    world, left_out = now.world, dict(standing.left_out)
    key = _key(now, want, standing)
    before = _there(world, want)
    for attempt in (1, 2):
        def note(url: str) -> None:
            world.store.write_now(lambda db: standings.change(db, want.label, order_url=url))
        try:
            chain = _authority(now).obtain(
                keys.request(key, names), names, _proof(now, answers), standing.order_url if attempt == 1 else "", note,
                certificate_id(before) if before and before.authority_key else "")
        except Refused as problem:
            if attempt == 1 and "accountDoesNotExist" in str(problem):    # it was forgotten there, or deleted
                world.store.write_now(lambda db: standings.registered(db, world.config.acme.directory, "", "", ""))
                now.authority = None
                continue
            blamed = {name: said for name, said in problem.names.items() if name in names}
            rest = tuple(name for name in names if name not in blamed)
            if attempt == 1 and blamed and rest and not (want.label in HOST and names[0] in blamed):
                for name, said in blamed.items():
                    left_out[name] = _out(world, refused.get(name), said, problem.wait)
                    world.journal.note(Event.CERTIFICATE_LEFT_OUT, certificate=want.label, name=name, problem=said)
                world.store.write_now(lambda db: standings.change(db, want.label, left_out=left_out, order_url=""))
                names = rest
                continue
            now.left_alone = problem.wait > 0
            _failed(world, want, standing, str(problem), problem.wait, {} if problem.goes_on else {"order_url": ""})
            return None
        facts = files.install(files.issued(world.config, want.label), chain, key, names)
        world.store.write_now(lambda db: standings.change(
            db, want.label, order_url="", failures=0, retry=0.0, wanted=False, problem="", renew=None, renew_for="", ask=0.0, alarmed=None))
        _pending(world, want.label).unlink(missing_ok=True)
        _got(world, want.label, facts, left_out)
        world.journal.note(Event.CERTIFICATE_ISSUED, certificate=want.label, names=facts.names, until=files.moment(facts.until))
        return facts
    raise AssertionError("unreachable")


def _got(world: World, label: str, facts: Facts, left_out: Mapping[str, LeftOut]) -> None:
    """Remember a certificate that came, with the names that it lacks."""
    standing = world.store.read(lambda db: standings.get(db, label))
    lacks = "; ".join(f"without {name}: {out.problem}" for name, out in left_out.items() if name not in facts.names)
    attempt = Attempt(world.clock.timestamp(), label, facts.issuer, facts.names, facts.until, lacks,
                      certificates.renew_at(world.config, facts, standing))
    world.store.write_now(lambda db: standings.attempted(db, attempt))


def _key(now: Round, want: Wanted, standing: Standing) -> bytes:
    """The key for an order: the host's own, or that of the order that is under way, or a new one."""
    if want.label in HOST:
        return now.host_keys[want.algorithm]
    file = _pending(now.world, want.label)
    if standing.order_url and file.exists():
        return keys.read(file)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(file, keys.make(want.algorithm))
    return keys.read(file)


def _pending(world: World, label: str) -> Path:
    """Where the key of an order is until there is a certificate with it."""
    return world.store.directory / "keys" / "ordered" / f"{label}.pem"


def _proof(now: Round, answers: Answers) -> Proof:
    """How names are proven, as configured."""
    match now.world.config.acme.challenge:
        case "http-01":
            return ByPage(answers)
        case "tls-alpn-01":
            return ByHandshake(answers, now.world.clock)
        case "dns-01":
            return ByRecord(now.hook)


def _out(world: World, before: LeftOut | None, said: str, wait: float) -> LeftOut:
    failures = before.failures + 1 if before else 1
    return LeftOut(said, failures, world.clock.timestamp() + _pause(world, failures, wait))


def _pause(world: World, failures: int, wait: float) -> float:
    """Seconds until the next attempt, not less than the authority asks for."""
    usual = WAITS[min(failures, len(WAITS)) - 1]
    return max(wait, usual * world.chance.uniform(1.0, 1.0 + JITTER))


def _failed(world: World, want: Wanted, standing: Standing, problem: str, wait: float, also: dict[str, object] | None = None) -> None:
    """Remember a failure, and when to try again."""
    failures = standing.failures + 1
    retry = world.clock.timestamp() + _pause(world, failures, wait)
    attempt = Attempt(world.clock.timestamp(), want.label, world.config.acme.directory, want.names, None, problem, retry)

    def change(db: Connection) -> None:
        standings.change(db, want.label, failures=failures, retry=retry, wanted=False, problem=problem, **(also or {}))
        standings.attempted(db, attempt)
    world.store.write_now(change)
    world.journal.note(
        Event.CERTIFICATE_FAILED, certificate=want.label, names=want.names, problem=problem, retry=files.moment(retry))
