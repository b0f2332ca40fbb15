"""The verbs about browsers that are told of new mail."""
from typing import Final

from workers.verb import Verb, count, take

ACCOUNT: Final = take("account", metavar="ACCOUNT", help="name of an account, or one of its addresses")
ID: Final = take("id", metavar="ID", type=count, help="id of a browser, as `push list` shows it")
GROUPS: Final = {"push": "Browsers that are told of new mail (web push)."}

PUSH = """\
A browser is told of new mail once somebody switches that on in the webmail, there and in
no other place: it has to ask its user and the push service of its maker.  It ends when
that session ends.  What a notice says, and of which mailboxes, is an account's choice:
`pillarbox account set ann --no-push-details --push-everywhere`."""

VERBS: Final = (
    Verb("push list", "pushing:list_browsers", "List the browsers that are told of new mail, and whether their push services take it.", (
        take("account", metavar="ACCOUNT", nargs="?", help="of this account alone"),),
        ("pillarbox push list", "pillarbox push list ann --json"), data=True,
        columns=("account", "id", "browser", "service", "created", "used", "failed", "failure"), more=PUSH),
    Verb("push remove", "pushing:remove", "Tell a browser nothing more.", (ACCOUNT, ID), ("pillarbox push remove ann 3",)),
    Verb("push test", "pushing:test", "Tell a browser something now, to see whether it works.", (ACCOUNT, ID),
         ("pillarbox push test ann 3",), data=True, more=PUSH),
)
