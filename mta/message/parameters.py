"""Values with parameters: Content-Type, Content-Disposition (RFC 2045 §5.1, RFC 2183, RFC 2231).

Reading takes broken quoting, missing semicolons' values, comments, raw UTF-8, and encoded words inside
quotes, which no standard allows and every second program writes.
"""
import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from mta.base.limits import LIMITS, Limits
from mta.message import codec, words
from mta.message.dates import without_comments

#: One parameter after its semicolon: name = "quoted" or bare.  A bare value may hold spaces
#: (file names do); a quote that never ends reaches to the end.
PARAMETER = re.compile(r';\s*([^\s;=]+)\s*=\s*(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"[^;]*|$)|([^;]*))|;[^;]*', re.DOTALL)
QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
#: RFC 2231 §3 and §4: name*, name*0, name*0*
PIECE = re.compile(r"([^*]+)\*(?:(\d{1,3})(\*)?)?")
#: RFC 2045 §5.1: what a parameter's value may be without quotes.
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+")
#: RFC 2231 §7 attribute-char, what needs no percent sign.
PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&+-.^_`{|}~")


def parse(text: str, limits: Limits = LIMITS) -> tuple[str, dict[str, str]]:
    """The value in lower case without its parameters, and the parameters by lower-case name."""
    value, found = _parse_cached(text) if len(text) <= 80 and limits is LIMITS else _parse(text, limits)
    return value, dict(found)


@lru_cache(maxsize=512)
def _parse_cached(text: str) -> tuple[str, dict[str, str]]:
    return _parse(text, LIMITS)


def _parse(text: str, limits: Limits) -> tuple[str, dict[str, str]]:
    value, semicolon, rest = text.partition(";")
    if "(" in text and '"' not in text:
        value, semicolon, rest = without_comments(text).partition(";")
    elif "(" in value:
        value = without_comments(value)
    if "=" in value:
        # Some forget the semicolons, and only fold.
        value, *forgotten = value.split()
        semicolon, rest = ";", ";".join([*forgotten, rest])
    value = "".join(value.split()).lower()
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for number, found in enumerate(PARAMETER.finditer(";" + rest if semicolon else "")):
        if number >= limits.parameters:
            break
        name = (found[1] or "").lower()
        if not name:
            continue
        if found[2] is not None:
            content = QUOTED_PAIR.sub(r"\1", found[2]) if "\\" in found[2] else found[2]
        else:
            content = found[3].strip()
        split = PIECE.fullmatch(name) if "*" in name else None
        if split is None:
            plain.setdefault(name, words.decode(content) if "=?" in content else content)
        else:
            extended = split[2] is None or split[3] is not None
            pieces.setdefault(split[1], {}).setdefault(int(split[2] or 0), (content, extended))
    for name, parts in pieces.items():
        # RFC 2231 §3: the form with the star is the better one where both are given.
        plain[name] = _joined(parts)
    return value, plain


def _joined(parts: dict[int, tuple[str, bool]]) -> str:
    """The value that RFC 2231 pieces make; what follows a gap is not trusted to belong there."""
    charset, octets = "", []
    for number in range(len(parts)):
        if number not in parts:
            break
        content, extended = parts[number]
        if number == 0 and extended:
            before, quote, after = content.partition("'")
            _language, second, rest = after.partition("'")
            if second and len(before) <= 60:
                charset, content = before, rest
            elif quote and codec.python_codec(before):
                charset, content = before, after
        octets.append(unquote_to_bytes(content) if extended else content.encode("utf-8", "replace"))
    text = codec.decode_text(b"".join(octets), charset)
    return words.decode(text) if "=?" in text else text


def format(name: str, value: str) -> list[str]:
    """The parameter as name=value pieces, each short enough for a line of its own.

    ASCII goes as a token or in quotes, anything else and what is long as RFC 2231 says.
    """
    if value.isascii() and value.isprintable() and len(value) <= 60:
        if TOKEN.fullmatch(value):
            return [f"{name}={value}"]
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        return [f'{name}="{quoted}"']
    coded = [chr(octet) if octet in PLAIN else f"%{octet:02X}" for octet in value.encode("utf-8", "replace")]
    lines, line = [], "utf-8''"
    for code in coded:
        if len(line) + len(code) > 60:
            lines.append(line)
            line = ""
        line += code
    lines.append(line)
    if len(lines) == 1:
        return [f"{name}*={lines[0]}"]
    return [f"{name}*{number}*={line}" for number, line in enumerate(lines)]
