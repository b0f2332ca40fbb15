"""mta.auth.dmarc: who passes, what owners ask for, and that nothing bad follows from a silent DNS."""
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from mta.auth.author import Author, author
from mta.auth.dmarc import DmarcResult, evaluate, evaluate_author
from mta.auth.dmarcrecord import Policy
from mta.auth.status import Status
from mta.auth.treewalk import organizational_domain
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.dns.zone import Zone
from mta.message import header
from tests.message.vectors import need


@dataclass(frozen=True)
class Checked:
    """What SPF or DKIM says of a domain."""

    status: Status
    domain: Domain | None


def passed(*names: str) -> list[Checked]:
    """Checks that passed for these domains."""
    return [Checked(Status.PASS, Domain.parse(name)) for name in names]


async def judge(text: str, name: str, spf: str | Checked = "", dkim: list[Checked] | str = "") -> DmarcResult:
    """The result for an author domain; spf and dkim are domains that passed, or checks."""
    return await evaluate(
        Domain(name), spf if isinstance(spf, Checked) else next(iter(passed(*spf.split())), None),
        passed(*dkim.split()) if isinstance(dkim, str) else dkim, Zone(text))


REJECT = '_dmarc.example.org TXT "v=DMARC1; p=reject"\n'


@pytest.mark.parametrize(("record", "spf", "dkim", "status"), [
    ("p=reject", "example.org", "", Status.PASS),
    ("p=reject", "", "example.org", Status.PASS),
    ("p=reject", "bounce.example.org", "", Status.PASS),
    ("p=reject", "", "other.example a.b.example.org", Status.PASS),
    ("p=reject; aspf=s", "bounce.example.org", "", Status.FAIL),
    ("p=reject; adkim=s", "bounce.example.org", "", Status.PASS),
    ("p=reject; adkim=s", "", "a.example.org", Status.FAIL),
    ("p=reject; adkim=s; aspf=s", "", "example.org", Status.PASS),
    ("p=reject", "example.net", "badexample.org", Status.FAIL),
    ("p=reject", "org", "", Status.FAIL),
    ("p=reject", "", "", Status.FAIL),
])
async def test_alignment(record: str, spf: str, dkim: str, status: Status) -> None:
    """Relaxed: the same organisation; strict: the same domain; SPF and DKIM each as the record says (RFC 9989 §4.4)."""
    result = await judge(f'_dmarc.example.org TXT "v=DMARC1; {record}"', "example.org", spf, dkim)

    assert result.status is status
    assert result.policy is Policy.REJECT
    assert (result.policy_domain, result.organizational, result.author) == (Domain("example.org"),) * 3
    assert bool(result.aligned_spf or result.aligned_dkim) == (status is Status.PASS)


async def test_only_what_passed_counts() -> None:
    """A signature that failed, or SPF without result, makes nobody an author."""
    for status in (Status.FAIL, Status.NONE, Status.NEUTRAL, Status.SOFTFAIL, Status.POLICY, Status.PERMERROR):
        one = Checked(status, Domain("example.org"))
        assert (await judge(REJECT, "example.org", one, [one])).status is Status.FAIL
    result = await judge(REJECT, "example.org", Checked(Status.PASS, None), [Checked(Status.PERMERROR, None)])
    assert result.status is Status.FAIL
    assert result.problem == "neither SPF nor DKIM passed for a domain that belongs to example.org"


async def test_each_domain_that_passed_is_told() -> None:
    """Reports want to know of SPF and DKIM apart."""
    result = await judge(REJECT, "example.org", "a.example.org", "b.example.org evil.example example.org b.example.org")

    assert result.aligned_spf == (Domain("a.example.org"),)
    assert result.aligned_dkim == (Domain("b.example.org"), Domain("example.org"))


BELOW = """
_dmarc.example.org TXT "v=DMARC1; p=none; sp=quarantine; np=reject"
real.example.org A 192.0.2.1
other.example.org TXT x
alias.example.org CNAME nowhere.example.net
deep.empty.example.org A 192.0.2.1
broken.example.org SERVFAIL A
*.wild.example.org A 192.0.2.1
"""


@pytest.mark.parametrize(("name", "policy", "tag"), [
    ("example.org", Policy.NONE, "p"), ("real.example.org", Policy.QUARANTINE, "sp"), ("other.example.org", Policy.QUARANTINE, "sp"),
    ("alias.example.org", Policy.QUARANTINE, "sp"), ("empty.example.org", Policy.QUARANTINE, "sp"),
    ("any.wild.example.org", Policy.QUARANTINE, "sp"), ("ghost.example.org", Policy.REJECT, "np"),
    ("ghost.real.example.org", Policy.REJECT, "np"),
])
async def test_subdomains(name: str, policy: Policy, tag: str) -> None:
    """A name exists unless the DNS says NXDOMAIN, whatever records it has (RFC 9989 §3.2.13, §A.4)."""
    result = await judge(BELOW, name)

    assert (result.status, result.policy, result.tag) == (Status.FAIL, policy, tag)
    assert result.policy_domain == result.organizational == Domain("example.org")


async def test_a_record_of_its_own() -> None:
    """The author's own record counts with its p=, even where another makes the organisation (RFC 9989 §4.10.1)."""
    result = await judge('_dmarc.a.example.org TXT "v=DMARC1; p=quarantine; sp=none"\n' + REJECT, "a.example.org", "b.example.org")

    assert (result.status, result.policy, result.tag) == (Status.PASS, Policy.QUARANTINE, "p")
    assert (result.policy_domain, result.organizational) == (Domain("a.example.org"), Domain("example.org"))


async def test_only_the_organisation_speaks_for_those_below() -> None:
    """A record between the author and his organisation is passed over (RFC 9989 §4.10.1)."""
    result = await judge('_dmarc.b.example.org TXT "v=DMARC1; p=none"\n' + REJECT, "a.b.example.org")

    assert (result.policy_domain, result.policy) == (Domain("example.org"), Policy.REJECT)


PSD = """
_dmarc.bank.example TXT "v=DMARC1; p=reject; np=none; psd=y"
_dmarc.giant.bank.example TXT "v=DMARC1; p=quarantine"
mega.bank.example MX 10 mx.example
"""


@pytest.mark.parametrize(("name", "spf", "policy_domain", "organizational", "status", "policy"), [
    ("giant.bank.example", "mail.giant.bank.example", "giant.bank.example", "giant.bank.example", Status.PASS, Policy.QUARANTINE),
    ("giant.bank.example", "mail.mega.bank.example", "giant.bank.example", "giant.bank.example", Status.FAIL, Policy.QUARANTINE),
    ("www.mega.bank.example", "mega.bank.example", "bank.example", "mega.bank.example", Status.PASS, Policy.NONE),
    ("mega.bank.example", "bank.example", "bank.example", "mega.bank.example", Status.FAIL, Policy.REJECT),
    ("bank.example", "", "bank.example", "bank.example", Status.FAIL, Policy.REJECT),
])
async def test_public_suffixes(name: str, spf: str, policy_domain: str, organizational: str, status: Status, policy: Policy) -> None:
    """The registry's record counts where the organisation has none, and it makes no two of them one (RFC 9989 §B.4.3)."""
    result = await judge(PSD, name, spf)

    assert (result.policy_domain, result.organizational) == (Domain(policy_domain), Domain(organizational))
    assert (result.status, result.policy) == (status, policy)


@pytest.mark.parametrize(("record", "policy"), [
    ("p=reject; t=y", Policy.QUARANTINE), ("p=quarantine; t=y", Policy.NONE), ("p=none; t=y", Policy.NONE),
    ("p=reject; t=n", Policy.REJECT), ("p=reject; t=maybe", Policy.REJECT), ("p=reject; pct=0", Policy.REJECT),
    ("sp=reject; rua=mailto:a@example.org", Policy.NONE),
])
async def test_what_is_applied(record: str, policy: Policy) -> None:
    """t=y lowers by one, pct is history, a missing p with rua is none (RFC 9989 §4.7, §A.6)."""
    result = await judge(f'_dmarc.example.org TXT "v=DMARC1; {record}"', "example.org")

    assert (result.status, result.policy) == (Status.FAIL, policy)


@pytest.mark.parametrize(("zone", "problem"), [
    ("", "example.org publishes no DMARC record"),
    (REJECT + REJECT, "_dmarc.example.org has 2 DMARC records, so that none counts"),
    ('_dmarc.example.org TXT "v=dmarc1; p=reject"', "no DMARC record: it does not begin with v=DMARC1"),
    ('_dmarc.example.org TXT "v=DMARC1"', "p= is missing; without rua= too, the record asks for nothing"),
    ('_dmarc.org TXT "v=DMARC1; psd=y"', "p= is missing"),
])
async def test_no_dmarc(zone: str, problem: str) -> None:
    """Without a record that can be used DMARC says nothing, and the owner can read why (RFC 9989 §4.10.1)."""
    result = await judge(zone, "example.org", "example.org")

    assert (result.status, result.policy) == (Status.NONE, Policy.NONE)
    assert problem in result.problem


@pytest.mark.parametrize("sick", ["_dmarc.a.example.org", "_dmarc.example.org", "_dmarc.org", "a.example.org"])
@pytest.mark.parametrize("how", ["SERVFAIL", "TIMEOUT", "BOGUS"])
async def test_a_silent_dns_rejects_nobody(sick: str, how: str) -> None:
    """Whichever question has no answer, nothing follows from it (RFC 9989 §5.3.6)."""
    zone = f'_dmarc.example.org TXT "v=DMARC1; p=reject; np=none"\n{sick} {how}'
    result = await judge(zone, "a.example.org", "", [Checked(Status.PASS, Domain("evil.example"))])

    assert (result.status, result.policy) == (Status.TEMPERROR, Policy.NONE)
    assert result.problem.startswith("the DNS does not say")


async def test_what_passed_stays() -> None:
    """Of the author's own record and domain nothing is in doubt, whatever else the DNS does not tell."""
    zone = f"{REJECT}_dmarc.org SERVFAIL\n_dmarc.b.example.org SERVFAIL"
    result = await judge(zone, "example.org", "example.org", "b.example.org")

    assert (result.status, result.organizational, result.aligned_dkim) == (Status.PASS, None, ())
    assert (await judge(zone, "example.org", "b.example.org")).status is Status.TEMPERROR
    assert (await judge(zone, "example.org", "b.example.net")).status is Status.FAIL
    assert (await judge(REJECT + "_dmarc.b.example.org SERVFAIL", "example.org", "b.example.org")).status is Status.TEMPERROR


async def test_checks_that_could_not_be_finished() -> None:
    """They matter for domains of the author; a broken domain of one's own buys nothing."""
    late = Checked(Status.TEMPERROR, Domain("a.example.org"))
    foreign = Checked(Status.TEMPERROR, Domain("evil.example"))
    result = await judge(REJECT, "example.org", late)

    assert (result.status, result.policy) == (Status.TEMPERROR, Policy.NONE)
    assert result.problem == "a check for a domain of example.org could not be finished"
    assert (await judge(REJECT, "example.org", foreign, [foreign])).status is Status.FAIL
    assert (await judge(REJECT, "example.org", late, passed("example.org"))).status is Status.PASS
    same = await judge(REJECT, "example.org", Checked(Status.PASS, Domain("a.example.org")), [late])
    assert (same.status, same.aligned_dkim) == (Status.PASS, ())
    assert (await judge('_dmarc.example.org TXT "v=DMARC1; p=reject; aspf=s"', "example.org", late)).status is Status.FAIL


async def test_dnssec() -> None:
    """Authentic is what DNSSEC vouches for from the first answer to the last, absence too."""
    assert (await judge(REJECT + "example.org SECURE", "example.org", "example.org")).authentic
    assert not (await judge(REJECT + "example.org SECURE", "example.org")).authentic
    assert (await judge(REJECT + "org SECURE", "example.org")).authentic
    assert not (await judge(REJECT, "example.org", "example.org")).authentic


async def test_it_costs_few_questions() -> None:
    """One where everything is one domain, never one twice, and no walk for domains that cannot belong to the author."""
    assert (await judge(REJECT, "example.org", "example.org", "example.org")).questions == 1
    assert (await judge(REJECT, "example.org", "evil.example", "more.evil.example")).questions == 2
    assert (await judge(REJECT, "a.example.org", "b.example.org", "c.b.example.org b.example.org")).questions == 5
    many = " ".join(f"s{number}.example.org" for number in range(100))
    assert (await judge(REJECT, "example.org", "", many)).questions == 2 + LIMITS.dmarc_identifiers
    zone = Zone(BELOW)
    result = await evaluate(Domain("ghost.example.org"), None, passed("real.example.org"), zone)
    assert result.questions == len(zone.questions) == len(set(zone.questions)) == 5


TWO = '_dmarc.bank.example TXT "v=DMARC1; p=reject"\n_dmarc.shop.example TXT "v=DMARC1; p=quarantine"\n'


@pytest.mark.parametrize(("domains", "spf", "status", "policy"), [
    ("shop.example bank.example", "", Status.FAIL, Policy.REJECT),
    ("shop.example bank.example", "bank.example", Status.FAIL, Policy.QUARANTINE),
    ("free.example bank.example", "", Status.FAIL, Policy.REJECT),
    ("bank.example free.example", "bank.example", Status.NONE, Policy.NONE),
    ("sick.example bank.example", "bank.example", Status.TEMPERROR, Policy.NONE),
    ("", "bank.example", Status.NONE, Policy.NONE),
    ("a.example b.example c.example d.example bank.example", "", Status.NONE, Policy.NONE),
])
async def test_several_authors(domains: str, spf: str, status: Status, policy: Policy) -> None:
    """None of them makes the message pass, and the strictest of those who disown it counts (RFC 9989 §11.5)."""
    found = Author(tuple(map(Domain, domains.split())), "too many authors")
    result = await evaluate_author(found, next(iter(passed(*spf.split())), None), [], Zone(TWO + "_dmarc.sick.example SERVFAIL"))

    assert (result.status, result.policy) == (status, policy)
    assert result.problem.startswith("too many authors")


async def test_one_author() -> None:
    """A message whose From is in order is judged by its domain."""
    found = await evaluate_author(Author((Domain("bank.example"),)), passed("bank.example")[0], [], Zone(TWO))

    assert (found.status, found.author) == (Status.PASS, Domain("bank.example"))


# --- Vectors ---------------------------------------------------------------------------------


def zone_lines(names: dict[str, dict[str, list[Any]]]) -> Iterator[str]:
    """The records of a vector, one a line; texts are lists of strings or one."""
    for name, kinds in names.items():
        for kind, values in kinds.items():
            for value in values:
                if kind == "TXT":
                    data = " ".join(f'"{part}"' for part in ([value] if isinstance(value, str) else value))
                elif isinstance(value, dict):
                    data = f"{value['priority']} {value['exchange']}"
                else:
                    data = value
                yield f"{name} {kind} {data}"


async def test_vectors_of_mailauth() -> None:
    """What mailauth wrote down from RFC 9989, with its examples."""
    for case in json.loads((need("dmarc-eval-mailauth-rfc9989") / "cases.json").read_text()):
        for call in case["calls"]:
            given = call["input"]
            message = header.parse(f"From: {given['headerFrom']}\r\n\r\n".encode())
            spf = next(iter(passed(*(one["domain"] for one in given["spfDomains"]))), None)
            result = await evaluate_author(
                author(message), spf, passed(*(one["domain"] for one in given["dkimDomains"])),
                Zone("\n".join(zone_lines(case["zones"][call["zone"]]))))
            facts = {"result.status.result": str(result.status), "result.policy": str(result.policy),
                     "result.domain": str(result.organizational), "result.rr": result.record.text if result.record else ""}
            for wanted in case["expect"]:
                value = wanted["value"][0]
                match wanted["op"]:
                    case "to.equal":
                        assert facts[wanted["subject"]] == value, case["title"]
                    case "to.contain":
                        assert value in facts[wanted["subject"]], case["title"]
                    case _:
                        assert (wanted["subject"], wanted["op"]) == ("result", "to.not.have.property")
                        assert not hasattr(result, value), case["title"]
                        assert not hasattr(result.record, value), case["title"]


#: Whether a stranger wants the reports of others is asked when a report is sent (RFC 9990 §4), not when mail comes in.
NOT_OF_MAIL = {"external_report"}


async def test_vectors_of_mail_dmarc() -> None:
    """Mail::DMARC's, of each kind that is about messages."""
    for group in json.loads((need("dmarc-eval-mail-dmarc") / "cases.json").read_text()):
        text = "\n".join(zone_lines(group["zone"]))
        for case in group["cases"]:
            wanted, zone = case["expect"], Zone(text)
            if case["kind"] in NOT_OF_MAIL:
                continue
            if case["kind"] == "organizational_domain":
                assert await organizational_domain(Domain.parse(case["domain"]), zone) == Domain.parse(wanted["org_domain"]), case["id"]
                continue
            if case["kind"] == "from_domain":
                found = author(header.parse(f"{case['header']}\r\n\r\n".encode())).domain
                assert found == (Domain.parse(wanted["domain"]) if wanted["domain"] else None), case["id"]
                continue
            checks = {kind: [Checked(Status(one["result"]), Domain.parse(one["domain"])) for one in case.get(kind, [])
                             if one.get("scope", "mfrom") == "mfrom"] for kind in ("spf", "dkim")}
            result = await evaluate(Domain.parse(case["header_from"]), next(iter(checks["spf"]), None), checks["dkim"], zone)
            aligned = {"spf": result.aligned_spf, "dkim": result.aligned_dkim}
            facts = {
                "result": str(result.status), "disposition": str(result.policy) if result.status is Status.FAIL else "none",
                **{f"{kind}_aligned": "strict" if result.author in domains else "relaxed" if domains else None
                   for kind, domains in aligned.items()}}
            assert {name: facts[name] for name in wanted} == wanted, case["id"]


async def test_vectors_of_mail_auth() -> None:
    """Stalwart's, with SPF and DKIM given."""
    for case in json.loads((need("dmarc-eval-mail-auth") / "cases.json").read_text()):
        zone = Zone("\n".join([f'{name} TXT "{text}"' for name, text in case["zone"].items()] + [
            f"{name} A 192.0.2.1" for name in case["a_records"]]))
        spf = Checked(Status(case["spf"]), Domain.parse(case["mail_from_domain"])) if case["mail_from_domain"] else None
        dkim = [Checked(Status(case["dkim"]), Domain.parse(case["dkim_domain"]))] if case["dkim"] else []
        result = await evaluate(Domain.parse(case["header_from"]), spf, dkim, zone)
        for name, wanted in case["expect"].items():
            found = {"policy": str(result.policy), "spf": "pass" if result.aligned_spf else "not pass",
                     "dkim": "pass" if result.aligned_dkim else "not pass"}[name]
            assert found == wanted, case["id"]
        assert result.questions <= 8 + 2


#: What SPF and DKIM say in rspamd's cases of DMARC: (SPF domain and result, DKIM domain that passed).
RSPAMD = {
    "DMARC NONE PASS SPF": ("spf.cacophony.za.org pass", ""),
    "DMARC NONE FAIL": ("", ""),
    "DMARC REJECT FAIL": ("example.net none", ""),
    "DMARC QUARANTINE FAIL": ("example.net none", ""),
    "DMARC SP QUARANTINE FAIL": ("", ""),
    "DMARC SUBDOMAIN FAIL DKIM STRICT ALIGNMENT": ("", "mom.za.org"),
    "DMARC NA NXDOMAIN": ("mom.za.org pass", ""),
    "DMARC PCT ZERO REJECT": ("mom.za.org pass", "rspamd.tk"),
    "DMARC PCT ZERO SP QUARANTINE": ("mom.za.org pass", "rspamd.tk"),
    "SPF DNSFAIL FAILED INCLUDE UNALIGNED": ("fail2.org.org.za temperror", ""),
}
SYMBOLS = {
    "DMARC_POLICY_ALLOW": {(Status.PASS, policy) for policy in Policy}, "DMARC_POLICY_SOFTFAIL": {(Status.FAIL, Policy.NONE)},
    "DMARC_POLICY_QUARANTINE": {(Status.FAIL, Policy.QUARANTINE)}, "DMARC_POLICY_REJECT": {(Status.FAIL, Policy.REJECT)},
    "DMARC_NA": {(Status.NONE, Policy.NONE)},
}
#: pct= is history and ignored (RFC 9989 §9.3, §A.6): the policy is what p= or sp= say.
WITHOUT_PCT = {"DMARC PCT ZERO REJECT": Policy.REJECT, "DMARC PCT ZERO SP QUARANTINE": Policy.QUARANTINE}
RCODES = {"timeout": "TIMEOUT", "fail": "SERVFAIL", "servfail": "SERVFAIL"}


async def test_vectors_of_rspamd() -> None:
    """Its cases of DMARC, SPF and DKIM given; those that count pct= are judged without it."""
    folder = need("auth-rspamd")
    texts = []
    for record in json.loads((folder / "dns.json").read_text()):
        if record["name"].startswith("_dmarc."):
            texts += [f'{record["name"]} TXT "{reply}"' for reply in record["replies"]]
            texts += [f"{record['name']} {RCODES[record['rcode']]}"] if record["rcode"] in RCODES else []
    for case in json.loads((folder / "cases.json").read_text()):
        symbols = [symbol for _, symbol in case["expect"] if symbol.startswith("DMARC")]
        if not symbols:
            continue
        name, _, word = RSPAMD[case["title"]][0].partition(" ")
        spf = Checked(Status(word), Domain(name)) if name else None
        message = header.parse((folder / "messages" / case["message"]).read_bytes())
        result = await evaluate_author(author(message), spf, passed(*RSPAMD[case["title"]][1].split()), Zone("\n".join(texts)))
        if case["title"] in WITHOUT_PCT:
            assert (result.status, result.policy) == (Status.FAIL, WITHOUT_PCT[case["title"]])
        else:
            assert (result.status, result.policy) in SYMBOLS[symbols[0]], case["title"]
