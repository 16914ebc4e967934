"""The folder a record goes to: refused with a reason, or whole."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from engine.album import output_folder
from engine.album.output_folder import OutputFolder
from engine.errors import RecordError
from engine.signals import STOPS, stop_as_by_ctrl_c, unstoppable


@pytest.fixture
def stoppable() -> Iterator[None]:
    """Signals as a command hears them."""
    before = {number: signal.getsignal(number) for number in STOPS}
    stop_as_by_ctrl_c()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class _Usage(NamedTuple):
    free: int


def test_a_folder_is_whole_when_it_appears(tmp_path: Path) -> None:
    folder = OutputFolder(tmp_path / "a" / "ep", 10)
    (folder.work / "recipe.json").write_text("{}")
    assert not (tmp_path / "a" / "ep").exists()
    folder.finish()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["ep"]


def test_what_is_there_is_replaced_only_if_asked_and_only_if_it_is_a_record(tmp_path: Path) -> None:
    out = tmp_path / "ep"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(RecordError, match="--force"):
        OutputFolder(out, 10)
    with pytest.raises(RecordError, match="no record"):
        OutputFolder(out, 10, force=True)
    (out / "recipe.json").write_text("{}")
    folder = OutputFolder(out, 10, force=True)
    assert (out / "thesis.txt").exists()
    (folder.work / "recipe.json").write_text("new")
    folder.finish()
    assert [(path.name, path.read_text()) for path in out.iterdir()] == [("recipe.json", "new")]


def test_too_little_room_is_said_before_anything_is_rendered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_folder.shutil, "disk_usage", lambda _: _Usage(1_000_000_000))
    with pytest.raises(RecordError, match=r"needs about 5\.0 GB, but only 1\.0 GB is free"):
        OutputFolder(tmp_path / "ep", 5_000_000_000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["/proc/nowhere/ep", "/dev/null/ep"])
def test_a_folder_that_cannot_be_written_is_refused(place: str) -> None:
    with pytest.raises(RecordError, match="cannot be written"):
        OutputFolder(Path(place), 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_being_stopped_while_it_gets_its_name_costs_neither_the_old_record_nor_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, stoppable: None
) -> None:
    (tmp_path / "ep").mkdir()
    (tmp_path / "ep" / "recipe.json").write_text("old")
    folder = OutputFolder(tmp_path / "ep", 10, force=True)
    (folder.work / "recipe.json").write_text("new")
    rename = os.replace

    def stopped_after(source: Path, target: Path) -> None:
        rename(source, target)
        signal.raise_signal(number)

    monkeypatch.setattr(output_folder.os, "replace", stopped_after)
    folder.finish()
    folder.abandon()
    assert [(path.parent.name, path.read_text()) for path in tmp_path.rglob("*.json")] == [("ep", "new")]


def test_an_impatient_second_ctrl_c_leaves_nothing_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stoppable: None
) -> None:
    folder = OutputFolder(tmp_path / "ep", 10)
    for name in ("a", "b", "c"):
        (folder.work / name).mkdir()
    remove = os.rmdir

    def stopped_before(*arguments: Any, **others: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        remove(*arguments, **others)

    monkeypatch.setattr(os, "rmdir", stopped_before)
    folder.abandon()
    assert list(tmp_path.iterdir()) == []


def test_what_stops_a_command_is_heard_once_it_may_be(stoppable: None) -> None:
    done = []

    @unstoppable()
    def work() -> None:
        signal.raise_signal(signal.SIGTERM)
        done.append("this")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["this"]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)


def test_what_a_killed_rendering_left_is_cleared_away(tmp_path: Path) -> None:
    left = tmp_path / ".ep.rendering-4194304999"
    left.mkdir()
    OutputFolder(tmp_path / "ep", 10).abandon()
    assert list(tmp_path.iterdir()) == []
