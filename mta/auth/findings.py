"""What was found out about a message, in the words of its header: Authentication-Results and Received-SPF.

One method a line, in one field, in the order in which a reader understands them: by which
way it came (iprev, spf), what vouches for its content (dkim, arc), whether the author's
domain stands by it (dmarc).  Comments are for people; programs have the properties.

Standards: RFC 8601 §2.7, RFC 7208 §9.1, RFC 8617 §10.2 (arc).
"""
from collections.abc import Iterator

from mta.auth import results
from mta.auth.arc import ArcResult
from mta.auth.dmarc import DmarcResult
from mta.auth.identity import Identity
from mta.auth.iprev import IprevResult
from mta.auth.receivedspf import received_spf
from mta.auth.results import Method, Property
from mta.auth.spf import SpfResult
from mta.auth.status import Status
from mta.auth.verify import DkimResult
from mta.base.names import Domain

DNSSEC = "DNSSEC"


def methods(identity: Identity, disposition: str = "", override: str = "") -> list[Method]:
    """A statement for each check.

    disposition is what became of the message for the sake of DMARC ("none", "quarantine",
    "reject"; "" if that is open), override why that is not what the policy asks for
    (RFC 9990 §3.1.1.11 names the reasons).
    """
    return [
        _iprev(identity.iprev), *_spf(identity), *(_dkim(result) for result in identity.dkim or (DkimResult(Status.NONE, None),)),
        *_arc(identity), _dmarc(identity.dmarc, disposition, override)]


def results_field(identity: Identity, host: Domain, disposition: str = "", override: str = "", *, utf8: bool = False) -> bytes:
    """Our Authentication-Results with its CRLF; utf8 if the message is an internationalised one."""
    return results.field(host, methods(identity, disposition, override), utf8=utf8)


def spf_field(identity: Identity, host: Domain) -> bytes:
    """Our Received-SPF with its CRLF: what SPF says of the sender, or of HELO for the null sender."""
    return received_spf(identity.spf, identity.ip, identity.hello, host)


def _iprev(result: IprevResult) -> Method:
    name = result.names[0].ascii if result.names else ""
    return Method("iprev", result.status, "" if name else result.problem, _comment(name, _sure(result.authentic)),
                  (Property("policy", "iprev", str(result.ip)),))


def _spf(identity: Identity) -> Iterator[Method]:
    for result in (identity.spf, identity.helo_spf):
        # RFC 8601 §2.7.2; a name that says nothing about itself is not worth a line of its own.
        if result and (result is identity.spf or result.status is not Status.NONE):
            yield Method("spf", result.status, result.problem, _comment(_sure(result.authentic)), (_spf_property(result, identity.hello),))


def _spf_property(result: SpfResult, hello: str) -> Property:
    return Property("smtp", "mailfrom", result.sender) if result.identity == "mailfrom" else Property("smtp", "helo", hello)


def _dkim(result: DkimResult) -> Method:
    if result.status is Status.NONE:
        return Method("dkim", Status.NONE, "the message is not signed")
    kind = result.record.kind if result.record else ""
    comment = _comment(
        f"{result.bits} bit {kind}" if kind else "", "the key is only tested" if result.testing else "",
        "a part of the body is not signed" if result.partial else "", _sure(result.authentic))
    found = {"d": result.domain.ascii if result.domain else "", "s": result.selector, "i": result.identity, "a": result.algorithm,
             "b": result.start}
    return Method("dkim", result.status, result.problem, comment, tuple(
        Property("header", name, value) for name, value in found.items() if value))


def _arc(identity: Identity) -> Iterator[Method]:
    result: ArcResult = identity.arc
    if result.status is Status.NONE:
        return
    # RFC 8617 §10.2: smtp.remote-ip and header.oldest-pass.
    properties = [Property("smtp", "remote-ip", str(identity.ip))]
    if result.status is Status.PASS:
        properties.append(Property("header", "oldest-pass", str(result.oldest_pass)))
    sealer = f"{result.instances} sets, the last by {result.sealers[-1].ascii}" if result.sealers else ""
    yield Method("arc", result.status, result.problem, _comment(sealer, _sure(result.authentic)), tuple(properties))


def _dmarc(result: DmarcResult, disposition: str, override: str) -> Method:
    policy = f"p={result.policy}" if result.decided else ""
    published = f"policy of {result.policy_domain.ascii}" if result.policy_domain and result.policy_domain != result.author else ""
    comment = _comment(policy, published, f"disposition={disposition}" if disposition and result.decided else "",
                       f"override={override}" if override else "", _sure(result.authentic))
    properties = []
    if result.author:
        properties.append(Property("header", "from", result.author.ascii))
    if result.decided:
        properties.append(Property("policy", "dmarc", str(result.policy)))
    return Method("dmarc", result.status, "" if result.status is Status.PASS else result.problem, comment, tuple(properties))


def _sure(authentic: bool) -> str:
    return DNSSEC if authentic else ""


def _comment(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
