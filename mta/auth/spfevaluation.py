"""The evaluation of SPF records for one client and sender, within the bounds of the standard.

The questions that a record will need are asked side by side, each once; their answers are
looked at in the order of the record.  Standards: RFC 7208 §4 to §6, RFC 8616 §4.
"""
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from mta.auth import iprev, spfmacro, spfrecord
from mta.auth.questions import Questions
from mta.auth.spfmacro import BadMacro, MacroString
from mta.auth.spfrecord import BadRecord, Mechanism, Record
from mta.auth.status import Status
from mta.base.limits import Limits
from mta.base.names import Domain, IPAddress
from mta.dns.answer import Answer, RecordType
from mta.dns.resolver import reverse_name

#: RFC 7208 §9.1: what stands for the mechanism where none matched.
DEFAULT: Final = "default"
#: What the first question about a term asks for; for "a" it depends on the client.
KINDS: Final[Mapping[str, RecordType]] = {"include": RecordType.TXT, "mx": RecordType.MX, "exists": RecordType.A}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a record says: by which term, and where its explanation is."""

    status: Status
    domain: Domain
    mechanism: str = ""
    explanation: MacroString | None = None
    problem: str = ""
    authentic: bool = False


class Ended(Exception):
    """An error that ends the whole check, however deep in includes it turns up (RFC 7208 §2.6.6, §2.6.7, §5.2)."""

    def __init__(self, status: Status, problem: str, term: str = "") -> None:
        super().__init__(problem)
        self.status = status
        self.term = term


class Evaluation:
    """One check: what is known of the client and the sender, and what has been spent of the limits."""

    def __init__(self, ip: IPAddress, values: Mapping[str, str], questions: Questions, limits: Limits) -> None:
        self._ip = ip
        self._values = values
        self._questions = questions
        self._limits = limits
        self._address_kind = RecordType.A if ip.version == 4 else RecordType.AAAA
        self._lookups = 0
        self._voids = 0
        self._used: list[Answer] = []

    async def run(self, domain: Domain) -> Verdict:
        """The verdict of the record of domain."""
        try:
            verdict = await self._verdict(domain)
        except Ended as end:
            verdict = Verdict(end.status, domain, end.term, problem=str(end))
        return replace(verdict, authentic=all(answer.authentic for answer in self._used))

    async def explain(self, verdict: Verdict, more: Mapping[str, str]) -> str:
        """The explanation of a fail (RFC 7208 §6.2), with more letters to expand; "" if there is none that can be used."""
        if verdict.status is not Status.FAIL or not verdict.explanation:
            return ""
        target = await self._target(verdict.explanation, verdict.domain)
        # RFC 7208 §4.6.4: this question counts for no limit.
        answer = target and await self._questions.ask(target, RecordType.TXT)
        if not answer or len(answer.texts) != 1 or len(answer.texts[0]) > self._limits.spf_record:
            return ""
        try:
            string = spfmacro.parse(answer.texts[0], explanation=True)
        except BadMacro:
            return ""
        string = MacroString(string.pieces[:self._limits.spf_explanation])
        text = string.expand({**await self._known(string, verdict.domain), **more}).strip()
        # RFC 7208 §6.2: it is for a reply of SMTP, and a local part beyond ASCII would not be.
        return text[:self._limits.spf_explanation].rstrip() if text.isascii() and text.isprintable() else ""

    async def _verdict(self, domain: Domain) -> Verdict:
        record = await self._record(domain)
        if record is None:
            return Verdict(Status.NONE, domain, problem=f"{domain} has no SPF record")
        self._ask_ahead(record, domain)
        for mechanism in record.mechanisms:
            if await self._matches(mechanism, domain):
                return Verdict(mechanism.result, domain, mechanism.text, record.explanation)
        if record.redirect is None:
            return Verdict(Status.NEUTRAL, domain, DEFAULT)        # RFC 7208 §4.7
        self._spend(f"redirect of {domain}")
        target = await self._target(record.redirect, domain)
        verdict = await self._verdict(target) if target and len(target.labels) > 1 else None
        if verdict is None or verdict.status is Status.NONE:
            # RFC 7208 §6.1
            raise Ended(Status.PERMERROR, f"the SPF record of {domain} redirects to {target or 'a name that cannot be'}, which has none")
        return verdict

    async def _record(self, domain: Domain) -> Record | None:
        answer = await self._ask(domain, RecordType.TXT)
        texts = [text for text in answer.texts if spfrecord.is_spf(text)]
        if not texts:
            return None
        if len(texts) > 1:
            # RFC 7208 §4.5
            raise Ended(Status.PERMERROR, f"{domain} has {len(texts)} SPF records; it must have one")
        if len(texts[0]) > self._limits.spf_record:
            raise Ended(Status.PERMERROR, f"the SPF record of {domain} is too long: {len(texts[0])} characters")
        try:
            return spfrecord.parse(texts[0])
        except BadRecord as problem:
            raise Ended(Status.PERMERROR, f"the SPF record of {domain} is wrong at {problem}") from None

    def _ask_ahead(self, record: Record, domain: Domain) -> None:
        """Ask what the terms up to the first certain match will need, as far as the limit goes."""
        left = self._limits.spf_lookups - self._lookups
        for mechanism in record.mechanisms:
            if mechanism.local_match(self._ip):
                return
            if mechanism.asks and left > 0:
                left -= 1
                self._ask_ahead_for(mechanism.name, mechanism.target, domain)
        if record.redirect and left > 0:
            self._ask_ahead_for("include", record.redirect, domain)

    def _ask_ahead_for(self, term: str, string: MacroString | None, domain: Domain) -> None:
        if term == "ptr":
            self._questions.ahead(reverse_name(self._ip), RecordType.PTR)
        elif string is None or "p" not in string.letters:
            target = spfmacro.name(string, {**self._values, "d": spfmacro.plain(domain)}) if string else domain
            if target:
                self._questions.ahead(target, self._address_kind if term == "a" else KINDS[term])

    async def _matches(self, mechanism: Mechanism, domain: Domain) -> bool:
        if not mechanism.asks:
            return mechanism.local_match(self._ip)
        self._spend(mechanism.text)
        if mechanism.target and spfmacro.is_beyond_ascii(mechanism.target, self._values):
            return False
        target = await self._target(mechanism.target, domain)
        try:
            match mechanism.name:
                case "include":
                    return await self._include(target, domain)
                case _ if target is None:
                    return False
                case "a":
                    return await self._address(mechanism, target)
                case "mx":
                    return await self._exchanger(mechanism, target)
                case "exists":
                    return await self._exists(target)
                case _:
                    return await self._reverse(target)
        except Ended as end:
            end.term = mechanism.text       # the outermost term is where the sender's postmaster looks first
            raise

    async def _include(self, target: Domain | None, domain: Domain) -> bool:
        """RFC 7208 §5.2: only a pass of the other record counts; one that is not there is an error."""
        if target is None or len(target.labels) < 2:
            raise Ended(Status.PERMERROR, f"the SPF record of {domain} includes what is not the full name of a domain")
        verdict = await self._verdict(target)
        if verdict.status is Status.NONE:
            raise Ended(Status.PERMERROR, f"the SPF record of {domain} includes {target}, which has none")
        return verdict.status is Status.PASS

    async def _address(self, mechanism: Mechanism, target: Domain) -> bool:
        answer = await self._ask(target, self._address_kind)
        self._count_void(answer.absent)
        return any(mechanism.near(self._ip, found) for found in answer.addresses)

    async def _exchanger(self, mechanism: Mechanism, target: Domain) -> bool:
        answer = await self._ask(target, RecordType.MX)
        self._count_void(answer.absent)
        hosts = [mx.host for mx in sorted(answer.exchangers, key=lambda mx: mx.preference) if mx.host]
        tried = hosts[:self._limits.spf_names]
        for host in tried:
            self._questions.ahead(host, self._address_kind)
        answers = []
        for host in tried:
            answers.append(await self._ask(host, self._address_kind))
            if any(mechanism.near(self._ip, found) for found in answers[-1].addresses):
                return True
        self._count_void(bool(answers) and all(answer.absent for answer in answers))
        if len(hosts) > self._limits.spf_names:
            # RFC 7208 §4.6.4
            raise Ended(Status.PERMERROR, f"{target} has more than {self._limits.spf_names} mail exchangers (MX)")
        return False

    async def _exists(self, target: Domain) -> bool:
        answer = await self._ask(target, RecordType.A)      # RFC 7208 §5.7: A for IPv6 clients too
        self._count_void(answer.absent)
        return answer.found

    async def _reverse(self, target: Domain) -> bool:
        """RFC 7208 §5.5: trouble is no error here, since it is the client that would have to mend it."""
        reverse = await self._questions.ask(reverse_name(self._ip), RecordType.PTR)
        self._used.append(reverse)
        self._count_void(reverse.absent)
        return any(target.covers(name) for name in await self._client_names())

    async def _client_names(self) -> list[Domain]:
        """The names of the client that lead back to it, of the first few."""
        reverse = await self._questions.ask(reverse_name(self._ip), RecordType.PTR)
        names = reverse.names[:self._limits.spf_names]
        answers = await iprev.forward(self._ip, names, self._questions)
        self._used += answers
        return [name for name, answer in zip(names, answers, strict=True) if self._ip in answer.records]

    async def _client_name(self, domain: Domain) -> str:
        """What %{p} stands for (RFC 7208 §7.3): the domain itself, a name below it, any name, or "unknown"."""
        names = await self._client_names()
        near = [name for name in names if name == domain] or [name for name in names if domain.covers(name)] or names
        return near[0].ascii if near else "unknown"

    async def _target(self, string: MacroString | None, domain: Domain) -> Domain | None:
        """The name that a term is about; None if its macros make none (RFC 7208 §4.8)."""
        return spfmacro.name(string, await self._known(string, domain)) if string else domain

    async def _known(self, string: MacroString, domain: Domain) -> Mapping[str, str]:
        """What the letters in string stand for while the record of domain is evaluated."""
        known = {**self._values, "d": spfmacro.plain(domain)}
        if "p" in string.letters:
            known["p"] = await self._client_name(domain)
        return known

    async def _ask(self, name: Domain, kind: RecordType) -> Answer:
        """An answer that the verdict rests on."""
        answer = await self._questions.ask(name, kind)
        self._used.append(answer)
        if answer.temporary:
            raise Ended(Status.TEMPERROR, f"the {kind.name} records of {name} could not be looked up: {answer.explained}")
        return answer

    def _spend(self, term: str) -> None:
        """One more term that asks the DNS (RFC 7208 §4.6.4)."""
        self._lookups += 1
        if self._lookups > self._limits.spf_lookups:
            raise Ended(
                Status.PERMERROR, f"the SPF record has more than {self._limits.spf_lookups} terms to look up, included ones counted", term)

    def _count_void(self, void: bool) -> None:
        """One more term that found nothing, if it did (RFC 7208 §4.6.4)."""
        self._voids += void
        if self._voids > self._limits.spf_void_lookups:
            raise Ended(Status.PERMERROR, f"more than {self._limits.spf_void_lookups} names in the SPF record lead to nothing")
