"""web.programs: what people are shown to type."""
from dataclasses import replace
from xml.etree import ElementTree

from mta.config.model import Clients
from mta.flow import people
from mta.flow.world import World
from tests.web.conftest import Browser
from web.programs import qr_code

SENDING = [{"protocol": "smtp", "host": "mx.example.org", "port": 465, "tls": "implicit"},
           {"protocol": "smtp", "host": "mx.example.org", "port": 587, "tls": "starttls"}]


def test_of_oneself(ann: Browser, served: World) -> None:
    """Sending, the webmail, and why there is no profile; all of it is another with the one setting."""
    found = ann.call("account/programs")
    assert found["addresses"] == ["ann@example.org"]
    assert found["services"] == SENDING
    assert (found["imap"], found["webmail"], found["signer"]) == (False, "https://mx.example.org/webmail/", "")
    assert "IMAP" in found["no_profile"]
    assert ann.refused("account/profile_link", address="ann@example.org")["code"] == "user:notFound"
    served.config = replace(served.config, clients=Clients(imap=True))
    found = ann.call("account/programs")
    assert found["services"] == [{"protocol": "imap", "host": "mx.example.org", "port": 993, "tls": "implicit"}, *SENDING]
    assert (found["imap"], found["no_profile"]) == (True, "")


def test_links_are_for_oneself(ann: Browser, stranger: Browser, served: World) -> None:
    """With a code that leads to the same place."""
    served.config = replace(served.config, clients=Clients(imap=True))
    link = ann.call("account/profile_link", address="ann@example.org")
    assert link["url"].startswith("https://mx.example.org/profile.mobileconfig?link=")
    assert link["seconds"] == 600
    assert link["code"] == qr_code(link["url"])
    assert ann.refused("account/profile_link", address="bob@example.org")["code"] == "user:notFound"
    assert stranger.refused("account/profile_link", address="ann@example.org")["code"] == "user:signedOut"
    assert stranger.refused("account/programs")["code"] == "user:signedOut"


def test_of_others(admin: Browser, ann: Browser, served: World) -> None:
    """The administrator sees the same of each account and domain."""
    people.add_account(served, "new", by="a test")
    assert admin.call("admin/account_programs", name="ann") == ann.call("account/programs")
    assert admin.call("admin/account_programs", name="new")["addresses"] == []
    assert admin.call("admin/domain_programs", name="example.org")["services"] == SENDING
    assert admin.refused("admin/account_programs", name="nobody")["code"] == "user:notFound"
    assert admin.refused("admin/domain_programs", name="elsewhere.example")["code"] == "user:notFound"


def test_a_code_is_a_picture() -> None:
    """Well-formed, dark on light, with a border; and of nothing but the text."""
    code = ElementTree.fromstring(qr_code("https://mx.example.org/profile.mobileconfig?link=" + "x" * 32))
    assert code.tag == "{http://www.w3.org/2000/svg}svg"
    assert {one.attrib[name] for one in code.iter() for name in ("fill", "stroke") if name in one.attrib} == {"#fff", "#000"}
    assert qr_code("a") != qr_code("b")
