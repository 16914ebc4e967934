"""A patch of one's own in the way of a stem: heard once it sounds, left out when it fails, and never a gap."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.room.loudspeakers.patch import Canvas
from engine.room.pd_process import STEREO_ROOM, pd_symbol
from tests.pd.batch import HERE, Event, Report, ready, run_batch, write_reels
from tests.pd.test_room_patch import level_db, only

SECONDS = 12.0
TRIAL_S = 0.5
"""By then a patch that sounds is heard."""


def patch(folder: Path, *boxes: str, name: str = "my insert") -> Path:
    """A patch that leads each side through `boxes`, one after the other; `broken` in one of them is a number that is
    1 until something is sent to `break`."""
    canvas = Canvas("own", (600, 400))
    for side in range(2):
        x = 30 + 250 * side
        inlet = canvas.box(x, 30, "inlet~")
        last = canvas.chain(inlet, [*boxes, "outlet~"], x, 100)
        if any("$f2" in box for box in boxes):
            canvas.cord(canvas.box(x + 120, 30, "r break"), 0, last - len(boxes), 1)
    path = folder / f"{name}.pd"
    path.write_text(canvas.lines() + "\n", "utf-8")
    return path


def through(folder: Path, own: Path | None, *more: Event) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The stem and what comes out of it, each [frames, 2], and what is said of the patch."""
    out = folder / "out.wav"
    events = [Event(0, "pd dsp 0")]
    if own is not None:
        events += [Event(0, f"room-insert demo symbol {pd_symbol(str(own.with_suffix('')))}")]
    events += [
        Event(0, "pd dsp 1"),
        Event(0, "demo-level 0.1"),
        Event(0, f"write open -wave -bytes 4 {pd_symbol(str(out))}"),
        Event(0, "write start"),
        Event(1000 * SECONDS, "write stop"),
    ]
    reports, _ = run_batch(folder, [HERE / "inserted.pd"], [*events, *more], out)
    audio = soundfile.read(out, dtype="float32")[0][:-512]
    return audio[:, :2], audio[:, 2:], said(reports)


def said(reports: list[Report]) -> list[str]:
    return [" ".join(one.arguments) for one in reports if one.address == "/room/insert"]


def at(audio: np.ndarray, from_s: float, to_s: float) -> np.ndarray:
    return audio[round(from_s * 48_000) : round(to_s * 48_000)]


def same(one: np.ndarray, other: np.ndarray, from_s: float = 0.0, to_s: float = SECONDS) -> bool:
    """Bit for bit."""
    return np.array_equal(at(one, from_s, to_s), at(other, from_s, to_s))


def test_without_a_patch_a_stem_passes_as_it_is(tmp_path: Path) -> None:
    stem, out, words = through(tmp_path, None)
    assert same(out, stem)
    assert words == []


def test_a_patch_is_heard_once_it_sounds(tmp_path: Path) -> None:
    stem, out, words = through(tmp_path, patch(tmp_path, "*~ 0.5"))
    assert same(out, stem, 0.0, 0.1), "on trial"
    assert np.allclose(at(out, TRIAL_S, 11.0), 0.5 * at(stem, TRIAL_S, 11.0), atol=1e-6)
    assert np.abs(np.diff(out, axis=0)).max() < 1.1 * np.abs(np.diff(stem, axis=0)).max(), "it fades in"
    assert words == ["demo plays"]


@pytest.mark.parametrize(
    "boxes", [("*~ 0",), ("nothing-of-this-name",), ("lop~ 500", "nothing-of-this-name"), ("s nowhere",)]
)
def test_a_patch_that_makes_no_sound_is_never_heard(boxes: tuple[str, ...], tmp_path: Path) -> None:
    stem, out, words = through(tmp_path, patch(tmp_path, *boxes))
    assert same(out, stem)
    assert words == ["demo silent"]


@pytest.mark.parametrize("text", ["", "no patch", "#N canvas 0 0 400 300 12;\n"])
def test_a_file_that_is_no_patch_is_never_heard(text: str, tmp_path: Path) -> None:
    own = tmp_path / "own.pd"
    own.write_text(text, "utf-8")
    stem, out, words = through(tmp_path, own)
    assert same(out, stem)
    assert words == ["demo silent"]


def test_a_file_that_is_not_there_is_never_heard(tmp_path: Path) -> None:
    stem, out, words = through(tmp_path, tmp_path / "gone.pd")
    assert same(out, stem)
    assert words == ["demo silent"]


BREAKS = {
    "no-number": ("expr~ \\$v1 * 0.5 + sqrt(\\$f2)", "break -1"),
    "loud": ("expr~ \\$v1 * 0.5 * (1 + \\$f2)", "break 30"),
    "silent": ("expr~ \\$v1 * 0.5 * (1 + \\$f2)", "break -1"),
}


@pytest.mark.parametrize("word", BREAKS)
def test_one_that_fails_is_left_out_and_the_stem_goes_on(word: str, tmp_path: Path) -> None:
    box, message = BREAKS[word]
    stem, out, words = through(tmp_path, patch(tmp_path, box), Event(3_100, message))
    assert words == ["demo plays", f"demo {word}"]
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 4.0
    assert np.allclose(at(out, 1.0, 2.9), 0.5 * at(stem, 1.0, 2.9), atol=1e-6)
    late_s = {"no-number": 3.2, "loud": 3.7, "silent": 8.6}[word]
    assert same(out, stem, late_s)
    if word == "no-number":
        assert level_db(at(out, 2.9, 3.2)) > level_db(stem) - 7, "each such sample is the stem's"


def test_infinite_and_far_too_loud_samples_never_leave(tmp_path: Path) -> None:
    own = patch(tmp_path, "*~ 1e+30", "*~ 1e+30")
    stem, out, words = through(tmp_path, own)
    assert same(out, stem)
    assert words == ["demo no-number"]


def test_rests_of_the_stem_are_no_fault_and_a_tail_is_heard(tmp_path: Path) -> None:
    own = patch(tmp_path, "*~ 0.5", "lop~ 1")
    stem, out, words = through(tmp_path, own, Event(2_000, "demo-level 0"))
    assert words == ["demo plays"]
    assert not at(stem, 2.1, 3.0).any()
    assert np.abs(at(out, 2.1, 2.3)).max() > 1e-7


def test_by_hand_it_is_left_out_and_tried_again(tmp_path: Path) -> None:
    more = [Event(3_100, "room-inserts 0"), Event(3_200, "room-inserts 0"), Event(5_100, "room-inserts 1")]
    more += [Event(7_100, "room-inserts 1")]
    stem, out, words = through(tmp_path, patch(tmp_path, "*~ 0.5"), *more)
    assert words == ["demo plays", "demo off", "demo tried", "demo plays"]
    assert same(out, stem, 3.15, 5.0)
    assert np.allclose(at(out, 6.0, 11.0), 0.5 * at(stem, 6.0, 11.0), atol=1e-6)


def test_in_the_room_it_treats_its_stem_alone(tmp_path: Path) -> None:
    """The cello goes through a patch that turns it down; the piano does not."""
    levels = {}
    for stem in ("cello", "piano"):
        folder = tmp_path / stem
        folder.mkdir()
        levels[stem] = level_db(_room(folder, stem, patch(folder, "*~ 0.25")))
    assert levels["cello"] == pytest.approx(levels["piano"] - 12.04, abs=0.1)


def test_in_the_room_a_bad_patch_hurts_nothing(tmp_path: Path) -> None:
    """Bit for bit what it would play without one."""
    heard = []
    for name, own in (("with", patch(tmp_path, "expr~ sqrt(-1 - abs(\\$v1))")), ("without", None)):
        folder = tmp_path / name
        folder.mkdir()
        heard.append(_room(folder, "cello", own))
    assert np.array_equal(*heard)


def _room(folder: Path, stem: str, own: Path | None) -> np.ndarray:
    """Two seconds of a stem through the whole room, with a patch in the way of the cello."""
    out = folder / "out.wav"
    events = [Event(0, "pd dsp 0")]
    if own is not None:
        events += [Event(0, f"room-insert cello symbol {pd_symbol(str(own.with_suffix('')))}")]
    events += [
        Event(0, "room-start 47310 1000 nowhere.wav"),
        Event(0, "room-control wet 0"),
        Event(0, f"room-record start {pd_symbol(str(out))}"),
        Event(4_000, "room-record stop"),
        *(ready(0, path) for path in write_reels(folder, only(stem, 10))),
    ]
    run_batch(folder, STEREO_ROOM, events, out)
    return soundfile.read(out, dtype="float32")[0][96_000 : 4 * 48_000 - 9_600]
