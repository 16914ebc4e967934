"""What of a theme comes back: all of itself in any key and tempo, next to nothing of other playing."""

from dataclasses import replace

from engine.music.notes import Phrase
from models.performers.drawing.performer import Conditioning
from models.performers.drawing.rejection_sampling import draw_kept
from models.performers.drawing.returning import share_brought_back
from tests.engine.phrases import wandering

THEME = wandering(1, 2.4, 20.0)


def moved(phrase: Phrase, semitones: int, tempo: float) -> Phrase:
    notes = (
        replace(n, pitch=n.pitch + semitones, onset_s=n.onset_s * tempo, duration_s=n.duration_s * tempo)
        for n in phrase.notes
    )
    return Phrase(tuple(notes))


def test_a_theme_is_known_in_any_key_and_tempo_and_other_playing_is_not_it() -> None:
    assert share_brought_back(moved(THEME, 3, 1.3), THEME) == 1.0
    assert share_brought_back(wandering(2, 2.4, 20.0), THEME) < 0.5
    assert share_brought_back(Phrase(()), THEME) == 0.0


class Forgetful:
    """Brings the theme back whole in one drawing of four."""

    def __init__(self) -> None:
        self.drawings = 0

    def draw(self, seed: int, conditioning: Conditioning) -> Phrase:
        self.drawings += 1
        return moved(THEME, 0, 1.0) if self.drawings % 4 == 3 else wandering(seed, 2.4, conditioning.phrase_s)


def test_of_several_drawings_the_one_that_brings_back_what_was_asked_is_taken() -> None:
    asked = Conditioning(phrase_s=20.0, density_notes_per_s=2.4, primer=THEME, returns=0.9)
    kept = draw_kept(Forgetful(), 5, asked, None, 100).phrase
    unasked = draw_kept(Forgetful(), 5, replace(asked, returns=None), None, 100).phrase
    assert kept is not None
    assert unasked is not None
    assert share_brought_back(kept, THEME) > 0.8
    assert share_brought_back(unasked, THEME) < 0.5
