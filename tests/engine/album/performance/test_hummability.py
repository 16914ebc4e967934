"""What can be hummed after one hearing, and what cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.album.performance.hummability import NOT, hummability
from engine.music.notes import Note
from engine.music.scale import Scale
from engine.parameters.sound import ScaleSettings

D_MAJOR = Scale.from_settings(ScaleSettings(root="D", mode="major"))


def melody(pitches: tuple[int, ...], waits_s: tuple[float, ...], last_s: float = 2.0) -> tuple[Note, ...]:
    notes, now_s = [], 0.0
    for pitch, wait_s in zip(pitches, (*waits_s, last_s), strict=True):
        notes.append(Note(now_s, pitch, wait_s, 70))
        now_s += wait_s
    return tuple(notes)


ARCH = melody((66, 69, 71, 74, 71, 69, 66, 62), (0.5, 0.5, 1.0, 0.5, 0.5, 1.0, 0.5))


def test_an_arch_in_steps_that_comes_home_beats_leaps_that_end_elsewhere() -> None:
    leaping = melody((66, 76, 64, 74, 62, 73, 64, 73), (0.5, 0.9, 0.4, 1.2, 0.6, 0.3, 1.1))
    assert hummability(ARCH, D_MAJOR) > hummability(leaping, D_MAJOR) + 1.5


def test_the_same_tune_without_its_ending_or_its_rhythm_is_worth_less() -> None:
    whole = hummability(ARCH, D_MAJOR)
    elsewhere = (*ARCH[:-1], replace(ARCH[-1], pitch=64))
    assert hummability(elsewhere, D_MAJOR) < whole
    uneven = melody(tuple(n.pitch for n in ARCH), (0.3, 0.9, 0.5, 1.4, 0.35, 0.7, 1.1))
    assert hummability(uneven, D_MAJOR) < whole


@pytest.mark.parametrize(
    "tune",
    [
        ARCH[:5],
        tuple(replace(n, pitch=n.pitch - 24) for n in ARCH),
        tuple(replace(n, pitch=69) for n in ARCH),
        tuple(replace(n, onset_s=n.onset_s / 8) for n in ARCH),
        (*ARCH[:-1], replace(ARCH[-1], onset_s=20.0)),
    ],
    ids=["too short", "too low", "one note", "too quick", "with a hole"],
)
def test_what_no_voice_can_sing_is_no_tune(tune: tuple[Note, ...]) -> None:
    assert hummability(tune, D_MAJOR) == NOT
