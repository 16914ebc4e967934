"""The systemd unit of an installation: started at boot, watched by what is heard, kept from what it does not need.

References: systemd.service(5), systemd.exec(5), systemd.resource-control(5), sd_notify(3).
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from engine.errors import AmeublementError
from engine.files.paths import COMMAND_LINE, IS_CLONE, ROOT
from engine.files.state_folder import base_folder

WATCHDOG_S: Final = 60
"""Fed only while sound goes on (see `monitoring.status_publisher`); after so long without it systemd starts again."""

SYSTEM_UNITS: Final = Path("/etc/systemd/system")

_UNIT: Final = """\
[Unit]
Description=Ameublement, a sound installation
{documentation}After=sound.target network.target
# It plays for months unattended, so systemd must never give up either.
StartLimitIntervalSec=0

[Service]
Type=notify
# The supervisor is the main process, and speaks for all.
NotifyAccess=main
ExecStart={command}
WorkingDirectory={root}
Restart=always
RestartSec=2
TimeoutStartSec=180
TimeoutStopSec=25
WatchdogSec={watchdog_s}
# Only the supervisor is asked to stop; it fades the music out and ends the rest.
KillMode=mixed

RuntimeDirectory={name}
RuntimeDirectoryMode=0700
# The hold loop is there again after a restart.
RuntimeDirectoryPreserve=restart
StateDirectory={name}
Environment=XDG_STATE_HOME=%S NUMBA_CACHE_DIR=%S/{name}/compiled MPLCONFIGDIR=%S/{name}/matplotlib
Environment=PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

MemoryMax=3G
TasksMax=128
LimitNOFILE=4096
LimitCORE=0
# Pd may ask for real-time priority.
LimitRTPRIO=50
# If memory runs out one part dies, and is started again; the others play on.
OOMPolicy=continue

NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectHome=read-only
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
UMask=0077
{scope}
[Install]
WantedBy={target}
"""

_SYSTEM: Final = """\
User={user}
SupplementaryGroups=audio
CapabilityBoundingSet=
AmbientCapabilities=
DevicePolicy=closed
DeviceAllow=char-alsa rw
ProtectProc=invisible
RemoveIPC=yes
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
Nice=-5
"""
_LOOPBACK_ONLY: Final = "IPAddressDeny=any\nIPAddressAllow=localhost\n"
_USER: Final = "PrivateUsers=yes\n"


@dataclass(frozen=True, slots=True)
class Service:
    """A unit: its name, whether it is the system's or the user's own, who runs it, and what `run` is given."""

    name: str
    system: bool
    user: str
    arguments: tuple[str, ...]

    @property
    def path(self) -> Path:
        folder = SYSTEM_UNITS if self.system else base_folder("XDG_CONFIG_HOME", ".config") / "systemd" / "user"
        return folder / f"{self.name}.service"

    @property
    def systemctl(self) -> list[str]:
        return ["systemctl"] if self.system else ["systemctl", "--user"]

    def text(self) -> str:
        """The unit file."""
        scope = _USER
        if self.system:
            scope = _SYSTEM.format(user=self.user) + ("" if "--listen" in self.arguments else _LOOPBACK_ONLY)
        command = [*COMMAND_LINE, "run", "--no-window"]
        runtime = ["--runtime", f"%t/{self.name}/run"]
        return _UNIT.format(
            documentation=_documentation(),
            root=_percents_doubled(str(ROOT)),
            command=" ".join([*_started(command), *runtime, *map(_quoted, self.arguments)]),
            watchdog_s=WATCHDOG_S,
            name=self.name,
            scope=scope,
            target="multi-user.target" if self.system else "default.target",
        )


def _documentation() -> str:
    """The line that leads to the README; an installed package has none."""
    return f"Documentation=file://{_percents_doubled(quote(str(ROOT)))}/README.md\n" if IS_CLONE else ""


def make_service(name: str, system: bool | None, user: str | None, arguments: Sequence[str]) -> Service:
    """The service that was asked for. Raises AmeublementError where that cannot be."""
    root = os.geteuid() == 0
    as_system = root if system is None else system
    if as_system and not root:
        raise AmeublementError("a service of the system needs root: run this with sudo, or with --user-unit")
    runner = user or os.environ.get("SUDO_USER") or _own_name()
    return Service(name, as_system, runner, tuple(arguments))


def _own_name() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a user without an entry in passwd is known by number
        return str(os.getuid())


def _started(command: Sequence[str]) -> list[str]:
    """The words of a command. systemd refuses quotes, backslashes and dollars in the path of a program; sh does not."""
    words = [_quoted(word) for word in command]
    if set(command[0]) & set("\"'\\$"):
        return ["/bin/sh", "-c", _quoted('exec "$0" "$@"'), *words]
    return words


def _quoted(word: str) -> str:
    """A word of a command line as systemd reads it."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$").replace("\n", "\\n")
    return f'"{escaped}"' if not word or any(c in word for c in " \t\n'\"\\;$") else escaped


def _percents_doubled(text: str) -> str:
    """A setting that is one path or address: systemd takes it as it stands, but for its specifiers."""
    return text.replace("%", "%%")
