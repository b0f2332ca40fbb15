"""workers.commands.describing: documents for shells and for man, printed without any server."""
import pytest

from tests.workers.commands.conftest import Typing
from workers import completion, manual


def test_documents_are_printed(typed: Typing) -> None:
    """As they are made, to the last character."""
    assert typed("manual") == manual.page()
    for shell in completion.SHELLS:
        assert typed(f"completion {shell}") == completion.script(shell)


def test_other_shells_are_not_known(typed: Typing) -> None:
    """One line says which are."""
    with pytest.raises(SystemExit) as end:
        typed.attempt("completion tcsh")
    assert end.value.code == 2
