"""web.shapes: what flows give becomes what travels, and back."""
from mta.base.names import Address
from mta.flow.reading import Summary
from mta.message.address import Mailbox
from mta.store.mailboxes import MailboxRow
from web import shapes
from web.api.webmail import Attached, Draft, Person


def test_people() -> None:
    """Addresses are told as people read them; what is none stands as a name."""
    joerg = Mailbox("Jörg", Address.parse("joerg@xn--bcher-kva.example"))
    found = [joerg, Mailbox("", Address.parse("a@b.example")), Mailbox("", None, "undisclosed")]
    assert shapes.people(found) == [Person("Jörg", "joerg@bücher.example"), Person("", "a@b.example"), Person("undisclosed", "")]


def test_mailboxes() -> None:
    """The name above is told too."""
    row = MailboxRow(1, 1, "a/b/c", None, 1, 1, 1, 5, 4, 4, 0, 99, True)
    assert (shapes.mailbox(row).parent, shapes.mailbox(row).role) == ("a/b", None)


def test_drafts_there_and_back() -> None:
    """A draft that travels to the page and back is the same."""
    files = [Attached("x", "text/plain", 5, "upload", None, ""), Attached("y", "image/png", 6, "", 7, "1.2")]
    draft = Draft(3, "a@b.example", "to", "cc", "bcc", "subject", "text", 1, 2, files, "required")
    assert shapes.draft(shapes.written(draft)) == draft


def test_people_of_a_long_list() -> None:
    """A list shows the first of many recipients, the message itself all of them."""
    many = tuple(Mailbox("", Address.parse(f"a{number}@b.example")) for number in range(60))
    line = Summary(1, 1, 1, 1, "", many[:1], many, "s", "p", None, 0.0, 1, 0, (), ())
    assert (len(shapes.summary(line).to), len(shapes.summary(line, None).to)) == (shapes.SHOWN, 60)
