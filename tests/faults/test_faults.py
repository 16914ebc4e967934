"""The short form of the table, in one run of the installation; and whether the measuring measures."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.supervision.monitoring.audible import CHECKS
from engine.supervision.monitoring.sound_watchdog import WORDS
from tests.faults.fault import Fault, Outcome
from tests.faults.measure import discontinuity_db, frames_between, longest_gap_frames, peak_db, wrong_s
from tests.faults.report import markdown
from tests.faults.stage import logged, play
from tests.faults.table import FAULTS


def tone() -> np.ndarray:
    time_s = np.arange(96_000) / 48_000
    sound = 0.2 * np.sin(2 * np.pi * 440 * time_s)
    return np.stack([sound, sound], axis=1).astype(np.float32)


def test_a_gap_is_counted_in_frames() -> None:
    audio = tone()
    assert longest_gap_frames(audio) <= 1
    audio[5000:5123] = 0
    assert 123 <= longest_gap_frames(audio) <= 125
    assert longest_gap_frames(np.zeros((100, 2), np.float32)) == 100
    audio = tone()
    audio[5000:5123, 0] = 0
    assert longest_gap_frames(audio) <= 1, "one side sounds on"


@pytest.mark.parametrize("height_db", [-20.0, -40.0, -60.0])
def test_a_click_is_measured_as_the_step_it_is(height_db: float) -> None:
    audio = tone()
    assert discontinuity_db(audio) < -90
    audio[40_000:] += np.float32(10 ** (height_db / 20))
    assert discontinuity_db(audio) == pytest.approx(height_db, abs=0.6)


def test_a_crossfade_of_85_ms_is_no_click_and_a_cut_is_one() -> None:
    one, other = tone(), np.roll(tone(), 17, axis=0)
    fade = np.clip((np.arange(96_000) - 40_000) / 4_096, 0, 1)[:, None].astype(np.float32)
    assert discontinuity_db((one * (1 - fade) + other * fade)[1000:-1000]) < -85
    assert discontinuity_db(np.concatenate([one[:40_000], other[40_000:]])[1000:-1000]) > -40


def test_parts_of_a_recording_are_found_by_their_times() -> None:
    audio = np.zeros((96_000, 2), np.float32)
    audio[48_000:48_010] = 0.5
    assert peak_db(frames_between(audio, 100.0, 101.0, 101.1)) == pytest.approx(-6.02, abs=0.01)
    assert peak_db(frames_between(audio, 100.0, 100.0, 101.0)) < -100


@pytest.mark.parametrize(
    "wrong",
    [
        lambda sound: sound + np.random.default_rng(1).uniform(-0.6, 0.6, sound.shape),
        lambda sound: sound + 0.1,
        lambda sound: 0 * sound + 0.02,
        lambda sound: np.tile(sound[:64], (len(sound) // 64, 1)),
    ],
    ids=["a roar", "a direct current", "one value", "64 frames over and over"],
)
def test_what_is_no_music_is_timed(wrong: Callable[[np.ndarray], np.ndarray]) -> None:
    swell = np.linspace(0.5, 1.0, 96_000)[:, None]
    music = np.tile(tone() * swell, (4, 1)).astype(np.float32)
    assert wrong_s(music) == 0.0
    assert wrong_s(0 * music) == 0.0, "silence is counted apart"
    music[96_000:192_000] = wrong(music[96_000:192_000])
    assert wrong_s(music) == pytest.approx(2.0, abs=0.5)


def test_every_check_of_the_ear_has_a_fault_in_a_real_process_that_sets_it_off() -> None:
    patterns = [pattern for fault in FAULTS for pattern in fault.patterns]
    found = {name for name in CHECKS if any(pattern and re.search(pattern, WORDS[name]) for pattern in patterns)}
    assert found == set(CHECKS)


def test_the_table_is_whole() -> None:
    names = [fault.name for fault in FAULTS]
    assert len(names) == len(set(names)) >= 30
    for fault in FAULTS:
        for pattern in fault.patterns:
            re.compile(pattern)
        assert fault.undo is None or fault.lasts_s > 0


def test_a_report_names_what_was_missed() -> None:
    fault = Fault("x killed", "not heard", lambda _: None, says="x was ended")
    good = Outcome(fault, 0, -80.0, -12.0, 0.0, disturbed=False, logged="x was ended by SIGKILL")
    bad = Outcome(fault, 480, -30.0, 0.0, None, disturbed=True, logged="")
    assert good.problems == []
    assert len(bad.problems) == 5
    roar = Outcome(fault, 0, -80.0, -12.0, 0.0, disturbed=False, logged="x was ended", wrong_s=2.0)
    assert roar.problems == ["2.0 s that are no music, at most 0 s are allowed"]
    rows = [line for line in markdown([good, bad], 60.0).splitlines() if line.startswith("| x killed")]
    assert rows[0] == "| x killed | not heard | 0 | -80 dB | -12.0 dB | 0 | 0 | x was ended by SIGKILL |"
    assert "480 silent frames" in rows[1]
    assert "never" in rows[1]


def test_lines_count_in_their_order_unless_order_is_chance() -> None:
    lines = ["02:32:43 hub started again", "02:32:44 room was ended", "02:32:45 hub started again"]
    for says, first in ((("room was", "hub started"), "room"), (frozenset({"room was", "hub started"}), "hub")):
        fault = Fault("x killed", "not heard", lambda _: None, says=says)
        assert logged(fault, lines).startswith(first)
        assert logged(fault, lines[1:2]) == "", "one is missing"
    assert logged(Fault("x", "", lambda _: None, says=("room was", "hub started")), lines[:2]) == ""


@pytest.mark.realtime
def test_what_breaks_outside_pd_is_not_heard_and_pd_comes_back_within_a_second(tmp_path: Path) -> None:
    """One evening in which sampler, renderer, hub, reels, runtime folder and room are lost in turn.

    Judged by what the room recorded; how soon the music is full again depends on what else the machine does.
    """
    faults = [fault for fault in FAULTS if fault.short]
    outcomes = play(tmp_path, faults, draws_all=False)
    assert len(outcomes) == len(faults) >= 6
    heard = {one.fault.name: [p for p in one.problems if not p.startswith("full music")] for one in outcomes}
    assert {name: problems for name, problems in heard.items() if problems} == {}
    assert all(one.full_s is not None for one in outcomes)
