"""Certificates that are replaced while a role runs: seen within seconds, used from the next handshake on.

Whoever replaces a file tells nobody: each role looks at the few files itself.  So nothing
can be missed, whoever writes them, and no connection notices.
"""
import asyncio
from typing import Final

from mta.base.errors import SetupError
from mta.base.events import Event, Journal
from mta.net.tls import Certificates, names_of

#: Seconds between two looks; a few calls of stat(2).
EVERY: Final = 5.0


async def follow(certificates: Certificates, journal: Journal, every: float = EVERY) -> None:
    """Reload certificates whenever their files change, until cancelled; what cannot be used is noted and not used."""
    for problem in certificates.unfit:
        journal.note(Event.CERTIFICATE_UNFIT, problem=problem)
    while True:
        await asyncio.sleep(every)
        if not certificates.changed():
            continue
        try:
            certificates.reload()
        except SetupError as problem:
            journal.note(Event.CERTIFICATE_UNFIT, problem=str(problem))
        else:
            journal.note(Event.CERTIFICATES_LOADED, certificates=[names_of(leaf)[0] for leaf in certificates.leaves if names_of(leaf)])
