"""What the DNS of a domain should say so that its mail comes here and ours is believed.

Text for people to copy into their zone; nothing here asks the DNS.
"""
from dataclasses import dataclass

from mta.flow import ownpolicy, people
from mta.flow.world import World
from mta.secure.mtasts import HOST_LABEL, LABEL, VERSION
from mta.store.domains import DomainRow


@dataclass(frozen=True, slots=True)
class Record:
    """One record: owner name in A-labels with a last dot, type, text as a zone file has it, and what it is good for."""

    name: str
    kind: str
    value: str
    why: str


def records(world: World, row: DomainRow) -> list[Record]:
    """The records of a domain, those without which no mail comes first."""
    owner, host = f"{row.domain.ascii}.", f"{world.config.hostname.ascii}."
    return [
        # RFC 5321 §5.1.
        Record(owner, "MX", f"10 {host}", "Other servers bring mail for the domain to this one."),
        # RFC 7208 §5.4: the hosts that receive for the domain send for it, nobody else does.
        Record(owner, "TXT", '"v=spf1 mx -all"', "Other servers see that this one may send for the domain (SPF)."),
        # RFC 9989 §4.7.
        Record(f"_dmarc.{owner}", "TXT", f'"v=DMARC1; p=quarantine; rua=mailto:postmaster@{row.domain.ascii}"',
               "Other servers distrust mail in your name that is not yours, and report it (DMARC)."),
        *(dkim_record(row, number) for number in range(len(row.dkim))),
        *_policy_records(world, row),
    ]


def _policy_records(world: World, row: DomainRow) -> list[Record]:
    """Where the domain's MTA-STS policy is, and that there is one: the first before the second."""
    policy = ownpolicy.policy(world, row)
    if policy is None:
        return []
    owner = f"{row.domain.ascii}."
    return [
        # RFC 8461 §8.2: the policy host may be an alias, its certificate is for this name.
        Record(f"{HOST_LABEL}.{owner}", "CNAME", f"{world.config.hostname.ascii}.",
               "Other servers read here what you want of connections to you (MTA-STS)."),
        # RFC 8461 §3.1.
        Record(f"{LABEL}.{owner}", "TXT", f'"{VERSION} id={ownpolicy.record(policy).id}"',
               "Other servers learn that there is such a policy; the id changes whenever the policy does."),
    ]


def dkim_record(row: DomainRow, number: int) -> Record:
    """The record that publishes one of the domain's keys (RFC 6376 §3.6)."""
    name, text = people.dkim_record(row, row.dkim[number])
    return Record(f"{name.ascii}.", "TXT", quoted(text), "Other servers can check the signatures of your mail (DKIM).")


def quoted(text: str) -> str:
    """A TXT record's text as a zone file wants it: strings of at most 255 octets (RFC 1035 §3.3.14)."""
    return " ".join(f'"{text[at:at + 255]}"' for at in range(0, len(text), 255))
