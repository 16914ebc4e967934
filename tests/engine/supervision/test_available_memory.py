"""How much memory all processes may take together, read from files as Linux writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from engine.supervision.available_memory import memory_bytes

UNLIMITED = {"cgroup": "9223372036854771712\n", "cgroup2": "max\n"}
LIMIT = {"cgroup": "memory.limit_in_bytes", "cgroup2": "memory.max"}
OWN = {"cgroup": "9:name=systemd:/user\n4:memory:{}\n0::/\n", "cgroup2": "0::{}\n"}
OPTIONS = {"cgroup": "rw,memory", "cgroup2": "rw,nsdelegate"}
THERE = psutil.virtual_memory().total

Machine = Callable[..., Path]
"""Makes a process in a group; gives its folder."""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    def make(kind: str, group: str, limits: dict[str, str], root: str = "/") -> Path:
        """A process in `group`, of a machine on which the group `root` is mounted and holds `limits` by path."""
        process, mounted_at = tmp_path / "proc" / "self", tmp_path / "sys fs" / "memory"
        process.mkdir(parents=True)
        (process / "cgroup").write_text(OWN[kind].format(group))
        escaped = str(mounted_at).replace(" ", "\\040")
        lines = [
            f"35 31 0:32 {root} {escaped} rw,relatime - {kind} {kind} {OPTIONS[kind]}",
            f"32 31 0:29 / {tmp_path}/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu",
            "26 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw",
        ]
        (process / "mountinfo").write_text("\n".join(lines) + "\n")
        for path, limit in limits.items():
            (mounted_at / path).mkdir(parents=True, exist_ok=True)
            (mounted_at / path / LIMIT[kind]).write_text(limit)
        return process

    return make


@pytest.mark.parametrize("kind", LIMIT)
def test_the_limit_of_the_own_group_counts(machine: Machine, kind: str) -> None:
    limits = {".": UNLIMITED[kind], "home": UNLIMITED[kind], "home/room": "1000000000\n", "other": "1000\n"}
    assert memory_bytes(machine(kind, "/home/room", limits)) == 1_000_000_000


@pytest.mark.parametrize("kind", LIMIT)
def test_the_limit_of_any_group_above_counts(machine: Machine, kind: str) -> None:
    limits = {".": UNLIMITED[kind], "home": "900000000\n", "home/room": "1000000000\n", "home/room/in": UNLIMITED[kind]}
    assert memory_bytes(machine(kind, "/home/room/in", limits)) == 900_000_000


@pytest.mark.parametrize("kind", LIMIT)
def test_a_container_finds_its_group_where_it_is_mounted(machine: Machine, kind: str) -> None:
    limits = {".": "800000000\n", "room": UNLIMITED[kind]}
    assert memory_bytes(machine(kind, "/box/7/room", limits, root="/box/7")) == 800_000_000


@pytest.mark.parametrize("kind", LIMIT)
@pytest.mark.parametrize("group", ["/", "/gone"])
def test_a_group_that_is_not_to_be_seen_leaves_those_above(machine: Machine, kind: str, group: str) -> None:
    assert memory_bytes(machine(kind, group, {".": "700000000\n"})) == 700_000_000


@pytest.mark.parametrize("kind", LIMIT)
def test_without_a_limit_it_is_the_memory_of_the_machine(machine: Machine, kind: str) -> None:
    assert memory_bytes(machine(kind, "/home", {".": UNLIMITED[kind], "home": UNLIMITED[kind]})) == THERE


def test_where_processes_are_slowed_is_a_limit_too(machine: Machine, tmp_path: Path) -> None:
    process = machine("cgroup2", "/room", {"room": "900000000\n"})
    (tmp_path / "sys fs" / "memory" / "room" / "memory.high").write_text("850000000\n")
    assert memory_bytes(process) == 850_000_000


@pytest.mark.parametrize("text", ["", "nothing of the kind\n"])
def test_without_control_groups_it_is_the_memory_of_the_machine(tmp_path: Path, text: str) -> None:
    assert memory_bytes(tmp_path / "none") == THERE
    for name in ("cgroup", "mountinfo"):
        (tmp_path / name).write_text(text)
    assert memory_bytes(tmp_path) == THERE
