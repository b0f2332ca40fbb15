"""web.typescript: the client's types are made from ours, and are fresh."""
from typing import Any, Literal

import pytest
from msgspec import defstruct

from web.api.webmail import MailboxRemoved, MessageAdded, Reset, SignedOut
from web.rpc import make_api
from web.typescript import TARGET, Writer, comment, generate


def test_the_committed_file_is_fresh() -> None:
    """web/client/api.ts is what the functions say now; if not: python -m web.typescript."""
    assert TARGET.read_text() == generate()


@pytest.mark.parametrize(("kind", "text"), [
    (int, "number"), (float | None, "number | null"), (list[str], "string[]"), (list[int | None], "(number | null)[]"),
    (dict[str, bool], "Record<string, boolean>"), (tuple[int, ...], "number[]"),
])
def test_types(kind: Any, text: str) -> None:
    """Python's types have their TypeScript."""
    assert Writer().text(kind) == text


def test_a_type_without_words() -> None:
    """A type that JSON does not have is refused."""
    with pytest.raises(TypeError):
        Writer().text(set[int])


def test_two_structs_of_one_name_are_refused() -> None:
    """One would take the other's place, and pages would check against the wrong one; the message names both."""
    writer = Writer()
    writer.text(Reset)
    writer.text(list[Reset])
    other = defstruct("Reset", [("text", str)], module="elsewhere")
    with pytest.raises(TypeError, match=r"would be Reset in TypeScript: web\.api\.webmail\.Reset and elsewhere\.Reset; rename"):
        writer.text(other | None)
    with pytest.raises(TypeError, match="rename one"):
        writer.check(other)


def test_functions() -> None:
    """Arguments with a default are optional, and so are arguments that are all optional."""
    def find(call: object, text: str, limit: int = 5) -> list[str]:
        """Find text."""
        return []

    def rest(call: object) -> None:
        """Do nothing."""

    api = make_api("x", "X", open=[], closed=[find, rest])
    lines = "\n".join(line for function in api.functions.values() for line in Writer().call(api, function))
    assert "find: (args: { text: string; limit?: number }, signal?: AbortSignal): Promise<string[]> =>" in lines
    assert 'call("x", "rest", {}, signal, nothing)' in lines


def test_a_comment_cannot_be_left() -> None:
    """A docstring with the end of a comment in it stays a comment."""
    assert comment("a */ b")[0].count("*/") == 1


@pytest.mark.parametrize(("kind", "text"), [
    (int, "num"), (float | None, "either(num, nil)"), (list[str], "list(str)"), (dict[str, bool], "table(bool)"),
    (Literal["a", "b"], 'one("a", "b")'), (Reset, "$Reset"), (Reset | SignedOut, "either($Reset, $SignedOut)"),
    (MessageAdded | MailboxRemoved, "tagged(() => ({ message_added: $MessageAdded, mailbox_removed: $MailboxRemoved }))"),
])
def test_checks(kind: Any, text: str) -> None:
    """What comes in is checked by the same types; structs with tags by these."""
    assert Writer().check(kind) == text


def test_a_struct_is_checked_field_by_field() -> None:
    """By the names that travel."""
    writer = Writer()
    writer.check(Reset)
    assert 'const $Reset = /* @__PURE__ */ struct("Reset", () => ({ "modseq": num }));' in writer.interfaces["Reset"]
