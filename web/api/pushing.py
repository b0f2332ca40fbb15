"""Types of notices to browsers."""
from msgspec import Struct

from web.api.whole import Whole


class PushBrowser(Struct, frozen=True):
    """A browser that is told of new mail; `agent` is what it calls itself, `service` the host of its push service.

    `used` is when that took a notice last, `failed` when it last did not, and `failure` why.
    """

    id: Whole
    agent: str
    service: str
    created: float
    used: float | None
    failed: float | None
    failure: str
    this: bool


class Push(Struct, frozen=True):
    """Who is told of new mail, and how.

    `key` is the server's public key, base64url, for PushManager.subscribe.  `session` is when
    this browser signed in: what was told in an earlier session has ended with it.
    `details`: notices say who wrote and about what; `everywhere`: they tell of other mailboxes than the Inbox, too.
    """

    key: str
    session: float
    details: bool
    everywhere: bool
    browsers: list[PushBrowser]
