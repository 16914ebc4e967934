"""Quotations are measured to the note, in any key and tempo, and not found where there are none."""

import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine.errors import WeightsError
from engine.music.notes import Note, Phrase
from models.performers.corpus.touch import Touch, with_touch
from models.performers.quotation.quotation import MEAN_GAP, WINDOW_NOTES, Quotations


def melody(seed: int, notes: int) -> Phrase:
    rng = random.Random(seed)
    onset_s, pitch, played = 0.0, 60, []
    for _ in range(notes):
        played.append(Note(round(onset_s, 3), pitch, 0.25, 64))
        onset_s += rng.choice([0.25, 0.5, 0.75, 1.0, 1.5])
        pitch = min(96, max(36, pitch + rng.choice([-7, -5, -4, -2, 2, 3, 4, 5, 9])))
    return Phrase(tuple(played))


def moved(notes: tuple[Note, ...], semitones: int, stretch: float, from_s: float) -> tuple[Note, ...]:
    """Notes in another key and tempo, the first at `from_s`."""
    return tuple(
        replace(n, pitch=n.pitch + semitones, onset_s=from_s + (n.onset_s - notes[0].onset_s) * stretch) for n in notes
    )


def planted(known: Phrase, first: int, notes: int, semitones: int, stretch: float, seed: int) -> Phrase:
    """`notes` notes of a known piece between strangers that lead into it and out of it as it does not."""
    before = melody(seed, 20).notes
    quoted = moved(known.notes[first : first + notes], semitones, stretch, before[-1].onset_s + 3.1)
    bridge = Note(quoted[-1].onset_s + 2.9, quoted[-1].pitch + 14 - 30 * (seed % 2), 0.25, 64)
    after = moved(melody(seed + 1, 20).notes, 0, 1.0, bridge.onset_s + 0.4)
    return Phrase((*before, *quoted, bridge, *after))


KNOWN = [melody(seed, 500) for seed in range(1, 13)]
INDEX = Quotations.of(KNOWN)


@pytest.mark.parametrize(("semitones", "stretch"), [(0, 1.0), (-3, 1.2), (5, 0.85), (1, 2.0)])
@pytest.mark.parametrize("limit", [12, 16, 40])
def test_the_limit_and_one_note_more_are_told_apart(limit: int, semitones: int, stretch: float) -> None:
    rng = random.Random(limit)
    for notes in (limit, limit + 1):
        measured = [
            INDEX.longest_run_notes(planted(KNOWN[i], rng.randrange(400), notes, semitones, stretch, 1000 + 7 * i))
            for i in range(12)
        ]
        assert min(measured) == notes  # never less than was quoted
        assert sum(run == notes for run in measured) >= 11  # and hardly ever a note more


def test_false_alarms_are_as_rare_as_the_gaps_promise() -> None:
    strangers = [melody(seed, 400) for seed in range(5000, 5040)]
    found = np.array([INDEX.longest_run_notes(stranger) for stranger in strangers])
    assert found.max() < 12
    windows = np.concatenate([INDEX._contains(np.random.default_rng(1).integers(0, 2**63, 100_000, np.uint64))])
    assert windows.mean() == pytest.approx(1 / MEAN_GAP, rel=0.2)


def test_a_score_is_known_again_however_it_is_played() -> None:
    scores = [
        Phrase(tuple(replace(n, onset_s=2 * n.onset_s, duration_s=0.5) for n in melody(seed, 120).notes))
        for seed in range(3)
    ]
    index = Quotations.of([with_touch(score, Touch(), version) for score in scores for version in range(12)])
    heard = [index.longest_run_notes(with_touch(score, Touch(), 99)) for score in scores]
    assert min(heard) > 30


def test_a_melody_is_known_again_over_another_accompaniment() -> None:
    tune = KNOWN[0].notes[40:70]
    start_s = tune[0].onset_s
    sung = moved(tune, 24, 1.0, 0.0)
    bass = tuple(Note(0.7 * i, 36 + 5 * i % 7, 0.5, 50) for i in range(int((tune[-1].onset_s - start_s) / 0.7)))
    held = tuple(replace(a, duration_s=b.onset_s - a.onset_s) for a, b in pairwise(sung))
    together = Phrase(tuple(sorted([*held, sung[-1], *bass])))
    assert INDEX.longest_run_notes(together) >= 29


def test_an_index_is_small_and_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "quotations.safetensors"
    INDEX.save(path)
    again = Quotations.load(path)
    assert np.array_equal(again._known, INDEX._known)
    assert (again.universe, again.notes) == (INDEX.universe, 6000)
    assert path.stat().st_size < 1.2 * len(INDEX) + 1000
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(WeightsError, match="damaged"):
        Quotations.load(path)


def test_tiny_phrases_quote_nothing() -> None:
    assert INDEX.longest_run_notes(Phrase(())) == 0
    assert INDEX.longest_run_notes(Phrase(KNOWN[0].notes[: WINDOW_NOTES - 1])) == 0
    assert Quotations.of([]).longest_run_notes(KNOWN[0]) == 0
