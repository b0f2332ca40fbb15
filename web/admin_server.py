"""The administrator's functions about the server itself: policies of others, block lists, certificates, log, configuration."""
from typing import Final, Literal

from mta.auth.status import Status
from mta.base.errors import SetupError, UserError
from mta.config.effective import effective
from mta.flow import blocklists, certificates, hostkeys, loudness, policies
from mta.flow import neighbours as neighbouring
from mta.flow.loudness import USUAL
from mta.flow.ways import ways
from mta.net import certificates as files
from mta.store import certificates as standings
from mta.store import hostkeys as key_rows
from mta.store import policies as policy_rows
from mta.store import ways as way_rows
from mta.store.certificates import Standing
from web.api.server import (
    CertificateAttempt,
    CertificatePage,
    CertificatesPage,
    HostKeyPage,
    ListedAddress,
    LogLevel,
    LookFinding,
    ModuleLogLevel,
    NeighbourDomain,
    NeighbourLook,
    SettingLine,
    StsFetched,
    StsPolicy,
    Verdict,
    WatchedList,
)
from web.call import Call

#: Attempts to get certificates that are shown.
ATTEMPTS: Final = 60
#: How what was found is told to people who know nothing of results of checks.
VERDICTS: Final[dict[Status, Verdict]] = {
    Status.PASS: "good", Status.FAIL: "wrong", Status.PERMERROR: "wrong", Status.TEMPERROR: "not known", Status.NONE: "could be better",
    Status.NEUTRAL: "could be better", Status.SOFTFAIL: "could be better", Status.POLICY: "could be better"}

# --- policies of other domains -------------------------------------------------------------


def sts_policies(call: Call) -> list[StsPolicy]:
    """What is remembered of the MTA-STS policies of other domains, by domain."""
    now = call.world.clock.timestamp()
    return [StsPolicy(
        str(row.domain), str(row.policy.mode) if row.policy else "", row.live(now), list(row.policy.mx) if row.policy else [],
        row.record_id, row.fetched or None, row.valid_until or None, row.used, row.failures, row.problem_text,
        row.paused_until if row.paused_until > now else None) for row in call.world.store.read(policy_rows.all)]


def sts_fetch(call: Call, domain: str) -> StsFetched:
    """Fetch the policy of a domain now; that it cannot be had is an answer too."""
    found = call.wait(policies.refresh(call.world, domain, by=call.by))
    if found.text:
        words = f"It could not be fetched: {found.text}." + (" The one that is known stays." if found.policy else "")
    else:
        words = f"Fetched: {found.policy.mode if found.policy else 'none'}."
    return StsFetched(words, sts_policies(call))


def sts_forget(call: Call, domain: str) -> list[StsPolicy]:
    """Forget what is known of a policy; it is looked for again when mail goes there."""
    policies.forget(call.world, domain, by=call.by)
    return sts_policies(call)


def neighbours(call: Call, text: str = "") -> list[NeighbourDomain]:
    """How the domains took mail that mail went to, by name; only those with `text` in it."""
    return [NeighbourDomain(
        one.domain.unicode, one.seen.starttls if one.seen else None, one.seen.verified if one.seen else "",
        str(one.policy.policy.mode) if one.policy and one.policy.policy else "", one.seen.dnssec if one.seen else None,
        one.seen.dane if one.seen else None, one.seen.requiretls if one.seen else None, one.seen.at if one.seen else None, one.accounts)
        for one in neighbouring.known(call.world, text)]


def neighbour_look(call: Call, domain: str) -> NeighbourLook:
    """Look again how a domain takes mail: its DNS, its policy, its servers' certificates.  Nothing is sent; what is found is remembered."""
    found = call.wait(neighbouring.look(call.world, domain))
    return NeighbourLook(found.usable, [
        LookFinding(part.host, finding.method, VERDICTS[finding.status], finding.what, finding.mend)
        for part in found.parts for finding in part.findings], neighbours(call))


# --- block lists ---------------------------------------------------------------------------


def watched_lists(call: Call) -> list[WatchedList]:
    """The block lists of the configuration as they were last examined, and what they say of our own addresses."""
    known = {one.zone: one for one in blocklists.health(call.world)}
    ours = blocklists.standings(call.world)
    return [WatchedList(
        str(zone), known[zone].problem if zone in known else None, known[zone].at if zone in known else None,
        [ListedAddress(str(one.ip), one.listed) for one in ours if one.zone == zone]) for zone in blocklists.configured(call.world.config)]


def watched_lists_look(call: Call) -> list[WatchedList]:
    """Examine them now."""
    if not blocklists.configured(call.world.config):
        raise UserError("no block list is configured: name some in dnsbl of [judge]")
    call.wait(blocklists.watch(call.world))
    return watched_lists(call)


# --- certificates --------------------------------------------------------------------------


def certificates_page(call: Call) -> CertificatesPage:
    """Every certificate, how it stands with the authority, and the host's keys with their TLSA records."""
    world, acme = call.world, call.world.config.acme
    standing = {row.label: row for row in world.store.read(standings.all)}
    asked = {want.label: want for want in certificates.wanted(world)}
    paths = {files.label_of(world.config, file): str(file) for file, _ in files.served(world.config)}
    found = []
    for one in certificates.status(world):
        facts, stands, want = one.facts, standing.get(one.label, Standing(one.label)), asked.get(one.label)
        found.append(CertificatePage(
            one.label, list(facts.names) if facts else list(want.names) if want else [], facts.issuer if facts else "",
            facts.self_signed if facts else False, facts.since if facts else None, facts.until if facts else None,
            facts.key if facts else "", paths.get(one.label, ""), list(one.ports), one.renew, want is not None, stands.order_url,
            stands.failures, stands.retry or None, list(one.problems)))
    account = world.store.read(lambda db: standings.account(db, acme.directory)) if acme else None
    usage = " ".join(map(str, hostkeys.USAGE))
    keys = [HostKeyPage(row.algorithm, row.state, f"{usage} {row.digest}", row.created, row.listed)
            for row in world.store.read(key_rows.all)]
    return CertificatesPage(acme.directory, account.url if account else "", acme.challenge, found, keys,
                            "" if world.config.local else hostkeys.advice(world), _history(call))


def _history(call: Call) -> list[CertificateAttempt]:
    return [CertificateAttempt(one.at, one.label, one.issuer, list(one.names), one.until, one.problem, one.next)
            for one in call.world.store.read(lambda db: standings.history(db, ATTEMPTS))]


def certificates_renew(call: Call, label: str = "") -> CertificatesPage:
    """Have certificates renewed now (all, or one), whatever their age; the page tells when it is done."""
    try:
        certificates.ask_again(call.world, (label,) if label else (), by=call.by)
    except SetupError as problem:
        raise UserError(str(problem)) from None
    if call.world.certify is not None:
        call.world.certify()
    return certificates_page(call)


def host_keys_next(call: Call) -> CertificatesPage:
    """Make the keys that will follow those in use; their TLSA records belong into the DNS beside the others."""
    hostkeys.make_next(call.world, by=call.by)
    return certificates_page(call)


def host_keys_switch(call: Call, now: bool = False) -> CertificatesPage:
    """Use the next keys from now on.

    user:conflict, with the reason, while senders may not know them yet; `now` switches all the same.
    """
    call.wait(hostkeys.switch(call.world, by=call.by, at_once=now))
    hostkeys.take_up(call.world)
    return certificates_page(call)


# --- log and configuration -----------------------------------------------------------------


def log_levels(call: Call) -> list[ModuleLogLevel]:
    """What is logged of each part of the program."""
    return [ModuleLogLevel(one.module, one.level, one.until) for one in loudness.levels(call.world)]    # type: ignore[arg-type]  # a level


def log_level_set(call: Call, module: str, level: LogLevel, seconds: float = USUAL) -> list[ModuleLogLevel]:
    """Log a part of the program from `level` on for a while, or with "" as the configuration says again."""
    loudness.set_level(call.world, module, level, seconds, by=call.by)
    return log_levels(call)


def configuration(call: Call) -> list[SettingLine]:
    """Every setting in force with where its value comes from; secrets are files and are not shown."""
    world = call.world
    unset: Literal["localserve", "default"] = "localserve" if world.config.local else "default"
    found = [SettingLine(one.name, one.value, "file" if one.line else unset if one.changed else "default", one.line, one.changed, one.help)
             for one in effective(world.config)]
    made = set(world.store.read(lambda db: [row.name for row in way_rows.transports(db)]))
    found += [SettingLine(f"transports.{one.name}", f"{one.host}:{one.port}, {one.tls}", "database", 0, True, "Made at the page Routes.")
              for one in ways(world).transports if one.name in made and one not in world.config.transports]
    return found


FUNCTIONS = (sts_policies, sts_fetch, sts_forget, neighbours, neighbour_look, watched_lists, watched_lists_look, certificates_page,
             certificates_renew, host_keys_next, host_keys_switch, log_levels, log_level_set, configuration)
