"""A performer beside people: one that plays as they do is hardly known, and one that does not is."""

from dataclasses import replace

import numpy as np
import pytest

from engine.music.notes import Note, Phrase
from engine.music.phrases.filter import judge
from models.performers.corpus.midi_corpus import Performance
from models.performers.criticism.critic import Critic
from models.performers.drawing.performer import Conditioning
from models.performers.drawing.rejection_sampling import CANDIDATES, NEXT_SEED
from models.performers.evaluation.comparison import Asking, compare, pulse
from tests.engine.phrases import wandering

pytest.importorskip("sklearn")

FILTERED = [judge(wandering(seed, 3.0, 90.0), 3.0, 90.0).phrase for seed in range(12)]
"""As all that is drawn."""
PEOPLE = [Performance(f"{seed}.mid", phrase) for seed, phrase in enumerate(FILTERED) if phrase is not None]
WISHES = Conditioning(phrase_s=20.0, density_notes_per_s=3.0)
ASKED = (Asking("unasked", Conditioning(phrase_s=20.0), None), Asking("as a room draws", WISHES, None))


class Drawing:
    """Plays as PEOPLE do, or each note as long and as loud as the other."""

    def __init__(self, alike: bool) -> None:
        self._alike = alike
        self.seeds: list[int] = []

    def draw(self, seed: int, wishes: Conditioning) -> Phrase:
        self.seeds.append(seed)
        phrase = wandering(1_000 + seed, 3.0, wishes.phrase_s)
        even = tuple(Note(note.onset_s, note.pitch, 0.2, 64) for note in phrase.notes)
        return phrase if self._alike else Phrase(even)


def test_who_plays_otherwise_is_known_and_who_plays_alike_is_not() -> None:
    alike, other = (compare(Drawing(a), PEOPLE, ASKED, None, 16, count=40) for a in (True, False))
    assert [side.name for side in alike] == ["people, other pieces", "unasked", "as a room draws"]
    assert alike[0].telling.auc < 0.8
    assert alike[1].telling.auc < 0.8
    assert other[1].telling.auc > 0.95
    assert other[1].telling.by_group["velocity and pedal"] > 0.95
    assert alike[0].telling == other[0].telling


def test_every_drawing_has_a_seed_of_its_own_and_is_counted() -> None:
    pianist = Drawing(True)
    counted: list[int] = []

    def following(numbers: range) -> range:
        counted.extend(numbers)
        return numbers

    compare(pianist, PEOPLE, ASKED, None, 16, count=24, seed=5, following=following)  # type: ignore[arg-type]
    assert counted == [*range(24), *range(24)]
    assert pianist.seeds == [*range(5, 29), *range(5, 29)]


def test_a_row_is_chosen_by_its_own_critic() -> None:
    """Of what is drawn for one row, and of nothing else."""
    people, drawn = ([wandering(s, 3.0, 20.0) for s in range(first, first + 24)] for first in (100, 200))
    pianist, critic = Drawing(True), Critic.of(people, drawn)
    chosen, first = (
        Asking(name, WISHES, critic if name == "best of some" else None) for name in ("best of some", "first")
    )
    compare(pianist, PEOPLE, (chosen, first), None, 16, count=24, seed=5)
    drawn_by_critic = [5 + number + NEXT_SEED * attempt for number in range(24) for attempt in range(CANDIDATES)]
    assert pianist.seeds == [*drawn_by_critic, *range(5, 29)]


def test_excerpts_come_from_pieces_as_often_as_is_asked() -> None:
    quiet = [Performance(f"q{p.name}", Phrase(tuple(replace(n, velocity=9) for n in p.phrase.notes))) for p in PEOPLE]

    def told_by_velocity(of_quiet: float) -> float:
        """From people who play softly so often."""
        weights = [1.0] * len(PEOPLE) + [of_quiet] * len(quiet)
        sides = compare(Drawing(True), [*PEOPLE, *quiet], ASKED, None, 16, count=40, weights=weights)
        return sides[1].telling.by_group["velocity and pedal"]

    assert told_by_velocity(1e3) > 0.95
    assert told_by_velocity(1e-9) < 0.8


def test_too_little_playing_is_said() -> None:
    with pytest.raises(ValueError, match="too little playing"):
        compare(Drawing(True), PEOPLE[:1], ASKED, None, 16, count=24)


def test_a_metronome_has_a_beat_in_every_window() -> None:
    steady = Phrase(tuple(Note(0.5 * i, 60, 0.4, 64) for i in range(80)))
    rng = np.random.default_rng(1)
    loose = Phrase(tuple(Note(float(s), 60, 0.4, 64) for s in np.sort(rng.uniform(0.0, 40.0, 80))))
    assert pulse([steady]).with_a_beat == 1.0
    assert pulse([loose]).with_a_beat < 0.3
    assert pulse([steady]).mean > pulse([loose]).highest_tenth
