"""web.public: what everybody may see tells nothing."""
from mta.flow import people
from mta.flow.world import World
from mta.secure.mtasts import PATH
from tests.web.conftest import Browser


def test_the_entrance(stranger: Browser) -> None:
    """The entrance leads to the webmail."""
    assert stranger.request("GET", "/").headers["location"] == "/webmail/"


def test_robots(stranger: Browser) -> None:
    """Nothing here is for search engines."""
    assert stranger.request("GET", "/robots.txt").body == b"User-agent: *\nDisallow: /\n"


def test_health(stranger: Browser) -> None:
    """Who asks whether we are well learns that, and not what we are."""
    assert stranger.request("GET", "/healthz").body == b"ok\n"


def test_the_policy_of_a_domain(stranger: Browser, served: World) -> None:
    """By the Host of the request, over TLS or behind a proxy that takes it off; nothing for other names."""
    people.set_policy(served, "example.org", mode="enforce", by="a test")
    for scheme in ("https", "http"):
        stranger.scheme = scheme
        shown = stranger.request("GET", PATH, headers={"host": "MTA-STS.example.org:443"})
        assert (shown.status, shown.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        assert shown.body == b"version: STSv1\r\nmode: enforce\r\nmx: mx.example.org\r\nmax_age: 604800\r\n"
    for host in ("mta-sts.example.net", "mx.example.org", "mta-sts.example.org.evil.example"):
        assert stranger.request("GET", PATH, headers={"host": host}).status == 404
    assert stranger.request("POST", PATH, headers={"host": "mta-sts.example.org"}).status == 405
