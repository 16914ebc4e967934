"""The shipped humaniser at work."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import WeightsError
from engine.music.notes import Note, sorted_notes
from models.common.weights import load_weights, save_weights, weights_path
from models.performers.humaniser.features import features, level
from models.performers.humaniser.humaniser import NAME, Humaniser, humanised, shipped
from models.performers.humaniser.training import load_humaniser
from models.performers.vocabulary.pulse import steadiness
from tests.engine.phrases import notes as any_note


def waltz(bars: int = 12) -> list[Note]:
    """As a program writes it."""
    notes = []
    for bar in range(bars):
        notes.append(Note(1.8 * bar, 43, 1.7, 60))
        notes += [Note(1.8 * bar + 0.6 * beat, pitch, 0.5, 60) for beat in (1, 2) for pitch in (59, 62, 67)]
        notes += [Note(1.8 * bar + 0.6 * beat, 74 + beat, 0.6, 60) for beat in range(3)]
    return list(sorted_notes(notes))


def test_the_same_notes_a_little_beside_the_beat() -> None:
    played = humanised(waltz(), 1)
    assert sorted(n.pitch for n in played) == sorted(n.pitch for n in waltz())
    by_pitch = {p: [n.onset_s for n in waltz() if n.pitch == p] for p in {n.pitch for n in waltz()}}
    away = [min(abs(n.onset_s - onset_s) for onset_s in by_pitch[n.pitch]) for n in played]
    assert 0.002 < np.mean(away) < 0.05
    assert max(away) <= 0.1 + 1e-9
    assert len({n.velocity for n in played}) > 6


def test_the_pulse_stays() -> None:
    onsets = [np.array([n.onset_s for n in notes]) for notes in (waltz(), humanised(waltz(), 1))]
    written, played = (steadiness(each, 0.0) for each in onsets)
    assert played > 0.5 * written
    rng = np.random.default_rng(1)
    lost = np.sort(onsets[0] + rng.uniform(-0.3, 0.3, len(onsets[0])))
    assert steadiness(lost, 0.0) < 0.5 * written, "the control"


def test_what_is_on_top_sings_out() -> None:
    played = [note for seed in range(6) for note in humanised(waltz(), seed)]
    melody = [n.velocity for n in played if n.pitch >= 74]
    under = [n.velocity for n in played if 59 <= n.pitch <= 67]
    assert np.mean(melody) > np.mean(under) + 3


def test_a_score_that_grows_louder_does_so_as_played() -> None:
    loud = [replace(note, velocity=40 + int(2 * note.onset_s)) for note in waltz()]
    played = humanised(loud, 2)
    third = len(played) // 3
    assert np.mean([n.velocity for n in played[-third:]]) > np.mean([n.velocity for n in played[:third]]) + 10


def test_a_seed_gives_the_same_playing_and_another_seed_another() -> None:
    assert humanised(waltz(), 5) == humanised(waltz(), 5)
    assert humanised(waltz(), 5) != humanised(waltz(), 6)
    assert humanised([], 5) == ()


@settings(max_examples=20, deadline=None)
@given(st.lists(any_note, min_size=1, max_size=25), st.integers(0, 1000))
def test_whatever_is_written_can_be_played(score: list[Note], seed: int) -> None:
    played = humanised(score, seed)
    assert played == sorted_notes(played)
    assert {n.pitch for n in played} == {n.pitch for n in score}
    for pitch in {n.pitch for n in played}:
        strokes = [n for n in played if n.pitch == pitch]
        assert all(one.end_s <= other.onset_s for one, other in pairwise(strokes))
    assert all(1 <= n.velocity <= 127 and n.onset_s >= 0 and n.duration_s > 0 for n in played)


def test_it_says_what_the_network_in_torch_says() -> None:
    score = waltz(3)
    told = features(score, level(score))
    network = load_humaniser(weights_path(NAME))
    with torch.no_grad():
        read = network.reader(torch.tanh(network.input(torch.tensor(told, dtype=torch.float32)[None])))[0][0]
    assert shipped().read(told) == pytest.approx(read.numpy(), abs=1e-4)


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    arrays, about = load_weights(weights_path(NAME), NAME)
    del arrays["offset.bias"]
    save_weights(tmp_path / "weights.safetensors", arrays, about)
    with pytest.raises(WeightsError, match=r"lacks 'offset\.bias'"):
        Humaniser(tmp_path / "weights.safetensors")
