"""Loops are compiled in another process, once, and not where they are compiled already."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psutil
import pytest

from engine.files.compile_cache import is_compiled, note_compiled
from engine.sampler.compile_first import compile_first


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


def test_who_is_to_stop_does_not_wait_for_the_compiler() -> None:
    asked = iter([True, True, False])
    compile_first("phrases", lambda: next(asked))
    assert not is_compiled("phrases")
    left = [one for one in psutil.Process().children(recursive=True) if "models.compiling" in one.cmdline()]
    assert not left
