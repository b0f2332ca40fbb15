"""workers.commands.quickstart: what is typed, and what is told; tests/lab/test_quickstart.py does it on a machine of its own."""
import io
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from mta.base.names import Domain, IPAddress, ip_address
from mta.config.parse import load
from mta.dns.answer import Answer, RecordType
from mta.dns.zone import Zone
from mta.flow import survey
from mta.flow.survey import Machine
from workers import machine
from workers.command import main
from workers.commands import quickstart

OURS = ip_address("203.0.113.5")
ZONE = """\
mx.example.org A 203.0.113.5
smtp.relay.example A 203.0.113.9
relay.example TXT "v=spf1 ip4:203.0.113.0/24 -all"
"""

Type = Callable[..., tuple[int, str, str]]


class Nobody:
    """The DNS of the tests, in the place of the machine's."""

    def __init__(self, servers: object, clock: object) -> None:
        self._zone = Zone(ZONE)

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        return await self._zone.ask(name, kind)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[Machine]:
    """The machine that is looked at; a test may put another in its place."""
    found = [Machine("box", (OURS,), free=10**11, memory=10**10, synchronized=True)]
    monkeypatch.setattr(machine, "look", lambda data: found[0])
    monkeypatch.setattr(quickstart, "Upstreams", Nobody)
    return found


@pytest.fixture
def typed(tmp_path: Path, capsys: pytest.CaptureFixture[str], here: list[Machine], monkeypatch: pytest.MonkeyPatch) -> Type:
    """Type `pillarbox quickstart` with these words; status, output, errors."""
    def type_it(*words: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        status = main(["quickstart", "--config", str(tmp_path / "etc" / "p.toml"), "--data", str(tmp_path / "data"), "--run",
                       str(tmp_path / "run"), "--unit", str(tmp_path / "p.service"), "--user", "", "--acme", "none", *words])
        told = capsys.readouterr()
        return status, told.out, told.err
    return type_it


def test_a_server_is_made(typed: Type, tmp_path: Path) -> None:
    """Everything that one has to know is said, and it is not made twice."""
    status, out, _ = typed("you@example.org")

    assert status == 0
    for text in ("OK  host name     mx.example.org leads to 203.0.113.5", "you@example.org   ", "administrator   ",
                 "example.org. MX 10 mx.example.org.", "mx.example.org port 465, SSL/TLS, user you@example.org",
                 "ssh -N -L 1080:127.0.0.1:1080 root@mx.example.org", "pillarbox dns check example.org",
                 f"pillarbox serve --config {tmp_path / 'etc' / 'p.toml'}"):
        assert text in out
    assert "nginx" not in out
    assert "\n; _25._tcp.mx.example.org. TLSA 3 1 1 " in out    # the zone is not signed
    assert "\n_25._tcp" not in out
    assert f"--config {tmp_path / 'etc' / 'p.toml'}\n" in (tmp_path / "p.service").read_text()

    status, _, err = typed("you@example.org")
    assert (status, err.count("is there already")) == (1, 3)


def test_only_looking(typed: Type, tmp_path: Path) -> None:
    """Says what would be made, and makes nothing."""
    status, out, _ = typed("you@example.org", "--dry-run", "--hostname", "post.example.org", "--existing-webserver")

    assert status == 0
    assert 'hostname = "post.example.org"' in out
    assert "[listeners.proxied]" in out
    assert "[delivery]" not in out    # nothing is set there
    assert f"write  {tmp_path / 'p.service'}" in out
    assert list(tmp_path.iterdir()) == []


def test_behind_a_router(typed: Type, tmp_path: Path, here: list[Machine]) -> None:
    """By the word of whoever types, or by that of the DNS."""
    here[0] = Machine("box", (ip_address("192.168.1.5"),))
    status, out, _ = typed("you@example.org")
    assert status == 0
    assert load(tmp_path / "etc" / "p.toml").listeners[0].nat_ips == ("203.0.113.5",)
    assert "A router translates 203.0.113.5" in out

    _, out, _ = typed("you@example.org", "--dry-run", "--config", str(tmp_path / "other.toml"), "--data", str(tmp_path / "other"),
                      "--unit", str(tmp_path / "other.service"), "--nat-ip", "198.51.100.1", "--nat-ip", "2001:db8::1")
    assert 'nat_ips = ["198.51.100.1", "2001:db8::1"]' in out


def test_beside_a_web_server(typed: Type, tmp_path: Path, here: list[Machine]) -> None:
    """Without the word for it nothing is made; with it the texts for each are printed."""
    here[0] = Machine("box", (OURS,), ports={80: "nginx", 443: "nginx"})
    status, _, err = typed("you@example.org")
    assert (status, list(tmp_path.iterdir())) == (1, [])
    assert "port 80 is taken by nginx: say --existing-webserver" in err

    status, out, _ = typed("you@example.org", "--existing-webserver")
    assert status == 0
    for text in ("For nginx", "For Caddy", "For Apache", "proxy_pass http://127.0.0.1:1081;"):
        assert text in out
    public = load(tmp_path / "etc" / "p.toml").listeners[0]
    assert (public.http, public.https, public.smtp) == (0, 0, 25)


def test_through_a_relay(typed: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Transport, route, the password in a file of its own, and what SPF has to say then."""
    async def answers(ip: IPAddress, port: int) -> None:
        assert (str(ip), port) == ("203.0.113.9", 465)

    monkeypatch.setattr(quickstart, "survey", partial(survey.survey, dial=answers))
    status, out, err = typed("you@example.org", "--relay", "smtp.relay.example:465", "--relay-user", "me", stdin="a secret\n")

    assert (status, err) == (0, "")
    assert "OK  relay         smtp.relay.example answers at port 465." in out
    assert 'example.org. TXT "v=spf1 mx include:relay.example ' in out
    config = load(tmp_path / "etc" / "p.toml")
    [relay], [route] = config.transports, config.routes
    assert (relay.host, relay.port, relay.tls, relay.username) == ("smtp.relay.example", 465, "implicit", "me")
    assert route.transport == relay.name
    assert relay.password_file
    assert relay.password_file.read_text() == "a secret\n"
    assert "a secret" not in out + (tmp_path / "etc" / "p.toml").read_text()


def test_without_the_password_nothing_is_made(typed: Type, tmp_path: Path) -> None:
    """Standard input has none."""
    status, _, err = typed("you@example.org", "--relay", "203.0.113.9", "--relay-user", "me")

    assert (status, list(tmp_path.iterdir())) == (1, [])
    assert "a password is needed" in err


def test_for_machines(typed: Type, tmp_path: Path) -> None:
    """Looking alone tells what was found and what would be done; doing it all that people are told, in one list."""
    status, out, _ = typed("you@example.org", "--dry-run", "--json")
    rows = json.loads(out)
    assert (status, list(tmp_path.iterdir())) == (0, [])
    looks = {row["about"]: row for row in rows if row["kind"] == "look"}
    assert looks["host name"]["well"]
    assert "PTR" in looks["reverse DNS"]["mend"]
    assert [row["what"] for row in rows if row["kind"] == "do"] == ["make", "write", "write"]
    assert 'hostname = "mx.example.org"' in next(row["text"] for row in rows if row["kind"] == "configuration")
    assert {row["kind"] for row in rows} == {"look", "do", "configuration"}

    status, out, _ = typed("you@example.org", "--json", "--existing-webserver")
    rows = json.loads(out)
    assert status == 0
    assert len({row["password"] for row in rows if row["kind"] == "password"}) == 2
    assert {(row["type"], row["now"]) for row in rows if row["kind"] == "record"} >= {("MX", True), ("TLSA", False)}
    assert {row["server"] for row in rows if row["kind"] == "snippet"} == {"nginx", "Caddy", "Apache"}
    assert [row["command"].split()[0] for row in rows if row["kind"] == "next"] == ["pillarbox", "pillarbox", "ssh"]
    assert {row["port"] for row in rows if row["kind"] == "program"} == {465, 587}


def test_a_refusal_for_machines(typed: Type, tmp_path: Path, here: list[Machine]) -> None:
    """What was looked at is told all the same; why nothing was done is said where mistakes are."""
    here[0] = Machine("box", (OURS,), ports={80: "nginx"})
    status, out, err = typed("you@example.org", "--json")

    assert (status, list(tmp_path.iterdir())) == (1, [])
    assert any(row["about"] == "ports" and not row["well"] for row in json.loads(out))
    assert "--existing-webserver" in err


def test_what_a_domain_brings_along(typed: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others who send for it stay in the one SPF record, and its policy is not made stricter; a new one is strict at once."""
    _, out, _ = typed("you@example.org")
    assert '_dmarc.example.org. TXT "v=DMARC1; p=reject' in out
    assert 'example.org. TXT "v=spf1 mx -all"' in out

    monkeypatch.setattr(sys.modules[__name__], "ZONE", f"{ZONE}other.example MX 5 old.example.\n"
                        'other.example TXT "v=spf1 include:news.example ~all"\n_dmarc.other.example TXT "v=DMARC1; p=none"\n')
    other = tmp_path / "other"
    _, out, _ = typed("you@other.example", "--config", str(other / "p.toml"), "--data", str(other / "data"), "--unit",
                      str(other / "p.service"))
    assert "goes to old.example today" in out
    assert 'other.example. TXT "v=spf1 mx include:news.example ~all"' in out
    assert '_dmarc.other.example. TXT "v=DMARC1; p=none' in out


@pytest.mark.parametrize(("words", "said"), [
    (["you"], "is no address"), (["you@localhost"], "is no domain that others know"), (["postmaster@example.org"], "a person's"),
    (["you@[203.0.113.5]"], "is no address"), (["a/b@example.org"], "is no name for an account"),
    (["you@example.org", "--hostname", "mx"], "is no full name"), (["you@example.org", "--hostname", "-"], "--hostname"),
    (["you@example.org", "--hostname", "example.org"], "a name of its own"),
    (["you@example.org", "--nat-ip", "here"], "--nat-ip"), (["you@example.org", "--relay", "smtp"], "--relay"),
    (["you@example.org", "--relay", "smtp.relay.example:0"], "is no port"),
    (["you@example.org", "--relay-user", "me"], "goes with --relay"), (["you@example.org", "--probe", "x"], "--probe"),
    (["you@example.org", "--dnsbl", "x"], "--dnsbl"), (["you@example.org", "--acme", "http://acme.example/"], "https://"),
    (["you@example.org", "--dir", "/tmp"], "--dir is for")])
def test_what_is_typed_wrong(typed: Type, tmp_path: Path, words: list[str], said: str) -> None:
    """One clear line, and nothing is made."""
    status, _, err = typed(*words)

    assert status == 1
    assert said in err
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
