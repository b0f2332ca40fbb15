"""Messages for the tests of the pages."""
import base64

from mta.flow import deposit, people
from mta.flow.world import World

PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
RICH = f"""\
From: =?utf-8?q?J=C3=B6rg?= <joerg@example.net>
To: Ann <ann@example.org>, Bob <bob@example.org>
Cc: carol@example.net
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Date: Tue, 1 Jan 2030 01:00:00 +0100
Message-ID: <rich@example.net>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=a

--a
Content-Type: multipart/related; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p onclick="steal()">Hello <b>Ann</b> <img src="cid:pic"><img src="https://tracker.example/x.gif"><script>steal()</script>
<a href="javascript:steal()">one</a> <a href="https://example.net/">two</a></p>
--b
Content-Type: image/png; name="pic.png"
Content-ID: <pic>
Content-Transfer-Encoding: base64

{base64.b64encode(PICTURE).decode()}
--b--
--a
Content-Type: text/html
Content-Disposition: attachment; filename="../evil \\"pläge\\".html"

<script>steal()</script>
--a--
"""


def put(world: World, account: str = "ann", text: str = "", *, subject: str = "Hello", mailbox: str = "inbox") -> int:
    """Put a message into a mailbox of an account: its id."""
    header = f"From: Xenia <x@example.net>\nTo: ann@example.org\nSubject: {subject}\nMessage-ID: <{subject}@example.net>\n"
    plain = f"{header}\nText of {subject}\n"
    return deposit.file_in(world, people.get_account(world, account).id, (text or plain).encode(), mailbox).id
