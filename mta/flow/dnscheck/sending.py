"""May this server send in the name of the domain, and do others know what to do with what is forged?

Standards: RFC 7208 (SPF), RFC 6376 (DKIM), RFC 9989 and RFC 9990 (DMARC), RFC 8460 (TLSRPT).
"""
import asyncio
from collections.abc import Sequence

from mta.auth import dkimkey, orgdomain, reportaddress, spf, spfrecord
from mta.auth.advice import sentence
from mta.auth.dmarcrecord import Policy
from mta.auth.reportaddress import Refused
from mta.auth.spf import SpfResult
from mta.auth.status import Status
from mta.auth.treewalk import Questions, walk
from mta.base.names import Address, Domain, IPAddress
from mta.dns.answer import RecordType
from mta.flow import certificates, people, published, relaying, survey, ways
from mta.flow.dnscheck.section import Section, Subject, listed
from mta.flow.records import Record, addresses, dkim_record
from mta.secure import tlsrpt
from mta.store import reportaddresses
from mta.store.domains import DkimKeyRow

#: RFC 8301 §3.2: shorter RSA keys are believed, for now.
GOOD_BITS = 2_048
#: Addresses of this host that are tried.
ADDRESSES = 8


async def spf_records(subject: Subject) -> Section:
    """One record for the domain and one for the host, which let in each of our addresses."""
    found = Section("SPF")
    ips = list(dict.fromkeys([*addresses(subject.world.config),
                              *(ip for ip in subject.ips if certificates.is_ours(subject.world.config, ip))]))[:ADDRESSES]
    names = list(dict.fromkeys([subject.domain, subject.host]))
    await asyncio.gather(*(_spf(subject, found, name, ips) for name in names))
    return found


async def _spf(subject: Subject, found: Section, name: Domain, ips: list[IPAddress]) -> None:
    answer = await subject.ask(name, RecordType.TXT)
    if found.silent(answer):
        return
    texts = [one for one in answer.texts if spfrecord.is_spf(one)]
    wanted = [one for one in subject.want(name.ascii, "TXT") if "v=spf1" in one.value.lower()]
    if name == subject.domain:
        found.tests["spf"] = len(texts) == 1
        found.tests["spf_policy"] = len(texts) == 1 and texts[0].lower().split()[-1] in ("-all", "~all")
    whose = "" if name == subject.domain else ", the name of this host,"
    if not texts:
        found.error(f"{name}{whose} has no SPF record: others cannot see that this server may send in its name.", *wanted)
        return
    if len(texts) > 1:
        found.error(f"{name} has {len(texts)} SPF records, so none counts (RFC 7208 §4.5). Put one in their place.", *wanted)
        return
    results = await asyncio.gather(*(
        spf.check_host(ip, name.ascii, f"postmaster@{name.ascii}", subject.means.resolver, hello=subject.host.ascii, receiver=subject.host,
                       now=subject.world.clock.timestamp()) for ip in ips))
    for ip, result in zip(ips, results, strict=True):
        _spf_result(found, name, ip, result, wanted)
    if not ips:
        found.unknown.append(f"Which addresses this server sends from is not known, so the SPF record of {name} was not tried.")
    if name == subject.domain:
        await _relay(subject, found, texts, wanted)
    last = texts[0].lower().split()[-1]
    if last in ("+all", "all"):
        found.error(f"The SPF record of {name} ends in {last}: everybody may send in its name. Let it end in -all.", *wanted)
    elif last == "?all" or not (last.endswith("all") or "redirect=" in texts[0].lower()):
        found.warn(f"The SPF record of {name} says nothing about other servers than those it names. Let it end in -all.", *wanted)


async def _relay(subject: Subject, found: Section, texts: Sequence[str], wanted: Sequence[Record]) -> None:
    """Whether the server that mail goes out through may send: by name, or by the addresses at which it takes mail."""
    relay = relaying.relay(ways.ways(subject.world), subject.domain)
    if relay is None or relaying.names(texts, relay.host):
        return
    host, _ = survey.reached(relay.host, relay.port)
    ips = (await survey.addresses_of(host, subject.means.resolver))[0] if isinstance(host, Domain) else [host]
    results = await asyncio.gather(*(
        spf.check_host(ip, subject.domain.ascii, f"postmaster@{subject.domain.ascii}", subject.means.resolver, hello=relay.host,
                       receiver=subject.host, now=subject.world.clock.timestamp()) for ip in ips[:ADDRESSES]))
    if not any(result.status is Status.PASS for result in results):
        found.error(f"Mail of {subject.domain} goes out through {relay.host}, which its SPF record does not let send.", *wanted)


def _spf_result(found: Section, name: Domain, ip: IPAddress, result: SpfResult, wanted: Sequence[Record]) -> None:
    match result.status:
        case Status.PASS:
            return
        case Status.TEMPERROR:
            found.unknown.append(f"SPF of {name} for {ip}: {result.problem}.")
        case Status.PERMERROR:
            found.error(f"The SPF record of {name} counts for nothing: {result.problem}.", *wanted)
        case _:
            term = f" by {result.mechanism}" if result.mechanism else ""
            found.error(f"The SPF record of {name} does not let {ip} send, which is an address of this server ({result.status}{term}). "
                        f"Name it, for example as ip{ip.version}:{ip}.", *wanted)


# --- DKIM ------------------------------------------------------------------------------------


async def dkim_records(subject: Subject) -> Section:
    """A record for each key, with our key in it."""
    found = Section("DKIM")
    await asyncio.gather(*(_key(subject, found, number, key) for number, key in enumerate(subject.row.dkim)))
    signing = {key.algorithm for key in subject.row.dkim if key.signing}
    if not signing:
        found.error(f"Mail of {subject.domain} is not signed: no key of it is in use. Switch one on.")
    elif "rsa" not in signing:
        found.warn("Mail is signed with Ed25519 alone, which many receivers do not know. Sign with RSA too.")
    if not any(key.algorithm == "ed25519" for key in subject.row.dkim):
        found.warn(f"{subject.domain} has no Ed25519 key, which is shorter and stronger than RSA.")
    return found


async def _key(subject: Subject, found: Section, number: int, key: DkimKeyRow) -> None:
    name, published_text = people.dkim_record(subject.row, key)
    record = dkim_record(subject.row, number)
    answer = await subject.ask(name, RecordType.TXT)
    if found.silent(answer):
        return
    found.tests.setdefault("dkim", False)
    complain = found.error if key.signing else found.warn
    if not answer.found:
        complain(f"The key {key.selector} is not in the DNS: " + ("the signatures of your mail count for nothing." if key.signing else
                                                                  "publish its record before it is used."), record)
        return
    if len(answer.texts) > 1:
        found.warn(f"{name} has {len(answer.texts)} TXT records; receivers may take the wrong one. There should be one.", record)
    problems = []
    for one in answer.texts[:4]:
        try:
            there, ours = dkimkey.read(one), dkimkey.read(published_text)
        except dkimkey.BadKey as problem:
            problems.append(f"The record at {name} cannot be used: {problem}.")
            continue
        if there.key != ours.key:
            problems.append(f"The record at {name} has another key than this server signs with.")
            continue
        found.tests["dkim"] = True
        if there.testing:
            found.warn(f"The record at {name} says that the key is only tested (t=y), so its signatures count for little.", record)
        if there.kind == "rsa" and there.bits < GOOD_BITS:
            found.warn(f"The key {key.selector} has {there.bits} bits; {GOOD_BITS} are usual.")
        return
    for text in dict.fromkeys(problems):
        complain(text, record)


# --- DMARC and reports -------------------------------------------------------------------------


async def dmarc_record(subject: Subject) -> Section:
    """A policy that protects the name, and reports that arrive."""
    found, domain = Section("DMARC"), subject.domain
    chosen = subject.world.store.read(lambda db: reportaddresses.of_domain(db, subject.row.id)).dmarc
    wanted = subject.want(f"_dmarc.{domain.ascii}", "TXT")
    async with asyncio.TaskGroup() as group:
        walked = await walk(domain, Questions(subject.means.resolver, group))
    if walked.trouble:
        found.unknown.append(sentence(walked.trouble))
        return found
    policy = walked.policy
    found.tests["dmarc"] = policy is not None and policy.record.usable
    found.tests["dmarc_policy"] = policy is not None and policy.record.usable and (
        policy.record.policy if policy.domain == domain else policy.record.below(exists=True)[0]) is not Policy.NONE
    if policy is None:
        found.error(sentence(walked.problem or f"{domain} has no DMARC record: anybody can write in its name"), *wanted)
        return found
    record, own = policy.record, policy.domain == domain
    if walked.problem:
        found.error(f"{walked.problem}.", *wanted)
    if not own:
        found.warn(f"{domain} has no DMARC record of its own; that of {policy.domain} counts.", *wanted)
    effective, tag = (record.policy, "p") if own else record.below(exists=True)
    if not record.usable:
        found.error(f"The DMARC record of {policy.domain} asks for nothing that can be done.", *wanted)
    elif effective is Policy.NONE:
        found.warn(f"{tag}=none: forged mail is delivered all the same. When reports show that all that is yours passes, raise it to "
                   f"{tag}=quarantine, then {tag}=reject.", *(_raised(one) for one in wanted))
    elif own and record.subdomains is Policy.NONE:
        found.warn("sp=none: mail in the name of anything below the domain is delivered however forged. Leave sp out, or raise it.")
    if record.testing:
        found.warn("t=y: the policy is only tested, and mail is treated one step milder.")
    for text in record.problems:
        found.warn(f"The DMARC record has a mistake: {text}.", *wanted)
    await _dmarc_reports(subject, found, chosen, policy.domain)
    if not record.rua:
        found.warn("The record asks for no reports (rua), so nobody tells you of mail in your name, forged or yours.", *wanted)
    elif chosen and not published.names(chosen, record.rua):
        found.error(f"Reports are not sent to {chosen}, as was chosen here: the record does not name it.", *wanted)
    for one in await reportaddress.addressees(policy.domain, record, subject.means.resolver):
        if isinstance(one, Refused):
            (found.unknown.append if one.temporary else found.warn)(f"{one.asked.uri} gets no reports: {one.why}.")
    return found


async def _dmarc_reports(subject: Subject, found: Section, chosen: Address | None, policy_domain: Domain) -> None:
    """Whether the domain of an address of another organisation agrees."""
    if chosen is None or orgdomain.related(policy_domain, chosen.domain):
        return
    agreement = subject.want(f"{subject.domain.ascii}._report._dmarc.{chosen.domain.ascii}", "TXT")
    for record in agreement:
        answer = await subject.ask(Domain(record.name.rstrip(".")), RecordType.TXT)
        if not found.silent(answer) and not any(one.startswith("v=DMARC1") for one in answer.texts):
            found.error(f"{chosen.domain} does not agree to get reports about {subject.domain}, so none are sent to {chosen}.", record)


def _raised(record: Record) -> str:
    """A record with the strictest policy in place of none."""
    return record.line.replace("p=none", "p=reject", 1)


async def domain_tlsrpt(subject: Subject) -> Section:
    """Whether others report how connections for the domain went."""
    chosen = subject.world.store.read(lambda db: reportaddresses.of_domain(db, subject.row.id)).tls
    return await _tlsrpt(subject, Section("TLS reports about the domain"), subject.domain, chosen)


async def host_tlsrpt(subject: Subject) -> Section:
    """The same for this host by its own name, which DANE reports are about."""
    chosen = subject.world.store.read(lambda db: reportaddresses.of_host(db, subject.host))
    return await _tlsrpt(subject, Section("TLS reports about the host"), subject.host, chosen)


async def _tlsrpt(subject: Subject, found: Section, name: Domain, chosen: Address | None) -> Section:
    there = await tlsrpt.lookup(name, subject.means.resolver)
    wanted = subject.want(f"_smtp._tls.{name.ascii}", "TXT")
    if there.temporary:
        found.unknown.append(sentence(there.problem))
    elif there.record is None:
        if chosen:
            found.warn(f"{there.problem}.", *wanted)
    else:
        for text in there.record.problems:
            found.warn(f"The TLSRPT record of {name} has a mistake: {text}.", *wanted)
        if chosen is None:
            found.warn(f"{name} asks for reports about TLS, to {listed(uri.uri for uri in there.record.rua) or 'nobody'}; "
                       "no address for them was chosen here.")
        elif not published.names(chosen, there.record.rua):
            found.error(f"Reports about TLS are not sent to {chosen}, as was chosen here: the record of {name} does not name it.", *wanted)
    return found
