"""mta.flow.founding: what is in a new server, and what follows for the DNS."""
from dataclasses import replace

import pytest

from mta.base.names import Address, ip_address
from mta.config.model import Config, Transport
from mta.config.parse import parse
from mta.config.sample import sample
from mta.flow import clients, founding, people, setup
from mta.flow.founding import Passwords
from mta.flow.login import Client, Logins
from mta.flow.published import There
from mta.flow.world import World

YOU = Address.parse("you@example.org")
DOMAIN = YOU.domain


def made(config: Config, *, proxied: bool = False) -> Config:
    """As quickstart makes it."""
    return replace(config, postmaster="you", listeners=founding.listeners(proxied=proxied, nat_ips=(ip_address("203.0.113.5"),)),
                   acme=founding.acme("https://acme.example/directory", YOU))


@pytest.mark.parametrize("proxied", [False, True])
def test_the_file_says_what_was_decided(config: Config, proxied: bool) -> None:
    """Written and read again it is the same, a relay with its password included."""
    wanted = founding.relayed(made(config, proxied=proxied), Transport("relay", "smtp.relay.example", 465, "implicit"))

    assert parse(sample(wanted)) == wanted


def test_one_signs_in_inside(config: Config) -> None:
    """Others reach no page to sign in; programs find their settings."""
    for proxied in (False, True):
        wanted = made(config, proxied=proxied)
        outside = [one for one in wanted.listeners if clients.is_public(wanted, one)]
        assert [one.name for one in outside] == ["public"]
        assert outside[0].web == ()
        assert [one.name for one in wanted.listeners if one.web] == ["inside"]
        assert clients.webmail(wanted) == ""
        assert [one.port for one in clients.services(wanted)] == [465, 587]
    assert {one.name: (one.http, one.https) for one in wanted.listeners} == {
        "public": (0, 0), "proxied": (1_081, 0), "inside": (1_080, 0)}


def test_a_new_server_lacks_nothing(world: World) -> None:
    """Domain, keys, policy, account and passwords are there; an older configuration is told what it lacks."""
    assert len(setup.advised(world)) == 2
    world.config = made(world.config)
    passwords = Passwords.make()
    founding.found(world, YOU, passwords, by="a test")

    assert setup.lacking(world) == []
    assert setup.advised(world) == []
    logins, client = Logins(world), Client(ip_address("127.0.0.1"), "web", "password", "trace")
    assert logins.check_now(client, "you@example.org", passwords.account)
    logins.check_admin(client, passwords.admin)
    assert passwords.account != passwords.admin
    assert len(passwords.account) == founding.PASSWORD

    people.set_policy(world, "example.org", mode="off", by="a test")
    world.config = replace(world.config, acme=replace(world.config.acme, contact=""))
    assert len(setup.advised(world)) == 2
    world.config = replace(world.config, listeners=world.config.listeners[:1])
    assert "No listener offers the administration" in setup.advised(world)[1]


def test_every_record_is_published(world: World) -> None:
    """Those of the host too, each once; the relay is one that may send."""
    world.config = made(world.config)
    founding.found(world, YOU, Passwords.make(), by="a test")
    addresses = (ip_address("203.0.113.5"), ip_address("2001:db8::5"))
    world.config = founding.relayed(world.config, Transport("relay", "smtp.relay.example"))
    told = founding.published(world, DOMAIN, addresses, There(
        spf=("v=spf1 ip4:198.51.100.7 ~all",), relay="include:relay.example", mailed=True))

    lines = [f"{one.name} {one.kind} {one.value}" for one in told]
    assert len(set(lines)) == len(lines)
    assert lines[:2] == ["mx.example.org. A 203.0.113.5", "mx.example.org. AAAA 2001:db8::5"]
    [spf] = [line for line in lines if line.startswith("example.org. TXT") and "v=spf1" in line]
    assert spf == 'example.org. TXT "v=spf1 mx include:relay.example ip4:198.51.100.7 ~all"'
    for start in ("example.org. MX 10 mx.example.org.", "_dmarc.example.org. TXT", "_mta-sts.example.org. TXT",
                  "_25._tcp.mx.example.org. TLSA 3 1 1", '_smtp._tls.mx.example.org. TXT "v=TLSRPTv1'):
        assert any(line.startswith(start) for line in lines), start
    assert sum("._domainkey." in line for line in lines) == 2
    assert people.domain(world, DOMAIN.ascii).had_mail is True


def test_a_domain_without_mail(world: World) -> None:
    """What is published now is the strictest, and is not taken for something that was there before, later."""
    world.config = made(world.config)
    founding.found(world, YOU, Passwords.make(), by="a test")
    told = founding.published(world, DOMAIN, (), There(mailed=False))

    assert any(one.name == "_dmarc.example.org." and "p=reject" in one.value for one in told)
    assert not any("include:" in one.value for one in told)
    assert people.domain(world, DOMAIN.ascii).had_mail is False
