"""`pillarbox mailbox …`, `message …` and `search …`."""
import contextlib
import io
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from mta.base.errors import SetupError, UserError
from mta.flow import deposit, indexing, people, reading, undelete
from mta.flow.reading import Cursor, Summary
from mta.message.address import Mailbox
from mta.store.search import SearchIndex
from workers.commands.paper import Row, safe
from workers.commands.site import Site

#: Octets read at a time.
CHUNK = 64 * 1024
#: What is a word of its own after `search`, and no account.
REBUILD = "rebuild"


def list_mailboxes(site: Site, arguments: Namespace) -> list[Row]:
    """The mailboxes of an account with their counts."""
    account = people.get_account(site.world, arguments.account)
    return [{"id": row.id, "name": row.name, "role": row.role, "total": row.total, "unread": row.unread, "size": row.size,
             "uidvalidity": row.uidvalidity, "uidnext": row.uidnext, "subscribed": row.subscribed}
            for row in reading.all_mailboxes(site.world, account.id)]


def list_deleted(site: Site, arguments: Namespace) -> list[Row]:
    """What an account removed and can have back."""
    world = site.world
    account = people.get_account(world, arguments.account)
    rows, _, _ = undelete.page(world, account.id, limit=arguments.limit)
    return [{"id": row.id, "deleted": row.deleted, "days_left": undelete.days_left(world, row), "mailbox": row.mailbox,
             "received": row.received, "from": row.from_text, "subject": row.subject, "size": row.size} for row in rows]


def undelete_messages(site: Site, arguments: Namespace) -> list[Row]:
    """Bring some of it back."""
    account = people.get_account(site.world, arguments.account)
    return [{"mailbox": name} for name in undelete.bring_back(site.world, account.id, arguments.ids)]


def forget_deleted(site: Site, arguments: Namespace) -> list[Row]:
    """Remove some or all of it for good."""
    if bool(arguments.ids) == arguments.all:
        raise UserError("name messages, or say --all")
    account = people.get_account(site.world, arguments.account)
    gone = undelete.forget_all(site.world, account.id) if arguments.all else undelete.forget(site.world, account.id, arguments.ids)
    return [{"removed": gone}]


def list_messages(site: Site, arguments: Namespace) -> list[Row]:
    """The messages of a mailbox, newest first."""
    world = site.world
    account = people.get_account(world, arguments.account)
    mailbox = reading.mailbox_named(world, account.id, arguments.mailbox)
    rows: list[Row] = []
    after: Cursor | None = None
    while len(rows) < arguments.limit:
        page = reading.page(world, account.id, mailbox.id, after, limit=arguments.limit - len(rows))
        rows += [_row(each, mailbox.name) for each in page.messages]
        after = page.next
        if after is None:
            break
    return rows


def show(site: Site, arguments: Namespace) -> list[Row]:
    """One message to read."""
    world = site.world
    letter = reading.letter(world, reading.account_of(world, arguments.id), arguments.id)
    return [{
        **_row(letter.summary, letter.mailbox.name), "cc": _people(letter.cc), "trace": letter.trace, "mail_from": letter.mail_from,
        "rcpt_to": letter.rcpt_to, "remote_ip": letter.remote_ip, "defects": list(letter.defects),
        "origin": list(letter.origin.sentences) if letter.origin else [], "warnings": list(letter.warnings),
        "reasons": [{"key": each.key, "text": each.text, "weight": each.weight} for each in letter.reasons],
        "attachments": [{"part": each.part, "name": each.name, "kind": each.kind, "size": each.size} for each in letter.attachments],
        "text": letter.text}]


def raw(site: Site, arguments: Namespace) -> int:
    """The octets of a message; at a terminal without what would be a command to it."""
    world = site.world
    content, _ = reading.raw(world, reading.account_of(world, arguments.id), arguments.id)
    if sys.stdout.isatty():
        with io.TextIOWrapper(content, "utf-8", errors="replace") as text:
            while part := text.read(CHUNK):
                print(safe(part), end="")
        return 0
    with contextlib.closing(content):
        while chunk := content.read(CHUNK):
            sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
    return 0


def deliver(site: Site, arguments: Namespace) -> list[Row]:
    """A message from a file, into the Inbox."""
    octets = read_file(site, arguments.file)    # before root becomes somebody who may not read it
    world = site.world
    account = people.get_account(world, arguments.account)
    if not octets.strip():
        raise UserError("the message is empty: nothing was delivered")
    if len(octets) > site.config.smtp.max_message:
        raise UserError(f"the message has {len(octets)} octets; max_message allows {site.config.smtp.max_message}")
    row = deposit.file_in(world, account.id, octets)
    mailbox = reading.mailbox(world, account.id, row.mailbox_id)
    return [_row(each, mailbox.name) for each in reading.summaries(world, account.id, [row.id])]


def read_file(site: Site, name: str) -> bytes:
    """The octets of a file, or of standard input; SetupError if they cannot be read."""
    if name == "-":
        return sys.stdin.buffer.read(site.config.smtp.max_message + 1)
    try:
        return Path(name).read_bytes()
    except OSError as problem:
        raise SetupError(f"{name}: {problem.strerror}") from None


def search(site: Site, arguments: Namespace) -> list[Row] | str:
    """Messages that have all the words; or a new index."""
    world = site.world
    with contextlib.closing(SearchIndex(world.store.search_db)) as index:
        if arguments.account == REBUILD and not arguments.query:
            return _rebuild(site, index)
        if not arguments.query:
            raise UserError("search for what? `pillarbox search ACCOUNT WORD ...`")
        account = people.get_account(world, arguments.account)
        names = {row.id: row.name for row in reading.all_mailboxes(world, account.id)}
        return [_row(each, names.get(each.mailbox_id, "")) for each in _found(site, index, account.id, arguments)]


def _found(site: Site, index: SearchIndex, account: int, arguments: Namespace) -> Iterator[Summary]:
    left, after = arguments.limit, None
    while left > 0:
        page = reading.search(site.world, index, account, " ".join(arguments.query), before=after, limit=left)
        yield from page.messages
        left, after = left - len(page.messages), page.next
        if after is None:
            return


def _rebuild(site: Site, index: SearchIndex) -> str:
    """Empty the index and fill it again; if the server runs, its reporter helps."""
    index.rebuild()
    messages = 0
    while done := indexing.advance(site.world, index):
        messages += done
        if sys.stderr.isatty():
            print(f"\r{messages} messages", end="", file=sys.stderr, flush=True)
    site.world.bell.ring("reporter", "search")
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return f"{messages} {'message was' if messages == 1 else 'messages were'} indexed"


def _row(message: Summary, mailbox: str) -> Row:
    return {"id": message.id, "message_id": message.message_id, "mailbox": mailbox, "uid": message.uid, "subject": message.subject,
            "from": _people(message.from_), "to": _people(message.to), "received": message.received, "size": message.size,
            "flags": list(message.flags), "keywords": list(message.keywords)}


def _people(mailboxes: tuple[Mailbox, ...]) -> str:
    """Names and addresses for a person."""
    return ", ".join(f"{each.name} <{each.address or each.raw}>" if each.name else str(each.address or each.raw) for each in mailboxes)
