"""In whose name reports are sent, and where answers to them go.

Reports come from postmaster at one domain, the submitter: the host's own name if that is a
domain of ours with a DKIM key, else the nearest domain of ours above it that has one.  Its
key signs, so the mail passes DMARC with the very same domain, strict alignment included;
without such a key no report leaves (RFC 9990 §3.5.2, RFC 8460 §3).

The envelope has another sender, so that what comes back from servers that could not
deliver a report is told from other mail: it is put, as read, into a mailbox of the
postmaster's.
"""
from typing import Final

from mta.base.names import Address, Domain
from mta.flow import signing
from mta.flow.world import World
from mta.message import parameters
from mta.message.header import Header
from mta.store.sentreports import ReportKind

#: Where mail about failed reports is kept, below the postmaster's mailboxes.
FOLDERS: Final[dict[ReportKind, str]] = {"dmarc": "DMARC", "tls": "TLSRPT"}
#: Senders in the envelope of reports; mta.store.accounts gives what comes there to the postmaster.
SENDERS: Final[dict[ReportKind, str]] = {"dmarc": "dmarc-report-sender", "tls": "tls-report-sender"}
BY_SENDER: Final = {localpart: FOLDERS[kind] for kind, localpart in SENDERS.items()}


def submitter(world: World) -> Domain | None:
    """The domain that reports come from, None if there is no usable key for one."""
    return signing.signing_domain(world, world.config.hostname)


def author(submitter: Domain) -> Address:
    """Who writes reports, and reads answers that people write."""
    return Address("postmaster", submitter)


def sender(kind: ReportKind, submitter: Domain) -> Address:
    """The sender of the envelope."""
    return Address(SENDERS[kind], submitter)


def folder(recipient: Address) -> str:
    """The mailbox for what servers send back about reports, "" if recipient is anybody else."""
    return BY_SENDER.get(recipient.localpart.lower(), "")


def is_report(header: Header) -> bool:
    """Whether a message says that it is a report about DMARC or TLS: by its fields, its type or its subject.

    Anybody may write that; it only makes us not report about it alone.
    """
    if header.get("tls-report-domain") is not None:
        return True
    # Every message is asked, so most are told apart by a look at the octets.
    subject, kind = header.get("subject"), header.get("content-type")
    if subject is not None and b"Submitter:" in subject.raw and " ".join(subject.unfolded().split()).startswith("Report Domain:"):
        return True
    if kind is None or b"report" not in kind.raw.lower():
        return False
    value, params = parameters.parse(kind.unfolded())
    return value == "multipart/report" and params.get("report-type", "").lower() in ("tlsrpt", "feedback-report")
