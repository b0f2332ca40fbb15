"""web.writing: what the webmail asks while somebody writes."""
from mta.flow import drafting, people, takingback
from mta.store import mailboxes
from tests.web.conftest import Browser
from web.call import House


def draft(ann: Browser, **changes: object) -> dict[str, object]:
    """A draft with something in it."""
    return {**ann.call("webmail/compose"), "to": "Bob <bob@far.example>", "subject": "Plan", "text": "Text", "writer": "desk", **changes}


def test_from_first_word_to_sent(ann: Browser, house: House) -> None:
    """Kept twice, sent once, had back, and sent at a time."""
    first = ann.call("webmail/draft_save", draft=draft(ann))
    second = ann.call("webmail/draft_save", draft={**first, "writer": "desk", "html": "<p>a <b>b</b></p>"})
    refused = ann.ask("webmail/draft_save", draft={**first, "writer": "phone"})
    assert (refused.status, refused.json["error"]["code"], refused.json["error"]["place"]) == (409, "user:conflict", "draft.lineage")
    sent = ann.call("webmail/send", draft=second, undo=True)
    again = ann.ask("webmail/send", draft=second)
    assert (again.status, again.json["error"]["place"]) == (409, "draft.id")
    [waiting] = ann.call("webmail/delayed")
    assert (waiting["id"], waiting["subject"], waiting["to"], waiting["copy"]) == (sent["delayed"], "Plan", "bob@far.example", sent["id"])
    back = ann.call("webmail/take_back", id=sent["delayed"])
    assert (back["html"], back["text"], back["to"]) == ("<p>a <b>b</b></p>", "a b\n", "Bob <bob@far.example>")
    at = house.world.clock.timestamp() + 3_600
    later = ann.call("webmail/send", draft=back, at=at)
    assert ann.call("webmail/delayed")[0]["at"] == at
    ann.call("webmail/take_back", id=later["delayed"])
    assert ann.ask("webmail/take_back", id=later["delayed"]).status == 404


def test_without_undo(ann: Browser, house: House) -> None:
    """A program that asks for none, or an account that wants none, sends at once."""
    assert ann.call("webmail/send", draft=draft(ann))["delayed"] is None
    ann.call("webmail/writing_change", chosen={**ann.call("webmail/writing"), "undo_seconds": 0})
    assert ann.call("webmail/send", draft=draft(ann), undo=True)["delayed"] is None
    account = people.get_account(house.world, "ann").id
    assert takingback.waiting(house.world, account) == []
    drafts = house.world.store.read(lambda db: mailboxes.by_role(db, account, "drafts"))
    assert drafts is None or drafts.total == 0


def test_choices(ann: Browser) -> None:
    """What was chosen is what holds; what cannot be is refused."""
    chosen = {"undo_seconds": 30, "write_html": True, "warn_attachment": False, "warn_external": True, "collect_contacts": False}
    assert ann.call("webmail/writing_change", chosen=chosen) == ann.call("webmail/writing") == chosen
    assert ann.ask("webmail/writing_change", chosen={**chosen, "undo_seconds": 121}).status == 400


def test_contacts(ann: Browser) -> None:
    """Written, suggested, out and in, forgotten."""
    new = {"id": 0, "name": "Carla", "addresses": ["c@far.example"], "phones": [], "organisation": "", "note": "", "groups": ["Friends"],
           "collected": False}
    saved = ann.call("webmail/contact_save", contact=new)
    assert ann.call("webmail/contacts") == [saved] == [{**new, "id": saved["id"]}]
    assert ann.call("webmail/suggestions", start="frie") == [{"name": "Carla", "address": "c@far.example"}]
    text = ann.call("webmail/contacts_export", version="3.0")
    assert ann.call("webmail/contacts_import", text=text) == {"added": 0, "changed": 1, "refused": 0, "why": ""}
    assert ann.call("webmail/contacts_remove", ids=[saved["id"]]) == 1
    assert ann.ask("webmail/contacts_remove", ids=[saved["id"]]).status == 404
    assert ann.ask("webmail/contact_save", contact={**new, "id": 99}).status == 404


def test_formatted_as_text(ann: Browser) -> None:
    """Cleaned first: what would not be sent is not read out."""
    assert ann.call("webmail/as_text", html="<p>a<script>b</script></p><blockquote>c</blockquote>") == "a\n\n> c"


def test_kinds_of_answers(ann: Browser, house: House) -> None:
    """The server's names for them are the flow's."""
    account = people.get_account(house.world, "ann").id
    kept = drafting.keep(house.world, house.uploads, account, drafting.begin(house.world, account))
    again = ann.call("webmail/write_again", id=kept.id)
    assert (again["id"], again["lineage"] != kept.lineage) == (None, True)
    assert ann.call("webmail/forward", id=kept.id, attached=True)["attachments"][0]["kind"] == "message/rfc822"
    assert ann.ask("webmail/reply", id=kept.id, whom="list").status == 400
