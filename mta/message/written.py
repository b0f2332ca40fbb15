"""HTML that people write here: a small, clean part of the language, and its text for who reads no HTML.

What an editor makes of a paste can be anything; what leaves us has no styles, no scripts,
nothing that loads from elsewhere, and pictures of the message itself only.  The same holds
for what others wrote and is quoted.

Read on: mta.message.html makes strangers' HTML fit to be shown.
"""
import re
from collections.abc import Callable
from html import escape
from typing import Final
from urllib.parse import unquote

import nh3

from mta.base.limits import LIMITS, Limits
from mta.message import markup
from mta.message.html import unescaped

TAGS: Final = markup.names(
    "a b blockquote br caption code div em h1 h2 h3 hr i img li ol p pre s span strong table tbody td tfoot th thead tr u ul")
ATTRIBUTES: Final[dict[str, set[str]]] = {
    "a": {"href"}, "img": {"src", "alt", "width", "height"}, "td": {"colspan", "rowspan", "dir"}, "th": {"colspan", "rowspan", "dir"},
    **{name: {"dir"} for name in ("blockquote", "div", "h1", "h2", "h3", "li", "p", "table")}}
WANTED: Final = frozenset().union(*ATTRIBUTES.values())
LINKS: Final = ("https:", "http:", "mailto:", "tel:")
#: Elements with a blank line around them, and those that only begin on a new line.
PARAGRAPHS: Final = frozenset(("p", "h1", "h2", "h3", "ul", "ol", "pre", "blockquote"))
LINES: Final = frozenset(("div", "li", "br", "table", "caption", "tr"))
#: Quotations and lists within one another that are told apart: what stands in front of a line is no longer.
DEEPEST: Final = 20
#: Elements that senders hide words in, like the beginning that a list is to show (those that have to be closed); and how they do.
HIDING: Final = frozenset(("div", "span", "table"))
HIDDEN: Final = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|mso-hide\s*:\s*all)", re.IGNORECASE)
#: What stands around it in a message.
DOCUMENT: Final = '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n{}\n</body></html>\n'


def clean(html: str, limits: Limits = LIMITS) -> str:
    """The part of html that we send, as a fragment; "" if nothing is to be seen in it."""
    balanced = markup.balanced(html[:limits.html_octets], TAGS, WANTED.__contains__, limits)
    cleaner = nh3.Cleaner(
        tags=set(TAGS), attributes=ATTRIBUTES, attribute_filter=_attribute, clean_content_tags={"script", "style"},
        url_schemes={"http", "https", "mailto", "tel", "cid"}, link_rel=None)
    fragment = cleaner.clean(balanced).strip()
    return fragment if "<img" in fragment or plain(fragment) else ""


def quotation(html: str, pictures: Callable[[str], bool], limits: Limits = LIMITS) -> str:
    """A stranger's html as an answer quotes it: as clean makes it, without what it hid from its reader.

    Of pictures those stay that pictures knows by their Content-ID; instead of others stands
    what they are called.  "" if nothing is left, or too much (LIMITS.quoted_html).
    """
    pieces: list[str] = []
    hidden, depth = "", 0
    for token in markup.tokens(html[:limits.html_octets], limits):
        if hidden:
            if not isinstance(token, str) and token.name == hidden:
                depth += -1 if token.end else 1
                hidden = hidden if depth else ""
        elif isinstance(token, str):
            pieces.append(token)
        elif token.name in HIDING and not token.end and _hides(token):
            hidden, depth = token.name, 1
        elif token.name == "img":
            pieces.append(_picture(token, pictures))
        else:
            pieces.append(f"<{'/' if token.end else ''}{token.name}{token.attributes}>")
    quoted = clean("".join(pieces), limits)
    return quoted if len(quoted) <= limits.quoted_html else ""


def _hides(tag: markup.Tag) -> bool:
    return HIDDEN.search(unescaped(markup.attributes(tag.attributes, "style".__eq__).get("style", ""))) is not None


def _picture(tag: markup.Tag, known: Callable[[str], bool]) -> str:
    found = {name: unescaped(value) for name, value in markup.attributes(tag.attributes, ATTRIBUTES["img"].__contains__).items()}
    source = found.pop("src", "").strip()
    content_id = unquote(source[4:]) if source[:4].lower() == "cid:" else ""
    if not content_id or not known(content_id):
        return escape(found.get("alt", ""))
    return "".join(["<img", *(f' {name}="{escape(value)}"' for name, value in {"src": f"cid:{content_id}", **found}.items()), ">"])


def document(fragment: str) -> str:
    """A fragment as the document that a message carries; lines are broken where HTML does not mind."""
    return DOCUMENT.format(fragment)


def plain(html: str, limits: Limits = LIMITS) -> str:
    """What html says as text: quotations with >, lists with marks, links with where they lead."""
    writer = _Writer()
    for token in markup.tokens(html[:limits.html_octets], limits):
        if isinstance(token, str):
            writer.text(unescaped(token))
        else:
            writer.tag(token)
    return writer.result()


def _attribute(tag: str, name: str, value: str) -> str | None:
    address = "".join(value.split())
    if name == "src":
        return address if address[:4].lower() == "cid:" else None
    if name == "href":
        return address if address[:10].lower().startswith(LINKS) else None
    if name == "dir":
        return value if value in ("auto", "ltr", "rtl") else None
    if name in ("width", "height", "colspan", "rowspan"):
        return value if value.isascii() and value.isdigit() and len(value) < 5 else None
    return value


class _Writer:
    """Collects lines; quotations and lists stand in front of each."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line = ""
        self.quoted = self.preformatted = 0
        #: The number of the next item of each list that is open; None for one without numbers.
        self.lists: list[int | None] = []
        self.mark = ""
        self.target, self.begun = "", 0

    def text(self, piece: str) -> None:
        """Words; what separates them counts once, but in preformatted text."""
        if self.preformatted:
            first, *others = piece.split("\n")
            self.line += first
            for other in others:
                self.end_line(keep=True)
                self.line = other
            return
        words = " ".join(piece.replace("\xa0", " ").split())
        if piece[:1].isspace() and self.line and not self.line.endswith(" "):
            self.line += " "
        self.line += words
        if words and piece[-1:].isspace():
            self.line += " "

    def tag(self, tag: markup.Tag) -> None:
        """An element begins or ends."""
        name, end = tag.name, tag.end
        if name in PARAGRAPHS:
            self.end_line()
            if name == "blockquote":
                self._quotation(end)
            if (name != "blockquote" or end) and not (self.lists and name in ("ul", "ol", "p")):
                self.blank_line()
        elif name in LINES or name == "hr":
            self.end_line(keep=name == "br")
        if name == "pre":
            self.preformatted = max(0, self.preformatted + (-1 if end else 1))
        elif name in ("ul", "ol"):
            self._list(name, end)
        elif name == "li" and not end:
            self._item()
        elif name == "hr" and not end:
            self.line = "-" * 20
            self.end_line()
        elif name in ("td", "th") and not end and self.line:
            self.line += " "
        elif name == "img":
            self.line += unescaped(markup.attributes(tag.attributes, "alt".__eq__).get("alt", ""))
        elif name == "a":
            self._link(tag)

    def _quotation(self, end: bool) -> None:
        if end and self.lines and not self.lines[-1].strip("> "):
            self.lines.pop()
        if not end:
            self.blank_line()
        self.quoted = max(0, self.quoted - 1) if end else min(DEEPEST, self.quoted + 1)

    def _list(self, name: str, end: bool) -> None:
        if not end:
            if len(self.lists) < DEEPEST:
                self.lists.append(1 if name == "ol" else None)
        elif self.lists:
            self.lists.pop()

    def _item(self) -> None:
        if not self.lists:
            self.mark = "* "
            return
        number = self.lists[-1]
        self.mark = "* " if number is None else f"{number}. "
        if number is not None:
            self.lists[-1] = number + 1

    def _link(self, tag: markup.Tag) -> None:
        if not tag.end:
            self.target = unescaped(markup.attributes(tag.attributes, "href".__eq__).get("href", ""))
            self.begun = len(self.line)
        elif self.target:
            said = self.line[self.begun:].strip()
            if said != self.target and f"mailto:{said}" != self.target:
                self.line = f"{self.line.rstrip()} <{self.target}>"
            self.target = ""

    def end_line(self, *, keep: bool = False) -> None:
        """The line is whole; keep lets an empty one stand."""
        line = self.line.rstrip() if self.preformatted else self.line.strip()
        self.line = ""
        if line or keep:
            indent = "  " * max(0, len(self.lists) - 1) + (self.mark or ("  " if self.lists else ""))
            self.mark = ""
            quote = ">" * self.quoted + (" " if self.quoted else "")
            self.lines.append((quote + indent + line).rstrip())

    def blank_line(self) -> None:
        """One empty line, if none is there; within a quotation it is quoted."""
        empty = (">" * self.quoted).rstrip()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(empty)

    def result(self) -> str:
        """All of it."""
        self.end_line()
        return "\n".join(self.lines).strip("\n")
