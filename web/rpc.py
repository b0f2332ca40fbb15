"""Typed calls: Python functions with annotated types, told to the world once.

An `Api` is a table of functions.  From their annotations come the check of what a
browser sends, the documentation page (`web.apidoc`) and the TypeScript client
(`web.typescript`).  A function takes a `Call` (who asks) and then named arguments; it
returns plain data of the types in `web.api`.

What goes wrong is told as an `Error`: its code begins with `user:` if the caller has to
change something, with `server:` if it is our fault; the latter says nothing about our
insides, which go to the journal.
"""
import inspect
import re
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from mta.base.errors import BadName, BodyLost, Conflict, LookupFailed, NoRoom, NotAllowed, NotFound, TemporaryError, UserError, origin
from web.api.whole import Whole

#: Where msgspec says a mistake is: "Expected `int`, got `str` - at `$.draft.id`".
PLACE = re.compile(r" - at `\$\.?(?P<place>[^`]*)`$")


class Error(msgspec.Struct, frozen=True):
    """Why a call did not succeed: code, a sentence for people, and the argument it is about (or "")."""

    code: str
    message: str
    place: str


class SignedOutError(UserError):
    """Nobody is signed in, or the session has ended."""


class TooManyError(UserError):
    """Asked too often; later it works again."""


class CodeWantedError(UserError):
    """The password is right; the code of the authenticator is needed as well."""


@dataclass(frozen=True, slots=True)
class Function:
    """One entry of an Api: `run(call, **arguments)`; `open` ones need no session."""

    name: str
    run: Callable[..., Any]
    open: bool
    arguments: type[msgspec.Struct]
    result: Any
    doc: str

    def read(self, body: bytes) -> dict[str, Any]:
        """The arguments in body, a JSON object; msgspec.ValidationError says where it is wrong."""
        given = msgspec.json.decode(body or b"{}", type=self.arguments)
        return {name: getattr(given, name) for name in self.arguments.__struct_fields__}


@dataclass(frozen=True, slots=True)
class Api:
    """The functions of one application by name."""

    name: str
    title: str
    functions: Mapping[str, Function]


def make_api(name: str, title: str, *, open: Iterable[Callable[..., Any]], closed: Iterable[Callable[..., Any]]) -> Api:
    """The Api of these functions; TypeError names it and the function that lacks annotations or words."""
    try:
        functions = [_function(run, True) for run in open] + [_function(run, False) for run in closed]
    except TypeError as problem:
        raise TypeError(f"API {name!r}: {problem}") from problem
    return Api(name, title, {function.name: function for function in functions})


def _function(run: Callable[..., Any], open: bool) -> Function:
    hints = {name: _bounded(kind) for name, kind in get_type_hints(run).items()}
    parameters = list(inspect.signature(run).parameters.values())[1:]
    name: str = run.__name__
    if not run.__doc__ or "return" not in hints or not all(parameter.name in hints for parameter in parameters):
        raise TypeError(f"{name} needs a docstring and annotations")
    fields = [
        (parameter.name, hints[parameter.name]) if parameter.default is parameter.empty
        else (parameter.name, hints[parameter.name], parameter.default)
        for parameter in parameters
    ]
    for parameter in parameters:
        _check_bounds(hints[parameter.name])
    arguments = msgspec.defstruct(f"{name}_arguments", fields, kw_only=True, forbid_unknown_fields=True)
    return Function(name, run, open, arguments, hints["return"], inspect.getdoc(run) or "")


def _bounded(kind: Any) -> Any:
    """The annotation of an argument with its whole numbers bounded."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is int:
        return Whole
    if origin is list:
        return list[_bounded(inner[0])]     # type: ignore[misc]  # made while running
    if origin in (Union, types.UnionType):
        return Union[tuple(_bounded(one) for one in inner)]     # noqa: UP007  # made while running
    return kind


def _check_bounds(kind: Any) -> None:
    """TypeError if a struct among the arguments has a number that is not bounded (web.api.whole)."""
    if kind is int:
        raise TypeError("use Whole for whole numbers that pages send")
    for inner in get_args(kind) if get_origin(kind) is not Annotated else ():
        _check_bounds(inner)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            _check_bounds(field.type)


#: What becomes of an exception: the most special class first.
OUTCOMES: tuple[tuple[type[Exception], int, str], ...] = (
    (SignedOutError, 401, "user:signedOut"),
    (TooManyError, 429, "user:tooMany"),
    (CodeWantedError, 403, "user:codeWanted"),
    (NotFound, 404, "user:notFound"),
    (NotAllowed, 403, "user:notAllowed"),
    (Conflict, 409, "user:conflict"),
    (LookupFailed, 400, "user:dns"),
    (BadName, 400, "user:badName"),
    (UserError, 400, "user:error"),
    (NoRoom, 507, "user:noRoom"),
    (TemporaryError, 503, "server:later"),
    (BodyLost, 500, "server:lost"),
)


def blamed(problem: Exception) -> str:
    """The module to blame for a failure of ours, for Event.WEB_ERROR; "" for trouble that may come at any time."""
    return "" if isinstance(problem, TemporaryError) else origin(problem)


def explain(problem: Exception) -> tuple[int, Error]:
    """HTTP status and Error for what a function (or `Function.read`) raised."""
    if isinstance(problem, msgspec.MsgspecError):
        text = str(problem)
        found = PLACE.search(text)
        return 400, Error("user:badArgument", PLACE.sub("", text), found["place"] if found else "")
    for kind, status, code in OUTCOMES:
        if isinstance(problem, kind):
            return status, Error(code, str(problem), getattr(problem, "place", ""))
    return 500, Error("server:error", "This is our fault, not yours. It was noted for the administrator.", "")
