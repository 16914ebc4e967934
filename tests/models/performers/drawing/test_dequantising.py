"""Velocities and times within the vocabulary's steps: counted, kept, and put back as they were played."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine.errors import WeightsError
from engine.music.notes import Note, Phrase, sorted_notes
from models.performers.drawing.dequantising import FILE_NAME, Dequantiser
from models.performers.vocabulary.events import decode, encode


def played(seed: int, count: int = 400) -> Phrase:
    """Chords whose keys go down within 7 ms, the highest first; two loudnesses, each held to for a while."""
    rng = np.random.default_rng(seed)
    notes, velocity = [], 61
    for chord in range(count):
        velocity = int(rng.choice([61, 70, velocity], p=[0.1, 0.1, 0.8]))
        onset_s = 0.35 * chord + 0.001 * float(rng.integers(10))
        notes += [
            Note(round(onset_s + 0.001 * wait, 3), pitch, 0.25, velocity) for wait, pitch in ((0, 72), (3, 64), (7, 55))
        ]
    return Phrase(sorted_notes(notes))


def through_events(phrase: Phrase) -> Phrase:
    return decode(encode(phrase))


def velocities_unchanged(phrase: Phrase) -> float:
    return float(np.mean(np.diff([note.velocity for note in phrase.notes]) == 0))


def waits_within_chords_ms(phrase: Phrase) -> np.ndarray:
    waits_ms = 1_000 * np.diff([note.onset_s for note in phrase.notes])
    return waits_ms[waits_ms < 30]


@pytest.fixture(scope="module")
def dequantiser() -> Dequantiser:
    return Dequantiser.of([played(seed) for seed in range(5)], [1.0] * 5)


def test_as_events_a_phrase_stays_what_it_was(dequantiser: Dequantiser) -> None:
    rng = np.random.default_rng(2)
    starts = np.sort(rng.uniform(0.0, 60.0, 300))
    busy = sorted_notes(
        Note(float(s), int(rng.integers(40, 90)), float(rng.uniform(0.02, 2)), int(rng.integers(1, 128)))
        for s in starts
    )
    for phrase in (through_events(played(9)), through_events(Phrase(busy))):
        fine = dequantiser.applied(phrase, 3)
        assert fine.notes != phrase.notes
        assert encode(fine).tolist() == encode(phrase).tolist()


def test_velocities_lie_within_their_steps_as_in_what_was_counted(dequantiser: Dequantiser) -> None:
    people, drawn = played(7), through_events(played(8))
    fine = dequantiser.applied(drawn, 1)
    assert velocities_unchanged(fine) == pytest.approx(velocities_unchanged(people), abs=0.05)
    assert {n.velocity for n in drawn.notes} == {62, 70}  # the middles of steps
    assert np.mean([n.velocity in (61, 70) for n in fine.notes]) > 0.95


def test_keys_of_a_chord_go_down_as_far_apart_as_they_did(dequantiser: Dequantiser) -> None:
    people, drawn = played(7), through_events(played(8))
    fine = waits_within_chords_ms(dequantiser.applied(drawn, 1))
    assert set(np.rint(waits_within_chords_ms(drawn))) <= {0.0, 10.0}
    assert fine.mean() == pytest.approx(waits_within_chords_ms(people).mean(), abs=0.5)
    assert np.mean(np.isin(np.rint(fine), (3, 4))) > 0.6  # people: all of them


def test_a_key_is_let_go_before_it_is_struck_again(dequantiser: Dequantiser) -> None:
    repeated = Phrase(tuple(Note(round(0.1 * i, 2), 60, 0.1, 64) for i in range(200)))
    fine = dequantiser.applied(repeated, 4).notes
    assert all(one.end_s <= other.onset_s + 1e-6 for one, other in pairwise(fine))
    assert min(note.duration_s for note in fine) > 0.08


def test_the_same_seed_gives_the_same_and_silence_stays_silence(dequantiser: Dequantiser) -> None:
    phrase = through_events(played(6, 20))
    assert dequantiser.applied(phrase, 1) == dequantiser.applied(phrase, 1)
    assert dequantiser.applied(phrase, 1) != dequantiser.applied(phrase, 2)
    assert dequantiser.applied(Phrase(()), 1) == Phrase(())


def test_pieces_that_are_taken_more_often_count_more() -> None:
    soft, loud = (Phrase(tuple(Note(0.5 * i, 60, 0.2, velocity) for i in range(300))) for velocity in (60, 63))
    drawn = Phrase(tuple(Note(0.5 * i, 60, 0.2, 62) for i in range(50)))
    found = {
        share: np.mean([n.velocity for n in Dequantiser.of([soft, loud], [1 - share, share]).applied(drawn, 1).notes])
        for share in (0.0, 1.0)
    }
    assert found[0.0] == pytest.approx(60, abs=0.3)
    assert found[1.0] == pytest.approx(63, abs=0.3)


def test_it_is_kept_beside_weights_and_a_damaged_file_is_named(tmp_path: Path, dequantiser: Dequantiser) -> None:
    weights = tmp_path / "weights.safetensors"
    assert Dequantiser.beside(weights) is None
    dequantiser.save(tmp_path / FILE_NAME)
    read = Dequantiser.beside(weights)
    assert read is not None
    assert np.allclose(read.velocity, dequantiser.velocity, atol=1e-6)
    (tmp_path / FILE_NAME).write_bytes(b"no tensors")
    with pytest.raises(WeightsError, match="dequantiser"):
        Dequantiser.beside(weights)
    Dequantiser(dequantiser.velocity[:16], dequantiser.onset).save(tmp_path / FILE_NAME)
    with pytest.raises(WeightsError, match="another vocabulary"):
        Dequantiser.beside(weights)
