"""mta.config.effective: where each value comes from."""
from mta.config.effective import effective
from mta.config.parse import parse

TEXT = """\
hostname = "mx.example.org"
log_level = "info"

[listeners.public]
smtp = 25
[judge]
dnsbl = ["bl.example"]
[transports.relay]
host = "relay.example"
[[routes]]
transport = "relay"
recipient_domain = "b.test"
"""


def test_lines_and_defaults() -> None:
    """What stands in the file has its line, whatever it says; the rest is as by default."""
    found = {one.name: one for one in effective(parse(TEXT))}
    wanted = {
        "hostname": ('"mx.example.org"', 1, True), "log_level": ('"info"', 2, False), "listeners.public.smtp": ("25", 5, True),
        "judge.dnsbl": ('["bl.example"]', 7, True), "transports.relay.host": ('"relay.example"', 9, True),
        "routes.0.recipient_domain": ('"b.test"', 12, True), "routes.0.sender_domain": ("", 0, False), "acceptor.copies": ("0", 0, False),
        "smtp.requiretls": ("true", 0, False), "transports.relay.port": ("587", 0, False)}
    assert {name: (found[name].value, found[name].line, found[name].changed) for name in wanted} == wanted
    assert all(one.help for one in found.values())
    assert "transports.relay.name" not in found
    assert not any("password" in name and not name.endswith("_file") for name in found)
