"""mta.net.acme: orders, refusals and renewal information of an authority that does what we want; the lab has a real one."""
import datetime
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.errors import TemporaryError
from mta.net import keys
from mta.net.acme import ANSWER, PROOF_WAIT, Authority, Refused, certificate_id
from mta.net.certificates import Facts, facts_of
from mta.net.challenges import Answers, ByPage
from tests.net.authority import FakeAuthority, problem, running

NAMES = ("mx.example.org", "mail.example.org")
Notes = list[str]


@pytest.fixture
def fake(clock: SetClock) -> Iterator[FakeAuthority]:
    """The authority, serving."""
    authority = FakeAuthority(clock)
    with running(authority):
        yield authority


@pytest.fixture
def known(fake: FakeAuthority, clock: SetClock) -> Authority:
    """Our end, with an account; waits move the clock."""
    authority = Authority(f"{fake.url}/directory", keys.make("ec"), "", clock, clock.advance)
    assert authority.register("me@example.org") == f"{fake.url}/account/1"
    return authority


@pytest.fixture
def obtain(known: Authority, tmp_path: Path) -> Callable[..., tuple[Facts, Notes]]:
    """Order a certificate for NAMES, perhaps going on with an order that was begun."""
    key = keys.make("ec")

    def order(begun: str = "", replaces: str = "", names: tuple[str, ...] = NAMES) -> tuple[Facts, Notes]:
        notes: Notes = []
        chain = known.obtain(keys.request(key, names), names, ByPage(Answers(tmp_path)), begun, notes.append, replaces)
        facts = facts_of(chain)
        assert facts.digest == keys.digest(key)
        return facts, notes
    return order


def test_an_order(obtain: Callable[..., tuple[Facts, Notes]], fake: FakeAuthority, tmp_path: Path) -> None:
    """Proven name by name, with our own key; the order's URL is told before anything can go wrong."""
    facts, notes = obtain()

    assert facts.names == NAMES
    assert facts.issuer == "Small CA 1"
    assert notes == [f"{fake.url}/order/1"]
    assert fake.asked["challenge"] == 2
    assert list((tmp_path / "acme" / "http-01").iterdir()) == []


def test_binding_and_contact(fake: FakeAuthority, clock: SetClock) -> None:
    """The first request names us and is bound to the account that we have there; later the contact may change."""
    authority = Authority(f"{fake.url}/directory", keys.make("ec"), "", clock, clock.advance)
    url = authority.register("me@example.org", "kid-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W")
    authority.tell_contact(url, "you@example.org")

    sent = [payload for path, payload in fake.said if path.startswith("/account")]
    assert sent[0]["contact"] == ["mailto:me@example.org"]
    assert sent[0]["termsOfServiceAgreed"] is True
    assert {"protected", "payload", "signature"} <= sent[0]["externalAccountBinding"].keys()
    assert sent[1] == {"contact": ["mailto:you@example.org"]}


def test_an_account_that_is_there_already(fake: FakeAuthority, clock: SetClock) -> None:
    """The authority knows the key: it tells the account (RFC 8555 §7.3)."""
    fake.instead["account"] = [(200, {"Location": f"{fake.url}/account/9"}, {"status": "valid"})]
    authority = Authority(f"{fake.url}/directory", keys.make("ec"), "", clock, clock.advance)
    assert authority.register("") == f"{fake.url}/account/9"


def test_forgotten_nonces(obtain: Callable[..., tuple[Facts, Notes]], fake: FakeAuthority, known: Authority) -> None:
    """RFC 8555 §6.5: such a request is sent again, several times if need be, but not for ever."""
    forgotten = problem("badNonce", "who?", 400, Replay_Nonce="bmV3")
    fake.instead["new"] = [forgotten] * 5
    assert obtain()[0].names == NAMES
    fake.instead["account"] = [forgotten] * 5
    assert known.register("") == f"{fake.url}/account/1"
    fake.instead["new"] = [forgotten] * 50
    with pytest.raises(Refused, match="badNonce"):
        obtain()


def test_names_that_are_refused(obtain: Callable[..., tuple[Facts, Notes]], fake: FakeAuthority, tmp_path: Path) -> None:
    """The authority's words about each, and nothing about the others; proofs are taken away again."""
    fake.refused["mail.example.org"] = "Invalid response from 192.0.2.1: 404"
    with pytest.raises(Refused) as refused:
        obtain()
    assert refused.value.names == {"mail.example.org": "urn:ietf:params:acme:error:unauthorized: Invalid response from 192.0.2.1: 404"}
    assert "404" in str(refused.value)
    assert not refused.value.goes_on
    assert list((tmp_path / "acme" / "http-01").iterdir()) == []


def test_subproblems_name_the_names(obtain: Callable[..., tuple[Facts, Notes]], fake: FakeAuthority) -> None:
    """RFC 8555 §6.7.1: a refusal at the first step may be about some of the names too."""
    status, headers, content = problem("rejectedIdentifier", "some names will not do")
    content["subproblems"] = [{"type": "urn:ietf:params:acme:error:caa", "detail": "CAA forbids", "identifier": {
        "type": "dns", "value": "mail.example.org"}}]
    fake.instead["new"] = [(status, headers, content)]
    with pytest.raises(Refused, match="some names will not do") as refused:
        obtain()
    assert refused.value.names == {"mail.example.org": "urn:ietf:params:acme:error:caa: CAA forbids"}


@pytest.mark.parametrize(("header", "seconds"), [("120", 120), ("Tue, 01 Jan 2030 01:00:00 GMT", 3600), ("soon", 0), ("", 0)])
def test_being_left_alone(obtain: Callable[..., tuple[Facts, Notes]], fake: FakeAuthority, header: str, seconds: float) -> None:
    """Retry-After of a refusal is heard, as seconds or as a date; the order may go on afterwards."""
    fake.instead["finalize"] = [problem("rateLimited", "too many certificates already issued", 429, Retry_After=header)]
    with pytest.raises(Refused, match="too many certificates") as refused:
        obtain()
    assert refused.value.wait == seconds
    assert refused.value.goes_on


def test_an_order_goes_on(obtain: Callable[..., tuple[Facts, Notes]], fake: FakeAuthority) -> None:
    """What was proven before a restart need not be proven again; other names, or a lost order, mean a new one."""
    fake.instead["finalize"] = [problem("serverInternal", "hiccup", 500)]
    with pytest.raises(Refused, match="hiccup") as refused:
        obtain()
    assert refused.value.goes_on
    proofs = fake.asked["challenge"]
    assert obtain(f"{fake.url}/order/1")[1] == [f"{fake.url}/order/1"]
    assert fake.asked["challenge"] == proofs
    assert obtain(f"{fake.url}/order/1", names=NAMES[:1])[1] == [f"{fake.url}/order/2"]
    fake.instead["order"] = [problem("malformed", "no such order", 404)]
    assert obtain(f"{fake.url}/order/1")[1] == [f"{fake.url}/order/3"]


def test_patience_has_an_end(obtain: Callable[..., tuple[Facts, Notes]], fake: FakeAuthority, clock: SetClock) -> None:
    """An authority that never decides is not waited for for ever; the order goes on another day."""
    began, fake.stuck = clock.monotonic(), "processing"
    with pytest.raises(Refused, match="still processing after 120 seconds") as refused:
        obtain()
    assert refused.value.goes_on
    assert clock.monotonic() - began < PROOF_WAIT + 60


def test_a_proof_that_cannot_be_shown(known: Authority, fake: FakeAuthority) -> None:
    """The operator's program failed for one name: that is told of that name, and all is taken away."""
    ended = []

    class Broken:
        kind = "http-01"

        def begin(self, name: str, token: str, authorization: str) -> None:
            if name == "mail.example.org":
                raise TemporaryError("hook: no such zone")

        def end(self, name: str, token: str, authorization: str) -> None:
            ended.append(name)

    with pytest.raises(Refused) as refused:
        known.obtain(keys.request(keys.make("ec"), NAMES), NAMES, Broken(), "", lambda url: None)
    assert refused.value.names == {"mail.example.org": "hook: no such zone"}
    assert ended == list(NAMES)
    assert fake.asked["challenge"] == 1


def test_no_such_challenge(known: Authority, tmp_path: Path) -> None:
    """An authority that offers other proofs says so through us."""
    class Other(ByPage):
        kind = "dns-01"

    with pytest.raises(Refused, match="offers no dns-01"):
        known.obtain(keys.request(keys.make("ec"), NAMES), NAMES, Other(Answers(tmp_path)), "", lambda url: None)


def test_what_is_no_authority(fake: FakeAuthority, clock: SetClock) -> None:
    """Nobody there, a page of something else, a directory without what is needed: Refused, never a traceback."""
    with pytest.raises(Refused, match="cannot be reached"):
        Authority("http://127.0.0.1:1/dir", keys.make("ec"), "", clock, clock.advance)
    fake.instead["directory"] = [(200, {"Content-Type": "text/html"}, "<html>")]
    with pytest.raises(Refused, match="does not speak ACME"):
        Authority(f"{fake.url}/directory", keys.make("ec"), "", clock, clock.advance)
    fake.instead["directory"] = [(200, {}, {"newNonce": f"{fake.url}/nonce"})]
    authority = Authority(f"{fake.url}/directory", keys.make("ec"), "", clock, clock.advance)
    with pytest.raises(Refused, match="does not speak ACME"):
        authority.register("")


def test_answers_have_an_end(fake: FakeAuthority, clock: SetClock) -> None:
    """An authority that talks without end is not listened to."""
    fake.instead["directory"] = [(200, {}, "x" * (ANSWER + 1))]
    with pytest.raises(Refused, match="longer than 1024 KiB"):
        Authority(f"{fake.url}/directory", keys.make("ec"), "", clock, clock.advance)


def test_renewal_information(obtain: Callable[..., tuple[Facts, Notes]], fake: FakeAuthority, clock: SetClock) -> None:
    """RFC 9773: a window and when to ask again; an authority without an opinion has none."""
    facts, _ = obtain()
    key = keys.make("ec")
    assert Authority(f"{fake.url}/directory", key, "x", clock, clock.advance).window(facts) is None
    fake.window = clock.now() + datetime.timedelta(days=1), clock.now() + datetime.timedelta(days=2)
    authority = Authority(f"{fake.url}/directory", key, "x", clock, clock.advance)

    window = authority.window(facts)

    assert window is not None
    assert (window.start - clock.timestamp(), window.end - window.start, window.ask - clock.timestamp()) == (86_400, 86_400, 7_200)
    assert window.explanation == "https://ca.example/why"
    assert fake.said[-1][0] == f"/renewal/{certificate_id(facts)}"
    fake.window = fake.window[1], fake.window[0]
    with pytest.raises(Refused, match="end before its start"):
        authority.window(facts)
    fake.instead["renewal"] = [(200, {}, {"suggestedWindow": {"start": "yesterday"}})]
    with pytest.raises(Refused, match="cannot be read"):
        authority.window(facts)


def test_what_is_replaced_is_told(obtain: Callable[..., tuple[Facts, Notes]], fake: FakeAuthority, clock: SetClock,
                                  known: Authority, tmp_path: Path) -> None:
    """RFC 9773 §5: only to an authority with renewal information; one that objects gets an order without."""
    obtain(replaces="a.b")
    assert not any("replaces" in payload for path, payload in fake.said if path == "/new")
    fake.window = clock.now(), clock.now() + datetime.timedelta(days=2)
    authority = Authority(f"{fake.url}/directory", keys.make("ec"), f"{fake.url}/account/1", clock, clock.advance)
    fake.instead["new"] = [problem("alreadyReplaced", "that one is", 400)]
    authority.obtain(keys.request(keys.make("ec"), NAMES), NAMES, ByPage(Answers(tmp_path)), "", lambda url: None, "a.b")
    sent = [payload for path, payload in fake.said if path == "/new"][-2:]
    assert sent[0]["replaces"] == "a.b"
    assert "replaces" not in sent[1]


def test_a_certificates_id() -> None:
    """The example of RFC 9773 §4.1."""
    key = bytes.fromhex("69885B6B87464041E1B37B847BA0AE2CDE01C8D4")
    facts = Facts(("example.com",), "", 0, 0, "", "", 0x87654321, key, False)
    assert certificate_id(facts) == "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"
