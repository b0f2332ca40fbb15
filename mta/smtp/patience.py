"""How much nonsense a session may talk before we hang up (bounds in mta.base.limits)."""
from mta.base.limits import Limits
from mta.base.reply import Reply


class Patience:
    """Counts what leads nowhere; a message that is accepted starts the count anew."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._commands = self._bad = self._unknown = self._logins = self._recipients = 0

    def command(self) -> None:
        """A command came that was no RCPT."""
        self._commands += 1

    def recipient(self) -> None:
        """RCPT came, whatever became of it; a client that ignores our bound may send some too many."""
        self._recipients += 1

    def bad_command(self) -> None:
        """A command was not understood, or could not be carried out."""
        self._bad += 1

    def unknown_recipient(self) -> None:
        """A recipient was refused for good.  Not forgiven: harvesters also send real mail."""
        self._unknown += 1

    def failed_login(self) -> None:
        """AUTH did not succeed."""
        self._logins += 1

    def progress(self) -> None:
        """A message was accepted."""
        self._commands = self._bad = self._recipients = 0

    def last_words(self, reply: Reply) -> Reply | None:
        """What to say instead of reply before hanging up, None while there is patience left."""
        limits = self._limits
        if self._logins >= limits.login_failures_per_session:
            what = "Too many attempts to sign in"
        elif self._bad >= limits.bad_commands:
            what = "Too many commands went wrong"
        elif self._unknown >= limits.unknown_recipients:
            what = "Too many recipients were refused"
        elif self._commands >= limits.idle_commands or self._recipients >= 10 * limits.recipients:
            what = "Too many commands without a message"
        else:
            return None
        return Reply(421, "4.7.0", what if reply.positive else f"{what}; the last one: {reply.lines[0]}")
