"""A machine of its own becomes a mail server by one command: mail in and out, signing in, a restart; beside a web server too.

It has a network of its own, since it listens on every address, with one cable to the rest
of the world: a Postfix.  What quickstart prints is what its zone then says.
"""
import contextlib
import http.client
import json
import os
import shutil
import smtplib
import ssl
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.base.names import Domain
from mta.net.tls import self_signed
from tests.lab.founded import DOMAIN, HERE, HOST, THERE, Founded, cabled, namespace
from tests.lab.names import Names, ZoneFile
from tests.lab.namespace import Namespace
from tests.lab.postfix import Postfix
from tests.lab.server import COMMAND, USER
from tests.lab.waiting import port_open, until


@pytest.fixture(scope="module")
def machine() -> Iterator[Namespace]:
    """The machine, fresh."""
    with namespace("quick") as space:
        yield space


@pytest.fixture(scope="module")
def world(machine: Namespace) -> Iterator[Postfix]:
    """The rest of the world, at the other end of a cable."""
    with cabled(machine, "world") as postfix:
        yield postfix


@pytest.fixture(scope="module")
def zone(machine: Namespace, world: Postfix) -> Names:
    """The DNS."""
    with machine.entered():
        return Names(machine, [
            ZoneFile(DOMAIN, f"mx A {HERE}", signed=True), ZoneFile("far.test", f'@ MX 10 mx\nmx A {THERE}\n@ TXT "v=spf1 mx -all"'),
            ZoneFile("113.0.203.in-addr.arpa", f"5 PTR {HOST}.\n6 PTR mx.far.test.")])


@pytest.fixture(scope="module")
def founded(machine: Namespace, zone: Names) -> Iterator[Founded]:
    """The server, running, with its records published."""
    server = Founded(machine, "server")
    zone.change(DOMAIN, server.part("DNS records"))
    server.start()
    yield server
    assert server.stop() == 0, server.text()[-3000:]
    assert "agree" in server.command("verify")


@pytest.fixture(autouse=True)
def inside(machine: Namespace) -> Iterator[None]:
    """Each test runs on the machine."""
    with machine.entered():
        yield


def test_the_machine_is_looked_at(founded: Founded) -> None:
    """What is in order is said to be; the zone is signed and its mail goes nowhere yet."""
    survey = founded.part("This machine")
    assert f"\n_25._tcp.{HOST}. TLSA 3 1 1 " in founded.part("DNS records")
    for text in (f"OK  addresses     Others reach this machine at {HERE}.", f"OK  host name     {HOST} leads to {HERE}.",
                 f"OK  reverse DNS   {HERE} is called {HOST}.", "OK  resolver      The DNS server on this machine validates DNSSEC.",
                 f"OK  domain        {DOMAIN} is in the DNS and signed (DNSSEC).", "OK  ports ",
                 "OK  port 25       Mail can go out: mx.far.test answers at port 25."):
        assert text in survey


def test_everything_is_in_order(founded: Founded) -> None:
    """As far as the server can tell; nothing in the data belongs to another user."""
    assert founded.command("check").startswith("everything is in order\n")


def test_mail_in_and_out(founded: Founded, world: Postfix) -> None:
    """To the first account, to its postmaster, and from it, signed; and again after a restart."""
    for turn, recipient in (("first", "you"), ("second", "postmaster")):
        world.sendmail("bob@far.test", f"{recipient}@{DOMAIN}", message=f"From: bob@far.test\nSubject: {turn} in\n\nHello.\n".encode())
        raw = founded.raw(founded.wait_for("you", f"{turn} in"))
        assert "spf=pass" in raw
        with smtplib.SMTP_SSL(HERE, 465, context=_unverified()) as client:
            client.login(f"you@{DOMAIN}", founded.password)
            client.sendmail(f"you@{DOMAIN}", ["bob@far.test"], f"From: you@{DOMAIN}\r\nSubject: {turn} out\r\n\r\nHello.\r\n".encode())
        sent = world.wait_for(f"Subject: {turn} out".encode())
        assert b"d=hill.test" in sent
        letter = founded.folder / "sent.eml"
        letter.write_bytes(sent)
        # What was published is what was signed with.
        assert "pass" in founded.command("dkim", "verify", letter)
        if turn == "first":
            assert founded.stop() == 0
            founded.start()
            assert founded.wait_for("you", "first in")


def test_one_signs_in_inside(founded: Founded) -> None:
    """With the passwords that were printed, and nowhere else."""
    for role, name, password in (("admin", "", founded.admin_password), ("account", "you", founded.password)):
        body = json.dumps({"password": password} | ({"name": name} if name else {}))
        assert _call("127.0.0.1", 1080, f"/api/{role}/login", body) == 200
        assert _call("127.0.0.1", 1080, f"/api/{role}/login", body.replace(password, "wrong password")) != 200
    assert _call("127.0.0.1", 1080, "/webmail/") == 200
    for page in ("/webmail/", "/admin/", "/account/"):
        assert _call(HERE, 80, page) == 404


def _call(ip: str, port: int, path: str, body: str = "", host: str = "localhost:1080") -> int:
    return _answer(ip, port, path, body, host)[0]


def _answer(ip: str, port: int, path: str, body: str = "", host: str = "", context: ssl.SSLContext | None = None) -> tuple[int, str]:
    conn = http.client.HTTPSConnection(ip, port, context=context) if context else http.client.HTTPConnection(ip, port)
    with contextlib.closing(conn):
        conn.request("POST" if body else "GET", path, body or None, {
            "Host": host, **({"Content-Type": "application/json", "Origin": f"http://{host}"} if body else {})})
        with conn.getresponse() as answer:
            return answer.status, answer.read().decode("utf-8", "replace")


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def test_a_second_time_it_refuses(founded: Founded) -> None:
    """It names all that is there, and touches none of it; looking alone is refused for the same reason."""
    config = founded.config.read_bytes()
    for more in ((), ("--dry-run",)):
        said = founded.quickstart(*more, check=False)
        assert said.count("is there already, and is not overwritten") == 3
    assert founded.config.read_bytes() == config


def test_a_taken_port_of_the_web(founded: Founded) -> None:
    """Who did not say that there is a web server is told how, before anything is made."""
    founded.more, place = (), founded.folder.parent / "another"
    said = founded.space.run(*COMMAND, "quickstart", f"you@{DOMAIN}", "--config", place / "p.toml", "--data", place / "data", "--run",
                             place / "run", "--unit", place / "p.service", "--user", USER, "--acme", "none", "--hostname", HOST,
                             "--probe", "far.test", check=False)
    assert "port 80 is taken by" in said
    assert "--existing-webserver" in said
    assert not place.exists()


# --- beside a web server ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def beside(machine: Namespace, zone: Names, founded: Founded) -> Iterator[Founded]:
    """A server that leaves ports 80 and 443 to another program; the first one stops meanwhile."""
    assert founded.stop() == 0
    server = Founded(machine, "beside", "--existing-webserver")
    server.start()
    yield server
    assert server.stop() == 0, server.text()[-3000:]
    founded.start()


def missing(program: str) -> bool:
    """Whether a test has to be skipped."""
    return not shutil.which(program) and not os.environ.get("CI")


def certified(folder: Path) -> tuple[Path, Path]:
    """What certbot would bring: a certificate for all the names, and its key."""
    self_signed([Domain(HOST), Domain(f"mta-sts.{DOMAIN}"), Domain(f"autoconfig.{DOMAIN}")], [], folder, SystemClock())
    return folder / "self-signed.pem", folder / "self-signed.key"


def prove(beside: Founded) -> None:
    """Put what an authority looks at before it gives a certificate where the server has such."""
    proofs = beside.folder / "data" / "acme" / "http-01"
    proofs.mkdir(parents=True, exist_ok=True)
    (proofs / "token").write_text("token.proof")
    for folder in (proofs.parent, proofs, proofs / "token"):
        shutil.chown(folder, USER, USER)


def asked(beside: Founded, port: int, context: ssl.SSLContext | None = None) -> None:
    """What a web server hands on, and what it keeps."""
    prove(beside)
    for name in (HOST, f"mta-sts.{DOMAIN}", f"autoconfig.{DOMAIN}"):
        assert _answer(HERE, port, "/.well-known/acme-challenge/token", host=name, context=context) == (200, "token.proof")
    status, text = _answer(HERE, port, "/.well-known/mta-sts.txt", host=f"mta-sts.{DOMAIN}", context=context)
    assert (status, text.splitlines()[:2]) == (200, ["version: STSv1", "mode: testing"])
    for host in (HOST, f"autoconfig.{DOMAIN}"):
        status, text = _answer(HERE, port, f"/mail/config-v1.1.xml?emailaddress=you%40{DOMAIN}", host=host, context=context)
        assert status == 200, (host, text)
        assert f"<hostname>{HOST}</hostname>" in text
    for path in ("/webmail/", "/admin/", "/account/", "/api/admin/login"):
        assert "Pillarbox" not in _answer(HERE, port, path, host=HOST, context=context)[1]


@pytest.mark.skipif(missing("nginx"), reason="Debian's nginx is not installed")
def test_beside_nginx(beside: Founded, machine: Namespace) -> None:
    """Its text works as it is, and with the lines that certbot adds."""
    folder = beside.folder / "nginx"
    folder.mkdir()
    chain, key = certified(folder)
    text = beside.part("For nginx")
    secure = text.replace("    listen [::]:80;", f"    listen 443 ssl;\n    ssl_certificate {chain};\n    ssl_certificate_key {key};")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    for port, snippet in ((80, text), (443, secure)):
        (folder / "nginx.conf").write_text(
            f"pid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{snippet}\n}}\n")
        process = machine.start("nginx", "-c", folder / "nginx.conf", "-g", "daemon off;", log=folder / "log")
        until(partial(port_open, HERE, port), why=(folder / "log").read_text)
        asked(beside, port, _unverified() if port == 443 else None)
        machine.end(process)


@pytest.mark.skipif(missing("apache2"), reason="Debian's apache2 is not installed")
def test_beside_apache(beside: Founded, machine: Namespace) -> None:
    """The same."""
    folder = beside.folder / "apache"
    folder.mkdir()
    modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in (
        "mpm_event", "proxy", "proxy_http", "authz_core"))
    (folder / "apache.conf").write_text(
        f"ServerRoot {folder}\nServerName localhost\nPidFile {folder}/pid\nErrorLog {folder}/error.log\n"
        f"User daemon\nGroup daemon\nListen 80\n{modules}\n{beside.part('For Apache')}\n")
    process = machine.start("apache2", "-f", folder / "apache.conf", "-DFOREGROUND", log=folder / "log")
    until(lambda: port_open(HERE, 80), why=lambda: (folder / "log").read_text() + (folder / "error.log").read_text())
    asked(beside, 80)
    machine.end(process)


@pytest.mark.skipif(missing("caddy"), reason="Debian's caddy is not installed")
def test_beside_caddy(beside: Founded, machine: Namespace) -> None:
    """The same, with an authority of its own in the place of the public one."""
    folder = beside.folder / "caddy"
    folder.mkdir()
    (folder / "Caddyfile").write_text(
        f"{{\n local_certs\n skip_install_trust\n admin off\n storage file_system {folder}/store\n}}\n{beside.part('For Caddy')}\n")
    process = machine.start("caddy", "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile", log=folder / "log",
                            env={**os.environ, "HOME": str(folder)})
    until(lambda: port_open(HERE, 443), why=lambda: (folder / "log").read_text())
    for host, path in ((f"mta-sts.{DOMAIN}", "/.well-known/mta-sts.txt"), (HOST, "/mail/config-v1.1.xml"),
                       (f"autoconfig.{DOMAIN}", "/mail/config-v1.1.xml")):
        said = machine.run("curl", "-sk", "--resolve", f"{host}:443:{HERE}", f"https://{host}{path}?emailaddress=you%40{DOMAIN}")
        assert ("version: STSv1" if path.endswith("txt") else f"<hostname>{HOST}</hostname>") in said
    assert "Pillarbox" not in machine.run("curl", "-sk", "--resolve", f"{HOST}:443:{HERE}", f"https://{HOST}/webmail/")
    # An authority follows where it is sent (RFC 8555 §8.3).
    prove(beside)
    said = machine.run("curl", "-skL", "--resolve", f"{HOST}:80:{HERE}", "--resolve", f"{HOST}:443:{HERE}",
                       f"http://{HOST}/.well-known/acme-challenge/token")
    assert said == "token.proof"
    machine.end(process)
