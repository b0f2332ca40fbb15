"""What other programs call the mailboxes that every account has, and how names become ones of ours."""
from collections.abc import Iterable
from typing import Final

from mta.base.limits import LIMITS

NAMES: Final = {
    "inbox": ("inbox", "posteingang"),
    "sent": ("sent", "sent items", "sent messages", "sent mail", "sent-mail", "sent objects", "gesendet",
             "gesendete elemente", "gesendete objekte",
             "éléments envoyés", "messages envoyés", "enviados", "posta inviata", "verzonden items"),
    "drafts": ("drafts", "draft", "entwürfe", "brouillons", "borradores", "bozze", "concepten"),
    "archive": ("archive", "archives", "archiv", "archivio", "archivo", "archief", "all mail", "all mail including spam and trash"),
    "junk": ("junk", "spam", "junk e-mail", "junk email", "junk mail", "bulk mail", "junk-e-mail"),
    "trash": ("trash", "deleted items", "deleted messages", "deleted", "bin", "papierkorb", "gelöschte elemente", "gelöschte objekte",
              "corbeille", "éléments supprimés", "papelera", "cestino", "prullenbak"),
}
ROLES: Final = {name: role for role, names in NAMES.items() for name in names}
#: RFC 6154 §2: special uses of mailboxes of another server; All and Flagged show what stands elsewhere.
SPECIAL: Final = {"\\sent": "sent", "\\drafts": "drafts", "\\archive": "archive", "\\junk": "junk", "\\trash": "trash"}
VIEWS: Final = frozenset({"\\all", "\\flagged", "\\important"})


def role_of(name: str) -> str:
    """The role that a mailbox with this name has, or ""."""
    return ROLES.get(name.strip().casefold(), "")


def own_name(parts: Iterable[str]) -> str:
    """A name of ours for a mailbox whose name elsewhere has these parts; what cannot be in a name is replaced."""
    clean = []
    for part in parts:
        text = "".join(char if char.isprintable() else "_" for char in part.replace("/", "_")).strip()
        if text:
            clean.append(text)
    name = "/".join(clean)
    if not name or name.casefold() == "inbox":
        return "Inbox"
    while len(name.encode("utf-8", "replace")) > LIMITS.mailbox_name:
        name = name[:-1].rstrip("/ ")
    return name
