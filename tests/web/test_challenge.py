"""web.challenge: what an authority fetches to see that a name is ours."""
from mta.net.challenges import Answers
from tests.web.conftest import Browser
from web.call import House


def test_a_proof(stranger: Browser, house: House) -> None:
    """There for everybody, without TLS, as long as it is awaited; kept by nobody; anything else is not there."""
    answers, stranger.scheme = Answers(house.world.store.directory), "http"
    answers.put_page("token-1", "token-1.thumb")

    shown = stranger.request("GET", "/.well-known/acme-challenge/token-1")
    assert (shown.status, shown.body, shown.headers["cache-control"]) == (200, b"token-1.thumb", "no-store")
    for other in ("token-2", "..", "%2e%2e", "token-1/", ""):
        assert stranger.request("GET", f"/.well-known/acme-challenge/{other}").status == 404
    answers.drop_page("token-1")
    assert stranger.request("GET", "/.well-known/acme-challenge/token-1").status == 404
