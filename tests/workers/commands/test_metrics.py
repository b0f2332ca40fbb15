"""workers.commands.metrics: what the server counts, for people, machines and other programs."""
import json
import smtplib
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mta import VERSION
from tests.serving import Server
from tests.workers.commands.conftest import Typing
from workers import alerts, counted, dashboard
from workers.commands.metrics import _row


def test_documents_are_printed(typed: Typing) -> None:
    """As they are committed and described; no server is needed."""
    assert typed("metrics rules") == alerts.text()
    assert typed("metrics dashboard") == dashboard.text()
    rows = typed.json("metrics list")
    assert [row["name"] for row in rows] == [one.name for one in counted.everything()]
    assert next(row for row in rows if row["name"] == "pillarbox_dmarc_total")["labels"]["policy"] == ["reject", "quarantine", "none"]
    assert "pillarbox_dmarc_total" in typed("metrics list")


def test_data_in_json(typed: Typing) -> None:
    """What is one sentence for people is an object for machines."""
    assert typed.json("version") == [{"version": VERSION}]
    [added] = typed.json("domain add example.org")
    assert list(added) == ["message"]
    assert "example.org" in added["message"]
    assert typed.json("verify") == []


def test_checks_in_json(typed: Typing, tmp_path: Path) -> None:
    """What is wrong, with the same exit status as for people."""
    typed("domain add example.org")
    assert typed.json("check") == [{"kind": "hint", "text": line.removeprefix("still to do: ")}
                                   for line in typed("check").splitlines()[1:]]
    (tmp_path / "data" / "keys").chmod(0o755)
    status, out, err = typed.attempt("check --json")
    [problem] = [row["text"] for row in json.loads(out) if row["kind"] == "problem"]
    assert (status, err) == (1, "")
    assert "others may use it" in problem
    (tmp_path / "data" / "keys").chmod(0o700)


def test_no_server_no_counters(typed: Typing) -> None:
    """One line says so."""
    status, out, err = typed.attempt("metrics show")
    assert (status, out) == (1, "")
    assert "no server" in err


@pytest.mark.parametrize(("line", "row"), [
    ("pillarbox_x 3", {"name": "pillarbox_x", "labels": {}, "value": 3}),
    ('pillarbox_x_bucket{a="b",le="0.5"} 1.5', {"name": "pillarbox_x_bucket", "labels": {"a": "b", "le": "0.5"}, "value": 1.5}),
    (r'pillarbox_x{a="q\"\\\n,b=\"c"} 1e3', {"name": "pillarbox_x", "labels": {"a": 'q"\\\n,b="c'}, "value": 1000}),
])
def test_lines_of_the_page(line: str, row: dict[str, object]) -> None:
    """As the exposition format escapes them."""
    assert _row(line) == row


def test_a_running_server_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Mail that comes in, is refused and goes out, a call and a page: on the command line and for Prometheus' own parser."""
    server = Server(tmp_path / "here").start()
    typed = Typing(server.folder, capsys, monkeypatch)
    try:
        with smtplib.SMTP(server.ip, server.smtp, timeout=20) as client:
            client.ehlo("client.example")
            client.sendmail("bob@example.net", ["demo@localhost"], "From: bob@example.net\r\nSubject: x\r\n\r\nHello\r\n")
            assert client.mail("bob@example.net")[0] == 250
            assert client.docmd("RCPT", "TO:<not an address>")[0] == 501
            open_now = typed.json("metrics show smtp_sessions")
        request = urllib.request.Request(
            f"http://{server.ip}:{server.http}/api/webmail/state", b"{}", {"Content-Type": "application/json"})
        assert urllib.request.urlopen(request, timeout=20).status == 200
        with urllib.request.urlopen(f"http://{server.ip}:{8_180 + server.offset}/metrics", timeout=20) as answer:
            page = answer.read().decode()
        shown = {(row["name"], *row["labels"].values()): row["value"] for row in typed.json("metrics show")}
        everything = typed.json("metrics show --all")
        assert "pillarbox_messages_received_total" in typed("metrics show received")
        assert "# HELP pillarbox_build_info" in typed("metrics show --raw")
    finally:
        server.stop()

    assert [row["value"] for row in open_now] == [1]
    assert shown["pillarbox_messages_received_total", "accepted"] == 1
    assert shown["pillarbox_smtp_commands_total", "smtp", "DATA", "ok"] == 1
    assert shown["pillarbox_smtp_commands_total", "smtp", "RCPT", "refused"] == 1
    assert shown["pillarbox_smtp_command_seconds_count", "DATA"] == 1
    assert shown["pillarbox_smtp_session_seconds_count",] == 1
    assert shown["pillarbox_authenticity_total", "spf", "none"] == 1
    assert shown["pillarbox_authenticity_check_seconds_count", "dkim"] == 1
    assert shown["pillarbox_api_calls_total", "webmail", "ok"] == 1
    assert shown["pillarbox_http_requests_total", "api", "POST", "2xx"] == 1
    assert sum(value for key, value in shown.items() if key[0] == "pillarbox_dns_answers_total") >= 1
    assert not [key for key in shown if key[0] == "pillarbox_unexpected_total"]
    families = {family.name: family for family in text_string_to_metric_families(page)}
    assert families["pillarbox_messages_received"].type == "counter"
    assert families["pillarbox_smtp_command_seconds"].type == "histogram"
    names = {row["name"] for row in everything}
    assert {one.name for one in counted.everything()} - names <= {
        "pillarbox_web_connections", "pillarbox_web_event_streams", "pillarbox_certificate_until_seconds", "pillarbox_reports_due",
        "pillarbox_dnsbl_working", "pillarbox_dnsbl_listed",
        *(one.name for one in counted.everything() if one.kind == "histogram")}
