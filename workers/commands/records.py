"""Records, keys and messages in files, as the server would understand them; nobody is asked but the DNS."""
from argparse import Namespace
from pathlib import Path

from mta.auth import dkim, spfrecord
from mta.auth.spfrecord import BadRecord
from mta.base.errors import SetupError, UserError
from mta.dns.answer import RecordType
from mta.flow.published import quoted
from mta.message import mime, structure
from mta.net import tlsa
from workers.commands import asking
from workers.commands.paper import Row, show
from workers.commands.site import Site


def spf_lookup(site: Site, arguments: Namespace) -> int:
    """The record of a domain, term by term; 0 if there is exactly one that can be read."""
    domain = asking.domain(arguments.domain)
    answer, _ = asking.ask(site, arguments, lambda dns: dns.ask(domain, RecordType.TXT))
    found = [text for text in answer.texts if spfrecord.is_spf(text)]
    if len(found) == 1:
        return _spf(found[0], arguments)
    if found:
        raise UserError(f"{domain} has {len(found)} SPF records, so none of them counts (RFC 7208 §4.5): make one of them")
    if answer.temporary:
        raise UserError(f"the DNS does not say what is at {domain} ({answer.error or answer.outcome.value})")
    raise UserError(f"{domain} has no SPF record: a TXT record that begins with v=spf1")


def spf_parse(site: Site, arguments: Namespace) -> int:
    """What a record says; 0 if it is one."""
    if not spfrecord.is_spf(arguments.record):
        raise UserError("an SPF record begins with v=spf1 and a space")
    return _spf(arguments.record, arguments)


def _spf(text: str, arguments: Namespace) -> int:
    try:
        record = spfrecord.parse(text)
    except BadRecord as problem:
        raise UserError(f"{text!r} is no SPF record: {problem}") from None
    rows: list[Row] = [{"term": one.text, "result": str(one.result), "asks_dns": one.asks} for one in record.mechanisms]
    for name, value in (("redirect", record.redirect), ("exp", record.explanation)):
        if value is not None:
            term = next(term for term in text.split() if term.lower().startswith(f"{name}="))
            rows.append({"term": term, "result": "", "asks_dns": True})
    show(rows, as_json=arguments.json)
    return 0


def dkim_record(site: Site, arguments: Namespace) -> list[Row] | str:
    """The record for the public half of a key."""
    if (arguments.selector is None) != (arguments.domain is None):
        raise UserError("--selector and --domain go together")
    try:
        key = dkim.read_key(_octets(arguments.file))
    except ValueError as problem:
        raise UserError(f"{arguments.file}: {problem}") from None
    text = dkim.record_text("ed25519" if "Ed25519" in type(key).__name__ else "rsa", dkim.public_text(key))
    name = dkim.record_name(asking.domain(arguments.selector).ascii, asking.domain(arguments.domain)).ascii if arguments.domain else ""
    if arguments.json:
        return [{"name": name, "type": "TXT", "record": text}]
    return f"{name}. TXT {quoted(text)}" if name else quoted(text)


def dane_record(site: Site, arguments: Namespace) -> list[Row] | str:
    """TLSA records for what is in a file: the server's own key, and each authority of its chain."""
    name = asking.domain(arguments.host).below(f"_{arguments.port}._tcp").ascii if arguments.host else ""
    try:
        found = tlsa.of_pem(_octets(arguments.file))
    except ValueError as problem:
        raise UserError(f"{arguments.file} is neither a certificate nor a key in PEM without a passphrase: {problem}") from None
    rows: list[Row] = [{"name": name, "type": "TLSA", "value": value, "about": about} for value, about in found]
    if arguments.json:
        return rows
    return "\n".join(f"{name + '. ' if name else ''}TLSA {row['value']} ; {row['about']}" for row in rows)


def message_parse(site: Site, arguments: Namespace) -> list[Row]:
    """The parts of a message."""
    octets, _, _ = asking.message(arguments)
    return [{
        "part": number, "kind": part.kind, "charset": part.charset, "encoding": part.encoding, "disposition": part.disposition,
        "name": part.filename, "octets": part.end - part.start, "lines": part.lines,
        "defects": part.defects.name.lower().replace("|", ", ") if part.defects.name and part.defects else "",
    } for number, part in mime.walk(structure.analyse(octets).root)]


def _octets(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as problem:
        raise SetupError(f"{file}: {problem.strerror}") from None
