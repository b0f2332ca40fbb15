"""What we write on a message from outside: by which way it came, and what was found out about who sent it.

From top to bottom: Authentication-Results (which says what became of this copy, so each
may have another), Received-SPF, Received: the order in which it was found out, read
upwards (RFC 8601 §4.1, RFC 7208 §9.1).  Copies that are passed on to an alias' members
elsewhere are sealed (ARC), so that the next server can believe what we saw although the
message comes from us.  Fields of a stranger that pretend to be ours are taken out.
"""
from dataclasses import dataclass
from typing import Final

from mta.auth import arc, findings, results
from mta.auth.canon import BodyHash
from mta.auth.identity import Identity
from mta.auth.message import Message
from mta.auth.status import Status
from mta.base.names import Address
from mta.flow import signing
from mta.flow.world import World
from mta.judge.screen import Verdict
from mta.message import header, trace
from mta.message.header import Field, Header
from mta.message.scan import Octets, blocks
from mta.smtp.desk import Transaction
from mta.store.bodies import Bodies, BodySink, SpooledBody

#: Rows of the decision table (mta.judge.screen) that apply only because the author's domain disowns the message.  Where one
#: recipient takes what another one refuses as forged, that one's copy is in Junk.
FOR_POLICY: Final = frozenset(("forged", "disowned"))


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one message; utf8 if it is an internationalised one."""

    world: World
    transaction: Transaction
    identity: Identity
    utf8: bool = False

    def shared(self) -> bytes:
        """What stands on every copy: Received-SPF and Received."""
        return findings.spf_field(self.identity, self.world.config.hostname) + self._received()

    def results(self, verdict: Verdict) -> bytes:
        """Authentication-Results for a copy with this verdict."""
        return findings.results_field(
            self.identity, self.world.config.hostname, disposition(self.identity, verdict), verdict.dmarc_override, utf8=self.utf8)

    def onward(self, alias: Address, verdict: Verdict, message: Message, body_hash: bytes) -> bytes:
        """All that a copy gets that alias passes on; message is its header so far, body_hash that of a relaxed BodyHash."""
        world = self.world
        own = trace.delivered_to(alias) + self.results(verdict) + self.shared()
        signer = signing.sealer(world, alias.domain)
        if signer is None:
            return own
        found = findings.methods(self.identity, disposition(self.identity, verdict), verdict.dmarc_override)
        added = [own[one.start:one.end] for one in header.parse(own + b"\r\n").fields]
        sealed = arc.seal(Message([*added, *message.fields], whole=message.whole), body_hash,
                          results.payload(world.config.hostname, found, utf8=self.utf8), signer, self.identity.arc, world.clock.timestamp())
        return sealed + own

    def _received(self) -> bytes:
        """Our Received field (RFC 5321 §4.4); it names a recipient only if there is no other to be kept secret."""
        transaction, session = self.transaction, self.transaction.session
        tls, iprev = session.tls, self.identity.iprev
        return trace.received_field(
            by=self.world.config.hostname, with_=transaction.protocol, id_=transaction.trace, when=self.world.clock.timestamp(),
            hello=session.hello, ip=session.peer.ip, reverse=iprev.names[0] if iprev.names else None,
            authentic=iprev.authentic, tls=(tls.version, tls.cipher) if tls else None, requiretls=transaction.requiretls,
            recipient=transaction.recipients[0] if len(transaction.recipients) == 1 else None)


def disposition(identity: Identity, verdict: Verdict) -> str:
    """What became of a copy for the sake of its author's policy (RFC 9990 §3.1.1.9): quarantine if that put it into Junk, or none."""
    decided = verdict.reasons[0].key if verdict.reasons else ""
    return "quarantine" if identity.dmarc.status is Status.FAIL and decided in FOR_POLICY else "none"


def told(identity: Identity, seconds: float) -> dict[str, object]:
    """The facts of Event.AUTHENTICATED."""
    author, dmarc = identity.author, identity.dmarc
    return {
        "ip": identity.ip, "sender": identity.sender or "<>",
        "author": list(author.addresses or author.domains), "proven": identity.proven,
        "iprev": str(identity.iprev.status), "spf": str(identity.spf.status),
        "dkim": [f"{one.status} {one.domain.ascii if one.domain else '?'}" for one in identity.dkim],
        "arc": str(identity.arc.status),
        "dmarc": f"{dmarc.status} p={dmarc.policy}" if dmarc.decided else str(dmarc.status), "seconds": seconds}


def forged(found: Header, world: World) -> list[Field]:
    """The fields of a stranger's message that say they were written by us (RFC 8601 §5)."""
    return results.forged(found.fields, world.config.hostname)


def without(bodies: Bodies, body: SpooledBody, fields: list[Field]) -> SpooledBody:
    """A new body that lacks these fields of body, which is abandoned; takes time if it is large."""
    sink = bodies.sink()
    try:
        with body.view() as octets:
            at = 0
            for one in fields:
                _copy(sink, octets, at, one.start)
                at = one.end
            _copy(sink, octets, at, len(octets))
        new = sink.finish()
    except BaseException:
        sink.abandon()
        raise
    body.abandon()
    return new


def body_hash(body: SpooledBody) -> bytes:
    """What a seal says of the body (relaxed); takes time if it is large."""
    hashed = BodyHash()
    with body.view() as octets:
        for block in blocks(octets, header.parse(octets).end, len(octets)):
            hashed.update(block)
    return hashed.digest()


def _copy(sink: BodySink, octets: Octets, start: int, end: int) -> None:
    for block in blocks(octets, start, end):
        sink.write(block)
