"""What people type into pages and command lines: addresses, domains, names in one line.  UserError says how it is written."""
from mta.base.errors import BadName, UserError
from mta.base.names import Address, Domain


def address(text: str) -> Address:
    """An address that a person typed."""
    try:
        return Address.parse(text.strip())
    except BadName:
        raise UserError(f"{text!r} is no address; write it like ann@example.org") from None


def domain(text: str) -> Domain:
    """A domain that a person typed, perhaps with the @ of an address before it."""
    try:
        return Domain.parse(text.strip().removeprefix("@"))
    except BadName:
        raise UserError(f"{text!r} is no domain; write it like example.org") from None


def one_line(text: str, most: int, what: str) -> str:
    """Text in one line of at most `most` characters, white space in it made single spaces; what it is, for the message."""
    line = " ".join(text.split())
    if len(line) > most or not line.isprintable():
        raise UserError(f"{what} is one line of at most {most} characters")
    return line
