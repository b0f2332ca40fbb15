"""CBOR between processes that need not believe each other (RFC 8949).

A process that reads strangers' mail may be taken over by one of them.  What it sends to
another is data and nothing else: cbor2 would also follow tags, of which ten octets are
enough for a number whose conversion takes hours, and others start a mail parser, compile
regular expressions or make lists that contain themselves.
"""
from typing import Any, Final, NoReturn

import cbor2


class NotPlain(ValueError):
    """Octets that are no CBOR, or more than plain data."""


def _refuse(*_: object) -> NoReturn:
    raise NotPlain("a tag")


#: The tags that cbor2 knows are among these; it asks its hook about all others.
_TAGS: Final = dict.fromkeys((*range(300), 1_004, 43_000, 55_799), _refuse)


def plain(octets: bytes) -> Any:
    """The numbers, texts, octet strings, lists and maps in octets; NotPlain."""
    try:
        return cbor2.loads(octets, semantic_decoders=_TAGS, tag_hook=_refuse)
    except (cbor2.CBORError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError) as problem:
        raise NotPlain(f"no plain CBOR: {problem}") from None
