"""web.importdoor: pieces of a file on their way to an import, and archives on their way out."""
import json
import tarfile
from io import BytesIO
from typing import Any

from mta.base.limits import LIMITS
from mta.flow import importing
from mta.flow.world import World
from tests.flow.away import account_id
from tests.flow.mailfiles import box, bring, letter
from tests.web.conftest import Browser
from tests.web.test_upload import visitor
from tests.web.wires import Wire, dialled, fronted
from web.importdoor import ImportDoor


async def answer(wire: Wire, query: str, body: bytes, *, cookie: str = "", method: str = "POST") -> tuple[int, Any]:
    """What is said to a piece."""
    await wire.say((f"{method} /account/import?{query} HTTP/1.1\r\nHost: a\r\n{f'Cookie: {cookie}{chr(13)}{chr(10)}' if cookie else ''}"
                    f"Content-Length: {len(body)}\r\n\r\n").encode() + body)
    status, _, content = await wire.answer()
    return status, json.loads(content)


async def test_pieces(served: World) -> None:
    """Each at its place; the account's own, and only what was announced."""
    account = account_id(served, "ann")
    octets = box(*(letter(number, text="x" * 30_000) for number in range(50)))
    row = importing.begin_upload(served, account, "x", len(octets))
    door = ImportDoor(served, visitor, LIMITS, lambda scope, problem: None)
    async with fronted(door, served.journal, LIMITS) as (_, port), dialled(port) as wire:
        cookie = str(account)
        status, content = await answer(wire, f"id={row.id}&offset=0", octets[:1_200_000], cookie=cookie)
        assert (status, content["result"]["octets"], content["result"]["state"]) == (200, 1_200_000, "coming")
        status, content = await answer(wire, f"id={row.id}&offset=0", b"x", cookie=cookie)
        assert (status, content["error"]["code"]) == (409, "user:conflict")
        assert "1200000 octets" in content["error"]["message"]
        for query in ("id=x&offset=0", "offset=0", f"id={row.id}", f"id={row.id}&offset=-1"):
            assert (await answer(wire, query, b"x", cookie=cookie))[0] == 400
        assert (await answer(wire, f"id={row.id}&offset=1200000", b"x", cookie="99"))[1]["error"]["code"] == "user:notFound"
        assert (await answer(wire, f"id={row.id}&offset=1200000", b"x"))[1]["error"]["code"] == "user:signedOut"
        status, content = await answer(wire, f"id={row.id}&offset=1200000", octets[1_200_000:], cookie=cookie)
        assert (status, content["result"]["state"]) == (200, "waiting")
        assert (await answer(wire, f"id={row.id}&offset=0", b"", cookie=cookie, method="PUT"))[0] == 404


async def test_a_piece_that_breaks_off(served: World) -> None:
    """What came of it stays, and one goes on there."""
    account = account_id(served, "ann")
    row = importing.begin_upload(served, account, "x", 5_000_000)
    door = ImportDoor(served, visitor, LIMITS, lambda scope, problem: None)
    async with fronted(door, served.journal, LIMITS) as (_, port):
        async with dialled(port) as wire:
            await wire.say(f"POST /account/import?id={row.id}&offset=0 HTTP/1.1\r\nHost: a\r\nCookie: {account}\r\n"
                           "Content-Length: 5000000\r\n\r\n".encode() + b"x" * 3_000_000)
        async with dialled(port) as wire:
            for _ in range(200):
                here = importing.uploaded(served, row)
                status, content = await answer(wire, f"id={row.id}&offset={here}", b"x" * (5_000_000 - here), cookie=str(account))
                if status == 200:
                    break
    assert content["result"]["state"] == "waiting"
    assert here > 0


def test_export(ann: Browser, served: World) -> None:
    """A download for whoever is signed in; user errors in words."""
    bring(served, account_id(served, "ann"), box(letter(1)), "Inbox")
    shown = ann.request("GET", "/account/export?format=maildir&packing=tgz&mailbox=Inbox")
    assert shown.status == 200
    assert shown.headers["content-type"] == "application/gzip"
    assert "attachment" in shown.headers["content-disposition"]
    with tarfile.open(fileobj=BytesIO(shown.body)) as archive:
        assert any("/cur/" in name for name in archive.getnames())
    assert ann.request("GET", "/account/export?format=mbox&packing=tgz").status == 400
    assert ann.request("GET", "/account/export?format=pst").status == 400
    assert ann.request("GET", "/account/export?mailbox=Nowhere").status == 404
    ann.cookies.clear()
    assert ann.request("GET", "/account/export").status == 401
