"""Sanitised HTML with its disguises marked: links whose text names another host, words of mixed scripts.

Works on what mta.message.html made, which nests properly and has no classes, so nobody can
write these marks but us.  What they look like is for the frame that shows them.
"""
import html as entities
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from mta.message import markup, scripts

#: The classes of the marks.
LINK: Final = "pillarbox-elsewhere"
WORD: Final = "pillarbox-mixed"
#: Text that is the address of a host, or begins with one.
HOST: Final = re.compile(r"(?:https?://)?((?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,24})\.?(?=[/:?#]|$)", re.IGNORECASE)
#: What looks like a host and is the name of a file or program.
FILES: Final = frozenset((
    "pdf", "doc", "docx", "xls", "xlsx", "txt", "html", "htm", "php", "zip", "png", "jpg", "jpeg", "gif", "csv", "js", "py"))
#: Characters of a link's text that are looked at.
LONGEST: Final = 200


def named_host(text: str) -> str:
    """The host that the text of a link names as its target, "" if it names none."""
    words = text.split()
    if len(words) != 1:
        return ""
    found = HOST.match(words[0])
    name = found[1].lower() if found else ""
    return "" if name.rpartition(".")[2] in FILES and not text.lstrip().lower().startswith("http") else name


def host(url: str) -> str:
    """The host that an address leads to, "" if none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def leads_elsewhere(text: str, url: str) -> str:
    """The host that url leads to, if text names another one; "" if all is well.  Below, or above, the same name is no other one."""
    named, target = named_host(text), host(url)
    if not named or not target:
        return ""
    named, target = _plain(named), _plain(target)
    same = named == target or named.endswith(f".{target}") or target.endswith(f".{named}")
    return "" if same else target


def marked(html: str) -> str:
    """html with a mark around each disguise."""
    return "".join(_marked(html))


def _marked(html: str) -> Iterator[str]:
    link: list[str] | None = None       # what came since a link began
    target, said = "", ""
    for token in markup.tokens(html):
        if isinstance(token, str):
            piece = _text(token)
            said += entities.unescape(token)[:LONGEST] if link is not None and len(said) < LONGEST else ""
        else:
            piece = f"</{token.name}>" if token.end else f"<{token.name}{token.attributes}>"
            if token.name == "a" and not token.end:
                yield from link or ()
                link, said = [], ""
                target = entities.unescape(markup.attributes(token.attributes, "href".__eq__).get("href", ""))
            elif token.name == "a" and link is not None:
                elsewhere = leads_elsewhere(said, target)
                if elsewhere:
                    note = entities.escape(f"This link leads to {elsewhere}")
                    link[0] = link[0].replace("<a", f'<a class="{LINK}" title="{note}"', 1)
                    piece += f'<span class="{LINK}"> ({note})</span>'
                yield from link
                link = None
        if link is None:
            yield piece
        else:
            link.append(piece)
    yield from link or ()


def _text(text: str) -> str:
    at, parts = 0, []
    for start, end in scripts.mixed(text):
        parts += [text[at:start], f'<span class="{WORD}" title="Letters of different scripts in one word">', text[start:end], "</span>"]
        at = end
    return "".join([*parts, text[at:]]) if parts else text


def _plain(name: str) -> str:
    """A host to compare: without www, in A-labels."""
    name = name.removeprefix("www.")
    try:
        return name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        return name
