"""The process that gets certificates: forked by the supervisor when somebody asks, gone when it is done.

So no role carries the ACME client, which costs 11 MB.  It is the service user, and the only
process that talks to authorities or runs the operator's dns_hook.

Read on: mta.flow.renewal does the work.
"""
import asyncio
import contextlib
import os
import select
import signal
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from mta.base.clock import Clock
from mta.base.errors import TemporaryError
from mta.base.events import Journal
from mta.base.metrics import Meter
from mta.config.model import Config
from workers.process import CERTIFICATES

#: What `certify` is.
Certify = Callable[[Config, Clock, Journal, Callable[[str], None]], object]
#: Seconds for one run of dns_hook: name servers may take a minute until all have a record.
HOOK_WAIT: Final = 180.0
#: Characters of what it said that we repeat.
SAID: Final = 500


def certify(config: Config, clock: Clock, journal: Journal, ring: Callable[[str], None]) -> list[str]:
    """Renew what is due; says what was done, a line each."""
    from mta.flow import alarm, renewal
    from mta.flow.world import World
    from mta.net.resolver import SocketResolver
    from workers.worlds import open_world

    async def perform(world: World) -> list[str]:
        try:
            said = await renewal.perform(world, wait, partial(run_hook, config.acme.dns_hook))
            await asyncio.to_thread(alarm.alarm, world)    # not a quarter of an hour after the failure that is one too many
            return said
        finally:
            if isinstance(world.resolver, SocketResolver):
                await world.resolver.close()

    with contextlib.closing(Meter(config.counters, CERTIFICATES, now=clock.timestamp())) as meter:
        journal.add_meter(meter)
        with open_world(config, clock, journal, ring) as world:
            return asyncio.run(perform(world))


def wait(seconds: float) -> None:
    """Block this thread for a while."""
    select.poll().poll(seconds * 1_000)


def run_hook(hook: Path | None, action: str, name: str, value: str, *, seconds: float = HOOK_WAIT) -> None:
    """Let the operator's program set or unset a TXT record.  TemporaryError if it fails or takes longer.

    The text is in its environment and not among its arguments, which every user of the
    machine may read.  It inherits nothing else from us but PATH.
    """
    environment = {"PATH": os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"), "PILLARBOX_VALUE": value}
    try:
        with subprocess.Popen(
                [str(hook), action, name], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
                cwd="/", process_group=0) as running:
            try:
                said, _ = running.communicate(timeout=seconds)
            except BaseException as problem:
                os.killpg(running.pid, signal.SIGKILL)
                if isinstance(problem, subprocess.TimeoutExpired):
                    raise TemporaryError(f"{hook} {action} {name} did not end within {seconds:.0f} seconds") from None
                raise
    except OSError as problem:
        raise TemporaryError(f"{hook} cannot be run (setting dns_hook): {problem.strerror}") from None
    if running.returncode:
        words = " ".join(said.decode("utf-8", "replace").split())[-SAID:]
        raise TemporaryError(f"{hook} {action} {name} ended with status {running.returncode}: {words or 'it said nothing'}")
