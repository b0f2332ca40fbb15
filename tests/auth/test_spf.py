"""mta.auth.spf: whole checks, and the suites of others."""
import asyncio
from dataclasses import replace

import pytest

from mta.auth.spf import SpfResult, check, check_host
from mta.auth.status import Status
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain, ip_address
from mta.dns.answer import Answer, RecordType
from mta.dns.zone import Zone
from tests.auth import spfsuites
from tests.auth.spfsuites import NOW, RECEIVER, Case

#: Cases that cannot pass, and why.
DIFFERENT = {
    "all: All test 0": "RFC 7208 §4.6: `ip` is no mechanism, and a syntax error anywhere, after all too, is a permerror",
    "basic: DNS Lookup Limits 0": "RFC 7208 §4.6.4: its third void lookup is a permerror; the suite has no such limit",
    "macro: Macro expansion 2 1": "RFC 7208 §5.7: exists asks for A records of IPv6 clients too; the suite has an AAAA record only",
    "SPF PERMFAIL NESTING BEYOND LIMIT": "dns.json has lost the records of nestdeep.org.org.za",
    "SPF FAIL UNRESOLVEABLE EXISTS": "dns.json has lost the records of noexists.org.org.za",
    "SPF ALLOW DNS REQUESTS AT LIMIT": "dns.json has lost the records of fewreq.org.org.za",
    "SPF PERMFAIL DNS REQUESTS BEYOND LIMIT": "dns.json has lost the records of manyreq.org.org.za",
}


@pytest.mark.parametrize("case", [*spfsuites.openspf(), *spfsuites.mail_auth(), *spfsuites.rspamd()])
async def test_suites(case: Case, request: pytest.FixtureRequest) -> None:
    """Every case of the suites has one of its right results, and its explanation."""
    if reason := DIFFERENT.get(request.node.callspec.id):
        pytest.skip(reason)
    result = await case.run()

    assert str(result.status) in case.results, result
    assert case.explanation in (None, result.explanation)
    assert case.mechanism in (None, result.mechanism)


@pytest.mark.parametrize("case", [case for case in spfsuites.mail_auth() if case.id in ("basic: DNS Lookup Limits 0", "spf-mail-auth")])
async def test_the_limit_of_void_lookups_is_a_setting(case: Case) -> None:
    """RFC 7208 §4.6.4 allows that; without it the suite's author is right."""
    assert str((await case.run(replace(LIMITS, spf_void_lookups=10))).status) in case.results


def test_no_case_is_excused_for_nothing() -> None:
    """Those that are said to differ are there."""
    names = {case.id for case in [*spfsuites.openspf(), *spfsuites.mail_auth(), *spfsuites.rspamd()] if case.values[0]}

    assert not names or set(DIFFERENT) <= names


async def ask(zone: str | Zone, sender: str = "me@example.org", *, ip: str = "192.0.2.1", hello: str = "mx.example.org") -> SpfResult:
    """The result for one sender; "" is the null sender."""
    resolver = Zone(zone) if isinstance(zone, str) else zone
    return await check(
        ip_address(ip), Address.parse(sender) if sender else None, hello, resolver, receiver=RECEIVER, now=NOW)


async def test_a_result_says_what_was_checked() -> None:
    """Identity, domain, sender, the term that decided, and how many questions it took."""
    result = await ask("example.org TXT v=spf1 ip4:192.0.2.0/24 -all\nexample.org SECURE")

    assert result == SpfResult(
        Status.PASS, "mailfrom", Domain("example.org"), "me@example.org", "ip4:192.0.2.0/24", authentic=True, questions=1)


async def test_the_null_sender_is_checked_as_the_postmaster_of_the_hello() -> None:
    """RFC 7208 §2.4: HELO stands for the missing domain."""
    result = await ask("mx.example.org TXT v=spf1 exists:%{l}.%{o}.example -all\npostmaster.mx.example.org.example A 127.0.0.1", "")

    assert (result.status, result.identity, result.sender) == (Status.PASS, "helo", "postmaster@mx.example.org")


@pytest.mark.parametrize("hello", ["", "[192.0.2.1]", "[IPv6:2001:db8::1]", "localhost", "a..b", "mx_\x00.example", "a" * 300 + ".example"])
async def test_a_hello_that_is_no_full_name(hello: str) -> None:
    """RFC 7208 §4.3: there is nothing to check, and nobody is asked."""
    zone = Zone()
    result = await ask(zone, "", hello=hello)

    assert (result.status, result.domain, zone.questions) == (Status.NONE, None, [])


async def test_a_sender_without_local_part_is_the_postmaster() -> None:
    """RFC 7208 §4.3; the texts of check_host are as a stranger wrote them."""
    zone = Zone("example.org TXT v=spf1 exists:%{l}.example -all\npostmaster.example A 127.0.0.1")
    for sender in ("", "@example.org", "example.org"):
        result = await check_host(
            ip_address("192.0.2.1"), "Example.ORG.", sender, zone, hello="x", receiver=RECEIVER, now=NOW)

        assert (result.status, result.sender.lower()) == (Status.PASS, "postmaster@example.org")


async def test_ipv4_within_ipv6_is_ipv4() -> None:
    """RFC 7208 §5; a scope says nothing either."""
    result = await ask("example.org TXT v=spf1 ip4:192.0.2.1 -all", ip="::ffff:192.0.2.1")

    assert result.status is Status.PASS
    assert (await ask("example.org TXT v=spf1 ip6:fe80::1 -all", ip="fe80::1%eth0")).status is Status.PASS


async def test_the_domain_may_be_in_any_script() -> None:
    """RFC 8616 §4: names are looked up and expanded as A-labels."""
    zone = "xn--bcher-kva.example TXT v=spf1 exists:%{d}.%{h} -all\nxn--bcher-kva.example.mx.xn--bcher-kva.example A 127.0.0.1"

    assert (await ask(zone, "me@bücher.example", hello="mx.BÜCHER.example")).status is Status.PASS


async def test_a_local_part_beyond_ascii_matches_nothing() -> None:
    """RFC 8616 §4: whatever the term is, it is passed over; other terms count."""
    zone = Zone("example.org TXT v=spf1 exists:%{L}.example include:%{s}.example a:%{l}.example ?exists:any.example -all\n"
                "any.example A 127.0.0.1")

    assert (await ask(zone, "jürgen@example.org")).status is Status.NEUTRAL
    assert ("any.example", "A") in zone.questions
    assert len(zone.questions) == 2


async def test_what_has_no_record() -> None:
    """None, with a hint for the owner; a domain that does not exist is the same (RFC 7208 §4.3)."""
    result = await ask("example.org TXT google-site-verification=x")

    assert (result.status, result.problem) == (Status.NONE, "example.org has no SPF record")
    assert (await ask("")).status is Status.NONE


async def test_an_answer_that_is_late_is_a_temporary_error() -> None:
    """RFC 7208 §4.6.4; and nothing is left waiting."""
    class Slow(Zone):
        cancelled = 0

        async def ask(self, name: Domain, kind: RecordType) -> Answer:
            if name == Domain("slow.example"):
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    self.cancelled += 1
                    raise
            return await super().ask(name, kind)

    zone = Slow("example.org TXT v=spf1 a:slow.example mx:slow.example -all")
    limits = replace(LIMITS, spf_wait=0.01)
    result = await check(ip_address("192.0.2.1"), Address.parse("me@example.org"), "x", zone, receiver=RECEIVER, now=NOW, limits=limits)

    assert (result.status, result.authentic) == (Status.TEMPERROR, False)
    assert "in time" in result.problem
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await ask(zone)
    await asyncio.sleep(0)
    assert zone.cancelled == 4


async def test_a_late_explanation_does_not_change_the_result() -> None:
    """The verdict was there already."""
    class Slow(Zone):
        async def ask(self, name: Domain, kind: RecordType) -> Answer:
            if name == Domain("why.example"):
                await asyncio.Event().wait()
            return await super().ask(name, kind)

    result = await check(
        ip_address("192.0.2.1"), Address.parse("me@example.org"), "x", Slow("example.org TXT v=spf1 -all exp=why.example"),
        receiver=RECEIVER, now=NOW, limits=replace(LIMITS, spf_wait=0.01))

    assert (result.status, result.explanation) == (Status.FAIL, "")


@pytest.mark.parametrize(("text", "explanation"), [
    ("%{c} is not %{i} at %{t}, says %{r} of %{S}", "192.0.2.1 is not 192.0.2.1 at 1700000000, says receiver.example of me%40example.org"),
    ("  https://%{d}/?%{h}%_%-%%  ", "https://example.org/?mx.example.org %20%"),
    ("%{p}", "unknown"),
    ("x" * 1_000, "x" * 400),
    ("caf\xe9", ""), ("tab\there", ""), ("%{x}", ""), ("%", ""), ("100%", ""),
])
async def test_explanations(text: str, explanation: str) -> None:
    """They go into a reply: expanded, bounded, in printable ASCII or not at all (RFC 7208 §6.2)."""
    result = await ask(f'example.org TXT v=spf1 -all exp=why.%{{d}}\nwhy.example.org TXT "{text}"')

    assert (result.status, result.explanation) == (Status.FAIL, explanation)


async def test_an_explanation_never_has_what_is_not_ascii() -> None:
    """Not from a local part and not from HELO."""
    zone = 'example.org TXT v=spf1 -all exp=why.example\nwhy.example TXT "to %{l}, %{h}"'

    assert (await ask(zone, "jürgen@example.org")).explanation == ""
    assert (await ask(zone, hello="a\r\nb")).explanation == ""
    assert (await ask(zone)).explanation == "to me, mx.example.org"


async def test_only_a_fail_is_explained() -> None:
    """Nobody else needs the reason, and nobody is asked for it."""
    zone = Zone('example.org TXT v=spf1 ~all exp=why.example\nwhy.example TXT because')

    assert (await ask(zone)).explanation == ""
    assert len(zone.questions) == 1
