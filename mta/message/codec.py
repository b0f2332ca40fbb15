"""Transfer encodings and character sets, forgiving and bounded.

Decoding never fails: what is broken is skipped or replaced.  Encodings work on blocks,
so that an attachment of any size passes through in constant memory.

Standards: RFC 2045 §6 (base64, quoted-printable), RFC 2046 §4.1.2 (charset).
"""
import binascii
import codecs
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

#: 57 octets become one base64 line of 76 characters.
LINE = 57
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
NOT_ALPHABET = bytes(set(range(256)) - set(ALPHABET))
URL_SAFE = bytes.maketrans(b"-_", b"+/")

#: Names people use for what is 7bit, 8bit or binary; those need no decoding.
ENCODINGS = {
    "": "7bit", "7-bit": "7bit", "7 bit": "7bit", "plain": "7bit", "8-bit": "8bit", "8 bit": "8bit",
    "quoted printable": "quoted-printable", "quotedprintable": "quoted-printable", "quoted-printable": "quoted-printable",
    "base-64": "base64", "x-uue": "x-uuencode", "uuencode": "x-uuencode", "x-uu": "x-uuencode",
}

#: Charset names that Python does not know, or knows as something narrower than what is sent
#: under that name (as browsers treat them).
CHARSETS = {
    "ascii": "ascii", "us-ascii": "ascii", "ansi_x3.4-1968": "ascii", "iso-8859-1": "cp1252", "iso8859-1": "cp1252",
    "latin1": "cp1252", "latin-1": "cp1252", "iso_8859-1": "cp1252", "windows-1252": "cp1252", "cp-1252": "cp1252",
    "unicode-1-1-utf-7": "utf-7", "utf8": "utf-8", "utf-8": "utf-8", "unicode-1-1-utf-8": "utf-8", "utf8mb4": "utf-8",
    "gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030", "euc-cn": "gb18030",
    "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "ks_c_5601": "cp949", "korean": "cp949", "ksc5601": "cp949", "windows-949": "cp949",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932", "ms_kanji": "cp932",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "x-x-big5": "big5hkscs", "cn-big5": "big5hkscs",
    "iso-2022-jp": "iso2022_jp_ext", "csiso2022jp": "iso2022_jp_ext", "cp50220": "iso2022_jp_ext", "cp50221": "iso2022_jp_ext",
    "iso-8859-9": "cp1254", "latin5": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874",
    "iso-8859-8-i": "iso8859_8", "iso-8859-6-i": "iso8859_6", "koi8-ru": "koi8_u", "x-mac-roman": "mac_roman", "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic", "utf-16": "utf-16", "unicode": "utf-16", "ucs-2": "utf-16-le", "ibm-866": "cp866",
}
#: What Python calls text encodings but no message is written in; some take time that is
#: not linear in their input.
NOT_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "utf_8_sig"}


def transfer_encoding(text: str) -> str:
    """The canonical name of a Content-Transfer-Encoding value; an unknown one is kept in lower case."""
    name = text.partition(";")[0].partition("(")[0].strip().strip("\"'").lower()
    return ENCODINGS.get(name, name)


@lru_cache(maxsize=256)
def python_codec(charset: str) -> str | None:
    """Python's name for a MIME charset, or None if it is not one we decode."""
    name = charset.strip().strip("\"'").lower()
    if name in CHARSETS:
        return CHARSETS[name]
    try:
        found = codecs.lookup(name.removeprefix("x-") if len(name) < 40 and name.isascii() and "\0" not in name else "")
    except (LookupError, ValueError):
        return None
    # CodecInfo knows whether a codec is between text and octets; zip and rot13 are not.
    if not getattr(found, "_is_text_encoding", True) or found.name.replace("-", "_") in NOT_CHARSETS:
        return None
    return CHARSETS.get(found.name, found.name)


def decode_text(octets: bytes, charset: str = "") -> str:
    """octets as text, by the charset they claim if it can be; nothing raises, no surrogates come out.

    Text that claims nothing, ASCII or something unknown is UTF-8 if it is well-formed
    as that, else Windows-1252, the two that are right most often.
    """
    codec = python_codec(charset) if charset else None
    if codec is None or codec == "ascii":
        try:
            return octets.decode("utf-8")
        except UnicodeDecodeError:
            codec = "cp1252"
    try:
        text = octets.decode(codec, "replace")
    except ValueError:      # some codecs refuse half a character even so
        return octets.decode("cp1252", "replace")
    if codec == "utf-8":
        return text.removeprefix("\ufeff")
    # UTF-7 can spell half a surrogate pair.
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def decode(octets: bytes, encoding: str) -> bytes:
    """The content of a whole part, given its transfer encoding (a canonical name)."""
    if encoding == "base64":
        return decode_base64(octets)
    if encoding == "quoted-printable":
        return decode_quoted_printable(octets)
    return b"".join(decoded([octets], encoding)) if encoding == "x-uuencode" else octets


def decoded(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The same for content that comes in pieces, in constant memory."""
    if encoding == "base64":
        return _base64_pieces(pieces)
    if encoding == "quoted-printable":
        return map(decode_quoted_printable, _whole_lines(pieces))
    if encoding == "x-uuencode":
        return _uu_pieces(_whole_lines(pieces))
    return iter(pieces)


def decode_base64(octets: bytes) -> bytes:
    """octets from base64; what is not of its alphabet is skipped, missing padding is supplied."""
    try:
        # Padding inside ends what binascii reads, though another run may follow.
        if b"=" not in octets.rstrip(b"\r\n \t=") and b"-" not in octets and b"_" not in octets:
            return binascii.a2b_base64(octets)
    except binascii.Error:
        pass
    return b"".join(_base64_pieces([octets]))


def decode_quoted_printable(octets: bytes) -> bytes:
    """octets from quoted-printable; broken escapes stay as they are."""
    if b"= " in octets or b"=\t" in octets:
        # RFC 2045 §6.7 (3): white space at the end of a line came with the transport.
        lines = octets.split(b"\n")
        octets = b"\n".join(line.rstrip() if line.rstrip().endswith(b"=") else line for line in lines)
    return binascii.a2b_qp(octets)


def encode_base64(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Lines of base64 with CRLF, from content that comes in pieces of any size."""
    rest = b""
    for piece in pieces:
        whole = rest + piece if rest else piece
        end = len(whole) - len(whole) % LINE
        rest = whole[end:]
        if end:
            yield _base64_lines(whole[:end])
    if rest:
        yield binascii.b2a_base64(rest, newline=False) + b"\r\n"


def encode_quoted_printable(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Lines of quoted-printable with CRLF, from content that comes in pieces of any size.

    Line ends stay line ends (CRLF or LF come out as CRLF); a CR alone is encoded.
    """
    ended = True
    for piece in _whole_lines(pieces):
        if not ended:
            yield b"=\r\n"      # the piece before was cut from a line longer than a block
        lines = piece.replace(b"\r\n", b"\n")
        ended = lines.endswith(b"\n")
        coded = binascii.b2a_qp(lines, istext=True).replace(b"\r", b"=0D")
        yield (coded if ended else _roomy(coded)).replace(b"\n", b"\r\n")


def _roomy(coded: bytes) -> bytes:
    """coded quoted-printable whose last line has room for the soft line break that follows."""
    room = coded.rfind(b"\n") + 1 + 70
    if len(coded) <= room + 5:
        return coded
    escape = coded.find(b"=", room - 2, room)
    cut = escape if escape >= 0 else room
    return coded[:cut] + b"=\n" + coded[cut:]


def _base64_lines(octets: bytes) -> bytes:
    text = binascii.b2a_base64(octets, newline=False)
    return b"".join([text[at:at + 76] + b"\r\n" for at in range(0, len(text), 76)])


def _base64_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        if b"-" in piece or b"_" in piece:
            piece = piece.translate(URL_SAFE)
        runs = (rest + piece.translate(None, NOT_ALPHABET)).split(b"=")
        rest = runs.pop()
        yield b"".join([_base64_run(run) for run in runs if run])
        whole = len(rest) - len(rest) % 4
        if whole:
            yield binascii.a2b_base64(rest[:whole])
            rest = rest[whole:]
    if rest:
        yield _base64_run(rest)


def _base64_run(run: bytes) -> bytes:
    """One run of the alphabet without padding; a lone last character carries nothing."""
    if len(run) % 4 == 1:
        run = run[:-1]
    return binascii.a2b_base64(run + b"=" * (-len(run) % 4))


def _whole_lines(pieces: Iterable[bytes], longest: int = 64 * 1024) -> Iterator[bytes]:
    """The same octets cut at line ends; within a line longer than a block, not inside an escape."""
    rest = b""
    for piece in pieces:
        whole = rest + piece if rest else piece
        end = whole.rfind(b"\n") + 1
        if not end and len(whole) > longest:
            end = len(whole) - 4
            escape = whole.find(b"=", end - 2, end)
            end = escape if escape >= 0 else end
            # Spaces before a cut would be taken for the transport's.
            end = len(whole[:end].rstrip(b" \t\r")) or end
        if end:
            yield whole[:end]
        rest = whole[end:]
    if rest:
        yield rest


def _uu_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """uuencoded lines between "begin" and "end"; anything else among them is skipped."""
    for piece in pieces:
        found = []
        for line in piece.split(b"\n"):
            line = line.rstrip(b"\r")
            if not line or line == b"end" or re.match(rb"begin [0-7]{3,4} ", line):
                continue
            try:
                found.append(binascii.a2b_uu(line))
            except binascii.Error:
                # Some encoders leave junk behind the length they announce.
                octets = ((line[0] - 32) & 63) * 4 + 3
                try:
                    found.append(binascii.a2b_uu(line[:octets // 3 + 1]))
                except binascii.Error:
                    continue
        yield b"".join(found)
