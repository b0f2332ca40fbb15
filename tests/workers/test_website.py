"""workers.website: pages and metrics are served; what they say is tested in tests/web."""
import http.client
import ssl

from tests.workers.conftest import Runner
from workers import website


def test_pages_come_with_and_without_tls(run_role: Runner) -> None:
    """The webmail's page, from both ports."""
    role = run_role(website, "web", "http", "https", "metrics")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE

    for connection in (http.client.HTTPConnection("127.0.0.1", role.ports["http"], timeout=20),
                       http.client.HTTPSConnection("127.0.0.1", role.ports["https"], timeout=20, context=context)):
        connection.request("GET", "/webmail/")
        answer = connection.getresponse()
        assert answer.status == 200
        assert b"<html" in answer.read()
        connection.close()


def test_metrics_are_there_for_every_role(run_role: Runner) -> None:
    """At zero, if nothing happened."""
    role = run_role(website, "web", "http", "https", "metrics")
    connection = http.client.HTTPConnection("127.0.0.1", role.ports["metrics"], timeout=20)
    connection.request("GET", "/metrics")
    page = connection.getresponse().read().decode()
    connection.close()

    assert 'pillarbox_events_total{role="acceptor",event="smtp.accepted"} 0' in page
    assert 'pillarbox_process_resident_memory_bytes{role="web",number="0"' in page
