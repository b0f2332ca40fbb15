"""mta.config.sample: the sample file says what is so."""
import re
from pathlib import Path

from mta.base.names import Domain
from mta.config.model import Acme, Backup, Config, Judge, Listener, LocalUser, Reports, Route, Tls, Transport
from mta.config.parse import parse
from mta.config.sample import EXAMPLE, sample

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "pillarbox.toml"


def test_the_sample_is_the_default() -> None:
    """Read as it is, it configures nothing but the host name."""
    assert parse(sample()) == EXAMPLE


def test_every_setting_can_be_switched_on() -> None:
    """With all comment signs removed it is still a valid file."""
    everything = re.sub(r"(?m)^#(?! )", "", sample())

    config = parse(everything)

    assert isinstance(config, Config)
    assert config.routes[0].transport == config.transports[0].name == "relay"
    assert config.queue == EXAMPLE.queue


FULL = Config(
    hostname=Domain("mx.example.net"), data=Path("/srv/mail"), user="", postmaster="ann",
    listeners=(Listener("only", ("192.0.2.1",), nat_ips=("198.51.100.1",), smtp=25, http=80, web=()),),
    tls=Tls(certificate=Path("/c.pem"), key=Path("/k.pem")), acme=Acme(directory="https://acme.example/d", contact="ann@example.net"),
    judge=Judge(dnsbl=("bl.example",)), reports=Reports(tls=False),
    backup=Backup(Path("/mnt/backup"), 4, 1, 0),
    transports=(Transport("out", "relay.example", 465, "implicit", "ann", Path("/secret")), Transport("other", "192.0.2.9")),
    routes=(Route(sender_domain=Domain("example.net"), transport="out"), Route(transport="other")),
    local_users=(LocalUser("www-data", "ann"),))


def test_a_configuration_is_written_so_that_it_is_read_again() -> None:
    """Whatever is set, everything else is commented out."""
    assert parse(sample(FULL)) == FULL
    assert parse(sample(EXAMPLE)) == EXAMPLE
    assert 'user = ""' in sample(FULL).splitlines()
    assert "quickstart" in sample(FULL).splitlines()[0]


def test_the_committed_sample_is_fresh() -> None:
    """docs/pillarbox.toml is what `pillarbox config sample` prints."""
    assert COMMITTED.read_text() == sample()
