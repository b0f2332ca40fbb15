"""Writing messages, and handing them in as a mail program does."""
import smtplib
import ssl

from tests.lab.conftest import US
from tests.lab.server import PASSWORD


def letter(subject: str, sender: str, recipient: str, body: bytes = b"Good day.\n") -> bytes:
    """A message as a local program hands it to sendmail."""
    return f"From: {sender}\nTo: {recipient}\nSubject: {subject}\n\n".encode() + body


def submit(sender: str, recipients: list[str], message: bytes, options: tuple[str, ...] = (), account: str = "ann", *,
           server: str = US) -> None:
    """Hand in a message as a mail program does: STARTTLS, sign in, send."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with smtplib.SMTP(server, 587, timeout=30) as client:
        client.starttls(context=context)
        client.login(account, PASSWORD)
        client.sendmail(sender, recipients, message.replace(b"\n", b"\r\n"), mail_options=options)
