"""What the junk filter sees of a message: its words, pairs of neighbours, and traits, each as a short text.

Words of the body stand for themselves, everything else says before a colon where it was
found ("subject:free", "link:shop.example"), so a person can be shown what counted.  Text
and HTML are both read, since senders of junk put one thing in the one for filters and
another in the other for people.  Date and Received say nothing here: who sent it and by
which way is reputation's business.

All of it is bounded: by characters of text and HTML that are looked at, and by how many
features a message can have.  The order is fixed, and what is past the bound is left out.
"""
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise
from zlib import crc32

from mta.base.limits import LIMITS, Limits
from mta.message import header, markup
from mta.message.bodies import bodies, leaves
from mta.message.envelope import Envelope
from mta.message.header import Header
from mta.message.html import BLOCKS, INVISIBLE, unescaped
from mta.message.mime import Part
from mta.message.scan import Octets
from mta.message.structure import Structure
from mta.message.text import part_text

#: A word (with what shouts at its end), a price, or shouting alone.
WORD = re.compile(r"[^\W_](?:[\w'’.\-]{0,80}\w)?[!%]{0,3}|[$€£][\d.,]{0,20}\d|[$€£%!]{1,5}")
#: Characters of the longest word that is kept as it is, and digits of the longest number.
LONGEST, DIGITS = 20, 4
#: From here on scripts put no spaces between words; their text is cut into pairs of characters.
UNSPACED = "\u2e80"
LINK = re.compile(r"(?:https?://|www\.)[^\s\"'<>)]{1,300}", re.IGNORECASE)
HOST = re.compile(r"(?:(?:https?:)?//(?:[^/?#@\s]{0,100}@)?|(?=www\.))([^/?#:\s]{1,100})", re.IGNORECASE)
#: Attributes that lead elsewhere, and the text that stands for a picture.
LEADING, SHOWN = frozenset({"href", "src", "action", "background"}), frozenset({"alt"})
WANTED = LEADING | SHOWN
CELLS = frozenset({"td", "th"})
#: Fields whose words tell by which program, and in what way, a message was sent.
PROGRAM = ("x-mailer", "user-agent", "organization", "precedence", "x-priority")
#: Of each thing that there may be any number of: parts, people, words of a name or field, links.
PARTS, PEOPLE, FEW, LINKS = 20, 10, 6, 50


def features(data: Octets, found: Structure, top: Header | None = None, limits: Limits = LIMITS) -> list[str]:
    """The features of a message, each once; at most limits.junk_features, those of the header first.

    top is its header, if that was read already.
    """
    texts = [part_text(data, part, limits.junk_text) for part in bodies(found.root).text[:PARTS] if part.kind != "text/html"]
    links: list[str] = []
    texts += [_page(source, links) for source in _html(data, found.root, limits)]
    text = "\n".join(texts)[:2 * limits.junk_text]
    links += LINK.findall(text)
    traits = _head(found, top if top is not None else header.parse(data, 0, limits))
    every = chain(traits, _form(found.root), _links(links[:LINKS]), _words(text))
    # A body of few words repeated without end says nothing new, and is not read to its end.
    return list(dict.fromkeys(islice(every, 2 * limits.junk_features)))[:limits.junk_features]


def keyed(found: Iterable[str]) -> dict[int, str]:
    """Features by their keys."""
    return {key(feature): feature for feature in found}


def key(feature: str) -> int:
    """The number by which counts of a feature are kept: 32 bits, so a rare collision of two is accepted."""
    return crc32(feature.encode("utf-8", "surrogatepass"))


def _head(found: Structure, top: Header) -> Iterator[str]:
    """Who writes to whom about what, and with which program."""
    known = found.envelope
    yield from (f"subject:{word}" for word in _words(known.subject))
    yield f"subject:{_loudness(known.subject)} quarters in capitals"
    for mailbox in known.from_[:PEOPLE]:
        yield from (f"from:{word}" for word in _plain(mailbox.name))
        if mailbox.address:
            yield f"from:{mailbox.address.ascii.lower()}"
            yield f"from:{mailbox.address.domain.ascii}"
            if sum(map(str.isdigit, mailbox.address.localpart)) > 2:
                yield "from:a name with digits"
    yield from (f"reply-to:{mailbox.address.domain.ascii}" for mailbox in known.reply_to[:PEOPLE] if mailbox.address)
    people = known.to + known.cc
    yield f"to:{min(len(people), FEW)} people"
    for mailbox in people[:PEOPLE]:
        yield from (f"to:{word}" for word in _plain(mailbox.name))
    yield "an answer" if known.references or known.in_reply_to else "no answer"
    for name in PROGRAM:
        yield from (f"{name}:{word}" for word in _plain(top.text(name)))
    if top.get("list-id"):
        yield f"list-id:{top.text('list-id').lower()[:100]}"
    yield from _message_id(known)


def _message_id(known: Envelope) -> Iterator[str]:
    """Where the message got its Message-ID: at its author's domain, or elsewhere."""
    there = known.message_id.strip("<>").rpartition("@")[2].lower()[:100]
    own = {mailbox.address.domain.ascii for mailbox in known.from_[:PEOPLE] if mailbox.address}
    near = any(there == domain or there.endswith(f".{domain}") or domain.endswith(f".{there}") for domain in own)
    yield f"id:{there}"
    yield "id:of the author's domain" if near else "id:of another domain" if there else "id:none"


def _form(root: Part) -> Iterator[str]:
    """Of what kinds of parts the message is made."""
    for part in islice(leaves(root), PARTS):
        yield f"part:{part.kind[:40]}"
        if part.filename:
            yield f"file:{part.filename.rpartition('.')[2].lower()[:10]}"


def _loudness(subject: str) -> int:
    """How many quarters of the letters are capitals."""
    return 4 * sum(map(str.isupper, subject)) // max(1, sum(map(str.isalpha, subject)))


def _html(data: Octets, root: Part, limits: Limits) -> Iterator[str]:
    """The sources of HTML parts, attached ones too, together not longer than the bound."""
    room = limits.junk_html
    for part in islice((part for part in leaves(root) if part.kind == "text/html"), PARTS):
        if room > 0:
            source = part_text(data, part, room)
            room -= len(source)
            yield source


def _page(source: str, links: list[str]) -> str:
    """The text of an HTML page, as it is seen; where it leads is added to links."""
    pieces: list[str] = []
    for token in markup.tokens(source):
        if isinstance(token, str):
            pieces.append(token)
            continue
        if token.name in BLOCKS or token.name in CELLS:
            pieces.append("\n")
        if not token.end and "=" in token.attributes:
            for name, value in markup.attributes(token.attributes, WANTED.__contains__).items():
                if name in SHOWN:
                    pieces.append(f" {value} ")
                elif len(links) < LINKS:
                    links.append(unescaped(value[:300]))
    text = unescaped("".join(pieces))
    return text if text.isascii() else text.translate(INVISIBLE)


def _links(links: Sequence[str]) -> Iterator[str]:
    """How many links there are, and where they lead: the host, and the last two labels of its name."""
    yield f"link:about {1 << len(links).bit_length() >> 1}"
    for link in links:
        host = HOST.match(link.strip())
        if host:
            name = host[1].lower()
            yield f"link:{name}"
            yield f"link:{'.'.join(name.rsplit('.', 2)[-2:])}"


def _words(text: str) -> Iterator[str]:
    """The words of a text and its pairs of neighbours."""
    before = ""
    for word in _single(text):
        yield word
        if before:
            yield f"{before} {word}"
        before = word


def _plain(text: str) -> list[str]:
    """The first words of a name or field, without pairs."""
    return list(islice(_single(text[:200]), FEW))


def _single(text: str) -> Iterator[str]:
    text = text.lower()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)    # full-width and other letters in disguise
    for word in WORD.findall(text):
        if len(word) > LONGEST or (not word.isascii() and max(word) >= UNSPACED):
            yield from _cut(word)
        elif len(word) > DIGITS and word.isdigit():
            yield f"{len(word)} digits"
        else:
            yield word


def _cut(word: str) -> Iterator[str]:
    if max(word) < UNSPACED:
        yield f"{len(word) // 10}0 characters"
    elif len(word) == 1:
        yield word
    else:
        yield from (one + other for one, other in pairwise(word))
