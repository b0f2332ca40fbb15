"""`pillarbox dkim`: check and make signatures, make and look up keys."""
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from mta.auth import advice, dkim, dkimkey, verify
from mta.auth.canon import BodyHash
from mta.auth.dkim import Signer
from mta.auth.dkimkey import BadKey, KeyRecord
from mta.auth.status import Status
from mta.auth.verify import DkimResult
from mta.base.errors import Conflict, UserError
from mta.base.names import Domain
from mta.dns.answer import RecordType
from mta.flow import signing
from mta.flow.published import quoted
from mta.message.scan import blocks
from mta.net.tls import write_secret
from workers.commands import asking
from workers.commands.paper import Row, show
from workers.commands.site import Site


def check(site: Site, arguments: Namespace) -> int:
    """Every signature of a message; 0 if one counts."""
    _, _, writing = asking.message(arguments)
    now = asking.clock(site, arguments).timestamp()
    found, questions = asking.ask(site, arguments, lambda dns: verify.verify(writing.message, dns, now, hashes=writing.hashes))
    counts = any(one.status is Status.PASS and not one.testing and not one.partial for one in found)
    return asking.told(arguments, advice.dkim(found), questions, details=rows(found), ok=counts)


def sign(site: Site, arguments: Namespace) -> bytes | list[Row]:
    """The message with signatures on top: of a key in a file, or of the server's keys for its author."""
    octets, top, writing = asking.message(arguments)
    hashed = BodyHash()
    for block in blocks(octets, top.end, len(octets)):
        hashed.update(block)
    now, fields = asking.clock(site, arguments).timestamp(), writing.message.fields
    made = [dkim.sign(fields, hashed.digest(), signer, now) for signer in _signers(site, arguments, writing.author.domain)]
    if arguments.json:
        return [{"field": field.decode()} for field in made]
    return b"".join(made) + octets


def _signers(site: Site, arguments: Namespace, author: Domain | None) -> Sequence[Signer]:
    name = asking.domain(arguments.domain) if arguments.domain else author
    if name is None:
        raise UserError("From does not name one author beyond doubt; say with --domain for whom to sign")
    if not arguments.key:
        if found := signing.signers(site.world, name, ""):
            return found
        raise UserError(f"the server has no key that signs for {name}; give one with --key and --selector")
    if not arguments.selector:
        raise UserError("--key needs --selector: the name under which the key is published")
    try:
        return [Signer(name, asking.domain(arguments.selector).ascii, dkim.read_key(Path(arguments.key).read_bytes()))]
    except ValueError as problem:
        raise UserError(f"{arguments.key}: {problem}") from None


def gen(site: Site, arguments: Namespace) -> list[Row] | str:
    """A new key, and the record that publishes it."""
    key = dkim.make_key(arguments.algorithm)
    name = dkim.record_name(asking.domain(arguments.selector).ascii, asking.domain(arguments.domain))
    text, pem = dkim.record_text(arguments.algorithm, dkim.public_text(key)), dkim.key_text(key).decode()
    if arguments.out:
        out = Path(arguments.out)
        if out.exists():
            raise Conflict(f"{out} is there already, and a key that is written over is lost")
        write_secret(out, pem.encode())
    if arguments.json:
        return [{"name": name.ascii, "type": "TXT", "record": text, "key": arguments.out or pem}]
    return f"{'' if arguments.out else pem}{name.ascii}. TXT {quoted(text)}"


def lookup(site: Site, arguments: Namespace) -> int:
    """What is published for a selector; 0 if a key there can be used."""
    place = dkim.record_name(asking.domain(arguments.selector).ascii, asking.domain(arguments.domain))
    answer, questions = asking.ask(site, arguments, lambda dns: dns.ask(place, RecordType.TXT))
    found = [_published(text) for text in answer.texts] or [
        (Status.TEMPERROR if answer.temporary else Status.PERMERROR, answer.error or f"the DNS says: {answer.outcome.value}", None, "")]
    show([{
        "name": place.ascii, "status": str(status), "kind": record.kind if record else "", "bits": record.bits if record else 0,
        "testing": bool(record and record.testing), "strict": bool(record and record.strict), "record": text, "problem": problem,
        "dnssec": answer.authentic, "questions": questions} for status, problem, record, text in found], as_json=arguments.json)
    return 0 if any(status is Status.PASS for status, *_ in found) else 1


def _published(text: str) -> tuple[Status, str, KeyRecord | None, str]:
    """What a record is worth, why no more, the key in it, and the record itself."""
    try:
        record = dkimkey.read(text)
    except BadKey as problem:
        return Status.PERMERROR, str(problem), None, text
    if record.kind == "rsa" and record.bits < dkimkey.RSA_BITS:
        return Status.PERMERROR, f"RSA keys with fewer than {dkimkey.RSA_BITS} bits are not believed", record, text
    return Status.PASS, "", record, text


def rows(signatures: Sequence[DkimResult]) -> list[Row]:
    """What programs may want to know of signatures beyond their findings."""
    return [{"domain": str(one.domain or ""), "selector": one.selector, "algorithm": one.algorithm, "bits": one.bits,
             "identity": one.identity, "testing": one.testing, "partial": one.partial, "problem": one.problem} for one in signatures]
