"""mta.config.sample: the sample file says what is so."""
import re
from pathlib import Path

from mta.config.model import Config
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


def test_the_committed_sample_is_fresh() -> None:
    """docs/pillarbox.toml is what `pillarbox config sample` prints."""
    assert COMMITTED.read_text() == sample()
