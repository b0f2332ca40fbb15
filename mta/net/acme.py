"""Certificates from an authority (ACME): an account, an order, proofs, the certificate.

The package acme speaks the protocol's envelope (signed requests, nonces, errors) over
requests.  Both cost 11 MB, so only the short-lived process that renews imports this module
(workers.certifying).  All of it blocks.

An order is followed by its URL, so one that was begun before a restart goes on.  What an
authority refuses is told in its own words.

Standards: RFC 8555, RFC 9773 (when to renew).
"""
import base64
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import requests
from acme import client, errors, messages
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from josepy.b64 import b64encode
from josepy.errors import Error as JoseError
from josepy.interfaces import JSONDeSerializable
from josepy.jwa import ES256
from josepy.jwk import JWKEC

from mta import VERSION
from mta.base.clock import Clock
from mta.base.errors import PillarboxError
from mta.net import keys
from mta.net.certificates import Facts
from mta.net.challenges import Proof

T = TypeVar("T")

#: Seconds for one request, for all proofs of an order, and for the certificate after them.
REQUEST_WAIT: Final = 30
#: Octets of one answer; the longest are certificates with their chains, some 10 KiB.
ANSWER: Final = 1024 * 1024
PROOF_WAIT, ISSUE_WAIT = 120.0, 120.0
#: Seconds between two looks at an order, unless the authority says; it may not say more than this.
LOOK, LONGEST_LOOK = 1.0, 30.0
#: How often a request is sent again whose nonce the authority had forgotten (RFC 8555 §6.5).
NONCES: Final = 8
#: Errors after which an order may go on.
PASSING: Final = ("badNonce", "rateLimited", "serverInternal")
#: Characters of an authority's words that are kept.
WORDS: Final = 1_500
#: RFC 9773 §4.3.2 leaves it to us how often to ask, if the authority does not say; and what it says is bounded.
ASK_AGAIN, SOONEST, LATEST = 21_600.0, 3_600.0, 86_400.0


class Refused(PillarboxError):
    """No certificate; the text has the authority's own words.

    names are those of the order that are to blame, with what was said of each; wait is how
    many seconds the authority asks to be left alone, 0 if it does not say; goes_on tells
    that the order may still come to a good end.
    """

    def __init__(self, text: str, names: dict[str, str] | None = None, *, wait: float = 0.0, goes_on: bool = False) -> None:
        super().__init__(text[:WORDS])
        self.names = {name: said[:WORDS] for name, said in (names or {}).items()}
        self.wait, self.goes_on = wait, goes_on


@dataclass(frozen=True, slots=True)
class Window:
    """When the authority wants a certificate renewed, and when to ask again (seconds since 1970); why, if it says."""

    start: float
    end: float
    ask: float
    explanation: str


class _Payload(JSONDeSerializable):
    """What a request says, as it is."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content

    def to_partial_json(self) -> dict[str, Any]:
        return self._content

    @classmethod
    def from_json(cls, jobj: Any) -> "_Payload":
        return cls(jobj)


class Bounded:
    """The body of an answer, of which no more than ANSWER octets are read; RequestException beyond."""

    def __init__(self, raw: Any) -> None:
        self._raw, self._left = raw, ANSWER

    def stream(self, amount: int, decode_content: bool = True) -> Iterator[bytes]:
        """Its octets, unpacked, in pieces: what requests asks for."""
        for piece in self._raw.stream(min(amount, self._left + 1), decode_content=decode_content):
            self._left -= len(piece)
            if self._left < 0:
                raise requests.RequestException(f"its answer is longer than {ANSWER // 1024} KiB")
            yield piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


class Authority:
    """One authority, spoken to with one account's key; wait(seconds) blocks."""

    def __init__(
        self, directory: str, key: bytes, url: str, clock: Clock, wait: Callable[[float], object], ca_file: Path | None = None,
    ) -> None:
        """url is that of the account, "" if there is none yet.  Refused if the authority cannot be reached."""
        self._clock, self._wait = clock, wait
        self._key = JWKEC(key=keys.parsed(key))
        account = messages.RegistrationResource(uri=url, body=messages.Registration()) if url else None
        self._net = client.ClientNetwork(
            self._key, account, alg=ES256, verify_ssl=str(ca_file) if ca_file else True,    # type: ignore[arg-type]  # may be a path
            user_agent=f"Pillarbox/{VERSION}", timeout=REQUEST_WAIT)
        self._net.session.trust_env = False
        self._net.session.hooks["response"].append(self._hear)
        self._left_alone = 0.0
        self._directory: messages.Directory = self._careful(lambda: client.ClientV2.get_directory(directory, self._net))

    # --- the account ---------------------------------------------------------------------------

    def register(self, contact: str, eab_kid: str = "", eab_key: str = "") -> str:
        """Make the account, or find the one that this key has already; its URL.  By that its terms are accepted.

        Refused, as if the authority wants an account of its own that it is to be bound to.
        """
        def make() -> str:
            binding = None
            if eab_kid:
                binding = messages.ExternalAccountBinding.from_data(self._key.public_key(), eab_kid, eab_key, self._directory)
            wanted = messages.NewRegistration.from_data(
                email=contact or None, terms_of_service_agreed=True, external_account_binding=binding)
            self._net.account = None
            try:
                account = self._repeated(lambda: client.ClientV2(self._directory, self._net).new_account(wanted))
            except errors.ConflictError as there:
                account = messages.RegistrationResource(uri=there.location, body=messages.Registration())
            self._net.account = account
            return str(account.uri)
        return self._careful(make)

    def tell_contact(self, url: str, contact: str) -> None:
        """Let the account at url have another contact."""
        self._post(url, {"contact": [f"mailto:{contact}"] if contact else []})

    # --- an order ------------------------------------------------------------------------------

    def obtain(self, csr: bytes, names: Sequence[str], proof: Proof, begun: str, note: Callable[[str], None], replaces: str = "") -> bytes:
        """A certificate with its chain (PEM) for the request csr, which is for names.

        begun is the URL of an order that was begun before, or ""; note is told the URL of the
        order as soon as there is one.  replaces is the id of the certificate that will not be
        needed any more (RFC 9773 §5).  Refused.
        """
        url, order = self._begun(begun, names) or self._begin(names, replaces)
        note(url)
        if order["status"] == "pending":
            self._prove(order, proof)
            order = self._settled(url, ("pending",), PROOF_WAIT)
        if order["status"] == "ready":
            der = x509.load_pem_x509_csr(csr).public_bytes(serialization.Encoding.DER)
            self._post(order["finalize"], {"csr": base64.urlsafe_b64encode(der).rstrip(b"=").decode()})
        if order["status"] != "valid":
            order = self._settled(url, ("ready", "processing"), ISSUE_WAIT)
        if order["status"] != "valid":
            raise Refused(_words(order.get("error")) or f"the order became {order['status']}", wait=self._left_alone)
        return self._careful(lambda: self._send(order["certificate"], None).text.encode())

    def _begin(self, names: Sequence[str], replaces: str) -> tuple[str, dict[str, Any]]:
        wanted: dict[str, Any] = {"identifiers": [{"type": "dns", "value": name} for name in names]}
        if replaces and self._offers("renewalInfo"):
            wanted["replaces"] = replaces
        try:
            answer = self._careful(lambda: self._send(self._directory["newOrder"], wanted))
        except Refused as problem:
            # RFC 9773 §5: the authority may not take our word for what is replaced; the order is what counts.
            if "replaces" not in wanted or "alreadyReplaced" not in str(problem):
                raise
            return self._begin(names, "")
        return str(answer.headers["Location"]), answer.json()

    def _begun(self, url: str, names: Sequence[str]) -> tuple[str, dict[str, Any]] | None:
        """An order of before, if it is still good."""
        if not url:
            return None
        try:
            order = self._post(url, None)
        except Refused as problem:
            if problem.goes_on:
                raise
            return None    # forgotten there
        same = {one.get("value") for one in order.get("identifiers", ())} == set(names)
        return (url, order) if same and order.get("status") in ("pending", "ready", "processing", "valid") else None

    def _prove(self, order: dict[str, Any], proof: Proof) -> None:
        """Prove every name that is not proven yet; Refused with those that could not be."""
        shown: list[tuple[str, str, str]] = []
        failed: dict[str, str] = {}
        waiting: dict[str, str] = {}
        try:
            for url in order["authorizations"]:
                authorization = self._post(url, None)
                name = str(authorization["identifier"]["value"])
                if authorization["status"] == "valid":
                    continue
                challenge = next((one for one in authorization["challenges"] if one["type"] == proof.kind), None)
                if authorization["status"] != "pending" or challenge is None:
                    failed[name] = _failure(authorization) or f"the authority offers no {proof.kind} for {name}"
                    continue
                mine = name, str(challenge["token"]), self._authorization(str(challenge["token"]))
                shown.append(mine)
                try:
                    proof.begin(*mine)
                except (OSError, PillarboxError) as problem:
                    failed[name] = str(problem)
                    continue
                if challenge["status"] == "pending":
                    self._post(challenge["url"], {})
                waiting[url] = name
            failed |= self._judged(waiting)
        finally:
            for mine in shown:
                with suppress(OSError, PillarboxError):    # what is left behind proves nothing once it was seen
                    proof.end(*mine)
        if failed:
            raise Refused("; ".join(f"{name}: {said}" for name, said in failed.items()), failed, wait=self._left_alone)

    def _judged(self, waiting: dict[str, str]) -> dict[str, str]:
        """What the authority said of names that it refused, after all were looked at; waiting are those by authorization."""
        failed: dict[str, str] = {}
        end = self._clock.monotonic() + PROOF_WAIT
        while waiting:
            for url, name in list(waiting.items()):
                authorization = self._post(url, None)
                if authorization["status"] != "pending":
                    del waiting[url]
                    if authorization["status"] != "valid":
                        failed[name] = _failure(authorization) or f"the authorization became {authorization['status']}"
            if waiting:
                if self._clock.monotonic() > end:
                    late = ", ".join(waiting.values())
                    raise Refused(f"the authority did not look at {late} within {PROOF_WAIT:.0f} seconds", goes_on=True)
                self._wait(LOOK)
        return failed

    def _settled(self, url: str, passing: Sequence[str], seconds: float) -> dict[str, Any]:
        """The order at url as soon as its status is none of passing."""
        end = self._clock.monotonic() + seconds
        while True:
            answer = self._careful(lambda: self._send(url, None))
            order: dict[str, Any] = answer.json()
            if order["status"] not in passing:
                return order
            if self._clock.monotonic() > end:
                raise Refused(f"the authority's order was still {order['status']} after {seconds:.0f} seconds", goes_on=True)
            self._wait(min(LONGEST_LOOK, max(LOOK, _seconds(answer.headers.get("Retry-After", ""), self._clock))))

    def _authorization(self, token: str) -> str:
        """RFC 8555 §8.1."""
        return f"{token}.{b64encode(self._key.thumbprint()).decode()}"

    # --- when to renew -------------------------------------------------------------------------

    def window(self, facts: Facts) -> Window | None:
        """When the authority wants a certificate of its own renewed; None if it has no opinion.  Refused."""
        if not self._offers("renewalInfo") or not facts.authority_key:
            return None
        answer = self._careful(lambda: self._net.get(f"{self._directory['renewalInfo'].rstrip('/')}/{certificate_id(facts)}"))
        now = self._clock.timestamp()
        said = _seconds(answer.headers.get("Retry-After", ""), self._clock) or ASK_AGAIN
        try:
            told = answer.json()
            start, end = (datetime.fromisoformat(told["suggestedWindow"][name]).timestamp() for name in ("start", "end"))
        except (ValueError, LookupError, TypeError):
            raise Refused("the authority's renewal information cannot be read") from None
        if end <= start:
            raise Refused("the authority's renewal information has an end before its start")
        return Window(start, end, now + min(LATEST, max(SOONEST, said)), str(told.get("explanationURL", ""))[:500])

    # --- requests ------------------------------------------------------------------------------

    def _offers(self, resource: str) -> bool:
        try:
            return bool(self._directory[resource])
        except KeyError:
            return False

    def _post(self, url: str, content: dict[str, Any] | None) -> dict[str, Any]:
        """The JSON answer to a signed request; None only asks (RFC 8555 §6.3)."""
        def ask() -> dict[str, Any]:
            answer: dict[str, Any] = self._send(url, content).json()
            return answer
        return self._careful(ask)

    def _send(self, url: str, content: dict[str, Any] | None) -> requests.Response:
        payload = None if content is None else _Payload(content)
        return self._repeated(lambda: self._net.post(url, payload, new_nonce_url=self._directory["newNonce"]))

    @staticmethod
    def _repeated(request: Callable[[], T]) -> T:
        """request(), again while the authority does not know its nonce."""
        for attempt in range(NONCES):
            try:
                return request()
            except messages.Error as problem:
                if problem.code != "badNonce" or attempt == NONCES - 1:
                    raise
        raise AssertionError("unreachable")

    def _hear(self, response: requests.Response, *_args: object, **_more: object) -> None:
        """Bound the body, which is still to be read, and see how long the authority wants to be left alone: errors of acme do not tell."""
        response.raw = Bounded(response.raw)
        self._left_alone = _seconds(response.headers.get("Retry-After", ""), self._clock) if not response.ok else 0.0

    def _careful(self, work: Callable[[], T]) -> T:
        """work(), with all that can go wrong as Refused."""
        self._left_alone = 0.0
        try:
            return work()
        except messages.Error as problem:
            text, names = _words(problem.to_json()), {}
            for part in problem.subproblems or ():
                if part.identifier is not None:
                    names[str(part.identifier.value)] = _words(part.to_json())
            raise Refused(text, names, wait=self._left_alone, goes_on=problem.code in PASSING) from None
        except requests.RequestException as problem:
            raise Refused(f"the authority cannot be reached: {problem}", goes_on=True) from None
        except (errors.Error, JoseError, ValueError, LookupError, TypeError) as problem:
            raise Refused(f"the authority does not speak ACME as it should: {type(problem).__name__}: {problem}",
                          wait=self._left_alone, goes_on=True) from None


def certificate_id(facts: Facts) -> str:
    """What RFC 9773 §4.1 calls a certificate."""
    serial = facts.serial.to_bytes((facts.serial.bit_length() + 8) // 8, "big")    # room for the sign of the INTEGER
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (facts.authority_key, serial))


def _failure(authorization: dict[str, Any]) -> str:
    """Why an authorization is not valid, in the authority's words; "" if it does not say."""
    return next((_words(one["error"]) for one in authorization.get("challenges", ()) if one.get("error")), "")


def _words(problem: Any) -> str:
    """A problem document (RFC 8555 §6.7) on one line."""
    if not isinstance(problem, dict):
        return ""
    said = f"{problem.get('type', 'about:blank')}: {problem.get('detail') or problem.get('title') or 'no more was said'}"
    if not isinstance(problem.get("detail"), str | None):
        said = json.dumps(problem)
    return " ".join(said.split())[:WORDS]


def _seconds(header: str, clock: Clock) -> float:
    """A Retry-After (RFC 9110 §10.2.3) as seconds from now; 0 if there is none."""
    if header.strip().isdecimal():
        return float(header.strip()[:9])
    with suppress(ValueError, TypeError):
        return max(0.0, parsedate_to_datetime(header).timestamp() - clock.timestamp())
    return 0.0
