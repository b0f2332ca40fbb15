"""Looking through a message without copying it: bytes, or a file mapped into memory.

Messages are held as `Octets` and never sliced whole; everything here takes offsets and
works in blocks, at the speed of memory.  A line ends at LF, with or without CR before it:
mail over SMTP has CRLF only (mta.smtp sees to it), imported files may not.
"""
from collections.abc import Iterator
from mmap import mmap

Octets = bytes | mmap
BLOCK = 256 * 1024


def find(data: Octets, needle: bytes, start: int, end: int) -> int:
    """Where needle first is within data[start:end], or -1."""
    if isinstance(data, bytes):
        return data.find(needle, start, end)
    # mmap.find compares octet by octet; a slice of bytes is searched many times faster.
    overlap = len(needle) - 1
    while start + overlap < end:
        at = data[start:min(end, start + BLOCK)].find(needle)
        if at >= 0:
            return start + at
        start += BLOCK - overlap
    return -1


def blocks(data: Octets, start: int, end: int, size: int = BLOCK) -> Iterator[bytes]:
    """data[start:end] in pieces of at most size octets."""
    for at in range(start, end, size):
        yield data[at:min(end, at + size)]


def lines_in(data: Octets, start: int, end: int) -> int:
    """How many lines data[start:end] has; a last one without its line end counts too."""
    if end <= start:
        return 0
    if isinstance(data, bytes):
        ended = data.count(b"\n", start, end)
    else:
        ended = sum(block.count(b"\n") for block in blocks(data, start, end))
    return ended + (data[end - 1] != 10)


def is_ascii(data: Octets, start: int, end: int) -> bool:
    """True if data[start:end] has no octet above 127."""
    return all(block.isascii() for block in blocks(data, start, end))


def ends_with_crlf_only(data: Octets, start: int, end: int) -> bool:
    """True if each CR and LF in data[start:end] belongs to a CRLF, and there is no NUL: SMTP can carry no others."""
    held = b""
    for block in blocks(data, start, end):
        block = held + block if held else block
        held = block[-1:] if block.endswith(b"\r") else b""
        ends = block.count(b"\r\n")
        if block.count(b"\n") != ends or block.count(b"\r") != ends + len(held) or b"\0" in block:
            return False
    return not held


def first_long_line(data: Octets, start: int, end: int, longest: int) -> int:
    """Where the first line begins that has more than longest octets without its CRLF, or -1."""
    if isinstance(data, bytes):
        return _long_line(data, start, end, longest)
    while start < end:
        stop = min(end, start + BLOCK)
        block = data[start:stop]
        if stop < end:
            # Whole lines only, unless the block has none and is itself too long.
            whole = block.rfind(b"\n") + 1
            if not whole:
                return start
            block = block[:whole]
        at = _long_line(block, 0, len(block), longest)
        if at >= 0:
            return start + at
        start += len(block)
    return -1


def _long_line(data: bytes, start: int, end: int, longest: int) -> int:
    """The same for bytes.  From each line, the last line end that is near enough leads on."""
    while end - start > longest:
        near = data.rfind(b"\n", start, min(end, start + longest + 1))
        if near < 0:
            if data[start + longest:min(end, start + longest + 2)] != b"\r\n":
                return start
            near = start + longest + 1
        start = near + 1
    return -1
