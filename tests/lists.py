"""A list that can be left by one press: its signed letters, and what its domain publishes."""
from tests.auth import signing

#: Whose list it is, and the records of that domain.
DOMAIN = "list.test"
RECORDS = f'_dmarc.{DOMAIN}. TXT "v=DMARC1; p=none"\ns._domainkey.{DOMAIN}. TXT "{signing.record("ed25519")}"'


def news(subject: str, recipient: str, at: str) -> bytes:
    """A letter of the list's domain, which stands by what it says of how to leave the list: at an address (https)."""
    fields = [field.encode() + b"\r\n" for field in (
        f"From: News <news@{DOMAIN}>", f"To: {recipient}", f"Subject: {subject}", f"List-Id: News <news.{DOMAIN}>",
        f"List-Unsubscribe: <{at}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click")]
    covered = {"d": DOMAIN, "h": "from:to:subject:list-unsubscribe:list-unsubscribe-post"}
    body = b"Good day.\r\n"
    return signing.letter(signing.signature(covered, fields=fields, body=body), fields=fields, body=body)
