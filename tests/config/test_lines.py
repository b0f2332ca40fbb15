"""mta.config.lines: a setting's line in the text."""
from mta.config.lines import Lines

TEXT = """\
hostname = "a"

[queue]
  first_wait = 3
[[routes]]
transport = "x"
[[routes]]
transport = "y"
[listeners."my own"]
smtp = 25
dns.trusted = []
"""


def test_settings_are_found() -> None:
    """In tables, in arrays of tables, under quoted names."""
    lines = Lines(TEXT)

    assert lines.of(("hostname",)) == 1
    assert lines.of(("queue", "first_wait")) == 4
    assert lines.of(("routes", 1, "transport")) == 8
    assert lines.of(("listeners", "my own", "smtp")) == 10
    assert lines.of(("listeners", "my own", "dns", "trusted")) == 11


def test_what_is_not_there_has_the_line_around_it() -> None:
    """A missing setting points to its table, a missing table to the file."""
    lines = Lines(TEXT)

    assert lines.of(("queue", "nothing")) == 3
    assert lines.of(("nothing", "at", "all")) == 0
    assert lines.of(("queue", "nothing"), exactly=True) == 0
