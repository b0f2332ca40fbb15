"""The command line in the audit log: which verbs change nothing; all others have an entry.

A verb that is new is taken for a change until its words stand here.  The entry is written
when the verb opens the server's data, so one that needs none (`version`) has none either.
"""
from argparse import Namespace
from typing import TYPE_CHECKING, Any, Final

from workers.verb import Verb

if TYPE_CHECKING:
    from mta.flow.world import World

READS: Final = frozenset(line.strip() for line in """
    serve; localserve; check; status; health; reload; stop; config sample; completion; manual; version; sendmail
    domain list; domain show; domain key list; account list; account show; address list; clients; alias list; mailbox list
    message list; message show; message raw; search; rule list; rule try; junk explain; explain; destinations; queue list; queue show
    queue rule list; trace search; trace show; auth check; spf check; dkim verify; dkim sign; dkim gen; dkim lookup; dmarc verify
    dmarc lookup; dmarc parse; dmarc checkreportaddrs; tlsrpt parse; tlsrpt lookup; report received list; report received show
    report received sources; report received failures; report asked; vacation show; vacation preview; vacation try; forward list
    mask list; mask senders; mask key list; mask domain list; identity list; identity addresses; arc verify; dns lookup; dns records
    dns check; mtasts lookup; mtasts list; dane dial; dane dialmx; dane list; dane makerecord
    backup list; backup verify; backup try; backup accounts; backup mailboxes; backup messages; backup jobs; spf lookup; spf parse
    dkim record; message parse; config unit; dnsbl check; report dmarc list; report dmarc show
    report dmarc waiting; report tls list; report tls show; report tls waiting; report suppress list; tls status; tls history; acme status
    dane record; metrics show; metrics list; metrics rules; metrics dashboard
    password app list; session list; signin list; audit; account frozen
    config show; log list; transport list; route list; route try; dnsbl status
    queue raw; contacts list; contacts find; contacts export""".replace("\n", ";").split(";") if line.strip())
#: These change something only with that option.
CHANGE_WITH: Final = {"verify": "repair"}
#: What a parsed line has besides the verb's own arguments.
INNER: Final = frozenset({"verb", "dir", "config", "json"})


class Audited:
    """One command that may change something: `opened` writes its entry, `closed` what came of it."""

    def __init__(self, verb: Verb, arguments: Namespace, who: str) -> None:
        self._verb, self._arguments, self._who = verb, arguments, who
        self._entry: int | None = None
        self._world: World | None = None

    def opened(self, world: "World") -> None:
        """The verb is about to use the server's data."""
        option = CHANGE_WITH.get(self._verb.words, "")
        if self._verb.words not in READS and (not option or getattr(self._arguments, option)):
            from mta.flow import audit  # which what only asks the DNS has no use for
            self._world = world
            self._entry = audit.begin(world, self._who, "command line", self._verb.words, given(self._arguments))

    def closed(self, outcome: str) -> None:
        """It has ended."""
        if self._world is not None:
            from mta.flow import audit
            audit.finish(self._world, self._entry, outcome)


def given(arguments: Namespace) -> dict[str, Any]:
    """What was typed, without what nobody typed."""
    return {name: value if isinstance(value, str | int | float | bool | list) else str(value) for name, value in vars(arguments).items()
            if name not in INNER and value is not None and value is not False and value != [] and value != ""}
