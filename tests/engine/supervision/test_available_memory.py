"""A container may have less than its machine."""

from pathlib import Path

import psutil
import pytest

from engine.supervision.available_memory import memory_bytes


@pytest.mark.parametrize("name", ["memory.max", "memory/memory.limit_in_bytes"])
def test_the_limit_of_the_control_group_counts(tmp_path: Path, name: str) -> None:
    limit = tmp_path / name
    limit.parent.mkdir(exist_ok=True)
    limit.write_text("1000000000\n")
    assert memory_bytes(tmp_path) == 1_000_000_000


@pytest.mark.parametrize("said", ["max\n", str(10**18)])
def test_without_a_limit_it_is_the_machine(tmp_path: Path, said: str) -> None:
    (tmp_path / "memory.max").write_text(said)
    assert memory_bytes(tmp_path) == psutil.virtual_memory().total
    assert memory_bytes(tmp_path / "none") == psutil.virtual_memory().total
