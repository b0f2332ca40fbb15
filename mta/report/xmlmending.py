"""A second chance for XML that is not well-formed: what its writer must have meant.

There are programs that put names into a document without a thought of what & and < mean
there, forget to close elements, or close what was never open.  Out of such a document
comes one that is well-formed: what cannot be a tag is text, a closing tag closes what is
open up to its own kind, or nothing.  No row is made up: a document that ends within one
is refused.
"""
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from mta.base.limits import Limits
from mta.report.badreport import BadReport

#: What is put around everything, as there may be several elements side by side.
AROUND: Final = "mended"
NAME: Final = r"[A-Za-z_][A-Za-z0-9_.:-]{0,100}"
TAG: Final = re.compile(rf"<(?P<slash>/?)(?P<name>{NAME})(?:\s[^<>]*?)?(?P<alone>/?)>")
INSTRUCTION: Final = re.compile(r"<\?[^<>]*>")
#: References that need no document type; any other & is just that.
AMPERSAND: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)")
#: What XML 1.0 §2.2 does not count as characters.
NOT_CHARACTERS: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def local(name: str) -> str:
    """The name of an element without its prefix."""
    return name.rpartition(":")[2]


def escaped(text: str) -> str:
    """text as XML has it, without what XML cannot have."""
    return NOT_CHARACTERS.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mended(text: str, root: str, limits: Limits) -> str:
    """A well-formed document in place of text; BadReport if it ends before all within root is complete, or has a document type."""
    return "".join(_Mending(text, root, limits).pieces())


class _Mending:
    """One pass over a document: where it is open, and whether root was complete."""

    def __init__(self, text: str, root: str, limits: Limits) -> None:
        self.text, self.root, self.limits = text, root, limits
        self.open: list[str] = []
        self.count: Counter[str] = Counter()
        self.complete = False
        #: Ends of comments and the like, of which it is known that there are no more.
        self.missing: set[str] = set()

    def pieces(self) -> Iterator[str]:
        at, text = 0, self.text
        yield f"<{AROUND}>"
        while not self.complete:
            tag = text.find("<", at)
            yield AMPERSAND.sub("&amp;", NOT_CHARACTERS.sub("", text[at:tag if tag >= 0 else len(text)])).replace(">", "&gt;")
            if tag < 0:
                break
            at = tag
            found = TAG.match(text, at)
            if found:
                yield from self.tag(found)
                at = found.end()
            elif text.startswith("<!--", at) and (end := self.after("-->", at)):
                at = end
            elif text.startswith("<![CDATA[", at) and (end := self.after("]]>", at)):
                yield escaped(text[at + 9:end - 3])
                at = end
            elif text.startswith("<!", at):
                raise BadReport("it has a document type declaration, which could make it grow without end, or part of one")
            elif instruction := INSTRUCTION.match(text, at):
                at = instruction.end()
            else:
                yield "&lt;"
                at += 1
        if not self.complete and self.open and local(self.open[-1]) != self.root:
            raise BadReport("it ends in the middle")
        yield from self.close(len(self.open))
        yield f"</{AROUND}>"

    def tag(self, found: re.Match[str]) -> Iterator[str]:
        name = found["name"]
        if found["slash"]:
            if self.count[name]:
                yield from self.close(self.open[::-1].index(name) + 1)
        elif found["alone"]:
            yield f"<{name}/>"
        elif self.count[name] and local(name) == self.root:
            return
        else:
            if self.count[name]:    # no element of a report has another of its kind in it
                yield from self.close(self.open[::-1].index(name) + 1)
            if len(self.open) >= self.limits.report_depth:
                raise BadReport(f"its elements are nested deeper than {self.limits.report_depth}")
            self.open.append(name)
            self.count[name] += 1
            yield f"<{name}>"

    def close(self, number: int) -> Iterator[str]:
        """Close so many elements, innermost first."""
        for _ in range(number):
            name = self.open.pop()
            self.count[name] -= 1
            self.complete = self.complete or local(name) == self.root
            yield f"</{name}>"

    def after(self, end: str, at: int) -> int:
        """Where the next end is over, 0 if there is none; each kind is missed only once, or many would take forever."""
        if end in self.missing:
            return 0
        place = self.text.find(end, at)
        if place < 0:
            self.missing.add(end)
        return place + len(end) if place >= 0 else 0
