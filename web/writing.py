"""The webmail's functions for writing: thin, every rule lives in mta.flow (drafting, takingback, contacts)."""
from typing import Literal

import msgspec

from mta.flow import contacts as known
from mta.flow import drafting, takingback, travelling
from mta.flow import preferences as choices
from mta.message import written
from mta.message.vcard import Card
from mta.store import contacts as stored
from mta.store import delayed as waiting
from web import shapes
from web.api.webmail import Draft, Person, Sent, Travel
from web.api.writing import Contact, Delayed, Imported, WritingChoices
from web.call import Call

# --- drafts --------------------------------------------------------------------------------


def compose(call: Call) -> Draft:
    """An empty draft, with the usual sender."""
    return shapes.draft(drafting.begin(call.world, call.account))


def reply(call: Call, id: int, whom: Literal["author", "everybody", "list"] = "author", only: str = "", formatted: bool = False) -> Draft:
    """A draft that answers a message: recipients, subject and quoted text (only that, if it is given) are there.

    With `formatted` it quotes the message's HTML, cleaned as what one writes oneself, and has `html`; of a message without any it has not.
    """
    return shapes.draft(drafting.reply(call.world, call.account, id, whom, only, formatted=formatted))


def forward(call: Call, id: int, attached: bool = False, formatted: bool = False) -> Draft:
    """A draft that forwards a message with its text (with `formatted` its HTML, in `html`) and attachments, or whole as an attachment."""
    return shapes.draft(drafting.forward(call.world, call.account, id, attached=attached, formatted=formatted))


def write_again(call: Call, id: int) -> Draft:
    """A new draft with all that stands in a message."""
    return shapes.draft(drafting.write_again(call.world, call.account, id))


def draft(call: Call, id: int) -> Draft:
    """A message of Drafts, to go on writing."""
    return shapes.draft(drafting.take_up(call.world, call.account, id))


def draft_save(call: Call, draft: Draft) -> Draft:
    """Keep what is written in Drafts; the answer has the new id, and attachments that refer to it.

    Recipients need not be complete.  user:conflict if another page changed the draft (`place` is
    "draft.lineage"), or sent it or threw it away ("draft.id").
    """
    return shapes.draft(drafting.keep(call.world, call.house.uploads, call.account, shapes.written(draft)))


def as_text(call: Call, html: str) -> str:
    """What written HTML says as plain text."""
    return written.plain(written.clean(html))


# --- sending -------------------------------------------------------------------------------


def travel(call: Call, recipients: str) -> list[Travel]:
    """How mail gets to recipients as people type them (the first 100), as seen when mail of this account went there last.

    What is no address is left out.
    """
    return [Travel(str(one.recipient), one.way, one.requiretls, one.at, list(one.bars))
            for one in travelling.ways(call.world, call.account, recipients)]


def send(call: Call, draft: Draft, at: float | None = None, undo: bool = False, archive: bool = False) -> Sent:
    """Send a message and keep a copy in Sent; its draft goes, the message it answers is marked, and with `archive` archived.

    It goes `at` that time (seconds since 1970), or with `undo` as much later as the account chose:
    until then it can be had back.  user:error with `place` ("draft.to") says which field has to
    be changed; user:conflict as `draft_save`.
    """
    trace = f"{call.trace}.1"
    wait = choices.get(call.world, call.account).undo_seconds if undo and at is None else 0
    due = call.world.clock.timestamp() + wait if wait else at
    sent = call.wait(drafting.send(
        call.world, call.house.uploads, call.account, shapes.written(draft), trace, at=due, archive=archive))
    return Sent(sent.copy, trace, sent.message_id, takingback.of(call.world, call.account, sent.queued))


def delayed(call: Call) -> list[Delayed]:
    """What was sent and waits for its time, the next one first (at most 100)."""
    return [_delayed(one) for one in takingback.waiting(call.world, call.account)]


def take_back(call: Call, id: int) -> Draft:
    """Do not send what waits; it is a draft again.  user:conflict if it is on its way already."""
    return draft(call, takingback.take_back(call.world, call.account, id))


# --- contacts ------------------------------------------------------------------------------


def suggestions(call: Call, start: str, limit: int = 10) -> list[Person]:
    """Whom somebody may mean who typed `start`: contacts, and those written to before; most likely first."""
    return [Person(name, address) for name, address in known.suggestions(call.world, call.account, start, limit)]


def contacts(call: Call) -> list[Contact]:
    """All contacts, by name."""
    return [_contact(one) for one in known.all(call.world, call.account)]


def contact_save(call: Call, contact: Contact) -> Contact:
    """A new contact (`id` 0), or another meaning for one."""
    card = Card(contact.name, tuple(contact.addresses), tuple(contact.phones), contact.organisation, contact.note, tuple(contact.groups))
    return _contact(known.save(call.world, call.account, stored.Contact(card, id=contact.id)))


def contacts_remove(call: Call, ids: list[int]) -> int:
    """Forget contacts; the answer is how many that were."""
    return known.remove(call.world, call.account, ids)


def contacts_export(call: Call, version: Literal["3.0", "4.0"] = "4.0") -> str:
    """All contacts as a file of vCards."""
    return known.export(call.world, call.account, version)


def contacts_import(call: Call, text: str) -> Imported:
    """Add the vCards of a file; one that is here already takes its place."""
    found = known.take_in(call.world, call.account, text)
    return Imported(found.added, found.changed, found.refused, found.why)


# --- choices -------------------------------------------------------------------------------


def writing(call: Call) -> WritingChoices:
    """What the account chose about writing."""
    return _chosen(choices.get(call.world, call.account))


def writing_change(call: Call, chosen: WritingChoices) -> WritingChoices:
    """Choose; the answer is what holds now."""
    return _chosen(choices.change(call.world, call.account, msgspec.structs.asdict(chosen), by=call.by))


def _chosen(found: choices.Preferences) -> WritingChoices:
    return WritingChoices(**{name: getattr(found, name) for name in WritingChoices.__struct_fields__})


def _delayed(one: waiting.Delayed) -> Delayed:
    return Delayed(one.id, one.at, one.copy, one.subject, one.sent_to)


def _contact(one: stored.Contact) -> Contact:
    card = one.card
    return Contact(one.id, card.name, list(card.addresses), list(card.phones), card.organisation, card.note, list(card.groups),
                   one.collected)


FUNCTIONS = (compose, reply, forward, write_again, draft, draft_save, as_text, travel, send, delayed, take_back, suggestions, contacts,
             contact_save, contacts_remove, contacts_export, contacts_import, writing, writing_change)
