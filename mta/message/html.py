"""Strangers' HTML made fit for a sandboxed frame, and as plain text.

The frame runs no script, so this guards against tracking, forms and disguise first, and
is the second lock on script: nothing loads that the reader did not ask for, links say
where they lead and tell nobody where from, nothing leaves its place on the page.

The work of sanitising is nh3's (ammonia, html5ever); what it may see is bounded here.
"""
import html as entities
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote

import nh3

from mta.base.limits import LIMITS, Limits
from mta.message import css, markup

#: From a Content-ID without brackets to an address of ours, or None if there is no such part.
CidMap = Callable[[str], str | None]

TAGS = markup.names("""
    a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn dir div dl
    dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li main map area mark menu nav ol p pre q rp rt
    ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr
""")
GENERAL = frozenset(("style", "title", "dir", "lang", "align", "valign", "bgcolor", "width", "height"))
BY_TAG = {
    "a": {"href", "name"}, "img": {"src", "alt", "border", "hspace", "vspace"}, "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing", "background", "summary"},
    "td": {"colspan", "rowspan", "nowrap", "background", "headers"},
    "th": {"colspan", "rowspan", "nowrap", "background", "scope"}, "tr": {"background"}, "col": {"span"}, "colgroup": {"span"},
    "ol": {"start", "type", "reversed"}, "ul": {"type"}, "li": {"value", "type"}, "hr": {"size", "noshade", "color"},
    "blockquote": {"cite", "type"}, "time": {"datetime"}, "details": {"open"}, "br": {"clear"},
}
ATTRIBUTES = {tag: {*GENERAL, *BY_TAG.get(tag, ())} for tag in TAGS}
WANTED = GENERAL.union(*BY_TAG.values())
#: What a person may be sent to by a click.
LINKS = ("https:", "http:", "mailto:", "tel:")
PICTURES = ("data:image/png", "data:image/jpeg", "data:image/jpg", "data:image/gif", "data:image/webp", "data:image/bmp")
#: Elements that begin on a new line.
BLOCKS = markup.names("""
    address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6
    header hr li main menu nav ol p pre section summary table tbody tfoot thead tr ul br
""")


class Sanitised(NamedTuple):
    """HTML that may be shown; blocked counts what would have been loaded from elsewhere, missing what is not in the message."""

    html: str
    blocked: int
    missing: int
    too_long: bool


def sanitise(html: str, cid: CidMap, allow_remote: bool = False, limits: Limits = LIMITS) -> Sanitised:
    """The part of html that may be shown in a sandboxed frame, as a fragment.

    Pictures of the message itself (cid:) get the address that cid gives them; pictures
    and styles from elsewhere go, or stay if allow_remote.  What is longer than the
    bound is cut.
    """
    too_long = len(html) > limits.html_octets or html.count("<") > limits.html_pieces // 2
    balanced = markup.balanced(html[:limits.html_octets], TAGS, WANTED.__contains__, limits)
    guard = _Guard(cid, allow_remote)
    cleaner = nh3.Cleaner(
        tags=set(TAGS), attributes=ATTRIBUTES, attribute_filter=guard.attribute, clean_content_tags={"script", "style"},
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"}, filter_style_properties=set(css.PROPERTIES),
        link_rel="noopener noreferrer nofollow", set_tag_attribute_values={"a": {"target": "_blank"}})
    return Sanitised(cleaner.clean(balanced), guard.blocked, guard.missing, too_long)


def text_of_html(html: str, longest: int = LIMITS.indexed_text, *, links: bool = False) -> str:
    """What html says, in lines; at most about longest characters are read out.  links adds where they lead."""
    reader = _TextReader(links)
    for token in markup.tokens(html):
        if isinstance(token, str):
            reader.text(token)
        else:
            reader.tag(token)
        if reader.size > longest:
            break
    return reader.result()[:longest]


def html_of_text(text: str) -> str:
    """Plain text as an HTML fragment that looks the same."""
    return '<pre style="white-space:pre-wrap">' + entities.escape(text) + "</pre>"


def unescaped(text: str) -> str:
    """text with its entities replaced; never fails."""
    if "&" not in text:
        return text
    try:
        return entities.unescape(text)
    except ValueError:      # a number with more digits than Python reads
        return text


class _Guard:
    """Decides about each attribute; nh3 calls it with values whose entities are decoded."""

    def __init__(self, cid: CidMap, allow_remote: bool) -> None:
        self.cid, self.allow_remote = cid, allow_remote
        self.blocked = self.missing = 0

    def attribute(self, tag: str, name: str, value: str) -> str | None:
        """What the attribute may say, or None if it has to go."""
        if name == "href":
            return self._link(value)
        if name in ("src", "background"):
            return self.loaded(value)
        if name == "style":
            return css.filtered(value, self.loaded) or None
        if name == "cite":
            return None
        return value

    def loaded(self, value: str) -> str | None:
        """The address to load instead of value, or None."""
        # Browsers drop tabs and line ends inside an address.
        address = "".join(value.split())
        scheme = address[:20].lower()
        if scheme.startswith("cid:"):
            found = self.cid(unquote(address[4:]))
            self.missing += found is None
            return found
        if scheme.startswith("data:"):
            return address if address[:40].lower().startswith(PICTURES) else None
        if scheme.startswith("//"):
            address, scheme = "https:" + address, "https:"
        if not scheme.startswith(("https:", "http:")):
            return None
        if self.allow_remote:
            return address
        self.blocked += 1
        return None

    def _link(self, value: str) -> str | None:
        address = "".join(value.split())
        if address.startswith("//"):
            address = "https:" + address
        # A link within the page would open an empty one; a relative one leads to us.
        return address if address[:20].lower().startswith(LINKS) else None


class _TextReader:
    """Collects lines of text."""

    def __init__(self, links: bool) -> None:
        self.links = links
        self.lines: list[str] = []
        self.line: list[str] = []
        self.size = 0
        self.target = ""
        self.preformatted = 0

    def text(self, piece: str) -> None:
        piece = unescaped(piece)
        self.size += len(piece.strip())
        if self.preformatted and "\n" in piece:
            first, *others = piece.splitlines()
            self.line.append(first)
            for other in others:
                self.end_line()
                self.line.append(other)
        else:
            self.line.append(piece)

    def tag(self, tag: markup.Tag) -> None:
        name = tag.name
        if name in BLOCKS:
            self.end_line()
            if name == "p" and not tag.end and self.lines and self.lines[-1]:
                self.lines.append("")
            if name == "pre":
                self.preformatted = max(0, self.preformatted + (-1 if tag.end else 1))
            if name == "li" and not tag.end:
                self.line.append("* ")
        elif name in ("td", "th"):
            self.line.append(" ")
        elif name == "img":
            self.line.append(unescaped(markup.attributes(tag.attributes, "alt".__eq__).get("alt", "")))
        elif name == "a" and self.links:
            self._link(tag)

    def _link(self, tag: markup.Tag) -> None:
        if not tag.end:
            self.target = unescaped(markup.attributes(tag.attributes, "href".__eq__).get("href", ""))
        elif self.target:
            if self.target.startswith(("http://", "https://")) and self.target not in "".join(self.line[-3:]):
                self.line.append(f" <{self.target}>")
            self.target = ""

    def end_line(self) -> None:
        # U+034F, U+00AD and their like pad what newsletters show as preview; they say nothing.
        line = " ".join("".join(self.line).translate(INVISIBLE).split())
        if line or (self.lines and self.lines[-1]):
            self.lines.append(line)
        self.line = []

    def result(self) -> str:
        self.end_line()
        return "\n".join(self.lines).strip()


INVISIBLE = dict.fromkeys((0x034F, 0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x061C, 0x200E, 0x200F))
