"""MAIL and RCPT: from an argument to a transaction and its recipients.

Everything here is syntax and what RFCs ask of any server; the desk has the last word.
"""
from typing import Any

from mta.base.errors import BadName
from mta.base.limits import Limits
from mta.base.names import Address, Domain
from mta.base.reply import Reply
from mta.smtp.desk import Desk, Session, Transaction
from mta.smtp.grammar import BadSyntax, Literal, Path, path
from mta.smtp.parameters import NOTHING, Refused, mail_parameters, recipient_parameters

#: RFC 8689 §2: the parameter is for sessions under TLS alone; whoever sends it in the clear has given away the envelope already.
ENCRYPT_FIRST = Reply(530, "5.7.10", "REQUIRETLS needs TLS: send STARTTLS first")
#: RFC 6409 §4.3; the second one where TLS has to come first.
SIGN_IN_FIRST = Reply(530, "5.7.0", "Sign in first: this port is for our own users")
START_TLS_FIRST = Reply(530, "5.7.0", "Send STARTTLS, then sign in: this port is for our own users")


def read_mail(argument: str, desk: Desk[Any], session: Session, trace: str) -> Transaction:
    """The transaction that MAIL's argument asks for; Refused if it cannot be had."""
    try:
        reverse, words = path(argument, "FROM")
    except BadSyntax as problem:
        raise Refused(Reply(501, "5.1.7", str(problem))) from None
    wishes = mail_parameters(words, requiretls=desk.requiretls) if words else NOTHING
    if words and not session.extended:
        raise Refused(Reply(555, "5.5.4", "Parameters need EHLO instead of HELO"))
    if wishes.requiretls and not session.tls:
        raise Refused(ENCRYPT_FIRST)
    # RFC 1870 §6.1: better now than after it was sent.
    if wishes.size is not None and wishes.size > desk.max_size:
        raise Refused(Reply(552, "5.3.4", f"The message is larger than the {desk.max_size} octets we take"))
    _allowed(argument, wishes.smtputf8)
    sender = _sender(reverse, desk.hostname) if reverse else None
    return Transaction(session, trace, sender, wishes.size, wishes.smtputf8, wishes.body, wishes.requiretls, envelope_auth=wishes.auth)


def read_rcpt(argument: str, desk: Desk[Any], transaction: Transaction, limits: Limits) -> Address:
    """The recipient that RCPT's argument names; Refused if it cannot be one."""
    try:
        forward, words = path(argument, "TO")
    except BadSyntax as problem:
        raise Refused(Reply(501, "5.1.3", str(problem))) from None
    if words:
        recipient_parameters(words)
    if forward is None:
        raise Refused(Reply(501, "5.1.3", "A message cannot go to the null sender"))
    # RFC 5321 §4.5.3.1.10: 452, so that the client sends the rest separately.
    if len(transaction.recipients) >= limits.recipients:
        raise Refused(Reply(452, "4.5.3", f"No more than {limits.recipients} recipients for one message; send the rest separately"))
    _allowed(argument, transaction.smtputf8)
    try:
        return forward.at(desk.hostname, transaction.session.peer.local_ip)
    except BadName as problem:
        raise Refused(Reply(550, "5.1.3", f"No such recipient: {ascii_text(problem)}")) from None


def _sender(reverse: Path, hostname: Domain) -> Address:
    if isinstance(reverse.domain, Literal):
        raise Refused(Reply(550, "5.1.8", "An IP address cannot be written back to: send with a domain name"))
    try:
        return reverse.at(hostname)
    except BadName as problem:
        raise Refused(Reply(553, "5.1.7", f"No such sender: {ascii_text(problem)}")) from None


def ascii_text(problem: BadName) -> str:
    """What is wrong with a name, as a reply may say it to a client that did not ask for UTF-8 (RFC 6531 §3.7.4)."""
    return str(problem).encode("ascii", "backslashreplace").decode()


def _allowed(argument: str, smtputf8: bool) -> None:
    """RFC 6531 §3.4: an address beyond ASCII needs the parameter SMTPUTF8, even if only its domain is."""
    if not smtputf8 and not argument.isascii():
        raise Refused(Reply(553, "5.6.7", "An address that is not ASCII needs MAIL with the parameter SMTPUTF8"))
