"""What mta.flow gives, as the types that travel to the pages."""
from collections.abc import Iterable
from typing import Final, cast
from urllib.parse import quote

from mta.flow import drafting, origins, reading
from mta.message.address import Mailbox as Named
from mta.store.mailboxes import MailboxRow
from web.api.webmail import Attached, Attachment, Check, Cursor, Draft, Mailbox, Message, Origin, Page, Person, Reason, Role, Summary

#: People of one field that a list shows.
SHOWN: Final = 20


def mailbox(row: MailboxRow) -> Mailbox:
    """A mailbox with its counts."""
    return Mailbox(row.id, row.name, row.name.rpartition("/")[0], cast("Role | None", row.role), row.total, row.unread, row.size)


def summary(one: reading.Summary, most: int | None = SHOWN) -> Summary:
    """One message as lists show it, with at most so many people of a field."""
    return Summary(
        one.id, one.mailbox_id, one.thread_id, people(one.from_[:most]), people(one.to[:most]), one.subject, one.preview, one.date,
        one.received, one.size, one.attachments, list(one.flags), list(one.keywords))


def page(one: reading.Page) -> Page:
    """A piece of a list."""
    more = Cursor(one.next.received, one.next.id) if one.next else None
    return Page([summary(each) for each in one.messages], one.total, more, one.modseq)


def message(one: reading.Letter) -> Message:
    """A message to read, with the addresses of its documents."""
    base = f"/webmail/message/{one.summary.id}"
    whole = summary(one.summary, None)
    attachments = [Attachment(part.part, part.name, part.kind, part.size, part.inline, f"{base}/part/{quote(part.part)}")
                   for part in one.attachments]
    return Message(
        whole, one.mailbox.name, one.summary.message_id, people(one.cc), people(one.bcc), people(one.reply_to), one.text, one.cut,
        f"{base}/html" if one.has_html else "", f"{base}/source", f"{base}/raw", attachments,
        [Reason(reason.text, reason.weight, reason.key) for reason in one.reasons], one.trace, one.mail_from, one.rcpt_to, one.remote_ip,
        list(one.defects), origin(one.origin) if one.origin else None, list(one.warnings),
        f"{base}/outside" if one.has_html else "", one.outside)


def origin(one: origins.Origin) -> Origin:
    """Who a message is from."""
    return Origin(one.author, one.proven, list(one.sentences), [Check(check.name, check.outcome, check.about) for check in one.checks])


def people(named: Iterable[Named]) -> list[Person]:
    """The addresses of a field; what is no address stands as a name."""
    return [Person(one.name, str(one.address)) if one.address else Person(one.name or one.raw, "") for one in named]


def draft(one: drafting.Draft) -> Draft:
    """A message that is being written."""
    files = [Attached(file.name, file.kind, file.size, file.upload, file.message, file.part, file.content_id) for file in one.attachments]
    return Draft(one.id, one.from_, one.to, one.cc, one.bcc, one.subject, one.text, one.answers, one.forwards, files, one.tls,
                 one.html, one.lineage, one.writer, one.in_list)


def written(one: Draft) -> drafting.Draft:
    """What a page has written."""
    files = (drafting.Attached(file.name, file.kind, file.size, file.upload, file.message_id, file.part, file.content_id)
             for file in one.attachments)
    return drafting.Draft(
        one.id, one.from_, one.to, one.cc, one.bcc, one.subject, one.text, one.answers, one.forwards, tuple(files), one.tls,
        one.html, one.lineage, one.writer, one.in_list)
