"""How much memory there is for all processes together: that of the machine, or less where the system grants less."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import psutil

PROCESS: Final = Path("/proc/self")
LIMITS: Final = {"cgroup2": ("memory.max", "memory.high"), "cgroup": ("memory.limit_in_bytes",)}
"""Files of a control group by the type of its file system: version 2 stops or slows whoever takes more, 1 stops it."""
CONTROLLER: Final = "memory"
"""What version 1 calls the hierarchy that counts memory; that of version 2 has no name."""


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Control groups as they are mounted: `root` is the group that lies at `mounted_at`, `kind` its file system."""

    kind: str
    root: PurePosixPath
    mounted_at: Path


def memory_bytes(process: Path = PROCESS) -> int:
    """Of this machine, or the least that the control groups (cgroups(7)) around a process of /proc grant it."""
    return min([psutil.virtual_memory().total, *_limits(process)])


def _limits(process: Path) -> Iterator[int]:
    """Of the group and of each above it, for all of them count what is in those below."""
    with suppress(OSError, ValueError):
        own = _own_groups((process / "cgroup").read_text("utf-8"))
        for hierarchy in _hierarchies((process / "mountinfo").read_text("utf-8")):
            if hierarchy.kind in own:
                yield from _limits_from(hierarchy, own[hierarchy.kind])


def _own_groups(text: str) -> dict[str, PurePosixPath]:
    """The group of each kind of hierarchy that can limit memory, from /proc/PID/cgroup: number, controllers, path."""
    found = {}
    for line in text.splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            found["cgroup2"] = PurePosixPath(path)
        elif CONTROLLER in controllers.split(","):
            found["cgroup"] = PurePosixPath(path)
    return found


def _hierarchies(text: str) -> Iterator[Hierarchy]:
    """Those that can limit memory, from /proc/PID/mountinfo (proc_pid_mountinfo(5))."""
    for line in text.splitlines():
        about, _, system = line.partition(" - ")
        kind, _, options = system.split(" ", 2)
        if kind == "cgroup2" or (kind == "cgroup" and CONTROLLER in options.split(",")):
            root, mounted_at = (_unescaped(field) for field in about.split(" ")[3:5])
            yield Hierarchy(kind, PurePosixPath(root), Path(mounted_at))


def _limits_from(hierarchy: Hierarchy, group: PurePosixPath) -> Iterator[int]:
    """From a group up to the one that is mounted. A container may see no more than that, under another name."""
    inside = group.relative_to(hierarchy.root) if group.is_relative_to(hierarchy.root) else PurePosixPath()
    for place in (inside, *inside.parents):
        for name in LIMITS[hierarchy.kind]:
            with suppress(OSError, ValueError):  # no such file (the outermost group of version 2 has none), or "max"
                yield int((hierarchy.mounted_at / place / name).read_text("ascii"))


def _unescaped(field: str) -> str:
    """A path in which spaces and the like are octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), field)
