"""A list that can be left by one press: its signed letters, and what its domain publishes."""
from tests.auth import signing

#: Whose list it is, and the records of that domain.
DOMAIN = "list.test"
RECORDS = f'_dmarc.{DOMAIN}. TXT "v=DMARC1; p=none"\ns._domainkey.{DOMAIN}. TXT "{signing.record("ed25519")}"'


def news(subject: str, recipient: str, at: str) -> bytes:
    """A letter of the list, which says how to leave it: by one press at an address (https)."""
    return signed(subject, recipient, f"List-Id: News <news.{DOMAIN}>", f"List-Unsubscribe: <{at}>",
                  "List-Unsubscribe-Post: List-Unsubscribe=One-Click")


def signed(subject: str, recipient: str, *more: str, text: str = "Good day.") -> bytes:
    """A letter of a domain that stands by it, with more fields, and by what it says of its list."""
    lines = (f"From: News <news@{DOMAIN}>", f"To: {recipient}", f"Subject: {subject}", *more)
    fields, body = [f"{line}\r\n".encode() for line in lines], f"{text}\r\n".encode()
    covered = {"d": DOMAIN, "h": "from:to:subject:list-unsubscribe:list-unsubscribe-post"}
    return signing.letter(signing.signature(covered, fields=fields, body=body), fields=fields, body=body)
