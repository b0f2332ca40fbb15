"""The Received-SPF field: one SPF result, written into the message for who reads it later.

Every value in it is a stranger's choice, so whatever is no dot-atom is quoted, what cannot
be in a line is shown as "?", and the field's size is bounded.

Standards: RFC 7208 §9.1, RFC 5322 §3.2, RFC 8616 §4 (UTF-8 in internationalised messages).
"""
import re
from typing import Final

from mta.auth.spf import SpfResult
from mta.auth.status import Status
from mta.base.names import Domain, IPAddress

#: RFC 5322 §3.2.3.
ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
DOT_ATOM: Final = re.compile(rf"{ATOM}(?:\.{ATOM})*")
#: RFC 5322 §2.1.1: lines should not be longer.
LINE: Final = 78
#: Characters of one value that are kept: names and addresses are shorter than that.
VALUE: Final = 320
#: Those that a mechanism, or the lack of one, decided.
DECIDED: Final = frozenset((Status.PASS, Status.FAIL, Status.SOFTFAIL, Status.NEUTRAL))
#: RFC 7208 §9.1 wants to be understood by people too: what each result says of ip, in the words of its examples.
WORDS: Final = {
    Status.PASS: "domain of {sender} designates {ip} as permitted sender",
    Status.FAIL: "domain of {sender} does not designate {ip} as permitted sender",
    Status.SOFTFAIL: "domain of {sender} discourages use of {ip} as permitted sender",
    Status.NEUTRAL: "domain of {sender} says nothing about {ip}",
    Status.NONE: "domain of {sender} does not say who may send for it",
    Status.TEMPERROR: "the records of the domain of {sender} could not be looked up",
    Status.PERMERROR: "the records of the domain of {sender} cannot be understood",
}


def received_spf(result: SpfResult, ip: IPAddress, hello: str, receiver: Domain) -> bytes:
    """The field with its CRLF, folded.  hello is what the client called itself; receiver is our name.

    DNSSEC in the comment says that it vouches for all that the result rests on.
    """
    comment = _comment(f"{receiver.ascii}: {WORDS[result.status].format(sender=result.sender, ip=ip)}")
    if result.authentic:
        comment = comment.removesuffix(")") + ", DNSSEC)"
    pairs = {
        "receiver": receiver.ascii, "client-ip": str(ip), "envelope-from": result.sender, "helo": hello, "identity": result.identity,
        "mechanism": result.mechanism if result.status in DECIDED else "", "problem": result.problem}
    values = "; ".join(f"{key}={_value(value)}" for key, value in pairs.items() if value)
    line, lines = f"Received-SPF: {result.status}", []
    for word in f"{comment} {values}".split(" "):
        if len(line) + 1 + len(word) > LINE and line.strip():
            lines.append(line)
            line = ""
        line += " " + word      # the space that was there: folding within quotes changes nothing
    return "\r\n".join([*lines, line, ""]).encode()


def _comment(text: str) -> str:
    return "(" + re.sub(r"[()\\]", r"\\\g<0>", _clean(text)) + ")"


def _value(text: str) -> str:
    text = _clean(text)
    return text if DOT_ATOM.fullmatch(text) else '"' + re.sub(r'["\\]', r"\\\g<0>", text) + '"'


def _clean(text: str) -> str:
    """text for one line: bounded, and nothing in it that does not print."""
    if len(text) <= VALUE and text.isprintable():
        return text
    return "".join(char if char.isprintable() else "?" for char in text[:VALUE])
