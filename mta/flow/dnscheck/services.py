"""Do others find the policy of the domain, do mail programs find their settings, and may our authority issue certificates?

Standards: RFC 8461 (MTA-STS), RFC 2782 and RFC 6186 (SRV), RFC 8659 and RFC 8657 (CAA).
"""
import asyncio

from mta.auth.advice import Finding
from mta.auth.status import Status
from mta.base.names import Domain
from mta.dns.answer import CAA, SRV, Answer, RecordType
from mta.dns.rdata import written
from mta.flow import certificates, clients, ownpolicy, policies, policycheck
from mta.flow.dnscheck.section import Section, Subject, listed
from mta.flow.policies import NoPolicy
from mta.flow.records import issuer_of
from mta.net.https import Https, HttpsError, Place
from mta.secure.mtasts import LABEL, Mode, Policy, parse_record

#: Seconds: a policy that is kept for no longer protects little (RFC 8461 §3.2 wants weeks).
SHORT = 86_400
#: Octets of a page that is looked at.
PAGE = 64 * 1024


async def mta_sts(subject: Subject) -> Section:
    """Whether record, policy and mail hosts fit together, and are what was chosen here."""
    found, chosen = Section("MTA-STS"), ownpolicy.policy(subject.world, subject.row)
    wanted = [one for name in ("mta-sts", LABEL) for kind in ("CNAME", "TXT")
              for one in subject.want(f"{name}.{subject.domain.ascii}", kind)]
    record = await subject.ask(subject.domain.below(LABEL), RecordType.TXT)
    if found.silent(record):
        return found
    there = parse_record(record.texts)
    if chosen is None:
        if there:
            found.error(f"{LABEL}.{subject.domain.ascii} says that there is a policy, but none was chosen here: "
                        "take the record out, or choose one.")
        else:
            found.warn(f"{subject.domain} has no MTA-STS policy: whoever is on the way can keep others from using TLS.")
            found.instructions.append("Choose one for the domain, at first with mode testing.")
        return found
    if there and there.id != ownpolicy.record(chosen).id:
        found.error(f"The policy has changed since its record was written: who has the id {there.id} does not read it again.", *wanted)
    if chosen.mode is Mode.TESTING:
        found.warn("The policy is only tested: mail goes over unprotected connections too. When reports show no failures, choose enforce.")
    if chosen.mode is not Mode.NONE and chosen.max_age <= SHORT:
        found.warn("Others keep the policy for a day or less, so it protects little; a week or more is usual.")
    if subject.means.https is None:
        if there is None:
            found.error(f"There is no usable record at {LABEL}.{subject.domain.ascii}, so nobody looks for the policy.", *wanted)
        return found
    await _fetched(subject, found, subject.means.https, chosen)
    if found.errors:
        found.wants(*wanted)
    return found


async def _fetched(subject: Subject, found: Section, https: Https, chosen: Policy) -> None:
    """The policy as others get it."""
    async def fetch() -> Policy:
        return await policies.fetch(subject.domain, https)

    try:
        examined = await policycheck.examine(subject.domain, subject.means.resolver, fetch)
    except NoPolicy as problem:
        found.error(f"{problem}.")
        return
    for one in examined.findings:
        _note(found, one)
    if examined.policy is not None and examined.policy != chosen:
        found.error(f"Others get another policy than was chosen here: {'; '.join(examined.policy.lines)}.")


def _note(found: Section, one: Finding) -> None:
    text = f"{one.what} {one.mend}".strip()
    match one.status:
        case Status.PASS:
            return
        case Status.TEMPERROR:
            found.unknown.append(text)
        case Status.NEUTRAL:
            if one.method != "policy":      # what the policy itself says was said
                found.warn(text)
        case _:
            found.error(text)


# --- mail programs ------------------------------------------------------------------------------


async def srv(subject: Subject) -> Section:
    """Whether each service record is there, alone, and right."""
    found = Section("Services (SRV)")
    labels = [one for one in clients.srv_records(subject.world.config) if not one.label.startswith("_autodiscover")]
    wanted = [one for one in labels if subject.want(f"{one.label}.{subject.domain.ascii}", "SRV")]
    answers = await asyncio.gather(*(subject.ask(subject.domain.below(one.label), RecordType.SRV) for one in wanted))
    for one, answer in zip(wanted, answers, strict=True):
        _service(subject, found, one, answer)
    return found


def _service(subject: Subject, found: Section, one: clients.Srv, answer: Answer) -> None:
    name = f"{one.label}.{subject.domain.ascii}"
    wanted = subject.want(name, "SRV")
    if found.silent(answer):
        return
    there = [record for record in answer.records if isinstance(record, SRV)]
    fits = [record for record in there if record.host == one.host and (one.host is None or record.port == one.port)]
    if not there:
        found.warn(f"{name} is missing: mail programs {'have to guess' if one.host else 'look for what is not here'}.", *wanted)
    elif not fits:
        complain = found.error if one.host else found.warn
        complain(f"{name} leads to {listed(written(RecordType.SRV, record) for record in there)}, "
                 f"but {'is served at ' + f'{one.host} port {one.port}' if one.host else 'there is no such service here'}.", *wanted)
    elif len(there) > 1:
        found.warn(f"{name} has {len(there)} records; there should be one.", *wanted)


async def autoconfig(subject: Subject) -> Section:
    """Thunderbird's way: autoconfig.DOMAIN leads here and proves its name."""
    found, name = Section("Autoconfig"), subject.domain.below("autoconfig")
    wanted = subject.want(name.ascii, "CNAME")
    if not wanted:
        return found
    four, six = await asyncio.gather(subject.ask(name, RecordType.A), subject.ask(name, RecordType.AAAA))
    if four.temporary and six.temporary:
        found.silent(four)
        return found
    if not await _leads_here(subject, found, name, [four, six], wanted[0].line):
        return found
    await _page(subject, found, name, "/mail/config-v1.1.xml?emailaddress=somebody@" + subject.domain.ascii, None)
    return found


async def autodiscover(subject: Subject) -> Section:
    """Microsoft's way: the SRV record leads to this host, which proves its name."""
    found, name = Section("Autodiscover"), f"_autodiscover._tcp.{subject.domain.ascii}"
    wanted = subject.want(name, "SRV")
    if not wanted:
        return found
    answer = await subject.ask(Domain(name), RecordType.SRV)
    if found.silent(answer):
        return found
    there = [record for record in answer.records if isinstance(record, SRV)]
    port = clients.web_port(subject.world.config)
    if not there:
        found.warn(f"{name} is missing: Outlook does not find its settings.", *wanted)
    elif not any(one.host == subject.host and one.port == port for one in there):
        found.error(f"{name} leads to {listed(written(RecordType.SRV, one) for one in there)}, not to {subject.host} port {port}.", *wanted)
    else:
        await _page(subject, found, subject.host, "/", port)
    return found


async def _leads_here(subject: Subject, found: Section, name: Domain, answers: list[Answer], line: str) -> bool:
    ips = [ip for one in answers for ip in one.addresses]
    foreign = [ip for ip in ips if ip not in subject.ips and not certificates.is_ours(subject.world.config, ip)]
    if not ips:
        # Thunderbird takes no document that names nothing to read from.
        who = "Thunderbird and others do" if subject.world.config.clients.imap else "programs that only send do"
        found.warn(f"{name} is missing: {who} not find their settings.", line)
    elif foreign:
        found.error(f"{name} leads to {listed(foreign)}, not to this server.", line)
    return bool(ips) and not foreign


async def _page(subject: Subject, found: Section, name: Domain, path: str, port: int | None) -> None:
    """Whether a page can be had over TLS that proves the name; what it says is not looked at."""
    if subject.means.https is None:
        return
    try:
        response = await subject.means.https.get(Place(name, path, None if port == 443 else port), most=PAGE)
    except HttpsError as problem:
        found.error(f"{problem}.")
        return
    if response.status >= 400 and path != "/":
        found.error(f"https://{name}{path.partition('?')[0]} answers {response.status}: is another web server there?")


# --- certificates ---------------------------------------------------------------------------------


async def authority(subject: Subject) -> Section:
    """Whether our authority may issue certificates for the names that need them, and others may not."""
    found = Section("Certificate authorities (CAA)")
    names = [subject.host, *certificates.service_names(subject.row)]
    issuer = issuer_of(subject.world.config.acme.directory)
    if not issuer:
        return found
    await asyncio.gather(*(_allowed(subject, found, name, issuer) for name in dict.fromkeys(names)))
    return found


async def _allowed(subject: Subject, found: Section, name: Domain, issuer: str) -> None:
    """One name: the first CAA records up the tree count (RFC 8659 §3)."""
    labels = name.labels
    wanted = subject.want(subject.host.ascii, "CAA")
    for at in range(len(labels)):
        answer = await subject.ask(Domain(".".join(labels[at:])), RecordType.CAA)
        if answer.temporary:
            found.unknown.append(f"The DNS does not say who may issue certificates for {name} ({answer.explained}): then none does.")
            return
        issue = [one for one in answer.records if isinstance(one, CAA) and one.tag.lower() == "issue"]
        if answer.found:
            break
    if name == subject.host:
        found.tests["caa"] = answer.found
    if not answer.found:
        if name == subject.host:
            found.warn(f"Every authority may issue certificates for {name}, to anybody it takes for its owner.", *wanted)
        return
    ours = [one for one in issue if one.value.partition(";")[0].strip().lower() == issuer]
    if issue and not ours:
        found.error(f"The CAA records at {answer.name} do not let {issuer} issue certificates for {name}, which this server asks.", *wanted)
    account = wanted[0].value.partition("accounturi=")[2].rstrip('"') if wanted else ""
    bound = [one for one in ours if "accounturi=" in one.value]
    if account and bound and len(bound) == len(ours) and not any(account in one.value for one in bound):
        found.error(f"The CAA records at {answer.name} let another account of {issuer} have certificates for {name}, not ours.",
                    *wanted)
    elif account and name == subject.host and not bound and ours:
        found.warn(f"Any account at {issuer} may get certificates for {name}; the record can name that of this server.", *wanted)
