"""What all desks of this server have in common, whoever comes to them: strangers (receive) or our users (submit)."""
from mta.base.names import Domain
from mta.flow.entrance import Entrance
from mta.flow.world import World
from mta.store.bodies import BodySink


class Premises:
    """The part of an mta.smtp.desk.Desk that is the same at every counter of the house."""

    def __init__(self, world: World) -> None:
        self._world, self._limits = world, world.config.limits
        self._entrance = Entrance(world)
        self.note, self.measure = world.journal.note, world.journal.measure

    @property
    def hostname(self) -> Domain:
        """Our name."""
        return self._world.config.hostname

    @property
    def max_size(self) -> int:
        """Octets of the largest message we take."""
        return self._limits.message

    @property
    def requiretls(self) -> bool:
        """Unless the configuration turns it off."""
        return self._world.config.smtp.requiretls

    def sink(self) -> BodySink:
        """A place for one message."""
        return self._world.store.bodies.sink()
