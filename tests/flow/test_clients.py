"""mta.flow.clients: one list of services, and whom a request is about."""
from dataclasses import replace

import pytest

from mta.base.names import Domain
from mta.config.model import Clients, Config, Listener, local, usual_listeners
from mta.flow import clients, people
from mta.flow.clients import Service
from mta.flow.world import World

HOST = Domain("mx.example.org")


def configured(*listeners: Listener, imap: bool = False) -> Config:
    """A configuration with these listeners."""
    return Config(hostname=HOST, listeners=listeners or usual_listeners(), clients=Clients(imap))


def test_what_is_offered() -> None:
    """TLS from the start before STARTTLS; reading only once the one setting says so."""
    sending = (Service("smtp", HOST, 465, "implicit"), Service("smtp", HOST, 587, "starttls"))
    assert clients.services(configured()) == sending
    assert clients.services(configured(imap=True)) == (Service("imap", HOST, 993, "implicit"), *sending)


def test_what_others_do_not_reach_is_not_offered() -> None:
    """A port at a loopback address is for this machine; the port of the first listener that others reach counts."""
    inside = Listener("inside", ("127.0.0.1", "::1"), submission=587, submissions=465)
    assert clients.services(configured(inside)) == ()
    outside = Listener("public", ("127.0.0.2", "192.0.2.1"), submissions=4465)
    assert clients.services(configured(inside, outside)) == (Service("smtp", HOST, 4465, "implicit"),)
    assert len(clients.services(configured(replace(inside, nat_ips=("192.0.2.1",))))) == 2


def test_localserve() -> None:
    """On loopback there is nobody else: everything is offered at its ports."""
    config = local(configured().data)
    assert [(one.host.ascii, one.port) for one in clients.services(config)] == [("localhost", 1465), ("localhost", 1587)]
    assert clients.webmail(config) == "https://localhost:1443/webmail/"


def test_srv_records() -> None:
    """Each service once: where it is, or that there is none; the target is the host itself."""
    found = {one.label: one.value for one in clients.srv_records(configured())}
    assert found == {
        "_autodiscover._tcp": "0 1 443 mx.example.org.", "_imaps._tcp": "0 0 0 .", "_imap._tcp": "0 0 0 .",
        "_submissions._tcp": "0 1 465 mx.example.org.", "_submission._tcp": "0 1 587 mx.example.org.",
        "_pop3s._tcp": "0 0 0 .", "_pop3._tcp": "0 0 0 ."}
    with_imap = {one.label: one.value for one in clients.srv_records(configured(imap=True))}
    assert {label for label in found if found[label] != with_imap[label]} == {"_imaps._tcp"}
    assert with_imap["_imaps._tcp"] == "0 1 993 mx.example.org."


@pytest.mark.parametrize(("listeners", "port", "webmail"), [
    (usual_listeners(), 443, "https://mx.example.org/webmail/"),
    ((Listener("public", ("192.0.2.1",), https=8443),), 8443, "https://mx.example.org:8443/webmail/"),
    ((Listener("public", ("192.0.2.1",), https=443, web=()), Listener("inside", ("127.0.0.1",), http=1080)), 443, ""),
    ((Listener("proxied", ("127.0.0.1",), http=1080),), 443, "https://mx.example.org/webmail/"),
    ((Listener("proxied", ("127.0.0.1",), http=1080, web=("admin",)),), 443, ""),
], ids=["usual", "port", "inside", "proxied", "not offered"])
def test_where_our_pages_are(listeners: tuple[Listener, ...], port: int, webmail: str) -> None:
    """At the listener that others reach, else at a web server in front of us; webmail only where it is offered."""
    config = configured(*listeners)
    assert (clients.web_port(config), clients.webmail(config)) == (port, webmail)


@pytest.mark.parametrize(("host", "address", "domain"), [
    ("autoconfig.example.org", "ann@example.org", "example.org"),
    ("AUTOCONFIG.example.ORG:80", "", "example.org"),
    ("autodiscover.example.org", "nobody@example.org", "example.org"),
    ("example.org", "", "example.org"),
    ("mx.example.org", "ann@example.org", "example.org"),
    ("autoconfig.mx.example.org", "ann@example.org", "example.org"),
    ("mx.example.org", "", "mx.example.org"),
    ("mx.example.org", "no address", "mx.example.org"),
    ("autoconfig.example.org", "ann@bücher.example", "xn--bcher-kva.example"),
    ("autoconfig.xn--bcher-kva.example", "", "xn--bcher-kva.example"),
    ("autoconfig.example.org", "ann@elsewhere.example", None),
    ("autoconfig.example.org", "ann@off.example", None),
    ("autoconfig.off.example", "", None),
    ("autoconfig.elsewhere.example", "ann@example.org", None),
    ("mail.example.org", "ann@example.org", None),
    ("autoconfig.autoconfig.example.org", "", None),
    ("192.0.2.1", "", None), ("[2001:db8::1]", "", None), ("", "ann@example.org", None), ("a..b", "", None),
])
def test_whom_a_request_is_about(served: World, host: str, address: str, domain: str | None) -> None:
    """Names of ours and domains that are served, nothing else."""
    people.add_domain(served, "bücher.example", by="a test")
    people.add_domain(served, "off.example", by="a test")
    people.set_domain(served, "off.example", enabled=False, by="a test")
    found = clients.domain_of(served, host, address)
    assert (found.ascii if found else None) == domain


def test_what_stands_before_the_at_never_matters(served: World) -> None:
    """Nobody can ask for addresses."""
    for mine in ("ann", "nobody", "ann+x", "a b", '"a@b"', "", "x" * 65, "@"):
        assert clients.domain_of(served, "mx.example.org", f"{mine}@example.org") == Domain("example.org")


def test_settings_of_an_account(served: World) -> None:
    """Every address of the account is a user name that works."""
    people.add_address(served, "ann", "Post@example.org", by="a test")
    found = clients.for_account(served, people.get_account(served, "ann"))
    assert {str(one) for one in found.addresses} == {"ann@example.org", "post@example.org"}
    assert (found.services, found.imap) == (clients.services(served.config), False)
    assert clients.for_domain(served) == replace(found, addresses=())
