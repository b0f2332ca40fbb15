"""Hand reports in at a web server, for those who ask for that (`rua=https://…`, RFC 8460 §3).

Few do, and the answer says only whether it was taken.
"""
from dataclasses import dataclass
from typing import Final

from mta.base.errors import SetupError
from mta.base.limits import LIMITS
from mta.base.measures import Measure
from mta.flow.world import World
from mta.net.https import BadUrl, Https, HttpsError, Place
from mta.net.tls import client_context
from mta.report.reportmail import Document

#: Answers after which trying again may help (RFC 9110 §15.5.9, RFC 6585 §4); others of the 4xx are meant.
LATER: Final = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Posting:
    """What a server said: taken, or not, and then lasting if there is no point in asking again; text is for people."""

    taken: bool
    lasting: bool
    text: str


class Poster:
    """Posts reports; belongs to one loop.  https is made when it is needed."""

    def __init__(self, world: World, https: Https | None = None) -> None:
        self._world, self._https = world, https

    async def post(self, uri: str, document: Document) -> Posting:
        """Hand in the document at uri (RFC 8460 §5.4: as it would be in a mail, in the body of a POST)."""
        try:
            place = Place.parse(uri)
        except BadUrl as problem:
            return Posting(False, True, str(problem))
        clock = self._world.clock
        began, posting = clock.monotonic(), await self._hand_in(place, document)
        self._world.journal.measure(
            Measure.HTTPS_SECONDS, clock.monotonic() - began, "report", "ok" if posting.taken else "failed")
        return posting

    async def _hand_in(self, place: Place, document: Document) -> Posting:
        try:
            https = self._https = self._https or Https(
                self._world.resolver, client_context(verify=True, authorities=self._world.config.tls.ca_file))
            answer = await https.post(place, document.content, document.media_type, most=LIMITS.report_answer)
        except (HttpsError, SetupError) as problem:
            return Posting(False, False, str(problem))
        said = f"{place.host} answered {answer.status}"
        if 200 <= answer.status < 300:
            return Posting(True, False, said)
        return Posting(False, 400 <= answer.status < 500 and answer.status not in LATER, said)
