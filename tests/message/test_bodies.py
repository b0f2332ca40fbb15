"""Texts, HTML and attachments of a message."""
import json
from pathlib import Path

import pytest

from mta.message import mime
from mta.message.bodies import Bodies, bodies, leaves, to_download
from mta.message.mime import Part
from tests.message.vectors import VECTORS


def part(kind: str, *children: Part, disposition: str = "", name: str = "", cid: str = "") -> Part:
    """A part of that kind."""
    return Part(kind, 0, 0, 0, params={"name": name} if name else {}, disposition=disposition, content_id=cid, children=list(children))


TEXT, HTML = part("text/plain"), part("text/html")
PICTURE = part("image/png", cid="pic@x")
PDF = part("application/pdf", disposition="attachment", name="a.pdf")


@pytest.mark.parametrize(("root", "want"), [
    (TEXT, Bodies([TEXT], [TEXT], [])),
    (HTML, Bodies([HTML], [HTML], [])),
    (PDF, Bodies([], [], [PDF])),
    (part("multipart/alternative", TEXT, HTML), Bodies([TEXT], [HTML], [])),
    (part("multipart/alternative", HTML), Bodies([HTML], [HTML], [])),
    (part("multipart/alternative", TEXT), Bodies([TEXT], [TEXT], [])),
    (part("multipart/mixed", TEXT, PDF), Bodies([TEXT], [TEXT], [PDF])),
    (part("multipart/mixed", part("multipart/alternative", TEXT, HTML), PDF), Bodies([TEXT], [HTML], [PDF])),
    (part("multipart/related", HTML, PICTURE), Bodies([HTML], [HTML], [PICTURE])),
    (part("multipart/alternative", TEXT, part("multipart/related", HTML, PICTURE)), Bodies([TEXT], [HTML], [PICTURE])),
    (part("multipart/mixed", TEXT, PICTURE), Bodies([TEXT, PICTURE], [TEXT, PICTURE], [])),
])
def test_jmap_rule(root: Part, want: Bodies) -> None:
    """Parts are sorted as RFC 8621 §4.1.4 sorts them."""
    assert bodies(root) == want


def test_what_a_person_downloads() -> None:
    """Pictures within the HTML, signatures and report parts are not counted; pictures beside the text are."""
    signature, status = part("application/pgp-signature", name="s.asc"), part("message/delivery-status")
    message, note = part("message/rfc822"), part("text/plain", disposition="attachment", name="n.txt")

    assert to_download(part("multipart/alternative", TEXT, part("multipart/related", HTML, PICTURE))) == []
    assert to_download(part("multipart/related", HTML, PICTURE, PDF)) == [PDF]
    assert to_download(part("multipart/mixed", TEXT, PICTURE, PDF)) == [PICTURE, PDF]
    assert to_download(part("multipart/signed", part("multipart/mixed", TEXT, note), signature)) == [note]
    assert to_download(part("multipart/report", TEXT, status, message)) == [message]
    assert to_download(TEXT) == []
    assert to_download(PDF) == [PDF]
    assert list(leaves(part("multipart/mixed", TEXT, part("multipart/mixed", HTML), PDF))) == [TEXT, HTML, PDF]


def flat(root: Part) -> list[Part]:
    """Parts in the order of mail-parser, messages within not opened."""
    return [root, *(each for child in root.children for each in flat(child))]


@pytest.mark.parametrize("path", sorted((VECTORS / "mime-mail-parser/eml/legacy").glob("*.json")), ids=lambda path: path.stem)
def test_mail_parser_agrees(path: Path) -> None:
    """Another implementation of the rule finds the same texts and attachments, at the same offsets."""
    want = json.loads(path.read_text())
    data = path.with_suffix(".eml").read_bytes().replace(b"\r\n", b"\n")
    parts = flat(mime.parse(data))
    number = {id(each): place for place, each in enumerate(parts)}
    found = bodies(parts[0])

    assert [(each.header_start, each.start) for each in parts] == [(each["offset_header"], each["offset_body"]) for each in want["parts"]]
    assert [number[id(each)] for each in found.text] == want["text_body"]
    assert [number[id(each)] for each in found.html] == want["html_body"]
    # They list pictures that stand in the text as attachments as well.
    assert [number[id(each)] for each in found.attachments] == [each for each in want["attachments"] if each not in want["text_body"]]
