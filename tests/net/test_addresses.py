"""mta.net.addresses: what the machine has, and what it has not."""
from mta.base.names import ip_address
from mta.net.addresses import is_ours


def test_ours_and_others() -> None:
    """Loopback is everybody's; addresses for documentation are nobody's."""
    assert is_ours(ip_address("127.0.0.1"))
    assert not is_ours(ip_address("192.0.2.1"))
    assert not is_ours(ip_address("2001:db8::1"))
