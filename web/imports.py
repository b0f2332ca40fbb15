"""Imports of an account: thin, the rules are in mta.flow.importing; files come by web.importdoor."""
from typing import Literal

from mta.flow import importing
from mta.flow.world import World
from mta.store.imports import ImportRow
from web.api.imports import Import, Skip
from web.call import Call


def imports(call: Call) -> list[Import]:
    """The imports of the account, the newest first."""
    return [shown(call.world, row) for row in importing.listing(call.world, call.account)]


def import_skips(call: Call, id: int) -> list[Skip]:
    """What an import could not take, the first 1,000."""
    return [Skip(place, reason) for place, reason in importing.one(call.world, call.account, id)[1]]


def import_file(call: Call, name: str, size: int, mailbox: str = "", train: bool = False) -> Import:
    """Announce a file of `size` octets: mbox, or zip, tgz or tar of mbox files, Maildirs or Google Takeout.

    Then send it in pieces to /account/import?id=…&offset=….  All of it goes into `mailbox`,
    or ("") where it belongs; `train` lets the junk filter learn from it.
    """
    return shown(call.world, importing.begin_upload(call.world, call.account, name, size, mailbox=mailbox, train=train))


def import_imap(call: Call, host: str, user: str, password: str, port: int = 993, security: Literal["tls", "starttls"] = "tls",
                mailbox: str = "", train: bool = False) -> Import:
    """Import from another server; once more later, what is new there.  The password is forgotten when the import ends."""
    row = importing.begin_imap(call.world, call.account, host, user, password, port=port, security=security, mailbox=mailbox, train=train)
    return shown(call.world, row)


def import_stop(call: Call, id: int) -> list[Import]:
    """Take no more; what came stays."""
    importing.stop(call.world, call.account, id)
    return imports(call)


def import_go_on(call: Call, id: int, password: str = "") -> list[Import]:
    """Let one that stopped go on, or ask a server again for what is new."""
    importing.go_on(call.world, call.account, id, password)
    return imports(call)


def import_remove(call: Call, id: int) -> list[Import]:
    """Forget an import; what came stays."""
    importing.remove(call.world, call.account, id)
    return imports(call)


FUNCTIONS = (imports, import_skips, import_file, import_imap, import_stop, import_go_on, import_remove)


def shown(world: World, row: ImportRow) -> Import:
    """An import as pages see it."""
    here = importing.uploaded(world, row) if row.kind == "upload" else 0
    percent = 100 if row.state == "done" else min(99, row.octets * 100 // row.total) if row.total else 0
    if row.state == "coming" and row.options.size:
        percent = here * 100 // row.options.size
    return Import(row.id, row.kind, row.source, row.options.mailbox, row.state, row.created, row.latest, here, row.options.size, percent,
                  row.added, row.known, row.changed, row.skipped, row.problem)
