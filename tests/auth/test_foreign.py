"""Signatures and chains that others have written down, with the verdicts they want."""
import json
import re
from pathlib import Path
from typing import Any

import pytest

from mta.auth import arc, dkim, tags
from mta.auth.dkim import Signer
from mta.auth.message import Message
from mta.auth.status import Status
from mta.base.names import Domain
from mta.dns.zone import Zone
from tests.auth.sealing import check, relaxed
from tests.auth.signing import results
from tests.message.vectors import VECTORS, crlf, need


def octets(path: Path) -> bytes:
    """What a file holds."""
    return path.read_bytes()


def chasquid_zone(path: Path) -> Zone:
    """The zone of a case of chasquid's: names with a colon, lines continued with a backslash."""
    answers = Zone()
    for line in path.read_text().replace("\\\n", " ").splitlines():
        name, _, text = line.partition(":")
        if text.strip() == "TEMPERROR":
            answers.add(f"{name} TROUBLE")
        elif text and text.strip() != "PERMERROR":
            answers.add(f'{name} TXT "{text.strip()}"')
    return answers


#: The example of RFC 8463 §A, to which other cases refer, as it is in other sets.
RFC8463 = {"01-rfc8463.dns": "dkim-chasquid/08-our_signature.dns", "01-rfc8463.msg": "auth-rspamd/messages/ed25519.eml"}


def chasquid_part(case: Path, suffix: str) -> Path:
    """A file of the case; one that has only the name of another stands for it."""
    path = case.with_suffix(suffix)
    text = path.read_bytes().strip()
    if len(text) < 80 and text.endswith(suffix.encode()):
        path = case.with_name(text.decode())
    if path.name in RFC8463 and not path.is_file():
        return need("auth-rspamd").parent / RFC8463[path.name]
    return path


@pytest.mark.parametrize("case", sorted((VECTORS / "dkim-chasquid").glob("*.msg")), ids=lambda path: path.stem)
async def test_cases_of_chasquid(case: Path) -> None:
    """Each signature has the verdict written beside it."""
    want = chasquid_part(case, ".result")
    states = [each["State"] for each in json.loads(want.read_text())["Results"]] if want.is_file() else ["SUCCESS", "SUCCESS"]
    data = crlf(octets(chasquid_part(case, ".msg")))
    found = await results(data, chasquid_zone(chasquid_part(case, ".dns")), 1_709_500_000.0)

    assert ["SUCCESS" if one.status is Status.PASS else "TEMPFAIL" if one.status.temporary else "PERMFAIL" for one in found] == states


@pytest.mark.parametrize("case", sorted((VECTORS / "dkim-mail-auth").glob("0*.txt")), ids=lambda path: path.stem)
async def test_cases_of_mail_auth(case: Path) -> None:
    """The last signature of each message passes."""
    head, _, message = octets(case).partition(b"\n\n")
    answers = Zone()
    for line in head.decode().splitlines():
        name, _, text = line.partition(" ")
        answers.add(f'{name} TXT "{text}"')
    found = await results(crlf(message), answers, 1_667_843_664.0)

    assert found[-1].status is Status.PASS, found


def mail_dkim() -> list[dict[str, Any]]:
    path = VECTORS / "dkim-mail-dkim" / "expected.json"
    return list(json.loads(path.read_text())) if path.is_file() else []


#: Cases of Mail::DKIM that pass there and cannot pass here: made with rsa-sha1, which RFC 8301 §3.1 ended, ...
SHA1 = {"good_qp_1.txt", "good_qp_2.txt", "good_rfc4871_4.txt", "goodkey_2.txt"}
#: ... or by a draft of DKIM that is no DKIM (no v=1, RFC 6376 §3.5).
DRAFTS = {"good_ietf00_2.txt", "good_ietf00_4.txt", "good_ietf01_1.txt", "good_ietf01_2.txt", "mine_ietf01_2.txt", "mine_ietf01_3.txt",
          "mine_ietf01_4.txt", "mine_ietf05_1.txt", "multiple_1.txt", "no_body_1.txt"}


@pytest.mark.parametrize("case", mail_dkim(), ids=lambda case: case["file"])
async def test_cases_of_mail_dkim(case: dict[str, Any]) -> None:
    """Those that are DKIM get their verdict, DomainKeys are none of ours."""
    folder = need("dkim-mail-dkim")
    answers = Zone()
    for line in (folder / "FAKE_DNS.dat").read_text().splitlines():
        found = re.fullmatch(r"(\S+) +(.*)", line.strip())
        if not found or line.startswith("#"):
            continue
        if found[2].startswith("~~"):
            answers.add(f"{found[1]} TROUBLE")
        elif found[2] != "NXDOMAIN":
            text = found[2].strip('"')
            answers.add(f'{found[1]} TXT "{text}"')
    statuses = [one.status for one in await results(crlf((folder / case["file"]).read_bytes()), answers)]

    if case["domainkeys_only"]:
        assert statuses == []
    elif case["expect"] != "pass":
        assert Status.PASS not in statuses
        assert statuses
    elif case["file"] in SHA1:
        assert set(statuses) == {Status.PERMERROR}
    elif case["file"] in DRAFTS:
        assert set(statuses) == {Status.NEUTRAL}
    else:
        assert Status.PASS in statuses


def rspamd_zone() -> Zone:
    """The faked records of rspamd's tests."""
    answers = Zone()
    for each in json.loads((need("auth-rspamd") / "dns.json").read_text()):
        if each["type"] == "TXT" and each["name"].isascii():
            if each["rcode"] in ("timeout", "servfail"):
                answers.add(f"{each['name']} TROUBLE")
            for text in each["replies"]:
                answers.add(f'{each["name"]} TXT "{text}"')
    return answers


#: The keys that these two are about are missing in the file of records.
WITHOUT_RECORD = {"DKIM Signatures At Limit Are Still Checked", "DKIM Reject Oversized Key Record"}
SYMBOLS: dict[str, set[Status]] = {"R_DKIM_ALLOW": {Status.PASS}, "R_DKIM_REJECT": {Status.FAIL}, "R_DKIM_TEMPFAIL": {Status.TEMPERROR},
           "R_DKIM_PERMFAIL": {Status.PERMERROR}, "R_DKIM_NA": set()}


def rspamd_cases() -> list[dict[str, Any]]:
    path = VECTORS / "auth-rspamd" / "cases.json"
    return [case for case in json.loads(path.read_text()) if "R_DKIM" in str(case["expect"])] if path.is_file() else []


@pytest.mark.parametrize("case", rspamd_cases(), ids=lambda case: case["title"])
async def test_cases_of_rspamd(case: dict[str, Any]) -> None:
    """The symbols that rspamd sets are what we find; one signature is enough for a symbol."""
    answers = rspamd_zone()
    data = crlf((need("auth-rspamd") / "messages" / case["message"]).read_bytes())
    found = {one.status for one in await results(data, answers, 1_656_700_000.0)}

    for expectation, symbol in case["expect"]:
        wanted = SYMBOLS[symbol]
        if case["title"] in WITHOUT_RECORD:
            assert any("18457.62be233b" in name or "bigkey" in name for name, _ in answers.questions)
        elif expectation == "Expect Symbol":
            assert found & wanted or found == wanted
        else:
            assert not found & wanted


def cases(name: str) -> list[dict[str, Any]]:
    path = VECTORS / "arc-valimail" / name
    return list(json.loads(path.read_text())) if path.is_file() else []


def vector_zone(case: dict[str, Any]) -> Zone:
    made = Zone()
    for name, text in case["txt-records"].items():
        made.add(f'{name} TXT "{" ".join(text.split())}"')
    return made


@pytest.mark.parametrize("case", cases("validation.json"), ids=lambda case: case["id"])
async def test_validation_of_valimail(case: dict[str, Any]) -> None:
    """Every chain has the verdict written beside it; where there is none, the newest seal says cv=fail, which is a fail (RFC 8617 §5.2)."""
    found = await check(crlf(case["message"].encode()), vector_zone(case))

    assert found.status.value == (case["cv"].lower() or "fail"), found.problem
    assert (found.problem == "") == (found.status is not Status.FAIL)


def own_results(message: Message, service: str) -> str:
    """What the fields of message say that service found out, put together."""
    found = [service]
    for place in message.places("authentication-results"):
        by, _, text = message.fields[place].decode().partition(":")[2].partition(";")
        if by.strip() == service:
            found += [each.strip() for each in text.split(";")]
    return ";\r\n\t".join(found)


@pytest.mark.parametrize("case", cases("sign.json"), ids=lambda case: case["id"])
async def test_signing_of_valimail(case: dict[str, Any]) -> None:
    """Written as that suite wants it, without folds, our three fields are octet for octet those expected."""
    data = crlf(case["message"].encode())
    message = Message.read(data)
    key = dkim.read_key(case["privatekey"].encode())
    by = Signer(Domain.parse(case["domain"]), case["sel"], key)
    chain = await check(data, vector_zone(case))
    made = arc.seal(message, relaxed(data), own_results(message, case["srv-id"]), by, chain, float(case["t"]),
                    names=case["sig-headers"].split(":"), width=998)
    fields = Message([*re.findall(rb"ARC.*?\r\n(?![ \t])", made, re.DOTALL)])

    for place, name in enumerate(("AS", "AMS", "AAR")):
        ours = fields.fields[place].decode().partition(":")[2]
        if name == "AAR":
            assert " ".join(ours.split()) == " ".join(case[name].split())
        else:
            wanted = {tag: tags.without_space(value) for tag, value in tags.read(case[name]).items()}
            assert {tag: tags.without_space(value) for tag, value in tags.read(ours).items()} == wanted
