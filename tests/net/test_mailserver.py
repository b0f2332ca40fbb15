"""mta.net.mailserver: which server is talked to, and which not (the conversation itself: tests/flow/test_imapimport.py)."""
import asyncio

import pytest

from mta.base.errors import UserError
from mta.dns.zone import Zone
from mta.imap.answer import Lost
from mta.net import mailserver


def ask(host: str, zone: str = "", *, private: bool = False) -> None:
    """Try to get there."""
    asyncio.run(mailserver.reach(Zone(zone), host, 1, "tls", private=private))


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "::1", "169.254.169.254", "inner.test", "mapped.test"])
def test_no_way_into_networks_behind_us(host: str) -> None:
    """Whoever may choose the server does not get to what only we can reach."""
    with pytest.raises(UserError, match="not of the public internet"):
        ask(host, "inner.test. A 192.168.1.1\nmapped.test. AAAA ::ffff:127.0.0.1\n")


def test_who_is_not_there() -> None:
    """Names without an address, a DNS that is silent, a port that nobody listens at."""
    with pytest.raises(UserError, match="no address"):
        ask("nowhere.test")
    with pytest.raises(Lost, match="DNS"):
        ask("late.test", "late.test. TIMEOUT\n")
    with pytest.raises(Lost, match="cannot be reached"):
        ask("here.test", "here.test. A 127.0.0.1\n", private=True)
    with pytest.raises(UserError, match="no name"):
        ask("a b")
