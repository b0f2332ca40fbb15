"""What is said of a sender who is not who he looks like."""
from mta.base.names import Domain
from mta.flow import people, suspicion
from mta.flow.world import World
from mta.message import address
from mta.secure.protection import Seen
from mta.store import seen


def test_our_own_and_those_written_to(served: World) -> None:
    """Domains of ours, and those that mail of the account went to; others' correspondents are none of its business."""
    ann, bob = (people.get_account(served, name).id for name in ("ann", "bob"))
    known = Seen(Domain.parse("partner.example"), True, "", False, 1.0)
    served.store.write_now(lambda db: seen.note(db, [ann], known))

    def said(account: int, sender: str) -> list[str]:
        return list(suspicion.warnings(served, account, tuple(address.parse_list(sender))))

    assert "looks like example.org" in said(ann, "x@exarnple.org")[0]
    assert "looks like partner.example" in said(ann, "x@partmer.example")[0]
    assert said(bob, "x@partmer.example") == []
    assert said(ann, "Xenia <x@partner.example>") == []
    assert said(ann, "no address") == []
