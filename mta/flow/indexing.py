"""Filling the search index, off the delivery path.

The reporter calls advance() when a doorbell says that messages came or went, and again
until it says that nothing is left.  Each call is one slice: at most LIMITS.index_messages
messages and LIMITS.index_octets of text, in one transaction of search.db together with
the position it has come to.  A crash between two slices costs nothing, one within a slice
costs that slice.

A message that cannot be read (its file is gone, or our parser has a bug) is indexed by
what its row says, so one message never stops the index.
"""
from collections.abc import Iterable, Iterator

from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.flow.world import World
from mta.message import structure as structures
from mta.message.address import Mailbox
from mta.message.text import index_text
from mta.store import search
from mta.store.messages import MessageRow
from mta.store.search import Document, SearchIndex


def advance(world: World, index: SearchIndex) -> int:
    """Index one slice; returns how many messages came or went in it, 0 if the index is up to date.

    Blocks for some milliseconds to seconds; call it in a thread.  TemporaryError if the
    index cannot be written.
    """
    since = index.position()
    rows = world.store.read(lambda db: search.unindexed(db, since, LIMITS.index_messages))
    documents = list(_slice(world, rows))
    # Read after the rows: what went meanwhile is forgotten in the same transaction.
    gone = world.store.read(lambda db: search.unsearchable(db, LIMITS.index_messages * 10))
    if not documents and not gone:
        return 0
    if not index.add(documents, gone, since, documents[-1].id if documents else since):
        return 0    # somebody else does this work at the moment
    if gone:
        world.store.write_now(lambda db: search.forgotten(db, gone))
    if documents:
        world.journal.note(Event.INDEXED, messages=len(documents), octets=sum(len(document.body) for document in documents))
    return len(documents) + len(gone)


def rebuild(world: World) -> None:
    """Begin the index anew; the reporter fills it, and searches find what it has so far.  TemporaryError if it cannot be written."""
    index = SearchIndex(world.store.search_db)
    try:
        index.rebuild()
    finally:
        index.close()
    world.bell.ring("reporter", "index")


def _slice(world: World, rows: Iterable[MessageRow]) -> Iterator[Document]:
    """The first of rows as documents, until there is enough text."""
    octets = 0
    for row in rows:
        found = document(world, row)
        yield found
        octets += len(found.body)
        if octets >= LIMITS.index_octets:
            return


def document(world: World, row: MessageRow) -> Document:
    """What row can be found by; never fails."""
    try:
        return _read(world, row)
    except OSError as problem:
        world.journal.note(Event.STORE_TROUBLE, row.trace, where=f"message {row.id}", problem=str(problem))
    except Exception as problem:    # a bug of ours must not end the index here
        world.journal.note(Event.UNEXPECTED, row.trace, where=__name__, problem=f"message {row.id}: {problem!r}")
    return Document(row.id, row.account_id, row.received, row.from_text, row.rcpt_to, row.subject, "", False)


def _read(world: World, row: MessageRow) -> Document:
    with world.store.bodies.view(row.body_name) as data:
        try:
            found = structures.unpack(row.structure)
        except ValueError:
            found = structures.analyse(data)
        envelope = found.envelope
        return Document(
            row.id, row.account_id, row.received,
            _people((*envelope.from_, *envelope.sender, *envelope.reply_to)),
            f"{_people((*envelope.to, *envelope.cc, *envelope.bcc))} {row.rcpt_to}",
            envelope.subject, index_text(data, found.root), found.attachments > 0)


def _people(mailboxes: Iterable[Mailbox]) -> str:
    """Names and addresses, those of internationalised domains in both forms, each once."""
    words: dict[str, None] = {}
    for mailbox in mailboxes:
        words[mailbox.name] = None
        if mailbox.address is None:
            words[mailbox.raw] = None
        else:
            words[mailbox.address.ascii] = None
            words[str(mailbox.address)] = None
    return " ".join(filter(None, words))
