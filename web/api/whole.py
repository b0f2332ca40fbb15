"""Whole numbers that pages send."""
from typing import Annotated

from msgspec import Meta

#: A number that JSON, JavaScript and SQLite agree on.
Whole = Annotated[int, Meta(ge=-(2**53), le=2**53)]
