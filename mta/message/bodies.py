"""Which parts of a message are its text, its HTML, and its attachments.

The rule is JMAP's (RFC 8621 §4.1.4), so that every reader of a message, ours and others,
sees the same.
"""
from collections.abc import Iterator
from dataclasses import dataclass, field

from mta.message.mime import Part

#: Signatures and report parts are content for programs, not something to download.
FOR_PROGRAMS = frozenset({
    "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-encrypted",
    "message/delivery-status", "message/global-delivery-status", "message/disposition-notification", "message/feedback-report",
    "text/rfc822-headers", "message/global-headers"})


@dataclass(slots=True)
class Bodies:
    """The leaves of a message by use; a part can be both text and HTML if it is the only form there is."""

    text: list[Part] = field(default_factory=list)
    html: list[Part] = field(default_factory=list)
    attachments: list[Part] = field(default_factory=list)


def bodies(root: Part) -> Bodies:
    """The parts to show as text, to show as HTML, and to offer for download."""
    found = Bodies()
    _sort([root], "mixed", False, found.text, found.html, found.attachments)
    return found


def to_download(root: Part) -> list[Part]:
    """What a person would call attachments, in order: not the texts, not pictures that the HTML shows, not signatures."""
    found = bodies(root)
    passed = {id(part) for part in (*found.text, *found.html) if part.kind in ("text/plain", "text/html")}
    if found.html:
        passed.update(_shown_by_html(root))
    return [part for part in leaves(root) if part.kind not in FOR_PROGRAMS and id(part) not in passed]


def leaves(part: Part) -> Iterator[Part]:
    """The parts that are no multiparts, in order; not those of messages within."""
    if not part.children:
        yield part
    for child in part.children:
        yield from leaves(child)


def _shown_by_html(part: Part) -> Iterator[int]:
    """The ids of the pictures that belong to an HTML text (RFC 2387)."""
    for child in part.children:
        yield from _shown_by_html(child)
        if part.kind == "multipart/related" and child.kind.startswith("image/") and (child.content_id or child.location):
            yield id(child)


def _sort(parts: list[Part], within: str, alternative: bool,
          text: list[Part] | None, html: list[Part] | None, attachments: list[Part]) -> None:
    """Sort parts, the children of a multipart/within; None for a list means that it is not wanted here."""
    text_before, html_before = len(text or ()), len(html or ())
    for place, part in enumerate(parts):
        if part.children:
            subtype = part.kind.partition("/")[2]
            _sort(part.children, subtype, alternative or subtype == "alternative", text, html, attachments)
            continue
        media = part.kind.startswith(("image/", "audio/", "video/"))
        inline = (part.disposition != "attachment" and (media or part.kind in ("text/plain", "text/html"))
                  and (place == 0 or (within != "related" and (media or not part.filename))))
        if not inline:
            attachments.append(part)
        elif within == "alternative":
            wanted = text if part.kind == "text/plain" else html if part.kind == "text/html" else attachments
            if wanted is not None:
                wanted.append(part)
        else:
            if alternative:
                html = None if part.kind == "text/plain" else html
                text = None if part.kind == "text/html" else text
            if text is not None:
                text.append(part)
            if html is not None:
                html.append(part)
            if media and (text is None or html is None):
                attachments.append(part)
    if within == "alternative" and text is not None and html is not None:
        # Where only one form was given, it stands for the other too.
        if len(text) == text_before and len(html) > html_before:
            text += html[html_before:]
        elif len(html) == html_before and len(text) > text_before:
            html += text[text_before:]
