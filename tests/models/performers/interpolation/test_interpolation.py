"""The shipped autoencoder at work: ends that are their sources, steps that can be played, a way that is even."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import WeightsError
from engine.music.notes import HIGHEST_PIANO_PITCH, LOWEST_PIANO_PITCH, Note, sorted_notes
from engine.music.scale import Scale
from engine.parameters.scales import MODES
from models.common.weights import load_weights, save_weights, weights_path
from models.performers.interpolation.interpolation import NAME, Interpolation, in_a_row, likeliest, shipped
from models.performers.interpolation.passage import PITCHES, STEPS, Passage
from models.performers.interpolation.training import load_interpolation

D_MAJOR = Scale(2, MODES["major"])


def waltz(root: int = 50) -> Passage:
    notes = []
    for beat in range(8):
        low = beat % 4 == 0
        notes += [Note(0.6 * beat, root + add, 0.5, 60) for add in ((0,) if low else (9, 14))]
        notes.append(Note(0.6 * beat + 0.02, root + 24 + 2 * beat % 7, 0.5, 75))
    return Passage(sorted_notes(notes), 0.15)


def run() -> Passage:
    return Passage(tuple(Note(0.2 * number, 57 + 2 * number % 24, 0.2, 50 + number) for number in range(20)), 0.13)


def distance(one: Passage, other: Passage) -> float:
    a, b = one.tables()[0], other.tables()[0]
    return 1.0 - 2.0 * float((a & b).sum()) / float(a.sum() + b.sum())


def test_the_ends_are_their_sources_to_the_last_digit() -> None:
    steps = shipped().steps(waltz(), run(), 8)
    assert steps[0] == waltz()
    assert steps[-1] == run()
    assert len(steps) == 8
    assert len({step.notes for step in steps}) == 8


def test_the_way_is_even_and_does_not_jump() -> None:
    steps = shipped().steps(waltz(), run(), 12)
    away = [distance(one, other) for one, other in pairwise(steps)]
    assert max(away) < 0.75
    crossfade = [waltz()] * 6 + [run()] * 6
    assert max(distance(one, other) for one, other in pairwise(crossfade)) > max(away), "the control jumps"
    from_start = [distance(waltz(), step) for step in steps]
    assert from_start[1] < from_start[5] <= from_start[-1]


passage_notes = st.lists(
    st.builds(
        Note,
        st.integers(0, 310).map(lambda n: n / 100 * 1.5),
        st.integers(21, 108),
        st.integers(5, 200).map(lambda n: n / 100),
        st.integers(1, 127),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=25, deadline=None)
@given(passage_notes, passage_notes, st.integers(1, 6).map(lambda n: n / 7))
def test_every_step_can_be_played_and_is_in_the_scale(one: list[Note], other: list[Note], share: float) -> None:
    passages = (Passage(sorted_notes(notes), 0.15) for notes in (one, other))
    step = shipped().between(*passages, share, D_MAJOR)
    assert step.notes == sorted_notes(step.notes)
    for note in step.notes:
        assert D_MAJOR.contains(note.pitch)
        assert LOWEST_PIANO_PITCH <= note.pitch <= HIGHEST_PIANO_PITCH
        assert 1 <= note.velocity <= 127
        assert note.duration_s > 0
    for pitch in {note.pitch for note in step.notes}:
        strokes = [note for note in step.notes if note.pitch == pitch]
        assert all(a.end_s <= b.onset_s + 1e-9 for a, b in pairwise(strokes))


def test_a_phrase_goes_towards_another_and_keeps_its_length() -> None:
    phrase, other = in_a_row([waltz(), waltz(52), waltz()]), in_a_row([run(), run(), run()])
    little, much = (shipped().towards(phrase, other, share, D_MAJOR) for share in (0.1, 0.5))
    assert abs(max(n.end_s for n in little) - max(n.end_s for n in phrase)) < 2.0

    def kept(notes: tuple[Note, ...]) -> int:
        places = {(round(n.onset_s, 1), n.pitch) for n in phrase if D_MAJOR.contains(n.pitch)}
        return len(places & {(round(n.onset_s, 1), n.pitch) for n in notes})

    assert kept(little) > kept(much)
    assert shipped().towards(phrase, [], 0.5, D_MAJOR) == phrase


def test_it_says_what_the_network_in_torch_says() -> None:
    network = load_interpolation(weights_path(NAME))
    told = torch.from_numpy(np.concatenate(waltz().tables(), 1).astype(np.float32))[None]
    with torch.no_grad():
        middle, _ = network.code(told)
        said = network.logits(middle)[0].numpy()
    code = shipped().code(waltz())
    assert code == pytest.approx(middle[0].numpy(), abs=1e-3)
    assert np.concatenate(shipped().logits(code), 1) == pytest.approx(said, abs=1e-2)


def test_the_likeliest_are_chosen_and_of_equal_ones_the_first() -> None:
    table = np.zeros((STEPS, PITCHES))
    table[3, 5] = 1.0
    assert np.argwhere(likeliest(table, 2)).tolist() == [[0, 0], [3, 5]]


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    arrays, about = load_weights(weights_path(NAME), NAME)
    del arrays["place"]
    save_weights(tmp_path / "weights.safetensors", arrays, about)
    with pytest.raises(WeightsError, match="lacks 'place'"):
        Interpolation(tmp_path / "weights.safetensors")
