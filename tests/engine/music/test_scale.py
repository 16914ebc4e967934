"""Scales: quantising as a property, names, and what a chord keeps."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import MoodError
from engine.music.notes import Note, sorted_notes
from engine.music.scale import Scale, in_key, quantise_notes, shift_into_key
from engine.parameters.scales import MODES, intervals_of, pitch_class_of
from engine.parameters.sound import ScaleSettings
from tests.engine.phrases import notes

scales = st.builds(
    Scale, st.integers(0, 11), st.sampled_from(list(MODES.values())), st.sampled_from(["nearest", "up", "down"])
)
D_MAJOR = Scale.from_settings(ScaleSettings(root="D", mode="major"))


@given(scales, st.integers(0, 127))
def test_quantised_pitches_are_in_the_scale_and_stay(scale: Scale, pitch: int) -> None:
    quantised = scale.quantise(pitch)
    assert scale.contains(quantised)
    assert scale.quantise(quantised) == quantised
    assert 0 <= quantised <= 127


@given(scales, st.integers(24, 90))
def test_quantising_is_the_same_in_every_octave(scale: Scale, pitch: int) -> None:
    assert scale.quantise(pitch + 12) == scale.quantise(pitch) + 12


@given(scales, st.integers(12, 110))
def test_direction_and_nearness(scale: Scale, pitch: int) -> None:
    moved = scale.quantise(pitch) - pitch
    others = [step for step in range(-12, 13) if scale.contains(pitch + step)]
    if scale.direction == "up":
        assert moved == min(step for step in others if step >= 0)
    elif scale.direction == "down":
        assert moved == max(step for step in others if step <= 0)
    else:
        assert abs(moved) == min(abs(step) for step in others)


def test_a_tie_goes_down() -> None:
    assert D_MAJOR.quantise(65) == 64  # F between E and F sharp
    assert D_MAJOR.quantise(70) == 69


@given(scales, st.integers(-20, 20), st.integers(12, 110))
def test_moving_by_steps_is_reversible(scale: Scale, steps: int, pitch: int) -> None:
    start = scale.quantise(pitch)
    assert scale.pitch(scale.degree(start)) == start
    assert scale.move(scale.move(start, steps), -steps) == start


def test_a_step_round_the_octave() -> None:
    assert D_MAJOR.move(62, 7) == 74
    assert D_MAJOR.move(62, 2) == 66
    assert D_MAJOR.move(62, -1) == 61


@given(scales, st.lists(notes, max_size=40))
def test_notes_sounding_together_never_share_a_pitch(scale: Scale, many: list[Note]) -> None:
    placed = quantise_notes(many, scale)
    assert all(scale.contains(note.pitch) and 21 <= note.pitch <= 108 and note.duration_s > 0 for note in placed)
    for one, other in combinations(placed, 2):
        if one.pitch == other.pitch:
            assert min(one.end_s, other.end_s) <= max(one.onset_s, other.onset_s) + 1e-9
    assert placed == sorted_notes(placed)


@given(st.sets(st.integers(40, 80), min_size=2, max_size=5))
def test_a_chord_keeps_its_number_of_notes(pitches: set[int]) -> None:
    chord = [Note(0.0, pitch, 1.0, 60) for pitch in pitches]
    assert len(quantise_notes(chord, D_MAJOR)) == len(chord)


def test_a_full_octave_drops_what_does_not_fit() -> None:
    chromatic = [Note(0.0, pitch, 1.0, 60) for pitch in range(48, 84)]
    placed = quantise_notes(chromatic, Scale(0, MODES["major_pentatonic"]))
    assert 15 <= len(placed) < 36
    assert len({note.pitch for note in placed}) == len(placed)


def test_a_key_struck_again_ends_its_first_note() -> None:
    placed = quantise_notes([Note(0.0, 62, 3.0, 60), Note(1.0, 62, 1.0, 60)], D_MAJOR)
    assert [(note.onset_s, note.duration_s) for note in placed] == [(0.0, 1.0), (1.0, 1.0)]


def test_a_phrase_in_another_key_moves_as_a_whole() -> None:
    in_e_flat = [Note(0.5 * i, pitch, 0.5, 60) for i, pitch in enumerate((63, 65, 67, 68, 70, 72, 74, 75))]
    assert shift_into_key(in_e_flat, D_MAJOR) == -1
    assert [note.pitch for note in in_key(in_e_flat, D_MAJOR)] == [62, 64, 66, 67, 69, 71, 73, 74]
    assert shift_into_key(in_key(in_e_flat, D_MAJOR), D_MAJOR) == 0
    assert shift_into_key([], D_MAJOR) == 0


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_begins_on_its_root_and_rises(mode: str) -> None:
    intervals = intervals_of(mode)
    assert intervals[0] == 0
    assert list(intervals) == sorted(set(intervals))
    assert intervals[-1] < 12


def test_the_modes_of_the_major_scale_are_its_rotations() -> None:
    names = ("ionian", "dorian", "phrygian", "lydian", "mixolydian", "aeolian", "locrian")
    for step, name in zip(MODES["major"], names, strict=True):
        assert {(step + interval) % 12 for interval in MODES[name]} == set(MODES["major"])


def test_intervals_can_be_given() -> None:
    assert intervals_of("0-2-4-7-9") == MODES["major_pentatonic"]
    assert intervals_of("Major Pentatonic") == MODES["major_pentatonic"]


@pytest.mark.parametrize("wrong", ["1-2-4", "0-4-2", "0-2-12", "0-2-2"])
def test_impossible_intervals_are_refused(wrong: str) -> None:
    with pytest.raises(MoodError, match="must begin with 0"):
        intervals_of(wrong)


def test_an_unknown_mode_names_the_nearest() -> None:
    with pytest.raises(MoodError, match="did you mean 'dorian'"):
        intervals_of("dorain")


@pytest.mark.parametrize(("root", "pitch_class"), [("C", 0), ("F#", 6), ("Bb", 10), ("Cb", 11), ("B#", 0), ("B", 11)])
def test_roots(root: str, pitch_class: int) -> None:
    assert pitch_class_of(root) == pitch_class


def test_weights_ask_for_the_scale() -> None:
    weights = D_MAJOR.pitch_class_weights(0.8)
    assert weights is not None
    assert weights[2] == max(weights)
    assert all((weights[pc] >= 0.5) == D_MAJOR.contains(pc) for pc in range(12))
    assert min(weights) > 0
    assert D_MAJOR.pitch_class_weights(0.0) is None
