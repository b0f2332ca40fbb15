"""`pillarbox serve`, `localserve`, `status`, `reload`, `stop` and `version`."""
import os
import select
import shlex
import shutil
import sys
from argparse import Namespace
from pathlib import Path

from mta import VERSION
from mta.base.errors import BadName, SetupError, TemporaryError
from mta.base.names import ip_address
from mta.config.model import Config, local
from mta.config.parse import SOCKET_PATH
from workers import control
from workers.commands.paper import Row
from workers.commands.site import USUAL_FILE, Site, local_directory, remember

#: Seconds that stop waits for the end of a server, which ends by itself within ten.
STOP_PATIENCE = 20.0
#: And reload for a new generation: the old delivery may take its time to finish a transfer.
RELOAD_PATIENCE = 60.0


def serve(site: Site, arguments: Namespace) -> None:
    """Run the server of a configuration file."""
    from mta.config.parse import load
    from workers.supervisor import Supervisor

    if arguments.dir:
        raise SetupError("serve needs a configuration file; `pillarbox localserve --dir` serves a directory")
    file = (site.file or USUAL_FILE).absolute()
    Supervisor(lambda: load(file), site.clock, tell).run()


def localserve(site: Site, arguments: Namespace) -> None:
    """Run the built-in configuration: the same server, on loopback, with a demo account."""
    from workers.supervisor import Supervisor

    if arguments.config:
        raise SetupError("localserve needs no configuration; `pillarbox serve --config` runs one")
    directory = (arguments.dir or local_directory()).absolute()
    config = _local(directory, arguments.ip, arguments.port_offset)
    remember(directory, arguments.ip, arguments.port_offset)

    def announce(text: str) -> None:
        tell("\n".join([*introduction(config, directory, _command()), "", text]))

    Supervisor(lambda: config, site.clock, announce).run()


def tell(text: str) -> None:
    """Print for whoever reads; a server does not end because nobody does, as with `pillarbox localserve | head`."""
    try:
        print(text, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _command() -> str:
    """How this program is typed: by its name if the shell finds it so, else by its path in the virtual environment that runs."""
    beside = Path(sys.executable).with_name("pillarbox")
    found = shutil.which("pillarbox")
    return str(beside) if beside.exists() and (found is None or Path(found).resolve() != beside.resolve()) else "pillarbox"


def _local(directory: Path, ip: str, port_offset: int) -> Config:
    """The built-in configuration, checked like one from a file."""
    try:
        config = local(directory, str(ip_address(ip)), port_offset)
    except BadName as problem:
        raise SetupError(f"--ip: {problem}") from None
    if not 0 <= port_offset <= 65_535 - 8_180:
        raise SetupError(f"--port-offset must be from 0 to {65_535 - 8_180}, not {port_offset}")
    if len(bytes(config.sendmail_socket)) > SOCKET_PATH:
        raise SetupError(f"{directory} is too long: the paths of sockets in it may have {SOCKET_PATH} octets; choose another --dir")
    return config


def introduction(config: Config, directory: Path, command: str = "pillarbox") -> list[str]:
    """What a newcomer has to know: addresses, ports, names, passwords, what to try; command is how they type ours."""
    from mta.flow.setup import DEMO, DOMAIN, PASSWORD

    there = config.listeners[0]
    ip = there.ips[0]
    host = f"[{ip}]" if ":" in ip else ip
    pillarbox = f"{shlex.quote(command)} --dir {shlex.quote(str(directory))}"
    return [
        "",
        f"Pillarbox {VERSION} serves on this machine alone; everything is in {directory}",
        "",
        f"  webmail          https://{host}:{there.https}/webmail/   (or http://{host}:{there.http}/webmail/)",
        f"  your account     https://{host}:{there.https}/account/",
        f"  administration   https://{host}:{there.https}/admin/",
        f"  API              https://{host}:{there.https}/api/",
        f"  metrics          http://{host}:{there.metrics}/metrics",
        "  The certificate is self-signed: browsers ask once.",
        "",
        f"  account          {DEMO}@{DOMAIN}   password  {PASSWORD}   (name to sign in with: {DEMO})",
        f"  administrator    password  {PASSWORD}",
        f"  Every address at {DOMAIN} goes to {DEMO}.",
        "",
        f"  SMTP             {ip} port {there.smtp}",
        f"  submission       {ip} port {there.submissions} (TLS) or {there.submission} (STARTTLS, or none from here)",
        "",
        f"  try              swaks --server {ip}:{there.smtp} --to {DEMO}@{DOMAIN}",
        f"                   {pillarbox} message list {DEMO} Inbox",
        "  Ctrl-C stops it.",
    ]


def status(site: Site, arguments: Namespace) -> list[Row]:
    """The processes of the running server."""
    rows: list[Row] = control.ask(site.config.control_socket, "status")["roles"]
    return rows


def reload(site: Site, arguments: Namespace) -> None:
    """As SIGHUP; returns when it is done.  SetupError if the server refused it, with the reason."""
    control.ask(site.config.control_socket, "reload")
    until = site.clock.monotonic() + RELOAD_PATIENCE
    # While one program takes the place of another, callers wait at the socket.
    while (status := control.ask(site.config.control_socket, "status", wait=RELOAD_PATIENCE))["reloading"]:
        if site.clock.monotonic() > until:
            raise TemporaryError(f"the server is still reloading after {RELOAD_PATIENCE:.0f} seconds; see `pillarbox status`")
        select.poll().poll(50)
    if status["refused"]:
        raise SetupError(f"the reload was refused, all goes on as before: {status['refused']}")


def stop(site: Site, arguments: Namespace) -> None:
    """As SIGTERM; returns when it has stopped."""
    from workers.preparing import wait_for_end

    control.ask(site.config.control_socket, "stop")
    wait_for_end(site.config, site.clock, STOP_PATIENCE)


def version(site: Site, arguments: Namespace) -> str | list[Row]:
    """The version."""
    return [{"version": VERSION}] if arguments.json else f"pillarbox {VERSION}"
