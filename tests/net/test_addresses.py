"""mta.net.addresses: what the machine has, and what it has not."""
from pathlib import Path

from mta.base.names import ip_address
from mta.net.addresses import addresses, is_ours

TRIE = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     +-- 127.0.0.0/8 2 0 2
           |-- 127.0.0.1
              /32 host LOCAL
     +-- 192.0.2.0/24 2 0 2
           |-- 192.0.2.0
              /24 link UNICAST
           |-- 192.0.2.2
              /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
Local:
           |-- 192.0.2.2
              /32 host LOCAL
"""
SIX = """\
20010db8000000000000000000000005 02 40 00 80     eth0
20010db80000000000000000000000aa 02 40 00 01     eth0
20010db80000000000000000000000bb 02 40 00 20     eth0
fe8000000000000000fc00fffe000001 02 40 20 80     eth0
00000000000000000000000000000001 01 80 10 80       lo
"""


def test_ours_and_others() -> None:
    """Loopback is everybody's; addresses for documentation are nobody's."""
    assert is_ours(ip_address("127.0.0.1"))
    assert not is_ours(ip_address("192.0.2.1"))
    assert not is_ours(ip_address("2001:db8::1"))


def test_all_of_the_machine(tmp_path: Path) -> None:
    """Each once; not those that change by themselves, of one link, or of loopback.  A kernel may lack IPv6, or tell nothing."""
    assert addresses(tmp_path) == ()
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "fib_trie").write_text(TRIE)
    assert addresses(tmp_path) == (ip_address("192.0.2.2"),)
    (tmp_path / "net" / "if_inet6").write_text(SIX)
    assert addresses(tmp_path) == (ip_address("192.0.2.2"), ip_address("2001:db8::5"))


def test_what_the_kernel_says_is_ours() -> None:
    """Every one can be bound."""
    assert all(map(is_ours, addresses()))
