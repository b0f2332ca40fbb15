"""workers.commands.quickrows: what quickstart tells machines, row by row; test_quickstart.py has all of them at once."""
import json
from pathlib import Path

import pytest

from mta.base.names import Domain
from mta.config.model import Clients, Config, Listener
from mta.flow.founding import Passwords
from mta.flow.records import Record
from mta.flow.survey import Line
from workers.commands import quickrows

HOST, DOMAIN = Domain.parse("mx.example.org"), Domain.parse("bücher.example")
PUBLIC = Listener("public", smtp=25, submission=587, submissions=465)


def plain(rows: object) -> list[dict[str, object]]:
    """The rows as a machine reads them: JSON has to take them as they are."""
    read: list[dict[str, object]] = json.loads(json.dumps(rows))
    return read


def test_what_is_done(tmp_path: Path) -> None:
    """In its order; names with spaces, quotes and line ends are one name each; without a command nothing is run."""
    files = [tmp_path / "a b.toml", tmp_path / 'c"\n; rm -rf.service']
    made = [{"kind": "do", "what": "make", "path": str(tmp_path)}, *({"kind": "do", "what": "write", "path": str(file)} for file in files)]
    assert plain(quickrows.doing(["useradd", "the user"], tmp_path, files)) == [
        {"kind": "do", "what": "run", "command": ["useradd", "the user"]}, *made]
    assert plain(quickrows.doing([], tmp_path, iter(files))) == made
    assert plain([quickrows.configured(files[1], "a = 1\n")]) == [{"kind": "configuration", "path": str(files[1]), "text": "a = 1\n"}]


def test_what_was_found_and_how_to_go_on() -> None:
    """One row each, with what to do about what is not well; nothing of nothing."""
    assert plain(quickrows.looked([Line("ports", False, "25 is taken by postfix", "end it"), Line("memory", True, "10 GB")])) == [
        {"kind": "look", "about": "ports", "well": False, "what": "25 is taken by postfix", "mend": "end it"},
        {"kind": "look", "about": "memory", "well": True, "what": "10 GB", "mend": ""}]
    assert plain(quickrows.following(["pillarbox dns check", "ssh -N"])) == [
        {"kind": "next", "command": "pillarbox dns check"}, {"kind": "next", "command": "ssh -N"}]
    assert quickrows.looked([]) == quickrows.following([]) == quickrows.published([], signed=True, spf="x") == []


def test_each_password_has_its_owner() -> None:
    """The account's is not told as the administrator's, nor the other way round."""
    rows = plain(quickrows.secrets(Config(HOST, postmaster="you"), "you@example.org", Passwords("one's", "other's")))
    assert {row["role"]: (row["kind"], row["name"], row["address"], row["password"]) for row in rows} == {
        "account": ("password", "you", "you@example.org", "one's"), "administrator": ("password", "", "", "other's")}


@pytest.mark.parametrize("signed", [True, False])
def test_records(signed: bool) -> None:
    """TLSA is for later where the zone is not signed; what is to be known of SPF stands at the domain's SPF record alone."""
    records = [Record("example.org.", "MX", "10 mx.example.org.", "w"), Record("example.org.", "TXT", '"v=spf1 mx ?all"', ""),
               Record("mx.example.org.", "TXT", '"v=spf1 a -all"', ""), Record("_dmarc.example.org.", "TXT", '"v=DMARC1; p=none"', ""),
               Record("_25._tcp.mx.example.org.", "TLSA", "3 1 1 00", "")]
    rows = plain(quickrows.published(records, signed=signed, spf="guessed"))
    assert [row["now"] for row in rows] == [True, True, True, True, signed]
    assert [row["note"] for row in rows] == ["", "guessed", "", "", ""]
    assert rows[0] == {
        "kind": "record", "name": "example.org.", "type": "MX", "value": "10 mx.example.org.", "why": "w", "now": True, "note": ""}
    assert {row["note"] for row in plain(quickrows.published(records, signed=signed, spf=""))} == {""}


def test_programs_and_web_servers() -> None:
    """Only what is offered to the outside; names are written as the DNS has them, whatever letters the domain has."""
    config = Config(HOST, listeners=(PUBLIC,), clients=Clients(imap=True))
    assert [(row["protocol"], row["host"], row["port"], row["tls"]) for row in plain(quickrows.programs(config))] == [
        ("imap", "mx.example.org", 993, "implicit"), ("smtp", "mx.example.org", 465, "implicit"),
        ("smtp", "mx.example.org", 587, "starttls")]
    assert quickrows.programs(Config(HOST, listeners=(Listener("inside", ("127.0.0.1",), submission=587),))) == []

    rows = plain(quickrows.snippets(HOST, DOMAIN))
    assert [row["server"] for row in rows] == ["nginx", "Caddy", "Apache"]
    for row in rows:
        text = str(row["text"])
        for said in ("mx.example.org", "mta-sts.xn--bcher-kva.example", "autoconfig.xn--bcher-kva.example", "127.0.0.1:1081"):
            assert said in text, row["server"]
        assert "bücher" not in text
