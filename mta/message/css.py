"""Inline styles of strangers' HTML, reduced to what can only change how text looks.

A declaration stays if its property is known to be harmless, every function in it is, and
every address in it was granted.  Escapes are not read: a declaration with one goes.
"""
import re
from collections.abc import Callable

from mta.message.markup import names

#: An address in a style, to what may be loaded in its place, or None.
Grant = Callable[[str], str | None]

#: Nothing that takes an element out of its place (position, z-index), or talks to another
#: part of the page (content, counters, animation, cursor with pictures).
PROPERTIES = names("""
    background background-color background-image background-position background-repeat background-size background-clip background-origin
    border border-bottom border-bottom-color border-bottom-left-radius border-bottom-right-radius border-bottom-style border-bottom-width
    border-collapse border-color border-left border-left-color border-left-style border-left-width border-radius border-right
    border-right-color border-right-style border-right-width border-spacing border-style border-top border-top-color
    border-top-left-radius border-top-right-radius border-top-style border-top-width border-width box-shadow box-sizing caption-side clear
    color direction display empty-cells float font font-family font-size font-stretch font-style font-variant font-weight height
    letter-spacing line-height list-style list-style-position list-style-type margin margin-bottom margin-left margin-right margin-top
    max-height max-width min-height min-width opacity outline overflow overflow-wrap overflow-x overflow-y padding padding-bottom
    padding-left padding-right padding-top table-layout text-align text-decoration text-decoration-color text-decoration-line
    text-decoration-style text-indent text-overflow text-shadow text-transform unicode-bidi vertical-align visibility white-space
    width word-break word-spacing word-wrap align-items align-self flex flex-basis flex-direction flex-grow flex-shrink flex-wrap gap
    justify-content object-fit columns column-count column-gap -webkit-text-size-adjust mso-hide
""")
FUNCTIONS = frozenset(("rgb", "rgba", "hsl", "hsla", "calc", "min", "max", "clamp", "linear-gradient", "radial-gradient"))
#: One declaration: up to a semicolon that is not in quotes or brackets.
DECLARATION = re.compile(r"""(?:[^;"'()]++|"[^"]*+"|'[^']*+'|\((?:[^()"']++|"[^"]*+"|'[^']*+')*+\)|[("')])++""")
FUNCTION = re.compile(r"([\w-]*+)\(")
ADDRESS = re.compile(r"""url\(\s*+(?:"([^"()\\]*+)"|'([^'()\\]*+)'|([^\s"'()\\]*+))\s*+\)""", re.IGNORECASE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
LONGEST = 16_384


def filtered(style: str, grant: Grant) -> str:
    """The declarations of a style attribute that may stay; grant is asked for each address."""
    if "/*" in style:
        style = COMMENT.sub(" ", style)
    kept = []
    for found in DECLARATION.finditer(style[:LONGEST]):
        name, colon, value = found[0].partition(":")
        name, value = name.strip().lower(), " ".join(value.split())
        if colon and value and name in PROPERTIES and (safe := _value(value, grant)) is not None:
            kept.append(f"{name}:{safe}")
    return ";".join(kept)


def _value(value: str, grant: Grant) -> str | None:
    """The value with its addresses replaced by what was granted, or None if it may not stay."""
    if any(char in value for char in "\\@{}<>") or not value.isprintable():
        return None
    granted: list[str] = []
    refused = False

    def replaced(found: re.Match[str]) -> str:
        nonlocal refused
        address = grant(found[1] or found[2] or found[3] or "")
        if address is None or any(char in address for char in "\"'()\\ ;"):
            refused = True
            return ""
        granted.append(address)
        return ""

    rest = ADDRESS.sub(replaced, value)
    if refused or any(function.lower() not in FUNCTIONS for function in FUNCTION.findall(rest)):
        # What is left of "background" without its picture is still its colour.
        return None
    if not granted:
        return value
    places = iter(granted)
    return ADDRESS.sub(lambda found: f'url("{next(places)}")', value)
