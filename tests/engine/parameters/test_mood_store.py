"""Moods on disk: written so that none is ever lost, read back as they were, looked at for edits."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import MoodError
from engine.parameters.addresses import values_of
from engine.parameters.mood_store import PREVIOUS, MoodStore, check_name
from engine.parameters.mood_text import mood_text
from engine.parameters.moods import list_moods, load_mood, parse_mood
from engine.parameters.sound import Mood


@pytest.mark.parametrize("name", list_moods())
def test_what_is_written_reads_back_as_it_was(name: str, tmp_path: Path) -> None:
    mood = load_mood(name)
    text = mood_text(mood)
    assert parse_mood(text, tmp_path / "x.yaml") == mood
    assert max(map(len, text.splitlines())) < 180
    assert "\n  piano: {instrument: " in text


@pytest.mark.parametrize("text", ["yes", "null", "1.5", "a: b # c", '"quoted"', "Gymnopédie {odd}, [x]", "-"])
def test_any_title_survives(text: str, tmp_path: Path) -> None:
    mood = Mood(title=text, about=text)
    assert parse_mood(mood_text(mood), tmp_path / "x.yaml") == mood


@pytest.mark.parametrize(
    "name", ["", "Night", "9lives", "a/b", "../x", "x.yaml", "a b", "list", "changed", "slot_3", "é", "x" * 41, ".x"]
)
def test_names_are_checked(name: str, tmp_path: Path) -> None:
    store = MoodStore(tmp_path)
    with pytest.raises(MoodError, match="cannot be the name of a mood"):
        store.save(name, Mood(title="Any"))
    assert list(tmp_path.iterdir()) == []


def test_good_names() -> None:
    for name in ("night", "late_night-2", "x", "a" * 40):
        check_name(name)


def test_a_new_mood_does_not_replace_another_and_an_overwritten_one_can_be_brought_back(tmp_path: Path) -> None:
    store = MoodStore(tmp_path)
    store.save("mine", Mood(title="First"))
    with pytest.raises(MoodError, match="exists already"):
        store.save("mine", Mood(title="Second"))
    with pytest.raises(MoodError, match="no earlier version"):
        store.revert("mine")
    store.save("mine", Mood(title="Second"), overwrite=True)
    assert (store.load("mine").title, store.names()) == ("Second", ("mine",))
    store.revert("mine")
    assert store.load("mine").title == "First"
    store.revert("mine")
    assert store.load("mine").title == "Second"
    assert store.look() == [], "what it wrote itself is no edit"


class PowerCut(BaseException):
    """Nothing after this happens, not even an `except OSError`."""


def cut_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Let the power fail just before the nth call that changes the disk; returns how many calls there were."""
    calls = 0

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            nonlocal calls
            calls += 1
            if calls == step:
                raise PowerCut
            return real(*arguments, **named)

        return call

    monkeypatch.setattr(os, "fsync", counted(os.fsync))
    monkeypatch.setattr(os, "replace", counted(os.replace))
    monkeypatch.setattr(Path, "open", counted(Path.open))
    return lambda: calls


def test_a_power_cut_at_any_step_leaves_the_old_mood_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = []
    for step in range(1, 100):
        folder = tmp_path / str(step)
        folder.mkdir()
        store = MoodStore(folder)
        store.save("mine", Mood(title="Oldest"))
        store.save("mine", Mood(title="Old"), overwrite=True)
        with monkeypatch.context() as patched:
            cut_at(step, patched)
            try:
                store.save("mine", Mood(title="New"), overwrite=True)
                finished = True
            except PowerCut:
                finished = False
        after = MoodStore(folder)
        assert after.names() == ("mine",)
        outcomes.append(after.load("mine").title)
        assert parse_mood((folder / PREVIOUS / "mine.yaml").read_text(), folder).title in ("Oldest", "Old")
        after.save("mine", Mood(title="Later"), overwrite=True)
        assert after.load("mine").title == "Later"
        if finished:
            break
    assert len(outcomes) >= 8
    assert set(outcomes) == {"Old", "New"}
    assert outcomes == sorted(outcomes, reverse=True), "once it is new it stays new"


def test_contents_are_on_the_disk_before_a_name_points_to_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    real_sync, real_replace = os.fsync, os.replace

    def sync(number: int) -> None:
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{number}") else "file")
        real_sync(number)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", lambda a, b: (done.append("name"), real_replace(a, b)))
    MoodStore(tmp_path).save("mine", Mood(title="Mine"))
    assert done == ["file", "name", "folder"]


def test_an_unwritable_folder_is_said_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = MoodStore(tmp_path)
    store.save("mine", Mood(title="Mine"))

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MoodError, match="cannot be written: No space left on device; the mood is as it was"):
        store.save("mine", Mood(title="Other"), overwrite=True)
    assert MoodStore(tmp_path).load("mine").title == "Mine"
    assert [path.name for path in tmp_path.glob(".*") if path.is_file()] == []


def test_edits_are_seen_once_they_have_settled(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("title: Mine\n")
    store = MoodStore(tmp_path)
    assert store.look() == []
    path.write_text("title: Mi")
    assert store.look() == [], "an editor may not have finished"
    path.write_text("title: Other\n")
    assert store.look() == []
    [edit] = store.look()
    assert (edit.name, edit.before, edit.mood) == ("mine", Mood(title="Mine"), Mood(title="Other"))
    path.write_text("title: Other\ncolor: red\n")
    store.look()
    [edit] = store.look()
    assert edit.mood is None
    assert edit.complaint.startswith("mine.yaml, line 2, color: unknown key")
    assert store.complaints == {"mine": edit.complaint}
    assert store.title("mine") == "Other"
    assert store.look() == [], "said once"
    path.write_text("title: Again\n")
    store.look()
    assert store.look()[0].before == Mood(title="Other")
    assert store.complaints == {}
    path.unlink()
    store.look()
    assert store.look() == [type(edit)("mine", Mood(title="Again"), None)]
    assert store.look() == []


def test_a_mood_given_by_its_path_is_looked_at_too(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.yaml"
    path.write_text("title: Mine\n")
    (tmp_path / "moods").mkdir()
    store = MoodStore(tmp_path / "moods")
    assert store.load(str(path)).title == "Mine"
    path.write_text("title: Other\n")
    store.look()
    assert store.look()[0].mood == Mood(title="Other")


def test_every_mood_has_a_colour(tmp_path: Path) -> None:
    store = MoodStore(tmp_path)
    store.save("one", Mood(title="One", colour="#123456"))
    store.save("two", Mood(title="Two"))
    assert store.colour("one") == "#123456"
    assert store.colour("two").startswith("#")
    assert store.values("two") == values_of(Mood(title="Two"))


def test_what_came_along_is_never_written_to(tmp_path: Path) -> None:
    """As in a service, whose code may only be read: what a user stores goes before it, and `revert` brings it back."""
    own, shipped = tmp_path / "state" / "moods", tmp_path / "shipped"
    shipped.mkdir()
    MoodStore(shipped).save("night", Mood(title="Night"))
    came_along = (shipped / "night.yaml").read_bytes()
    store = MoodStore(own, shipped)
    with pytest.raises(MoodError, match="exists already"):
        store.save("night", Mood(title="Mine"))
    store.save("night", Mood(title="Mine"), overwrite=True)
    store.save("other", Mood(title="Other"))
    assert (shipped / "night.yaml").read_bytes() == came_along
    assert (store.load("night").title, store.names()) == ("Mine", ("night", "other"))
    assert MoodStore(own, shipped).load("night").title == "Mine", "after a restart, too"
    store.revert("night")
    assert store.load("night").title == "Night"
    store.revert("night")
    assert store.load("night").title == "Mine", "and forth again"
    assert [path.name for path in shipped.iterdir()] == ["night.yaml"]
