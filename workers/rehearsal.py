"""Before a reload: would the program that lies on disk now run, with the configuration that lies there?

The supervisor starts its own command line beside itself (`start`), with all that it would
hand over.  The new program does what it would do before the first role (`perform`): read
that, import every module, load the configuration, bring the data up to date as the
service user.  Only if it says that all went well does the supervisor let itself be
replaced by it; else the reload is refused, with the reason in its words.
"""
import importlib
import os
import pkgutil
import sys
from collections.abc import Callable, Sequence

import mta
import web
import workers
from mta.base.clock import Clock
from mta.base.errors import SetupError
from mta.base.events import Journal
from mta.config.model import Config
from workers import handover, preparing
from workers.child import READY, Child
from workers.privileges import become, confine, service_user
from workers.process import Role, import_roles


def start(estate: handover.Estate, command: list[str], now: float) -> Child:
    """Let the program of command rehearse; as a child, it reports whether it is ready, or says why not.

    SetupError if it cannot even be started.
    """
    with handover.starting(command, estate) as letter:
        seen, told = os.pipe()
        os.set_blocking(seen, False)
        try:
            pid = os.posix_spawn(
                command[0], command, {**os.environ, handover.VARIABLE: "rehearse 3"},
                file_actions=((os.POSIX_SPAWN_DUP2, told, 2), (os.POSIX_SPAWN_DUP2, letter, 3)))
        except OSError:
            os.close(seen)
            raise
        finally:
            os.close(told)
    return Child("rehearsal", pid, seen, now)


def perform(estate: handover.Estate, load: Callable[[], Config], roles: Sequence[Role], prepare: preparing.Preparation,
            clock: Clock) -> None:
    """All that comes before the first role; then say that it went well.  What goes wrong is raised, for `last_words`."""
    for package in (mta, web, workers):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    import_roles(roles)
    config = load()
    check_same_data(config, estate.serving.config)
    user = service_user(config.user)
    preparing.make_directories(config, user)
    certificate = preparing.read_certificate(config)
    become(user)
    confine(estate.pid)
    prepare(config, certificate, clock, Journal("prepare", clock, level=config.log_level), False)
    os.write(sys.stderr.fileno(), READY)


def check_same_data(new: Config, old: Config) -> None:
    """SetupError if a reload would change the data directory."""
    if new.data != old.data:
        raise SetupError(f"data cannot become {new.data} while the server runs, since we hold {old.data} for us alone: "
                         "stop it, then start it")


def last_words(child: Child, status: int) -> str:
    """Why a rehearsal failed, from what it printed: our own one line or several, or the gist of a traceback."""
    lines = [line for line in child.reason.splitlines() if line.strip()]
    if not lines:
        return f"the new program ended with status {status}"
    places = [line.strip() for line in lines if line.startswith("  File ")]
    if places:
        where = places[-1].partition(", in ")[0].removeprefix("File ").replace('"', "")
        return f"the new program cannot be loaded: {lines[-1]} ({where})"
    return "\n".join(line.removeprefix("pillarbox: ") for line in lines)
