"""Labels of Gmail: a message has many, a mailbox here holds it once.

One label says where it goes (the first of Trash, Spam, Drafts, Inbox, Sent, a label of one's
own), some are flags, the others become keywords.  Takeout writes them in the language of
the account into X-Gmail-Labels; over IMAP the system's own have names with a backslash.
"""
import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mta.base.limits import LIMITS
from mta.message import mutf7, words
from mta.message.flags import Flags

#: Roles of mailboxes by what Gmail calls them, in the languages of its largest groups of users; in lower case.
PLACES: Final = {
    "trash": ("trash", "bin", "papierkorb", "corbeille", "papelera", "cestino", "prullenbak", "lixeira", "kosz"),
    "junk": ("spam",),
    "drafts": ("draft", "drafts", "entwürfe", "entwurf", "brouillons", "borradores", "bozze", "concepten", "rascunhos", "wersje robocze"),
    "inbox": ("inbox", "posteingang", "boîte de réception", "recibidos", "bandeja de entrada", "posta in arrivo", "postvak in",
              "caixa de entrada", "odebrane"),
    "sent": ("sent", "sent mail", "gesendet", "messages envoyés", "enviados", "posta inviata", "inviati", "verzonden",
             "verzonden berichten", "wysłane"),
}
ROLES: Final = {name: role for role, names in PLACES.items() for name in names}
#: The order in which they decide.
ORDER: Final = ("trash", "junk", "drafts", "inbox", "sent")
UNREAD: Final = frozenset({"unread", "ungelesen", "non lus", "no leídos", "da leggere", "ongelezen", "não lidas", "nieprzeczytane"})
STARRED: Final = frozenset({"starred", "markiert", "suivis", "destacados", "speciali", "met ster", "com estrela", "oznaczone gwiazdką"})
IMPORTANT: Final = frozenset({"important", "wichtig", "importants", "importantes", "importanti", "belangrijk", "importante", "ważne"})
#: What is said of every message or says nothing.
SILENT: Final = frozenset({
    "opened", "geöffnet", "messages ouverts", "abierto", "aperti", "geopend", "archived", "archiviert", "archivés", "archivado",
    "archiviati", "gearchiveerd", "all mail", "alle nachrichten", "muted", "chat", "chats", "arquivados", "lidas", "ouverts", "otwarte"})
CATEGORY: Final = re.compile(r'(?:category|kategorie|catégorie|categoría|categoria|categorie)[ _:"„«]+(.+?)["“»]*$', re.IGNORECASE)
SYSTEM: Final = {
    "\\inbox": "inbox", "\\sent": "sent", "\\draft": "drafts", "\\drafts": "drafts", "\\trash": "trash", "\\junk": "junk", "\\spam": "junk"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """What labels come to: a role or else a name of a mailbox ("" = none, so it was archived), flags, keywords."""

    role: str
    mailbox: str
    flags: Flags
    keywords: tuple[str, ...]


def read(field: str) -> list[str]:
    """The labels in X-Gmail-Labels."""
    text = words.decode(field) if "=?" in field else field
    try:
        row = next(csv.reader([text.replace("\r", "").replace("\n", " ")], skipinitialspace=True), [])
    except csv.Error:
        row = text.split(",")
    return [label.strip() for label in row if label.strip()][:LIMITS.import_labels]


def sort(labels: Iterable[str], seen: bool | None = None) -> Labelled:
    r"""Sort labels out.  seen: whether it was read, if that is known otherwise (over IMAP the flag \Seen says it)."""
    roles: set[str] = set()
    own: list[str] = []
    flags, unread = Flags.NONE, False
    keywords: list[str] = []
    for label in labels:
        low = label.casefold()
        if low in SYSTEM or low in ROLES:
            roles.add(SYSTEM.get(low) or ROLES[low])
        elif low in UNREAD:
            unread = True
        elif low in STARRED or low in ("\\starred", "\\flagged"):
            flags |= Flags.FLAGGED
        elif low in IMPORTANT or low == "\\important":
            keywords.append("$Important")       # RFC 8457 §2
        elif found := CATEGORY.match(label):
            keywords.append(keyword(f"Category_{found[1]}"))
        elif low not in SILENT and not label.startswith("\\"):
            own.append(label)
    role = next((one for one in ORDER if one in roles), "")
    mailbox = own.pop(0) if own and not role else ""
    keywords += [keyword(label) for label in own]
    if role == "drafts":
        flags |= Flags.DRAFT
    if seen or (seen is None and not unread):
        flags |= Flags.SEEN
    return Labelled(role, mailbox, flags, tuple(dict.fromkeys(filter(None, keywords))))


def keyword(label: str) -> str:
    """A label as a keyword, which is an atom of ASCII (RFC 9051 §9)."""
    text = re.sub(r'[\x00-\x20(){%*"\\\]\x7f]+', "_", mutf7.encode(label)).strip("_")
    return text[:LIMITS.keyword]
