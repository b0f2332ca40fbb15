"""web.public: what everybody may see tells nothing."""
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
