"""Elements of an XML document that somebody else wrote, as far as a shape asks for them.

A shape says which elements are wanted below which; everything else is passed over, so
that what is held is bounded by the shape and not by the document.  There is no document
type, hence there are no entities; depth, number of elements, characters of a text and of
a tag are bounded, and the time is linear.  A document that is not well-formed gets a
second chance, see mta.report.xmlmending.

Read on: mta.report.dmarcxml has the one shape that there is.
"""
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, Generic, TypeAlias, TypeVar
from xml.parsers import expat

from mta.base.limits import Limits
from mta.message import codec
from mta.report.badreport import BadReport
from mta.report.xmlmending import local, mended

T = TypeVar("T")
#: What is wanted below an element, by local name; None stands for text.
Shape: TypeAlias = Mapping[str, "Shape | None"]
#: What was found below an element: texts and elements by name, in order.
Element: TypeAlias = dict[str, list["Element | str"]]

#: XML 1.0 §2.8: the declaration; there are documents that have it twice, or not at their start.
DECLARATION: Final = re.compile(r"<\?xml\b[^<>]{0,500}\?>")
ENCODING: Final = re.compile(rb"""\s*<\?xml\b[^<>]{0,200}?\bencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._:-]{0,40})["']""")
#: XML 1.0 §F: how a document in two octets a character begins.
WIDE: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
#: Characters between two "<" of a report: no tag, text or comment is longer.
GAP: Final = 64 * 1024


def read(octets: bytes, root: str, shape: Shape, each: str, convert: Callable[[Element, int], T], limits: Limits) -> tuple[
        Element, list[T], str]:
    """What is wanted below the first element called root; what convert makes of those called each; what had to be mended ("").

    Elements called each stand right below root, and are converted one by one, with their
    number from 1 on; again from the first one if the document had to be mended.  BadReport
    says why it cannot be read.
    """
    text = decoded(octets)
    _check_gaps(text)
    error = ""
    for _ in range(2):
        reader = _Reader(root, shape, each, convert, limits)
        try:
            found = reader.read(text)
            if found is None:
                raise BadReport(f"it has no element {root}" + (f", and is no well-formed XML: {error}" if error else ""))
            return found, reader.converted, error
        except expat.ExpatError as problem:
            if error:
                break
            error = f"{expat.ErrorString(problem.code)} in line {problem.lineno}"
        if len(text) > limits.report_mended:
            break
        text = mended(text, root, limits)
    raise BadReport(f"it is no well-formed XML: {error}")


def decoded(octets: bytes) -> str:
    """The document as text, without declarations; BadReport if it is in an encoding that we do not read."""
    octets = octets.removeprefix(b"\xef\xbb\xbf")
    charset = WIDE.get(octets[:2], "")
    if not charset:
        named = ENCODING.match(octets[:1_000])
        charset = named[1].decode() if named else "utf-8"
        if codec.python_codec(charset) is None:
            raise BadReport(f"it is written in {charset}, which is not read here")
        if (codec.python_codec(charset) or "").startswith("utf-16"):
            charset = "utf-8"    # a declaration that could be read says that it is wrong
    return DECLARATION.sub("", codec.decode_text(octets, charset).removeprefix("\ufeff"))


def _check_gaps(text: str) -> None:
    """A tag with a million attributes would take a hundred times its size."""
    at = 0
    while at + GAP < len(text):
        following = text.rfind("<", at + 1, at + GAP)
        if following < 0:
            raise BadReport(f"it has more than {GAP} characters in one tag, text or comment")
        at = following


class _Reader(Generic[T]):
    """One pass over a document.

    stack has what is wanted around the place where we are: its shape, and what was found;
    passed counts the elements around us that are not wanted.
    """

    def __init__(self, root: str, shape: Shape, each: str, convert: Callable[[Element, int], T], limits: Limits) -> None:
        self.root, self.shape, self.each, self.convert, self.limits = root, shape, each, convert, limits
        self.converted: list[T] = []
        self.stack: list[tuple[str, Shape, Element]] = []
        self.text: list[str] | None = None
        self.characters = self.passed = self.elements = self.wrappers = 0
        self.prefix = self.namespace = ""
        self.found: Element | None = None

    def read(self, text: str) -> Element | None:
        """What is below the root, None if there is no such element; ExpatError if the document is not well-formed before its root ends."""
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self.refuse
        parser.EntityDeclHandler = self.refuse
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters_of
        with suppress(_Complete):    # what follows the report is no part of it
            parser.Parse(text.encode(), True)
        return self.found

    def refuse(self, *_declaration: object) -> None:
        raise BadReport("it has a document type declaration, which could make it grow without end")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > self.limits.report_elements:
            raise BadReport(f"it has more than {self.limits.report_elements} elements")
        if self.passed + len(self.stack) + self.wrappers >= self.limits.report_depth:
            raise BadReport(f"its elements are nested deeper than {self.limits.report_depth}")
        prefix, _, bare = name.rpartition(":")
        if self.passed:
            self.passed += 1
        elif not self.stack:
            if bare == self.root:
                self.prefix, self.namespace = prefix, attributes.get("xmlns", "")
                self.stack.append((bare, self.shape, {}))
            else:
                self.wrappers += 1
        elif self.text is not None or bare not in self.stack[-1][1] or self.foreign(prefix, attributes):
            self.passed = 1
        else:
            below = self.stack[-1][1][bare]
            if below is None:
                self.text, self.characters = [], 0
            else:
                self.stack.append((bare, below, {}))

    def foreign(self, prefix: str, attributes: dict[str, str]) -> bool:
        """Whether an element is an extension: with another prefix than the root, or another namespace if both say in which.

        Without any prefix it is none: in RFC 7489's schema only the root was qualified.
        """
        namespace = attributes.get("xmlns", "")
        return prefix not in ("", self.prefix) or (bool(namespace and self.namespace) and namespace != self.namespace)

    def characters_of(self, text: str) -> None:
        if self.text is not None and not self.passed and self.characters < self.limits.report_text:
            self.text.append(text[:self.limits.report_text - self.characters])
            self.characters += len(text)

    def end(self, name: str) -> None:
        if self.passed:
            self.passed -= 1
        elif self.text is not None:
            self.keep(local(name), "".join(self.text))
            self.text = None
        elif not self.stack:
            self.wrappers -= 1
        else:
            bare, _, element = self.stack.pop()
            if not self.stack:
                self.found = element
                raise _Complete
            if bare == self.each and len(self.stack) == 1:
                if len(self.converted) >= self.limits.report_rows:
                    raise BadReport(f"it has more than {self.limits.report_rows} elements {self.each}")
                self.converted.append(self.convert(element, len(self.converted) + 1))
            else:
                self.keep(bare, element)

    def keep(self, name: str, what: "Element | str") -> None:
        """Put what was found where it belongs; of what comes too often the first ones stay."""
        several = self.stack[-1][2].setdefault(name, [])
        if len(several) < self.limits.report_results:
            several.append(what)


class _Complete(Exception):
    """The root has ended."""
