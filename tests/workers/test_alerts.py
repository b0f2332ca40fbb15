"""workers.alerts: rules that Prometheus takes, about things that are counted, in words that say what to do."""
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from mta.base.events import Event
from tests.workers.queries import complaints
from workers.alerts import Alert, alerts, text
from workers.command import read

ROOT = Path(__file__).resolve().parents[2]
PROMTOOL = shutil.which("promtool")


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.name)
def test_it_is_about_what_is_counted(alert: Alert) -> None:
    """Every metric, label and value of the expression exists."""
    assert list(complaints(alert.expression)) == []


@pytest.mark.parametrize(("expression", "complaint"), [
    ("sum(pillarbox_nothing_total) > 0", "there is no pillarbox_nothing_total"),
    ('pillarbox_api_calls_total{app="admin"}', "has no label app"),
    ('pillarbox_api_calls_total{api="root"}', "api is never 'root'"),
    ('pillarbox_api_calls_total{code=~"server:.*|ours"}', "code never matches 'ours'"),
    ('increase(pillarbox_events_total{event="no.event"}[1h])', "event is never 'no.event'"),
    ("sum by (nothing) (pillarbox_api_calls_total)", "nothing there has a label nothing"),
    ("sum(pillarbox_api_calls_total", "brackets"), ("3 > 2", "no metric"),
    ("pillarbox_api_calls_total_bucket", "there is no"),
])
def test_the_reader_of_expressions_finds_mistakes(expression: str, complaint: str) -> None:
    """Else the test above would prove nothing."""
    assert any(complaint in one for one in complaints(expression))


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.name)
def test_it_says_what_to_do(alert: Alert) -> None:
    """In sentences, with commands that can be typed."""
    assert alert.severity in ("critical", "warning", "info")
    assert alert.summary.endswith(".")
    assert len(alert.summary) < 100
    assert len(alert.description.split()) >= 10
    used = set(re.findall(r"\$labels\.(\w+)", alert.summary + alert.description))
    grouped = {label.strip() for found in re.findall(r"by \(([^)]*)\)", alert.expression) for label in found.split(",")}
    assert used <= grouped or "by (" not in alert.expression
    for command in re.findall(r"`(pillarbox [^`|]*?)(?: \|[^`]*)?`", alert.description):
        words = [word if word.islower() or word.startswith("-") else "1" for word in shlex.split(command)[1:]]
        if "--help" not in words:
            read(words)


def test_every_grave_event_has_an_alert() -> None:
    """A new one too: the last rule takes what no other names."""
    told = "".join(alert.expression for alert in alerts())
    counted = {Event.UNEXPECTED: "pillarbox_unexpected_total", Event.WEB_ERROR: 'status="5xx"', Event.DNSBL_TROUBLE: "dnsbl_working",
               Event.DNSBL_LISTED: "dnsbl_listed"}
    for event in (event for event in Event if event.level == "error"):
        assert counted.get(event, event.key.replace(".", "[.]")) in told


def test_the_committed_file_is_fresh_and_yaml() -> None:
    """What is printed is what is committed, and says what the table says."""
    assert (ROOT / "docs" / "pillarbox.rules").read_text() == text()
    [group] = yaml.safe_load(text())["groups"]
    assert [(rule["alert"], rule["expr"], rule["annotations"]["summary"]) for rule in group["rules"]] == [
        (alert.name, alert.expression, alert.summary) for alert in alerts()]
    assert len({rule["alert"] for rule in group["rules"]}) == len(group["rules"])


@pytest.mark.skipif(PROMTOOL is None and not os.environ.get("CI"), reason="no promtool here")
def test_promtool_takes_it(tmp_path: Path) -> None:
    """Prometheus' own check; and what fires when the first error of a kind is counted, and what does not."""
    assert PROMTOOL
    (tmp_path / "pillarbox.rules").write_text(text())
    (tmp_path / "test.yml").write_text(json.dumps({"rule_files": ["pillarbox.rules"], "evaluation_interval": "1m", "tests": [{
        "interval": "1m",
        "input_series": [
            {"series": 'pillarbox_build_info{version="1"}', "values": "1x30"},
            {"series": 'pillarbox_api_calls_total{api="admin",code="server:error"}', "values": "0x10 1x20"},
            {"series": 'pillarbox_api_calls_total{api="admin",code="user:error"}', "values": "0x10 50x20"},
            {"series": 'pillarbox_unexpected_total{role="web",module="web.admin"}', "values": "0x10 1x20"},
            {"series": 'pillarbox_events_total{role="supervisor",event="supervisor.role_fell"}', "values": "0x10 1x20"},
            {"series": 'pillarbox_dnsbl_listed{zone="bl.example",ip="192.0.2.1"}', "values": "0x30"}],
        "alert_rule_test": [
            *({"eval_time": time, "alertname": name, "exp_alerts": [
                {"exp_labels": {"severity": severity, **labels}, "exp_annotations": _words(name, labels)}] if time == "12m" else []}
              for time in ("9m", "12m") for name, severity, labels in (
                ("PillarboxApiServerErrors", "warning", {"api": "admin", "code": "server:error"}),
                ("PillarboxUnexpected", "warning", {"role": "web", "module": "web.admin"}),
                ("PillarboxProcessFell", "critical", {"event": "supervisor.role_fell"}))),
            {"eval_time": "12m", "alertname": "PillarboxOnBlockList", "exp_alerts": []},
            {"eval_time": "12m", "alertname": "PillarboxAbsent", "exp_alerts": []}]}]}))
    for words in (["check", "rules", "pillarbox.rules"], ["test", "rules", "test.yml"]):
        done = subprocess.run([PROMTOOL, *words], capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr


def _words(name: str, labels: dict[str, str]) -> dict[str, str]:
    [alert] = [alert for alert in alerts() if alert.name == name]
    filled = {"summary": alert.summary, "description": alert.description}
    for label, value in labels.items():
        filled = {key: words.replace(f"{{{{ $labels.{label} }}}}", value) for key, words in filled.items()}
    return filled
