"""mta.smtp.patience: when it is over."""
from collections.abc import Callable

import pytest

from mta.base.limits import LIMITS
from mta.base.reply import Reply
from mta.smtp.patience import Patience

NO, YES = Reply(500, "5.5.1", "No\nreally"), Reply(250, "2.0.0", "Yes")


@pytest.mark.parametrize(("step", "most"), [
    (Patience.command, LIMITS.idle_commands), (Patience.bad_command, LIMITS.bad_commands),
    (Patience.unknown_recipient, LIMITS.unknown_recipients), (Patience.failed_login, LIMITS.login_failures_per_session),
    (Patience.recipient, 10 * LIMITS.recipients),
])
def test_bounds(step: Callable[[Patience], None], most: int) -> None:
    """One less is borne, the last one is answered with 421."""
    patience = Patience(LIMITS)
    for _ in range(most - 1):
        step(patience)
    assert patience.last_words(NO) is None

    step(patience)

    last = patience.last_words(NO)
    assert last is not None
    assert (last.code, last.enhanced) == (421, "4.7.0")
    assert last.text.endswith("; the last one: No")
    assert ";" not in (patience.last_words(YES) or NO).text


def test_a_message_makes_up_for_commands_but_not_for_guessing() -> None:
    """Long sessions with much mail are welcome; harvesting and guessing are remembered."""
    patience = Patience(LIMITS)
    for _ in range(3 * LIMITS.idle_commands):
        patience.command()
        patience.bad_command()
        patience.progress()
    assert patience.last_words(NO) is None

    for _ in range(LIMITS.unknown_recipients):
        patience.unknown_recipient()
        patience.progress()
    assert patience.last_words(NO) is not None
