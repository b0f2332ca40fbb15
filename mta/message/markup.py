"""HTML of strangers, taken apart in linear time: tags, text, and nothing a browser would run.

This decides what nests in what, not what is safe: mta.message.html hands the result to a
sanitiser that reads it again as browsers do.  That sanitiser's time grows with the square
of the nesting, which is why it only ever sees what `balanced` wrote.
"""
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from mta.base.limits import LIMITS, Limits

#: A tag: "/" or nothing, name, attributes.  Every repetition is possessive: nothing is tried twice.
#: A quote that is never closed is taken for a character, which is kinder than what browsers do.
TAG = re.compile(r"""<(/?)([A-Za-z][^\s/>]*+)((?:[\s/=]++|[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+)*+)>""")
ATTRIBUTE = re.compile(r"""([^\s/>=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"'][^\s>]*+))?+)?+""")
#: Elements whose content is not markup, up to their end tag: none of it is shown.
RAW = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
       for name in ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript", "template", "svg", "math",
                    "object", "applet", "audio", "video", "canvas", "select")}
VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"))
#: Elements that end by themselves when one of these begins (HTML, "optional tags").
ENDED_BY = {"p": frozenset({"p"}), "li": frozenset({"li"}), "dt": frozenset({"dt", "dd"}), "dd": frozenset({"dt", "dd"}),
            "td": frozenset({"td", "th"}), "th": frozenset({"td", "th"}), "tr": frozenset({"tr"}),
            "tbody": frozenset({"tbody", "thead", "tfoot"}), "thead": frozenset({"tbody", "thead"}), "tfoot": frozenset({"tbody", "tfoot"})}
OPTIONAL = frozenset(("p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot"))
#: What an end tag inside of these cannot end outside of them.
CELLS = frozenset(("td", "th", "table", "caption"))
TABLE = frozenset(("table", "caption", "tbody", "thead", "tfoot", "tr", "td", "th"))
#: Where only these may begin: browsers move anything else out in front of the table, at a
#: cost that grows with what they moved before.
ROWS = frozenset(("table", "tbody", "thead", "tfoot", "tr"))
IN_ROWS = TABLE | {"col", "colgroup"}


def names(text: str) -> frozenset[str]:
    """The words of text: a long list of names stays readable that way."""
    return frozenset(text.split())


class Tag(NamedTuple):
    """A start or end tag: name in lower case, attributes as they were written."""

    name: str
    end: bool
    attributes: str


def tokens(html: str, limits: Limits = LIMITS) -> Iterator[str | Tag]:
    """Text (entities still in it) and tags, up to the bound; comments and the content of RAW elements are skipped."""
    at, length = 0, len(html)
    for _ in range(limits.html_pieces):
        start = html.find("<", at)
        if start < 0:
            yield html[at:]
            return
        following = html[start + 1:start + 2]
        if not (following.isalpha() and following.isascii()) and following not in ("/", "!", "?"):
            # A "<" that begins nothing is text, with what follows up to the next one.
            next_start = html.find("<", start + 1)
            next_start = length if next_start < 0 else next_start
            yield html[at:next_start]
            at = next_start
            continue
        if start > at:
            yield html[at:start]
        found = TAG.match(html, start)
        if found is None:
            at = _after_comment(html, start)
            continue
        at = found.end()
        name = found[2].lower()
        if name in RAW:
            at = _after_raw(html, at, name) if not found[1] else at
            continue
        yield Tag(name, bool(found[1]), found[3])


def attributes(text: str, wanted: Callable[[str], bool]) -> dict[str, str]:
    """The wanted attributes by lower-case name, values as written (entities still in them); the first of a name counts."""
    found: dict[str, str] = {}
    for match in ATTRIBUTE.finditer(text):
        name = match[1].lower()
        if name not in found and wanted(name):
            found[name] = match[2] or match[3] or match[4] or ""
    return found


def balanced(html: str, allowed: frozenset[str], wanted: Callable[[str], bool], limits: Limits = LIMITS) -> str:
    """html with only allowed elements, each closed in its turn, no more of them open at once than the bound."""
    tree = _Tree(limits.html_depth)
    for token in tokens(html, limits):
        if isinstance(token, str):
            tree.out.append(token.replace("<", "&lt;").replace(">", "&gt;"))
        elif token.name not in allowed:
            continue
        elif token.end:
            tree.close(token.name)
        else:
            values = attributes(token.attributes, wanted) if token.attributes.strip() else {}
            written = "".join([' {}="{}"'.format(name, value.replace('"', "&quot;")) for name, value in values.items()])
            tree.open(token.name, f"<{token.name}{written}>")
    tree.finish()
    return "".join(tree.out)


class _Tree:
    """What is open while `balanced` writes."""

    def __init__(self, depth: int) -> None:
        self.out: list[str] = []
        self.depth = depth
        self.stack: list[str] = []
        self.counts: dict[str, int] = {}
        # How often each name is open since the last table cell began, one for each cell around us.
        self.scopes: list[dict[str, int]] = [{}]

    def open(self, name: str, tag: str) -> None:
        ended = ENDED_BY.get(name)
        if ended:
            self._end_implied(ended)
        if self.stack and self.stack[-1] in ROWS and name not in IN_ROWS:
            return
        if name in VOID:
            self.out.append(tag)
        elif len(self.stack) < self.depth:
            self.out.append(tag)
            self.stack.append(name)
            self.counts[name] = self.counts.get(name, 0) + 1
            self.scopes[-1][name] = self.scopes[-1].get(name, 0) + 1
            if name in CELLS:
                self.scopes.append({})

    def close(self, name: str) -> None:
        within = self.counts if name in TABLE else self.scopes[-1]
        if within.get(name):
            while self._pop() != name:
                pass

    def finish(self) -> None:
        while self.stack:
            self._pop()

    def _pop(self) -> str:
        """End the innermost element."""
        name = self._forget()
        self.out.append(f"</{name}>")
        return name

    def _forget(self) -> str:
        name = self.stack.pop()
        if name in CELLS:
            self.scopes.pop()
        self.counts[name] -= 1
        self.scopes[-1][name] -= 1
        return name

    def _end_implied(self, ended: frozenset[str]) -> None:
        """End what one of ended would end, if nothing but elements with optional end tags is in between."""
        place = len(self.stack) - 1
        while place >= 0 and self.stack[place] in OPTIONAL:
            if self.stack[place] in ended:
                while len(self.stack) > place:
                    self._pop()
                return
            place -= 1


def _after_raw(html: str, at: int, name: str) -> int:
    """Where the content of a RAW element ends, with its end tag; all is its content if it never ends."""
    end = RAW[name].search(html, at)
    close = html.find(">", end.end()) if end else -1
    return close + 1 if close >= 0 else len(html)


def _after_comment(html: str, start: int) -> int:
    """Where what begins with "<" but is no tag ends; all the rest belongs to it if it never ends."""
    if html.startswith("<!--", start):
        # HTML: <!--> and <!---> are empty comments.
        if html.startswith(("<!-->", "<!--->"), start):
            return html.find(">", start) + 1
        end = html.find("-->", start + 4)
        return end + 3 if end >= 0 else len(html)
    end = html.find(">", start) if html[start + 1:start + 2] in ("!", "?", "/") else -1
    return end + 1 if end >= 0 else len(html)
