"""Rule-made melodies: singable, in scale, and consonant where it matters."""

from itertools import pairwise
from random import Random

import pytest

from engine.music.phrases.rule_melody import contour, nearest_of, snapped
from engine.music.scale import Scale
from engine.parameters.scales import MODES


@pytest.mark.parametrize("mode", ["major", "major_pentatonic", "third_mode", "chromatic"])
@pytest.mark.parametrize("seed", range(6))
def test_a_line_moves_mostly_by_step(mode: str, seed: int) -> None:
    scale = Scale(2, MODES[mode])
    line = contour(scale, 16, 62, 84, Random(seed))
    assert len(line) == 16
    assert all(scale.contains(pitch) and 62 <= pitch <= 84 for pitch in line)
    steps = [abs(scale.degree(b) - scale.degree(a)) for a, b in pairwise(line)]
    assert sum(step <= 1 for step in steps) >= 0.5 * len(steps)
    assert len(set(line)) >= 3


def test_snapping_avoids_semitones_against_the_harmony() -> None:
    scale = Scale(2, MODES["major"])
    harmony = (43, 59, 62, 66)
    for pitch in scale.tones(66, 84):
        landed = snapped(pitch, harmony, scale)
        classes = {tone % 12 for tone in harmony}
        assert landed % 12 in classes or not {(landed + 1) % 12, (landed - 1) % 12} & classes
        assert abs(landed - pitch) <= 2


def test_nearest_of_two_is_the_lower() -> None:
    assert nearest_of((60, 64), 62) == 60
