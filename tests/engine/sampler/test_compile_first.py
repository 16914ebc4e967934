"""Loops are compiled in another process, once, and not where they are compiled already."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from engine.files.compile_cache import is_compiled, note_compiled
from engine.sampler.compile_first import compile_first

ENDS_S = 15.0
"""Half of what is left to compile, on a machine that does nothing else."""


@pytest.fixture(autouse=True)
def _nothing_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))


def test_what_is_compiled_is_so_for_this_processor_and_until_its_folder_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_compiled("phrases")
    note_compiled("phrases")
    assert is_compiled("phrases")
    assert not is_compiled("textures")
    monkeypatch.setenv("NUMBA_CPU_NAME", "generic")
    assert not is_compiled("phrases")
    note_compiled("phrases")
    assert len(list((tmp_path / "cache").iterdir())) == 1, "what is of no use any more goes"
    (tmp_path / "cache").rename(tmp_path / "away")
    assert not is_compiled("phrases")


def test_no_process_starts_where_loops_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a process started"))
    note_compiled("phrases")
    compile_first("phrases")


def test_who_is_to_stop_does_not_wait_for_the_compiler_and_leaves_none_behind(tmp_path: Path) -> None:
    compile_first("phrases", lambda: not list((tmp_path / "cache").rglob("*.nbi")))
    assert not is_compiled("phrases")
    end_s = time.monotonic() + ENDS_S
    while compilers(tmp_path) and time.monotonic() < end_s:
        time.sleep(0.05)
    assert not compilers(tmp_path)


def compilers(folder: Path) -> list[int]:
    """Other processes whose loops would lie in that folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get("NUMBA_CACHE_DIR") == str(folder / "cache") and process.pid != os.getpid():
                found.append(process.pid)
    return found
