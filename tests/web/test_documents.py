"""web.documents: mail programs ask by themselves, and learn nothing else."""
import json
import plistlib
from dataclasses import replace
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from mta.base.limits import LIMITS
from mta.config.model import Clients
from mta.flow.world import World
from tests.flow.test_autodiscover import asked
from tests.web.conftest import Browser, Shown

CONFIG, WELL_KNOWN = "/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"
POX, JSON = "/autodiscover/autodiscover.xml", "/autodiscover/autodiscover.json"


def get(browser: Browser, target: str, host: str = "mx.example.org") -> Shown:
    """A program's question."""
    return browser.request("GET", target, headers={"host": host})


def post(browser: Browser, body: bytes, host: str = "mx.example.org", path: str = POX) -> Shown:
    """Outlook's question."""
    return browser.request("POST", path, body, {"host": host, "content-type": "text/xml"})


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize(("host", "path"), [
    ("autoconfig.example.org", f"{CONFIG}?emailaddress=ann@example.org"), ("autoconfig.example.org", CONFIG),
    ("example.org", WELL_KNOWN), ("mx.example.org", f"{CONFIG}?emailaddress=ann%40example.org"),
    ("mx.example.org", f"{WELL_KNOWN}?emailaddress=ann%40example.org"), ("mx.example.org:443", f"{CONFIG}?EMAILADDRESS=a+b@example.org"),
])
def test_autoconfig(stranger: Browser, scheme: str, host: str, path: str) -> None:
    """At each name that programs try, with TLS and without."""
    stranger.scheme = scheme
    shown = get(stranger, path, host)
    assert (shown.status, shown.headers["content-type"]) == (200, "application/xml; charset=utf-8")
    assert ElementTree.fromstring(shown.body)[0].attrib == {"id": "example.org"}


@pytest.mark.parametrize(("host", "target"), [
    ("autoconfig.elsewhere.example", CONFIG), ("autoconfig.example.org", f"{CONFIG}?emailaddress=x@elsewhere.example"),
    ("", CONFIG), ("example.org", "/mail/config-v1.0.xml"), ("autoconfig.elsewhere.example", JSON), ("elsewhere.example", POX),
    ("mx.example.org", f"{JSON}?Email=x@elsewhere.example&Protocol=AutodiscoverV1"),
])
def test_unknown_names(stranger: Browser, host: str, target: str) -> None:
    """Are not ours to answer."""
    assert get(stranger, target, host).status == 404


def test_nothing_tells_which_addresses_there_are(stranger: Browser) -> None:
    """Whatever stands before the @, the answer is the same."""
    names = ["ann", "nobody", "postmaster", "%00", "%ff", "a%20b", ""]
    assert len({get(stranger, f"{CONFIG}?emailaddress={name}@example.org").body for name in names}) == 1
    assert len({get(stranger, f"{JSON}?Email={name}@example.org&Protocol=AutodiscoverV1").body for name in names}) == 1
    answers = {post(stranger, asked(f"{name}@example.org")).body.replace(name.encode(), b"NAME") for name in ("ann", "nobody", "bob")}
    assert len(answers) == 1


@pytest.mark.parametrize("path", [POX, "/Autodiscover/Autodiscover.xml", "/AutoDiscover/AutoDiscover.xml"])
@pytest.mark.parametrize("host", ["mx.example.org", "example.org", "autodiscover.example.org"])
def test_autodiscover(stranger: Browser, path: str, host: str) -> None:
    """At the host's own name, to which the SRV record leads, and at the domain's."""
    shown = post(stranger, asked(), host, path)
    assert (shown.status, shown.headers["content-type"]) == (200, "application/xml; charset=utf-8")
    assert b"<Server>mx.example.org</Server>" in shown.body


def test_unfit_requests(stranger: Browser) -> None:
    """Are told so in the form that programs know; domains and hosts of others are not found."""
    entity = b"<!DOCTYPE A [<!ENTITY e 'ann@example.org'>]><A><EMailAddress>&e;</EMailAddress></A>"
    for body in (b"", entity, b" " * (LIMITS.autodiscover_octets + 1)):
        shown = post(stranger, body)
        assert shown.status == 400
        assert b"<ErrorCode>600</ErrorCode>" in shown.body
    assert post(stranger, asked("ann@elsewhere.example")).status == 404
    assert post(stranger, asked(), "elsewhere.example").status == 404
    assert get(stranger, f"{JSON}?{'&'.join('x=1' for _ in range(50))}").status == 400


def test_outlook_is_led_to_the_host(stranger: Browser) -> None:
    """Its last try is without TLS, at a name of the domain."""
    stranger.scheme = "http"
    shown = get(stranger, POX, "autodiscover.example.org")
    assert (shown.status, shown.headers["location"]) == (302, "https://mx.example.org/autodiscover/autodiscover.xml")
    assert get(stranger, POX).status == 405


def test_json(stranger: Browser) -> None:
    """With the address in the query, or in the path."""
    wanted = {"Protocol": "AutodiscoverV1", "Url": "https://mx.example.org/autodiscover/autodiscover.xml"}
    for target in (f"{JSON}?Email=ann%40example.org&Protocol=AutodiscoverV1&RedirectCount=1",
                   f"{JSON}/v1.0/ann%40example.org?Protocol=autodiscoverv1", f"{JSON}?protocol=AutodiscoverV1",
                   "/Autodiscover/Autodiscover.json/v1.0/ann@example.org?Protocol=Autodiscoverv1"):
        shown = get(stranger, target)
        assert (shown.status, json.loads(shown.body)) == (200, wanted)
    assert get(stranger, f"{JSON}?Email=ann@example.org&Protocol=<b>").json["ErrorCode"] == "InvalidProtocol"
    assert get(stranger, f"{JSON}/v1.0/ann@elsewhere.example?Protocol=AutodiscoverV1").status == 404


def test_not_too_often(stranger: Browser) -> None:
    """A network that asks and asks has to wait a minute; others need not."""
    for number in range(LIMITS.client_documents[0]):
        assert get(stranger, (CONFIG, JSON, "/profile.mobileconfig?link=x")[number % 3]).status in (200, 400, 404)
    for shown in (get(stranger, CONFIG), post(stranger, asked()), get(stranger, "/profile.mobileconfig?link=x")):
        assert (shown.status, shown.headers["retry-after"]) == (429, "60")
    assert get(Browser(stranger.app, ip="203.0.113.1"), CONFIG).status == 200


def test_a_proxy_on_this_machine_is_not_counted(stranger: Browser) -> None:
    """It comes for everybody."""
    stranger.ip = "127.0.0.1"
    assert {get(stranger, CONFIG).status for _ in range(LIMITS.client_documents[2] + 1)} == {200}


def test_a_profile(served: World, ann: Browser) -> None:
    """Without signing in, once; a look at the head uses nothing up."""
    served.config = replace(served.config, clients=Clients(imap=True))
    url = urlsplit(ann.call("account/profile_link", address="ann@example.org")["url"])
    target, phone = f"{url.path}?{url.query}", Browser(ann.app, ip="203.0.113.1")
    assert phone.request("HEAD", target).status == 405
    shown = phone.request("GET", target)
    assert (shown.status, shown.headers["content-type"]) == (200, "application/x-apple-aspen-config")
    assert shown.headers["content-disposition"] == 'attachment; filename="mail.mobileconfig"'
    assert plistlib.loads(shown.body)["PayloadContent"][0]["EmailAccountName"] == "Ann"
    again = phone.request("GET", target)
    assert again.status == 404
    assert b"used already" in again.body
