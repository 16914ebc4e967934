"""Sides of a recorded note: mono keeps it, places lie in a row, and what was right stays as it was."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from engine.files.paths import INSTRUMENTS_FOLDER
from engine.parameters.instruments import Sides, recorded_instruments
from engine.sound.voices.note_sides import HIGHEST, LOWEST, mono_loss_db, together
from engine.sound.voices.recordings import Recording, recordings

RATE_HZ = 48_000
PIANO = recorded_instruments()["piano"]
WANTED = Sides(mono_loss_db=1.5)


def tone(phases: tuple[float, ...]) -> np.ndarray:
    """A note of 523 Hz whose partials on the right lag by `phases`, dying away."""
    at = np.arange(3 * RATE_HZ) / RATE_HZ
    left = sum(np.sin(2 * np.pi * 523.25 * (n + 1) * at) / (n + 1) for n in range(len(phases)))
    right = sum(np.sin(2 * np.pi * 523.25 * (n + 1) * at - phase) / (n + 1) for n, phase in enumerate(phases))
    return np.stack([left, right]) * np.exp(-at)


def recorded(one: Recording) -> np.ndarray:
    path = INSTRUMENTS_FOLDER / PIANO.recordings / one.file
    return soundfile.read(path, min(one.frames, 4 * RATE_HZ), one.start_frame, dtype="float32")[0].T


def left_over_right_db(sides: np.ndarray) -> float:
    powers = (sides[:, : 2 * RATE_HZ].astype(np.float64) ** 2).sum(axis=1)
    return float(10 * np.log10(powers[0] / powers[1]))


def test_opposite_sides_are_brought_together() -> None:
    opposite = tone((np.pi, 0.9 * np.pi))
    assert mono_loss_db(opposite) > 12.0
    near = together(opposite, RATE_HZ, 72, WANTED)
    assert mono_loss_db(near) < 1.0
    assert np.corrcoef(near)[0, 1] < 0.95  # they are not made equal


def test_sides_that_go_together_keep_their_waves() -> None:
    alike = tone((0.5, 0.3))
    assert np.allclose(together(alike, RATE_HZ, 72, WANTED), alike, atol=1e-3)


@pytest.mark.parametrize("layer", [0, 2, 4])
def test_no_key_of_the_grand_is_lost_in_mono_and_each_has_its_place(layer: int) -> None:
    assert PIANO.sides is not None
    before, places_db = [], []
    for one in recordings(PIANO.recordings).notes:
        if one.layer != layer:
            continue
        sides = recorded(one)
        near = together(sides, RATE_HZ, one.pitch, PIANO.sides)
        before.append(mono_loss_db(sides[:, : 2 * RATE_HZ]))
        places_db.append(left_over_right_db(near))
        assert mono_loss_db(near[:, : 2 * RATE_HZ]) < PIANO.sides.mono_loss_db + 0.05, one
        power = (sides[:, : 2 * RATE_HZ].astype(np.float64) ** 2).sum()
        assert (near[:, : 2 * RATE_HZ].astype(np.float64) ** 2).sum() == pytest.approx(power, rel=1e-3)
    assert max(before) > 8.0
    assert np.abs(np.diff(places_db)).max() < 0.6


def test_places_lie_on_a_line_from_the_lowest_key_to_the_highest() -> None:
    wanted = Sides(mono_loss_db=1.5, lowest_db=4.0, highest_db=-4.0)
    places = [left_over_right_db(together(tone((0.5,)), RATE_HZ, key, wanted)) for key in (LOWEST, 64, HIGHEST)]
    assert places == pytest.approx([4.0, 0.05, -4.0], abs=0.5)
