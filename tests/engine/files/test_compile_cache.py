"""Where compiled loops are kept: beside code that may be written, else in a folder of the user's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.files import compile_cache as module
from engine.files.compile_cache import VARIABLES, choose_caches, compile_cache
from engine.files.paths import ROOT


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = {name: os.environ.pop(name, None) for name in VARIABLES}
    yield
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def code_in(folder: Path, monkeypatch: pytest.MonkeyPatch, *, writable: bool) -> None:
    (folder / "engine").mkdir()
    monkeypatch.setattr(module, "_WITH_LOOPS", (folder / "engine",))
    may = os.access
    monkeypatch.setattr(
        module.os, "access", lambda path, mode: may(path, mode) and (writable or Path(path) == Path("/"))
    )
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))


def test_beside_code_that_may_be_written_nothing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code_in(tmp_path, monkeypatch, writable=True)
    choose_caches()
    assert not set(VARIABLES) & set(os.environ)
    assert compile_cache() == ROOT


def test_who_may_only_read_the_code_has_a_folder_of_his_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code_in(tmp_path, monkeypatch, writable=False)
    choose_caches()
    assert compile_cache() == tmp_path / "cache" / "ameublement" / "compiled"
    assert os.environ["MPLCONFIGDIR"] == str(tmp_path / "cache" / "ameublement" / "matplotlib")


def test_what_somebody_named_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code_in(tmp_path, monkeypatch, writable=False)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/mine")
    choose_caches()
    assert compile_cache() == Path("/mine")
