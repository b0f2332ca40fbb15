"""What the checks of a message came to, in plain words: what passed, what did not, what somebody should mend.

For people who look into a case: the command line, and whoever runs a domain and wonders.
The judgement of mail does not read this.

Standards: RFC 7208 §8 (what SPF's results mean), RFC 6376 §6.1, RFC 9989 §4.
"""
from dataclasses import dataclass

from mta.auth.arc import ArcResult
from mta.auth.dmarc import DmarcResult
from mta.auth.identity import Identity
from mta.auth.iprev import IprevResult
from mta.auth.spf import SpfResult
from mta.auth.status import Status
from mta.auth.verify import DkimResult
from mta.base.names import IPAddress

#: RSA keys from this size on are not worth a remark (RFC 8301 §3.2).
GOOD_BITS = 2_048


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what it came to as a sentence, what the domain's owner should mend ("" if nothing), whether DNSSEC vouches for it."""

    method: str
    status: Status
    what: str
    mend: str = ""
    authentic: bool = False


def all_of(identity: Identity) -> list[Finding]:
    """A finding for each check of a message, DMARC last."""
    return [
        iprev(identity.iprev), spf(identity.spf, identity.ip), *([spf(identity.helo_spf, identity.ip)] if identity.helo_spf else []),
        *dkim(identity.dkim), arc(identity.arc), dmarc(identity.dmarc)]


def iprev(result: IprevResult) -> Finding:
    """Of the reverse name."""
    match result.status:
        case Status.PASS:
            what, mend = f"{result.ip} is called {result.names[0]}, and that name leads back to it.", ""
        case Status.TEMPERROR:
            what, mend = sentence(result.problem), "Nothing, unless it stays so: then the reverse zone's name servers do not answer."
        case _:
            what = sentence(result.problem)
            mend = f"Whoever {result.ip} is rented from can set its reverse name (PTR); it should be the name that the server says in HELO."
    return Finding("iprev", result.status, what, mend, result.authentic)


def spf(result: SpfResult, ip: IPAddress) -> Finding:
    """Of SPF, for whichever identity was checked."""
    domain, term = result.domain, f" ({result.mechanism})" if result.mechanism else ""
    add = f"{'ip4' if ip.version == 4 else 'ip6'}:{ip}"
    match result.status:
        case Status.PASS:
            what, mend = f"{domain} lets {ip} send in its name{term}.", ""
        case Status.FAIL:
            what = f"{domain} says that {ip} may not send in its name{term}."
            mend = f"If {ip} is a server of {domain}, its SPF record should name it, for example by {add}."
        case Status.SOFTFAIL:
            what = f"{domain} thinks that {ip} does not send in its name, without insisting{term}."
            mend = (f"If {ip} is a server of {domain}, its SPF record should name it, for example by {add}; "
                    "once all are named, ~all can be -all.")
        case Status.NEUTRAL:
            what = f"{domain} says nothing about {ip}{term}."
            mend = f"The SPF record of {domain} should name all its servers and end in -all."
        case Status.NONE:
            what = sentence(result.problem)
            mend = f'{domain} should publish a TXT record that names its servers, for example "v=spf1 mx -all".' if domain else ""
        case Status.TEMPERROR:
            what, mend = sentence(result.problem), "Nothing, unless it stays so: then the domain's name servers do not answer."
        case _:
            what, mend = sentence(result.problem), f"The SPF record of {domain} has to be corrected: as it is, it counts for nothing."
    if result.explanation:
        what += f' {domain} explains: "{result.explanation}"'
    name = "spf" if result.identity == "mailfrom" else "spf (HELO)"
    return Finding(name, result.status, what, mend, result.authentic)


def dkim(signatures: tuple[DkimResult, ...]) -> list[Finding]:
    """Of each signature, or that there is none."""
    if not signatures:
        return [Finding("dkim", Status.NONE, "The message has no DKIM signature.", "The author's domain should sign its mail.")]
    return [_signature(one) for one in signatures]


def _signature(result: DkimResult) -> Finding:
    if result.signature is None:
        what = f"A signature cannot be read: {result.problem}."
        return Finding("dkim", result.status, what, "Whoever signs has to write a correct field.")
    by = f"{result.domain} (key {result.selector}, {result.algorithm}" + (f", {result.bits} bits)" if result.bits else ")")
    match result.status:
        case Status.PASS:
            what, mend = f"Signed by {by}.", _remark(result)
        case Status.TEMPERROR:
            what, mend = f"Signed by {by}: {result.problem}.", "Nothing, unless it stays so: then the domain's name servers do not answer."
        case Status.FAIL:
            what = f"The signature of {by} does not fit: {result.problem}."
            mend = ("Something changed the message after it was signed (a mailing list, a virus scanner, a footer); or the record "
                    f"{result.selector}._domainkey.{result.domain.ascii if result.domain else ''} has another key than the signer.")
        case _:
            what = f"The signature of {by} does not count: {result.problem}."
            mend = "The signer, or its key's record, has to be corrected; until then the message is like an unsigned one."
    return Finding("dkim", result.status, what, mend, result.authentic)


def _remark(result: DkimResult) -> str:
    """What should be better about a signature that passes."""
    remarks = []
    if result.testing:
        remarks.append("The record of the key says that it is only tested (t=y), so the signature counts for nothing: "
                       "remove that once it works.")
    if result.partial:
        remarks.append("A part of the body is not signed (l=), so anybody may have added it and the signature counts for nothing: "
                       "sign all of it.")
    if result.record and result.record.kind == "rsa" and result.bits < GOOD_BITS:
        remarks.append(f"{result.bits} bits are few: make a key of {GOOD_BITS}.")
    return " ".join(remarks)


def arc(result: ArcResult) -> Finding:
    """Of the chain of handlers."""
    match result.status:
        case Status.NONE:
            return Finding("arc", Status.NONE, "No server on the way sealed what it found out.")
        case Status.PASS:
            sealers = ", ".join(map(str, result.sealers))
            changed = f" The message was changed before set {result.oldest_pass} was made." if result.oldest_pass else ""
            part = "" if result.whole else " The last seal does not cover all of the message."
            return Finding("arc", Status.PASS, f"Sealed by {sealers}; the last one found: {result.results}.{changed}{part}",
                           authentic=result.authentic)
        case _:
            return Finding("arc", result.status, f"The chain of seals is broken: {result.problem}.",
                           "The server that sealed last, or one that changed the message after it.", result.authentic)


def dmarc(result: DmarcResult) -> Finding:
    """Of whether the author's domain stands by the message."""
    asks = f"{result.policy_domain} asks for p={result.policy}" if result.record else ""
    written = "; ".join(result.record.problems) if result.record else ""
    mend = f"The DMARC record of {result.policy_domain} has mistakes: {written}." if written else ""
    match result.status:
        case Status.PASS:
            ways = [f"{name} ({', '.join(map(str, domains))})" for name, domains in (
                ("SPF", result.aligned_spf), ("DKIM", result.aligned_dkim)) if domains]
            what = f"{result.author} stands by this message, by {' and '.join(ways)}; otherwise {asks}."
        case Status.FAIL:
            what = f"{result.author} does not stand by this message; {asks}."
            mend = mend or (
                f"If {result.author} did send it: its servers have to sign with a key of {result.organizational or result.author}, "
                "or to use it in MAIL FROM and be named in its SPF record.")
        case Status.TEMPERROR:
            what = sentence(result.problem)
            mend = "Nothing, unless it stays so: then the domain's name servers do not answer."
        case _:
            what = sentence(result.problem or f"{result.author} has no DMARC record that could be used")
            if result.author and not mend:
                mend = f'{result.author} should publish one at _dmarc.{result.author.ascii}, at first "v=DMARC1; p=none; rua=mailto:…".'
    return Finding("dmarc", result.status, what, mend, result.authentic)


def sentence(problem: str) -> str:
    """problem as a sentence; names of hosts and domains, addresses and the like keep their small letters."""
    word = problem.partition(" ")[0].rstrip(":,;")
    return f"{problem[:1].upper()}{problem[1:]}." if word.isalpha() and word != "localhost" else f"{problem}." if problem else ""
