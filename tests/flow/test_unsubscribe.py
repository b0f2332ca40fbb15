"""Lists are left by one press only where a signature that passed covers what asks for it (RFC 8058)."""
from pathlib import Path

import pytest

from mta.base.errors import NotAllowed, TemporaryError
from mta.dns.zone import Zone
from mta.flow import people, unsubscribe
from mta.flow.world import World
from mta.message import structure
from mta.net.https import Https
from mta.net.tls import client_context
from tests.authority import Authority
from tests.store.population import deliver, mailbox
from tests.webserver import Webserver, page, serving

PASSED = "Authentication-Results: mx.example.org; dkim=pass header.d=list.test header.s=s\r\n"
SIGNED = ("DKIM-Signature: v=1; a=rsa-sha256; d=list.test; s=s; h={h};\r\n\tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n")
BOTH = "from:list-unsubscribe:List-Unsubscribe-Post"
WAYS = "List-Unsubscribe: <mailto:out@list.test?subject=x>,\r\n <https://list.test/out?me>\r\n"
ONE_CLICK = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
LIST = "List-Id: News <news.list.test>\r\n"


def put(world: World, header: str, prefix: str = PASSED) -> tuple[int, int]:
    """Ann's account, and a message of hers with that header."""
    ann = people.get_account(world, "ann").id
    content = f"From: x@list.test\r\n{header}\r\nText\r\n".encode()
    found = structure.pack(structure.analyse(content))
    row = deliver(world.store, mailbox(world.store, ann), content, prefix=prefix.encode(), structure=found)
    return ann, row.id


@pytest.mark.parametrize(("header", "prefix"), [
    (SIGNED.format(h=BOTH) + WAYS + ONE_CLICK, PASSED.replace("pass", "fail")),
    (SIGNED.format(h=BOTH) + WAYS + ONE_CLICK, PASSED.replace("list.test", "other.test")),
    (SIGNED.format(h=BOTH) + WAYS + ONE_CLICK, ""),
    (PASSED + SIGNED.format(h=BOTH) + WAYS + ONE_CLICK, ""),
    (SIGNED.format(h="from:list-unsubscribe") + WAYS + ONE_CLICK, PASSED),
    (WAYS + ONE_CLICK, PASSED),
    (SIGNED.format(h=BOTH) + WAYS, PASSED),
    (SIGNED.format(h=BOTH) + WAYS + WAYS + ONE_CLICK, PASSED),
    (SIGNED.format(h=BOTH) + WAYS + "List-Unsubscribe-Post: x\r\n", PASSED),
])
async def test_not_proven(served: World, header: str, prefix: str) -> None:
    """Then there are the page and the mail, for the reader to use, and nothing is called."""
    ann, number = put(served, header, prefix)
    ways = unsubscribe.ways(served, ann, number)
    assert ways is not None
    assert (ways.host, ways.mail, ways.page) == ("", "mailto:out@list.test?subject=x", "https://list.test/out?me")
    with pytest.raises(NotAllowed):
        await unsubscribe.leave(served, ann, number)


async def test_one_press(served: World, tmp_path: Path) -> None:
    """The list's server is told with a POST; an answer that is a redirect is none."""
    ann, number = put(served, SIGNED.format(h=BOTH) + WAYS + ONE_CLICK + LIST)
    ways = unsubscribe.ways(served, ann, number)
    assert ways == unsubscribe.Ways("list.test", "mailto:out@list.test?subject=x", "https://list.test/out?me", "News <news.list.test>")
    authority = Authority(tmp_path)
    server = Webserver({"list.test": authority.serving("list.test")})
    server.answers["list.test/out?me"] = page("")
    async with serving(server):
        context = client_context(verify=True, authorities=authority.file)
        client = Https(Zone("list.test A 127.0.0.1"), context, private=True, port=server.port)
        assert await unsubscribe.leave(served, ann, number, client) == "list.test"
        [(head, body)] = server.requests
        assert head.startswith("POST /out?me HTTP/1.1\r\n")
        assert "cookie" not in head.lower()
        assert body == b"List-Unsubscribe=One-Click"
        server.answers["list.test/out?me"] = page("", "302 Found")
        with pytest.raises(TemporaryError, match="302"):
            await unsubscribe.leave(served, ann, number, client)


async def test_a_private_address_is_not_called(served: World) -> None:
    """Whatever the DNS says of the list's host."""
    ann, number = put(served, SIGNED.format(h=BOTH) + WAYS + ONE_CLICK)
    client = Https(Zone("list.test A 127.0.0.1"))
    with pytest.raises(TemporaryError, match="not of the public internet"):
        await unsubscribe.leave(served, ann, number, client)


def test_no_list(served: World) -> None:
    """Most messages are of none; one that names nonsense is of none either."""
    for header in ("", "List-Unsubscribe: somewhere\r\n", "List-Unsubscribe: <ftp://x.test/>\r\n"):
        ann, number = put(served, header)
        assert unsubscribe.ways(served, ann, number) is None
