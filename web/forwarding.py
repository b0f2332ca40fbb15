"""Forwarding of an account: thin, what may be is for mta.flow.forwarding."""
from collections.abc import Iterable

from mta.flow import forwarding, versions
from mta.flow.forwarding import Choices
from mta.store.forwards import Target
from web.api.forwarding import ForwardChoices, ForwardTarget
from web.call import Call


def forwards(call: Call) -> list[ForwardTarget]:
    """The addresses that the account forwards to, or may once they are confirmed."""
    return _shown(forwarding.all_targets(call.world, call.account))


def forward_add(call: Call, address: str, choices: ForwardChoices) -> list[ForwardTarget]:
    """Forward to an address once it is confirmed by the code that is mailed there now; the answer is all of them."""
    return _shown(call.wait(forwarding.add(call.world, call.account, address, _written(choices), call.trace, by=call.by)))


def forward_code(call: Call, id: int) -> None:
    """Mail another code; the earlier one is void.  user:notAllowed if there were many already."""
    call.wait(forwarding.send_code(call.world, call.account, id, call.trace))


def forward_confirm(call: Call, id: int, code: str) -> list[ForwardTarget]:
    """Let forwarding begin with the code that was mailed; user:notAllowed if it is another one."""
    return _shown(forwarding.confirm(call.world, call.account, id, code, by=call.by))


def forward_change(call: Call, id: int, choices: ForwardChoices, version: str | None = None) -> list[ForwardTarget]:
    """Other choices for an address; the answer is all of them.

    With its `version`, what somebody else changed meanwhile is not overwritten: user:conflict at "version" says what.
    """
    return _shown(forwarding.change(call.world, call.account, id, _written(choices), version=version, by=call.by))


def forward_remove(call: Call, id: int) -> list[ForwardTarget]:
    """Forward there no longer; the answer is those that are left."""
    return _shown(forwarding.remove(call.world, call.account, id, by=call.by))


FUNCTIONS = (forwards, forward_add, forward_code, forward_confirm, forward_change, forward_remove)


def _shown(found: Iterable[Target]) -> list[ForwardTarget]:
    return [ForwardTarget(
        one.id, str(one.address), one.confirmed is not None, ForwardChoices(one.everything, one.keep, one.seal, one.attach),
        one.forwarded, one.kept, one.latest, one.kept_why,
        versions.version(forwarding.fields(one))) for one in found]


def _written(choices: ForwardChoices) -> Choices:
    return Choices(choices.everything, choices.keep, choices.seal, choices.attach)
