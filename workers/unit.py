"""The systemd unit of the server; docs/pillarbox.service is the same for the usual places."""
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

#: Words that systemd takes as they are.
PLAIN: Final = re.compile(r"[A-Za-z0-9_./:@=+,-]+")

UNIT: Final = """\
# {where}
[Unit]
Description=Pillarbox mail server
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
NotifyAccess=main
WatchdogSec=60
ExecStart={command} serve --config {config}
# As SIGHUP, but it waits, and fails with the reason if the server refuses.  A minimal Debian has no kill.
ExecReload={command} reload --config {config}
Restart=always
RestartSec=5
# It stops within ten seconds by itself.
TimeoutStopSec=15
LimitNOFILE=65536
# Only the supervisor keeps root's rights: for ports below 1024, and to become the service user.
CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_SETUID CAP_SETGID CAP_KILL CAP_SYS_PTRACE
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER
NoNewPrivileges=yes
ProtectSystem=full
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""


#: The first line of the one in docs.
ADAPT: Final = "For /etc/systemd/system/pillarbox.service; adapt the path of the command."


def unit(command: Sequence[str], config: Path, where: str = ADAPT) -> str:
    """The text of the unit: command is how this program is started, config the file of its settings."""
    return UNIT.format(where=where, command=" ".join(map(word, command)), config=word(str(config)))


def this_program() -> list[str]:
    """How this program is started, with its whole path."""
    beside = Path(sys.executable).with_name("pillarbox")
    found = str(beside) if beside.exists() else shutil.which("pillarbox")
    return [found] if found else [sys.executable, "-m", "workers.command"]


def lacking(text: str) -> list[str]:
    """The settings that confine the server and that a unit does not have, with their values."""
    there = {line.partition("=")[0].strip() for line in text.splitlines()}
    settings = [line for line in UNIT[UNIT.index("NoNewPrivileges"):UNIT.index("[Install]")].splitlines() if line]
    return [line for line in settings if line.partition("=")[0] not in there]


def word(text: str) -> str:
    """A word of a command line as systemd reads it (systemd.service(5), systemd.unit(5))."""
    text = text.replace("%", "%%").replace("$", "$$")
    return text if PLAIN.fullmatch(text) else '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))
