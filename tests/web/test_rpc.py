"""web.rpc: arguments are checked by their annotations, mistakes have a place, our own failures keep quiet."""
import msgspec
import pytest

from mta.base.errors import BadName, BodyLost, Conflict, LookupFailed, NoRoom, NotAllowed, NotFound, TemporaryError, UserError
from web.api.webmail import Draft
from web.rpc import SignedOutError, TooManyError, explain, make_api


def sum_of(call: object, numbers: list[int], scale: int = 1) -> int:
    """Add numbers."""
    return sum(numbers) * scale


def keep(call: object, draft: Draft) -> None:
    """Take a draft."""


API = make_api("sums", "Sums", open=[sum_of], closed=[keep])


def test_a_table_of_functions() -> None:
    """A function is found by name, knows whether it is open, and reads its arguments."""
    function = API.functions["sum_of"]
    assert function.open
    assert not API.functions["keep"].open
    assert function.run(None, **function.read(b'{"numbers": [1, 2], "scale": 3}')) == 9
    assert function.read(b'{"numbers": []}') == {"numbers": [], "scale": 1}


@pytest.mark.parametrize(("body", "place"), [
    (b'{"numbers": [1, "2"]}', "numbers[1]"),
    (b'{"numbers": 1}', "numbers"),
    (b'{"numbers": [1], "extra": 1}', ""),
    (b"", ""),
    (b"[]", ""),
    (b"{", ""),
    (b'{"numbers": [1e400]}', "numbers[0]"),
    (b'{"numbers": [\xff]}', ""),
])
def test_mistakes_have_a_place(body: bytes, place: str) -> None:
    """What does not fit is the caller's doing, and they learn which argument it is."""
    with pytest.raises(msgspec.MsgspecError) as caught:
        API.functions["sum_of"].read(body)
    status, error = explain(caught.value)
    assert (status, error.code, error.place) == (400, "user:badArgument", place)
    assert error.message


def test_a_place_deep_within() -> None:
    """The place names the field of a struct, as its JSON is written."""
    with pytest.raises(msgspec.ValidationError) as caught:
        API.functions["keep"].read(b'{"draft": {"id": null, "from": 1}}')
    assert explain(caught.value)[1].place == "draft.from"


@pytest.mark.parametrize(("problem", "status", "code"), [
    (SignedOutError("x"), 401, "user:signedOut"),
    (TooManyError("x"), 429, "user:tooMany"),
    (NotFound("x"), 404, "user:notFound"),
    (NotAllowed("x"), 403, "user:notAllowed"),
    (Conflict("x"), 409, "user:conflict"),
    (LookupFailed("x"), 400, "user:dns"),
    (BadName("x"), 400, "user:badName"),
    (UserError("x"), 400, "user:error"),
    (NoRoom("x"), 507, "user:noRoom"),
    (TemporaryError("x"), 503, "server:later"),
    (BodyLost(2, "No such file", "x"), 500, "server:lost"),
])
def test_what_becomes_of_errors(problem: Exception, status: int, code: str) -> None:
    """Each kind of error has its status and code, and keeps its words."""
    assert explain(problem) == (status, explain(problem)[1])
    assert explain(problem)[1].code == code
    assert explain(problem)[1].message == str(problem)


def test_our_failures_keep_quiet() -> None:
    """A failure of ours says nothing about our insides."""
    status, error = explain(ZeroDivisionError("secret of the house"))
    assert (status, error.code) == (500, "server:error")
    assert "secret" not in error.message


def test_a_function_needs_words_and_types() -> None:
    """A function without docstring or annotations is refused when the table is made."""
    def silent(call: object) -> None: ...

    def vague(call, number):  # type: ignore[no-untyped-def]  # that is what is tested
        """Words alone."""

    for function in (silent, vague):
        with pytest.raises(TypeError):
            make_api("x", "X", open=[function], closed=[])


def test_whole_numbers_are_bounded() -> None:
    """No number comes in that JavaScript or SQLite would not hold, and no type may forget that."""
    for number in (2**53 + 1, -(2**53) - 1, 10**30):
        with pytest.raises(msgspec.ValidationError):
            API.functions["sum_of"].read(msgspec.json.encode({"numbers": [number]}))

    class Loose(msgspec.Struct):
        number: int

    def take(call: object, loose: list[Loose]) -> None:
        """Take it."""

    with pytest.raises(TypeError):
        make_api("x", "X", open=[take], closed=[])
