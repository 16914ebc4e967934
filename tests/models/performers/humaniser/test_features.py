"""What a humaniser is told of a score."""

from __future__ import annotations

import numpy as np
import pytest

from engine.music.notes import Note
from models.performers.humaniser.features import (
    FEATURES,
    OFFSETS,
    VELOCITIES,
    classes,
    features,
    level,
    octaves,
)

CHORD = [Note(0.0, 48, 1.0, 50), Note(0.0, 64, 1.0, 50), Note(1.0, 52, 1.0, 50), Note(1.0, 76, 1.0, 90)]


def test_tops_and_bottoms_of_chords_are_known() -> None:
    told = features(CHORD, level(CHORD))
    assert told.shape == (4, FEATURES)
    assert told[:, 6].tolist() == [0, 1, 0, 1]
    assert told[:, 7].tolist() == [1, 0, 1, 0]
    assert told[0, 9] == 1.0, "the melody rises by an octave"


def test_one_note_alone_can_be_told_of() -> None:
    assert np.isfinite(features(CHORD[:1], level(CHORD[:1]))).all()


def test_octaves_are_logarithms_about() -> None:
    values = np.array([0.05, 0.2, 0.7, 1.5, 3.9])
    assert octaves(values) == pytest.approx(np.log2(values + 0.03), abs=0.09)
    assert (np.diff(octaves(np.linspace(0.01, 4, 300))) > 0).all()


def test_the_level_does_not_say_which_note_is_loud() -> None:
    found = level(CHORD)
    assert found[2] == found[3]
    assert found.tolist() == (4 * np.rint(found / 4)).tolist()


def test_classes_are_around_the_middle_and_end_somewhere() -> None:
    late, loud = classes(np.array([0.0, 0.02, -9.0]), np.array([60.0, 68.0, 0.0]), np.array([60.0, 60.0, 60.0]))
    assert late.tolist() == [OFFSETS // 2, OFFSETS // 2 + 4, 0]
    assert loud.tolist() == [VELOCITIES // 2, VELOCITIES // 2 + 2, 0]
