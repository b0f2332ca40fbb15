"""The answer while one is away: thin, what it may be is for mta.flow.vacation."""
from mta.flow import vacation, versions
from mta.store.vacations import Vacation
from web import shapes
from web.api.away import TriedAnswer, VacationAnswer
from web.call import Call


def away(call: Call) -> VacationAnswer:
    """What the account answers while its owner is away."""
    return _shown(call, vacation.get(call.world, call.account))


def away_change(call: Call, answer: VacationAnswer) -> VacationAnswer:
    """Answer like this from now on; the answer is what holds.  user:error says what cannot be."""
    return _shown(call, vacation.change(call.world, call.account, _written(answer), version=answer.version or None, by=call.by))


def away_preview(call: Call, answer: VacationAnswer) -> str:
    """The message that a sender would get, as text; nothing is changed."""
    return vacation.preview(call.world, call.account, _written(answer)).decode("utf-8", "replace").replace("\r\n", "\n")


def away_try(call: Call, last: int = 100) -> list[TriedAnswer]:
    """The newest messages (at most 100), and which of them would have had an answer, had it been on all the time."""
    return [TriedAnswer(shapes.summary(one.message), one.why, one.doubt) for one in vacation.trial(call.world, call.account, last)]


def time_zones(call: Call) -> list[str]:
    """The names of all time zones."""
    return sorted(vacation.zones())


FUNCTIONS = (away, away_change, away_preview, away_try, time_zones)


def _shown(call: Call, found: Vacation) -> VacationAnswer:
    return VacationAnswer(found.enabled, found.first_day, found.last_day, found.zone, found.subject, found.text,
                          found.active(call.world.clock.timestamp()), versions.version(vacation.fields(found)))


def _written(answer: VacationAnswer) -> Vacation:
    return Vacation(answer.enabled, answer.first_day, answer.last_day, answer.zone, None, None, answer.subject, answer.text)
