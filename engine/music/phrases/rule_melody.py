"""Melodic lines for the rule-made phrases: a curve, walked in scale steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from engine.music.scale import Scale


def nearest_of(pitches: Sequence[int], pitch: int) -> int:
    """The member of `pitches` nearest to `pitch`, the lower of two."""
    return min(pitches, key=lambda p: (abs(p - pitch), p))


def contour(scale: Scale, count: int, low: int, high: int, generator: Random, leap: float = 0.18) -> list[int]:
    """`count` scale pitches along an arch, a fall or a wave between low and high, mostly by step.

    A leap (probability `leap` per note) is followed by a step back, the oldest rule of a singable line.
    """
    tones = scale.tones(low, high)
    curve = generator.choice((_arch, _fall, _wave, _arch))
    reach = min(len(tones) - 1, generator.randint(3, 6) + (scale.size - 7 if scale.size > 7 else 0))
    floor = generator.randint(0, max(0, len(tones) - 1 - reach))
    place = floor + round(reach * curve(0.0))
    line = [place]
    owed = 0
    for index in range(1, count):
        aim = floor + reach * curve(index / max(count - 1, 1))
        step = (aim > place) - (aim < place) or generator.choice((-1, 1))
        if owed:
            step, owed = owed, 0
        elif generator.random() < leap:
            step *= generator.choice((2, 2, 3)) if scale.size < 8 else generator.choice((3, 4, 5, 6))
            owed = -1 if step > 0 else 1
        elif len(line) > 1 and line[-1] != line[-2] and generator.random() < 0.08:
            step = 0
        place = min(max(place + step, 0), len(tones) - 1)
        line.append(place)
    return [tones[place] for place in line]


def _arch(place: float) -> float:
    return math.sin(math.pi * (0.12 + 0.8 * place))


def _fall(place: float) -> float:
    return 1.0 - place**1.3


def _wave(place: float) -> float:
    return 0.5 + 0.5 * math.sin(2 * math.pi * (place * 1.1 + 0.05))


def snapped(pitch: int, harmony: Sequence[int], scale: Scale) -> int:
    """`pitch` moved to the nearest scale tone that does not rub against `harmony` (no semitone from any of it)."""
    classes = {tone % 12 for tone in harmony}
    free = [
        p for p in scale.tones(pitch - 5, pitch + 5) if not {(p + 1) % 12, (p - 1) % 12} & classes or p % 12 in classes
    ]
    return min(free, key=lambda p: (abs(p - pitch) + (0 if p % 12 in classes else 0.5), p)) if free else pitch
