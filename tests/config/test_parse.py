"""mta.config.parse: everything right becomes a type, everything wrong a line."""
from pathlib import Path

import pytest

from mta.base.errors import SetupError
from mta.base.names import Domain
from mta.config.model import Listener, Route, Transport
from mta.config.parse import load, parse

HOST = 'hostname = "mx.example.org"\n'
ACME = "[acme]\ndirectory = 'https://ca.example/dir'\n"


def mistakes(text: str) -> list[str]:
    """What parse says about text."""
    with pytest.raises(SetupError) as raised:
        parse(text, "p.toml")
    return str(raised.value).splitlines()


def test_only_the_host_name_is_needed() -> None:
    """Everything else has a default."""
    config = parse(HOST)

    assert config.hostname == Domain("mx.example.org")
    assert config.listeners[0].smtp == 25
    assert not config.local


def test_values_become_types() -> None:
    """Texts are parsed into what the rest of the program works with."""
    config = parse(HOST + """
        data = "data"
        log_level = "debug"
        [listeners.one]
        ips = ["127.0.0.1", "::ffff:192.0.2.1"]
        smtp = 2525
        [dns]
        upstreams = ["127.0.0.1", "192.0.2.1:5353", "[2001:DB8::1]:53", "2001:db8::2"]
        [transports.relay]
        host = "Smtp.Relay.Example"
        username = "me"
        password_file = "relay-password"
        [[routes]]
        recipient_domain = "Bücher.example"
        transport = "relay"
        """, base=Path("/etc/p"))

    assert config.data == Path("/etc/p/data")
    assert config.listeners == (Listener("one", ("127.0.0.1", "192.0.2.1"), smtp=2525),)
    assert config.dns.upstreams == ("127.0.0.1", "192.0.2.1:5353", "[2001:db8::1]:53", "2001:db8::2")
    assert config.transports == (
        Transport(name="relay", host="smtp.relay.example", username="me", password_file=Path("/etc/p/relay-password")),)
    assert config.routes == (Route(recipient_domain=Domain("xn--bcher-kva.example"), transport="relay"),)


def test_an_authority_is_asked_only_if_named() -> None:
    """[acme] is off by default, and complete with a directory alone."""
    assert not parse(HOST).acme
    config = parse(f"""{HOST}{ACME}
        contact = 'me@bücher.example'
        eab_kid = 'k'
        eab_key_file = 'key'
        names = ['Mail.Example.org']
        """, base=Path("/etc/p"))

    assert config.acme
    assert (config.acme.contact, config.acme.challenge) == ("me@xn--bcher-kva.example", "http-01")
    assert (config.acme.names, config.acme.eab_key_file) == (("mail.example.org",), Path("/etc/p/key"))


def test_all_mistakes_come_at_once_with_their_lines() -> None:
    """An operator repairs a file in one go, not in ten."""
    found = mistakes("""hostname = "mx"
usr = "me"
data = 3
[listeners.a]
smtp = "25"
https = 70000
ips = ["one"]
[queue]
first_wait = true
[[routes]]
sender_domain = "a b"
transport = "nowhere"
[[routes]]
[listeners.b]
metrics = 80
http = 80
[tls]
certificate = "host.pem"
""")

    assert [line.partition(": ")[0] for line in found] == [f"p.toml:{number}" for number in (1, 2, 3, 5, 6, 7, 9, 11, 12, 13, 15, 15, 18)]
    assert "perhaps 'user'" in found[1]
    assert "whole number from 0 to 65535" in found[3]


def test_what_a_listener_offers() -> None:
    """Everything unless it says otherwise; nothing is a choice too."""
    config = parse(HOST + "[listeners.a]\nhttps = 443\nweb = []\n[listeners.b]\nhttp = 80\n[listeners.c]\nhttp = 81\nweb = ['admin']")

    assert [listener.web for listener in config.listeners] == [(), ("webmail", "account", "admin"), ("admin",)]
    assert not config.clients.imap


def test_a_missing_host_name_hides_nothing() -> None:
    """What is between other settings is checked all the same."""
    found = mistakes("[queue]\ngive_up_after = 100\ndelay_notice_after = 200\n")

    assert any("hostname is missing" in line for line in found)
    assert any(line.startswith("p.toml:3: [queue] delay_notice_after") for line in found)


def test_broken_toml_is_one_mistake_with_its_line() -> None:
    """What is no TOML cannot be read further."""
    assert mistakes(HOST + "a = = b\n")[0].startswith("p.toml:2: Invalid value (column 5)")


@pytest.mark.parametrize(("text", "said"), [
    ("listeners = 3", "[listeners.NAME]"),
    ("[routes]\ntransport = 'x'", "[[routes]]"),
    ("tls = 3", "must be a table"),
    ("[smtp]\nrequiretls = 1", "requiretls must be true or false, not 1"),
    ("[smtp]\nrequiretls = 'no'", 'requiretls must be true or false, not "no"'),
    ("transports = { relay = 3 }", "must be a table"),
    ("log_level = 'loud'", 'one of "debug", "info", "notice", "error"'),
    ("[dns]\nupstreams = 'x'", "must be a list of texts"),
    ("[dns]\nupstreams = ['127.0.0.1:99999']", "port from 1 to 65535"),
    ("[transports.relay]\nport = 25", "host is missing"),
    ("[transports.relay]\nhost = 'a.example'\nusername = 'me'", "needs a password_file"),
    ("[listeners.a]\nips = ['127.0.0.1']", "no listener has a port"),
    ("[listeners.a]\nhttp = 80\n[listeners.b]\nips = ['127.0.0.1']\nhttp = 80", "taken by http of [listeners.a]"),
    ("[listeners.a]\nips = ['127.0.0.1']\nhttp = 80\n[listeners.b]\nhttps = 80", "taken by http of [listeners.a]"),
    ("data = '/x'\nrun = '/x'", "run must not be the data directory"),
    (f"run = '/{'x' * 100}'", "run is too long"),
    ("local = true", "no setting 'local'"),
    ("[acme]\ndirectory = 'http://ca.example/dir'", "no URL that begins with https://"),
    ("[acme]\ndirectory = 'https://me@ca.example/dir'", "no URL that begins with https://"),
    ("[acme]\ncontact = 'me'", "contact: "),
    ("[acme]\nrenew_left = 30", "renew_left does nothing without a directory"),
    (f"{ACME}eab_kid = 'one'", "eab_kid and eab_key_file go together"),
    (f"{ACME}eab_key_file = 'one'", "eab_kid and eab_key_file go together"),
    (f"{ACME}challenge = 'dns-01'", "needs a dns_hook"),
    (f"{ACME}challenge = 'dns'", 'one of "http-01", "tls-alpn-01", "dns-01"'),
    (f"{ACME}[listeners.a]\nsmtp = 25", "challenge 'http-01' needs a listener with http"),
    (f"{ACME}challenge = 'tls-alpn-01'\n[listeners.a]\nhttp = 80", "challenge 'tls-alpn-01' needs a listener with https"),
    (f"{ACME}names = ['a b']", "names: "),
    ("[listeners.a]\nhttp = 80\nnat_ips = ['::']", "nat_ips are addresses that others connect to"),
    ("[listeners.a]\nhttp = 80\nweb = ['mail']", "'mail' is none of webmail, account, admin"),
    ("[listeners.a]\nhttp = 80\nweb = true", "must be a list of texts"),
    ("[clients]\nimap = 1", "imap must be true or false, not 1"),
])
def test_a_mistake_says_what_to_write(text: str, said: str) -> None:
    """Each kind of mistake has its own words."""
    assert said in "\n".join(mistakes(HOST + text))


def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    """Missing files and foreign encodings are told plainly."""
    with pytest.raises(SetupError, match=r"none\.toml: cannot be read: No such file"):
        load(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'hostname = "b\xfccher.example"')
    with pytest.raises(SetupError, match="is not UTF-8"):
        load(tmp_path / "latin.toml")


def test_paths_in_a_file_start_where_the_file_is(tmp_path: Path) -> None:
    """A file means the same wherever the command is typed."""
    (tmp_path / "p.toml").write_text(HOST + 'data = "d"')

    assert load(tmp_path / "p.toml").data == tmp_path / "d"
