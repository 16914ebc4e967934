"""What is measured of an accompaniment."""

from __future__ import annotations

from engine.music.notes import Note, Phrase
from models.common.weights import weights_path
from models.performers.accompaniment.evaluation import heard, of_phrase
from models.performers.drawing.performer import Conditioning, Performer

MELODY = (Note(0.0, 74, 0.5, 80), Note(0.5, 78, 0.5, 80), Note(1.0, 81, 1.0, 80))


def test_shares_are_of_what_goes_with_the_melody() -> None:
    rest = (Note(0.0, 50, 1.0, 60), Note(0.5, 57, 1.0, 60), Note(1.0, 51, 1.0, 60))
    found = of_phrase(Phrase((*MELODY[:2], *rest)), MELODY, (50, 54, 57))
    assert found.in_chord == 2 / 3
    assert found.notes == 1.0
    assert found.melody_kept == 2 / 3
    assert of_phrase(Phrase(MELODY), MELODY, (50, 54, 57)).notes == 0.0


def test_a_chord_is_measured_beside_none() -> None:
    performer = Performer("satie", weights_path("satie"))
    found = heard(performer, MELODY, Conditioning(density_notes_per_s=3.0), 2)
    assert set(found) == {"with the chord", "without"}
    assert all(one.melody_kept == 1.0 for one in found.values())
