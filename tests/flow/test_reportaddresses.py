"""mta.flow.reportaddresses: choosing addresses is tried in test_reportin.py; here is what follows for mail of our users."""
import pytest

from mta.dns.zone import Zone
from mta.flow import people, reportaddresses
from mta.flow.submit import SubmitDesk
from mta.flow.world import World
from tests.flow.outbox import put
from tests.flow.post import bring, letters, queued, session
from tests.flow.test_destination import Office

BY = "a test"


@pytest.fixture
def zone() -> Zone:
    """A DNS that says nothing about client.example now."""
    return Zone("client.example TIMEOUT")


async def test_mail_to_a_domain_whose_reports_alone_come_here(served: World) -> None:
    """Its mail is elsewhere: what our users write goes there, by the DNS; only what postmaster gets is here."""
    people.add_domain(served, "client.example", by=BY)
    reportaddresses.set_for_domain(served, "client.example", dmarc="r@example.org", tls="", by=BY)
    account = people.get_account(served, "ann").id
    answer = await bring(SubmitDesk(served), ["bob@client.example"], b"From: ann@example.org\r\nSubject: x\r\n\r\ny\r\n", "ann@example.org",
                         here=session(account=account, tls=True))
    assert answer.reply is not None
    assert answer.reply.positive
    assert [(one.next_hop, str(one.recipient)) for _, one in queued(served)] == [("client.example", "bob@client.example")]

    await put(served, "postmaster@client.example", trace="0123456789.2")
    await Office(served).work("client.example")
    await Office(served).work("mx.example.org")
    [(_, left)] = queued(served)
    assert str(left.recipient) == "bob@client.example"
    # It was tried and put off, as the DNS says nothing; it was not "no such user here".
    assert (left.attempts, left.last_enhanced) == (1, "4.4.3")
    assert len(letters(served, "ann")) == 1
